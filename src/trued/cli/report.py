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
    from trued.report.html.tally import tally

    with open_session(parsed, printer) as session:
        made = environment_report(session, parsed.arguments, step=printer.detail)
        said = tally(made.subject)
        return deliver(
            session,
            printer,
            made.text,
            findings=() if made.subject.inventory.components else made.subject.inventory.lacking,
            exit_status=made.exit_status,
            facts={"verdict": said.verdict, "reasons": list(said.reasons)},
        )
