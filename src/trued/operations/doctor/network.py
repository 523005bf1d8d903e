"""The indexes: do they answer in time, over TLS, with the credentials, in a form that trued reads."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

from trued.core.errors import OperationalError, TruedError
from trued.core.finding import Finding, Level
from trued.core.names import normalize
from trued.core.record import dataclass
from trued.operations.doctor.check import fine, skipped, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trued.index.transport import Request, Response
    from trued.operations.doctor.check import Check
    from trued.operations.session import Session

__all__ = ["Answers", "ask_indexes", "clock_checks", "network_checks"]

_PROJECT = normalize("pip")
"""A project that an index of everything has, with a page that is not large; another index says 404."""
_SECONDS = 10.0
_SLOW = 3.0
_SKEW_SECONDS = 60
_FALSE_SECONDS = 86_400
_ANSWERED = frozenset({200, 404})
_ANY = frozenset(range(200, 600))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What came back: by address the answer or the failure, and after how many seconds."""

    indexes: Mapping[str, tuple[Response | TruedError, float]]
    hosts: Mapping[str, tuple[Response | TruedError, float]]


def ask_indexes(session: Session) -> Answers:
    """Ask every index for one page, and every pinned host for any; all at once, within some seconds.

    Nothing is asked a second time. Raises: UsageError when the settings of the network cannot be used.
    """
    from trued.index.page import ACCEPT
    from trued.index.transport import Request
    from trued.operations.indexes import index_urls
    from trued.requirements.model import FileOptions

    seconds = min(_SECONDS, session.settings.timeout)
    urls = [url for url in index_urls(session, FileOptions()) if url.startswith(("http:", "https:"))]
    pages = [
        Request(
            url=f"{url.rstrip('/')}/{_PROJECT}/",
            max_bytes=session.limits.page_bytes,
            subject=url,
            headers=(("Accept", ACCEPT),),
            expected=_ANSWERED,
            seconds=seconds,
            token=("index", url),
        )
        for url in urls
    ]
    hosts = [host for host in _pinned(session) if not any(_host(url) == host for url in urls)]
    pages += [
        Request(
            url=f"https://{host}/",
            max_bytes=session.limits.page_bytes,
            subject=host,
            expected=_ANY,
            seconds=seconds,
            token=("host", host),
        )
        for host in hosts
    ]
    found = _asked(session, pages)
    return Answers(
        indexes={url: found["index", url] for url in urls},
        hosts={host: found["host", host] for host in hosts},
    )


def _asked(
    session: Session, requests: Sequence[Request]
) -> dict[object, tuple[Response | TruedError, float]]:
    if not requests:
        return {}
    start = time.monotonic()
    return {
        request.token: (outcome, time.monotonic() - start)
        for request, outcome in session.network.fetch_all(requests)
    }


def network_checks(session: Session, answers: Answers) -> Iterator[Check]:
    """Yield whether each index and pinned host answered as it should."""
    for url, (outcome, seconds) in answers.indexes.items():
        yield from _index(session, url, outcome, seconds)
    if not answers.indexes:
        yield skipped("index", "no index is asked over a network")
    for host, (outcome, _) in answers.hosts.items():
        if isinstance(outcome, TruedError):
            yield from told("pins", outcome.findings)
        else:
            yield fine("pins", f"{host} shows one of its pinned keys")
    if answers.indexes or answers.hosts:
        yield from told("index.credentials", session.network.findings)


def _index(session: Session, url: str, outcome: Response | TruedError, seconds: float) -> Iterator[Check]:
    if isinstance(outcome, TruedError):
        yield from told("index", outcome.findings)
        return
    facts = [url, f"{seconds:.2f} s", _proxy(session, url)]
    if outcome.status == 200:
        problems = _unreadable(outcome, url)
        if problems:
            yield from told("index", problems)
            return
        facts.append(outcome.headers.get("content-type", "").partition(";")[0])
    else:
        facts.append(f"it has no project {_PROJECT}")
    if outcome.authenticated:
        facts.append("credentials accepted")
    if seconds > _SLOW:
        values = {"seconds": f"{seconds:.1f}"}
        yield from told("index", [Finding(code="TRU950", level=Level.WARNING, subject=url, values=values)])
    else:
        yield fine("index", ", ".join(filter(None, facts)))


def _unreadable(answer: Response, index: str) -> Sequence[Finding]:
    from trued.index.page import parse_page

    try:
        parse_page(
            answer.body,
            content_type=answer.headers.get("content-type", ""),
            url=answer.url,
            project=_PROJECT,
            index=index,
        )
    except OperationalError as error:
        return error.findings
    return ()


def clock_checks(session: Session, answers: Answers) -> Iterator[Check]:
    """Yield how far this machine's clock is from those of the indexes (HTTP ``Date``)."""
    compared = 0
    for url, (outcome, _) in (*answers.indexes.items(), *answers.hosts.items()):
        moment = _date(outcome) if not isinstance(outcome, TruedError) else None
        if moment is None:
            continue
        compared += 1
        skew = round(session.clock_seconds() - moment)
        if abs(skew) > _SKEW_SECONDS:
            values = {"seconds": str(abs(skew)), "way": "ahead of" if skew > 0 else "behind"}
            level = Level.ERROR if abs(skew) > _FALSE_SECONDS else Level.WARNING
            yield from told("clock", [Finding(code="TRU951", level=level, subject=url, values=values)])
        else:
            yield fine("clock", f"{abs(skew)} s from {url}")
    if not compared:
        yield skipped("clock", "no server told the time")


def _date(answer: Response) -> float | None:
    try:
        return parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def _proxy(session: Session, url: str) -> str:
    from trued.config.mask import masked
    from trued.index.proxies import Proxies

    settings = session.settings
    environ = {} if settings.no_proxy_env else session.environ
    address = Proxies(explicit=settings.proxy, environ=environ).for_scheme(url.partition(":")[0]).address
    return f"proxy {masked(address)}" if address else ""


def _pinned(session: Session) -> list[str]:
    from trued.config.proof_rules import pins_of

    return [host for host in pins_of(session.settings.rules) if "*" not in host]


def _host(url: str) -> str:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] if parts.port else parts.hostname or ""
