"""The roots of signed indexes: found, compared, written beside a policy file, and renewed."""

from __future__ import annotations

import os
import tempfile

from trued.core.record import dataclass
from trued.core.tuf_paths import metadata_base
from trued.operations.signed_indexes import addresses, fetch_over, folder_of, read_root_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.config.settings import IndexSetting
    from trued.operations.session import Session
    from trued.proof.tuf.client import TufClient
    from trued.proof.tuf.target import RootFacts, State

__all__ = ["Candidate", "find_root", "look", "renew", "write_index"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A root to begin trust at: the newest one that the index's metadata holds by.

    ``fingerprints`` are those of all roots that led to it: who compared one of them compared this one.
    """

    url: str
    data: bytes
    newest: RootFacts
    fingerprints: tuple[str, ...]


def find_root(session: Session, name: str, url: str, *, root: str) -> Candidate:
    """Return the root of the index at *url*, by its first or by the file or address *root*.

    The whole top of its metadata has to hold by that root; nothing of it is kept.

    Raises: OperationalError as ``TufClient.refresh``, and TRU865, TRU867.
    """
    from trued.proof.tuf.client import read_root

    index, base = addresses(session, url)
    first = _read(session, root or f"{metadata_base(base)}1.root.json")
    facts = read_root(first, subject=name)
    with tempfile.TemporaryDirectory(prefix="trued-root-") as folder:
        client = _client(session, name, base, root=first, folder=folder)
        newest = client.refresh().root
        chain = [client.root(version) for version in range(facts.version, 1 + _version(client))]
    from trued.proof.tuf.target import fingerprint

    return Candidate(
        url=index,
        data=newest,
        newest=read_root(newest, subject=name),
        fingerprints=tuple(fingerprint(data) for data in (first, *chain) if data),
    )


def _version(client: TufClient) -> int:
    return client.refresh().versions["root"]


def _read(session: Session, place: str) -> bytes:
    """Return the bytes of a root at a path or an address."""
    if "://" not in place:
        return read_root_file(os.path.join(session.cwd, place))
    from trued.index.transport import Request

    bare = session.credentials.remember(place)
    request = Request(url=bare, max_bytes=session.limits.tuf_root_bytes, seconds=session.limits.tuf_seconds)
    return session.network.fetch(request).body


def write_index(file: str, name: str, found: Candidate) -> str:
    """Keep the root beside the policy *file*, have the file name the index, and return the root's path."""
    from trued.config.rule_edit import set_index
    from trued.operations.key_folder import keep_key

    path, root = keep_key(file, f"{_plain(name)}.root.json", found.data)
    set_index(file, name, {"url": found.url, "trust": "tuf", "root": root})
    return path


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name)


def look(session: Session, setting: IndexSetting) -> tuple[RootFacts, State]:
    """Return the root that trust in an index begins at, and what holds of the index now."""
    from trued.proof.tuf.client import read_root

    root = read_root_file(os.path.join(session.cwd, setting.root), place=setting.origin.place)
    return read_root(root, subject=setting.name), _of(session, setting, root).refresh()


def renew(session: Session, setting: IndexSetting) -> tuple[RootFacts, RootFacts]:
    """Write the newest root in the place of the one that trust begins at; return both."""
    from trued.operations.whole_file import write_changed
    from trued.proof.tuf.client import read_root

    path = os.path.join(session.cwd, setting.root)
    root = read_root_file(path, place=setting.origin.place)
    newest = _of(session, setting, root).refresh().root
    before, after = read_root(root, subject=setting.name), read_root(newest, subject=setting.name)
    if after.version > before.version:
        write_changed(path, newest, shown=path)
    return before, after


def _of(session: Session, setting: IndexSetting, root: bytes) -> TufClient:
    _, base = addresses(session, setting.url)
    return _client(session, setting.name, base, root=root, folder=folder_of(session, base))


def _client(session: Session, name: str, base: str, *, root: bytes, folder: str) -> TufClient:
    from trued.proof.tuf.client import TufClient
    from trued.proof.tuf.folder import MetadataFolder

    address = metadata_base(base)
    return TufClient(
        name,
        address=address,
        folder=MetadataFolder(
            folder, waiting=session.watcher.waiting, most_seconds=session.limits.tuf_seconds
        ),
        root=root,
        fetch=fetch_over(lambda: session.network, address, name=name),
        now=session.started,
        limits=session.limits,
        offline=session.settings.offline,
    )
