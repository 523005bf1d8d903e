"""All sources read, weighed against each other, and made into :class:`Settings`.

From strong to weak: flags, ``TRUED_*``, ``PIP_*``, the project's file, the user's, the system's, pip's files.
The strongest source of an option decides. Two kinds add up, as they do in pip: a list on the command line is
added to the list that is configured, and ``--only-binary`` and ``--no-binary`` act one after the other, from
every source.
"""

from __future__ import annotations

import os

from trued.config.consistency import contradictions
from trued.config.format_control import FormatControl
from trued.config.locations import Locations, default_cache_directory, locate
from trued.config.option import Kind, Option
from trued.config.options import OPTIONS, by_pip_name, by_variable, of_command
from trued.config.origin import Origin, Source
from trued.config.pip_files import read_pip_files
from trued.config.pip_paths import pip_file_paths
from trued.config.project_rule import tightened, with_strict_age
from trued.config.settings import PolicyLevel, Settings
from trued.config.trued_files import read_project, read_system, read_user
from trued.config.variables import pip_variables, trued_variables
from trued.core.finding import Finding, Level
from trued.core.record import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from trued.config.entry import Entry, Reading

__all__ = ["Loaded", "load"]

_SEES_ALL = ("config", "policy", "doctor")
"""Commands that look at settings themselves, and so at those of every command."""

_RAISED_BY_STRICT = ("TRU601", "TRU603", "TRU605", "TRU606", "TRU618", "TRU790")
"""What is only told in ``standard``: unknown keys and variables, for a typing error in a setting that
tightens must not go by; a project's file that tries to loosen; policy files that others can write; a pin
without a backup.
"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Loaded:
    """The settings, every finding about them (errors too), and where trued's files are."""

    settings: Settings
    findings: tuple[Finding, ...]
    locations: Locations


def load(
    command: str, flags: Iterable[Entry], *, environ: Mapping[str, str], cwd: str, isolated: bool = False
) -> Loaded:
    """Read every source for *command* and return what it adds up to.

    Nothing is raised: where a value cannot be read the next weaker one stands and the findings say so.
    *flags* are the command line's, in its order. ``config`` and ``policy`` see the options of every command.
    """
    locations = locate(environ, cwd, isolated=isolated)
    options = OPTIONS if command in _SEES_ALL else of_command(command)
    variables = {} if isolated else environ
    reading = _files(locations, options, command, environ, isolated=isolated)
    reading.add(pip_variables(by_pip_name(options), variables))
    if command == "audit" and any(name.startswith("PIP_AUDIT_") for name in variables):
        from trued.config.pip_audit_variables import pip_audit_variables

        reading.add(pip_audit_variables({option.name: option for option in options}, variables))
    reading.add(trued_variables(by_variable(options), list(by_variable()), variables))
    reading.entries += flags
    settings = _settings(reading, {option.name for option in options}, environ, cwd)
    settings = with_strict_age(settings, reading.findings)
    reading.findings += contradictions(settings, command)
    return Loaded(settings=settings, findings=_weighed(reading.findings, settings.level), locations=locations)


def _files(
    locations: Locations,
    options: tuple[Option, ...],
    command: str,
    environ: Mapping[str, str],
    *,
    isolated: bool,
) -> Reading:
    section = "install" if command in _SEES_ALL else command
    paths = pip_file_paths(environ, isolated=isolated)
    reading = read_pip_files(paths, by_pip_name(options), section, environ)
    reading.add(read_system(locations, environ))
    reading.add(read_user(locations, environ))
    project = read_project(locations, environ)
    tightened(project, reading)
    reading.add(project)
    return reading


def _settings(reading: Reading, names: set[str], environ: Mapping[str, str], cwd: str) -> Settings:
    """Make the settings of the entries whose option is among *names*, the weakest first."""
    winners: dict[str, Entry] = {}
    control = FormatControl()
    for entry in reading.entries:
        option = entry.option
        if option.name not in names:
            continue
        if option.kind is Kind.NAMES:
            control = _controlled(control, entry)
        winners[option.name] = _over(winners.get(option.name), entry)
    values: dict[str, Any] = {option.field: option.default for option in OPTIONS if option.field}
    values.update((entry.option.field, entry.value) for entry in winners.values())
    values["level"] = PolicyLevel(values["level"])
    values["format_control"] = control
    values["cache_dir"] = _cache_dir(winners, environ, cwd)
    del values["no_cache_dir"]
    origins: dict[str, Origin] = {name: entry.origin for name, entry in winners.items()}
    return Settings(
        **values,
        indexes=tuple(reversed(reading.indexes)),
        min_ages=tuple(reading.ages),
        exceptions=tuple(reversed(reading.exceptions)),
        rules=tuple(reversed(reading.rules)),
        origins=origins,
    )


def _over(standing: Entry | None, entry: Entry) -> Entry:
    """Return what stands once the stronger *entry* is read: a flag's list is added, its count too (pip)."""
    if standing is None or entry.origin.source is not Source.FLAG:
        return entry
    if entry.option.kind is Kind.LIST:
        return replace(entry, value=(*_items(standing.value), *_items(entry.value)))
    if entry.option.kind is Kind.COUNT:
        return replace(entry, value=_count(standing.value) + _count(entry.value))
    return entry


def _items(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def _controlled(control: FormatControl, entry: Entry) -> FormatControl:
    names = [str(name) for name in _items(entry.value)]
    if entry.option.name == "only-binary":
        return control.with_only_binary(names)
    return control.with_no_binary(names)


def _cache_dir(winners: Mapping[str, Entry], environ: Mapping[str, str], cwd: str) -> str | None:
    """Return the cache folder: of ``cache-dir`` and ``no-cache-dir`` the stronger, the latter in a tie."""
    folder, without = winners.get("cache-dir"), winners.get("no-cache-dir")
    if without is not None and without.value and _source(folder) <= without.origin.source:
        return None
    if folder is None:
        return default_cache_directory(environ)
    return os.path.join(cwd, str(folder.value))


def _source(entry: Entry | None) -> Source:
    return entry.origin.source if entry is not None else Source.DEFAULT


def _weighed(findings: list[Finding], level: PolicyLevel) -> tuple[Finding, ...]:
    if level is not PolicyLevel.STRICT:
        return tuple(findings)
    return tuple(
        replace(finding, level=Level.ERROR) if finding.code in _RAISED_BY_STRICT else finding
        for finding in findings
    )
