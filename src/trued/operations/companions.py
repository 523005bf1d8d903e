"""The small files beside an archive, provenance and detached signature: fetched together, in bounded size.

They go through the run's own transport, so that its rules about hosts hold for them as for anything else.
"""

from __future__ import annotations

import os

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trued.core.distribution import Distribution
    from trued.core.finding import Finding
    from trued.core.limits import Limits
    from trued.index.transport import Request, Transport

__all__ = ["Companions", "Wish", "fetch_companions", "keep_provenance", "kept_provenance"]

_ABSENT = frozenset({404, 410})
_ACCEPT = (("Accept", "application/vnd.pypi.integrity.v1+json, application/json;q=0.5"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is wanted of what stands beside the file *distribution*."""

    distribution: Distribution
    provenance: bool = False
    signature: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Companions:
    """What stands beside one file; ``None`` where there is nothing. ``failures``: why one did not arrive."""

    provenance: bytes | None = None
    signature: bytes | None = None
    failures: tuple[Finding, ...] = ()


def fetch_companions(
    transport: Transport, wishes: Sequence[Wish], *, limits: Limits
) -> dict[str, Companions]:
    """Return what stands beside each file, by the file's URL.

    What an index names and then does not have counts as not there; what cannot be reached is a failure, for
    nothing follows from silence.
    """
    answers = _Answers(transport)
    answers.ask(request for wish in wishes for request in _requests(wish, limits))
    answers.ask(_signature(wish, ".sig", limits) for wish in wishes if answers.lacks_signature(wish))
    return {
        url: Companions(
            provenance=answers.bodies.get((url, "provenance")),
            signature=answers.bodies.get((url, "signature")),
            failures=tuple(answers.failures.get(url, ())),
        )
        for url in dict.fromkeys(_url(wish) for wish in wishes)
    }


class _Answers:
    """What came back, by the file's URL and the part; and why something did not."""

    def __init__(self, transport: Transport) -> None:
        self.bodies: dict[tuple[str, str], bytes] = {}
        self.failures: dict[str, list[Finding]] = {}
        self._transport = transport

    def ask(self, wanted: Iterable[Request]) -> None:
        from trued.core.errors import OperationalError

        requests = list(wanted)
        for request, answer in self._transport.fetch_all(requests) if requests else ():
            url, part = _token(request)
            if isinstance(answer, OperationalError):
                self.failures.setdefault(url, []).extend(answer.findings)
            elif answer.status not in _ABSENT:
                self.bodies[(url, part)] = answer.body

    def lacks_signature(self, wish: Wish) -> bool:
        """Tell whether a signature that is wanted was not there."""
        url = _url(wish)
        return wish.signature and (url, "signature") not in self.bodies and url not in self.failures


def _requests(wish: Wish, limits: Limits) -> Iterator[Request]:
    from trued.index.transport import Request

    distribution = wish.distribution
    expected = frozenset({200, *_ABSENT})
    if wish.provenance and distribution.provenance_url:
        yield Request(
            url=distribution.provenance_url,
            max_bytes=limits.provenance_bytes,
            subject=f"the provenance of {distribution.filename}",
            headers=_ACCEPT,
            expected=expected,
            token=(distribution.url, "provenance"),
        )
    if wish.signature:
        yield _signature(wish, ".asc", limits)


def _signature(wish: Wish, suffix: str, limits: Limits) -> Request:
    """Return the request for a detached signature, which has one of two usual names."""
    from trued.index.transport import Request

    distribution = wish.distribution
    return Request(
        url=f"{distribution.url}{suffix}",
        max_bytes=limits.signature_bytes,
        subject=f"{distribution.filename}{suffix}",
        expected=frozenset({200, *_ABSENT}),
        token=(distribution.url, "signature"),
    )


def _url(wish: Wish) -> str:
    return wish.distribution.url


def kept_provenance(folder: str, sha256: str) -> bytes | None:
    """Return the provenance that held for the file with this digest; it is verified again all the same."""
    if not folder or not sha256:
        return None
    from trued.core.private_file import private_bytes

    return private_bytes(_kept_path(folder, sha256))


def keep_provenance(folder: str, sha256: str, provenance: bytes | None) -> None:
    """Keep *provenance* for later runs; ``None`` lets go of what is kept, so that it is fetched again."""
    if not folder:
        return
    from contextlib import suppress

    from trued.core.private_file import write_private

    path = _kept_path(folder, sha256)
    if provenance is None:
        with suppress(OSError):
            os.unlink(path)
    elif kept_provenance(folder, sha256) != provenance:
        write_private(path, (provenance,))


def _kept_path(folder: str, sha256: str) -> str:
    return os.path.join(folder, sha256[:2], f"{sha256}.json")


def _token(request: Request) -> tuple[str, str]:
    if not isinstance(request.token, tuple):
        raise TypeError("a request comes back with its own token")
    url, part = request.token
    return str(url), str(part)
