"""What ``trued.toml`` and ``[tool.trued]`` state."""

from __future__ import annotations

import os

from trued.config.entry import Entry, Reading, invalid, nearest
from trued.config.locations import PYPROJECT, Locations
from trued.config.option import ProjectRule
from trued.config.options import OPTIONS, by_key
from trued.config.origin import Origin, Source
from trued.config.policy_file import has_endless_line, is_shared, read_policy_file
from trued.config.settings import AGE_TABLES, EXCEPTION, RULE_KEYS
from trued.config.toml_lines import Lines
from trued.config.value import InvalidValue, from_toml
from trued.core.finding import Finding, Level, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.config.option import Option

__all__ = ["read_document", "read_project", "read_system", "read_user"]


def read_system(locations: Locations, environ: Mapping[str, str]) -> Reading:
    """Read the system's files, the weakest first."""
    reading = Reading()
    for path in reversed(locations.system):
        reading.add(_read(path, Source.SYSTEM, environ))
    return reading


def read_user(locations: Locations, environ: Mapping[str, str]) -> Reading:
    """Read the user's file; one that ``TRUED_CONFIG_FILE`` names has to be there."""
    if locations.user is None:
        return Reading()
    return _read(locations.user, Source.USER, environ, must_exist=locations.named)


def read_project(locations: Locations, environ: Mapping[str, str]) -> Reading:
    """Read the nearest project's file; ``trued.toml`` wins over a ``pyproject.toml`` beside it."""
    if locations.project is None:
        return Reading()
    reading = _read(locations.project, Source.PROJECT, environ)
    if locations.shadowed is not None:
        reading.findings.append(
            Finding(
                code="TRU608",
                level=Level.WARNING,
                subject=locations.shadowed,
                place=Place(locations.shadowed),
                values={"winner": locations.project},
            )
        )
    return reading


def _read(path: str, source: Source, environ: Mapping[str, str], *, must_exist: bool = False) -> Reading:
    try:
        data, status = read_policy_file(path)
    except (FileNotFoundError, NotADirectoryError) as error:
        return Reading(findings=[_unreadable(path, 0, error.strerror or str(error))] if must_exist else [])
    except OSError as error:
        return Reading(findings=[_unreadable(path, 0, error.strerror or str(error))])
    reading = read_document(data, path=path, source=source, environ=environ)
    shared = is_shared(status)
    if shared and (source is not Source.PROJECT or reading.rules or reading.exceptions):
        values = {"reason": shared}
        reading.findings.append(
            Finding(code="TRU618", level=Level.WARNING, subject=path, place=Place(path), values=values)
        )
    return reading


def read_document(data: bytes, *, path: str, source: Source, environ: Mapping[str, str]) -> Reading:
    """Read the bytes of a trued file at *path*; of a ``pyproject.toml`` only the table ``[tool.trued]``."""
    import tomllib

    if has_endless_line(data):
        return Reading(findings=[_unreadable(path, 0, "one of its lines is longer than 16 KiB")])
    try:
        text = data.decode()
        document: object = tomllib.loads(text)
    except UnicodeDecodeError:
        return Reading(findings=[_unreadable(path, 0, "not UTF-8 text")])
    except tomllib.TOMLDecodeError as error:
        return Reading(findings=[_unreadable(path, _line_of(error), f"not TOML: {error}")])
    except RecursionError:
        return Reading(findings=[_unreadable(path, 0, "its tables or lists are nested too deeply")])
    inside_pyproject = os.path.basename(path) == PYPROJECT
    if inside_pyproject:
        document = _table(_table(document, "tool"), "trued")
    if not isinstance(document, dict):
        return Reading(findings=[_unreadable(path, 0, "[tool.trued] is not a table")])
    reader = _Reader(path, source, Lines(text, "tool.trued" if inside_pyproject else ""), environ)
    for key, value in document.items():
        reader.take(key, value)
    return reader.reading


class _Reader:
    """Sorts the keys of one file into entries, indexes and findings."""

    def __init__(self, path: str, source: Source, lines: Lines, environ: Mapping[str, str]) -> None:
        self.reading = Reading()
        self._path = path
        self._source = source
        self._lines = lines
        self._environ = environ
        self._options = by_key()

    def take(self, key: str, value: object) -> None:
        origin = Origin(source=self._source, name=key, file=self._path, line=self._lines.of_key(key))
        option = self._options.get(key)
        if key == "index":
            from trued.config.index_table import read_indexes

            read_indexes(value, origin, self._lines, self.reading)
        elif key == EXCEPTION:
            from trued.config.policy_tables import read_exceptions

            read_exceptions(value, origin, self._lines, self.reading)
        elif key in AGE_TABLES:
            from trued.config.policy_tables import read_ages

            read_ages(value, origin, self.reading)
        elif key in RULE_KEYS:
            from trued.config.rule_tables import read_rule_table

            read_rule_table(value, origin, self._lines, self.reading, self._environ)
        elif option is None:
            self.reading.findings.append(_unknown(key, origin))
        elif option.field:
            self._set(option, origin, value)

    def _set(self, option: Option, origin: Origin, value: object) -> None:
        text = shown(value)
        try:
            read = from_toml(option, value, os.path.dirname(self._path), self._environ)
        except InvalidValue:
            self.reading.findings.append(invalid(option, origin, text))
        else:
            self.reading.entries.append(Entry(option=option, origin=origin, value=read, text=text))
            if option.project is ProjectRule.NARROW_ONLY and not read and self._source is not Source.PROJECT:
                self.reading.findings.append(Finding(code="TRU791", subject=option.name, place=origin.place))


def shown(value: object) -> str:
    """Write a TOML value for a listing: lists with spaces between, booleans as ``true`` and ``false``."""
    if isinstance(value, list):
        return " ".join(shown(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _unknown(key: str, origin: Origin) -> Finding:
    from trued.config.table_schema import shown_key

    only_a_flag = {option.name for option in OPTIONS if not option.configurable}
    if key in only_a_flag:
        return Finding(code="TRU606", level=Level.WARNING, subject=key, place=origin.place)
    return Finding(
        code="TRU601",
        level=Level.WARNING,
        subject=shown_key(key),
        place=origin.place,
        values={"nearest": nearest(key, [*by_key(), "index", EXCEPTION, *AGE_TABLES, *RULE_KEYS])},
    )


def _table(document: object, key: str) -> object:
    return document.get(key) if isinstance(document, dict) else None


def _line_of(error: ValueError) -> int:
    """Return the line that tomllib names in its message, ``(at line 3, column 1)``; 0 when it names none."""
    _, found, rest = str(error).rpartition("(at line ")
    number = rest.partition(",")[0]
    return int(number) if found and number.isdigit() else 0


def _unreadable(path: str, line: int, reason: str) -> Finding:
    return Finding(
        code="TRU604", level=Level.ERROR, subject=path, place=Place(path, line), values={"reason": reason}
    )
