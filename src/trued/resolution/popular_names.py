"""The names of the most used projects, which others may be made to resemble."""

from __future__ import annotations

from importlib.resources import files

from trued.core.names import ProjectName

__all__ = ["popular_names"]


def popular_names() -> tuple[ProjectName, ...]:
    """Return the names that come with trued (``trued/policy/popular.txt``, one a line)."""
    text = files("trued.policy").joinpath("popular.txt").read_text("ascii")
    return tuple(ProjectName(line) for line in text.splitlines())
