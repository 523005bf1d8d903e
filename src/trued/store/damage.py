"""What is raised when files of the store are not what was verified when they came in."""

from __future__ import annotations

from trued.core.errors import OperationalError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["MANIFEST_DAMAGED", "StoreDamaged", "StoreUnusable"]

MANIFEST_DAMAGED = "manifest"
"""Stands among the paths of an entry whose manifest cannot be read."""

_PATHS_SHOWN = 5


class StoreDamaged(OperationalError):
    """Files in the store differ from their manifest, or are gone; nothing of them was linked.

    The entries are of no further use: throw them away (:func:`trued.store.discard.discard`) and acquire
    the wheels anew. ``entries`` maps an entry's path to the files in it, relative to the entry.
    """

    def __init__(self, entries: Mapping[str, Sequence[str]]) -> None:
        from trued.core.finding import Finding

        super().__init__(
            *(
                Finding(code="TRU401", subject=entry, values={"paths": _shown(paths)})
                for entry, paths in sorted(entries.items())
            )
        )
        self.entries = entries


class StoreUnusable(OperationalError):
    """The system does not let the store be used: no space, no permission, no such device."""

    def __init__(self, store: str, error: OSError) -> None:
        from trued.core.finding import Finding

        reason = error.strerror or str(error)
        path = str(error.filename or store)
        super().__init__(Finding(code="TRU403", subject=store, values={"reason": reason, "path": path}))
        self.error = error


def _shown(paths: Sequence[str]) -> str:
    """Return the first few paths as text, and how many more there are."""
    shown = ", ".join(sorted(paths)[:_PATHS_SHOWN])
    more = len(paths) - _PATHS_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
