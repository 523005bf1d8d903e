"""The box on macOS: ``sandbox-exec`` with a profile that denies all it does not name.

The tool is deprecated in its manual since macOS 10.13 and still what the system's own services and Bazel,
Nix and Chromium use; nothing else needs neither a signed program nor root. The profile language is that of
TinyScheme with the operations of the system's ``/System/Library/Sandbox/Profiles``. Paths cannot be moved.
"""

from __future__ import annotations

import os

from trued.build.faults import hosts_not_held
from trued.build.no_sandbox import run_limited

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trued.build.log import BuildLog
    from trued.build.sandbox import Confinement

__all__ = ["Seatbelt", "profile"]

_SYSTEM = (
    *("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/libexec", "/usr/share", "/usr/include", "/bin", "/sbin"),
    *("/System", "/Library/Developer", "/Library/Frameworks", "/Applications/Xcode.app", "/private/etc/ssl"),
    *(
        "/private/var/db/dyld",
        "/private/var/db/timezone",
        "/private/var/select",
        "/private/var/db/xcode_select_link",
    ),
    *("/usr/local", "/opt/homebrew", "/opt/local", "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"),
)
_HEAD = """\
(version 1)
(deny default)
(allow process-fork)
(allow process-exec)
(allow signal (target same-sandbox))
(allow process-info* (target same-sandbox))
(allow sysctl-read)
(allow mach-lookup (global-name "com.apple.system.opendirectoryd.libinfo"))
(allow ipc-posix-sem)
(allow file-read-metadata)
(allow file-read* (literal "/"))
(allow file-write* (literal "/dev/null") (literal "/dev/zero"))
(allow file-ioctl (literal "/dev/null"))
(deny network*)
"""


class Seatbelt:
    """Runs builds under ``sandbox-exec`` with limits and a clean environment; *version* is the system's."""

    name = "sandbox-exec"
    moves_paths = False
    lacks: tuple[str, ...] = ("process namespace", "process count")

    def __init__(self, *, program: str, version: str) -> None:
        self.version = version
        self._program = program

    def run(self, argv: Sequence[str], confinement: Confinement, *, log: BuildLog) -> int:
        """Run *argv* under the profile of *confinement*; see :meth:`trued.build.sandbox.Sandbox.run`."""
        if confinement.hosts:
            raise hosts_not_held(name=self.name, hosts=confinement.hosts)
        return run_limited([self._program, "-p", profile(argv[0], confinement), *argv], confinement, log=log)


def profile(program: str, confinement: Confinement) -> str:
    """Return the profile under which *program* sees only the system and what *confinement* names."""
    prefix = os.path.dirname(os.path.dirname(os.path.realpath(program)))
    moved = [one.source for one in confinement.moved if not one.writable]
    writable = [*confinement.writable, *(one.source for one in confinement.moved if one.writable)]
    readable = [*_SYSTEM, prefix, os.path.dirname(os.path.dirname(program)), *confinement.readable, *moved]
    kept = [path for path in confinement.readable if any(_lies_in(path, folder) for folder in writable)]
    return (
        f"{_HEAD}(allow file-read* file-map-executable\n{_subpaths(readable)})\n"
        f"(allow file-read* file-write* file-map-executable\n{_subpaths(writable)})\n"
        + (f"(deny file-write*\n{_subpaths(kept)})\n" if kept else "")  # the last rule that fits decides
    )


def _lies_in(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")


def _subpaths(folders: Iterable[str]) -> str:
    """Return one ``subpath`` a folder, at its real place, which is what the kernel compares."""
    real = dict.fromkeys(os.path.realpath(folder) for folder in folders if folder != "/")
    return "\n".join(f"  (subpath {_quoted(folder)})" for folder in real)


def _quoted(path: str) -> str:
    r"""Return *path* as a string of the profile's language: ``"`` and ``\`` are escaped."""
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'
