"""Texts and TOML values read into the type that an option states."""

from __future__ import annotations

import os

from trued.config.option import Kind, Type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.config.option import Option

__all__ = ["InvalidValue", "expanded", "expected", "from_argument", "from_toml", "from_variable", "truth"]

_TRUE = ("y", "yes", "t", "true", "on", "1")
_FALSE = ("n", "no", "f", "false", "off", "0")


class InvalidValue(ValueError):
    """The text is no value of the option's type."""


def truth(text: str) -> bool:
    """Return the boolean *text* says, by pip's words (``strtobool``). Raises :class:`InvalidValue`."""
    lowered = text.lower()
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise InvalidValue(text)


def expected(option: Option) -> str:
    """Name what *option* takes, for a finding."""
    if option.choices:
        return ", ".join(option.choices)
    if option.kind is Kind.COUNT:
        return "a whole number, true or false"
    return _WORDS[option.type]


def from_argument(option: Option, text: str, environ: Mapping[str, str]) -> object:
    """Read one value of the command line. Raises :class:`InvalidValue`."""
    if option.kind is Kind.NAMES:
        return _names(text)
    return _one(option, text, environ)


def from_variable(option: Option, text: str, environ: Mapping[str, str]) -> object:
    """Read a variable, or a value of pip's files: lists are split at white space (pip ``_update_defaults``).

    Raises :class:`InvalidValue`.
    """
    if option.kind is Kind.COUNT:
        return _count(text)
    if option.kind is Kind.NAMES:
        return _names(text)
    if option.kind is Kind.LIST:
        return tuple(_one(option, word, environ) for word in text.split())
    return _one(option, text, environ)


def from_toml(option: Option, value: object, folder: str, environ: Mapping[str, str]) -> object:
    """Read a value of a trued file; relative paths are taken from *folder*, that of the file.

    A list may be one string, which is one item. Raises :class:`InvalidValue`.
    """
    if option.kind is Kind.COUNT:
        return _count(_plain_text(value))
    if option.kind in (Kind.LIST, Kind.NAMES):
        return _toml_list(option, value, folder, environ)
    if isinstance(value, bool):
        if option.type is not Type.BOOLEAN:
            raise InvalidValue(str(value).lower())
        return value
    if option.type is Type.BOOLEAN:
        raise InvalidValue(_plain_text(value))
    return _based(option, _one(option, _plain_text(value), environ), folder)


def _toml_list(option: Option, value: object, folder: str, environ: Mapping[str, str]) -> tuple[object, ...]:
    given: list[object] = value if isinstance(value, list) else [value]
    items = [item for item in given if isinstance(item, str)]
    if len(items) != len(given):
        raise InvalidValue(str(value))
    if option.kind is Kind.NAMES:
        return tuple(name for item in items for name in _names(item))
    return tuple(_based(option, _one(option, item, environ), folder) for item in items)


def _plain_text(value: object) -> str:
    """Return the text of a scalar; dates and times are written as ISO 8601."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float)):
        return str(value)
    isoformat = getattr(value, "isoformat", None)
    if isoformat is None:
        raise InvalidValue(str(value))
    return str(isoformat())


def _based(option: Option, value: object, folder: str) -> object:
    """Return a relative path as one below *folder*."""
    if not isinstance(value, str) or option.type not in (Type.PATH, Type.LOCATION):
        return value
    if "://" in value or value.startswith("file:"):
        return value
    return os.path.join(folder, value)


def _count(text: str) -> int:
    if text.lower() in _TRUE + _FALSE and text not in ("0", "1"):
        return int(truth(text))
    return _integer(text)


def _names(text: str) -> tuple[str, ...]:
    from trued.config.format_control import split_names

    if text.startswith("-"):
        raise InvalidValue(text)
    return split_names(text)


def _one(option: Option, text: str, environ: Mapping[str, str]) -> object:
    if option.choices:
        return _choice(option, text)
    if option.type in (Type.PATH, Type.LOCATION):
        return expanded(text, environ)
    if option.type in (Type.TEXT, Type.URL):
        return text
    return _READERS[option.type](text)


def _choice(option: Option, text: str) -> str:
    if text not in option.choices:
        raise InvalidValue(text)
    return text


def expanded(path: str, environ: Mapping[str, str]) -> str:
    """Return *path* with a leading ``~`` replaced by the home folder."""
    if path != "~" and not path.startswith("~/"):
        return path
    home = environ.get("HOME") or os.path.expanduser("~")
    return home.rstrip("/") + path[1:] or "/"


def _integer(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise InvalidValue(text)
    return int(text)


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise InvalidValue(text) from error
    if not 0 <= number < float("inf"):
        raise InvalidValue(text)
    return number


def _project(text: str) -> str:
    from trued.core.names import is_valid_name, normalize

    if not is_valid_name(text):
        raise InvalidValue(text)
    return normalize(text)


def _projects(text: str) -> str:
    """Read names with commas between; what comes back is normalised and written the same way."""
    return ",".join(_project(name.strip()) for name in text.split(","))


def _setting(text: str) -> str:
    """Read what goes to a build backend (pip ``_handle_config_settings``)."""
    if not text.partition("=")[0].strip() or "=" not in text:
        raise InvalidValue(text)
    return text


def _python_version(text: str) -> tuple[int, ...]:
    """Read ``3``, ``37``, ``3.7`` or ``3.7.3`` (pip ``_convert_python_version``)."""
    parts = text.split(".")
    if len(parts) == 1 and len(text) > 1:
        parts = [text[0], text[1:]]
    if len(parts) > 3:
        raise InvalidValue(text)
    return tuple(_integer(part) for part in parts)


def _cutoff(text: str) -> object:
    from trued.config.cutoff import InvalidCutoff, parse_cutoff

    try:
        return parse_cutoff(text)
    except InvalidCutoff as error:
        raise InvalidValue(text) from error


def _age(text: str) -> object:
    from trued.config.age import InvalidAge, parse_age

    try:
        return parse_age(text)
    except InvalidAge as error:
        raise InvalidValue(text) from error


_READERS = {
    Type.BOOLEAN: truth,
    Type.INTEGER: _integer,
    Type.NUMBER: _number,
    Type.PROJECT: _project,
    Type.PROJECTS: _projects,
    Type.SETTING: _setting,
    Type.PYTHON_VERSION: _python_version,
    Type.CUTOFF: _cutoff,
    Type.AGE: _age,
}

_WORDS = {
    Type.BOOLEAN: "true or false",
    Type.TEXT: "a text",
    Type.CHOICE: "one of a list",
    Type.INTEGER: "a whole number",
    Type.NUMBER: "a number of seconds",
    Type.PATH: "a path",
    Type.LOCATION: "a path or URL",
    Type.URL: "a URL",
    Type.PROJECT: "a project name",
    Type.PROJECTS: "project names with commas between",
    Type.SETTING: "KEY=VALUE",
    Type.PYTHON_VERSION: "a version such as 3.12",
    Type.AGE: "an age such as 3d, 12h or 2w",
    Type.CUTOFF: "a date such as 2026-01-31, a time, or days such as P3D",
}
