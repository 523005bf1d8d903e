"""The OSV service: releases in batches, pages of their answers, then the records themselves. No I/O here.

Source: the API of OSV (``POST /v1/querybatch``: at most 1,000 queries, answers in their order with ids only
and a token when there is a further page; ``GET /v1/vulns/ID``). The service's answer is checked against the
record: a release that the record itself does not affect is told as undecided.
"""

from __future__ import annotations

from trued.advisories.document import parse_record
from trued.advisories.evaluation import ComparedVersion
from trued.advisories.matching import (
    Indeterminate,
    Match,
    NotAffected,
    Reason,
    entries_of,
    fixes,
    judge_entries,
)
from trued.advisories.record import InvalidRecord
from trued.advisories.service import ServiceRequest, parsed_object
from trued.advisories.tables import Ready
from trued.advisories.version_key import version_key
from trued.core.errors import OperationalError
from trued.core.finding import Finding
from trued.core.record import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trued.advisories.record import Record
    from trued.advisories.subject import AuditSubject

__all__ = ["DEFAULT_OSV_URL", "QUERIES_A_BATCH", "OsvAudit"]

DEFAULT_OSV_URL = "https://api.osv.dev"
"""Where the service is, unless the setting says otherwise."""

_PATHS = ("/v1/query", "/v1/querybatch", "/v1")
"""Where pip-audit's ``--osv-url`` leads to, and what else people copy."""

QUERIES_A_BATCH = 1000
_PAGES = 100
"""Pages followed for one release; more is no answer but a loop."""

_CODE = "TRU820"
_ID_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:")


@dataclass(frozen=True, slots=True)
class _Query:
    """One release in a batch. Without ``version`` every record of the project is meant."""

    subject: AuditSubject
    version: str
    token: str = ""
    page: int = 1

    def as_json(self) -> dict[str, object]:
        query: dict[str, object] = {"package": {"name": self.subject.project, "ecosystem": "PyPI"}}
        if self.version:
            query["version"] = self.version
        if self.token:
            query["page_token"] = self.token
        return query


def _base_of(url: str) -> str:
    base = url.rstrip("/")
    return next((base.removesuffix(path) for path in _PATHS if base.endswith(path)), base)


class OsvAudit:
    """One look-up of many releases.

    Send all of :meth:`requests` (in parallel), give every answer to :meth:`take`, and again until there is no
    request left; then :meth:`matches` has the result.
    """

    def __init__(self, subjects: Iterable[AuditSubject], *, url: str = DEFAULT_OSV_URL) -> None:
        self._url = _base_of(url)
        self._subjects = tuple(dict.fromkeys(subjects))
        self._open: dict[ServiceRequest, tuple[_Query, ...] | str] = {}
        self._named: dict[tuple[AuditSubject, str], bool] = {}
        self._records: dict[str, Record] = {}
        self._ready = Ready()
        self._ask([query for subject in self._subjects for query in _queries(subject)])

    def requests(self) -> tuple[ServiceRequest, ...]:
        """Return every request that has no answer yet."""
        return tuple(self._open)

    def take(self, request: ServiceRequest, *, status: int, body: bytes) -> None:
        """Take the answer to one of the requests.

        Raises :class:`OperationalError` (TRU820) for a status other than 200 and for an answer that is short,
        cut off, about something else or not to be understood.
        """
        meant = self._open[request]
        if status != 200:
            raise _unusable(request.url, f"its status is {status}")
        if isinstance(meant, str):
            self._records[meant] = _record(meant, request.url, body)
            del self._open[request]
            return
        more = self._take_batch(meant, request.url, body)
        del self._open[request]
        self._ask(more)

    def matches(self) -> tuple[Match, ...]:
        """Return what affects, or may affect, the releases, in their order. All requests must be answered."""
        if self._open:
            raise ValueError("requests are left without an answer")
        by_subject: dict[AuditSubject, list[Match]] = {subject: [] for subject in self._subjects}
        for (subject, identifier), is_of_version in self._named.items():
            match = self._match(subject, self._records[identifier], is_of_version=is_of_version)
            if match is not None:
                by_subject[subject].append(match)
        return tuple(match for found in by_subject.values() for match in found)

    def _match(self, subject: AuditSubject, record: Record, *, is_of_version: bool) -> Match | None:
        """Judge a record that the service named, for exactly this version or for what was asked besides."""
        if record.withdrawn:
            return None
        project = subject.project
        entries = entries_of(record, project, entry_of=self._ready.__getitem__)
        verdict = judge_entries(entries, ComparedVersion(subject.version))
        if isinstance(verdict, NotAffected):
            if not is_of_version:
                return None
            verdict = Indeterminate(Reason.SERVICE)
        fixed_in = fixes(record, project, subject.version, entries=entries)
        return Match(subject=subject, record=record, verdict=verdict, fixed_in=fixed_in)

    def records(self) -> tuple[Record, ...]:
        """Return every record that was fetched: those of aliases rate the others."""
        return tuple(self._records.values())

    def _ask(self, queries: list[_Query]) -> None:
        import json

        for start in range(0, len(queries), QUERIES_A_BATCH):
            batch = tuple(queries[start : start + QUERIES_A_BATCH])
            body = json.dumps({"queries": [query.as_json() for query in batch]}, separators=(",", ":"))
            self._open[ServiceRequest(url=f"{self._url}/v1/querybatch", body=body.encode())] = batch

    def _take_batch(self, queries: tuple[_Query, ...], url: str, body: bytes) -> list[_Query]:
        results = parsed_object(body, code=_CODE, subject=url).get("results")
        if not isinstance(results, list) or len(results) != len(queries):
            raise _unusable(url, "it does not have one result for each release")
        more: list[_Query] = []
        named: dict[tuple[AuditSubject, str], bool] = {}
        for query, result in zip(queries, results, strict=True):
            for identifier in _identifiers(result, url):
                key = query.subject, identifier
                named[key] = named.get(key, False) or query.version == query.subject.version
            token = result.get("next_page_token")
            if token:
                more.append(_next_page(query, token, url))
        self._named |= {key: value or self._named.get(key, False) for key, value in named.items()}
        for _, identifier in named:
            if identifier not in self._records:
                self._open.setdefault(ServiceRequest(url=f"{self._url}/v1/vulns/{identifier}"), identifier)
        return more


def _queries(subject: AuditSubject) -> Iterator[_Query]:
    """Ask for the version, for its public one beside a local label, and for all where it is no version."""
    if version_key(subject.version) is None:
        yield _Query(subject, "")
        return
    yield _Query(subject, subject.version)
    public, plus, _ = subject.version.partition("+")
    if plus:
        yield _Query(subject, public)


def _identifiers(result: object, url: str) -> Iterator[str]:
    named = result.get("vulns", []) if isinstance(result, dict) else None
    if not isinstance(named, list):
        raise _unusable(url, "a result is not of the form that the service documents")
    for each in named:
        identifier = each.get("id") if isinstance(each, dict) else None
        if not isinstance(identifier, str) or not identifier or not _ID_CHARACTERS.issuperset(identifier):
            raise _unusable(url, "a result names no record")
        yield identifier


def _next_page(query: _Query, token: object, url: str) -> _Query:
    if not isinstance(token, str) or token == query.token or query.page >= _PAGES:
        raise _unusable(url, f"its pages for {query.subject.project} do not end")
    return replace(query, token=token, page=query.page + 1)


def _record(identifier: str, url: str, body: bytes) -> Record:
    try:
        record = parse_record(body)
    except InvalidRecord as error:
        raise _unusable(url, f"the record cannot be read ({error.detail})") from error
    if record.id != identifier:
        raise _unusable(url, "the record is another one")
    return record


def _unusable(url: str, detail: str) -> OperationalError:
    return OperationalError(Finding(code=_CODE, subject=url, values={"detail": detail}))
