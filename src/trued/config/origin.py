"""Where a setting came from, and which source stands over which."""

from __future__ import annotations

from enum import IntEnum

from trued.core.finding import Place
from trued.core.record import dataclass

__all__ = ["Origin", "Source"]


class Source(IntEnum):
    """The sources of settings, from the weakest to the strongest.

    pip's own order is kept among pip's sources: its files below its variables. Its files stand below trued's,
    so that what is written for trued is what trued does; its variables stand above every file.
    """

    DEFAULT = 0
    PIP_FILE = 1
    SYSTEM = 2
    USER = 3
    PROJECT = 4
    PIP_VARIABLE = 5
    TRUED_VARIABLE = 6
    FLAG = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The place one value was read from.

    ``name`` is the flag, the variable or the key as it stands there; ``file`` and ``line`` say where, for
    files (line 0: not known).
    """

    source: Source
    name: str
    file: str = ""
    line: int = 0

    @property
    def place(self) -> Place | None:
        """The file and line, where the value stands in a file."""
        return Place(self.file, self.line) if self.file else None

    def __str__(self) -> str:
        place = self.place
        return f"{self.name} in {place}" if place else self.name
