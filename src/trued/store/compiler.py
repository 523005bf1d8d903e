"""Compiles sources with the interpreter that will run them. Started by that interpreter: Python 3.8 or later.

Reads jobs from standard input, one JSON array a line: the folder of the sources, the folder for what is
compiled, the modification time of the sources in ns, and for each file its path, sha256 and the path of the
compiled file. Answers each job with one line: for each file an array of size and sha256 of what was written,
``null`` where the source cannot be compiled, ``false`` where it is not the one named.

Imports nothing of trued, and of the standard library only what every Python has.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import marshal
import os
import sys

__all__ = ["main"]

_NOT_COMPILABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)
"""What ``compile`` raises for sources of another Python, as template files and test data are."""


def main() -> None:
    """Answer jobs until standard input ends."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 3000))
    for line in sys.stdin:
        tree, folder, mtime, files = json.loads(line)
        done = [_compiled(tree, folder, mtime, *file) for file in files]
        sys.stdout.write(json.dumps(done) + "\n")
        sys.stdout.flush()


def _compiled(tree: str, folder: str, mtime: int, path: str, sha256: str, target: str) -> object:
    with open(tree + "/" + path, "rb") as file:
        source = file.read()
    if hashlib.sha256(source).hexdigest() != sha256:
        return False
    try:
        code = compile(source, path, "exec", dont_inherit=True, optimize=0)
    except _NOT_COMPILABLE:
        return None
    content = _header(mtime, len(source)) + marshal.dumps(code)
    written = folder + "/" + target
    os.makedirs(os.path.dirname(written), exist_ok=True)
    descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o444)
    with open(descriptor, "wb") as file:
        file.write(content)
    os.utime(written, ns=(mtime, mtime))
    return [len(content), hashlib.sha256(content).hexdigest()]


def _header(mtime: int, size: int) -> bytes:
    """Return the header of a file that is valid while its source has this time and size (PEP 552)."""
    seconds = mtime // 10**9 & 0xFFFFFFFF
    fields = (0, seconds, size & 0xFFFFFFFF)
    return importlib.util.MAGIC_NUMBER + b"".join(field.to_bytes(4, "little") for field in fields)


if __name__ == "__main__":
    main()
