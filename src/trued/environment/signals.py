"""Being ended politely in the middle of a change: undo first, then go.

``SIGTERM`` ends a process at once unless it is handled; ctrl-c raises wherever the program is, in the middle
of putting things back too. Outside the main thread signals never arrive, and nothing is done here.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # what `signal` wraps, without its enumerations
import os

__all__ = ["Deferred", "Terminating"]


class Terminating:
    """While inside, ``SIGTERM`` and ``SIGHUP`` raise SystemExit, where they would have ended the process."""

    __slots__ = ("_before",)

    def __enter__(self) -> None:
        self._before: list[tuple[int, object]] = []
        names = ("SIGTERM", "SIGHUP") if os.name == "posix" else ("SIGTERM",)
        for name in names:
            number = getattr(_signal, name)
            before = _signal.getsignal(number)
            if before == _signal.SIG_DFL:
                try:
                    _signal.signal(number, _leave)
                except ValueError:  # not the main thread
                    return
                self._before.append((number, before))

    def __exit__(self, *_: object) -> None:
        for number, before in self._before:
            _signal.signal(number, before)


class Deferred:
    """While inside, ctrl-c, ``SIGTERM`` and ``SIGHUP`` wait; they arrive afterwards."""

    __slots__ = ("_before",)

    if os.name == "posix":

        def __enter__(self) -> None:
            waiting = (_signal.SIGINT, _signal.SIGTERM, _signal.SIGHUP)
            self._before = _signal.pthread_sigmask(_signal.SIG_BLOCK, waiting)

        def __exit__(self, *_: object) -> None:
            _signal.pthread_sigmask(_signal.SIG_SETMASK, self._before)

    else:

        def __enter__(self) -> None:
            pass

        def __exit__(self, *_: object) -> None:
            pass


def _leave(number: int, _: object) -> None:
    raise SystemExit(128 + number)
