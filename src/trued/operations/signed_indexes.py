"""The indexes of a run whose metadata is signed (TUF): which addresses are theirs, and what they vouch for.

What lies below the base of such an index is had as a target or not at all.
"""

from __future__ import annotations

import os

from trued.core.errors import OperationalError, TruedError
from trued.core.finding import Finding, Level, Place
from trued.core.record import dataclass
from trued.core.tuf_paths import base_of_index, metadata_base, path_of_url
from trued.proof.subject import Proof

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from trued.config.settings import IndexSetting
    from trued.core.distribution import Distribution
    from trued.core.evidence import Evidence
    from trued.index.transport import Response, Transport
    from trued.operations.session import Session
    from trued.proof.subject import ProofSubject
    from trued.proof.tuf.client import TufClient
    from trued.proof.tuf.port import Answer, Fetch, Wanted
    from trued.proof.tuf.target import Target

__all__ = [
    "SignedIndex",
    "SignedIndexes",
    "addresses",
    "fetch_over",
    "folder_of",
    "no_target",
    "open_indexes",
    "other_bytes",
    "read_root_file",
    "signed_settings",
]

_MOST_ROOT_BYTES = 512_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SignedIndex:
    """One signed index: its name, address and base (each with a slash at its end), and its client."""

    name: str
    url: str
    base: str
    client: TufClient

    def path_of(self, url: str) -> str | None:
        """Return the target path of *url*; ``None`` when it is no target's."""
        return path_of_url(url.partition("#")[0], base=self.base)


class SignedIndexes:
    """All signed indexes of a run; *now* is its time, RFC 3339."""

    def __init__(self, indexes: Sequence[SignedIndex], *, now: str) -> None:
        self._indexes = tuple(indexes)
        self._now = now

    @property
    def urls(self) -> frozenset[str]:
        """The addresses of the indexes."""
        return frozenset(index.url for index in self._indexes)

    def of_url(self, url: str) -> SignedIndex | None:
        """Return the index below whose base *url* lies, however host and path are written there."""
        address = _canonical(url)
        for index in self._indexes:
            if address.startswith(index.base) or (_is_odd(address) and _alike(address, index.base)):
                return index
        return None

    def of_index(self, url: str) -> SignedIndex | None:
        """Return the index whose own address is *url*."""
        address = _canonical(url)
        return next((index for index in self._indexes if index.url == address), None)

    def covers(self, distribution: Distribution) -> SignedIndex | None:
        """Return the index that has to vouch for the file; ``None`` for a file of no signed one."""
        return (self.of_index(distribution.index) if distribution.index else None) or self.of_url(
            distribution.url
        )

    def prove(self, subject: ProofSubject, distribution: Distribution, *, looked_up: bool = False) -> Proof:
        """Return the evidence that the index vouches for the file, or why it does not.

        Nothing for a file of no signed index, nor with *looked_up* for one that was not asked about.
        """
        index = self.covers(distribution)
        if index is None:
            return Proof()
        path = index.path_of(_canonical(distribution.url))
        if looked_up and (path is None or not index.client.knows(path)):
            return Proof()
        try:
            target = index.client.targets([path])[path] if path else None
        except TruedError as error:
            return Proof(findings=error.findings)
        if target is None:
            return Proof(findings=(no_target(index.name, subject.filename),))
        if not target.admits(subject.digests):
            return Proof(findings=(other_bytes(index.name, subject.filename, target, subject.digests),))
        return Proof(evidence=(self._evidence(subject, index, target),))

    def _evidence(self, subject: ProofSubject, index: SignedIndex, target: Target) -> Evidence:
        from trued.core.evidence import Evidence, Kind

        chain = " > ".join((f"root {target.root_version}", *target.roles))
        return Evidence(
            sha256=subject.sha256,
            kind=Kind.INDEX_SIGNATURE,
            authority=f"{index.name} ({index.url})",
            detail=f"{chain}, until {target.expires:%Y-%m-%dT%H:%M:%SZ}",
            time=self._now,
        )

    def needs_archive(self, distribution: Distribution) -> bool:
        """Tell whether the index states another digest than sha256, which the store did not compute."""
        index = self.covers(distribution)
        path = index.path_of(_canonical(distribution.url)) if index else None
        if index is None or path is None:
            return False
        try:
            target = index.client.targets([path])[path]
        except TruedError:
            return False  # told when the file is proven
        return target is not None and set(target.hashes) != {"sha256"}

    def prepare(self, distributions: Iterable[Distribution]) -> None:
        """Look for all files together, which later are asked for one by one; what fails is told then."""
        from contextlib import suppress

        wanted: dict[int, tuple[SignedIndex, list[str]]] = {}
        for one in distributions:
            index = self.covers(one)
            path = index.path_of(_canonical(one.url)) if index else None
            if index is not None and path is not None:
                wanted.setdefault(id(index), (index, []))[1].append(path)
        for index, paths in wanted.values():
            with suppress(TruedError):
                index.client.targets(paths)


def no_target(index: str, subject: str) -> Finding:
    """Return the finding that the signed metadata does not have the file."""
    return Finding(code="TRU858", subject=subject, values={"index": index})


def other_bytes(
    index: str, subject: str, target: Target, digests: Mapping[str, str], size: int | None = None
) -> Finding:
    """Return the finding that the bytes are not those that are signed."""
    computed = ", ".join(f"{name}:{digests.get(name, 'not computed')}" for name in target.hashes)
    stated = ", ".join(f"{name}:{value}" for name, value in target.hashes.items())
    values = {
        "index": index,
        "stated": f"{stated} of {target.length} bytes",
        "computed": f"{computed} of {size} bytes" if size is not None else computed,
    }
    return Finding(code="TRU854", subject=subject, values=values)


def _canonical(url: str) -> str:
    """Return *url* with its host as every other spelling of it, without credentials and fragment."""
    from trued.index.url import InvalidUrl, file_url_path, is_file_url, path_to_url, sendable

    try:
        if is_file_url(url):
            path = file_url_path(url)
            end = "/" if path.endswith("/") else ""
            return path_to_url(os.path.normpath(path)).rstrip("/") + end
        return sendable(url)
    except InvalidUrl:
        return url


def _is_odd(address: str) -> bool:
    """Tell whether a server may read the path as another one than it is written as."""
    path = address.partition("://")[2].partition("/")[2]
    parts = path.partition("?")[0].split("/")
    return "%" in path or "\\" in path or ";" in path or "" in parts[:-1] or "." in parts or ".." in parts


def _alike(address: str, base: str) -> bool:
    """Tell whether both have the same host: what is written oddly there could mean any place of it.

    A file that lies elsewhere, whose address needs an escape, is asked for as it always was.
    """
    if address.split("/")[:3] != base.split("/")[:3]:
        return False
    from urllib.parse import unquote

    plain = "/".join(part for part in unquote(address).replace("\\", "/").split("/") if part not in ("", "."))
    wanted = "/".join(part for part in base.split("/") if part)
    return ".." in plain.split("/") or f"{plain.partition(';')[0]}/".startswith(f"{wanted}/")


def signed_settings(indexes: Sequence[IndexSetting]) -> list[IndexSetting]:
    """Return the settings of the signed indexes, one an address: of two roots the user's, not a project's."""
    from trued.config.origin import Source

    signed = [one for one in indexes if one.trust == "tuf"]
    signed.sort(key=lambda one: one.origin.source is Source.PROJECT)
    found: dict[str, IndexSetting] = {}
    for one in signed:
        found.setdefault(_canonical(one.url).rstrip("/"), one)
    return list(found.values())


def open_indexes(session: Session, transport: Callable[[], Transport]) -> SignedIndexes:
    """Return the signed indexes that the settings of *session* name.

    Raises: OperationalError TRU865 with every root that cannot be read.
    """
    found: list[SignedIndex] = []
    problems: list[Finding] = []
    for setting in signed_settings(session.settings.indexes):
        try:
            found.append(_opened(session, setting, transport))
        except OperationalError as error:
            problems += error.findings
    if problems:
        raise OperationalError(*problems)
    return SignedIndexes(found, now=session.now)


def _opened(session: Session, setting: IndexSetting, transport: Callable[[], Transport]) -> SignedIndex:
    from trued.proof.tuf.client import TufClient
    from trued.proof.tuf.folder import MetadataFolder

    url, base = addresses(session, setting.url)
    limits = session.limits
    return SignedIndex(
        name=setting.name,
        url=url,
        base=base,
        client=TufClient(
            setting.name,
            address=metadata_base(base),
            folder=MetadataFolder(
                folder_of(session, base), waiting=session.watcher.waiting, most_seconds=limits.tuf_seconds
            ),
            root=read_root_file(os.path.join(session.cwd, setting.root), place=setting.origin.place),
            fetch=fetch_over(transport, metadata_base(base), name=setting.name),
            now=session.started,
            limits=limits,
            offline=session.settings.offline,
        ),
    )


def addresses(session: Session, text: str) -> tuple[str, str]:
    """Return the address of an index and its base, as they are compared; credentials go to the session.

    Raises: OperationalError TRU867 when the address is none of a signed index.
    """
    from trued.index.url import is_file_url, path_to_url

    is_url = "://" in text or is_file_url(text)
    bare = session.credentials.remember(text) if is_url else path_to_url(os.path.expanduser(text))
    url = _canonical(bare).rstrip("/") + "/"
    base = base_of_index(url)
    if base is None:
        raise OperationalError(Finding(code="TRU867", subject=url))
    return url, base


def folder_of(session: Session, base: str) -> str:
    """Return the folder in which the metadata of the index with this *base* is kept."""
    import hashlib

    from trued.config.locations import default_known_files

    data = os.path.dirname(default_known_files(session.environ))
    return os.path.join(data, "signed", hashlib.sha256(base.encode()).hexdigest()[:24])


def read_root_file(path: str, *, place: Place | None = None) -> bytes:
    """Return the bytes of a root file. Raises: OperationalError TRU865."""
    try:
        with open(path, "rb") as file:
            return file.read(_MOST_ROOT_BYTES)
    except OSError as error:
        values = {"reason": error.strerror or str(error)}
        raise OperationalError(
            Finding(code="TRU865", level=Level.ERROR, subject=path, place=place, values=values)
        ) from error


def fetch_over(transport: Callable[[], Transport], address: str, *, name: str) -> Fetch:
    """Return the port that fetches the metadata below *address* over *transport*, compressed on the way."""
    from trued.index.transport import Request

    def fetch(wanted: Sequence[Wanted], seconds: float) -> dict[str, Answer]:
        requests = [
            Request(
                url=f"{address}{one.name}",
                max_bytes=one.max_bytes,
                subject=f"{name}: {one.name}",
                headers=() if one.name[0].isdecimal() else (("Cache-Control", "max-age=0"),),
                expected=_METADATA_STATUSES,
                seconds=seconds,
                token=one,
            )
            for one in wanted
        ]
        return {
            request.url.removeprefix(address): _answer(outcome)
            for request, outcome in transport().fetch_all(requests)
        }

    return fetch


_METADATA_STATUSES = frozenset({200, 403, 404, 410})


def _answer(outcome: Response | OperationalError) -> Answer:
    from trued.proof.tuf.port import Answer

    if not isinstance(outcome, OperationalError):
        return Answer(body=outcome.body, is_absent=outcome.status != 200)
    codes = {finding.code for finding in outcome.findings}
    return Answer(
        findings=outcome.findings, is_endless="TRU314" in codes, is_slow=bool(codes & {"TRU331", "TRU310"})
    )
