"""Console and gui scripts of entry points, and ``#!python`` lines of scripts that a wheel brings.

What the scripts do is said by the entry points specification; how the first line names the interpreter is
POSIX: a path that is too long or holds a space cannot stand there, so ``/bin/sh`` starts it, in lines that
Python reads as a string.
"""

from __future__ import annotations

import os
import sys

__all__ = ["is_reserved", "is_safe_name", "rewritten", "script_text", "shebang"]

_LONGEST_SHEBANG = 512 if sys.platform == "darwin" else 127
_TEMPLATE = """\
{shebang}import sys

from {module} import {name}

if __name__ == "__main__":
    if sys.argv[0].endswith(".exe"):
        sys.argv[0] = sys.argv[0][:-4]
    sys.exit({attribute}())
"""
_QUOTED = {
    ord("\\"): rb"\\",
    ord('"'): rb"\"",
    ord("'"): rb'''"\'"''',
    ord("$"): b'''"'$'"''',
    ord("`"): b'''"'`'"''',
}
"""What stands for a character between double quotes of the shell, in what Python reads as a good string."""
_INTERPRETERS = ("python", "pypy", "graalpy")
_ACTIVATION = ("activate", "deactivate", "pyvenv.cfg")


def script_text(python: str, module: str, attribute: str) -> bytes:
    """Return the script that calls *attribute* (dotted) of *module* with the interpreter *python*.

    Raises: ValueError when the names are no Python names: they become code.
    """
    if not all(part.isidentifier() for part in (*module.split("."), *attribute.split("."))):
        raise ValueError(f"{module}:{attribute}")
    text = _TEMPLATE.format(shebang="", module=module, name=attribute.partition(".")[0], attribute=attribute)
    return shebang(python) + text.encode()


def shebang(python: str, arguments: bytes = b"") -> bytes:
    """Return the first lines that start a script with *python*, line ending included."""
    path = os.fsencode(python)
    rest = b" " + arguments if arguments else b""
    if b" " not in path and b"\t" not in path and len(path) + len(rest) + 3 <= _LONGEST_SHEBANG:
        return b"#!" + path + rest + b"\n"
    quoted = b"".join(_QUOTED.get(character, bytes((character,))) for character in path)
    return b"#!/bin/sh\n'''exec' \"" + quoted + b'"' + rest + b' "$0" "$@"\n' + b"' '''\n"


def rewritten(content: bytes, python: str) -> bytes:
    """Return a script of a wheel with its ``#!python`` or ``#!pythonw`` line naming *python*.

    Arguments on the line are kept. Content that does not begin so is returned as it is.
    """
    if not content.startswith(b"#!python"):
        return content
    line, newline, rest = content.partition(b"\n")
    command, _, arguments = line[2:].strip().partition(b" ")
    if command not in (b"python", b"pythonw"):
        return content
    first = shebang(python, arguments.strip())
    return (first if newline else first.rstrip(b"\n")) + rest


def is_safe_name(name: str) -> bool:
    """Tell whether a script of that name stays in the folder of the scripts."""
    return (
        bool(name)
        and name not in (".", "..")
        and not any(character in name for character in '/\\:*?"<>|')
        and name.isprintable()
        and name == name.strip(". ")
    )


def is_reserved(name: str) -> bool:
    """Tell whether *name* in the folder of the scripts belongs to the interpreter or the environment.

    ``python``, ``python3.12``, ``pythonw.exe`` and their like, and the activation scripts; ``python-foo`` is
    anybody's.
    """
    stem = name.lower().removesuffix(".exe")
    for interpreter in _INTERPRETERS:
        if stem.startswith(interpreter) and all(c in "0123456789.wtd" for c in stem[len(interpreter) :]):
            return True
    return stem.split(".")[0] in _ACTIVATION or stem == "pyvenv.cfg"
