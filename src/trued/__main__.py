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
_BUNDLED = frozenset({"install", "lock"})
"""Commands that are waited for often enough to keep the code of their full road in one file."""


def launch() -> None:
    """Run :func:`main` as the whole process, which ends here."""
    try:
        gc.set_threshold(_OBJECTS_BEFORE_COLLECTING, 50, 50)
        _open_missing_streams()
        status = _flushed(main())
    except KeyboardInterrupt:  # before or after the command's own handling
        status = _INTERRUPTED
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
    if argv and argv[0] == "install":
        from trued.code_bundle import keep_bundle, use_bundle

        bundle = use_bundle("warm")
        from trued.operations.warm import install_warm

        status = install_warm(argv, os.environ, os.getcwd())
        if status is not None:
            keep_bundle("warm", bundle)
            return status
    if argv and argv[0] == "lock":
        from trued.operations.lock_warm import lock_warm

        status = lock_warm(argv, os.environ, os.getcwd())
        if status is not None:
            return status
    return _run_fully(argv)


def _run_fully(argv: list[str]) -> int:
    """Run the command by the full road, with the code that its last run was made of."""
    from trued.code_bundle import keep_bundle, use_bundle

    road = argv[0] if argv and argv[0] in _BUNDLED else ""
    bundle = use_bundle(road) if road else None
    from trued.cli.run import run
    from trued.environment.signals import Terminating

    with Terminating():
        status = run(argv, os.environ, os.getcwd())
    if bundle is not None and status == 0:
        keep_bundle(road, bundle)
    return status


if __name__ == "__main__":
    launch()
