"""The session of one command line call: its variables, its folder, the clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trued.cli.watching import PrintingWatcher
from trued.operations.session import Session

if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.report.printer import Printer

__all__ = ["open_session"]


def open_session(parsed: ParsedCommand, printer: Printer) -> Session:
    """Return the session for *parsed*, to be used with ``with``; *printer* tells of its progress."""
    return Session(
        parsed.settings,
        environ=parsed.environ,
        cwd=parsed.cwd,
        clock=lambda: datetime.now(UTC),
        watcher=PrintingWatcher(printer, quiet=parsed.settings.json),
    )
