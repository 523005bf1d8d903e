"""The program ``trued``; ``python -m trued`` is the same.

An install whose lock and wheels are all in the store already takes the warm road, which imports next to
nothing; every other call goes through ``cli.run``.
"""

from __future__ import annotations

import os
import sys

__all__ = ["main"]


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
    sys.exit(main())
