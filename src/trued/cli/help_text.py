"""The help, made from the commands and the option tables: a text for the printer to print."""

from __future__ import annotations

from trued.cli.commands import COMMANDS, GROUPS
from trued.cli.examples import EXAMPLES
from trued.config.option_general import GENERAL
from trued.config.options import of_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from trued.cli.commands import Command, Takes
    from trued.config.option import Option

__all__ = ["ALL_COMMANDS", "calls", "command_help", "grouped", "help_text", "overview"]

_INDENT = 26
_MEANING = 32
"""Columns that are kept for what an example does."""
_NARROWEST, _WIDEST = 60, 100

_FIRST_STEPS = (
    ("trued install -r requirements.txt", "install a hashed requirements file"),
    ("trued install -r requirements.txt --fix", "write the hashes that are missing"),
    ("trued lock", "pyproject.toml into pylock.toml"),
    ("trued audit", "find known vulnerabilities"),
    ("trued explain TRU101", "what a finding means, what to do"),
)

ALL_COMMANDS = "commands"
"""What follows ``trued help`` where the help of every command in a line is wanted."""


def help_text(command: str, *, width: int = 100) -> str:
    """Return the help of *command*, of all commands for ``commands``, of trued when *command* is empty.

    *width* is in columns; 0 means that there is no terminal. Lines are never longer than 100 columns.
    """
    width = max(min(width or _WIDEST, _WIDEST), _NARROWEST)
    if command == ALL_COMMANDS:
        return all_commands(width=width)
    return command_help(COMMANDS[command], width=width) if command else overview(width=width)


def overview(*, width: int = 100) -> str:
    """Return the help of trued itself: one screen of 24 lines and 80 columns."""
    lines = ["trued installs Python packages only after every file of them is proven.", ""]
    lines += [*_examples(_FIRST_STEPS, width), "", "Commands:"]
    longest = max(len(title) for title, _ in GROUPS)
    for title, names in GROUPS:
        first, *rest = _wrapped(", ".join(names), width, indent=longest + 4)
        lines += [f"  {title:<{longest}}  {first.strip()}", *rest]
    return "\n".join([*lines, "", *(f"  {line:<21}  {meaning}" for line, meaning in _MORE)])


_MORE = (
    ("trued help commands", "what each command is for, and the options of all"),
    ("trued COMMAND --help", "examples and options of one command"),
    ("trued --version", "the version"),
)


def all_commands(*, width: int = 100) -> str:
    """Return what each command is for, by task, and the options that every command takes."""
    lines: list[str] = []
    for title, names in GROUPS:
        lines += [f"{title}:", *(f"  {name:<11} {COMMANDS[name].summary}" for name in names), ""]
    lines.append("With every command:")
    for option in GENERAL:
        if not option.hidden and option.spellings:
            lines += _option_lines(option, width)
    lines += [f"  {'-h, --help':<{_INDENT - 4}}  Help, also of a command: trued install --help"]
    return "\n".join(lines)


def command_help(command: Command, *, width: int = 100) -> str:
    """Return the help of one command: what it does, examples, how it is called, its options by group."""
    lines = [f"{command.summary}.", ""]
    lines += [*_examples(EXAMPLES[command.name], width), ""]
    lines += ["Usage:", *(f"  trued {command.name} {call}".rstrip() for call in calls(command))]
    for title, options in grouped(of_command(command.name)).items():
        lines += ["", f"{title}:"]
        for option in options:
            lines += _option_lines(option, width)
    lines += ["", *_wrapped(_CLOSING, width, indent=0)]
    return "\n".join(lines)


_CLOSING = (
    "Each option is also a TRUED_* variable and a key of trued.toml or [tool.trued], and where pip has it, "
    "PIP_* and a key of pip.conf. `trued config debug` shows what is set, and where."
)


def _examples(examples: tuple[tuple[str, str], ...], width: int) -> Iterator[str]:
    """Yield each example with what it does beside it, or below where that does not fit."""
    yield "Examples:"
    column = min(max(len(line) for line, _ in examples) + 4, width - _MEANING)
    for line, meaning in examples:
        first, *rest = _wrapped(meaning, width, indent=column)
        if len(line) + 4 <= column:
            yield f"  {line:<{column - 4}}  {first.strip()}"
        else:
            yield f"  {line}"
            yield first
        yield from rest


def calls(command: Command) -> Iterator[str]:
    """Yield what may follow the name of *command*, a line for each of its actions."""
    if command.actions is None:
        yield f"[options] {_arguments(command.takes)}"
        return
    for action, takes in command.actions.items():
        yield f"{action} [options] {_arguments(takes)}".rstrip()


def _arguments(takes: Takes) -> str:
    if not takes.name:
        return ""
    shown = f"{takes.name} ..." if takes.most is None else takes.name
    return shown if takes.least else f"[{shown}]"


def grouped(options: tuple[Option, ...]) -> dict[str, list[Option]]:
    """Return the options that are shown, by the title that they stand under."""
    groups: dict[str, list[Option]] = {}
    for option in options:
        if not option.hidden and option.spellings:
            groups.setdefault(option.group, []).append(option)
    return groups


def _option_lines(option: Option, width: int) -> list[str]:
    """Return the lines of one option: spellings, meaning, choices and default."""
    short = [word for word in option.spellings if not word.startswith("--")]
    long = [word for word in option.spellings if word.startswith("--")][:1]
    head = ", ".join([*short, *long, *option.off[:1]])
    if option.takes_value:
        head += f" {'VALUE' if option.choices else option.metavar or 'VALUE'}"
    text = _wrapped(f"{option.meaning}{_choices(option)}", width, indent=_INDENT)
    if len(head) > _INDENT - 4:
        return [f"  {head}", *text]
    return [f"  {head:<{_INDENT - 4}}  {text[0].strip()}", *text[1:]]


def _choices(option: Option) -> str:
    if not option.choices:
        return ""
    shown = ", ".join(option.choices)
    return f" [{shown}; default {option.default}]" if option.default else f" [{shown}]"


def _wrapped(text: str, width: int, *, indent: int) -> list[str]:
    import textwrap

    margin = " " * indent
    return textwrap.wrap(text, width, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False)
