"""From a task to its answer: redirects by the host rules, credentials, and further attempts."""

from __future__ import annotations

from trued.core.record import dataclass, field
from trued.index.failure import TransferFailed
from trued.index.url import InvalidUrl, Origin, bare, join, sendable, shown
from trued.index.wire import Hop, Wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from trued.core.limits import Limits
    from trued.index.credentials import CredentialSource
    from trued.index.hosts import HostRules
    from trued.index.receiver import Answer, Receiver
    from trued.requirements.url import Credentials

__all__ = ["Arrived", "Exchange", "Task"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEPING_THE_METHOD = frozenset({307, 308})
_TRANSIENT_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_UNREACHABLE = frozenset(
    {"TRU302", "TRU303", "TRU304", "TRU305", "TRU306", "TRU307", "TRU308", "TRU309", "TRU323"}
)
_FIRST_WAIT = 0.25


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Task:
    """What one exchange is to bring: the statuses that count as an answer, and how to ask.

    Once ``stopped`` says so, nothing more is tried. With a ``body`` it is a POST.
    """

    url: str
    expected: frozenset[int]
    stopped: Callable[[], bool]
    headers: tuple[str, ...] = ()
    compressed: bool = True
    body: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """The last answer, where it came from, and whether credentials were sent for it."""

    answer: Answer
    url: str
    authenticated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Runs tasks over the wire, each in the caller's thread.

    ``sleep`` takes seconds, ``random`` gives a number from 0 to 1, ``now`` gives seconds since the epoch.
    ``told_trusted`` hears of each host whose certificate is not checked.
    """

    wire: Wire
    rules: HostRules
    credentials: CredentialSource
    limits: Limits
    longest_wait: float
    sleep: Callable[[float], None]
    random: Callable[[], float]
    now: Callable[[], float]
    told_trusted: Callable[[Origin], None]
    unreachable: dict[Origin, TransferFailed] = field(default_factory=dict)

    def run(self, task: Task, receiver: Receiver) -> Arrived:
        """Return the answer to *task*. Raises :class:`TransferFailed` and ``OSError`` of the receiver."""
        attempt = 0
        while True:
            try:
                return self._follow(task, receiver)
            except TransferFailed as failure:
                if not failure.transient or attempt >= self.limits.retries or task.stopped():
                    self._remember_unreachable(failure)
                    raise
                self.sleep(self._wait(attempt, failure))
                attempt += 1

    def _remember_unreachable(self, failure: TransferFailed) -> None:
        """Spare later tasks the attempts that have just failed: a dead host is waited for once."""
        if failure.code in _UNREACHABLE and failure.origin is not None:
            self.unreachable[failure.origin] = failure

    def _check_reachable(self, origin: Origin) -> None:
        earlier = self.unreachable.get(origin)
        if earlier is not None:
            raise TransferFailed(earlier.code, transient=False, retry_after=None, **earlier.values)

    def _wait(self, attempt: int, failure: TransferFailed) -> float:
        """Return the seconds before the next attempt: doubling, half to one and a half times by chance."""
        if failure.retry_after is None:
            return min(self.longest_wait, _FIRST_WAIT * (1 << attempt) * (0.5 + self.random()))
        if failure.retry_after > self.longest_wait:
            raise TransferFailed(
                "TRU330", seconds=f"{failure.retry_after:.0f}", longest=f"{self.longest_wait:.0f}"
            ) from failure
        return failure.retry_after

    def _follow(self, task: Task, receiver: Receiver) -> Arrived:
        url, came_from = task.url, None
        for _ in range(self.limits.redirects + 1):
            origin = self.rules.checked(url, came_from=came_from)
            arrived = self._ask(task, receiver, url=url, origin=origin, redirected=came_from is not None)
            target = _redirect(arrived.answer, url, posting=task.body is not None)
            if target is None:
                return self._judged(arrived, task, origin)
            url, came_from = target, url
        raise TransferFailed("TRU317", count=str(self.limits.redirects), target=shown(url))

    def _ask(self, task: Task, receiver: Receiver, *, url: str, origin: Origin, redirected: bool) -> Arrived:
        credentials = self.credentials.known(origin, redirected=redirected)
        answer = self._send(task, receiver, url=url, origin=origin, credentials=credentials)
        if answer.status == 401 and not redirected:
            found = self.credentials.after_refusal(origin)
            if found is not None:
                credentials = found
                answer = self._send(task, receiver, url=url, origin=origin, credentials=found)
        return Arrived(answer=answer, url=url, authenticated=credentials is not None)

    def _send(
        self, task: Task, receiver: Receiver, *, url: str, origin: Origin, credentials: Credentials | None
    ) -> Answer:
        trusted = self.rules.trusts(origin)
        if trusted:
            self.told_trusted(origin)
        hop = Hop(
            url=sendable(url),
            origin=origin,
            stopped=task.stopped,
            headers=task.headers,
            credentials=credentials,
            compressed=task.compressed,
            body=task.body,
            verify=not trusted,
        )
        self._check_reachable(origin)
        try:
            return self.wire.send(hop, receiver)
        except TransferFailed as failure:
            failure.origin = origin
            raise

    def _judged(self, arrived: Arrived, task: Task, origin: Origin) -> Arrived:
        """Return the answer when its status is expected, else raise what it means."""
        status = arrived.answer.status
        if status in task.expected:
            return arrived
        host = origin.netloc
        if status == 401:
            sent = "were refused" if arrived.authenticated else "are needed, and none are known for this host"
            raise TransferFailed("TRU312", host=host, credentials=sent)
        if status == 403:
            raise TransferFailed("TRU313", host=host)
        if status == 407:
            raise TransferFailed("TRU323", host=host, detail="the proxy asks for credentials")
        raise TransferFailed(
            "TRU311",
            transient=status in _TRANSIENT_STATUSES or status == 416,
            retry_after=self._retry_after(arrived.answer),
            host=host,
            status=str(status),
        )

    def _retry_after(self, answer: Answer) -> float | None:
        """Return the seconds that the server asks to wait (RFC 9110, section 10.2.3)."""
        text = answer.headers.get("retry-after", "")
        if text.isdecimal() and text.isascii():
            return float(text)
        if not text:
            return None
        from email.utils import parsedate_to_datetime

        try:
            return max(0.0, parsedate_to_datetime(text).timestamp() - self.now())
        except (ValueError, OverflowError):
            return None


def _redirect(answer: Answer, url: str, *, posting: bool) -> str | None:
    """Return where *answer* sends to, without credentials and fragment, or ``None`` when it does not.

    A POST follows only those that keep it one (RFC 9110, section 15.4): no other answers what was asked.
    """
    location = answer.headers.get("location", "")
    if answer.status not in (_KEEPING_THE_METHOD if posting else _REDIRECTS) or not location:
        return None
    try:
        return bare(join(url, location))
    except InvalidUrl as invalid:
        raise TransferFailed("TRU319", target=shown(location), reason=invalid.reason) from None
