"""Reads an OSV document into a :class:`Record`: strict in what counts, tolerant of what does not.

Fields that trued has no use for stay out. A field of the wrong type in what is evaluated makes the record
invalid, which is told: a record that cannot be read says nothing, not that all is well.
Source: OSV schema 1.7; "schema_version" follows semantic versioning, so that another major is refused.
"""

from __future__ import annotations

from trued.advisories.malware import is_malware, malicious_files
from trued.advisories.record import (
    AffectedProject,
    Event,
    EventKind,
    InvalidRecord,
    MaliciousFile,
    Range,
    Record,
    Reference,
    SeverityVector,
)
from trued.advisories.stated_severity import stated_severity
from trued.advisories.timestamp import InvalidTimestamp, sortable_time
from trued.core.names import is_valid_name, normalize
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trued.core.names import ProjectName

__all__ = ["Indexed", "parse_indexed", "parse_record", "record_of"]

_KINDS = {kind.value: kind for kind in EventKind}
_ID_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:")
_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Indexed:
    """What a database is searched by: all of a record that is evaluated, nothing that is only shown.

    ``severity`` is the text of :func:`stated_severity`.
    """

    id: str
    modified: str
    withdrawn: str
    aliases: tuple[str, ...]
    affected: tuple[AffectedProject, ...]
    severity: str
    is_malware: bool
    files: tuple[MaliciousFile, ...]


def parse_record(data: bytes) -> Record:
    """Read one OSV document. Raises :class:`InvalidRecord`."""
    return record_of(_json(data))


def parse_indexed(data: bytes) -> Indexed:
    """Read what one OSV document is searched by; invalid for the same reasons as :func:`parse_record`."""
    return _indexed(_json(data))


def record_of(value: object) -> Record:
    """Read one OSV document that JSON was parsed to. Raises :class:`InvalidRecord`."""
    core = _indexed(value)
    shown: Mapping[str, object] = value if isinstance(value, dict) else {}
    return Record(
        id=core.id,
        modified=core.modified,
        published=_time(shown, "published") or "",
        withdrawn=core.withdrawn,
        aliases=core.aliases,
        related=_shown_texts(shown, "related"),
        upstream=_shown_texts(shown, "upstream"),
        summary=_text(shown, "summary"),
        details=_text(shown, "details"),
        severity=_severity(shown),
        affected=core.affected,
        references=tuple(_references(shown)),
        database_specific=_object(shown, "database_specific"),
        is_malware=core.is_malware,
        files=core.files,
    )


def _json(data: bytes) -> object:
    import json

    try:
        return json.loads(data.decode())  # else it would look for other encodings first
    except (ValueError, RecursionError) as error:
        raise InvalidRecord("not JSON") from error


def _indexed(value: object) -> Indexed:
    if not isinstance(value, dict):
        raise InvalidRecord("not an object")
    try:
        return _evaluated(value)
    except InvalidRecord as error:
        raise InvalidRecord(
            error.detail, identifier=_identifier_hint(value), projects=_project_hints(value)
        ) from error


def _evaluated(value: dict[str, object]) -> Indexed:
    _check_schema(value)
    identifier = _identifier(value)
    aliases = _texts(value, "aliases")
    affected = tuple(_affected(value))
    specific = _object(value, "database_specific")
    return Indexed(
        identifier,
        _time(value, "modified") or "",
        _withdrawn(value),
        aliases,
        affected,
        stated_severity(_severity(value), specific, affected),
        is_malware((identifier, *aliases), specific, _text(value, "summary"), _text(value, "details")),
        malicious_files(affected, specific),
    )


def _check_schema(value: dict[str, object]) -> None:
    version = value.get("schema_version")
    if version is None:
        return
    if not isinstance(version, str) or version.partition(".")[0] != "1":
        raise InvalidRecord("schema_version")


def _identifier(value: Mapping[str, object]) -> str:
    identifier = value.get("id")
    if (
        isinstance(identifier, str)
        and 0 < len(identifier) <= _LONGEST_ID
        and _ID_CHARACTERS.issuperset(identifier)
    ):
        return identifier
    raise InvalidRecord("id")


def _affected(value: Mapping[str, object]) -> Iterator[AffectedProject]:
    for entry in _objects(value, "affected"):
        package = entry.get("package")
        if package is None:
            continue  # a record of a repository's commits, which names no project
        if not isinstance(package, dict):
            raise InvalidRecord("affected.package")
        ecosystem, name = package.get("ecosystem"), package.get("name")
        if not isinstance(ecosystem, str) or not isinstance(name, str):
            raise InvalidRecord("affected.package")
        if _is_of_python(ecosystem):
            if not is_valid_name(name):
                raise InvalidRecord("affected.package.name")
            yield AffectedProject(
                project=normalize(name),
                versions=_texts(entry, "versions"),
                ranges=tuple(_ranges(entry)),
                severity=_severity(entry),
                ecosystem_specific=_object(entry, "ecosystem_specific"),
                database_specific=_object(entry, "database_specific"),
            )


def _is_of_python(ecosystem: str) -> bool:
    """Tell whether an ecosystem is ours, in any case: no other has this name, and an error hides nothing."""
    return ecosystem == "PyPI" or ecosystem.partition(":")[0].lower() == "pypi"


def _ranges(entry: Mapping[str, object]) -> Iterator[Range]:
    for each in _objects(entry, "ranges"):
        kind = each.get("type")
        if not isinstance(kind, str):
            raise InvalidRecord("affected.ranges.type")
        if kind != "GIT":
            yield Range(kind, tuple(_events(each)))


def _events(each: Mapping[str, object]) -> Iterator[Event]:
    for event in _objects(each, "events"):
        known = [name for name in event if name in _KINDS]
        if not known:
            raise InvalidRecord("affected.ranges.events")
        for name in known:
            version = event[name]
            if not isinstance(version, str):
                raise InvalidRecord("affected.ranges.events")
            yield Event(_KINDS[name], version)


def _severity(value: Mapping[str, object]) -> tuple[SeverityVector, ...]:
    return tuple(
        SeverityVector(str(each.get("type", "")), str(each.get("score", "")))
        for each in _shown_objects(value, "severity")
    )


def _references(value: Mapping[str, object]) -> Iterator[Reference]:
    for each in _shown_objects(value, "references"):
        kind, url = each.get("type"), each.get("url")
        if isinstance(kind, str) and isinstance(url, str):
            yield Reference(kind, url)


def _objects(value: Mapping[str, object], name: str) -> list[dict[str, object]]:
    found = value.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not set(map(type, found)) <= {dict}:
        raise InvalidRecord(name)
    return found


def _shown_objects(value: Mapping[str, object], name: str) -> list[dict[str, object]]:
    """Return the objects of a list that is shown, not evaluated: what is no object is left out."""
    found = value.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _shown_texts(value: Mapping[str, object], name: str) -> tuple[str, ...]:
    found = value.get(name)
    return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()


def _object(value: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _texts(value: Mapping[str, object], name: str) -> tuple[str, ...]:
    found = value.get(name)
    if found is None:
        return ()
    if not isinstance(found, list) or not set(map(type, found)) <= {str}:
        raise InvalidRecord(name)
    return tuple(found)


def _text(value: Mapping[str, object], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""


def _time(value: Mapping[str, object], name: str) -> str | None:
    """Return a time of the record, empty when it has none, ``None`` when it cannot be read."""
    found = value.get(name)
    if found is None:
        return ""
    try:
        return sortable_time(found) if isinstance(found, str) else None
    except InvalidTimestamp:
        return None


def _withdrawn(value: Mapping[str, object]) -> str:
    """Return when the record was taken back. What cannot be read must not silence it, nor be passed over."""
    found = _time(value, "withdrawn")
    if found is None:
        raise InvalidRecord("withdrawn")
    return found


def _identifier_hint(value: Mapping[str, object]) -> str:
    try:
        return _identifier(value)
    except InvalidRecord:
        return ""


def _project_hints(value: Mapping[str, object]) -> tuple[ProjectName, ...]:
    """Return the names that an invalid record still gives, so that their releases are not called clean."""
    entries = value.get("affected")
    found: dict[ProjectName, None] = {}
    for entry in entries if isinstance(entries, list) else ():
        package = entry.get("package") if isinstance(entry, dict) else None
        name = package.get("name") if isinstance(package, dict) else None
        if isinstance(name, str) and is_valid_name(name):
            found[normalize(name)] = None
    return tuple(found)
