"""``trued selftest``: watch trued block harmless bad wheels and wrong digests."""

from __future__ import annotations

from trued.core.finding import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.cli.parser import ParsedCommand
    from trued.operations.selftest import Outcome
    from trued.report.printer import Printer

__all__ = ["run"]


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Try all specimens in a temporary folder; return 0 when each met its fate, else 1."""
    from tempfile import TemporaryDirectory

    from trued.core.limits import Limits
    from trued.operations.selftest import run_selftest

    with TemporaryDirectory(prefix="trued-selftest-") as folder:
        outcomes = run_selftest(folder, limits=Limits())
    wrong = [_finding(outcome) for outcome in outcomes if not outcome.is_right]
    status = 1 if wrong else 0
    if parsed.settings.json:
        _print_document(outcomes, wrong, status, printer)
        return status
    for outcome in outcomes:
        printer.artefact(_line(outcome))
    printer.findings(wrong)
    if not wrong:
        printer.done(f"All {len(outcomes) - 1} attacks were blocked, and the good wheel passed.")
    return status


def _line(outcome: Outcome) -> str:
    code = outcome.specimen.code
    if not outcome.is_right:
        fate = "WRONG"
    elif code:
        fate = "blocked"
    else:
        fate = "passed"
    return f"{fate:<8} {code:<7} {outcome.specimen.attack}"


def _finding(outcome: Outcome) -> Finding:
    told = ", ".join(sorted({finding.code for finding in outcome.findings})) or "nothing"
    expected = outcome.specimen.code or "nothing"
    return Finding(
        code="TRU981", subject=outcome.specimen.attack, values={"expected": expected, "told": told}
    )


def _print_document(
    outcomes: Sequence[Outcome], wrong: Sequence[Finding], status: int, printer: Printer
) -> None:
    from trued.report.json_report import document, findings_data

    checks = [
        {
            "attack": outcome.specimen.attack,
            "expected": outcome.specimen.code or None,
            "ok": outcome.is_right,
            "findings": findings_data(outcome.findings),
        }
        for outcome in outcomes
    ]
    printer.document(
        document(command="selftest", exit_status=status, findings=wrong, result={"checks": checks})
    )
