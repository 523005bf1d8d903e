"""The session of one command line call: its variables, its folder, the clock."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from trued.cli.watching import PrintingWatcher
from trued.core.finding import Finding, Level
from trued.core.record import replace
from trued.operations.session import Session
from trued.store.owner import is_trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.report.printer import Printer

__all__ = ["open_session"]


def open_session(parsed: ParsedCommand, printer: Printer) -> Session:
    """Return the session for *parsed*, to be used with ``with``; *printer* tells of its progress.

    It leaves the cache of another user alone, but for the commands that look after a cache.
    """
    settings = parsed.settings
    cache = settings.cache_dir
    if cache is not None and parsed.command != "cache" and not is_trusted(os.path.join(parsed.cwd, cache)):
        finding = Finding(code="TRU405", level=Level.WARNING, subject=cache)
        printer.findings([finding], summary=False)
        settings = replace(settings, cache_dir=None)
    return Session(
        settings,
        environ=parsed.environ,
        cwd=parsed.cwd,
        clock=lambda: datetime.now(UTC),
        watcher=PrintingWatcher(printer, quiet=settings.json, may_ask=not settings.no_input),
        command=parsed.command,
    )
