"""From pages and files to a signed snapshot: which targets changed, their hashed names, the signatures."""

from __future__ import annotations

import os

from trued.core.record import dataclass, replace
from trued.core.tuf_paths import file_path, hashed_path, list_path, metadata_path, page_path
from trued.core.whole_file import write_whole
from trued.repository.bins import Target
from trued.repository.edit import load_project, page_bytes, write_lists
from trued.repository.faults import failed, refused
from trued.repository.file_content import digest_of, link_whole, read_if_there
from trued.repository.project_record import ProjectRecord, read_page
from trued.repository.signed_state import SignedState, read_state
from trued.repository.signing import sign_changes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from trued.core.names import ProjectName
    from trued.repository.operator_folder import OperatorFolder
    from trued.repository.signing import Authority, Signed
    from trued.repository.site import Site

__all__ = ["Published", "guard_for", "has_news", "link_targets", "project_targets", "publish", "signed_page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a publish did; ``signed`` is ``None`` when nothing had changed."""

    signed: Signed | None
    projects: tuple[ProjectName, ...]
    targets: int


def publish(
    site: Site,
    folder: OperatorFolder,
    *,
    authority: Authority,
    now: datetime,
    state: SignedState | None = None,
    everything: bool = False,
    only: Iterable[ProjectName] | None = None,
    checkpoint: Callable[[str], None] = lambda _: None,
) -> Published:
    """Sign what changed in *site*; the caller holds its lock.

    All projects are read where *everything* says so, at the first signing and after a recovery. *state* is
    what the site has published, when that was read already. Pages that were not changed through trued keep
    the state that was signed. *only* names the projects that are meant; without it all are whose change waits
    on the site, whoever made it.

    Raises:
        Refused: when a file is not what its page says, or keys are missing. The old snapshot stays valid.
        OperationalError: when the published metadata does not hold, or a key cannot be reached.

    """
    settings = folder.settings()
    if settings.rebuild:
        state = None
    elif state is None:
        state = read_state(site, authority.chain)
    whole = everything or state is None
    pending = site.pending() if whole or only is None else frozenset(only)
    pending |= site.own_pending()
    projects = {*pending, *site.projects()} if whole else set(pending)
    changes = _changes(site, state, projects, whole=whole)
    if whole and state is not None:
        changes = {**_vanished(state, changes), **changes}
    if state is not None and not whole and not pending and not has_news(authority, state):
        return Published(signed=None, projects=(), targets=0)
    checkpoint("links")
    link_targets(site, changes)
    signed = sign_changes(site, changes, authority=authority, state=state, now=now, checkpoint=checkpoint)
    checkpoint("unmark")
    site.unmark(pending)
    if settings.rebuild:
        folder.choose(replace(settings, rebuild=False))
    return Published(signed=signed, projects=tuple(sorted(projects)), targets=len(changes))


def guard_for(site: Site, state: SignedState) -> Callable[[Iterable[ProjectName]], None]:
    """Return what refuses to change a page that is not the one that was signed.

    Whoever took over the server could otherwise write into a page and have the operator sign it at the next
    change of that project. A mark on the site does not help them, only one in the operator's folder counts.
    """

    def guard(projects: Iterable[ProjectName]) -> None:
        pending = site.own_pending()
        for project in projects:
            path = page_path(project, "json")
            if project in pending or not os.path.exists(site.place(path)):
                continue
            signed = state.target(path)
            if signed is None or digest_of(site.place(path)) != tuple(signed):
                raise refused("TRU888", path)

    return guard


def project_targets(site: Site, record: ProjectRecord, *, verify: bool = False) -> dict[str, Target]:
    """Return what is to be signed of a project: its pages, its files and what stands beside them.

    Pages that lie there otherwise are written anew. With *verify* files are hashed even where they have their
    hashed name already.
    """
    targets: dict[str, Target] = {}
    for path, data in page_bytes(record).items():
        if read_if_there(site.place(path)) != data:
            write_whole(site.place(path), data)
        targets[path] = _target_of(data)
    stated = {file.filename: Target(file.size, file.sha256) for file in record.files.values()}
    for path in record.targets():
        targets[path] = _file_target(site, path, stated.get(os.path.basename(path)), verify=verify)
    for file in record.files.values():
        sidecar = targets.get(metadata_path(file_path(record.project, file.filename)))
        if sidecar is not None and sidecar.sha256 != file.metadata_sha256:
            raise refused(
                "TRU889", f"{file.filename}.metadata", reason="it is not the one that its page names"
            )
    return targets


def signed_page(state: SignedState, project: ProjectName) -> ProjectRecord | None:
    """Return the project as the published snapshot has it, ``None`` when it has not."""
    path = page_path(project, "json")
    target = state.target(path)
    if target is None:
        return None
    data = read_if_there(state.site.place(hashed_path(path, target.sha256)))
    if data is None or _target_of(data) != target:
        raise failed("TRU889", path, reason="the signed page is gone or changed")
    return read_page(data, project)


def _changes(
    site: Site, state: SignedState | None, projects: Iterable[ProjectName], *, whole: bool
) -> dict[str, Target | None]:
    """Return what is to be signed of *projects*, and what is not there any more.

    The lists are made and signed anew where a project is new; else they stay as they were signed, whatever
    lies on the site.
    """
    changes: dict[str, Target | None] = {}
    is_new = whole
    for project in sorted(projects):
        before = signed_page(state, project) if state is not None else None
        if before is not None:
            gone = (*before.targets(), page_path(project, "json"), page_path(project, "html"))
            changes |= dict.fromkeys(gone)
        record = load_project(site, project)
        if record is not None:
            changes |= project_targets(site, record, verify=whole)
            is_new = is_new or before is None
    if is_new:
        write_lists(site)
        for path in (list_path("json"), list_path("html")):
            changes[path] = Target(*digest_of(site.place(path)))
    return changes


def _vanished(state: SignedState, changes: Mapping[str, Target | None]) -> dict[str, Target | None]:
    """Return every signed target that the pages do not name any more, to be taken out."""
    signed = (path for name in state.scheme.names for path in state.bin(name))
    return {path: None for path in signed if path not in changes}


def has_news(authority: Authority, state: SignedState) -> bool:
    """Whether roots or the delegation were accepted that the site does not have yet."""
    return (
        len(authority.chain) != state.root_version or authority.targets.version != state.versions["targets"]
    )


def link_targets(site: Site, changes: Mapping[str, Target | None]) -> None:
    """Give every new target its name with the hash; clients ask for no other."""
    for path, target in changes.items():
        if target is None:
            continue
        hashed = site.place(hashed_path(path, target.sha256))
        if not os.path.exists(hashed):
            link_whole(site.place(path), hashed)


def _file_target(site: Site, path: str, stated: Target | None, *, verify: bool) -> Target:
    """Return the target of a file, hashed here unless that was done when it was linked before."""
    place = site.place(path)
    if stated is not None and not verify and os.path.exists(site.place(hashed_path(path, stated.sha256))):
        return stated
    try:
        target = Target(*digest_of(place))
    except OSError as error:
        raise refused("TRU889", path, reason=error.strerror or type(error).__name__) from error
    if stated is not None and target != stated:
        reason = f"its page says sha256 {stated.sha256}, its content has {target.sha256}"
        raise refused("TRU889", path, reason=reason)
    hashed = site.place(hashed_path(path, target.sha256))
    if verify and os.path.exists(hashed) and digest_of(hashed) != tuple(target):
        os.unlink(hashed)
    return target


def _target_of(data: bytes) -> Target:
    import hashlib

    return Target(len(data), hashlib.sha256(data).hexdigest())
