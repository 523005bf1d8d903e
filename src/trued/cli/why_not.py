"""``trued why-not``: what hides or forbids a version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.cli.opening import open_session

if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.report.printer import Printer

__all__ = ["run"]


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Tell why the version is not chosen; return 1 when something stands against it, else 0."""
    from trued.operations.why_not import why_not

    with open_session(parsed, printer) as session:
        answer = why_not(session, parsed.arguments)
    status = 0 if answer.chosen else 1
    if parsed.settings.json:
        from trued.report.json_report import document

        result = {"asked": answer.asked, "possible": bool(answer.chosen), "chosen": list(answer.chosen)}
        printer.document(
            document(command="why-not", exit_status=status, findings=answer.findings, result=result)
        )
        return status
    printer.findings(answer.findings)
    if answer.chosen:
        printer.artefact(f"nothing stands against {answer.asked}; it comes with {', '.join(answer.chosen)}")
    return status
