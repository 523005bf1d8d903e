"""A build without a box, for who asks for it by name: limits, a clean environment, and nothing else.

The build runs with all rights of the user. What can be held without a box is held: the time, the kernel's
limits of each process, the memory and the number of the processes that still hang on the build, the disk.
A process that leaves its session and its parent (a daemon) is not found again.
"""

from __future__ import annotations

import os
import sys

from trued.build.processes import census_of, descendants
from trued.build.supervisor import Census, memory_allowed, supervise

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence

    from trued.build.limits import BuildLimits
    from trued.build.log import BuildLog
    from trued.build.sandbox import Confinement

__all__ = ["NoSandbox", "run_limited"]

_LAUNCHER = """\
import os, resource, sys
for kind, bound in zip(sys.argv[1].split(","), sys.argv[2].split(",")):
    kind, bound = getattr(resource, kind, None), int(bound)
    if kind is not None:
        hard = resource.getrlimit(kind)[1]
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(kind, (bound, bound))
os.execvp(sys.argv[3], sys.argv[3:])
"""


class NoSandbox:
    """Runs builds as any program of the user; whoever chooses it tells so."""

    name = "none"
    version = ""
    moves_paths = False
    lacks: tuple[str, ...] = ("everything",)

    def run(self, argv: Sequence[str], confinement: Confinement, *, log: BuildLog) -> int:
        """Run *argv* with limits and the environment of *confinement* alone."""
        return run_limited(argv, confinement, log=log)


def run_limited(argv: Sequence[str], confinement: Confinement, *, log: BuildLog) -> int:
    """Run *argv* in a session of its own under the limits of *confinement*; return its exit status.

    Raises:
        Refused: A limit was reached (TRU442).

    """
    import subprocess

    process = subprocess.Popen(
        [*_limiting(confinement.limits), *argv],
        cwd=confinement.cwd,
        env=dict(confinement.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=os.name == "posix",
    )
    writable = (*confinement.writable, *(one.source for one in confinement.moved if one.writable))
    return supervise(_Tree(process), confinement.limits, writable=writable, log=log)


def _limiting(limits: BuildLimits) -> list[str]:
    """Return a command that puts the kernel's limits on itself and becomes what follows it."""
    if os.name != "posix":
        return []
    bounds = {
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": limits.cpu_seconds,
        "RLIMIT_DATA": memory_allowed(limits),
        "RLIMIT_FSIZE": limits.file_bytes,
    }
    said = [",".join(bounds), ",".join(map(str, bounds.values()))]
    return [sys.executable, "-I", "-S", "-c", _LAUNCHER, *said]


class _Tree:
    """A started build and what hangs on it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        self.output = process.stdout
        self._process = process

    def ended(self) -> int | None:
        """Return the exit status, or ``None`` while it runs."""
        return self._process.poll()

    def census(self) -> Census | None:
        """Count what hangs on the build; where there is no ``/proc`` nothing can be told."""
        if not os.path.isdir("/proc/self"):
            return None
        return census_of(descendants(self._process.pid), proc="/proc")

    def kill(self) -> None:
        """End what hangs on the build, and its session."""
        import signal

        if os.name != "posix":
            self._process.kill()
        else:
            for pid in (*descendants(self._process.pid), -self._process.pid):
                try:
                    os.kill(pid, signal.SIGKILL)
                except (ProcessLookupError, PermissionError):
                    continue
        self._process.wait()
