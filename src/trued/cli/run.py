"""One call of trued: read it, run its command, tell what went wrong, return the exit status."""

from __future__ import annotations

import os
import sys
from importlib import import_module

from trued.core.errors import OperationalError, TruedError
from trued.core.finding import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trued.cli.parser import ParsedCommand
    from trued.report.printer import Printer

__all__ = ["run"]

_MODULES = {
    "list": "trued.cli.list_installed",
    "hash": "trued.cli.hash_files",
    "inspect": "trued.cli.inspect_environment",
    "why-not": "trued.cli.why_not",
}
"""Commands whose module cannot have the command's own name: no identifier, or that of a built-in."""

_INTERRUPTED = 130
"""128 + SIGINT, as shells report it."""

_UNHEARD = 2
"""Whoever read the output went away, perhaps before the work was done: not to be taken for success."""


def run(argv: Sequence[str], environ: Mapping[str, str], cwd: str) -> int:
    """Run one call and return its exit status.

    0: done. 1: findings (refused). 2: usage or operational error. 3: nothing to do where that is suspicious.
    130: interrupted. No traceback reaches the user without ``--debug``.
    """
    from trued.report.printer import Printer

    early = Printer(environ=environ)
    try:
        parsed = _parsed(argv, environ, cwd, early)
    except TruedError as error:
        command = next((word for word in argv if not word.startswith("-")), "")
        return _told(error, early, command=command, json="--json" in argv)
    if isinstance(parsed, int):
        return parsed
    try:
        printer = _printer(parsed, environ)
    except OSError as error:
        finding = Finding(code="TRU915", subject=str(parsed.settings.log), values={"reason": _reason(error)})
        return _told(OperationalError(finding), early, command=parsed.command, json=parsed.settings.json)
    try:
        return _run_command(parsed, printer)
    finally:
        _close(printer)


def _parsed(
    argv: Sequence[str], environ: Mapping[str, str], cwd: str, printer: Printer
) -> ParsedCommand | int:
    """Return the call, or the exit status when help or the version was all that was wanted."""
    from trued.cli.parser import HelpWanted, VersionWanted, parse

    parsed = parse(argv, environ, cwd)
    if isinstance(parsed, VersionWanted):
        from trued import __version__

        printer.artefact(f"trued {__version__}")
        return 0
    if isinstance(parsed, HelpWanted):
        from trued.cli.help_text import help_text

        printer.artefact(help_text(parsed.command, width=printer.out.width))
        return 0
    return parsed


def _told(error: TruedError, printer: Printer, *, command: str, json: bool) -> int:
    """Tell *error*, as the call's one document where JSON was asked for; return its exit status."""
    if not json:
        return printer.error(error)
    from trued.report.json_report import document

    printer.document(document(command=command, exit_status=error.exit_status, findings=error.findings))
    return error.exit_status


def _printer(parsed: ParsedCommand, environ: Mapping[str, str]) -> Printer:
    from trued.report.printer import Printer, utc_timestamp

    settings = parsed.settings
    log = None
    if settings.log:
        from trued.report.log import LogFile

        log = LogFile(settings.log, timestamp=utc_timestamp)
    return Printer(
        environ=environ,
        verbosity=settings.verbosity,
        colour=not settings.no_color,
        progress=settings.progress_bar != "off" and not settings.json,
        log=log,
    )


def _run_command(parsed: ParsedCommand, printer: Printer) -> int:
    settings = parsed.settings
    if parsed.command not in ("config", "doctor"):
        printer.findings(parsed.findings, summary=False)
    command: Callable[[ParsedCommand, Printer], int] = import_module(
        _MODULES.get(parsed.command, f"trued.cli.{parsed.command}")
    ).run
    try:
        return command(parsed, printer)
    except TruedError as error:
        _trace(printer, wanted=settings.debug)
        return _told(error, printer, command=parsed.command, json=settings.json)
    except KeyboardInterrupt:
        _tell_interruption(parsed, printer)
        return _INTERRUPTED
    except BrokenPipeError:
        return _UNHEARD
    except Exception as error:  # noqa: BLE001 -- the last wall: a fault of trued is told without a traceback
        from trued.cli.fault import fault

        told = fault(
            error,
            printer,
            command=parsed.command,
            argv=parsed.argv,
            environ=parsed.environ,
            settings=settings,
        )
        return _told(told, printer, command=parsed.command, json=settings.json)


def _tell_interruption(parsed: ParsedCommand, printer: Printer) -> None:
    printer.say("interrupted: nothing is half done")
    if parsed.settings.json:
        from trued.report.json_report import document

        printer.document(document(command=parsed.command, exit_status=_INTERRUPTED))


def _trace(printer: Printer, *, wanted: bool) -> None:
    if wanted:
        import traceback

        from trued.report.foreign_text import foreign_text

        printer.traceback(foreign_text(traceback.format_exc()))


def _close(printer: Printer) -> None:
    """Flush; a reader that went away is no error, and Python must not complain of it at its end."""
    try:
        printer.close()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
