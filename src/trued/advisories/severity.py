"""How severe an advisory is: from its CVSS vector, else its database's word, else its aliases' records.

The bounds of the levels are those of CVSS ("Qualitative severity rating scale": low 0.1, medium 4.0, high
7.0, critical 9.0). The newest CVSS version that a record has is taken.
"""

from __future__ import annotations

from enum import Enum

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from trued.advisories.record import Record, SeverityVector
    from trued.core.names import ProjectName

__all__ = ["Rating", "Scores", "Severity", "rate", "rate_itself", "worst"]


class Severity(Enum):
    """The four levels, least first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    def reaches(self, threshold: Severity) -> bool:
        """Tell whether this is at least *threshold*."""
        order = list(Severity)
        return order.index(self) >= order.index(threshold)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """How severe, and who says so.

    ``severity`` is ``None`` where nothing says. ``origin`` is ``cvss-4.0``, ``cvss-3.1``, ``cvss-3.0``,
    ``cvss-2.0``, ``database``, ``malware`` or ``unknown``; ``record`` the record whose word it is. ``score``
    and ``vector`` are there when CVSS is the origin.
    """

    severity: Severity | None
    origin: str
    record: str = ""
    score: float | None = None
    vector: str = ""

    @property
    def counts_as(self) -> Severity:
        """The level to hold against a threshold: what is unknown counts as high."""
        return self.severity or Severity.HIGH


_UNKNOWN = Rating(severity=None, origin="unknown")


class Scores(dict["SeverityVector", "float | None"]):
    """The base scores of vectors by the ``cvss`` library, ``None`` for what is no vector of its type."""

    def __missing__(self, vector: SeverityVector) -> float | None:
        score = self[vector] = _base_score(vector.type, vector.score.strip())
        return score


_WORDS = {
    "low": Severity.LOW,
    "negligible": Severity.LOW,
    "moderate": Severity.MEDIUM,
    "medium": Severity.MEDIUM,
    "high": Severity.HIGH,
    "important": Severity.HIGH,
    "critical": Severity.CRITICAL,
}
_NEWEST_FIRST = ("CVSS_V4", "CVSS_V3", "CVSS_V2")


def rate(
    record: Record, project: ProjectName, *, aliases: Iterable[Record] = (), scores: Scores | None = None
) -> Rating:
    """Rate *record* for *project*; *aliases* are the records of the other names it goes by.

    Of several aliases the most severe counts. Malware is critical, whatever else is said. *scores* spares the
    scoring of a vector that was met before.
    """
    known = Scores() if scores is None else scores
    if record.is_malware:
        return Rating(severity=Severity.CRITICAL, origin="malware", record=record.id)
    own = rate_itself(record, project, scores=known)
    if own is not None:
        return own
    others = [rate_itself(each, project, scores=known) for each in aliases]
    return worst(each for each in others if each is not None)


def worst(ratings: Iterable[Rating]) -> Rating:
    """Return the most severe of *ratings*, the unknown one when there is none."""
    order = list(Severity)
    return max(ratings, key=lambda each: (order.index(each.counts_as), each.score or 0.0), default=_UNKNOWN)


def rate_itself(record: Record, project: ProjectName, *, scores: Scores) -> Rating | None:
    """Rate *record* for *project* by what it says itself, if it says anything; malware like any other."""
    entries = [entry for entry in record.affected if entry.project == project]
    for vectors in (*(entry.severity for entry in entries), record.severity):
        rating = _by_vectors(vectors, record.id, scores)
        if rating is not None:
            return rating
    for specific in (*(entry.database_specific for entry in entries), record.database_specific):
        word = specific.get("severity")
        found = _WORDS.get(word.strip().lower()) if isinstance(word, str) else None
        if found is not None:
            return Rating(severity=found, origin="database", record=record.id)
    return None


def _by_vectors(vectors: tuple[SeverityVector, ...], record: str, scores: Scores) -> Rating | None:
    for kind in _NEWEST_FIRST:
        scored = [(scores[each], each) for each in vectors if each.type == kind]
        known = [(score, each) for score, each in scored if score is not None]
        if known:
            score, vector = max(known, key=lambda pair: pair[0])
            text = vector.score.strip()
            origin = "cvss-" + _version_of(text, kind)
            return Rating(severity=_level(score), origin=origin, record=record, score=score, vector=text)
    return None


def _version_of(text: str, kind: str) -> str:
    if kind == "CVSS_V2":
        return "2.0"
    return text.partition("/")[0].removeprefix("CVSS:")


def _level(score: float) -> Severity:
    if score >= 9.0:
        return Severity.CRITICAL
    if score >= 7.0:
        return Severity.HIGH
    return Severity.MEDIUM if score >= 4.0 else Severity.LOW


def _base_score(kind: str, text: str) -> float | None:
    from cvss import CVSS2, CVSS3, CVSS4, CVSSError

    read = {"CVSS_V2": CVSS2, "CVSS_V3": CVSS3, "CVSS_V4": CVSS4}[kind]
    try:
        return float(read(text).base_score)
    except (CVSSError, ValueError, ArithmeticError):
        return None
