"""The program ``trued``; ``python -m trued`` is the same.

An install whose lock and wheels are all in the store already, and a lock whose question was answered before,
take a warm road, which imports next to nothing; every other call goes through ``cli.run``.

Two habits of a program that lives for a tenth of a second: it hardly collects garbage (a manifest is
thousands of tuples, and looking through them for circles took half of the time of reading them), and it ends
without taking its own objects apart.
"""

from __future__ import annotations

import gc
import os
import sys

__all__ = ["launch", "main"]

_OBJECTS_BEFORE_COLLECTING = 200_000
_INTERRUPTED = 130
_KEEPING = {"install": (0,), "sync": (0,), "lock": (0,), "audit": (0, 1)}
"""Commands waited for often enough to keep the code of their full road in one file each, and after which
ends: an audit that finds something has gone its whole road."""
_WARM = ("install", "sync", "lock")


def launch() -> None:
    """Run :func:`main` as the whole process, which ends here."""
    try:
        gc.set_threshold(_OBJECTS_BEFORE_COLLECTING, 50, 50)
        _open_missing_streams()
        status = _flushed(main())
    except KeyboardInterrupt:  # before or after the command's own handling
        status = _INTERRUPTED
    except Exception as error:  # noqa: BLE001 -- Python would print it with the secrets in its message
        from trued.cli.fault import tell_fault

        status = _flushed(tell_fault(error, sys.argv[1:], os.environ))
    os._exit(status)


def _flushed(status: int) -> int:
    """Write out what was printed; return *status*, or 2 when whoever read it has gone."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except OSError:
        return status or 2
    return status


def _open_missing_streams() -> None:
    """Give streams that the caller closed to the null device, in order: each takes the number it lacks.

    Else the next file that is opened would take that number, and be written to as if it were the stream.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 - as long as the process


def main() -> int:
    """Run the command of ``sys.argv`` and return its exit status (0 done, 1 findings, 2 error)."""
    argv = sys.argv[1:]
    command = argv[0] if argv else ""
    if command not in _KEEPING:
        return _run_fully(argv)
    from trued.code_bundle import use_bundle

    full = use_bundle(command)
    warm = use_bundle("warm") if command in ("install", "sync") else None
    status = _run_warm(argv) if command in _WARM else None
    if status is not None:
        if warm is not None:
            warm.keep()
        return status
    status = _run_fully(argv)
    if status in _KEEPING[command]:
        full.keep()
    return status


def _run_warm(argv: list[str]) -> int | None:
    """Run the command by its warm road; ``None`` where that does not lead there."""
    if argv[0] == "lock":
        from trued.operations.lock_warm import lock_warm as run_warm
    else:
        from trued.operations.warm import install_warm as run_warm
    return run_warm(argv, os.environ, os.getcwd())


def _run_fully(argv: list[str]) -> int:
    from trued.cli.run import run
    from trued.environment.signals import Terminating

    with Terminating():
        return run(argv, os.environ, os.getcwd())


if __name__ == "__main__":
    launch()
