"""``trued tuf``: the client of signed indexes by itself. Whatever goes wrong, the exit status is 1."""

from __future__ import annotations

from trued.cli.opening import open_session
from trued.core.errors import TruedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.operations.session import Session
    from trued.report.printer import Printer

__all__ = ["run"]

_FAILED = 1


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Carry out the action; return 0, or 1 where the metadata or a target does not hold or cannot be had."""
    actions = {"init": _init, "refresh": _refresh, "download": _download}
    with open_session(parsed, printer) as session:
        try:
            told = actions[parsed.action](parsed, session, printer)
        except TruedError as error:
            if parsed.settings.json:
                from trued.report.json_report import document

                printer.document(document(command="tuf", exit_status=_FAILED, findings=error.findings))
            printer.findings(error.findings)
            return _FAILED
    if parsed.settings.json:
        printer.document(told)
    return 0


def _init(parsed: ParsedCommand, session: Session, printer: Printer) -> dict[str, object]:
    from trued.operations.tuf import begin

    begin(session, parsed.arguments[0])
    printer.done(f"Trust begins at {parsed.arguments[0]}")
    return {"root": parsed.arguments[0]}


def _refresh(_: ParsedCommand, session: Session, printer: Printer) -> dict[str, object]:
    from trued.operations.tuf import refresh

    state = refresh(session)
    told = ", ".join(f"{role} {version}" for role, version in state.versions.items())
    printer.done(f"Up to date: {told}")
    return {
        "versions": dict(state.versions),
        "expires": {role: f"{moment:%Y-%m-%dT%H:%M:%SZ}" for role, moment in state.expiries.items()},
    }


def _download(_: ParsedCommand, session: Session, printer: Printer) -> dict[str, object]:
    from trued.operations.tuf import download

    paths = download(session)
    for path in paths:
        printer.done(f"Downloaded {path}")
    return {"files": paths}
