"""Write docs/reference: commands.md, settings.md and the schema of policy files, from the program's tables.

    python tools/command_reference.py            write them
    python tools/command_reference.py --check    write nothing; exit with 1 when one is not as the tables say

The page of commands is the long form of ``trued COMMAND --help``: each command with its examples and
options, then the options of every command, each with its configuration key and the variables that set it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import policy_schema
import settings_reference

from trued.cli.commands import COMMANDS, GROUPS
from trued.cli.examples import EXAMPLES
from trued.cli.help_text import calls
from trued.config.option_general import GENERAL
from trued.config.options import NOT_YET, of_command

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trued.cli.commands import Command
    from trued.config.option import Option

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "commands.md"

_HEAD = """\
# Commands and options

Written by `tools/command_reference.py` from the tables that the program itself reads; do not edit.

An option can also be set by its key in `trued.toml` or `[tool.trued]`, by `TRUED_` and the key in capitals
with underscores, and where the last column says yes by pip's variable (`PIP_…`) and pip's configuration
files. The command line counts before variables, these before files, trued's before pip's.
`trued config debug` shows what is set, and where.
"""
_TABLE = ("| option | meaning | key | pip's too |", "|---|---|---|---|")


def page() -> str:
    """Return the whole page."""
    parts = [_HEAD]
    for title, names in GROUPS:
        parts.append(f"## {title}\n")
        parts += (_command(COMMANDS[name]) for name in names if name in COMMANDS)
    parts.append("## Options of every command\n")
    parts.append("They may stand before or behind the command.\n")
    parts.append("\n".join(_options(GENERAL)))
    parts.append(_refused())
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _command(command: Command) -> str:
    lines = [f"### trued {command.name}", "", f"{command.summary}.", "", "```"]
    lines += [f"trued {command.name} {call}".rstrip() for call in calls(command)]
    lines += ["```", ""]
    lines += (f"- `{call}`: {meaning}" for call, meaning in EXAMPLES[command.name])
    own = [option for option in of_command(command.name) if option not in GENERAL]
    if any(_is_shown(option) for option in own):
        lines += ["", *_options(own)]
    return "\n".join(lines) + "\n"


def _is_shown(option: Option) -> bool:
    return bool(option.spellings) and not option.hidden


def _options(options: Iterable[Option]) -> Iterator[str]:
    options = list(options)
    yield from _TABLE
    yield from (_row(option) for option in options if _is_shown(option))
    accepted = [option for option in options if option.hidden]
    if accepted:
        yield ""
        yield f"Accepted for pip's sake, without effect: {', '.join(map(_first_long, accepted))}."


def _row(option: Option) -> str:
    value = f" {'VALUE' if option.choices else option.metavar or 'VALUE'}" if option.takes_value else ""
    spelled = ", ".join(f"`{word}{value}`" for word in (*option.spellings, *option.off))
    meaning = option.meaning + _choices(option)
    key = f"`{option.name}`" if option.configurable else ""
    in_pip = "yes" if option.pip and option.configurable else ""
    return f"| {_cell(spelled)} | {_cell(meaning)} | {key} | {in_pip} |"


def _choices(option: Option) -> str:
    if not option.choices:
        return ""
    shown = ", ".join(f"`{choice}`" for choice in option.choices)
    return f" One of {shown}{f'; default `{option.default}`' if option.default else ''}."


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _first_long(option: Option) -> str:
    return f"`{next(word for word in option.spellings if word.startswith('--'))}`"


def _refused() -> str:
    rows = (f"| `{spelling}` | {needs} |" for spelling, needs in sorted(NOT_YET.items()))
    head = "## Options of pip that are refused\n\nIgnoring them would change what is installed.\n"
    return "\n".join([head, "| option | what it needs |", "|---|---|", *rows])


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them; return the exit status."""
    status = 0
    made = {
        PAGE: page,
        settings_reference.PAGE: settings_reference.page,
        policy_schema.FILE: policy_schema.text,
    }
    for path, text in made.items():
        if "--check" not in arguments:
            path.write_text(text(), encoding="utf-8")
        elif path.read_text(encoding="utf-8") != text():
            status = 1
            print(f"{path.name} is not what the tables say: run python tools/command_reference.py")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
