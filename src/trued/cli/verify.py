"""``trued verify``: compare every installed file with what was proven."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trued.cli.opening import open_session
from trued.core.finding import Level
from trued.report.escape import escaped

if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.core.finding import Finding
    from trued.operations.verify import Verified
    from trued.report.printer import Printer

__all__ = ["run"]

_WORDS = {
    "TRU519": "twice",
    "TRU525": "modified", "TRU526": "missing", "TRU527": "extra", "TRU528": "two-owners", "TRU529": "mode",
    "TRU532": "owner", "TRU537": "script", "TRU538": "bytecode", "TRU539": "startup", "TRU540": "shadowing",
    "TRU541": "editable", "TRU542": "unproven", "TRU543": "link", "TRU544": "changing", "TRU545": "record",
    "TRU546": "no-record", "TRU547": "needs", "TRU548": "conflict", "TRU549": "platform",
    "TRU591": "unproven", "TRU592": "unreadable", "TRU593": "lock", "TRU595": "receipt", "TRU597": "restored",
    "TRU566": "protection", "TRU567": "protection", "TRU568": "environment", "TRU569": "interpreter",
    "TRU598": "not-fixed", "TRU599": "bytecode",
}  # fmt: skip
"""What a line begins with: one word for each kind of fault, for people and for ``grep``."""

_NAMED = 3
"""So many unproven packages are named in the summary; ``-v`` names all."""


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Print one line for each fault and nothing when there is none; return the exit status."""
    from trued.operations.verify import verify

    with open_session(parsed, printer) as session:
        verified = verify(session, parsed.arguments)
    if parsed.settings.json:
        printer.document(_document(verified))
        return verified.exit_status
    shown = [one for one in verified.findings if _is_shown(one, quiet=printer.verbosity < 0)]
    for finding in shown:
        printer.artefact(_line(finding, verified.environment))
    _conclude(verified, printer)
    return verified.exit_status


def _is_shown(finding: Finding, *, quiet: bool) -> bool:
    """Leave out what only strict minds; with ``-q`` everything that is no error."""
    if finding.level is Level.NOTE:
        return finding.code == "TRU597" and not quiet
    return finding.level is Level.ERROR or not quiet


def _line(finding: Finding, environment: str) -> str:
    """Return one line: the word, the code, the package, and what of it."""
    word = _WORDS.get(finding.code, finding.level.value)
    path = finding.values.get("path", "")
    inside = os.path.relpath(path, environment) if path.startswith(environment + os.sep) else path
    rest = [
        finding.values[name]
        for name in ("hidden", "reason", "wants", "kind", "means")
        if finding.values.get(name)
    ]
    about = "" if finding.subject == os.path.basename(path) else finding.subject
    told = "  ".join(filter(None, (about, inside)))
    return escaped(f"{word:<10} {finding.code}  {told}{': ' if rest else ''}{', '.join(rest)}")


def _number(count: int, of: str) -> str:
    return f"{count} {of}{'' if count == 1 else 's'}"


def _conclude(verified: Verified, printer: Printer) -> None:
    errors = sum(one.level is Level.ERROR for one in verified.findings)
    warnings = sum(one.level is Level.WARNING for one in verified.findings)
    counts = (
        f"{verified.distributions} packages, {verified.proven} of them compared with their proven wheel, "
        f"{verified.files} files, {verified.bytecode} of bytecode"
    )
    if errors or warnings:
        found = f"{_number(errors, 'error')}, {_number(warnings, 'warning')}"
        printer.say(f"{found} in {counts}; `trued explain CODE` tells more")
    else:
        printer.detail(f"all as it should be: {counts}")
    _tell_unproven(verified, printer)
    for finding in verified.findings:
        if finding.level is Level.NOTE and finding.code != "TRU597":
            printer.detail(_line(finding, verified.environment))


def _tell_unproven(verified: Verified, printer: Printer) -> None:
    """Tell in one line of packages that another tool installed: silence would read as if they were proven."""
    names = [
        one.subject.partition(" ")[0]
        for one in verified.findings
        if one.code == "TRU542" and one.level is Level.NOTE
    ]
    if names:
        more = ", ..." if len(names) > _NAMED else ""
        printer.say(
            f"{_number(len(names), 'package')} without proof ({', '.join(names[:_NAMED])}{more}): compared "
            "with RECORD alone; name their lock with --against, or install them with trued "
            "(TRU542; --strict refuses)"
        )


def _document(verified: Verified) -> dict[str, object]:
    from trued.report.json_report import document

    return document(
        command="verify",
        exit_status=verified.exit_status,
        findings=verified.findings,
        result={
            "environment": verified.environment,
            "packages": verified.distributions,
            "proven": verified.proven,
            "files": verified.files,
            "bytecode": verified.bytecode,
            "restored": list(verified.restored),
        },
    )
