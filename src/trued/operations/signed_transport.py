"""A transport that gives what lies below the base of a signed index as a target only, and verified.

It stands before the run's transport, so that pages, sidecars, provenance and files all pass it, whoever asks
for them: there is no road around it to the same server.
"""

from __future__ import annotations

import hashlib
import os

from trued.core.errors import OperationalError
from trued.core.finding import Finding
from trued.core.record import dataclass, replace
from trued.index.transport import Download, Downloaded, DownloadFailed, Request, Response
from trued.operations.signed_indexes import no_target, other_bytes
from trued.proof.tuf.unproven import IndexUnproven

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from trued.core.limits import Limits
    from trued.index.transport import Progress, Transport
    from trued.operations.signed_indexes import SignedIndex, SignedIndexes
    from trued.proof.tuf.target import Target

__all__ = ["SignedTransport", "TargetRefused", "failure_of", "seconds_for"]

_PAGES = (
    ("index.json", "application/vnd.pypi.simple.v1+json"),
    ("index.html", "text/html"),
)
_ABSENT = frozenset({404, 410})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Asked:
    """A request for something of a signed index, and the target it means."""

    request: Request
    index: SignedIndex
    paths: tuple[str, ...]


class TargetRefused(DownloadFailed):
    """What arrived is not what is signed, or nothing is: a refusal, exit status 1."""

    exit_status = 1


class SignedTransport:
    """A :class:`~trued.index.transport.Transport` over *inner* that knows the signed indexes.

    Small targets are kept below *cache*, by their digest, and verified each time; empty keeps none.
    """

    def __init__(
        self, inner: Transport, signed: Callable[[], SignedIndexes], *, limits: Limits, cache: str
    ) -> None:
        self._inner = inner
        self._signed = signed
        self._limits = limits
        self._cache = cache

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was noticed on the way."""
        return self._inner.findings

    def close(self) -> None:
        """Close idle connections."""
        self._inner.close()

    def fetch(self, request: Request) -> Response:
        """Return the answer to one request. Raises :class:`OperationalError`."""
        ((_, outcome),) = self.fetch_all([request])
        if isinstance(outcome, OperationalError):
            raise outcome
        return outcome

    def fetch_all(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Response | OperationalError]]:
        """Yield each request with its answer or error; those of signed indexes first."""
        plain, signed = [], []
        for request in requests:
            index = self._signed().of_url(request.url)
            if index is None:
                plain.append(request)
            else:
                signed.append(_Asked(request=request, index=index, paths=_paths(index, request.url)))
        if signed:
            yield from self._fetched(signed)
        if plain:
            yield from self._inner.fetch_all(plain)

    def _fetched(self, asked: Sequence[_Asked]) -> Iterator[tuple[Request, Response | OperationalError]]:
        """Look for all targets together, then fetch those that are not kept."""
        wanted = []
        for one, found in self._targets(asked):
            if isinstance(found, OperationalError):
                yield one.request, found
                continue
            answer = self._without_network(one, found)
            if answer is not None:
                yield one.request, answer
            elif found is not None:
                wanted.append(self._request(one, found))
        for request, outcome in self._inner.fetch_all(wanted) if wanted else ():
            if isinstance(request.token, _Expected):
                yield request.token.asked.request, self._verified(request.token, outcome)

    def _targets(self, asked: Sequence[_Asked]) -> Iterator[tuple[_Asked, Target | OperationalError | None]]:
        """Yield what is signed of each; where a page in JSON is not, the one in HTML is looked for."""
        waiting = [(one, 0) for one in asked]
        while waiting:
            later = []
            answers = self._looked_up([(one.index, one.paths[at]) for one, at in waiting if one.paths])
            for one, at in waiting:
                if not one.paths:
                    yield one, IndexUnproven(_outside(one.index, one.request.subject, one.request.url))
                    continue
                found = answers[id(one.index), one.paths[at]]
                if found is None and at + 1 < len(one.paths):
                    later.append((one, at + 1))
                else:
                    yield one, found
            waiting = later

    def _looked_up(
        self, wanted: Sequence[tuple[SignedIndex, str]]
    ) -> dict[tuple[int, str], Target | OperationalError | None]:
        by_index: dict[int, tuple[SignedIndex, list[str]]] = {}
        for index, path in wanted:
            by_index.setdefault(id(index), (index, []))[1].append(path)
        answers: dict[tuple[int, str], Target | OperationalError | None] = {}
        for key, (index, paths) in by_index.items():
            try:
                found = index.client.targets(paths)
            except OperationalError as error:
                answers |= {(key, path): error for path in paths}
            else:
                answers |= {(key, path): found[path] for path in paths}
        return answers

    def _without_network(self, asked: _Asked, target: Target | None) -> Response | OperationalError | None:
        """Return the answer that needs no request: there is none, it is no body, or it is kept."""
        request = asked.request
        if target is None:
            absent = min(_ABSENT & request.expected, default=0)
            if absent:
                return Response(url=request.url, status=absent)
            return IndexUnproven(no_target(asked.index.name, request.subject))
        if any(name.lower() == "range" for name, _ in request.headers) and 416 in request.expected:
            return Response(url=request.url, status=416)  # no digest covers a part of a file
        if target.length > request.max_bytes:
            values = {"role": target.path}
            return IndexUnproven(Finding(code="TRU860", subject=asked.index.name, values=values))
        kept = self._kept(target)
        return _response(request, target, kept) if kept is not None else None

    def _request(self, asked: _Asked, target: Target) -> Request:
        return Request(
            url=asked.index.base + target.address,
            max_bytes=target.length,
            subject=asked.request.subject,
            seconds=seconds_for(target, self._limits),
            token=_Expected(asked=asked, target=target),
        )

    def _verified(
        self, expected: _Expected, outcome: Response | OperationalError
    ) -> Response | OperationalError:
        asked, target = expected.asked, expected.target
        if isinstance(outcome, OperationalError):
            return failure_of(outcome, asked.index.name, target)
        digests = _digests(target, outcome.body)
        if len(outcome.body) != target.length or not target.admits(digests):
            found = other_bytes(
                asked.index.name,
                asked.request.subject or target.path,
                target,
                digests,
                size=len(outcome.body),
            )
            return IndexUnproven(found)
        self._keep(target, outcome.body)
        return replace(_response(asked.request, target, outcome.body), authenticated=outcome.authenticated)

    def _path(self, target: Target) -> str:
        sha256 = target.hashes.get("sha256", "")
        return os.path.join(self._cache, sha256[:2], sha256) if self._cache and sha256 else ""

    def _kept(self, target: Target) -> bytes | None:
        from trued.core.private_file import private_bytes

        path = self._path(target)
        body = private_bytes(path) if path else None
        holds = body is not None and len(body) == target.length and target.admits(_digests(target, body))
        return body if holds else None

    def _keep(self, target: Target, body: bytes) -> None:
        from trued.core.private_file import write_private

        path = self._path(target)
        if path:
            write_private(path, (body,))

    def download_all(
        self, downloads: Iterable[Download], *, progress: Progress | None = None
    ) -> Iterator[Downloaded | DownloadFailed]:
        """Yield each download's outcome as it completes; a file that is not as signed leaves nothing."""
        plain, signed = [], []
        for download in downloads:
            index = self._signed().of_url(download.url)
            if index is None:
                plain.append(download)
            else:
                signed.append((download, index))
        wanted: list[Download] = []
        yield from self._refused(signed, wanted)
        both = {one.path: one for one in plain} | {one.path: one for one in wanted}
        for outcome in self._inner.download_all(list(both.values()), progress=progress) if both else ():
            yield self._outcome(outcome)

    def _refused(
        self, signed: Sequence[tuple[Download, SignedIndex]], wanted: list[Download]
    ) -> Iterator[DownloadFailed]:
        """Yield what is no target; the others go to *wanted*, by the names they have on the server."""
        paths = [(index, index.path_of(download.url)) for download, index in signed]
        answers = self._looked_up([(index, path) for index, path in paths if path])
        for (download, index), (_, path) in zip(signed, paths, strict=True):
            found = answers[id(index), path] if path else None
            if isinstance(found, OperationalError):
                yield DownloadFailed(download, *found.findings)
            elif path is None:
                yield TargetRefused(download, _outside(index, download.subject, download.url))
            elif found is None:
                yield TargetRefused(download, no_target(index.name, download.subject))
            elif not found.is_computable:
                yield TargetRefused(download, other_bytes(index.name, download.subject, found, {}))
            else:
                wanted.append(self._download(download, index, found))

    def _download(self, download: Download, index: SignedIndex, target: Target) -> Download:
        return replace(
            download,
            url=index.base + target.address,
            max_bytes=min(download.max_bytes, target.length),
            algorithms=download.algorithms | set(target.hashes),
            expected=target.length,
            seconds=seconds_for(target, self._limits),
            token=_Fetching(download=download, index=index, target=target),
        )

    def _outcome(self, outcome: Downloaded | DownloadFailed) -> Downloaded | DownloadFailed:
        """Return the outcome for who asked, who knows nothing of targets."""
        fetching = outcome.download.token
        if not isinstance(fetching, _Fetching):
            return outcome
        download, index, target = fetching.download, fetching.index, fetching.target
        if isinstance(outcome, DownloadFailed):
            failure = failure_of(outcome, index.name, target)
            kind = TargetRefused if failure.exit_status == 1 else DownloadFailed
            return kind(download, *failure.findings)
        if download.expected not in (None, outcome.size) or not target.admits(outcome.digests):
            os.unlink(download.path)
            found = other_bytes(index.name, download.subject, target, outcome.digests, size=outcome.size)
            return TargetRefused(download, found)
        return replace(outcome, download=download, url=download.url)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Expected:
    asked: _Asked
    target: Target


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Fetching:
    download: Download
    index: SignedIndex
    target: Target


def _paths(index: SignedIndex, url: str) -> tuple[str, ...]:
    """Return the target paths that *url* may mean: a folder is the page in it."""
    bare = url.partition("#")[0]
    if not bare.endswith("/"):
        path = index.path_of(bare)
        return (path,) if path else ()
    found = (index.path_of(bare + name) for name, _ in _PAGES)
    return tuple(path for path in found if path)


def _response(request: Request, target: Target, body: bytes) -> Response:
    """Return a verified body; nobody else is to keep it, since another may be signed at any time."""
    kind = next(
        (kind for name, kind in _PAGES if target.path.endswith(f"/{name}")), "application/octet-stream"
    )
    headers = {"content-type": kind, "cache-control": "no-store"}
    return Response(url=request.url.partition("#")[0], status=200, headers=headers, body=body)


def seconds_for(target: Target, limits: Limits) -> float:
    """Return the time that a target may take, by its signed length."""
    return limits.tuf_seconds + target.length / limits.tuf_least_bytes_per_second


def _digests(target: Target, body: bytes) -> dict[str, str]:
    if not target.is_computable:
        return {}
    return {name: hashlib.new(name, body, usedforsecurity=False).hexdigest() for name in target.hashes}


def _outside(index: SignedIndex, subject: str, url: str) -> Finding:
    from trued.index.url import shown

    return Finding(
        code="TRU863", subject=subject or shown(url), values={"index": index.name, "url": shown(url)}
    )


def failure_of(error: OperationalError, index: str, target: Target) -> OperationalError:
    """Return *error* in the words of signed targets, where it is about the length or time that they state."""
    codes = {finding.code for finding in error.findings}
    values = {"role": target.path}
    if codes & {"TRU314", "TRU316"}:
        return IndexUnproven(Finding(code="TRU860", subject=index, values=values))
    if codes & {"TRU331", "TRU310"}:
        return OperationalError(Finding(code="TRU861", subject=index, values=values))
    return error
