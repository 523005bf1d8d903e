"""Runs a program until a certain call of the system, and then has it fail, be killed, or be interrupted.

``python stepping.py NUMBER=FAULT,... PROGRAM ARGUMENTS...``: *FAULT* is an errno, ``kill``, the number of a
signal after ``-``, or what a shell is to do after ``sh:``. Prints the exit status as
``os.waitstatus_to_exitcode`` tells it, and the calls there were. It is what strace does with ``inject``, and
needs no strace. Counted are calls that change something, of the first program only: what it becomes runs on
by itself.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import sys

TRACEME, CONTINUE, DETACH, SETOPTIONS, SYSCALL, GET_INFO, POKEUSER = 0, 7, 17, 0x4200, 24, 0x420E, 6
SYSGOOD, TRACECLONE, TRACEEXEC, EXITKILL = 1, 1 << 3, 1 << 4, 1 << 20
EVENT_CLONE, EVENT_EXEC, WALL = 3, 4, 0x40000000
ENTRY = 1
ORIG_RAX, RAX = 15 * 8, 10 * 8
COUNTED = {
    1: "write", 2: "open", 73: "flock", 74: "fsync", 82: "rename", 83: "mkdir", 84: "rmdir", 87: "unlink",
    257: "openat", 258: "mkdirat", 263: "unlinkat", 264: "renameat", 265: "linkat", 280: "utimensat",
    316: "renameat2", 435: "clone3",
}  # fmt: skip
POSSIBLE = sys.platform.startswith("linux") and platform.machine() == "x86_64"


class Info(ctypes.Structure):
    """``struct ptrace_syscall_info``, as far as it is needed."""

    _fields_ = (
        ("op", ctypes.c_uint8),
        ("pad", ctypes.c_uint8 * 3),
        ("arch", ctypes.c_uint32),
        ("instruction", ctypes.c_uint64),
        ("stack", ctypes.c_uint64),
        ("number", ctypes.c_uint64),
        ("arguments", ctypes.c_uint64 * 6),
    )


LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
LIBC.ptrace.restype = ctypes.c_long


def ptrace(request: int, process: int, address: int = 0, data: object = None) -> None:
    if LIBC.ptrace(request, process, address, data) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def started(command: list[str]) -> int:
    """Start *command*, stopped at its first instruction."""
    os.environ.pop("LC_CTYPE", None)  # set by this Python where no language was (PEP 538)
    process = os.fork()
    if process == 0:
        ptrace(TRACEME, 0)
        os.execv(command[0], command)
    os.waitpid(process, 0)
    ptrace(SETOPTIONS, process, 0, SYSGOOD | TRACECLONE | TRACEEXEC | EXITKILL)
    return process


def inject(thread: int, process: int, fault: str) -> int:
    """Do what *fault* says to a thread that enters a call; return the error that the call is to end with."""
    if fault == "kill":
        os.kill(process, signal.SIGKILL)
    elif fault.startswith("-"):
        os.kill(process, int(fault[1:]))
    elif fault.startswith("sh:"):
        os.system(fault[3:])
    else:
        ptrace(POKEUSER, thread, ORIG_RAX, -1)
        return int(fault)
    return 0


class Run:
    """A program that is stopped at each of its calls."""

    def __init__(self, faults: dict[int, str], command: list[str]) -> None:
        self.process = started(command)
        self.calls: list[str] = []
        self._faults = faults
        self._failing: dict[int, int] = {}

    def finish(self) -> int:
        """Let it run, with its faults; return its exit status."""
        ptrace(SYSCALL, self.process)
        while True:
            thread, status = os.waitpid(-1, WALL)
            if not os.WIFSTOPPED(status):
                if thread == self.process:
                    return os.waitstatus_to_exitcode(status)
                continue
            if status >> 16 == EVENT_EXEC:
                ptrace(DETACH, self.process)
                return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
            try:
                ptrace(SYSCALL, thread, 0, self._passed(thread, os.WSTOPSIG(status)))
            except ProcessLookupError:  # killed meanwhile
                continue

    def _passed(self, thread: int, stopped: int) -> int:
        """Return the signal that the thread is to get now."""
        if stopped != signal.SIGTRAP | 0x80:
            return 0 if stopped in (signal.SIGTRAP, signal.SIGSTOP) else stopped
        info = Info()
        ptrace(GET_INFO, thread, ctypes.sizeof(info), ctypes.byref(info))
        if info.op != ENTRY:
            if self._failing.get(thread):
                ptrace(POKEUSER, thread, RAX, -self._failing.pop(thread))
        elif info.number in COUNTED:
            self.calls.append(COUNTED[info.number])
            if len(self.calls) in self._faults:
                self._failing[thread] = inject(thread, self.process, self._faults[len(self.calls)])
        return 0


if __name__ == "__main__":
    pairs = [pair.split("=", 1) for pair in sys.argv[1].split(",") if pair]
    run = Run({int(number): fault for number, fault in pairs}, sys.argv[2:])
    print(run.finish(), *run.calls)  # noqa: T201 - for whoever started this
