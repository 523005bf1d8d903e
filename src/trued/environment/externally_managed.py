"""The message of an environment that the system's package manager keeps (PEP 668)."""

from __future__ import annotations

import configparser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["message_of"]


def message_of(mark: str, environ: Mapping[str, str]) -> str:
    """Return what the ``EXTERNALLY-MANAGED`` file at *mark* tells users, in their language if it can.

    Empty when the file says nothing that can be read: it forbids all the same.
    """
    parser = configparser.ConfigParser(interpolation=None)
    try:
        with open(mark, encoding="utf-8") as file:
            parser.read_file(file)
        section = parser["externally-managed"]
    except (OSError, UnicodeDecodeError, configparser.Error, KeyError):
        return ""
    for key in _keys(environ):
        if key in section:
            return section[key].strip()
    return ""


def _keys(environ: Mapping[str, str]) -> Iterator[str]:
    chosen = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    language = chosen.partition(".")[0].partition("@")[0]
    if language:
        yield f"Error-{language}"
        yield f"Error-{language.replace('_', '-')}"
        yield f"Error-{language.partition('_')[0]}"
    yield "Error"
