"""``trued policy``: what may be installed, where that is said, and what would pass."""

from __future__ import annotations

from dataclasses import replace

from trued.cli.opening import open_session
from trued.core.finding import Level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from trued.cli.parser import ParsedCommand
    from trued.operations.offer import Judged
    from trued.operations.policy_explain import Explained
    from trued.report.printer import Printer

__all__ = ["run"]

_REFUSED = 1
_WIDEST = 40


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Carry out the action; return 0, or 1 where something would be refused."""
    actions = {"init": _init, "check": _check, "show": _show, "explain": _explain}
    return actions[parsed.action](parsed, printer)


def _show(parsed: ParsedCommand, printer: Printer) -> int:
    from trued.config.policy_listing import policy_rows

    rows = policy_rows(parsed.settings)
    if parsed.settings.json:
        from trued.report.json_report import document

        data = [{"key": row.key, "value": row.value, "origin": row.origin} for row in rows]
        result = {"settings": data}
        printer.document(document(command="policy", exit_status=0, findings=parsed.findings, result=result))
        return 0
    key = max(len(row.key) for row in rows)
    shown = min(_WIDEST, max(len(row.value) for row in rows))
    printer.artefact("\n".join(f"{row.key:{key}}  {row.value or '-':{shown}}  {row.origin}" for row in rows))
    return 0


def _init(parsed: ParsedCommand, printer: Printer) -> int:
    from trued.operations.policy_template import policy_template, write_template

    output = parsed.settings.output or ""
    with open_session(parsed, printer) as session:
        template = policy_template(session, _argument(parsed))
        if output == "-":
            printer.artefact(template.text.rstrip("\n"))
            return 0
        path = write_template(session, template, output)
    if parsed.settings.json:
        from trued.report.json_report import document

        result = {"file": path, "made_from": template.source}
        printer.document(document(command="policy", exit_status=0, result=result))
        return 0
    printer.done(f"wrote {path}, which {template.source} satisfies; look at it, then `trued policy check`")
    return 0


def _check(parsed: ParsedCommand, printer: Printer) -> int:
    from trued.operations.policy_check import check_policy

    with open_session(parsed, printer) as session:
        checked = check_policy(session, _argument(parsed))
    status = 0 if checked.passes else _REFUSED
    if parsed.settings.json:
        from trued.report.json_report import document

        result = {"subject": checked.subject, "projects": checked.projects, "passes": checked.passes}
        printer.document(
            document(command="policy", exit_status=status, findings=checked.findings, result=result)
        )
        return status
    printer.findings(checked.findings)
    if checked.passes:
        level = parsed.settings.level.value
        printer.done(f"{checked.subject}: {checked.projects} projects pass the policy ({level})")
    return status


def _explain(parsed: ParsedCommand, printer: Printer) -> int:
    from trued.operations.policy_explain import explain_policy

    quiet = replace(parsed, settings=replace(parsed.settings, no_input=True))
    with open_session(quiet, printer) as session:
        explained = explain_policy(session, parsed.arguments)
    status = 0 if explained.is_admitted else _REFUSED
    if parsed.settings.json:
        from trued.report.json_report import document

        result = {"rules": [{"rule": rule, "origin": origin} for rule, origin in explained.rules]}
        verdicts = [one.verdict for one in explained.judged]
        printer.document(
            document(
                command="policy",
                exit_status=status,
                verdicts=verdicts,
                findings=explained.findings,
                result=result,
            )
        )
        return status
    printer.findings(
        [*explained.findings, *(finding for one in explained.judged for finding in one.verdict.findings)]
    )
    printer.artefact("\n".join(_lines(explained, parsed.settings.level.value)))
    return status


def _lines(explained: Explained, level: str) -> Iterator[str]:
    for one in explained.judged:
        yield from _of_file(one, level)
    for rule, origin in explained.rules:
        yield f"  rule      {rule}  ({origin})"
    if not explained.judged:
        yield "nothing could be judged"


def _of_file(judged: Judged, level: str) -> Iterator[str]:
    verdict = judged.verdict
    answer = "admitted" if verdict.admitted else "refused"
    yield f"{verdict.filename}: {answer} ({level})"
    yield f"  sha256    {judged.digests['sha256']}"
    for one in verdict.evidence:
        yield f"  evidence  {one.kind.value}: {one.authority}"
    if not verdict.evidence:
        yield "  evidence  none"
    for finding in verdict.findings:
        weight = "refuses" if finding.level is Level.ERROR else finding.level.value
        yield f"  {weight:9} {finding.code}{f' at {finding.place}' if finding.place else ''}"


def _argument(parsed: ParsedCommand) -> str:
    return parsed.arguments[0] if parsed.arguments else ""
