"""The text of docs/reference/settings.md: every configuration key, from the tables that the program reads.

``tools/command_reference.py`` writes it beside the page of commands.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trued.config.option import Kind, ProjectRule
from trued.config.options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trued.config.option import Option

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "settings.md"

_HEAD = """\
# Settings

Written by `tools/command_reference.py` from the tables that the program itself reads; do not edit.

Each key can stand in `trued.toml`, or below `[tool.trued]` in `pyproject.toml`, in the user's or the system's
file, in its variable, and where it is said in pip's variables and files. `trued config debug` shows what is
set, and where. In variables, lists are separated by spaces and names by commas. Which place counts before
which is told in [policy files](policy.md), which also has the tables (`[[publisher]]`, `[[exception]]` and so
on).

A program can check a file against [the schema](schemas/policy.schema.json).
"""

_PROJECT = {
    ProjectRule.FREE: "may set it",
    ProjectRule.NEVER: "may not set it",
    ProjectRule.TRUE_ONLY: "may only set it to `true`",
    ProjectRule.RAISE_ONLY: "may only raise it",
    ProjectRule.WHEN_UNSET: "may set it while nobody else does",
    ProjectRule.ADD_ONLY: "may add names",
    ProjectRule.NARROW_ONLY: "may only narrow it",
    ProjectRule.LOWER_ONLY: "may only lower it",
}


def page() -> str:
    """Return the whole page."""
    groups: dict[str, list[Option]] = {}
    for option in OPTIONS:
        if option.configurable and option.field:
            groups.setdefault(option.group, []).append(option)
    parts = [_HEAD]
    for title, options in groups.items():
        parts.append(f"## {title}\n")
        parts += ("\n".join(_setting(option)) for option in options)
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _setting(option: Option) -> Iterator[str]:
    yield f"### {option.name}"
    yield ""
    yield option.meaning
    yield ""
    yield f"- {_type(option)}; default {_default(option)}"
    yield f"- variable `{option.variable}`{_in_pip(option)}"
    if option.spellings:
        words = ", ".join(f"`{word}`" for word in (*option.spellings, *option.off))
        yield f"- {words} of {_commands(option)}"
    yield f"- a project's file {_PROJECT[option.project]}"


def _type(option: Option) -> str:
    if option.choices:
        text = "one of " + ", ".join(f"`{choice}`" for choice in option.choices)
    else:
        text = option.type.value
    if option.kind is Kind.LIST:
        return f"list of: {text}"
    return "project names, or `:all:` or `:none:`" if option.kind is Kind.NAMES else text


def _default(option: Option) -> str:
    if option.default is None or option.default == ():
        return "none"
    shown = str(option.default).lower() if isinstance(option.default, bool) else str(option.default)
    return f"`{shown}`"


def _in_pip(option: Option) -> str:
    if not option.pip:
        return ""
    variables = ", ".join(f"`PIP_{name.upper().replace('-', '_')}`" for name in option.pip)
    keys = ", ".join(f"`{name}`" for name in option.pip)
    return f"; pip's {variables}, and {keys} in pip's files"


def _commands(option: Option) -> str:
    if len(option.commands) > 12:
        return "most commands"
    return ", ".join(f"`{name}`" for name in option.commands)
