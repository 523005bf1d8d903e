"""Recovery after somebody else had the online keys: new keys, and nothing that was signed is believed.

PEP 458: revoke the keys through root, compare the bins with the last good snapshot, sign everything anew.
Clients that saw metadata of the attacker drop it with the new root (TUF specification 5.3.11).
"""

from __future__ import annotations

import os

from trued.core.errors import Refused
from trued.core.record import dataclass, replace
from trued.core.tuf_paths import METADATA, file_path
from trued.repository.ceremony import Rotation, rotate
from trued.repository.edit import load_project
from trued.repository.faults import fault
from trued.repository.file_content import digest_of
from trued.repository.release_file import read_release_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from trued.core.finding import Finding
    from trued.core.limits import Limits
    from trued.core.names import ProjectName
    from trued.repository.key_file import PublicKey
    from trued.repository.operator_folder import OperatorFolder
    from trued.repository.project_record import FileRecord
    from trued.repository.site import Site

__all__ = ["Recovery", "audit", "recover"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What was drafted, and how the site differs from what it should be."""

    drafted: tuple[str, ...]
    findings: tuple[Finding, ...]


def recover(
    site: Site,
    folder: OperatorFolder,
    *,
    online: PublicKey,
    limits: Limits,
    now: datetime,
    good: Site | None = None,
    announce: Callable[[str], None] = lambda _: None,
) -> Recovery:
    """Draft a root and a delegation in which *online* replaces every online key, and audit the site.

    From now on no signature on the site is believed, until the next signing wrote everything anew. *good* is
    a copy from before the break-in to compare with.
    """
    findings = tuple(audit(site, limits=limits, good=good, announce=announce))
    root, targets = folder.root().signed, folder.targets()[1].signed
    succinct = targets.delegations.succinct_roles if targets.delegations else None
    old = {*root.roles["snapshot"].keyids, *root.roles["timestamp"].keyids}
    old |= set(succinct.keyids) if succinct else set()
    drafted: tuple[str, ...] = ()
    for role in ("snapshot", "timestamp", "bins"):
        holders = {
            "snapshot": root.roles["snapshot"].keyids,
            "timestamp": root.roles["timestamp"].keyids,
            "bins": succinct.keyids if succinct else [],
        }
        drafted = rotate(folder, Rotation(role=role, add=[online], remove=list(holders[role])), now=now)
    settings = folder.settings()
    signers = {keyid: uri for keyid, uri in settings.signers.items() if keyid not in old}
    folder.choose(replace(settings, signers={**signers, online.keyid: online.uri}, rebuild=True))
    folder.transcript.add("recover", now=now, revoked=sorted(old), online=online.keyid)
    return Recovery(drafted=drafted, findings=findings)


def audit(
    site: Site, *, limits: Limits, good: Site | None, announce: Callable[[str], None] = lambda _: None
) -> Iterator[Finding]:
    """Read every file strictly again, compare it with its page, and all with the *good* copy.

    Files that changed under their names, and files and pages that the copy does not have, are told.
    """
    for project in site.projects():
        announce(project)
        try:
            record = load_project(site, project)
        except Refused as error:
            yield from error.findings
            continue
        for file in record.files.values() if record else ():
            yield from _audit_file(site, project, file, limits=limits)
    if good is not None:
        yield from _compare(site, good)


def _audit_file(site: Site, project: ProjectName, file: FileRecord, *, limits: Limits) -> Iterator[Finding]:
    path = file_path(project, file.filename)
    try:
        found = read_release_file(site.place(path), limits=limits).record
    except Refused as error:
        yield from error.findings
    except OSError as error:
        yield fault("TRU889", path, reason=error.strerror or type(error).__name__)
    else:
        if (found.sha256, found.size) != (file.sha256, file.size):
            yield fault("TRU889", path, reason="its sha256 or size is another than its page says")


def _compare(site: Site, good: Site) -> Iterator[Finding]:
    """Tell how the plain files differ from the copy's; metadata and hashed names are written anew anyway."""
    now, then = _plain(site), _plain(good)
    for path in sorted({*now, *then}):
        if path not in then:
            yield fault("TRU893", path, difference="the good copy does not have it")
        elif path not in now:
            yield fault("TRU893", path, difference="only the good copy has it")
        elif digest_of(site.place(path)) != digest_of(good.place(path)):
            yield fault("TRU893", path, difference="its content is another than in the good copy")


def _plain(site: Site) -> set[str]:
    from trued.repository.sweep import is_hashed_name

    return {
        path
        for folder in sorted(os.listdir(site.root))
        if folder != METADATA and not folder.startswith(".") and os.path.isdir(site.place(folder))
        for path in site.walk(folder)
        if not is_hashed_name(os.path.basename(path))
    }
