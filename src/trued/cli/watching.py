"""What an operation tells while it works, put on the terminal."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from trued.operations.watcher import FileWatcher
    from trued.report.printer import Printer

__all__ = ["PrintingWatcher"]


class PrintingWatcher:
    """Tells of long work through *printer*; with *quiet*, only what somebody has to wait for."""

    def __init__(self, printer: Printer, *, quiet: bool = False) -> None:
        self._printer = printer
        self._quiet = quiet

    def files(self, count: int, size: int) -> AbstractContextManager[FileWatcher]:
        """Return the progress line of *count* files of *size* bytes."""
        return self._printer.progress("proving", total_files=count, total_bytes=size)

    def waiting(self, folder: str) -> None:
        """Tell that another run holds the environment."""
        self._printer.say(f"waiting for another run that changes {folder}")

    def compiling(self, count: int) -> None:
        """Tell that wheels are being compiled."""
        self._printer.detail(f"compiling {count} wheels, once for this interpreter")

    def wrote(self, diff: str) -> None:
        """Show what changes in a requirements file."""
        if not self._quiet:
            self._printer.artefact(diff.rstrip("\n"))
