"""A TUF client by itself, over the run's transport: for scripts, and to be compared with other clients."""

from __future__ import annotations

import os

from trued.core.errors import OperationalError, UsageError
from trued.core.finding import Finding
from trued.index.transport import Download, Downloaded
from trued.operations.signed_indexes import fetch_over, other_bytes, read_root_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.operations.session import Session
    from trued.proof.tuf.client import TufClient
    from trued.proof.tuf.target import State, Target

__all__ = ["begin", "download", "refresh"]


def begin(session: Session, root: str) -> None:
    """Have the metadata folder begin to trust at the file *root*. Raises: OperationalError TRU864, TRU865."""
    data = read_root_file(os.path.join(session.cwd, root))
    _client(session, address="", root=data).begin()


def refresh(session: Session) -> State:
    """Bring the metadata folder up to date. Raises as ``TufClient.refresh``."""
    return _client(session, address=_url(session, "metadata_url")).refresh()


def download(session: Session) -> list[str]:
    """Download the targets that are asked for, verified, and return where they lie.

    Raises: OperationalError for a target that nobody vouches for, or that is not as signed.
    """
    settings = session.settings
    if not settings.target_names:
        raise _missing("--target-name")
    base, folder = _url(session, "target_base_url"), _folder(session, "target_dir")
    client = _client(session, address=_url(session, "metadata_url"))
    found = client.targets(settings.target_names)
    absent = [path for path, target in found.items() if target is None]
    odd = [target for target in found.values() if target is not None and not target.is_computable]
    if odd:
        raise OperationalError(*(other_bytes(client.name, one.path, one, {}) for one in odd))
    if absent:
        values = {"index": client.name}
        raise OperationalError(*(Finding(code="TRU858", subject=path, values=values) for path in absent))
    targets = [target for target in found.values() if target is not None]
    return _downloaded(session, client.name, targets, base=base, folder=folder)


def _downloaded(
    session: Session, name: str, targets: Sequence[Target], *, base: str, folder: str
) -> list[str]:
    from trued.operations.signed_transport import failure_of, seconds_for

    os.makedirs(folder, exist_ok=True)
    downloads = [
        Download(
            url=base + target.address,
            path=os.path.join(folder, f".trued-{os.getpid()}-{number}"),
            max_bytes=target.length,
            algorithms=frozenset(target.hashes),
            expected=target.length,
            subject=target.path,
            seconds=seconds_for(target, session.limits),
            token=target,
        )
        for number, target in enumerate(targets)
    ]
    paths: list[str] = []
    problems: list[Finding] = []
    for outcome in session.network.download_all(downloads):
        try:
            paths.append(_placed(outcome, name, folder))
        except OperationalError as error:
            target = next(one for one in targets if one.path == _subject(outcome))
            problems += failure_of(error, name, target).findings
    if problems:
        raise OperationalError(*problems)
    return paths


def _subject(outcome: object) -> str:
    return str(getattr(getattr(outcome, "download", None), "subject", ""))


def _placed(outcome: Downloaded | OperationalError, name: str, folder: str) -> str:
    """Put a target that is as signed in its place, whole or not at all, under its quoted path."""
    from urllib.parse import quote

    from trued.proof.tuf.target import Target

    if isinstance(outcome, OperationalError):
        raise outcome
    target, arrived = outcome.download.token, outcome.download.path
    if not isinstance(target, Target) or not target.admits(outcome.digests):
        os.unlink(arrived)
        if not isinstance(target, Target):
            raise TypeError("a download comes back with its own token")
        raise OperationalError(other_bytes(name, target.path, target, outcome.digests, size=outcome.size))
    path = os.path.join(folder, quote(target.path, safe=""))
    os.replace(arrived, path)
    return path


def _client(session: Session, *, address: str, root: bytes | None = None) -> TufClient:
    from trued.proof.tuf.client import TufClient
    from trued.proof.tuf.folder import MetadataFolder

    folder = _folder(session, "metadata_dir")
    return TufClient(
        address or folder,
        address=address,
        folder=MetadataFolder(
            folder, waiting=session.watcher.waiting, most_seconds=session.limits.tuf_seconds
        ),
        root=root,
        fetch=fetch_over(lambda: session.network, address, name=address),
        now=session.started,
        limits=session.limits,
        offline=session.settings.offline,
    )


def _url(session: Session, field: str) -> str:
    """Return an address of the settings, with a slash at its end and without credentials."""
    stated = getattr(session.settings, field)
    if not stated:
        raise _missing(f"--{field.replace('_', '-')}")
    return session.credentials.remember(stated).rstrip("/") + "/"


def _folder(session: Session, field: str) -> str:
    stated = getattr(session.settings, field)
    if not stated:
        raise _missing(f"--{field.replace('_', '-')}")
    return os.path.join(session.cwd, stated)


def _missing(option: str) -> UsageError:
    return UsageError(Finding(code="TRU907", subject="trued tuf", values={"wanted": option}))
