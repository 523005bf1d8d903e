"""One key set in, or taken out of, a trued file; comments, order and layout of the file stay."""

from __future__ import annotations

import os
from dataclasses import dataclass

from trued.config.entry import nearest
from trued.config.locations import FILE_NAME, PYPROJECT
from trued.config.mask import has_secret, masked
from trued.config.option import Kind, ProjectRule
from trued.config.options import by_key
from trued.config.origin import Source
from trued.config.value import InvalidValue, expected, from_variable
from trued.core.errors import OperationalError, UsageError
from trued.core.finding import Finding, Level, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping

    from trued.config.locations import Locations
    from trued.config.option import Option

__all__ = ["Edited", "change_file", "file_of", "set_key", "unset_key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A file that was written, and what there is to say of it."""

    file: str
    findings: tuple[Finding, ...] = ()


def file_of(source: Source, locations: Locations, cwd: str) -> str:
    """Return the file of *source* to edit; a project without one gets a ``trued.toml`` in *cwd*.

    Raises :class:`UsageError` when that source is switched off (``--isolated``, ``TRUED_CONFIG_FILE``).
    """
    if source is Source.PROJECT:
        return locations.project or os.path.join(cwd, FILE_NAME)
    path = locations.user if source is Source.USER else next(iter(locations.system), None)
    if path is None:
        raise UsageError(Finding(code="TRU610", subject=source.name.lower()))
    return path


def set_key(file: str, source: Source, key: str, text: str, environ: Mapping[str, str]) -> Edited:
    """Write *text* as the value of *key*, as ``TRUED_*`` would read it, and return what was written.

    Raises :class:`UsageError` for an unknown key, a wrong value, or a key that a project's file may not set,
    and :class:`OperationalError` when the file cannot be read or written.
    """
    option = _option(key)
    if source is Source.PROJECT and option.project is ProjectRule.NEVER:
        raise UsageError(Finding(code="TRU611", subject=key, place=Place(file)))
    value = _value(option, text, environ)
    document = _read(file)
    _table(document, file)[key] = value
    _write(file, _dumped(document))
    secret = Finding(code="TRU612", level=Level.WARNING, subject=key, place=Place(file))
    return Edited(file=file, findings=(secret,) if has_secret(text) else ())


def unset_key(file: str, key: str) -> Edited:
    """Take *key* out of *file*, known or not.

    Raises :class:`UsageError` when it is not there, and :class:`OperationalError` as above.
    """
    document = _read(file)
    table = _table(document, file)
    if key not in table:
        raise UsageError(Finding(code="TRU613", subject=key, place=Place(file)))
    del table[key]
    _write(file, _dumped(document))
    return Edited(file=file)


def change_file(file: str, change: Callable[[MutableMapping[str, object]], None]) -> Edited:
    """Have *change* work on trued's table of *file*, a tomlkit container, and write the file.

    Raises as :func:`set_key`, and whatever *change* raises; nothing is written then.
    """
    document = _read(file)
    change(_table(document, file))
    _write(file, _dumped(document))
    return Edited(file=file)


def _option(key: str) -> Option:
    option = by_key().get(key)
    if option is None:
        raise UsageError(Finding(code="TRU601", subject=key, values={"nearest": nearest(key, [*by_key()])}))
    return option


def _value(option: Option, text: str, environ: Mapping[str, str]) -> object:
    """Return the TOML value for *text*: words as they were written, so that ``~`` stays."""
    try:
        value = from_variable(option, text, environ)
    except InvalidValue as error:
        values = {"value": masked(text), "expected": expected(option)}
        raise UsageError(Finding(code="TRU602", subject=option.name, values=values)) from error
    if isinstance(value, (bool, int, float)):
        return value
    if option.kind is Kind.LIST:
        return text.split()
    return list(value) if option.kind is Kind.NAMES and isinstance(value, tuple) else text


def _read(file: str) -> MutableMapping[str, object]:
    import tomlkit
    from tomlkit.exceptions import ParseError

    try:
        with open(file, encoding="utf-8", newline="") as stream:
            return tomlkit.parse(stream.read())
    except FileNotFoundError:
        return tomlkit.document()
    except ParseError as error:
        raise UsageError(_problem("TRU604", file, f"not TOML: {error}")) from error
    except UnicodeDecodeError as error:
        raise UsageError(_problem("TRU604", file, "not UTF-8 text")) from error
    except OSError as error:
        raise OperationalError(_problem("TRU604", file, error.strerror or str(error))) from error


def _dumped(document: MutableMapping[str, object]) -> str:
    import tomlkit

    return tomlkit.dumps(document)


def _table(document: MutableMapping[str, object], file: str) -> MutableMapping[str, object]:
    """Return the table that holds trued's keys, made where it is missing."""
    from collections.abc import MutableMapping

    import tomlkit

    if os.path.basename(file) != PYPROJECT:
        return document
    table: object = document
    for name in ("tool", "trued"):
        if isinstance(table, MutableMapping):
            table = table.setdefault(name, tomlkit.table())
    if not isinstance(table, MutableMapping):
        raise UsageError(_problem("TRU604", file, "[tool.trued] is not a table"))
    return table


def _write(file: str, text: str) -> None:
    """Replace *file* in one step; a link keeps pointing, a mode is kept, a new file is the user's alone."""
    from trued.core.whole_file import write_whole

    try:
        write_whole(os.path.realpath(file), text.encode(), mode=0o600, keeps_mode=True)
    except OSError as error:
        raise OperationalError(_problem("TRU614", file, error.strerror or str(error))) from error


def _problem(code: str, file: str, reason: str) -> Finding:
    return Finding(code=code, subject=file, place=Place(file), values={"reason": reason})
