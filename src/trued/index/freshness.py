"""How long an answer may be used without asking again: as much of RFC 9111 as a private page cache needs."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DEFAULT_SECONDS", "freshness_seconds", "may_be_stored"]

DEFAULT_SECONDS = 600
"""Used when the server says nothing: the ten minutes that pip's own index asks for."""

_LONGEST_SECONDS = 24 * 60 * 60


def may_be_stored(headers: Mapping[str, str]) -> bool:
    """Tell whether the server allows to keep the answer at all (RFC 9111, section 5.2.2.5)."""
    return "no-store" not in _directives(headers)


def freshness_seconds(headers: Mapping[str, str]) -> float:
    """Return for how many seconds from now the answer is fresh.

    ``max-age`` less the ``Age`` it has already; at most a day, because a page is also where a file is
    withdrawn. ``no-cache`` means to ask every time.
    """
    directives = _directives(headers)
    if "no-cache" in directives:
        return 0.0
    stated = directives.get("max-age", "")
    if not (stated.isascii() and stated.isdecimal()):
        return 0.0 if "max-age" in directives else float(DEFAULT_SECONDS)
    age = headers.get("age", "").strip()
    elapsed = int(age) if age.isascii() and age.isdecimal() else 0
    return float(max(0, min(int(stated), _LONGEST_SECONDS) - elapsed))


def _directives(headers: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for part in headers.get("cache-control", "").split(","):
        name, _, value = part.strip().partition("=")
        if name:
            found[name.strip().lower()] = value.strip().strip('"')
    return found
