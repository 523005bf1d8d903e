"""What may stand where on a command line, read from the tables of commands and options.

The shells' scripts are written from this and from nothing else, so they know what the reader of the command
line knows. Neither shtab nor argcomplete fits: the one wants an ``argparse`` parser, which has other rules
(abbreviations, values that begin with a dash), and the other starts Python at each press of the key.
"""

from __future__ import annotations

from enum import Enum

from trued.cli.commands import COMMANDS
from trued.config.option import Type
from trued.config.option_general import GENERAL
from trued.config.options import by_key, of_command
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from trued.cli.commands import Command, Takes
    from trued.config.option import Option

__all__ = ["GENERAL_WORDS", "CommandWords", "Kind", "OptionWord", "Value", "vocabulary"]


class Kind(Enum):
    """What a value is, as far as a shell can help with it."""

    NOTHING = "nothing"
    FILE = "file"
    FOLDER = "folder"
    WORDS = "words"
    PROJECT = "project"
    """An installed project."""
    CODE = "code"
    """The code of a finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value: its kind, the words where it is one of some, and what it is called."""

    kind: Kind
    words: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionWord:
    """One option: its spellings, what it means, and its value (``None``: it takes none)."""

    spellings: tuple[str, ...]
    meaning: str
    value: Value | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandWords:
    """One command: its own options, its actions with what follows each, or what follows itself."""

    name: str
    summary: str
    options: tuple[OptionWord, ...]
    actions: tuple[tuple[str, Value], ...]
    arguments: Value


_INSTALLED = ("show", "uninstall")
_FILES = (
    "FILE",
    "LOCK",
    "DIR",
    "ENVIRONMENT",
    "FOLDER",
    "REQUEST",
    "ROOT",
    "DOCUMENT",
    "SIGNATURES",
    ".toml",
)
_NAMES_OF_INSTALLED = {"exclude"}


def vocabulary() -> tuple[CommandWords, ...]:
    """Return every command, in the order of the table."""
    return tuple(_command(command) for command in COMMANDS.values())


def _command(command: Command) -> CommandWords:
    own = [option for option in of_command(command.name) if option not in GENERAL]
    actions = command.actions or {}
    return CommandWords(
        name=command.name,
        summary=command.summary,
        options=_options(own),
        actions=tuple((action, _argument(command.name, takes)) for action, takes in actions.items()),
        arguments=Value(kind=Kind.NOTHING) if actions else _argument(command.name, command.takes),
    )


def _options(options: Iterable[Option]) -> tuple[OptionWord, ...]:
    words = []
    for option in options:
        if option.hidden or not option.spellings:
            continue
        value = _value(option) if option.takes_value else None
        words.append(OptionWord(spellings=option.spellings, meaning=option.meaning, value=value))
        if option.off:
            meaning = f"Not {option.spellings[0]}."
            words.append(OptionWord(spellings=option.off, meaning=meaning, value=None))
    return tuple(words)


def _value(option: Option) -> Value:
    name = "VALUE" if option.choices else option.metavar or "VALUE"
    if option.choices:
        return Value(kind=Kind.WORDS, words=option.choices, name=name)
    if option.name in _NAMES_OF_INSTALLED:
        return Value(kind=Kind.PROJECT, name=name)
    if option.type is Type.PATH:
        return Value(kind=Kind.FOLDER if option.metavar == "DIR" else Kind.FILE, name=name)
    return Value(kind=Kind.FILE if option.type is Type.LOCATION else Kind.NOTHING, name=name)


def _argument(command: str, takes: Takes) -> Value:
    """Return what may follow a command or an action, by what the table calls it."""
    name = takes.name
    if command in _INSTALLED:
        return Value(kind=Kind.PROJECT, name=name)
    if command == "explain":
        return Value(kind=Kind.CODE, name=name)
    if command == "config" and name.startswith("KEY"):
        return Value(kind=Kind.WORDS, words=tuple(sorted(by_key())), name=name)
    if name and name == name.lower():
        return Value(kind=Kind.WORDS, words=tuple(name.split("|")), name="SHELL")
    if any(word in name for word in _FILES):
        return Value(kind=Kind.FILE, name=name)
    return Value(kind=Kind.NOTHING, name=name)


GENERAL_WORDS: tuple[OptionWord, ...] = (
    *_options(GENERAL),
    OptionWord(spellings=("-h", "--help"), meaning="Help.", value=None),
)
"""The options that every command takes, which may stand before it too."""
