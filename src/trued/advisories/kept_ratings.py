"""The ratings of the records of a local database, by the texts of :mod:`stated_severity` that it keeps.

A record that says nothing itself is rated by those that share a name with it, and none is followed further.
The names of all such records at hand are looked up together: one question costs as much as a hundred names.
"""

from __future__ import annotations

from trued.advisories.selecting import selected
from trued.advisories.severity import Scores, rate_itself, worst
from trued.advisories.stated_severity import severity_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from trued.advisories.record import Record
    from trued.advisories.severity import Rating
    from trued.core.names import ProjectName

__all__ = ["KeptRatings"]

_STATED = """
SELECT name.rowid, name.name, record.id, record.severity FROM name JOIN record ON record.id = name.record
WHERE record.severity <> '' AND record.withdrawn = '' AND name.name IN
"""


class KeptRatings:
    """Rates records; what was found out is remembered as long as the database is open."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._said: dict[str, str] = {}
        self._silent: list[Record] = []
        self._stated: dict[str, dict[str, str]] = {}
        self._scores = Scores()
        self._own: dict[tuple[str, ProjectName], Rating | None] = {}
        self._ratings: dict[tuple[str, ProjectName], Rating] = {}

    def add(self, record: Record, said: str) -> None:
        """Take in what *record*, which may be asked for, says of its severity itself."""
        self._said[record.id] = said
        if not said:
            self._silent.append(record)

    def of(self, record: Record, project: ProjectName) -> Rating:
        """Rate *record* for *project*. Raises what SQLite and the parser do for a damaged database."""
        known = self._ratings.get((record.id, project))
        if known is None:
            known = self._ratings[record.id, project] = self._rated(record, project)
        return known

    def _rated(self, record: Record, project: ProjectName) -> Rating:
        own = self._by_itself(record.id, self._said.get(record.id, ""), project)
        if own is not None:
            return own
        found: dict[str, str] = {}
        for name in (record.id, *record.aliases):
            if name not in self._stated:
                self._learn(record)
            found |= self._stated[name]
        found.pop(record.id, None)
        others = [self._by_itself(identifier, text, project) for identifier, text in found.items()]
        return worst([each for each in others if each is not None])

    def _by_itself(self, identifier: str, text: str, project: ProjectName) -> Rating | None:
        if not text:
            return None
        key = (identifier, project)
        if key not in self._own:
            record = severity_record(identifier, text)
            self._own[key] = rate_itself(record, project, scores=self._scores)
        return self._own[key]

    def _learn(self, record: Record) -> None:
        """Find out what the records say that go by the names of *record*, or of a silent one at hand."""
        silent, self._silent = [record, *self._silent], []
        names = {name for each in silent for name in (each.id, *each.aliases)}
        asked = [name for name in names if name not in self._stated]
        self._stated.update((name, {}) for name in asked)
        for _, name, identifier, text in sorted(selected(self._connection, _STATED, asked)):
            self._stated[name][identifier] = text
