"""Tells whether bytecode is what its source compiles to. Started by the interpreter that would run it.

Python 3.8 or later. Reads jobs from standard input, one JSON array a line, of files: the source, the
bytecode, the sha256 of both, and the level of optimization. Answers each job with one line, an array of as
many words: ``same``, ``stale`` (other code that the interpreter would compile again before running it),
``other`` (other code, which it would run), ``changed`` (a file is no longer what was hashed).

The bytecode is never loaded: ``marshal`` is no reader for what somebody may have made up. Its bytes are
compared with those of the compiled source, and where these differ, as they may by how often an object is
referred to, both are read by a reader of the format that makes nothing but tuples. Nothing is run. Imports
nothing of trued, and of the standard library only what every Python has.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import marshal
import os
import struct
import sys

__all__ = ["main"]

_NOT_COMPILABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)
_MOST_BYTES = 1 << 30
_DEEPEST = 2000


def main() -> None:
    """Answer jobs until standard input ends."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 8000))
    for line in sys.stdin:
        answers = [_judged(*file) for file in json.loads(line)]
        sys.stdout.write(json.dumps(answers) + "\n")
        sys.stdout.flush()


def _judged(source: str, bytecode: str, source_sha256: str, sha256: str, level: int) -> str:
    try:
        content, status = _content(os.fsencode(source))
        data, _ = _content(os.fsencode(bytecode))
    except OSError:
        return "changed"
    if hashlib.sha256(data).hexdigest() != sha256:
        return "changed"
    if source_sha256 and hashlib.sha256(content).hexdigest() != source_sha256:
        return "changed"
    if data[:4] != importlib.util.MAGIC_NUMBER or len(data) < 16:
        return "stale"
    if _is_compiled_of(data[16:], content, source, level):
        return "same"
    return "other" if _would_run(data, content, status) else "stale"


def _is_compiled_of(body: bytes, content: bytes, source: str, level: int) -> bool:
    try:
        code = compile(content, source, "exec", dont_inherit=True, optimize=level)
    except _NOT_COMPILABLE:
        return False
    expected = marshal.dumps(code)
    return body == expected or _same_code(expected, body)


def _content(path: bytes) -> tuple[bytes, os.stat_result]:
    with open(path, "rb") as file:
        return file.read(_MOST_BYTES), os.fstat(file.fileno())


def _would_run(data: bytes, source: bytes, status: os.stat_result) -> bool:
    """Tell whether the interpreter takes the bytecode without compiling the source again (PEP 552)."""
    flags = int.from_bytes(data[4:8], "little")
    if flags & 1:
        return not flags & 2 or data[8:16] == importlib.util.source_hash(source)
    seconds, size = int.from_bytes(data[8:12], "little"), int.from_bytes(data[12:16], "little")
    return seconds == int(status.st_mtime) & 0xFFFFFFFF and size == status.st_size & 0xFFFFFFFF


def _same_code(expected: bytes, found: bytes) -> bool:
    try:
        return _Reader(expected).all() == _Reader(found).all()
    except (ValueError, IndexError, struct.error, RecursionError):
        return False


_SINGLE = "NTF.S0"


class _Reader:
    """Reads what ``marshal`` wrote into nested tuples that begin with a kind, references resolved.

    The path of the source inside a code object is left out: it says nothing of what runs.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._known: list = []  # type: ignore[type-arg]  # of whatever was read
        self._depth = 0

    def all(self) -> object:
        found = self._object()
        if self._at != len(self._data):
            raise ValueError("more than one object")
        return found

    def _take(self, count: int) -> bytes:
        if count < 0 or self._at + count > len(self._data):
            raise ValueError("it ends too early")
        self._at += count
        return self._data[self._at - count : self._at]

    def _long(self) -> int:
        return int.from_bytes(self._take(4), "little", signed=True)

    def _object(self) -> object:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError("too deep")
        try:
            byte = self._take(1)[0]
            kind, flagged = chr(byte & 0x7F), byte & 0x80
            if kind == "r":
                return self._known[self._long()]
            place = len(self._known)
            if flagged:
                self._known.append(("unfinished", place))
            found = self._read(kind)
            if flagged:
                self._known[place] = found
            return found
        finally:
            self._depth -= 1

    def _read(self, kind: str) -> object:  # noqa: C901 - one line for each kind of the format
        if kind in _SINGLE:
            return ("single", kind)
        if kind in "zZ":
            return ("text", self._take(self._take(1)[0]))
        if kind in "atuA":
            return ("text", self._take(self._long()))
        if kind == "s":
            return ("bytes", self._take(self._long()))
        if kind in "iIl":
            return ("int", self._integer(kind))
        if kind in "gy":
            return (kind, self._take(8 if kind == "g" else 16))
        if kind in "()[":
            count = self._take(1)[0] if kind == ")" else self._long()
            return ("list" if kind == "[" else "tuple", self._several(count))
        if kind in "<>":
            return (kind, tuple(sorted(self._several(self._long()), key=repr)))
        if kind == ":":
            return ("slice", self._several(3))
        if kind == "c":
            return self._code()
        raise ValueError("unknown kind")

    def _integer(self, kind: str) -> int:
        if kind != "l":
            return int.from_bytes(self._take(4 if kind == "i" else 8), "little", signed=True)
        count = self._long()
        value = 0
        for place in range(abs(count)):
            value |= int.from_bytes(self._take(2), "little") << (15 * place)
        return -value if count < 0 else value

    def _several(self, count: int) -> tuple:  # type: ignore[type-arg]  # of whatever was read
        if count < 0 or count > len(self._data):
            raise ValueError("a count that cannot be")
        return tuple([self._object() for _ in range(count)])

    def _code(self) -> object:
        newer = sys.version_info >= (3, 11)
        numbers = tuple([self._long() for _ in range(5 if newer else 6)])
        # code, constants, names, and three or two more; then the path; then names, first line, tables
        front = self._several(5 if newer else 6)
        self._object()
        names = self._several(2 if newer else 1)
        first_line = self._long()
        return ("code", numbers, front, names, first_line, self._several(2 if newer else 1))


if __name__ == "__main__":
    main()
