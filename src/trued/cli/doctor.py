"""``trued doctor``: what would keep trued from working, one line each, with what mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.cli.opening import open_session
from trued.operations.doctor.check import Status
from trued.report.escape import escaped

if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.operations.doctor.check import Check
    from trued.operations.doctor.examination import Examination
    from trued.report.printer import Printer

__all__ = ["run"]

_TOLD = (Status.WARNING, Status.FAULT)


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Print a line for each check, with ``-q`` only what is to be mended; return 1 when there is a fault."""
    from trued.operations.doctor.examination import examine

    with open_session(parsed, printer) as session:
        examination = examine(session, parsed.arguments, parsed.findings)
    if parsed.settings.json:
        printer.document(_document(examination))
        return examination.exit_status
    for check in examination.checks:
        if check.status in _TOLD or printer.verbosity >= 0:
            printer.artefact("\n".join(_lines(check)))
    counts = {status: examination.count(status) for status in Status}
    faults, warnings = counts[Status.FAULT], counts[Status.WARNING]
    printer.say(
        f"{faults} fault{'s' * (faults != 1)}, {warnings} warning{'s' * (warnings != 1)}; "
        f"{counts[Status.OK]} in order, {counts[Status.SKIPPED]} skipped"
    )
    return examination.exit_status


def _lines(check: Check) -> list[str]:
    from trued.report.page import sentence

    head = f"{check.status.value:<8} {check.name:<24}"
    if check.finding is None:
        return [escaped(f"{head} {check.detail}".rstrip())]
    told = sentence(check.finding)
    place = f" ({check.finding.place})" if check.finding.place else ""
    first, *more = told.message.splitlines()
    mend = told.mend.splitlines()
    return [
        escaped(f"{head} {check.finding.code} {first}{place}"),
        *(escaped(f"{'':9}{line}") for line in more),
        *(escaped(f"{'':9}{'help: ' if number == 0 else ''}{line}") for number, line in enumerate(mend)),
    ]


def _document(examination: Examination) -> dict[str, object]:
    from trued.report.json_report import document, finding_data

    told = [one.finding for one in examination.checks if one.finding is not None]
    return document(
        command="doctor",
        exit_status=examination.exit_status,
        findings=told,
        result={
            "checks": [
                {
                    "name": one.name,
                    "status": one.status.value,
                    "detail": one.detail,
                    "finding": None if one.finding is None else finding_data(one.finding),
                }
                for one in examination.checks
            ]
        },
    )
