"""Names, versions, markers and specifiers of a lock's tables, each read into what it has to be."""

from __future__ import annotations

from trued.core.names import ProjectName, is_valid_name, normalize
from trued.requirements.lock.condition import invalid_marker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.requirements.lock.document import Table

__all__ = [
    "read_groups",
    "read_marker",
    "read_markers",
    "read_name",
    "read_names",
    "read_specifier",
    "read_version",
]

_LONGEST_MARKER = 20_000
"""Characters; the joined markers of very large locks have a few thousand."""


def read_name(table: Table, key: str, *, required: bool = False) -> ProjectName | None:
    """Read a project's name, which lock files hold normalised (PEP 503)."""
    text = table.text(key, required=required)
    if text is None:
        return None
    if not is_valid_name(text) or normalize(text) != text:
        table.malformed(key, f"{text[:80]!r} is no normalised name")
        return None
    return ProjectName(text)


def read_names(table: Table, key: str) -> tuple[str, ...]:
    """Read an array of normalised names (extras)."""
    names = table.texts(key)
    for name in names:
        if not is_valid_name(name) or normalize(name) != name:
            table.malformed(key, f"{name[:80]!r} is no normalised name")
    return names


def read_groups(table: Table, key: str) -> tuple[str, ...]:
    """Read an array of dependency groups, whose names need not be normalised (PEP 735)."""
    names = table.texts(key)
    for name in names:
        if not is_valid_name(name):
            table.malformed(key, f"{name[:80]!r} is no group's name")
    return names


def read_version(table: Table, key: str) -> str | None:
    """Read a version (PEP 440), as it is written."""
    from packaging.version import InvalidVersion, Version

    text = table.text(key)
    if text is None:
        return None
    try:
        Version(text)
    except (InvalidVersion, ValueError):
        # int() refuses runs of more than 4300 digits with a plain ValueError.
        table.malformed(key, f"{text[:80]!r} is no version")
        return None
    return text


def read_specifier(table: Table, key: str) -> str | None:
    """Read a set of version specifiers, as it is written."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    text = table.text(key)
    if text is None:
        return None
    try:
        SpecifierSet(text)
    except (InvalidSpecifier, ValueError):
        table.malformed(key, f"{text[:80]!r} is no set of version specifiers")
        return None
    return text


def read_marker(table: Table, key: str) -> str | None:
    """Read a marker."""
    text = table.text(key)
    return text if text is not None and _is_fit(table, key, text) else None


def read_markers(table: Table, key: str) -> tuple[str, ...]:
    """Read an array of markers."""
    return tuple(text for text in table.texts(key) if _is_fit(table, key, text))


def _is_fit(table: Table, key: str, text: str) -> bool:
    reason = "it is too long" if len(text) > _LONGEST_MARKER else invalid_marker(text)
    if reason is not None:
        table.malformed(key, f"{text[:80]!r} is no marker: {reason}")
    return reason is None
