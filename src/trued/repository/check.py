"""Checking a whole index: pages against files, files against signatures, what expires, what a client sees."""

from __future__ import annotations

import os

from trued.core.errors import TruedError
from trued.core.record import dataclass
from trued.core.tuf_paths import hashed_path, list_path, page_path
from trued.repository.ceremony import bits_for
from trued.repository.edit import list_bytes, load_project, page_bytes
from trued.repository.expiry import calendar
from trued.repository.faults import failed, fault, note, warning
from trued.repository.file_content import digest_of, read_if_there
from trued.repository.operator_folder import LIFETIMES
from trued.repository.signed_state import SignedState, read_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from tuf.api.metadata import Metadata, Root

    from trued.core.finding import Finding
    from trued.core.names import ProjectName
    from trued.repository.bins import Target
    from trued.repository.expiry import Due
    from trued.repository.site import Site

__all__ = ["Checked", "check_site", "site_chain"]

_SEEN_BY_CLIENT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was looked at, everything that is wrong, and the calendar (empty for an unsigned index)."""

    projects: int
    files: int
    targets: int
    findings: tuple[Finding, ...]
    calendar: tuple[Due, ...] = ()
    root_version: int = 0


def check_site(
    site: Site,
    *,
    chain: list[tuple[bytes, Metadata[Root]]],
    now: datetime,
    scratch: str,
    bootstrap: bytes | None = None,
    lifetimes: Mapping[str, int] = LIFETIMES,
    full: bool = True,
    announce: Callable[[str], None] = lambda _: None,
) -> Checked:
    """Look at every page, file and signature of *site*; *chain* is empty for an index without signatures.

    With *full* every file is hashed, else only its length is compared. *scratch* is an empty folder for the
    client's state.
    """
    findings: list[Finding] = []
    files = 0
    projects = site.projects()
    for project in projects:
        announce(project)
        problems, count = _check_project(site, project, full=full)
        findings += problems
        files += count
    findings += _check_lists(site, projects)
    if not chain:
        return Checked(projects=len(projects), files=files, targets=0, findings=tuple(findings))
    try:
        state = read_state(site, chain)
    except TruedError as error:
        return Checked(projects=len(projects), files=files, targets=0, findings=(*findings, *error.findings))
    if state is None:
        findings.append(fault("TRU887", "timestamp.json", reason="the site was never signed"))
        return Checked(projects=len(projects), files=files, targets=0, findings=tuple(findings))
    targets, problems = _signed_targets(state)
    findings += problems
    findings += _check_targets(site, targets, full=full)
    findings += _check_pending(site, targets)
    entries, problems = _calendar(site, state, chain, lifetimes=lifetimes, now=now)
    findings += problems
    findings += _check_size(state, len(targets))
    findings += _check_view(site, bootstrap or chain[0][0], projects, targets, scratch=scratch)
    return Checked(
        projects=len(projects),
        files=files,
        targets=len(targets),
        findings=tuple(findings),
        calendar=entries,
        root_version=state.root_version,
    )


def site_chain(site: Site, *, first: bytes) -> list[tuple[bytes, Metadata[Root]]]:
    """Return the roots of the site from *first* on, each signed by the one before: a third person's way.

    Raises:
        OperationalError: when one of them does not follow from the one before.

    """
    from tuf.api.exceptions import RepositoryError
    from tuf.api.metadata import Metadata, Root

    data: bytes | None = first
    chain: list[tuple[bytes, Metadata[Root]]] = []
    version = 0
    try:
        while data is not None:
            root = Metadata[Root].from_bytes(data)
            version = version + 1 if version else root.signed.version
            if root.signed.version != version:
                raise failed(
                    "TRU887", f"{version}.root.json", reason="its version is another than its name's"
                )
            for delegator in [root, *(one[1] for one in chain[-1:])]:
                delegator.signed.verify_delegate("root", root.signed_bytes, root.signatures)
            chain.append((data, root))
            data = read_if_there(site.metadata(f"{version + 1}.root.json"))
    except (RepositoryError, ValueError) as error:
        raise failed("TRU887", f"{version + 1}.root.json", reason=str(error)[:200]) from error
    earlier = _earlier(site, chain[0][1].signed.version)
    return earlier + chain


def _earlier(site: Site, version: int) -> list[tuple[bytes, Metadata[Root]]]:
    """Return the roots before *version*, unjudged: nothing is verified by them, only their place is kept."""
    from tuf.api.metadata import Metadata, Root

    earlier: list[tuple[bytes, Metadata[Root]]] = []
    for number in range(1, version):
        data = read_if_there(site.metadata(f"{number}.root.json"))
        if data is None:
            raise failed("TRU887", f"{number}.root.json", reason="it is missing; roots are kept for ever")
        earlier.append((data, Metadata[Root].from_bytes(data)))
    return earlier


def _check_lists(site: Site, projects: tuple[ProjectName, ...]) -> list[Finding]:
    lists = list_bytes(projects).items() if projects else ()
    return [fault("TRU896", path) for path, data in lists if read_if_there(site.place(path)) != data]


def _check_project(site: Site, project: ProjectName, *, full: bool) -> tuple[list[Finding], int]:
    """Compare the pages with each other and with the files they name."""
    findings: list[Finding] = []
    try:
        record = load_project(site, project)
    except TruedError as error:
        return list(error.findings), 0
    if record is None:
        return [], 0
    for path, data in page_bytes(record).items():
        if read_if_there(site.place(path)) != data:
            findings.append(fault("TRU896", path))
    digests = {file.filename: (file.sha256, file.size) for file in record.files.values()}
    for path in record.targets():
        stated = digests.get(os.path.basename(path))
        findings += _check_file(site, path, stated, full=full)
    return findings, len(record.files)


def _check_file(site: Site, path: str, stated: tuple[str, int] | None, *, full: bool) -> list[Finding]:
    place = site.place(path)
    try:
        size = os.path.getsize(place)
        digest = digest_of(place)[1] if full and stated else ""
    except OSError as error:
        return [fault("TRU889", path, reason=error.strerror or type(error).__name__)]
    if stated and size != stated[1]:
        return [fault("TRU889", path, reason=f"it has {size} bytes, its page says {stated[1]}")]
    if stated and digest and digest != stated[0]:
        return [fault("TRU889", path, reason="its sha256 is another than its page says")]
    return []


def _signed_targets(state: SignedState) -> tuple[dict[str, Target], list[Finding]]:
    targets: dict[str, Target] = {}
    findings: list[Finding] = []
    for name in state.scheme.names:
        try:
            found = state.bin(name)
        except TruedError as error:
            findings += error.findings
            continue
        targets |= found
        strangers = [path for path in found if state.scheme.name_for(path) != name]
        findings += [fault("TRU887", name, reason=f"{path} belongs into another bin") for path in strangers]
    return targets, findings


def _check_targets(site: Site, targets: Mapping[str, Target], *, full: bool) -> Iterator[Finding]:
    """Compare what is signed with what a server would give under the hashed names."""
    for path, target in sorted(targets.items()):
        place = site.place(hashed_path(path, target.sha256))
        try:
            length, digest = digest_of(place) if full else (os.path.getsize(place), target.sha256)
        except OSError as error:
            yield fault("TRU889", path, reason=error.strerror or type(error).__name__)
            continue
        if (length, digest) != tuple(target):
            yield fault("TRU889", path, reason="its content is another than what was signed")


def _check_pending(site: Site, targets: Mapping[str, Target]) -> Iterator[Finding]:
    """Tell of pages that differ from the signed ones: expected ones by a warning, others by an error."""
    pending = site.pending()
    paths = {page_path(project, "json"): project for project in site.projects()}
    for path, project in paths.items():
        if targets.get(path) != digest_of(site.place(path)):
            yield warning("TRU897", path) if project in pending else fault("TRU888", path)


def _calendar(
    site: Site,
    state: SignedState,
    chain: list[tuple[bytes, Metadata[Root]]],
    *,
    lifetimes: Mapping[str, int],
    now: datetime,
) -> tuple[tuple[Due, ...], list[Finding]]:
    newest = chain[-1][1].signed.expires
    try:
        entries = calendar(site, state, root_expires=newest, lifetimes=lifetimes, now=now)
    except (OSError, ValueError):
        return (), []  # a bin that cannot be read is told already
    findings = [
        (fault if entry.expired else warning)(
            "TRU890", entry.role, expires=f"{entry.expires:%Y-%m-%d %H:%M} UTC"
        )
        for entry in entries
        if entry.soon
    ]
    return entries, findings


def _check_size(state: SignedState, targets: int) -> list[Finding]:
    """Tell when more bins would cost clients much less; too many are room to grow."""
    bits, wanted = state.scheme.bits, bits_for(targets)
    if bits >= wanted - 2:
        return []
    return [note("TRU898", "bins", have=2**bits, wanted=2**wanted, targets=targets)]


def _check_view(
    site: Site,
    root: bytes,
    projects: tuple[ProjectName, ...],
    targets: Mapping[str, Target],
    *,
    scratch: str,
) -> list[Finding]:
    """Walk through the index as a client does that has nothing but the first root."""
    from tuf.api.exceptions import DownloadError, RepositoryError

    from trued.repository.site_view import client_of

    pages = [page_path(project, "json") for project in projects[:_SEEN_BY_CLIENT]]
    wanted = [path for path in (list_path("json"), *pages) if path in targets]
    try:
        client = client_of(site, root=root, folder=scratch)
        client.refresh()
        for path in wanted:
            found = client.get_targetinfo(path)
            if found is None:
                return [fault("TRU889", path, reason="a client does not find it")]
            client.download_target(found)
    except (RepositoryError, DownloadError, ValueError) as error:
        return [fault("TRU887", "a client's view", reason=str(error)[:200])]
    return []
