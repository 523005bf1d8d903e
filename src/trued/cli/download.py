"""``trued download``: prove files and put them into a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.cli.opening import open_session

if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.report.printer import Printer

__all__ = ["run"]


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Download what the files and arguments ask for; return the exit status."""
    from trued.operations.download import download

    with open_session(parsed, printer) as session:
        saved = download(session, parsed.arguments)
    if parsed.settings.json:
        from trued.report.json_report import document

        printer.document(
            document(
                command="download",
                exit_status=0,
                verdicts=[one.verdict for one in saved.judged],
                findings=saved.findings,
                result={"folder": saved.folder, "files": list(saved.files)},
            )
        )
        return 0
    printer.findings(saved.findings)
    for path in saved.files:
        printer.artefact(path)
    count = len(saved.files)
    printer.done(f"saved {count} file{'s' * (count != 1)}, every one proven, in {saved.folder}")
    return 0
