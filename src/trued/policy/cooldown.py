"""Rules about when a file was uploaded: a latest moment, and an age that a file must have reached.

Most malicious releases are found within days; a file that has been public for a while has been looked at.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from trued.core.age import spelled_seconds
from trued.core.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.core.names import ProjectName

__all__ = ["Cooldown", "read_upload_time", "spelled_age"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooldown:
    """The age a file must have, by project, else by index, else in general; zero asks for none.

    Keys of ``by_project`` are names, or beginnings of names that end in ``*``; of ``by_index`` the addresses
    that files carry, with a slash at the end.
    """

    min_age: timedelta = timedelta(0)
    by_project: Mapping[str, timedelta] = field(default_factory=dict)
    by_index: Mapping[str, timedelta] = field(default_factory=dict)

    def age_for(self, project: ProjectName, index: str) -> timedelta:
        """Return the age that a file of *project* from *index* must have; the longest pattern decides."""
        named = self.by_project.get(project)
        if named is not None:
            return named
        patterns = [key for key in self.by_project if key.endswith("*") and project.startswith(key[:-1])]
        if patterns:
            return self.by_project[max(patterns, key=len)]
        return self.by_index.get(f"{index.rstrip('/')}/", self.min_age)


def read_upload_time(text: str) -> datetime | None:
    """Return the moment that an index states (RFC 3339; PEP 700: in UTC), ``None`` when it states none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def spelled_age(age: timedelta) -> str:
    """Return *age* in the largest unit that is at least one: ``3 days``, ``5 hours``, ``1 minute``."""
    return spelled_seconds(int(age.total_seconds()))
