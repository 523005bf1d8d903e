"""The program ``trued``; ``python -m trued`` is the same.

An install whose lock and wheels are all in the store already takes the warm road, which imports next to
nothing; every other call goes through ``cli.run``.

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


def launch() -> None:
    """Run :func:`main` as the whole process, which ends here."""
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTING, 50, 50)
    status = main()
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except OSError:  # whoever read it has gone
        status = status or 2
    os._exit(status)


def main() -> int:
    """Run the command of ``sys.argv`` and return its exit status (0 done, 1 findings, 2 error)."""
    argv = sys.argv[1:]
    if argv and argv[0] == "install":
        from trued.operations.warm import install_warm

        status = install_warm(argv, os.environ, os.getcwd())
        if status is not None:
            return status
    from trued.cli.run import run

    return run(argv, os.environ, os.getcwd())


if __name__ == "__main__":
    launch()
