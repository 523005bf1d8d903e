"""The port to what confines a build: what it may see, write and take, and who holds it to that."""

from __future__ import annotations

from trued.build.limits import BuildLimits
from trued.core.record import Protocol, dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.build.log import BuildLog

__all__ = ["Confinement", "Moved", "Sandbox", "find_sandbox"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A folder or file that the build sees elsewhere than it lies: the same place in every build."""

    source: str
    inside: str
    writable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """What one run may see and take; all else is held back. Paths are absolute.

    ``readable`` and ``writable`` lie inside where they lie outside. ``moved`` ones are seen at ``inside``
    where :attr:`Sandbox.moves_paths`, and where they lie otherwise. ``cwd`` is a path inside. ``environment``
    is all that the build gets, nothing is inherited. ``hosts`` are names (``name`` or ``name:port``, 443 when
    not said) that may be reached; empty is no network at all.
    """

    cwd: str
    readable: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    moved: tuple[Moved, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    limits: BuildLimits = field(default_factory=BuildLimits)


class Sandbox(Protocol):
    """Runs a command so that it reaches nothing but what it is given.

    ``name`` and ``version`` tell which it is (``bubblewrap``, ``0.8.0``). ``lacks`` names the layers that
    this machine does not give (``seccomp``); for telling, not for deciding.
    """

    name: str
    version: str
    moves_paths: bool
    lacks: tuple[str, ...]

    def run(self, argv: Sequence[str], confinement: Confinement, *, log: BuildLog) -> int:
        """Run *argv* to its end and return its exit status; what it prints goes to *log*.

        No process of the tree outlives the call, however it ends.

        Raises:
            Refused: A limit was reached (TRU442).
            OperationalError: The box cannot be made (TRU443), or not with these hosts (TRU446).

        """


def find_sandbox(environ: Mapping[str, str], *, platform: str) -> Sandbox:
    """Return the sandbox of this machine, *platform* being as ``sys.platform`` says; it is tried first.

    Raises:
        OperationalError: There is none that works (TRU440), with the cause and the command that mends it.

    """
    if platform == "darwin":
        return _seatbelt(environ)
    if platform.startswith("linux"):
        from trued.build.probe import usable_bubblewrap

        return usable_bubblewrap(environ)
    from trued.build.faults import no_sandbox

    cause = "trued knows no sandbox for this system"
    raise no_sandbox(system=platform, cause=cause, command="build the wheel on Linux, or in WSL 2")


def _seatbelt(environ: Mapping[str, str]) -> Sandbox:
    import platform
    import shutil

    from trued.build.faults import no_sandbox
    from trued.build.seatbelt import Seatbelt

    program = shutil.which("sandbox-exec", path=environ.get("PATH", "") + ":/usr/bin")
    if program is None:
        cause = "/usr/bin/sandbox-exec is missing"
        raise no_sandbox(system="macOS", cause=cause, command="softwareupdate --all --install")
    return Seatbelt(program=program, version=platform.mac_ver()[0])
