"""``trued protect``: make an environment read-only, immutable where the system can; and take that back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.cli.opening import open_session
from trued.core.errors import UsageError
from trued.core.finding import Finding

if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.operations.protect import Standing
    from trued.report.printer import Printer

__all__ = ["run"]


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Protect, unprotect or tell; return 0, or 1 when what was protected no longer is.

    Raises UsageError TRU506 when two of these are asked at once.
    """
    from trued.operations import protect

    settings = parsed.settings
    if settings.unprotect and settings.status:
        raise UsageError(Finding(code="TRU506", subject="--unprotect", values={"other": "--status"}))
    act = protect.unprotect if settings.unprotect else protect.status if settings.status else protect.protect
    with open_session(parsed, printer) as session:
        standing = act(session, parsed.arguments)
    if settings.json:
        printer.document(_document(standing, dry_run=settings.dry_run))
        return standing.exit_status
    printer.findings(standing.findings, summary=False)
    if settings.status:
        _tell_status(standing, printer)
    elif settings.unprotect:
        _tell_lifted(standing, printer, dry_run=settings.dry_run)
    else:
        _tell_protected(standing, printer, dry_run=settings.dry_run)
    return standing.exit_status


def _tell_status(standing: Standing, printer: Printer) -> None:
    """One line for each of the means."""
    for name, reason in standing.had.items():
        told = "on" if name in standing.means else f"not to be had: {reason}" if reason else "off"
        printer.artefact(f"{name:<10} {told}")
    if not standing.means:
        printer.say(f"{standing.environment} is not protected")


def _tell_lifted(standing: Standing, printer: Printer, *, dry_run: bool) -> None:
    if not standing.lifted:
        printer.say(f"{standing.environment} is not protected")
        return
    what = "would be lifted" if dry_run else "lifted"
    printer.say(f"{what} from {standing.environment}: {', '.join(standing.lifted)}")


def _tell_protected(standing: Standing, printer: Printer, *, dry_run: bool) -> None:
    from trued.report.progress import size_text

    what = "would protect" if dry_run else "protected"
    printer.say(f"{what} {standing.files} files of {standing.environment}: {', '.join(standing.means)}")
    if standing.copied:
        printer.say(
            f"{standing.copied} files that others share {'would become' if dry_run else 'became'} "
            f"copies of their own, {size_text(standing.bytes)}"
        )
    if "immutable" not in standing.means and standing.had["immutable"]:
        printer.say(f"not immutable: {standing.had['immutable']}")


def _document(standing: Standing, *, dry_run: bool) -> dict[str, object]:
    from trued.report.json_report import document

    return document(
        command="protect",
        exit_status=standing.exit_status,
        findings=standing.findings,
        result={
            "environment": standing.environment,
            "means": list(standing.means),
            "available": {name: reason or None for name, reason in standing.had.items()},
            "lifted": list(standing.lifted),
            "files": standing.files,
            "copied": standing.copied,
            "bytes": standing.bytes,
            "time": standing.time or None,
            "dry_run": dry_run,
        },
    )
