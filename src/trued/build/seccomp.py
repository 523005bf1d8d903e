"""The system calls that a build has no use for, as a filter for the kernel (seccomp, classic BPF).

Namespaces hide what lies outside; the filter closes what would lead back: making further namespaces (inside
which a process has all capabilities, the way of most local exploits of the last years), mounting, tracing and
reading other processes, kernel keyrings, BPF, io_uring, and typing into the terminal (CVE-2017-5226). Memory
that belongs to no process (memfd, System V) is refused too, because nobody could count it.

Written here because the kept bindings need libseccomp on the machine, and what is needed is two hundred
instructions: see ``Documentation/userspace-api/seccomp_filter.rst`` of the kernel. The numbers are compared
with the system's own headers by a test.
"""

from __future__ import annotations

import errno
import struct

__all__ = ["ARCHITECTURES", "seccomp_filter"]

_FORBIDDEN = {
    "add_key": (248, 217),
    "bpf": (321, 280),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "lookup_dcookie": (212, 18),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "setns": (308, 268),
    "shmget": (29, 194),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "vmsplice": (278, 75),
}
"""Refused with EPERM. Each has its number on x86_64, then that on aarch64."""

_ABSENT = {
    "clone3": (435, 435),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
}
"""Answered with ENOSYS, on which programs take the older way (``clone3`` hides its flags from a filter)."""

_INSPECTED = {
    "clone": (56, 220),
    "fcntl": (72, 25),
    "ioctl": (16, 29),
    "socket": (41, 198),
    "socketpair": (53, 199),
}

ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""The kernel's name of each architecture (AUDIT_ARCH) and its column above."""

_NEW_NAMESPACES = 0x7E020000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET."""
_TERMINAL_INPUT = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX."""
_LEASES = (1024,)
"""F_SETLEASE: whoever opens the file elsewhere waits, up to 45 seconds for each file of the interpreter."""
_FAMILIES = (1, 2, 10, 16)
"""AF_UNIX, AF_INET, AF_INET6, AF_NETLINK. Others (AF_VSOCK, AF_ALG, …) know no network namespace."""

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_X32 = 0x40000000


def seccomp_filter(machine: str) -> bytes | None:
    """Return the filter for *machine* (as ``os.uname`` names it); ``None`` where its calls are not known."""
    known = ARCHITECTURES.get(machine)
    if known is None:
        return None
    audit, column = known
    refused, absent = _ERRNO | errno.EPERM, _ERRNO | errno.ENOSYS
    program = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, audit), (_RETURN, 0, 0, absent)]
    program.append((_LOAD, 0, 0, _NUMBER))
    if machine == "x86_64":
        program += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, absent)]
    for calls, answer in ((_FORBIDDEN, refused), (_ABSENT, absent)):
        for numbers in calls.values():
            program += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, answer)]
    program += _inspected("clone", column, _flagged(refused))
    program += _inspected("ioctl", column, _one_of(_TERMINAL_INPUT, refused, _ALLOW), argument=1)
    program += _inspected("fcntl", column, _one_of(_LEASES, refused, _ALLOW), argument=1)
    for call in ("socket", "socketpair"):  # either loads the module of a family
        program += _inspected(call, column, _one_of(_FAMILIES, _ALLOW, _ERRNO | errno.EAFNOSUPPORT))
    program.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in program)


_Program = list[tuple[int, int, int, int]]


def _inspected(name: str, column: int, body: _Program, *, argument: int = 0) -> _Program:
    """Return what looks at the low half of one argument of a call; *body* ends in an answer."""
    load = (_LOAD, 0, 0, _ARGUMENTS + 8 * argument)
    return [(_EQUAL, 0, len(body) + 1, _INSPECTED[name][column]), load, *body]


def _flagged(refused: int) -> _Program:
    return [(_ANY_BIT, 0, 1, _NEW_NAMESPACES), (_RETURN, 0, 0, refused), (_RETURN, 0, 0, _ALLOW)]


def _one_of(values: tuple[int, ...], then: int, otherwise: int) -> _Program:
    tests = [step for value in values for step in ((_EQUAL, 0, 1, value), (_RETURN, 0, 0, then))]
    return [*tests, (_RETURN, 0, 0, otherwise)]
