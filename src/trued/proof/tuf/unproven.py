"""The error for an index that does not hold by its own signatures."""

from __future__ import annotations

from trued.core.errors import OperationalError

__all__ = ["IndexUnproven"]


class IndexUnproven(OperationalError):
    """The index's metadata does not hold, and nothing follows from it. Alone it refuses: exit status 1."""

    exit_status = 1
