"""What pip's configuration files state.

pip reads, from weak to strong, the system's files, the user's, that of the virtual environment and the one
that ``PIP_CONFIG_FILE`` names (which replaces the user's); in each, ``[global]`` and then the section of the
command (pip 26.3 ``configuration.py``, ``cli/parser.py``). Keys that trued does not know are ignored, as pip
does.
"""

from __future__ import annotations

from trued.config.entry import Reading
from trued.config.origin import Origin, Source
from trued.config.variables import pip_entry
from trued.core.finding import Finding, Level, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.config.option import Option

__all__ = ["read_pip_files"]


def read_pip_files(
    paths: list[str], names: Mapping[str, Option], command: str, environ: Mapping[str, str]
) -> Reading:
    """Read *paths*, the weakest first; every key of ``[command]`` beats every key of ``[global]``."""
    reading = Reading()
    stated: dict[str, dict[str, tuple[str, str, int]]] = {"global": {}, command: {}}
    for path in paths:
        for section, key, text, line in _items(path, reading):
            if section in stated:
                stated[section][key] = (text, path, line)
    for section, items in stated.items():
        for key, (text, path, line) in items.items():
            if key in names and text:
                origin = Origin(source=Source.PIP_FILE, name=f"{section}.{key}", file=path, line=line)
                pip_entry(reading, names[key], origin, text, environ)
    return reading


def _items(path: str, reading: Reading) -> list[tuple[str, str, str, int]]:
    """Return (section, key, text, line) of every key in the file; a file that is not there has none."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, UnicodeDecodeError) as error:
        reading.findings.append(_unreadable(path, 0, _reason(error)))
        return []
    if not text.strip():
        return []  # as the null device, which switches pip's files off
    import configparser

    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error as error:
        line = getattr(error, "lineno", None) or 0
        reading.findings.append(_unreadable(path, line, "not in the form of a pip configuration file"))
        return []
    lines = text.splitlines()
    return [
        (section, _key(name), value or "", _line(lines, section, name))
        for section in parser.sections()
        for name, value in parser.items(section)
    ]


def _key(name: str) -> str:
    return name.lower().replace("_", "-").removeprefix("--")


def _line(lines: list[str], section: str, name: str) -> int:
    """Return the number of the line that states *name* in *section*, 0 when it is not found."""
    inside = False
    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        if stripped.startswith("["):
            inside = stripped == f"[{section}]"
        elif inside and stripped.replace(":", "=").partition("=")[0].strip().lower() == name:
            return number
    return 0


def _unreadable(path: str, line: int, reason: str) -> Finding:
    return Finding(
        code="TRU604", level=Level.ERROR, subject=path, place=Place(path, line), values={"reason": reason}
    )


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return "not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror or str(error)
