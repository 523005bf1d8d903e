"""``trued uninstall``: remove projects, and only their own files."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from trued.cli.opening import open_session
from trued.core.errors import UsageError
from trued.core.finding import Finding, Level

if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.environment.uninstall import Removal
    from trued.report.printer import Printer

__all__ = ["run"]


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Remove what is named, after asking; return the exit status.

    What is not installed is a warning, as in pip. Raises UsageError TRU916 where nobody can be asked.
    """
    from trued.operations.uninstall import plan_uninstall, uninstall

    settings = parsed.settings
    with open_session(parsed, printer) as session:
        target = session.find_target(writing=True)
        removal, unknown = plan_uninstall(session, parsed.arguments, target=target)
        findings = [
            Finding(code="TRU914", level=Level.WARNING, subject=name, values={"where": target.prefix})
            for name in unknown
        ]
        printer.findings([*findings, *removal.findings], summary=False)
        if removal.distributions and not settings.yes and not _agreed(removal, printer, parsed):
            printer.say("nothing was removed")
            return 1
        uninstall(session, removal, target=target)
    if settings.json:
        printer.document(
            {
                "removed": [{"name": one.name, "version": one.version} for one in removal.distributions],
                "not_installed": unknown,
            }
        )
    for one in removal.distributions:
        printer.say(f"- {one.name} {one.version}")
    return 0


def _agreed(removal: Removal, printer: Printer, parsed: ParsedCommand) -> bool:
    """Show what goes and ask. Raises UsageError TRU916 when there is nobody to ask."""
    names = ", ".join(f"{one.name} {one.version}" for one in removal.distributions)
    if parsed.settings.no_input or not sys.stdin.isatty():
        raise UsageError(Finding(code="TRU916", subject=names))
    for path in removal.paths:
        printer.say(f"  {os.path.relpath(path)}")
    printer.say(f"Remove {names}? [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")
