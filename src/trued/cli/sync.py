"""``trued sync``: make an environment equal to a lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.cli.install import plan_of, tell
from trued.cli.opening import open_session

if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.operations.sync import Synced
    from trued.report.printer import Printer

__all__ = ["run"]


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Install and remove until the environment is what the lock says; return the exit status."""
    from trued.operations.sync import sync

    settings = parsed.settings
    with open_session(parsed, printer) as session:
        synced = sync(session, parsed.arguments)
    if settings.json:
        printer.document(_document(synced))
        return 0
    printer.findings(synced.installation.findings)
    would = "would go" if settings.dry_run else "removed"
    for one in synced.removed:
        printer.say(f"- {one.name} {one.version} {would}: the lock does not list it")
    if settings.dry_run:
        for step in synced.installation.changed:
            printer.say(f"+ {step.judged.offer.wanted.text}")
    tell(synced.installation, printer)
    return 0


def _document(synced: Synced) -> dict[str, object]:
    from trued.report.json_report import document

    installation = synced.installation
    removals = [
        {"action": "remove", "project": one.project, "version": one.version} for one in synced.removed
    ]
    return document(
        command="sync",
        exit_status=0,
        plan=[*plan_of(installation), *removals],
        verdicts=[step.judged.verdict for step in installation.steps],
        findings=installation.findings,
        result={
            "dry_run": installation.dry_run,
            "environment": installation.target.prefix,
            "installed": 0 if installation.dry_run else len(installation.changed),
            "removed": 0 if installation.dry_run else len(synced.removed),
        },
    )
