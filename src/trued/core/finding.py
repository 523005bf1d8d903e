"""Findings: something to tell, as data. The sentence is made in ``report`` from the code's page."""

from __future__ import annotations

from enum import Enum

from trued.core.record import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Finding", "Level", "Place"]


class Level(Enum):
    """How much a finding weighs. An error refuses the file or the run; the others are told."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding points: a file as the user named it, and a line counted from 1 (0: whole file)."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fact to tell.

    ``code`` is stable (``TRU101``) and has a page in ``report/pages``. ``subject`` is the file, project or
    setting it is about. ``values`` fill the page's message and mend; a value may span lines.
    """

    code: str
    level: Level = Level.ERROR
    subject: str = ""
    place: Place | None = None
    values: Mapping[str, str] = field(default_factory=dict)
