"""The index client: the page of each project from the right index, and the metadata beside its files."""

from __future__ import annotations

import hashlib

from trued.core.distribution import Distribution
from trued.core.errors import OperationalError, Refused, TruedError
from trued.core.finding import Finding, Level
from trued.core.limits import Limits
from trued.core.record import Protocol, dataclass, replace
from trued.index.find_links import LinkedFiles, gather_links
from trued.index.freshness import freshness_seconds, may_be_stored
from trued.index.locations import Index
from trued.index.page import ACCEPT, parse_page
from trued.index.page_cache import CachedPage, KeptPage, PageCache
from trued.index.transport import Request, Response, Transport
from trued.index.url import is_file_url, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from trued.core.names import ProjectName
    from trued.index.locations import Locations
    from trued.index.project_page import ProjectPage

__all__ = ["IndexClient", "PageRead", "yanked_findings"]

_PAGE_STATUSES = frozenset({200, 304, 404, 410})
_ABSENT = frozenset({404, 410})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    project: ProjectName
    index: Index
    cached: CachedPage | None

    @property
    def key(self) -> str:
        return _cache_key(self.index, self.project)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRead:
    """One page that an answer rests on: whose, of which index, and where it is kept."""

    project: ProjectName
    index: str
    kept: KeptPage


class PageShelf(Protocol):
    """Where a caller of :meth:`IndexClient.iter_pages` keeps pages in a form of its own."""

    def find(self, project: ProjectName, kept_as: str) -> ProjectPage | None:
        """Return what stands for the page that *kept_as* names; it is given back as it is."""


class IndexClient:
    """Finds projects.

    Without *cache* every page is fetched; with *refresh* every kept page is asked for again. An index that
    answers neither with a page nor with "not here" stops the search: taking the next index instead would let
    an outage choose where a package comes from. Pages of indexes with an address in *signed* are always asked
    for: the transport knows whether what it keeps of them is what is signed now.
    """

    def __init__(
        self,
        transport: Transport,
        locations: Locations,
        *,
        cache: PageCache | None = None,
        refresh: bool = False,
        limits: Limits | None = None,
        signed: frozenset[str] = frozenset(),
    ) -> None:
        self._transport = transport
        self._signed = signed
        self._locations = locations
        self._cache = cache
        self._refresh = refresh
        self._limits = limits or Limits()
        self._links: LinkedFiles | None = None
        self._read: dict[str, _Question] = {}
        self._untraced = False
        self._elsewhere: Callable[[], tuple[PageRead, ...] | None] | None = None

    def is_read_elsewhere(self, read: Callable[[], tuple[PageRead, ...] | None]) -> None:
        """Have *read* tell, once all is answered, which kept pages were read by others for this client."""
        self._elsewhere = read

    @property
    def rests_on(self) -> tuple[PageRead, ...] | None:
        """The kept pages that every answer so far rests on; ``None`` when one rests on something else.

        That is a page that was not kept, a folder of links, or that an index does not have a project.
        """
        if self._cache is None or self._untraced or self._locations.find_links:
            return None
        others = self._elsewhere() if self._elsewhere is not None else ()
        if others is None:
            return None
        found = [*others]
        for key, question in self._read.items():
            kept = self._cache.kept(key)
            if kept is None:
                return None
            found.append(PageRead(project=question.project, index=question.index.url, kept=kept))
        return tuple(found)

    def are_unchanged(self, pages: Iterable[tuple[ProjectName, str, str]]) -> bool:
        """Tell whether each page, (project, index, sha256 as sent), is what it was; ask where it is stale.

        Pages that arrive are kept, so that nobody has to ask again.
        """
        if self._cache is None:
            return False
        wanted: dict[str, str] = {}
        requests = []
        for project, address, sent in pages:
            index = Index(address)
            key = _cache_key(index, project)
            cached = self._cache.load(key) if address not in self._signed else None
            wanted[key] = sent
            if cached is None or cached.sent != sent:
                return False
            self._read[key] = _Question(project=project, index=index, cached=cached)
            if not self._is_usable(cached):
                requests.append(self._request(self._read[key]))
        alike = True
        for request, outcome in self._transport.fetch_all(requests) if requests else ():
            question = request.token
            if isinstance(question, _Question):
                alike &= self._is_still(question, outcome, wanted[question.key])
        return alike

    def _is_still(self, question: _Question, outcome: Response | OperationalError, sent: str) -> bool:
        if isinstance(outcome, OperationalError) or outcome.status in _ABSENT:
            return False
        return self._kept(question, outcome).sent == sent

    def pages(
        self,
        projects: Iterable[ProjectName],
        *,
        arrived: Callable[[ProjectName, ProjectPage], object] = lambda _project, _page: None,
    ) -> dict[ProjectName, ProjectPage]:
        """Return the page of each project; one that no location has is left out.

        *arrived* is called with each page as soon as it is there.

        Raises :class:`OperationalError` with the findings of every page that could not be had.
        """
        found: dict[ProjectName, ProjectPage] = {}
        problems: list[OperationalError] = []
        for project, outcome in self.iter_pages(projects):
            if isinstance(outcome, OperationalError):
                problems.append(outcome)
            elif outcome is not None:
                found[project] = outcome
                arrived(project, outcome)
        if problems:
            raise _joined(problems)
        return found

    def iter_pages(
        self, projects: Iterable[ProjectName], *, shelf: PageShelf | None = None
    ) -> Iterator[tuple[ProjectName, ProjectPage | OperationalError | None]]:
        """Yield each project's page, error, or ``None`` when no location has it, as they arrive.

        A page that the *shelf* has is not read. Raises :class:`OperationalError` when a find-links location
        cannot be read.
        """
        links = self._linked_files()
        if self._locations.merge or self._locations.find_links:
            shelf = None
        waiting = {project: list(self._locations.indexes_for(project)) for project in projects}
        found: dict[ProjectName, ProjectPage] = {}
        while waiting:
            for project in [project for project, indexes in waiting.items() if not indexes]:
                del waiting[project]
                yield project, _with_links(found.get(project), links.page(project))
            for project, outcome in self._ask(
                ((project, indexes.pop(0)) for project, indexes in waiting.items()), shelf
            ):
                if isinstance(outcome, OperationalError):
                    del waiting[project]
                    yield project, outcome
                elif outcome is not None and not self._locations.merge:
                    del waiting[project]
                    yield project, _with_links(outcome, links.page(project))
                elif outcome is not None:
                    found[project] = found[project].merged(outcome) if project in found else outcome

    def is_kept(self, project: ProjectName) -> bool:
        """Tell whether the page of *project* may be used as it is kept, so that no index will be asked."""
        index = next(iter(self._locations.indexes_for(project)), None)
        if index is None or self._cache is None or index.url in self._signed:
            return False
        head = self._cache.head(_cache_key(index, project))
        return head is not None and self._is_usable(head)

    def absence(self, project: ProjectName) -> Finding:
        """Return the finding that no location has *project*, naming where it was looked for."""
        places = [index.url for index in self._locations.indexes_for(project)] + list(
            self._locations.find_links
        )
        return Finding(code="TRU352", subject=project, values={"places": ", ".join(places) or "nowhere"})

    def metadata(self, files: Iterable[Distribution]) -> Iterator[tuple[Distribution, bytes | TruedError]]:
        """Yield the metadata beside each of *files* (PEP 658), compared with every digest the page states.

        The error is :class:`OperationalError` when it could not be had and :class:`Refused` when it is not
        what the page states. Only for files whose ``metadata`` is not ``None``.
        """
        requests = [
            Request(
                url=f"{file.url}.metadata",
                max_bytes=self._limits.metadata_bytes,
                subject=file.filename,
                token=file,
            )
            for file in files
        ]
        for request, outcome in self._transport.fetch_all(requests):
            file = request.token
            if isinstance(file, Distribution):
                yield file, outcome if isinstance(outcome, OperationalError) else _metadata(file, outcome)

    def _linked_files(self) -> LinkedFiles:
        if self._links is None:
            self._links = gather_links(self._locations.find_links, self._transport, limits=self._limits)
        return self._links

    def _ask(
        self, wanted: Iterable[tuple[ProjectName, Index]], shelf: PageShelf | None
    ) -> Iterator[tuple[ProjectName, ProjectPage | OperationalError | None]]:
        """Ask one index for each project, the cache first."""
        requests = []
        for project, index in list(wanted):
            shelved = self._shelved(project, index, shelf)
            if shelved is not None:
                yield project, shelved
                continue
            is_kept = self._cache is not None and index.url not in self._signed
            cached = self._cache.load(_cache_key(index, project)) if self._cache and is_kept else None
            asked = _Question(project=project, index=index, cached=cached)
            self._read[asked.key] = asked
            if cached is not None and self._is_usable(cached):
                yield project, _parsed(cached, project, index)
            else:
                requests.append(self._request(asked))
        for request, outcome in self._transport.fetch_all(requests) if requests else ():
            question = request.token
            if isinstance(question, _Question):
                yield question.project, self._answered(question, outcome, shelf)

    def _shelved(self, project: ProjectName, index: Index, shelf: PageShelf | None) -> ProjectPage | None:
        """Return what *shelf* has for the kept page, where that may be used unasked."""
        if shelf is None or self._cache is None or index.url in self._signed:
            return None
        question = _Question(project=project, index=index, cached=None)
        head = self._cache.head(question.key)
        if head is None or not self._is_usable(head):
            return None
        found = shelf.find(project, _kept_as(head, index))
        if found is not None:
            self._read[question.key] = question
        return found

    def _is_usable(self, cached: CachedPage) -> bool:
        return self._cache is not None and not self._refresh and cached.is_fresh(self._cache.now())

    def _request(self, question: _Question) -> Request:
        headers = [("Accept", ACCEPT)]
        if self._refresh or question.cached is None:
            headers.append(("Cache-Control", "max-age=0"))
        if question.cached is not None and question.cached.etag:
            headers.append(("If-None-Match", question.cached.etag))
        if question.cached is not None and question.cached.last_modified:
            headers.append(("If-Modified-Since", question.cached.last_modified))
        return Request(
            url=question.index.page_url(question.project),
            max_bytes=self._limits.page_bytes,
            subject=question.project,
            headers=tuple(headers),
            expected=_PAGE_STATUSES,
            token=question,
        )

    def _answered(
        self, question: _Question, outcome: Response | OperationalError, shelf: PageShelf | None
    ) -> ProjectPage | OperationalError | None:
        if isinstance(outcome, OperationalError):
            return outcome
        if outcome.status in _ABSENT:
            self._untraced = True
            return None
        page = self._kept(question, outcome)
        known = _kept_as(page, question.index)
        found = shelf.find(question.project, known) if shelf is not None and known else None
        return found or _parsed(page, question.project, question.index)

    def _kept(self, question: _Question, response: Response) -> CachedPage:
        """Return the page an answer stands for, and keep it when that is allowed."""
        now = self._cache.now() if self._cache else 0.0
        known = _revalidated(question.cached, response, now)
        page = known or _new_page(response, now)
        is_signed = question.index.url in self._signed
        if (
            self._cache
            and not is_signed
            and may_be_stored(response.headers)
            and not is_file_url(response.url)
        ):
            page = self._cache.keep(question.key, page, digest="" if known else page.sent)
        else:
            self._untraced = True
        return page


def _joined(problems: list[OperationalError]) -> OperationalError:
    """Return all problems as one, of the kind that all of them are of, each finding once."""
    kinds = {type(problem) for problem in problems}
    kind = kinds.pop() if len(kinds) == 1 else OperationalError
    findings = {id(finding): finding for problem in problems for finding in problem.findings}
    return kind(*findings.values())


def _cache_key(index: Index, project: ProjectName) -> str:
    return f"{index.url} {project} {ACCEPT}"


def _revalidated(cached: CachedPage | None, response: Response, now: float) -> CachedPage | None:
    if response.status != 304 or cached is None:
        return None
    return replace(
        cached,
        fetched=now,
        fresh_seconds=freshness_seconds(response.headers),
        private=response.authenticated,
        etag=response.headers.get("etag", cached.etag),
    )


def _new_page(response: Response, now: float) -> CachedPage:
    content_type = response.headers.get("content-type", "")
    return CachedPage(
        url=response.url,
        content_type="text/html" if is_file_url(response.url) else content_type,
        etag=response.headers.get("etag", ""),
        last_modified=response.headers.get("last-modified", ""),
        fetched=now,
        fresh_seconds=freshness_seconds(response.headers),
        private=response.authenticated,
        body=response.body,
        sent=hashlib.sha256(response.body).hexdigest(),
    )


def _parsed(page: CachedPage, project: ProjectName, index: Index) -> ProjectPage | OperationalError:
    try:
        read = parse_page(
            page.body, content_type=page.content_type, url=page.url, project=project, index=index.url
        )
    except OperationalError as error:
        return error
    read.kept_as = _kept_as(page, index)
    return read


def _kept_as(page: CachedPage, index: Index) -> str:
    """Return what names all that a page is read from; empty for one that is not kept, or got by a login."""
    if page.private or not page.digest:
        return ""
    return f"{page.digest} {page.content_type} {page.url} {index.url}"


def _with_links(page: ProjectPage | None, links: ProjectPage | None) -> ProjectPage | None:
    if page is None or links is None:
        return page or links
    return page.merged(links)


def _metadata(file: Distribution, response: Response) -> bytes | TruedError:
    for digest in file.metadata or ():
        computed = hashlib.new(digest.algorithm, response.body, usedforsecurity=False).hexdigest()
        if computed != digest.value:
            values = {
                "url": shown(response.url),
                "stated": str(digest),
                "computed": f"{digest.algorithm}:{computed}",
            }
            return Refused(Finding(code="TRU351", subject=file.filename, values=values))
    return response.body


def yanked_findings(files: Iterable[Distribution]) -> tuple[Finding, ...]:
    """Return a warning for each of *files* that its index has yanked (PEP 592), with the reason given."""
    return tuple(
        Finding(
            code="TRU349",
            level=Level.WARNING,
            subject=file.filename,
            values={"index": file.index, "reason": file.yanked[:400] or "no reason given"},
        )
        for file in files
        if file.yanked is not None
    )
