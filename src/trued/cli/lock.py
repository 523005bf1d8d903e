"""``trued lock``: choose versions, and write down every file with its hash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.cli.opening import open_session

if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.operations.lock import Locked
    from trued.operations.lock_report import ChangeRow
    from trued.operations.session import Session
    from trued.report.printer import Printer

__all__ = ["run"]


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Lock what the files and arguments ask for; return the exit status, 1 for a stale lock to check."""
    settings = parsed.settings
    with open_session(parsed, printer) as session:
        if not parsed.findings and _answered(session, parsed, printer):
            return 0
        from trued.operations.lock import lock, stale
        from trued.operations.lock_recall import remember
        from trued.operations.lock_report import change_rows
        from trued.operations.lock_warm import last_line

        locked = lock(session, parsed.arguments)
        rows = change_rows(locked.difference, locked.lock, old=locked.old, now=session.started)
        if not parsed.findings:
            remember(session, parsed.argv, locked, rows, _counts(locked))
    refusal = stale(locked.output) if settings.check and locked.is_stale else None
    findings = (*locked.findings, *(refusal.findings if refusal else ()))
    status = refusal.exit_status if refusal else 0
    if settings.json:
        printer.document(_document(locked, rows, findings, status))
        return status
    _tell(locked, rows, printer, diff=settings.diff)
    printer.findings(findings)
    if locked.output == "-" and not settings.check:
        printer.artefact(locked.text.rstrip("\n"))
    if not refusal:
        printer.done(
            last_line(
                locked.output,
                _counts(locked),
                written=locked.written,
                check=settings.check,
                dry_run=settings.dry_run,
            )
        )
    return status


def _tell(locked: Locked, rows: tuple[ChangeRow, ...], printer: Printer, *, diff: bool) -> None:
    from trued.operations.lock_report import change_lines, file_lines

    for line in change_lines(rows):
        printer.say(line)
    for line in file_lines(locked.difference) if diff else ():
        printer.say(line)


def _answered(session: Session, parsed: ParsedCommand, printer: Printer) -> bool:
    """Answer from the memo of an earlier run, where the index says that its pages are what they were."""
    from trued.operations.lock_recall import still_valid
    from trued.operations.lock_warm import answer

    found = still_valid(session, parsed.argv)
    return found is not None and answer(*found, printer, parsed.cwd)


def _counts(locked: Locked) -> str:
    releases = len(locked.lock.packages)
    files = sum(len(package.files) for package in locked.lock.packages)
    return f"{releases} release{'s' * (releases != 1)}, {files} file{'s' * (files != 1)} with hashes"


def _document(
    locked: Locked, rows: tuple[ChangeRow, ...], findings: tuple[Finding, ...], status: int
) -> dict[str, object]:
    from trued.report.json_report import document

    plan = [
        {
            "action": row.action,
            "project": row.project,
            "old": list(row.old),
            "new": list(row.new),
            "uploaded": row.uploaded,
            "wheels": row.wheels,
            "sdists": row.sdists,
            "size": row.size,
            "new_dependencies": list(row.new_dependencies),
            "dropped_dependencies": list(row.dropped_dependencies),
            "publishers": list(row.publishers),
            "former_publishers": list(row.former_publishers),
        }
        for row in rows
    ]
    result = {
        "output": locked.output,
        "written": locked.written,
        "stale": locked.is_stale,
        "packages": len(locked.lock.packages),
        "files": sum(len(package.files) for package in locked.lock.packages),
        "lock": locked.text if locked.output == "-" else "",
    }
    return document(command="lock", exit_status=status, plan=plan, findings=findings, result=result)


if TYPE_CHECKING:
    from trued.core.finding import Finding
