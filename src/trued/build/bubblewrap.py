"""The box on Linux: bubblewrap, which needs neither root nor a daemon.

A build gets its own user, mount, process, network, IPC, host-name and control-group namespaces; of the file
system it sees the system's programs and libraries, the interpreter, and what its :class:`Confinement` names;
a filter refuses the system calls that lead out (:mod:`trued.build.seccomp`). The kernel's limits are put on
the box before anything in it runs. See ``docs/explanation/sandbox.md`` for what this holds back.
"""

from __future__ import annotations

import os

from trued.build.box_view import box_view, home_in
from trued.build.faults import box_failed, hosts_not_held
from trued.build.processes import census_of, everyone
from trued.build.seccomp import seccomp_filter
from trued.build.supervisor import Census, memory_allowed, supervise

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    import subprocess
    from collections.abc import Mapping, Sequence

    from trued.build.gate import Connect
    from trued.build.limits import BuildLimits
    from trued.build.log import BuildLog
    from trued.build.sandbox import Confinement

__all__ = ["NAMESPACES", "SEALED", "Bubblewrap"]

NAMESPACES = (
    *("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"),
    *("--unshare-cgroup-try", "--uid", "1000", "--gid", "1000", "--hostname", "build"),
    *("--new-session", "--die-with-parent", "--cap-drop", "ALL"),
)
SEALED = ("/proc", "/dev", "/")
"""Made read-only at last. Where trued runs as root, parts of ``/proc`` could be written by who owns them."""
_SHARED_MEMORY_BYTES = 64 * 1024 * 1024
_SIZED_SINCE = (0, 7)
_COUNTED_SINCE = (5, 14)
"""From this kernel on RLIMIT_NPROC counts the processes of the box alone, not all of the user's."""
_GONE_SECONDS = 10.0
_NO_CORE = 1
"""In bytes, which fit no core. At 0 the kernel still feeds a crash to the program of ``core_pattern``, which
runs as root outside of the box; 1 is what it takes for "no such program" (``fs/coredump.c``)."""
_INNER_PROXY = os.path.join(os.path.dirname(__file__), "inner_proxy.py")


class Bubblewrap:
    """Runs builds in bubblewrap.

    *program* is its path and *version* its own; *machine* and *kernel* are ``uname``'s. *home* is the user's
    folder, which is never shown as a whole. *connect* reaches a host that a build may reach.
    """

    name = "bubblewrap"
    moves_paths = True

    def __init__(
        self,
        *,
        program: str,
        version: str,
        machine: str,
        kernel: str,
        home: str,
        connect: Connect | None = None,
    ) -> None:
        self.version = version
        self._program = program
        self._filter = seccomp_filter(machine)
        self._home = home
        self._connect = connect or _connected
        self._is_counted = _numbers(kernel) >= _COUNTED_SINCE
        self._sizes = _numbers(version) >= _SIZED_SINCE
        self.lacks: tuple[str, ...] = () if self._filter is not None else ("seccomp",)

    def run(self, argv: Sequence[str], confinement: Confinement, *, log: BuildLog) -> int:
        """Run *argv* in a box of its own; see :meth:`trued.build.sandbox.Sandbox.run`."""
        if confinement.hosts:
            return self._run_with_hosts(argv, confinement, log=log)
        whole = home_in(confinement, self._home)
        if whole is not None:
            raise box_failed(name=self.name, said=f"{whole} holds the home folder, which no build may see")
        view = box_view(argv[0], confinement, home=self._home)
        options = [*NAMESPACES, *view.system, *self._devices(), *view.mounts, "--chdir", confinement.cwd]
        box = self._started(options, argv, dict(confinement.environment), view.files)
        try:
            box.limit(confinement.limits, counted=self._is_counted)
            status = supervise(box, confinement.limits, writable=view.writable, log=log)
        except PermissionError as error:
            raise box_failed(name=self.name, said=f"its limits cannot be set: {error.strerror}") from error
        finally:
            box.kill()
            was_entered = box.close()
        if not was_entered and status >= 0:  # below 0 it was killed itself, by ctrl-c in a terminal
            raise box_failed(name=self.name, said=" ".join(log.last_lines(3)))
        return status

    def _run_with_hosts(self, argv: Sequence[str], confinement: Confinement, *, log: BuildLog) -> int:
        """Run *argv*, whose program is a Python, with a way out to the hosts of *confinement* alone."""
        from trued.build.gate import Gate, InvalidHost
        from trued.build.sandbox import Moved
        from trued.build.scratch import Scratch
        from trued.core.record import replace

        with Scratch() as scratch:
            folder = scratch.path
            shown = (
                Moved(source=folder, inside="/build/gate"),
                Moved(source=_INNER_PROXY, inside="/build/proxy.py"),
            )
            inner = replace(confinement, hosts=(), moved=(*confinement.moved, *shown))
            opened = os.open(folder, os.O_RDONLY)
            path = f"/proc/self/fd/{opened}/gate"  # a socket's path has room for 107 bytes, a folder's more
            try:
                with Gate(path, confinement.hosts, connect=self._connect, told=log.note):
                    return self.run([argv[0], "/build/proxy.py", "/build/gate/gate", *argv], inner, log=log)
            except InvalidHost as error:
                raise hosts_not_held(name=self.name, hosts=(str(error),)) from error
            finally:
                os.close(opened)

    def _devices(self) -> list[str]:
        size = ["--size", str(_SHARED_MEMORY_BYTES)] if self._sizes else []
        shared = [*size, "--tmpfs", "/dev/shm"]  # noqa: S108 - a file system of the box's own
        return ["--proc", "/proc", "--dev", "/dev", *shared]

    def _started(
        self, options: list[str], argv: Sequence[str], environment: dict[str, str], files: Mapping[str, bytes]
    ) -> _Box:
        import subprocess

        inside = [_memory_file(data) for data in files.values()]
        for descriptor, path in zip(inside, files, strict=True):
            options += ["--ro-bind-data", str(descriptor), path]
        options += [word for path in SEALED for word in ("--remount-ro", path)]
        if self._filter is not None:
            inside.append(_memory_file(self._filter))
            options += ["--seccomp", str(inside[-1])]
        held, gate = os.pipe()
        told, status = os.pipe()
        options += ["--block-fd", str(held), "--json-status-fd", str(status)]
        inside += [held, status, _memory_file("\0".join([*options, ""]).encode())]
        try:
            process = subprocess.Popen(
                [self._program, "--args", str(inside[-1]), "--", *argv],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd="/",
                pass_fds=inside,
            )
        except BaseException:
            os.close(gate)
            os.close(told)
            raise
        finally:
            for descriptor in inside:
                os.close(descriptor)
        return _Box(process, gate=gate, told=told)


class _Box:
    """One started bubblewrap; waits at a gate until its limits stand."""

    def __init__(self, process: subprocess.Popen[bytes], *, gate: int, told: int) -> None:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        self.output = process.stdout
        self._process = process
        self._gate = gate
        self._told = told
        self._first = self._first_process()
        self._handle = _handle_of(self._first)

    def _first_process(self) -> int:
        """Return the number of the box's first process as it is seen here; 0 when there was none."""
        import json

        line = b""
        while not line.endswith(b"}\n"):
            piece = os.read(self._told, 1)
            if not piece:
                return 0
            line += piece
        return int(json.loads(line)["child-pid"])

    def limit(self, limits: BuildLimits, *, counted: bool) -> None:
        """Put the kernel's limits on the first process, which all others inherit, and open the gate.

        A box that has ended before needs neither: why it ended is found in what it printed.
        """
        import contextlib

        with contextlib.suppress(ProcessLookupError, BrokenPipeError):
            if self._first:
                self._limit_first(limits, counted=counted)
            os.write(self._gate, b"1")

    def _limit_first(self, limits: BuildLimits, *, counted: bool) -> None:
        import resource

        bounds = {
            resource.RLIMIT_CORE: _NO_CORE,
            resource.RLIMIT_CPU: limits.cpu_seconds,
            resource.RLIMIT_DATA: memory_allowed(limits),
            resource.RLIMIT_FSIZE: limits.file_bytes,
        }
        if counted:
            bounds[resource.RLIMIT_NPROC] = limits.processes
        for kind, bound in bounds.items():
            _, hard = resource.prlimit(self._first, kind)
            most = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
            resource.prlimit(self._first, kind, (most, most))

    def ended(self) -> int | None:
        """Return the exit status of the command, or ``None`` while it runs."""
        return self._process.poll()

    def census(self) -> Census | None:
        """Count what runs in the box, as the box's own ``/proc`` shows it."""
        proc = f"/proc/{self._first}/root/proc"
        pids = everyone(proc)
        return census_of(pids, proc=proc) if pids else None

    def kill(self) -> None:
        """End the box: with its first process the kernel ends all others, and it is gone when they are."""
        import contextlib
        import select
        import signal

        if self._handle >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            gone = select.poll()  # select() takes no descriptor past 1023
            gone.register(self._handle, select.POLLIN)
            gone.poll(_GONE_SECONDS * 1000)
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        if self._handle < 0:
            _await_end(self._first)

    def close(self) -> bool:
        """Give back what is open; tell whether the command ran: only then its exit status is told."""
        told = b""
        while piece := os.read(self._told, 4096):
            told += piece
        for descriptor in (self._told, self._gate, *([self._handle] if self._handle >= 0 else [])):
            os.close(descriptor)
        return b"exit-code" in told


def _handle_of(process: int) -> int:
    """Return a handle of *process*, or -1 where there is none: before Linux 5.3, or when it has ended."""
    if not process:
        return -1
    try:
        return os.pidfd_open(process)
    except OSError:
        return -1


def _await_end(process: int) -> None:
    """Wait until *process* is gone, which follows its parent without a handle on it."""
    import time

    until = time.monotonic() + _GONE_SECONDS
    while process and os.path.exists(f"/proc/{process}") and time.monotonic() < until:
        time.sleep(0.005)


def _connected(host: str, port: int) -> socket.socket:
    from trued.build.gate import connected

    return connected(host, port)


def _memory_file(data: bytes) -> int:
    descriptor = os.memfd_create("trued", os.MFD_CLOEXEC)
    os.write(descriptor, data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _numbers(version: str) -> tuple[int, ...]:
    """Return the leading two numbers of *version*."""
    numbers = []
    for part in version.split(".")[:2]:
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        numbers.append(int(digits or "0"))
    return tuple(numbers)
