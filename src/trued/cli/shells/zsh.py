"""The script for zsh, in the words of its ``_arguments`` (zshcompsys(1))."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.cli.shells.vocabulary import GENERAL_WORDS, Kind, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trued.cli.shells.vocabulary import CommandWords, OptionWord, Value

__all__ = ["zsh_script"]

_HEAD = r"""#compdef trued
# Completion of trued in zsh, made by `trued completion zsh`.

_trued_installed() {
    local -a folders names
    local base=${VIRTUAL_ENV:-.venv}
    folders=($base/lib/python3*/site-packages/*.dist-info(N) $base/Lib/site-packages/*.dist-info(N))
    names=(${${folders:t}%%-*})
    compadd -a names
}
"""

_BODY = r"""
_trued() {
    local curcontext=$curcontext state line
    local -a general
    typeset -A opt_args
    _trued_general
    _arguments -C -S $general '(-V --version)'{-V,--version}'[The version]' \
        '1:command:_trued_commands' '*:: :->rest' && return
    [[ $state == rest ]] || return 1
    local command=$words[1]
    curcontext=${curcontext%:*:*}:trued-$command:
    if (( $+functions[_trued-$command] )); then
        _trued-$command
    fi
}

if [ "$funcstack[1]" = "_trued" ]; then
    _trued "$@"
else
    compdef _trued trued
fi
"""


def zsh_script(codes: Iterable[str]) -> str:
    """Return the script; *codes* are those of all findings."""
    commands = vocabulary()
    parts = [_HEAD, "_trued_codes() {", f"    compadd {' '.join(codes)}", "}", ""]
    parts += ["_trued_commands() {", "    local -a commands", "    commands=("]
    parts += [f"        '{one.name}:{_quoted(one.summary)}'" for one in commands]
    parts += ["        'help:Help, also of a command'", "    )"]
    parts += ["    _describe command commands", "}", "", "_trued_general() {", "    general=("]
    parts += [f"        {spec}" for option in GENERAL_WORDS for spec in _specs(option)]
    parts += ["    )", "}", ""]
    for one in commands:
        parts += [*_command(one), ""]
    parts += ["_trued-help() { _trued_commands; }"]
    return "\n".join(parts) + _BODY


def _command(command: CommandWords) -> Iterator[str]:
    yield f"_trued-{command.name}() {{"
    yield "    local -a general"
    yield "    _trued_general"
    yield "    _arguments -S $general \\"
    for option in command.options:
        for spec in _specs(option):
            yield f"        {spec} \\"
    if not command.actions:
        yield f"        '*:{_name(command.arguments)}:{_action(command.arguments)}'"
        yield "}"
        return
    yield f"        '1:action:({' '.join(action for action, _ in command.actions)})' \\"
    yield "        '*:: :->argument' && return"
    yield '    case "$words[1]" in'
    for action, value in command.actions:
        if value.kind is not Kind.NOTHING:
            yield f"        {action}) _arguments '*:{_name(value)}:{_action(value)}' ;;"
    yield "    esac"
    yield "}"


def _specs(option: OptionWord) -> Iterator[str]:
    """Yield one word for each spelling: any option may stand again, and the last or all of them count."""
    for spelling in option.spellings:
        meaning = _quoted(option.meaning.rstrip("."))
        if option.value is None:
            yield f"'*{spelling}[{meaning}]'"
        else:
            joint = "=" if spelling.startswith("--") else "+"
            value = option.value
            yield f"'*{spelling}{joint}[{meaning}]:{_name(value)}:{_action(value)}'"


def _name(value: Value) -> str:
    return _quoted(value.name) or " "


def _action(value: Value) -> str:
    return {
        Kind.NOTHING: " ",
        Kind.FILE: "_files",
        Kind.FOLDER: "_files -/",
        Kind.WORDS: f"({' '.join(word.replace(':', chr(92) + ':') for word in value.words)})",
        Kind.PROJECT: "_trued_installed",
        Kind.CODE: "_trued_codes",
    }[value.kind]


def _quoted(text: str) -> str:
    """Return *text* for a word in single quotes of ``_arguments``, where colons and brackets part things."""
    for character in ("\\", ":", "[", "]"):
        text = text.replace(character, f"\\{character}")
    return text.replace("'", "'\\''")
