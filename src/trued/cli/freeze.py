"""``trued freeze``: write down what is installed, with proven hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.cli.opening import open_session

if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.operations.freeze import Frozen
    from trued.report.printer import Printer

__all__ = ["run"]


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Print the lines; return 1 when a hash was asked for and is not known."""
    from trued.operations.freeze import freeze

    with open_session(parsed, printer) as session:
        frozen = freeze(session)
    if parsed.settings.json:
        printer.document(_document(frozen))
        return frozen.exit_status
    if frozen.text:
        printer.artefact(frozen.text)
    printer.findings(frozen.findings)
    return frozen.exit_status


def _document(frozen: Frozen) -> dict[str, object]:
    from trued.report.json_report import document

    packages = [
        {
            "name": release.installed.name,
            "version": release.installed.version,
            "requirement": release.requirement,
            "files": [
                {"filename": one.filename, "url": one.url, "sha256": one.sha256} for one in release.files
            ],
            "reason": release.reason,
        }
        for release in frozen.releases
    ]
    return document(
        command="freeze",
        exit_status=frozen.exit_status,
        findings=frozen.findings,
        result={"text": frozen.text, "packages": packages},
    )
