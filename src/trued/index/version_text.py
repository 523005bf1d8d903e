"""Versions compared as text where that decides: a page of thousands of files needs no version parser."""

from __future__ import annotations

__all__ = ["satisfies_pin"]


def satisfies_pin(candidate: str, pinned: str) -> bool:
    """Tell whether a file of version *candidate* satisfies ``== pinned`` (PEP 440, "Version matching").

    A local label of the candidate is ignored when the pin has none. What is no version at all matches only
    its own text, as ``===`` does.
    """
    if candidate == pinned:
        return True
    if "+" not in pinned:
        candidate = candidate.partition("+")[0]
    first, second = _release_numbers(candidate), _release_numbers(pinned)
    if first is not None and second is not None:
        return first == second
    if _cannot_be_plain(candidate, second) or _cannot_be_plain(pinned, first):
        return False
    return _parsed_equal(candidate, pinned)


def _release_numbers(text: str) -> tuple[int, ...] | None:
    """Return the numbers of a plain release (``1.20.0``) without trailing zeros, ``None`` for other forms."""
    parts = text.split(".")
    if not all(part.isdecimal() and part.isascii() for part in parts):
        return None
    numbers = [int(part) for part in parts]
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _cannot_be_plain(text: str, plain: tuple[int, ...] | None) -> bool:
    """Tell whether *text*, which is not plain, differs from a plain release for sure: no ``v``, no epoch."""
    return plain is not None and text[:1].isdecimal() and "!" not in text and not text[-1:].isspace()


def _parsed_equal(candidate: str, pinned: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(candidate) == Version(pinned)
    except InvalidVersion:
        return False
