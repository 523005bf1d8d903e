"""Whether one host's name was made to be taken for another's."""

from __future__ import annotations

__all__ = ["likeness"]

_LOOKALIKES = str.maketrans({"0": "o", "1": "l", "3": "e", "5": "s", "i": "l", "_": "-"})
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_FAR = 3


def likeness(host: str, expected: str) -> str | None:
    """Return in which way *host* resembles *expected*, as a phrase; ``None`` when it does not, or is it."""
    host, expected = host.lower().rstrip("."), expected.lower().rstrip(".")
    if host == expected or not host or not expected:
        return None
    if any(label.startswith("xn--") for label in host.split(".")) or not host.isascii():
        return "it holds characters of another script (punycode)"
    if _folded(host) == _folded(expected):
        return "some of its letters only look the same"
    if expected in host:
        return "the other name is a part of it"
    if _without_ending(host) == _without_ending(expected) and "." in expected:
        return "only its ending differs"
    distance = _distance(host, expected)
    # Short names are near each other by chance (a.org and b.org).
    if distance < _FAR and len(expected) > 5 * distance:
        return "one letter differs" if distance == 1 else "two letters differ"
    return None


def _folded(host: str) -> str:
    folded = host.translate(_LOOKALIKES)
    for pair, single in _PAIRS:
        folded = folded.replace(pair, single)
    return folded.replace("-", "")


def _without_ending(host: str) -> str:
    return host.rpartition(".")[0]


def _distance(one: str, other: str) -> int:
    """Return the edit distance, neighbours swapped counting as one (optimal string alignment)."""
    if abs(len(one) - len(other)) >= _FAR:
        return _FAR
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
