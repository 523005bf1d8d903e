"""The script for bash 3.2 and later, which macOS still has: no associative arrays, no ``mapfile``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.cli.shells.vocabulary import GENERAL_WORDS, Kind, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trued.cli.shells.vocabulary import CommandWords, OptionWord, Value

__all__ = ["bash_script"]

_HEAD = r"""# Completion of trued in bash, made by `trued completion bash`.

_trued_installed() {
    local folder name
    for folder in "${VIRTUAL_ENV:-.venv}"/lib/python3*/site-packages/*.dist-info \
        "${VIRTUAL_ENV:-.venv}"/Lib/site-packages/*.dist-info; do
        [ -d "$folder" ] || continue
        name=${folder##*/}
        name=${name%%-*}
        case $name in *[!A-Za-z0-9._]*) continue ;; esac  # compgen -W runs what it is given
        printf '%s\n' "$name"
    done
}

_trued_words() {
    local IFS=$' \n'
    COMPREPLY=($(compgen -W "$1" -- "$cur"))
}

_trued_complete() {
    local IFS=$'\n'
    case $1 in
        file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")) ;;
        folder) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$cur")) ;;
        project) _trued_words "$(_trued_installed)" ;;
        code) _trued_words "$(_trued_codes)" ;;
        words:*) _trued_words "${1#words:}" ;;
    esac
}
"""

_BODY = r"""
_trued() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
    local command='' action='' options='' valued='' actions='' skip='' word index kind
    COMPREPLY=()
    if [ "$cur" = "=" ]; then
        cur=
    elif [ "$prev" = "=" ] && [ "$COMP_CWORD" -gt 1 ]; then
        prev=${COMP_WORDS[COMP_CWORD-2]}
    fi
    _trued_table ""
    for ((index = 1; index < COMP_CWORD; index++)); do
        word=${COMP_WORDS[index]}
        if [ "$word" = "=" ]; then
            skip=1
        elif [ -n "$skip" ]; then
            skip=
        elif [ "${word:0:1}" = "-" ]; then
            case " $valued " in *" $word "*) skip=1 ;; esac
        elif [ -z "$command" ]; then
            command=$word
            _trued_table "$command"
        elif [ -n "$actions" ] && [ -z "$action" ]; then
            action=$word
        fi
    done
    case " $valued " in
        *" $prev "*)
            kind=$(_trued_value "$command" "$prev")
            _trued_complete "$kind"
            return
            ;;
    esac
    if [ "${cur:0:1}" = "-" ]; then
        _trued_words "$options"
    elif [ -z "$command" ]; then
        _trued_words "$_trued_commands help"
    elif [ -n "$actions" ] && [ -z "$action" ]; then
        _trued_words "$actions"
    else
        _trued_complete "$(_trued_argument "$command" "$action")"
    fi
}
complete -F _trued trued
"""


def bash_script(codes: Iterable[str]) -> str:
    """Return the script; *codes* are those of all findings."""
    commands = vocabulary()
    parts = [_HEAD, f"_trued_codes() {{ printf '%s\\n' {' '.join(codes)}; }}", ""]
    parts += [f"_trued_commands='{' '.join(one.name for one in commands)}'", ""]
    parts += _table(commands)
    parts += _values(commands)
    parts += _arguments(commands)
    return "\n".join(parts) + _BODY


def _table(commands: Sequence[CommandWords]) -> Iterator[str]:
    """Yield the function that sets ``options``, ``valued`` and ``actions`` for a command."""
    yield "_trued_table() {"
    yield f"    options='{_spelled(GENERAL_WORDS)}'"
    yield f"    valued='{_spelled(one for one in GENERAL_WORDS if one.value)}'"
    yield "    case $1 in"
    yield "        '') options=\"$options -V --version\" ;;"
    for one in commands:
        valued = _spelled(word for word in one.options if word.value)
        yield f"        {one.name})"
        yield f'            options="$options {_spelled(one.options)}"'
        yield f'            valued="$valued {valued}"'
        yield f"            actions='{' '.join(action for action, _ in one.actions)}'"
        yield "            ;;"
    yield "        help) actions=$_trued_commands ;;"
    yield "    esac"
    yield "}"
    yield ""


def _spelled(options: Iterable[OptionWord]) -> str:
    return " ".join(spelling for option in options for spelling in option.spellings)


def _values(commands: Sequence[CommandWords]) -> Iterator[str]:
    """Yield the function that tells what the value of an option is: the command's own options come first."""
    yield "_trued_value() {"
    yield '    case "$1 $2" in'
    for one in commands:
        for option in one.options:
            if option.value is not None:
                patterns = "|".join(f'"{one.name} {spelling}"' for spelling in option.spellings)
                yield f"        {patterns}) echo '{_told(option.value)}' ;;"
    for option in GENERAL_WORDS:
        if option.value is not None:
            patterns = "|".join(f'*" {spelling}"' for spelling in option.spellings)
            yield f"        {patterns}) echo '{_told(option.value)}' ;;"
    yield "    esac"
    yield "}"
    yield ""


def _arguments(commands: Sequence[CommandWords]) -> Iterator[str]:
    yield "_trued_argument() {"
    yield '    case "$1 $2" in'
    for one in commands:
        if one.arguments.kind is not Kind.NOTHING:
            yield f"        '{one.name} ') echo '{_told(one.arguments)}' ;;"
        for action, value in one.actions:
            if value.kind is not Kind.NOTHING:
                yield f"        '{one.name} {action}') echo '{_told(value)}' ;;"
    yield "    esac"
    yield "}"


def _told(value: Value) -> str:
    return f"words:{' '.join(value.words)}" if value.kind is Kind.WORDS else value.kind.value
