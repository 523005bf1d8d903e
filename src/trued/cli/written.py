"""A document put where the user wants it: a file written whole or not at all, or standard output."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.core.finding import Finding
    from trued.operations.session import Session
    from trued.report.printer import Printer

__all__ = ["deliver"]


def deliver(
    session: Session,
    printer: Printer,
    text: str,
    *,
    findings: Sequence[Finding],
    exit_status: int,
    facts: Mapping[str, object],
) -> int:
    """Write *text* to the file of ``-o``, else print it; tell *findings*; return *exit_status*.

    With ``--json`` standard output has one document with *facts* about it, and *text* where no file does.
    Raises: OperationalError TRU579.
    """
    output = session.settings.output
    into_file = bool(output) and output != "-"
    if output and into_file:
        from trued.operations.whole_file import write_whole

        write_whole(os.path.join(session.cwd, output), text.encode(), shown=output)
    if session.settings.json:
        from trued.report.json_report import document

        result = {"output": output if into_file else None, "text": None if into_file else text, **facts}
        printer.document(
            document(command=session.command, exit_status=exit_status, findings=findings, result=result)
        )
        return exit_status
    if into_file:
        printer.done(f"wrote {output}")
    else:
        printer.artefact(text.removesuffix("\n"))
    printer.findings(findings)
    return exit_status
