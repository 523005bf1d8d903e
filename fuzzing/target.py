"""One reader of foreign bytes, as the fuzzer calls it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Target"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """``run`` takes any bytes and may raise nothing: the errors that a reader promises are caught in it.

    ``seeds`` are inputs that the reader understands, from which others are made. ``most_bytes`` is the
    longest input that is made.
    """

    name: str
    run: Callable[[bytes], object]
    seeds: Sequence[bytes]
    most_bytes: int = 8192
