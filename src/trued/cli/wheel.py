"""``trued wheel``: wheels of everything that is asked for, built in a sandbox where there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.cli.opening import open_session

if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.operations.wheel import MadeWheel
    from trued.report.printer import Printer

__all__ = ["run"]


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Make the wheels that files and arguments ask for; return the exit status."""
    from trued.operations.wheel import make_wheels

    with open_session(parsed, printer) as session:
        made = make_wheels(session, parsed.arguments)
    if parsed.settings.json:
        from trued.report.json_report import document

        printer.document(
            document(
                command="wheel",
                exit_status=0,
                verdicts=[one.verdict for one in made.judged],
                findings=made.findings,
                result={"folder": made.folder, "wheels": [_row(one) for one in made.wheels]},
            )
        )
        return 0
    printer.findings(made.findings)
    for one in made.wheels:
        printer.artefact(f"{one.sha256}  {one.path}")
    count = len(made.wheels)
    printer.done(f"saved {count} wheel{'s' * (count != 1)}, {len(made.built)} built from source")
    return 0


def _row(made: MadeWheel) -> dict[str, object]:
    return {
        "path": made.path,
        "filename": made.filename,
        "sha256": made.sha256,
        "built": made.origin is not None,
        "from_cache": made.from_cache,
        "origin": made.origin.content() if made.origin is not None else None,
        "log": made.log,
    }
