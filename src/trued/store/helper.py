"""A helper: a forked process that does part of a work while this one does the rest.

One wheel can be most of a whole installation, and would keep one processor busy while the other waits. Only
where this process has no other thread, because a forked one would hold their locks for ever.
"""

from __future__ import annotations

import _thread
import errno
import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    _Plain = TypeVar("_Plain")

__all__ = ["Helper", "can_help"]

_PIECE = 1 << 20


def can_help() -> bool:
    """Tell whether a helper can be had here."""
    return sys.platform == "linux" and _thread._count() == 0


class Helper:
    """Does *work* in a forked process, from now on. Its result has to be what ``marshal`` can write."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._answer, answering = os.pipe()
        try:
            self._child = os.fork()
            if self._child == 0:
                _serve(work, answering)
        except OSError:
            os.close(self._answer)
            raise
        finally:
            os.close(answering)

    def result(self, _kind: type[_Plain]) -> _Plain:
        """Wait for the work and return its result.

        Raises: OSError, the one that *work* raised; ChildProcessError when it ended in another way.
        """
        try:
            data = _read_all(self._answer)
        finally:
            os.close(self._answer)
            os.waitpid(self._child, 0)
        try:
            number, result = marshal.loads(data)  # noqa: S302 - from our own process
        except (EOFError, ValueError, TypeError):
            raise ChildProcessError(errno.ECHILD, "a process that unpacked was lost") from None
        if number:
            raise OSError(number, os.strerror(number))
        answer: _Plain = result
        return answer


def _read_all(descriptor: int) -> bytes:
    pieces = []
    while piece := os.read(descriptor, _PIECE):
        pieces.append(piece)
    return b"".join(pieces)


def _serve(work: Callable[[], Any], answering: int) -> None:
    """Do the work, write down its result, and end the forked process: nothing else of the parent's runs."""
    try:
        try:
            answer = (0, work())
        except OSError as error:
            answer = (error.errno or errno.EIO, None)
        data = memoryview(marshal.dumps(answer))
        while data:
            data = data[os.write(answering, data) :]
        os._exit(0)
    finally:
        os._exit(1)
