"""The names of the most used projects, which others may be made to resemble."""

from __future__ import annotations

import os

from trued import policy
from trued.core.names import ProjectName

__all__ = ["popular_names"]


def popular_names() -> tuple[ProjectName, ...]:
    """Return the names that come with trued (``trued/policy/popular.txt``, one a line)."""
    with open(os.path.join(policy.__path__[0], "popular.txt"), encoding="ascii") as file:
        return tuple(ProjectName(line) for line in file.read().splitlines())
