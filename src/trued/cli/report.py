"""``trued report``: write one page for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.cli.opening import open_session
from trued.cli.written import deliver

if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.report.printer import Printer

__all__ = ["run"]


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Write the page; return 0, or 3 when there is nothing to tell of."""
    from trued.operations.environment_report import environment_report

    with open_session(parsed, printer) as session:
        made = environment_report(session, parsed.arguments, step=printer.detail)
        deliver(session, printer, made.text)
    return made.exit_status
