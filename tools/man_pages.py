"""Write trued(1) and a page for each command from the tables of commands and options.

    python tools/man_pages.py FOLDER

The build (hatch_build.py) calls it, so that a wheel and an sdist carry the pages of their own options;
nothing outside the standard library is imported. The macros are those of man(7).
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

SOURCE = Path(__file__).resolve().parent.parent / "src"
if str(SOURCE) not in sys.path:
    sys.path.insert(0, str(SOURCE))

from trued.cli.commands import COMMANDS, GROUPS  # noqa: E402 - found by the line above, where nothing is built yet
from trued.cli.examples import EXAMPLES  # noqa: E402 - the same
from trued.cli.help_text import calls, grouped  # noqa: E402 - as above
from trued.config.option_general import GENERAL  # noqa: E402 - as above
from trued.config.options import of_command  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trued.cli.commands import Command
    from trued.config.option import Option

_EXIT = (
    ("0", "Done."),
    ("1", "Findings: something was refused, or an audit found something."),
    ("2", "The call could not be understood, or the world did not answer; nothing was changed."),
    ("3", "There was nothing to do where that is suspicious, as in an audit of nothing."),
)
_FILES = (
    ("trued.toml, pyproject.toml [tool.trued]", "The project's policy: it can tighten what yours says."),
    ("~/.config/trued/trued.toml", "Your own settings and policy."),
    ("~/.cache/trued", "The store and the cache."),
)


def pages(version: str) -> dict[str, str]:
    """Return every page by its file's name."""
    made = {"trued.1": "\n".join(_overview(version)) + "\n"}
    for command in COMMANDS.values():
        made[f"trued-{command.name}.1"] = "\n".join(_page(command, version)) + "\n"
    return made


def write_pages(folder: Path, version: str) -> None:
    """Write every page into *folder*, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("trued*.1"):
        stale.unlink()
    for name, text in pages(version).items():
        (folder / name).write_text(text, encoding="utf-8")


def _overview(version: str) -> Iterator[str]:
    yield from _title("trued", version)
    yield from ("trued \\- install Python packages only after every file of them is proven", ".SH SYNOPSIS")
    yield from (".B trued", ".I command", "[options]")
    yield ".SH DESCRIPTION"
    yield "Each command has a page of its own, such as"
    yield ".BR trued\\-install (1)."
    for title, names in GROUPS:
        yield f".SS {_text(title)}"
        for name in names:
            yield from (".TP", f".BR trued\\-{_text(name)} (1)", f"{_text(COMMANDS[name].summary)}.")
    yield ".SH OPTIONS"
    yield "Every command takes these, and they may stand before it too."
    yield from _groups(GENERAL)
    yield from _ending()


def _page(command: Command, version: str) -> Iterator[str]:
    name = f"trued-{command.name}"
    yield from _title(name, version)
    summary = command.summary[0].lower() + command.summary[1:]
    yield from (f"{_text(name)} \\- {_text(summary)}", ".SH SYNOPSIS")
    for position, call in enumerate(calls(command)):
        yield from ([".br"] if position else [])
        yield f".B trued {_text(command.name)}"
        yield _text(call.rstrip())
    yield ".SH EXAMPLES"
    for line, meaning in EXAMPLES[command.name]:
        yield from (".TP", f".B {_text(line)}", f"{_text(meaning[0].upper() + meaning[1:])}.")
    own = [option for option in of_command(command.name) if option not in GENERAL]
    yield ".SH OPTIONS"
    yield "The options of every command stand in"
    yield ".BR trued (1)."
    yield from _groups(own)
    yield from _ending("trued(1)")


def _title(name: str, version: str) -> Iterator[str]:
    yield ".\\\" Made by tools/man_pages.py from the program's own tables."
    yield f'.TH "{_text(name.upper())}" 1 "" "trued {version}" "User commands"'
    yield ".SH NAME"


def _groups(options: Iterable[Option]) -> Iterator[str]:
    for title, members in grouped(tuple(options)).items():
        yield f".SS {_text(title)}"
        for option in members:
            yield from (".TP", f".B {_text(_head(option))}", _filled(_meaning(option)))


def _head(option: Option) -> str:
    value = ("VALUE" if option.choices else option.metavar or "VALUE") if option.takes_value else ""
    spelled = ", ".join((*option.spellings, *option.off))
    return f"{spelled} {value}".rstrip()


def _meaning(option: Option) -> str:
    text = option.meaning
    if option.choices:
        text += f" One of {', '.join(option.choices)}."
    if option.choices and option.default:
        text += f" The default is {option.default}."
    if option.configurable:
        text += f" Variable: {option.variable}; key: {option.name}."
    return text


def _ending(see: str = "") -> Iterator[str]:
    yield ".SH EXIT STATUS"
    for status, meaning in _EXIT:
        yield from (".TP", f".B {status}", _filled(meaning))
    yield ".SH FILES"
    for path, meaning in _FILES:
        yield from (".TP", f".I {_text(path)}", _filled(meaning))
    yield ".SH SEE ALSO"
    if see:
        yield ".BR trued (1),"
    yield ".BR trued\\-explain (1),"
    yield ".BR pip (1)"


def _filled(text: str) -> str:
    """Return *text* in lines that a terminal shows whole, which roff joins again."""
    return "\n".join(map(_text, textwrap.wrap(text, 72, break_on_hyphens=False)))


def _text(text: str) -> str:
    """Return *text* as roff text: no escape, no request, and dashes that can be copied."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq").replace("'", "\\(aq")
    return f"\\&{escaped}" if escaped.startswith(".") else escaped


def main(arguments: list[str]) -> int:
    """Write the pages into the folder that is named; return the exit status."""
    if len(arguments) != 1:
        print("usage: python tools/man_pages.py FOLDER")
        return 2
    from trued import __version__

    write_pages(Path(arguments[0]), __version__)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
