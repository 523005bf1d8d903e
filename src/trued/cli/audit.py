"""``trued audit``: known vulnerabilities and malware among releases, installed or about to be."""

from __future__ import annotations

import os
import sys

from trued.cli.opening import open_session
from trued.core.finding import Finding, Level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.advisories.outcome import AuditOutcome
    from trued.cli.parser import ParsedCommand
    from trued.operations.session import Session
    from trued.report.printer import Printer

__all__ = ["run"]

_FORMATS = {"columns": "table", "cyclonedx-json": "cyclonedx"}
"""pip-audit's names."""

_STANDARD_OUTPUT = ("-", "stdout")
"""The second is pip-audit's."""

_SWITCHES = ("--desc", "--aliases")
_SWITCHED = ("on", "off", "auto")


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Audit, or look after the local database; return the exit status (0, 1, 2 or 3)."""
    arguments, switched = _switched(parsed)
    if arguments[:1] == ["db"]:
        from trued.cli.audit_db import run_db

        return run_db(parsed, printer, arguments[1:])
    from trued.operations.audit.auditing import audit

    settings = parsed.settings
    with open_session(parsed, printer) as session:
        outcome = audit(session, arguments, stdin=_read_stdin)
        if settings.audit_fix:
            from trued.operations.audit.fixing import fix

            outcome = fix(session, outcome, arguments)
        form = "json" if settings.json else _FORMATS.get(settings.audit_format, settings.audit_format)
        text = _text(outcome, form, parsed, switched)
        _tell(outcome, text, form, session, printer)
    return outcome.exit_status


def _tell(outcome: AuditOutcome, text: str, form: str, session: Session, printer: Printer) -> None:
    """Write the result where it was asked for, and everything about the audit itself to stderr."""
    from trued.report.audit_table import summary_line

    output = session.settings.output
    if output and output not in _STANDARD_OUTPUT:
        from trued.operations.whole_file import write_whole

        write_whole(os.path.join(session.cwd, output), f"{text}\n".encode(), shown=output)
    elif text:
        printer.artefact(text)
    if outcome.diff and form == "table":
        printer.artefact(outcome.diff.rstrip("\n"))
    summary = session.environ.get("GITHUB_STEP_SUMMARY")
    if form == "github" and summary:
        from trued.report.formats.github import step_summary

        _append(summary, step_summary(outcome))
    printer.findings(_findings(outcome))
    tell = printer.done if outcome.exit_status == 0 else printer.say
    tell(summary_line(outcome))


def _text(outcome: AuditOutcome, form: str, parsed: ParsedCommand, switched: Mapping[str, str]) -> str:
    if form == "table":
        from trued.report.audit_table import audit_lines

        settings = parsed.settings
        aliases = settings.audit_aliases and switched.get("--aliases") not in ("off", "auto")
        described = settings.audit_desc and switched.get("--desc") not in ("off", "auto")
        return "\n".join(audit_lines(outcome, aliases=aliases, described=described))
    from trued.report.formats.checkout import checkout_around
    from trued.report.formats.choice import formatted

    return formatted(form, outcome, checkout=checkout_around(parsed.cwd, parsed.environ)).rstrip("\n")


def _findings(outcome: AuditOutcome) -> list[Finding]:
    """Return what is to be told besides: warnings, everything that was not audited, unreadable records."""
    from trued.advisories.telling import unreadable_finding
    from trued.report.formats.advisory import skipped_text

    told = [*outcome.findings]
    told += [
        Finding(
            code="TRU815",
            level=Level.ERROR if outcome.is_fatal(skipped) else Level.WARNING,
            subject=f"{skipped.name} {skipped.version}".strip(),
            place=skipped.place,
            values={"detail": skipped_text(skipped)},
        )
        for skipped in outcome.skipped
    ]
    told += [unreadable_finding(one, level=Level.ERROR) for one in outcome.unreadable]
    told += [
        Finding(
            code="TRU825",
            level=Level.WARNING,
            subject=f"{step.project} {step.old}",
            values={"ids": ", ".join(step.ids), "reason": step.blocked_by},
        )
        for step in outcome.fixes
        if not step.new
    ]
    if not outcome.packages:
        told.append(Finding(code="TRU824", subject=", ".join(outcome.inputs) or "the input"))
    return told


def _switched(parsed: ParsedCommand) -> tuple[list[str], dict[str, str]]:
    """Take the words ``on``, ``off`` and ``auto`` out that follow pip-audit's switches."""
    words: dict[str, str] = {}
    arguments = list(parsed.arguments)
    for switch, word in zip(parsed.argv, parsed.argv[1:], strict=False):
        if switch in _SWITCHES and word in _SWITCHED and word in arguments:
            arguments.remove(word)
            words[switch] = word
    return arguments, words


def _read_stdin() -> bytes:
    return sys.stdin.buffer.read()


def _append(path: str, text: str) -> None:
    with open(path, "a", encoding="utf-8") as file:
        file.write(text)
