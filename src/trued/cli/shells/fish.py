"""The script for fish 3 and later, in the words of its ``complete``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.cli.shells.vocabulary import GENERAL_WORDS, Kind, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trued.cli.shells.vocabulary import CommandWords, OptionWord, Value

__all__ = ["fish_script"]

_HEAD = r"""# Completion of trued in fish, made by `trued completion fish`.

function __trued_installed
    set -l base .venv
    set -q VIRTUAL_ENV; and set base $VIRTUAL_ENV
    for folder in $base/lib/python3*/site-packages/*.dist-info $base/Lib/site-packages/*.dist-info
        string replace -r -- '.*/([^/]+?)-[^/]*$' '$1' $folder
    end
end

function __trued_positionals
    set -l words (commandline -opc)
    set -e words[1]
    set -l skip 0
    for word in $words
        if test $skip = 1
            set skip 0
        else if contains -- $word $__trued_valued
            set skip 1
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end

function __trued_at
    set -l words (__trued_positionals)
    test (count $words) -ge 1; and test $words[1] = $argv[1]; or return 1
    set -q argv[2]; or return 0
    if test $argv[2] = --action
        test (count $words) -eq 1
    else
        test (count $words) -ge 2; and test $words[2] = $argv[2]
    end
end

function __trued_at_start
    test (count (__trued_positionals)) -eq 0
end
"""


def fish_script(codes: Iterable[str]) -> str:
    """Return the script; *codes* are those of all findings."""
    commands = vocabulary()
    valued = dict.fromkeys(
        spelling
        for option in (*GENERAL_WORDS, *(word for one in commands for word in one.options))
        for spelling in option.spellings
        if option.value is not None and (option in GENERAL_WORDS or spelling.startswith("--"))
    )
    lines = [_HEAD, f"set -g __trued_valued {' '.join(valued)} -r -c -o -d -i", "complete -c trued -f"]
    lines += (_option(option, "") for option in GENERAL_WORDS)
    lines.append("complete -c trued -n __trued_at_start -s V -l version -d 'The version'")
    lines += (
        f"complete -c trued -n __trued_at_start -a {one.name} -d {_quoted(one.summary)}" for one in commands
    )
    lines.append("complete -c trued -n __trued_at_start -a help -d 'Help, also of a command'")
    names = " ".join(one.name for one in commands)
    lines.append(f"complete -c trued -n '__trued_at help --action' -a '{names}'")
    told = " ".join(codes)
    for one in commands:
        lines += _command(one, told)
    return "\n".join(lines) + "\n"


def _command(command: CommandWords, codes: str) -> Iterator[str]:
    at = f"__trued_at {command.name}"
    for option in command.options:
        yield _option(option, at)
    if command.actions:
        actions = " ".join(action for action, _ in command.actions)
        yield f"complete -c trued -n '{at} --action' -a '{actions}'"
    elif command.arguments.kind is not Kind.NOTHING:
        yield f"complete -c trued -n '{at}' {_argument(command.arguments, codes)}"
    for action, value in command.actions:
        if value.kind is not Kind.NOTHING:
            yield f"complete -c trued -n '{at} {action}' {_argument(value, codes)}"


def _option(option: OptionWord, at: str) -> str:
    parts = ["complete -c trued"]
    if at:
        parts.append(f"-n '{at}'")
    parts += (f"-l {one[2:]}" if one.startswith("--") else f"-s {one[1:]}" for one in option.spellings)
    if option.value is not None:
        takes = "-r" if option.value.kind is Kind.FILE else "-x"
        parts.append(f"{takes} {_argument(option.value, '')}".rstrip())
    parts.append(f"-d {_quoted(option.meaning.rstrip('.'))}")
    return " ".join(parts)


def _argument(value: Value, codes: str) -> str:
    return {
        Kind.NOTHING: "",
        Kind.FILE: "-F",
        Kind.FOLDER: "-a '(__fish_complete_directories)'",
        Kind.WORDS: f"-a '{' '.join(value.words)}'",
        Kind.PROJECT: "-a '(__trued_installed)'",
        Kind.CODE: f"-a '{codes}'",
    }[value.kind]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
