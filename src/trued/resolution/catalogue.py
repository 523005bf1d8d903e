"""The catalogue: what the indexes offer, fetched ahead in the background, as the solver's package source.

One :class:`Catalogue` serves a run; each target looks at it through an :class:`IndexSource` of its own, so
that a page and a file's metadata are fetched and read once however many targets there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from trued.core.finding import Finding, Level
from trued.core.limits import Limits
from trued.core.record import replace
from trued.policy.candidates import FileJudge, TargetFit
from trued.policy.cooldown import read_upload_time
from trued.policy.look_alike import look_alike_finding
from trued.resolution.candidates import admitted_facts, judged_listing
from trued.resolution.dependency import DependencyReader
from trued.resolution.errand import Crew, Errand
from trued.resolution.follow import Follower
from trued.resolution.listing import Exclusion
from trued.resolution.listing_shelf import ListedPage
from trued.resolution.metadata import MetadataReader
from trued.resolution.metadata_text import NEEDS_BUILD
from trued.resolution.page_fetch import fetched_releases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from types import TracebackType

    from packaging.version import Version

    from trued.core.distribution import Distribution
    from trued.core.names import ProjectName
    from trued.index.client import IndexClient
    from trued.index.transport import Transport
    from trued.policy.candidates import CandidateRules
    from trued.policy.look_alike import KnownNames
    from trued.resolution.candidates import Advice
    from trued.resolution.listing import Listing
    from trued.resolution.listing_shelf import ListingShelf
    from trued.resolution.metadata_cache import MetadataCache
    from trued.resolution.page_process import PageProcess
    from trued.resolution.releases import Releases
    from trued.resolution.source import CandidateMetadata
    from trued.resolution.target import Target

__all__ = ["Catalogue", "IndexSource"]


class Catalogue:
    """Pages and metadata of one run, each had once, shared by all targets.

    A context manager: leaving it ends the fetching ahead, whatever happened. Pages that nobody has fresh are
    asked of *process*, where there is one.
    """

    def __init__(
        self,
        client: IndexClient,
        transport: Transport,
        *,
        cache: MetadataCache | None = None,
        shelf: ListingShelf | None = None,
        limits: Limits | None = None,
        process: PageProcess | None = None,
    ) -> None:
        bounds = limits or Limits()
        self._process = process
        self._kept_here: dict[ProjectName, bool] = {}
        self._shelf = shelf
        self._client = client
        self._reader = MetadataReader(client, transport, cache=cache, limits=bounds)
        self._crew = Crew(bounds.connections)
        # Asked for no project, the client reads the find-links locations, which all projects share.
        self._links = Errand(lambda: list(client.iter_pages([])))
        self._pages: dict[ProjectName, Errand[Releases]] = {}
        self._metadata: dict[tuple[str, str, str], Errand[CandidateMetadata | Exclusion]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Fetch nothing further ahead; what is asked for is still fetched."""
        if self._process is not None:
            self._process.finish()
        self._crew.close()

    def begin(self, projects: Iterable[ProjectName]) -> None:
        """Begin to fetch the pages of *projects*."""
        for project in projects:
            if project in self._pages:
                continue
            errand = self._page(project)
            process = self._asked(project)
            if process is not None:
                process.begin(project)
            else:
                self._crew.begin(errand)

    def begin_work(self, work: Callable[[], None]) -> None:
        """Have *work* done in the background; it is left out when the run ends before."""
        self._crew.begin(Errand(work))

    def begin_with_page(self, project: ProjectName, work: Callable[[], None]) -> None:
        """Have *work*, which needs the page of *project*, done in the background."""
        process = self._asked(project)
        if process is not None:
            process.after(project, lambda: self.begin_work(work))
        else:
            self.begin_work(work)

    def releases(self, project: ProjectName) -> Releases:
        """Return the releases of *project*, none when no location has it. Raises OperationalError."""
        return self._page(project).result()

    def begin_metadata(self, file: Distribution) -> None:
        """Begin to fetch the metadata of *file*, unless it is on disk already."""
        known = _key(file) in self._metadata
        errand = self._metadata_of(file)
        if not known and not self._reader.is_kept(file):
            self._crew.begin(errand)

    def is_kept(self, file: Distribution) -> bool:
        """Tell whether the metadata of *file* is on disk, so that nobody has to wait for it."""
        return self._reader.is_kept(file)

    def metadata(self, file: Distribution) -> CandidateMetadata | Exclusion:
        """Return what *file* says of itself. Raises OperationalError and Refused."""
        return self._metadata_of(file).result()

    def _page(self, project: ProjectName) -> Errand[Releases]:
        errand = self._pages.get(project)
        if errand is None:
            errand = self._pages.setdefault(project, Errand(lambda: self._fetched(project)))
        return errand

    def _asked(self, project: ProjectName) -> PageProcess | None:
        """Return the process, if there is one and it is to be asked for the page of *project*.

        Decided once: what the process keeps is then there for others, too.
        """
        if self._process is None:
            return None
        if project not in self._kept_here:
            self._kept_here.setdefault(project, self._client.is_kept(project))
        return None if self._kept_here[project] else self._process

    def _fetched(self, project: ProjectName) -> Releases:
        process = self._asked(project)
        releases = process.releases(project) if process is not None else None
        if releases is not None:
            return releases
        self._links.result()
        releases = fetched_releases(self._client, project, self._shelf)
        if self._shelf is not None and not isinstance(releases.page, ListedPage):
            self._shelf.keep(releases)
        return releases

    def _metadata_of(self, file: Distribution) -> Errand[CandidateMetadata | Exclusion]:
        key = _key(file)
        errand = self._metadata.get(key)
        if errand is None:
            errand = self._metadata.setdefault(key, Errand(lambda: self._reader.read(file)))
        return errand


class IndexSource:
    """A :class:`~trued.resolution.source.PackageSource` for one target over a shared catalogue.

    ``known_names`` are the names that others may be mistaken for. ``advice`` adds reasons against releases.
    ``built`` asks the backend of an sdist that does not state its metadata, once however often it is
    called; it is never asked ahead.
    *reader* reads requirements for who asks this source, too.
    What it fetches ahead it follows: see :class:`~trued.resolution.follow.Follower`. To be used from one
    thread; the follower's threads ask for listings and speakers only.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        target: Target,
        rules: CandidateRules,
        known_names: KnownNames | None = None,
        advice: Advice | None = None,
        built: Callable[[Distribution], CandidateMetadata | Exclusion] | None = None,
        reader: DependencyReader | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._built = built
        self._rules = rules
        self._fit = TargetFit(
            ranks={tag: rank for rank, tag in reversed([*enumerate(target.tags)])},
            python=target.python_full_version,
        )
        self._known_names = known_names
        self._advice = advice
        self._listings: dict[ProjectName, Errand[Listing]] = {}
        self._judges: dict[ProjectName, FileJudge] = {}
        self._look_alikes: dict[ProjectName, Finding] = {}
        self._chosen: dict[tuple[ProjectName, Version], Distribution | None] = {}
        self._follower = Follower(self, catalogue, reader or DependencyReader(target))

    def prefetch(self, projects: Iterable[ProjectName]) -> None:
        """Begin to fetch the pages of *projects*."""
        self._catalogue.begin(projects)

    def listing(self, project: ProjectName) -> Listing:
        """Return the judged releases of *project*, none when no location has it. Raises OperationalError."""
        errand = self._listings.get(project)
        if errand is None:
            errand = self._listings.setdefault(project, Errand(lambda: self._judged(project)))
        return errand.result()

    def _judged(self, project: ProjectName) -> Listing:
        releases = self._catalogue.releases(project)
        return judged_listing(
            releases, self._judge(project), against=self._against(releases), advice=self._advice
        )

    def prefetch_metadata(self, wanted: Iterable[tuple[ProjectName, Version]]) -> None:
        """Begin to fetch the metadata of the releases *wanted*."""
        for project, version in wanted:
            file = self.speaker(project, version)
            if file is not None:
                self._catalogue.begin_metadata(file)
                self._follower.follow(file)

    def metadata(self, project: ProjectName, version: Version) -> CandidateMetadata | Exclusion:
        """Return what the release says of itself, or why that cannot be had without running its code.

        Raises:
            OperationalError: a server could not be reached.
            Refused: metadata or file differ from the digest that the index states.

        """
        file = self.speaker(project, version)
        if file is None:
            return Exclusion("no-file", "none of its files can be read from its page")
        found = self._catalogue.metadata(file)
        if self._built is None or not isinstance(found, Exclusion) or found.reason != NEEDS_BUILD:
            return found
        return self._built(file)

    def speaker(self, project: ProjectName, version: Version) -> Distribution | None:
        """Return the file that speaks for the release: the best fitting wheel, any wheel, or an sdist."""
        key = (project, version)
        if key not in self._chosen:
            self._chosen[key] = self._choose(project, version)
        return self._chosen[key]

    def findings(self, projects: Iterable[ProjectName]) -> tuple[Finding, ...]:
        """Return what is to be told of *projects*: their status (PEP 792), and names like others'."""
        found: list[Finding] = []
        for project in projects:
            self.listing(project)
            found.extend(self._notes(self._catalogue.releases(project)))
            if project in self._look_alikes:
                found.append(self._look_alikes[project])
        return tuple(found)

    def holds_until(self, now: datetime) -> datetime | None:
        """Return when time alone may change an answer given so far; ``None`` when it changes none.

        What is told of a young project with a name like another's is told with its age: it holds for no time.
        Where no age is known it is a note.
        """
        young = any(finding.level is not Level.NOTE for finding in self._look_alikes.values())
        if young:
            return now
        moments = [judge.holds_until for judge in self._judges.values()]
        return min((moment for moment in moments if moment is not None), default=None)

    def _notes(self, releases: Releases) -> tuple[Finding, ...]:
        """Return what the page itself gives to tell; an excepted quarantine no longer refuses."""
        page = releases.page
        if page is None:
            return ()
        if page.status != "quarantined" or not self._excepted(releases.project, "quarantined"):
            return page.notes
        return tuple(
            replace(note, level=Level.WARNING) if note.level is Level.ERROR else note for note in page.notes
        )

    def _judge(self, project: ProjectName) -> FileJudge:
        judge = self._judges.get(project)
        if judge is None:
            judge = self._judges[project] = FileJudge(project, self._rules, self._fit)
        return judge

    def _choose(self, project: ProjectName, version: Version) -> Distribution | None:
        judge = self._judge(project)
        release = self._catalogue.releases(project).release(version)
        ranked = []
        for position, facts in admitted_facts(release, judge):
            rank = self._fit.rank(facts.tags) if facts.tags else None
            ranked.append((not facts.tags, rank is None, rank or 0, position))
        files = (release.file(position) for *_, position in sorted(ranked))
        return next((file for file in files if file is not None), None)

    def _against(self, releases: Releases) -> Exclusion | None:
        """Return what rules out the whole project: quarantine (PEP 792), or a young look-alike in strict."""
        page = releases.page
        if page is None:
            return None
        if page.status == "quarantined" and not self._excepted(releases.project, "quarantined"):
            return Exclusion(
                "quarantined", f"quarantined by {page.index}: {page.status_reason[:300] or 'no reason given'}"
            )
        return self._mistakable(releases)

    def _mistakable(self, releases: Releases) -> Exclusion | None:
        likeness = self._known_names.likeness(releases.project) if self._known_names is not None else None
        if likeness is None or self._excepted(releases.project, "look-alike"):
            return None
        finding = look_alike_finding(
            releases.project,
            likeness,
            first_upload=read_upload_time(releases.first_upload),
            now=self._rules.now,
            level=self._rules.level,
        )
        if finding is None:
            return None
        self._look_alikes[releases.project] = finding
        if finding.level is not Level.ERROR:
            return None
        values = finding.values
        return Exclusion(
            "look-alike", f"its name {values['how']} from {values['known']}, and it is {values['age']}"
        )

    def _excepted(self, project: ProjectName, rule: str) -> bool:
        return self._rules.exceptions.admits(project, rule)


def _key(file: Distribution) -> tuple[str, str, str]:
    return file.index, file.url, file.filename
