"""The transport over libcurl (pycurl): one thread and one handle a connection.

Why libcurl, and why threads rather than its multi interface: docs/decisions/0002-transport-libcurl.md.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import contextmanager

from trued.core.errors import OperationalError, UsageError
from trued.core.finding import Finding, Level
from trued.index.certificates import certificate_store, read_certificates
from trued.index.exchange import Exchange, Task
from trued.index.failure import TransferFailed
from trued.index.hosts import HostPattern, HostRules
from trued.index.local_file import copy_local, read_local
from trued.index.proxies import Proxies
from trued.index.receiver import BodyReceiver, FileReceiver
from trued.index.transport import Download, Downloaded, DownloadFailed, Progress, Request, Response
from trued.index.url import InvalidUrl, Origin, is_file_url
from trued.index.wire import Wire
from trued.index.workers import Lines, in_parallel
from trued.requirements.url import split_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeVar

    from trued.index.credentials import CredentialSource
    from trued.index.settings import TransportSettings

    _Item = TypeVar("_Item")
    _Result = TypeVar("_Result")

__all__ = ["CurlTransport", "host_rules"]

_Stopped = Callable[[], bool]
_DOWNLOAD_STATUSES = frozenset({200, 206})


def _chance() -> float:
    """Return a number from 0 to 1; drawn when an attempt has failed, which is seldom."""
    from random import random

    return random()  # noqa: S311 - spreads attempts in time, keeps no secret


class CurlTransport:
    """A :class:`~trued.index.transport.Transport` over libcurl.

    ``sleep`` (seconds), ``chance`` (0 to 1) and ``now`` (seconds since the epoch) are taken from outside, so
    that a test decides them. Raises :class:`UsageError` when a setting names a file or host that cannot be
    used.
    """

    def __init__(
        self,
        settings: TransportSettings,
        *,
        credentials: CredentialSource,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = _chance,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._credentials = credentials
        self._trusted_used: dict[str, Finding] = {}
        self._lent = 0
        self._waiting: Lines | None = None
        self._wire = self._new_wire()
        self._exchange = Exchange(
            wire=self._wire,
            rules=host_rules(settings),
            credentials=credentials,
            limits=settings.limits,
            longest_wait=settings.longest_wait,
            sleep=sleep,
            random=chance,
            now=now,
            told_trusted=self._tell_trusted,
        )

    def _new_wire(self) -> Wire:
        settings = self._settings
        if settings.client_certificate:
            read_certificates(settings.client_certificate, setting="client-cert")
        environ = settings.environ if settings.use_proxy_environment else {}
        return Wire(
            settings,
            certificates=certificate_store(
                settings.environ, ca_file=settings.ca_file, only_ca_file=settings.only_ca_file
            ),
            proxies=Proxies(explicit=settings.proxy, environ=environ),
            pins={host.lower(): keys for host, keys in settings.pins.items()},
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Hosts trusted without a certificate, and what was noticed about credentials."""
        return (*self._trusted_used.values(), *self._credentials.findings)

    def fetch(self, request: Request) -> Response:
        """Return the answer to one request. Raises :class:`OperationalError`."""
        ((_, outcome),) = self.fetch_all([request])
        if isinstance(outcome, OperationalError):
            raise outcome
        return outcome

    def fetch_all(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Response | OperationalError]]:
        """Yield each request with its answer or error, as they arrive."""
        return self._in_parallel(self._fetch, requests)

    def download_all(
        self, downloads: Iterable[Download], *, progress: Progress | None = None
    ) -> Iterator[Downloaded | DownloadFailed]:
        """Yield each download's outcome as it completes; a failed one leaves no file."""
        return self._in_parallel(lambda item, stopped: self._download(item, progress, stopped), downloads)

    @contextmanager
    def downloads(self, *, arrived: Callable[[], None], progress: Progress | None = None) -> Iterator[Lines]:
        """Open what downloads are handed to one by one, while pages are still being fetched.

        Until the last was handed in, half of the connections are kept for pages. *arrived* is called while
        pages are waited for, in that thread, when outcomes are ready.
        """
        connections = self._settings.limits.connections
        given_up = threading.Event()
        lines = Lines(
            lambda item: self._download(item, progress, given_up.is_set),
            threads=connections // 2,
            threads_at_last=connections,
            give_up=given_up.set,
            told=lambda: self._waiting.call(arrived) if self._waiting else None,
        )
        self._lent += connections // 2
        try:
            with lines:
                yield lines
        finally:
            self._lent -= connections // 2
            self._waiting = None

    def close(self) -> None:
        """Close idle connections."""
        self._wire.close()

    def _in_parallel(
        self, work: Callable[[_Item, _Stopped], _Result], items: Iterable[_Item]
    ) -> Iterator[_Result]:
        threads = self._settings.limits.connections - self._lent
        if isinstance(items, (list, tuple)):
            threads = min(threads, len(items))
        given_up = threading.Event()
        return in_parallel(
            lambda item: work(item, given_up.is_set),
            items,
            threads=threads,
            give_up=given_up.set,
            opened=self._note_waiting,
        )

    def _note_waiting(self, lines: Lines) -> None:
        if self._lent:
            self._waiting = lines

    def _fetch(self, request: Request, stopped: _Stopped) -> tuple[Request, Response | OperationalError]:
        bare, _ = split_credentials(request.url)
        try:
            with _within(request.seconds, stopped) as ended:
                return request, self._fetched(request, bare, ended)
        except TransferFailed as failure:
            return request, OperationalError(failure.finding(subject=request.subject, url=bare))

    def _fetched(self, request: Request, url: str, stopped: _Stopped) -> Response:
        if is_file_url(url):
            body = read_local(url, max_bytes=request.max_bytes)
            return Response(url=url, status=200 if body is not None else 404, body=body or b"")
        self._check_online()
        receiver = BodyReceiver(request.max_bytes)
        task = Task(
            url=url,
            expected=request.expected,
            stopped=stopped,
            headers=tuple(f"{name}: {value}" for name, value in request.headers),
            compressed=request.compressed,
            body=request.body,
        )
        arrived = self._exchange.run(task, receiver)
        return Response(
            url=arrived.url,
            status=arrived.answer.status,
            headers=arrived.answer.headers,
            body=receiver.body,
            authenticated=arrived.authenticated,
        )

    def _download(
        self, download: Download, progress: Progress | None, stopped: _Stopped
    ) -> Downloaded | DownloadFailed:
        bare = split_credentials(download.url)[0].partition("#")[0]
        try:
            with _within(download.seconds, stopped) as ended:
                return self._downloaded(download, bare, progress, ended)
        except TransferFailed as failure:
            return DownloadFailed(download, failure.finding(subject=download.subject, url=bare))
        except OSError as error:
            unwritten = TransferFailed("TRU329", path=download.path, reason=error.strerror or str(error))
            return DownloadFailed(download, unwritten.finding(subject=download.subject, url=bare))

    def _downloaded(
        self, download: Download, url: str, progress: Progress | None, stopped: _Stopped
    ) -> Downloaded:
        if not is_file_url(url):
            self._check_online()
        receiver = FileReceiver(download, progress)
        whole = False
        try:
            final = self._filled(receiver, url, stopped)
            receiver.finish()
            whole = True
        finally:
            if not whole:
                receiver.discard()
        return Downloaded(download=download, digests=receiver.digests, size=receiver.size, url=final)

    def _filled(self, receiver: FileReceiver, url: str, stopped: _Stopped) -> str:
        """Fill *receiver* and return where the bytes came from."""
        if is_file_url(url):
            copy_local(url, receiver)
            return url
        task = Task(url=url, expected=_DOWNLOAD_STATUSES, stopped=stopped, compressed=False)
        return self._exchange.run(task, receiver).url

    def _check_online(self) -> None:
        if self._settings.offline:
            raise TransferFailed("TRU301")

    def _tell_trusted(self, origin: Origin) -> None:
        self._trusted_used.setdefault(
            origin.netloc, Finding(code="TRU334", level=Level.WARNING, subject=origin.netloc)
        )


@contextmanager
def _within(seconds: float | None, stopped: _Stopped) -> Iterator[_Stopped]:
    """Give what tells that a transfer is to stop, in *seconds* at the latest; a late one fails for that.

    A server that sends a little all the time is never slow enough for the bounds on speed.
    """
    if seconds is None:
        yield stopped
        return
    end = time.monotonic() + seconds
    try:
        yield lambda: stopped() or time.monotonic() >= end
    except TransferFailed as failure:
        if stopped() or time.monotonic() < end:
            raise
        raise TransferFailed("TRU331", seconds=f"{seconds:.0f}") from failure


def host_rules(settings: TransportSettings) -> HostRules:
    """Return the user's rules about hosts. Raises: UsageError TRU322 for what names no host."""
    problems: list[Finding] = []
    rules = HostRules(
        trusted=_patterns(settings.trusted_hosts, "trusted-host", problems),
        plain_http=_patterns(settings.plain_http_hosts, "plain-http-host", problems),
        allowed=_patterns(settings.allowed_hosts, "allowed-host", problems),
    )
    if problems:
        raise UsageError(*problems)
    return rules


def _patterns(texts: Iterable[str], setting: str, problems: list[Finding]) -> tuple[HostPattern, ...]:
    patterns = []
    for text in texts:
        try:
            patterns.append(HostPattern.parse(text))
        except InvalidUrl as invalid:
            problems.append(
                Finding(code="TRU322", subject=text, values={"setting": setting, "reason": invalid.reason})
            )
    return tuple(patterns)
