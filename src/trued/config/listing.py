"""What is set and where, as rows for ``trued config``. Credentials are masked."""

from __future__ import annotations

import os
from dataclasses import dataclass

from trued.config.age import age_text
from trued.config.entry import Entry, Reading
from trued.config.locations import locate
from trued.config.mask import masked
from trued.config.options import OPTIONS, by_pip_name, by_variable
from trued.config.pip_files import read_pip_files
from trued.config.pip_paths import pip_file_paths
from trued.config.project_rule import tightened
from trued.config.rule_settings import rule_key, rule_text
from trued.config.trued_files import read_project, read_system, read_user
from trued.config.variables import pip_variables, trued_variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trued.config.rule_settings import RuleSetting
    from trued.config.settings import AgeSetting, Settings
    from trued.policy.exceptions import PolicyException

__all__ = ["Row", "SourceRows", "debug_rows", "setting_rows", "value_text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One key, its value as text, and where it came from (``default`` when nobody set it)."""

    key: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRows:
    """One source: its name, whether there is anything to read, and what it states."""

    name: str
    exists: bool
    rows: tuple[Row, ...]


def setting_rows(settings: Settings, *, defaults: bool = False) -> tuple[Row, ...]:
    """Return the settings that somebody set, by key; with *defaults* all of them."""
    rows = [
        Row(
            key=option.name,
            value=value_text(settings, option.name),
            origin=str(settings.origins.get(option.name, "default")),
        )
        for option in OPTIONS
        if option.field and option.configurable and (defaults or option.name in settings.origins)
    ]
    rows += [
        Row(key=f"index.{index.name}", value=_index_text(index.url, index.projects), origin=str(index.origin))
        for index in settings.indexes
    ]
    rows += _policy_rows(settings.exceptions, settings.min_ages, settings.rules)
    return tuple(sorted(rows, key=lambda row: row.key))


def value_text(settings: Settings, key: str) -> str:
    """Return the value of *key* as a text that ``trued config set`` would read, without credentials."""
    if key in ("only-binary", "no-binary"):
        names = getattr(settings.format_control, key.replace("-", "_"))
        return ",".join(sorted(names))
    if key == "no-cache-dir":
        return "true" if settings.cache_dir is None else "false"
    field = next(option.field for option in OPTIONS if option.name == key)
    return masked(_text(getattr(settings, field)))


def debug_rows(environ: Mapping[str, str], cwd: str) -> tuple[SourceRows, ...]:
    """Return every source from strong to weak, with what each states before they are weighed.

    What a project's file states and may not is left out here and told by the findings.
    """
    locations = locate(environ, cwd, isolated=False)
    names = by_pip_name()
    pip_paths = pip_file_paths(environ, isolated=False)
    pip_files = [(path, read_pip_files([path], names, "install", environ)) for path in pip_paths]
    below = Reading()
    for _, reading in pip_files:
        below.add(reading)
    system, user = read_system(locations, environ), read_user(locations, environ)
    below.add(system)
    below.add(user)
    project = read_project(locations, environ)
    tightened(project, below)
    known = list(by_variable())
    sources = [
        _source("TRUED_* variables", trued_variables(by_variable(), known, environ), exists=True),
        _source("PIP_* variables", pip_variables(names, environ), exists=True),
        _source(locations.project or "project file", project, exists=locations.project is not None),
        _source(locations.user or "user file", user, exists=_exists(locations.user)),
    ]
    sources += [_source(path, _of_file(system, path), exists=_exists(path)) for path in locations.system]
    sources += [_source(path, reading, exists=_exists(path)) for path, reading in reversed(pip_files)]
    return tuple(sources)


def _of_file(reading: Reading, path: str) -> Reading:
    return Reading(
        entries=[entry for entry in reading.entries if entry.origin.file == path],
        indexes=[index for index in reading.indexes if index.origin.file == path],
        exceptions=[one for one in reading.exceptions if one.place and one.place.file == path],
        ages=[one for one in reading.ages if one.origin.file == path],
        rules=[one for one in reading.rules if one.origin.file == path],
    )


def _source(name: str, reading: Reading, *, exists: bool) -> SourceRows:
    rows = [_row(entry) for entry in reading.entries]
    rows += [
        Row(key=f"index.{index.name}", value=_index_text(index.url, index.projects), origin=str(index.origin))
        for index in reading.indexes
    ]
    rows += _policy_rows(reading.exceptions, reading.ages, reading.rules)
    return SourceRows(name=name, exists=exists, rows=tuple(rows))


def _policy_rows(
    exceptions: Iterable[PolicyException], ages: Iterable[AgeSetting], rules: Iterable[RuleSetting]
) -> list[Row]:
    rows = [
        Row(
            key=f"exception.{one.project}.{one.rule}{'==' if one.version else ''}{one.version}",
            value=f"until {one.until}: {one.reason}",
            origin=f"exception in {one.place}",
        )
        for one in exceptions
    ]
    rows += [
        Row(key=f"{one.table}.{masked(one.key)}", value=age_text(one.age), origin=str(one.origin))
        for one in ages
    ]
    rows += [Row(key=rule_key(one), value=masked(rule_text(one)), origin=str(one.origin)) for one in rules]
    return rows


def _row(entry: Entry) -> Row:
    return Row(key=entry.option.name, value=masked(entry.text), origin=str(entry.origin))


def _exists(path: str | None) -> bool:
    return path is not None and os.path.exists(path)


def _index_text(url: str, projects: frozenset[str]) -> str:
    return " ".join([masked(url), *sorted(projects)])


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        separator = "." if value and isinstance(value[0], int) else " "
        return separator.join(str(item) for item in value)
    return _own_text(value)


def _own_text(value: object) -> str:
    """Return the text of a level, an age, a cut-off or a plain value."""
    from datetime import timedelta

    from trued.config.cutoff import Cutoff
    from trued.config.settings import PolicyLevel

    if isinstance(value, PolicyLevel):
        return value.value
    if isinstance(value, timedelta):
        return age_text(value)
    if isinstance(value, Cutoff):
        return value.moment.isoformat() if value.moment is not None else f"P{value.days}D"
    return str(value)
