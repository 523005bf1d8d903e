"""The folder in which a client keeps the metadata of one index, for one process at a time.

The library keeps its files here as it does anywhere: ``timestamp.json``, ``snapshot.json``, one file a role,
``root_history/N.root.json`` and the link ``root.json``. Each is written whole or not at all, but may be gone
after a power cut. What must outlive that stands in ``marks``: the highest versions that counted, and when.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager, suppress

from trued.core.errors import OperationalError
from trued.core.finding import Finding
from trued.core.record import dataclass, field
from trued.core.whole_file import write_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Mark", "Marks", "MetadataFolder"]

_FORMAT = 1
_MOST_MARK_BYTES = 64 * 1024
_POLL_SECONDS = 0.05
_YEAR_3000 = 32503680000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The highest version of a role that counted, and the keys that were its own then.

    Versions count only among metadata of the same keys: new keys may begin anew (specification, 5.3.11).
    """

    keys: tuple[str, ...]
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What a client remembers for good; ``seconds`` is the time (since the epoch) of the last good refresh.

    ``anchor`` is the sha256 of the root that trust began at, ``root`` the highest version it led to.
    """

    seconds: float = 0.0
    anchor: str = ""
    root: int = 0
    roles: Mapping[str, Mark] = field(default_factory=dict)


class MetadataFolder:
    """The folder *path*; *waiting* is called once, with its path, while another process holds it."""

    def __init__(
        self, path: str, *, waiting: Callable[[str], None] | None = None, most_seconds: float = 300.0
    ) -> None:
        self.path = path
        self._waiting = waiting
        self._most_seconds = most_seconds

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder; it is made, and what a killed process left half written is removed.

        The lock ends with the process. Raises: OperationalError TRU864 when the folder cannot be used, or
        stays held for too long.
        """
        try:
            os.makedirs(self.path, mode=0o700, exist_ok=True)
            descriptor = os.open(os.path.join(self.path, "lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._unusable(error) from error
        try:
            try:
                self._hold(descriptor)
            except OSError as error:  # a file system without locks
                raise self._unusable(error) from error
            self._sweep()
            yield
        finally:
            os.close(descriptor)

    def _hold(self, descriptor: int) -> None:
        deadline = time.monotonic() + self._most_seconds
        announced = False
        while not _locked(descriptor):
            if time.monotonic() >= deadline:
                reason = f"another process has held it for {self._most_seconds:.0f} seconds"
                values = {"reason": reason}
                raise OperationalError(Finding(code="TRU864", subject=self.path, values=values))
            if not announced and self._waiting:
                self._waiting(self.path)
            announced = True
            time.sleep(_POLL_SECONDS)

    def _sweep(self) -> None:
        """Remove the drafts of processes that ended while they wrote."""
        for folder in (self.path, os.path.join(self.path, "root_history")):
            with suppress(OSError):
                for name in os.listdir(folder):
                    if name.startswith(("tmp", ".marks.")):
                        os.unlink(os.path.join(folder, name))

    def unusable(self, error: OSError) -> OperationalError:
        """Return the error for a folder that cannot be read or written."""
        return self._unusable(error)

    def _unusable(self, error: OSError) -> OperationalError:
        values = {"reason": error.strerror or str(error)}
        return OperationalError(Finding(code="TRU864", subject=self.path, values=values))

    def kept(self, name: str) -> bytes | None:
        """Return the kept file that a server would call *name* (``7.bins-0a.json``), of whatever version."""
        version, _, rest = name.partition(".")
        path = name
        if version.isdecimal() and rest:
            path = os.path.join("root_history", name) if rest == "root.json" else rest
        try:
            with open(os.path.join(self.path, path), "rb") as file:
                return file.read()
        except OSError:
            return None

    def marks(self) -> Marks:
        """Return the marks; none where there is no such file, or one that cannot be read."""
        import json

        try:
            with open(os.path.join(self.path, "marks"), "rb") as file:
                stored = json.loads(file.read(_MOST_MARK_BYTES))
            if stored["format"] != _FORMAT or not 0 <= stored["seconds"] < _YEAR_3000:
                return Marks()
            return Marks(
                seconds=float(stored["seconds"]),
                anchor=str(stored["anchor"]),
                root=int(stored["root"]),
                roles={
                    str(role): Mark(keys=tuple(map(str, mark["keys"])), version=int(mark["version"]))
                    for role, mark in stored["roles"].items()
                },
            )
        except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            return Marks()

    def set_marks(self, marks: Marks) -> None:
        """Write the marks so that they outlive a power cut. Raises: OSError."""
        import json

        stored = {
            "format": _FORMAT,
            "seconds": marks.seconds,
            "anchor": marks.anchor,
            "root": marks.root,
            "roles": {
                role: {"keys": list(mark.keys), "version": mark.version} for role, mark in marks.roles.items()
            },
        }
        write_whole(os.path.join(self.path, "marks"), json.dumps(stored).encode(), mode=0o600)


if sys.platform == "win32":

    def _locked(descriptor: int) -> bool:
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:

    def _locked(descriptor: int) -> bool:
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
