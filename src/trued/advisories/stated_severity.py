"""What a record says of its severity, kept as a short text beside it, so that rating needs not all of it."""

from __future__ import annotations

from trued.advisories.record import AffectedProject, Record, SeverityVector
from trued.core.names import ProjectName

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["severity_record", "stated_severity"]


def stated_severity(
    severity: tuple[SeverityVector, ...],
    specific: Mapping[str, object],
    affected: tuple[AffectedProject, ...],
) -> str:
    """Return a record's vectors and its database's word, its own and those of its projects; empty if none."""
    entries = [entry for entry in affected if entry.severity or "severity" in entry.database_specific]
    if not severity and "severity" not in specific and not entries:
        return ""
    import json

    own = _said(severity, specific)
    return json.dumps(
        [own, [[each.project, _said(each.severity, each.database_specific)] for each in entries]]
    )


def severity_record(identifier: str, text: str) -> Record:
    """Return a record that says of its severity what *text* does, and nothing else."""
    if not text:
        return Record(id=identifier, modified="")
    import json

    (vectors, word), entries = json.loads(text)
    return Record(
        id=identifier,
        modified="",
        severity=_vectors(vectors),
        database_specific=_specific(word),
        affected=tuple(
            AffectedProject(
                project=ProjectName(project), severity=_vectors(own), database_specific=_specific(said)
            )
            for project, (own, said) in entries
        ),
    )


def _said(severity: tuple[SeverityVector, ...], specific: Mapping[str, object]) -> list[object]:
    word = specific.get("severity")
    return [[[each.type, each.score] for each in severity], word if isinstance(word, str) else None]


def _vectors(stated: list[list[str]]) -> tuple[SeverityVector, ...]:
    return tuple(SeverityVector(kind, score) for kind, score in stated)


def _specific(word: str | None) -> Mapping[str, object]:
    return {} if word is None else {"severity": word}
