"""The ceremony as ``trued index`` offers it: keys, the first root, requests, signatures, rotation."""

from __future__ import annotations

import os

from trued.core.record import dataclass
from trued.core.whole_file import write_whole
from trued.repository.ceremony import Rotation, begin, bits_for, rotate
from trued.repository.faults import failed, misused
from trued.repository.file_content import read_if_there
from trued.repository.key_file import PublicKey, make_key, read_public, write_public
from trued.repository.signing_request import Collected, Request, collect, export, read_request, sign_request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from trued.repository.operator_folder import OperatorFolder

__all__ = [
    "Plan",
    "begin_ceremony",
    "collect_signatures",
    "draft_rotation",
    "lifetimes_of",
    "new_key",
    "open_request",
    "sign_with",
    "write_request",
]

_KEY_ENDINGS = (".pub.json", ".key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a first ceremony needs: files of public keys, threshold, the size to expect, lifetimes in days."""

    name: str
    root_keys: Sequence[str]
    threshold: int | None
    online: str
    targets: int
    lifetimes: Mapping[str, int]


def new_key(
    name: str, *, folder: str, uri: str | None, scheme: str, passphrase: Callable[[str], bytes]
) -> PublicKey:
    """Make a key in *folder*, or take the public half of the one at *uri*, a device's or a cloud's."""
    if uri is None:
        path = os.path.join(folder, f"{name}.key")
        if os.path.exists(path):
            raise misused("TRU892", path, reason="there is a key of this name already")
        return make_key(folder, name, passphrase=passphrase(path), scheme=scheme)
    from trued.repository.signer import import_key

    public = import_key(uri, name)
    write_public(os.path.join(folder, f"{name}.pub.json"), public)
    return public


def begin_ceremony(folder: OperatorFolder, plan: Plan, *, now: datetime) -> str:
    """Draft the first root; write the script of the ceremony and return where it is."""
    from trued.repository.ceremony_script import FILE, ceremony_script

    root_keys = [read_public(path) for path in plan.root_keys]
    online = read_public(plan.online)
    threshold = plan.threshold if plan.threshold is not None else len(root_keys) // 2 + 1
    begin(
        folder,
        name=plan.name,
        root_keys=root_keys,
        threshold=threshold,
        online=online,
        bits=bits_for(plan.targets),
        now=now,
        lifetimes=plan.lifetimes,
    )
    script = os.path.join(folder.path, FILE)
    text = ceremony_script(
        name=plan.name, keys=folder.path, root_keys=root_keys, threshold=threshold, online=online
    )
    write_whole(script, text.encode())
    return script


def write_request(folder: OperatorFolder, path: str) -> Request:
    """Write the request for the drafts that wait, and return what it says."""
    data = export(folder)
    write_whole(path, data)
    return read_request(data, name=path)


def open_request(path: str) -> Request:
    """Read a request."""
    data = read_if_there(path)
    if data is None:
        raise failed("TRU892", path, reason="there is no such file")
    return read_request(data, name=path)


def sign_with(request: Request, key: str, *, output: str, passphrase: Callable[[str], bytes]) -> str:
    """Sign with the key whose public half is in the file *key*; return the key id.

    The private half is looked for beside it first, as on the medium it was carried on.
    """
    from trued.repository.signer import FILE_SCHEME, open_signer

    public = _public_of(key)
    if public.uri.startswith(FILE_SCHEME):
        beside = os.path.join(os.path.dirname(os.path.abspath(key)), f"{public.name}.key")
        if os.path.exists(beside):
            public = PublicKey(name=public.name, key=public.key, uri=f"{FILE_SCHEME}{beside}")
    response = sign_request(request, open_signer(public, passphrase=passphrase))
    write_whole(output, response)
    return public.keyid


def collect_signatures(folder: OperatorFolder, paths: Sequence[str], *, now: datetime) -> Collected:
    """Put the signatures of these files into the drafts."""
    responses = []
    for path in paths:
        data = read_if_there(path)
        if data is None:
            raise failed("TRU892", path, reason="there is no such file")
        responses.append((path, data))
    return collect(folder, responses, now=now)


def draft_rotation(
    folder: OperatorFolder,
    role: str,
    *,
    add: Sequence[str],
    remove: Sequence[str],
    threshold: int | None,
    targets: int | None,
    lifetimes: Mapping[str, int],
    now: datetime,
) -> tuple[str, ...]:
    """Draft a change of keys, of thresholds, of the number of bins, or only of the expiry."""
    rotation = Rotation(
        role=role,
        add=[read_public(path) for path in add],
        remove=remove,
        threshold=threshold,
        bits=None if targets is None else bits_for(targets),
        lifetimes=lifetimes,
    )
    return rotate(folder, rotation, now=now)


def lifetimes_of(texts: Sequence[str]) -> dict[str, int]:
    """Read ``ROLE=DAYS`` texts."""
    days: dict[str, int] = {}
    for text in texts:
        role, equals, number = text.partition("=")
        if not equals or not number.isdecimal():
            raise misused("TRU899", text, reason="it is to be ROLE=DAYS")
        days[role] = int(number)
    return days


def _public_of(path: str) -> PublicKey:
    """Return the public half, also when the private file was named."""
    private, public = _KEY_ENDINGS[1], _KEY_ENDINGS[0]
    return read_public(path.removesuffix(private) + public if path.endswith(private) else path)
