"""``trued export``: write a lock in another format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.cli.opening import open_session

if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.report.printer import Printer

__all__ = ["run"]


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Write the lock that is named in the other format; return the exit status."""
    from trued.operations.export import export

    with open_session(parsed, printer) as session:
        exported = export(session, parsed.arguments[0])
    count = len(exported.lock.packages)
    if parsed.settings.json:
        from trued.report.json_report import document

        result = {"output": exported.output, "packages": count, "lock": exported.text}
        printer.document(
            document(command="export", exit_status=0, findings=exported.lock.findings, result=result)
        )
        return 0
    printer.findings(exported.lock.findings)
    if exported.output == "-":
        printer.artefact(exported.text.rstrip("\n"))
    else:
        printer.done(f"wrote {exported.output}: {count} release{'s' * (count != 1)}")
    return 0
