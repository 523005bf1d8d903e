"""What an operation tells while it works; whoever prints decides how that looks."""

from __future__ import annotations

from contextlib import nullcontext

from trued.core.record import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from trued.operations.first_use import Unproven

__all__ = ["FileWatcher", "Silent", "Watcher"]


class FileWatcher(Protocol):
    """Is told how far the files have come; called from several threads."""

    def advance(self, *, files: int = 0, size: int = 0) -> None:
        """Count *files* more files judged and *size* more bytes arrived."""

    def expect(self, *, files: int = 0, size: int = 0) -> None:
        """Add to what is to come: *size* bytes, as far as that is known."""


class Watcher(Protocol):
    """Is told of long work, and asked what only the user can say."""

    def files(self, count: int, size: int) -> AbstractContextManager[FileWatcher]:
        """Return the watcher of *count* files of *size* bytes together (0: not known)."""

    def own_environment(self, prefix: str) -> None:
        """Tell that nothing names an environment, so that the one trued runs in is taken."""

    def waiting(self, folder: str) -> None:
        """Tell that another run holds the environment with the packages in *folder*."""

    def compiling(self, count: int) -> None:
        """Tell that *count* wheels are being compiled for the target's interpreter."""

    def comparing(self, count: int) -> None:
        """Tell that *count* sources are compiled again, to compare their bytecode."""

    def fetching(self, url: str) -> None:
        """Tell that the repository at *url* is asked for a commit."""

    def building(self, name: str) -> AbstractContextManager[Callable[[str], None]]:
        """Tell that *name* is being built; what is returned is called with each line of its log."""

    def wrote(self, diff: str) -> None:
        """Tell that a requirements file is rewritten; *diff* is what changes."""

    def accepts(self, unproven: Sequence[Unproven]) -> bool:
        """Ask whether all of *unproven* are accepted; ``False`` where there is nobody to ask."""


class _Deaf:
    def advance(self, *, files: int = 0, size: int = 0) -> None:
        """Tell nobody."""

    def expect(self, *, files: int = 0, size: int = 0) -> None:
        """Tell nobody."""


def _deaf(_line: str) -> None:
    """Tell nobody."""


class Silent:
    """A watcher that tells nobody."""

    def files(self, count: int, size: int) -> AbstractContextManager[FileWatcher]:
        """Return a watcher that tells nobody."""
        del count, size
        return nullcontext(_Deaf())

    def own_environment(self, prefix: str) -> None:
        """Tell nobody."""

    def waiting(self, folder: str) -> None:
        """Tell nobody."""

    def compiling(self, count: int) -> None:
        """Tell nobody."""

    def comparing(self, count: int) -> None:
        """Tell nobody."""

    def fetching(self, url: str) -> None:
        """Tell nobody."""

    def building(self, name: str) -> AbstractContextManager[Callable[[str], None]]:
        """Return what tells nobody."""
        del name
        return nullcontext(_deaf)

    def wrote(self, diff: str) -> None:
        """Tell nobody."""

    def accepts(self, unproven: Sequence[Unproven]) -> bool:
        """Ask nobody."""
        del unproven
        return False
