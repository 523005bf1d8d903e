"""Tables of a policy file read by a schema: every mistake of every table at once, each with its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from trued.config.entry import nearest
from trued.config.origin import Origin
from trued.core.finding import Finding, Level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trued.config.toml_lines import Lines

__all__ = ["Field", "Row", "Schema", "a_text", "read_rows", "shown_key", "some_texts"]

_MOST_TABLES = 10_000
_SHOWN = 80

Check = Callable[[object], str]
"""Returns what is wrong with a value, as words that follow the key, or an empty text."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Field:
    """One key of a table."""

    check: Check
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Schema:
    """The keys of ``[[name]]`` tables, what holds between them, and the finding for what is wrong."""

    name: str
    fields: Mapping[str, Field]
    code: str
    whole: Check | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """One table that keeps to its schema, and where it begins."""

    values: Mapping[str, object]
    origin: Origin

    def text(self, key: str) -> str:
        """Return the text of *key*, empty where it is not stated."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts of *key*; one text is a list of one."""
        value = self.values.get(key, [])
        return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else ()


def read_rows(
    value: object, schema: Schema, origin: Origin, lines: Lines, findings: list[Finding]
) -> Iterator[Row]:
    """Yield the sound tables among *value*, the key of *origin* in one file; the rest goes to *findings*."""
    if not isinstance(value, list):
        findings.append(_wrong(schema, origin, f"it is an array of tables, [[{schema.name}]]"))
        return
    if len(value) > _MOST_TABLES:
        findings.append(_wrong(schema, origin, f"there are more than {_MOST_TABLES} of them"))
        return
    numbers = lines.of_tables(schema.name)
    for position, table in enumerate(value):
        line = numbers[position] if position < len(numbers) else origin.line
        place = Origin(source=origin.source, name=schema.name, file=origin.file, line=line)
        problems = list(_problems(table, schema))
        findings += [_wrong(schema, _at(place, key, lines), problem) for key, problem in problems]
        if not problems and isinstance(table, dict):
            yield Row(values=table, origin=place)


def a_text(value: object) -> str:
    """Ask for a text that is not empty and can be printed."""
    return "" if isinstance(value, str) and value.strip() and value.isprintable() else "is a text"


def some_texts(value: object) -> str:
    """Ask for a list of such texts, or one of them."""
    items = value if isinstance(value, list) else [value]
    return "" if items and not any(map(a_text, items)) else "is a list of texts"


def _problems(table: object, schema: Schema) -> Iterator[tuple[str, str]]:
    """Yield each mistake with the key it stands at, which is empty for the table as a whole."""
    if not isinstance(table, dict):
        yield "", f"it is a table with {_listed(list(schema.fields))}"
        return
    sound = True
    for key, value in table.items():
        problem = _of_key(key, value, schema)
        if problem:
            sound = False
            yield key, problem
    for key, field in schema.fields.items():
        if field.required and table.get(key) in (None, "", []):
            sound = False
            yield "", f"{key} is needed"
    if sound and schema.whole is not None:
        problem = schema.whole(table)
        if problem:
            yield "", problem


def _of_key(key: str, value: object, schema: Schema) -> str:
    field = schema.fields.get(key)
    if field is None:
        known = nearest(key, [*schema.fields])
        meant = f"did you mean {known}? " if known != "none" else ""
        return f"unknown key {shown_key(key)}; {meant}known are {_listed(list(schema.fields))}"
    if value in ("", []) and field.required:
        return ""
    problem = field.check(value)
    return f"{key} {problem}" if problem else ""


def shown_key(key: str) -> str:
    """Return *key* so that a letter that only looks like another one is seen to be another."""
    plain = key.isascii() and key.isprintable()
    return key[:_SHOWN] if plain else f"{key[:_SHOWN]} ({key[:_SHOWN]!a})"


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]


def _at(origin: Origin, key: str, lines: Lines) -> Origin:
    line = lines.of_key_below(origin.line, key) if key and origin.line else 0
    return Origin(source=origin.source, name=origin.name, file=origin.file, line=line or origin.line)


def _wrong(schema: Schema, origin: Origin, problem: str) -> Finding:
    return Finding(
        code=schema.code,
        level=Level.ERROR,
        subject=schema.name,
        place=origin.place,
        values={"problem": problem},
    )
