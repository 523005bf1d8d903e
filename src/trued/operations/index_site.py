"""What ``trued index`` does to a site: one operator at a time, keys opened before anything changes."""

from __future__ import annotations

import os

from trued.core.distribution import is_sdist_name, is_wheel_name
from trued.core.limits import Limits
from trued.core.record import dataclass, replace
from trued.repository.faults import failed, refused
from trued.repository.publish import Published, guard_for, publish
from trued.repository.site import Site

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from trued.core.names import ProjectName
    from trued.repository.check import Checked
    from trued.repository.operator_folder import OperatorFolder
    from trued.repository.recover import Recovery
    from trued.repository.signing import Signed

__all__ = [
    "Changed",
    "Operator",
    "build_index",
    "change_index",
    "check_index",
    "recover_index",
    "refresh_index",
    "sign_index",
    "sweep_index",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Operator:
    """Who is at work: the site, the folder of keys (``None`` for an index without), clock, passphrases.

    ``waiting`` is told when another operator holds the site, ``announce`` what is being looked at.
    """

    site: Site
    folder: OperatorFolder | None
    now: datetime
    passphrase: Callable[[str], bytes]
    waiting: Callable[[str], None]
    announce: Callable[[str], None]
    limits: Limits = Limits()

    @property
    def keys(self) -> OperatorFolder:
        """The folder of keys, for what cannot go without."""
        if self.folder is None:
            raise failed("TRU892", "--keys", reason="this needs the operator's folder")
        return self.folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The projects that changed, and what was signed: ``None`` without keys."""

    projects: tuple[ProjectName, ...]
    published: Published | None


def build_index(operator: Operator, dist: str, *, uploaded: datetime | None) -> Changed:
    """Put every wheel and sdist below *dist* into the index; nothing that is there is taken out."""
    paths = [
        os.path.join(folder, name)
        for folder, folders, names in sorted(os.walk(dist))
        for name in sorted(names)
        if is_wheel_name(name) or is_sdist_name(name)
    ]
    if not paths:
        raise failed("TRU892", dist, reason="no wheel and no sdist is below it")
    return change_index(operator, lambda site: _built(operator, site, paths, uploaded))


def add_to_index(operator: Operator, paths: tuple[str, ...], *, uploaded: datetime | None) -> Changed:
    """Put these files into the index."""
    return change_index(operator, lambda site: _added(operator, site, list(paths), uploaded))


def change_index(operator: Operator, edit: Callable[[Site], tuple[ProjectName, ...]]) -> Changed:
    """Let *edit* change the pages, and sign that where keys are given.

    The keys are opened first: a wrong passphrase leaves all as it was.
    """
    folder, site = operator.folder, operator.site
    if folder is None:
        with site.lock(waiting=operator.waiting):
            return Changed(projects=edit(site), published=None)
    from trued.repository.signed_state import read_state
    from trued.repository.signing import authority_of

    authority = authority_of(folder, passphrase=operator.passphrase)
    with site.lock(waiting=operator.waiting):
        state = None if folder.settings().rebuild else read_state(site, authority.chain)
        own = Site(site.root, own=folder.path)
        projects = edit(own if state is None else replace(own, guard=guard_for(own, state)))
        published = publish(own, folder, authority=authority, now=operator.now, state=state, only=projects)
    return Changed(projects=projects, published=published)


def sign_index(operator: Operator, *, everything: bool) -> Published:
    """Sign what changed; with *everything* read and sign the whole index anew."""
    from trued.repository.signing import authority_of

    authority = authority_of(operator.keys, passphrase=operator.passphrase)
    site = Site(operator.site.root, own=operator.keys.path)
    with site.lock(waiting=operator.waiting):
        return publish(site, operator.keys, authority=authority, now=operator.now, everything=everything)


def refresh_index(operator: Operator) -> Signed:
    """Sign the timestamp anew, and what else is due."""
    from trued.repository.refresh import refresh
    from trued.repository.signing import authority_of

    authority = authority_of(operator.keys, passphrase=operator.passphrase)
    with operator.site.lock(waiting=operator.waiting):
        return refresh(operator.site, operator.keys, authority=authority, now=operator.now)


def sweep_index(operator: Operator) -> int:
    """Remove what no snapshot has named for an hour; return how many files."""
    from trued.repository.signed_state import read_state
    from trued.repository.sweep import sweep

    with operator.site.lock(waiting=operator.waiting):
        state = read_state(operator.site, operator.keys.chain())
        if state is None:
            raise failed("TRU887", "timestamp.json", reason="the site was never signed")
        return sweep(operator.site, state, now=operator.now.timestamp())


def recover_index(operator: Operator, *, online: str, good: str | None) -> Recovery:
    """Begin the recovery: the key whose public half is in the file *online* replaces all online keys."""
    from trued.repository.key_file import read_public
    from trued.repository.recover import recover

    with operator.site.lock(waiting=operator.waiting):
        return recover(
            operator.site,
            operator.keys,
            online=read_public(online),
            limits=operator.limits,
            now=operator.now,
            good=Site(good) if good else None,
            announce=operator.announce,
        )


def check_index(
    operator: Operator, *, root: str | None, transcript: str | None, full: bool
) -> tuple[Checked, bytes]:
    """Check the whole index; return also the newest root, for its fingerprint.

    It is checked against the operator's own roots, or as somebody does who has but the file *root*. With a
    *transcript* its chain is followed and its word about that root compared.
    """
    from tempfile import TemporaryDirectory

    from trued.repository.check import check_site, site_chain
    from trued.repository.file_content import read_if_there
    from trued.repository.operator_folder import LIFETIMES

    if not os.path.isdir(operator.site.root):
        raise failed("TRU892", operator.site.root, reason="there is no such folder")
    lifetimes, first, chain = LIFETIMES, None, []
    if root is not None:
        first = read_if_there(root)
        if first is None:
            raise failed("TRU892", root, reason="there is no such file")
        chain = site_chain(operator.site, first=first)
    elif operator.folder is not None:
        chain, lifetimes = operator.folder.chain(), operator.folder.settings().lifetimes
    elif operator.site.is_signed:
        raise failed("TRU892", operator.site.root, reason="it is signed: say --keys, or --root FILE")
    if transcript is not None:
        _compare_transcript(transcript, [data for data, _ in chain])
    with TemporaryDirectory(prefix="trued-check-") as scratch:
        checked = check_site(
            operator.site,
            chain=chain,
            now=operator.now,
            scratch=scratch,
            bootstrap=first,
            lifetimes=lifetimes,
            full=full,
            announce=operator.announce,
        )
    return checked, (chain[-1][0] if chain else b"")


def _built(
    operator: Operator, site: Site, paths: list[str], uploaded: datetime | None
) -> tuple[ProjectName, ...]:
    """Add the files; write the lists too, which a call that was interrupted may have left behind."""
    from trued.repository.edit import write_lists

    projects = _added(operator, site, paths, uploaded)
    write_lists(site)
    return projects


def _added(
    operator: Operator, site: Site, paths: list[str], uploaded: datetime | None
) -> tuple[ProjectName, ...]:
    from trued.repository.edit import add_files

    return add_files(site, paths, limits=operator.limits, uploaded=uploaded, announce=operator.announce)


def _compare_transcript(path: str, roots: list[bytes]) -> None:
    """Refuse a transcript that is broken, or that tells of another root than the site has."""
    import hashlib

    from trued.repository.file_content import read_if_there
    from trued.repository.transcript import read_entries

    data = read_if_there(path)
    if data is None:
        raise failed("TRU892", path, reason="there is no such file")
    told: set[object] = set()
    for entry in read_entries(data, name=path):
        documents = entry.get("sha256")
        if entry["event"] == "accepted" and isinstance(documents, dict):
            told.add(documents.get("root"))
    for version, root in enumerate(roots, 1):
        if hashlib.sha256(root).hexdigest() not in told:
            raise refused("TRU895", path, line=f"{len(data.splitlines())}, root version {version}")
