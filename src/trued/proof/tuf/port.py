"""What a TUF client asks the network for, and what comes back: a port that is joined to a transport."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.core.finding import Finding

__all__ = ["Answer", "Fetch", "Wanted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One metadata file, by its name below the metadata's address; ``max_bytes`` bounds it unpacked."""

    name: str
    max_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A body, or why there is none.

    ``findings`` are what the transport told. ``is_absent``: the server has no such file. ``is_endless``: more
    than ``max_bytes`` came. ``is_slow``: it took longer than it may.
    """

    body: bytes = b""
    findings: tuple[Finding, ...] = ()
    is_absent: bool = False
    is_endless: bool = False
    is_slow: bool = False


Fetch = Callable[[Sequence[Wanted], float], Mapping[str, Answer]]
"""Fetches files at the same time, within so many seconds; an answer for each name. Redirects are followed."""
