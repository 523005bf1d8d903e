"""``trued inspect``: an environment as JSON, as pip reports it, with what proved each package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.cli.opening import open_session

if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.report.printer import Printer

__all__ = ["run"]


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Print the report; return the exit status."""
    from trued.operations.inspect_environment import inspect_environment

    with open_session(parsed, printer) as session:
        report = inspect_environment(session)
    printer.document(report)
    return 0
