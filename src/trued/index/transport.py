"""The one port to the network: requests and downloads in, answers and digests out.

Whatever stands behind :class:`Transport` follows redirects by the user's host rules, bounds every body,
hashes downloads while they arrive and turns each failure into findings. ``file:`` URLs go through the same
port.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from trued.core.errors import OperationalError
from trued.core.record import Protocol, dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.core.finding import Finding

__all__ = [
    "Download",
    "DownloadFailed",
    "Downloaded",
    "Downloads",
    "Progress",
    "Request",
    "Response",
    "Transport",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One page or small document to fetch into memory.

    ``max_bytes`` bounds the body after decompression. ``expected`` are the statuses that come back as a
    response; every other one is an error. ``compressed`` allows a content encoding on the way; a request for
    a range of a file must not. With a ``body`` it is a POST, safe to repeat. ``seconds`` bounds the whole
    exchange, all attempts together. ``subject`` names what it is about in findings; ``token`` is the caller's
    own.
    """

    url: str
    max_bytes: int
    subject: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    expected: frozenset[int] = frozenset({200})
    compressed: bool = True
    body: bytes | None = None
    seconds: float | None = None
    token: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer of an expected status. ``url`` is the last one asked; header names are lower-case.

    ``authenticated`` tells whether credentials were sent, so that no shared copy of the body is made.
    """

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    authenticated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One distribution file to fetch into ``path``, which must not exist: it is created 0600.

    sha256 is always computed, ``algorithms`` besides. ``expected`` is the size in bytes that the index or the
    lock states; another size is an error. ``seconds`` bounds the whole exchange. ``token`` is the caller's
    own.
    """

    url: str
    path: str
    max_bytes: int
    algorithms: frozenset[str] = frozenset()
    expected: int | None = None
    subject: str = ""
    seconds: float | None = None
    token: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded:
    """A file on disk, whole, with the digests of its bytes (hexadecimal) and its size; nothing is proven yet.

    ``url`` is where the bytes came from in the end.
    """

    download: Download
    digests: Mapping[str, str]
    size: int
    url: str


class DownloadFailed(OperationalError):
    """A download did not arrive; nothing is left at its path."""

    def __init__(self, download: Download, *findings: Finding) -> None:
        super().__init__(*findings)
        self.download = download


Progress = Callable[[Download, int], None]
"""Called from several threads with the number of bytes that have arrived so far."""


class Downloads(Protocol):
    """Downloads that are handed in one by one."""

    def give(self, download: Download, /, *, weight: int = 0) -> None:
        """Begin *download*; of those that wait the one of the greatest *weight* comes next."""

    def ready(self) -> Iterator[Downloaded | DownloadFailed]:
        """Yield the outcomes that are there, without waiting."""

    def rest(self) -> Iterator[Downloaded | DownloadFailed]:
        """Wait for all downloads, and yield their outcomes as they complete."""


class Transport(Protocol):
    """Fetches over http, https and ``file:``; safe to use from one thread, works in several."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was noticed on the way: use of trusted hosts, credential files open to others."""

    def fetch(self, request: Request) -> Response:
        """Return the answer to one request. Raises :class:`OperationalError`."""

    def fetch_all(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Response | OperationalError]]:
        """Yield each request with its answer or error, as they arrive."""

    def download_all(
        self, downloads: Iterable[Download], *, progress: Progress | None = None
    ) -> Iterator[Downloaded | DownloadFailed]:
        """Yield each download's outcome as it completes."""

    def close(self) -> None:
        """Close idle connections."""
