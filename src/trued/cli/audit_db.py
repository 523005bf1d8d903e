"""``trued audit db``: the local database of advisories; fetched, looked at, checked, written out."""

from __future__ import annotations

import os

from trued.cli.opening import open_session
from trued.core.errors import UsageError
from trued.core.finding import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trued.advisories.about import About
    from trued.cli.parser import ParsedCommand
    from trued.operations.session import Session
    from trued.report.printer import Printer

__all__ = ["run_db"]


def run_db(parsed: ParsedCommand, printer: Printer, words: Sequence[str]) -> int:
    """Carry out ``trued audit db`` with the *words* behind it; return the exit status."""
    actions: Mapping[str, tuple[int, Callable[..., int]]] = {
        "update": (1, _update),
        "info": (0, _info),
        "verify": (0, _verify),
        "export": (1, _export),
    }
    action, *rest = words or [""]
    known = ", ".join(actions)
    if action not in actions:
        code, values = ("TRU911", {"known": known}) if action else ("TRU907", {"wanted": f"one of: {known}"})
        raise UsageError(Finding(code=code, subject=f"trued audit db {action}".rstrip(), values=values))
    most, carry_out = actions[action]
    if len(rest) > most:
        values = {"extra": " ".join(rest[most:])}
        raise UsageError(Finding(code="TRU912", subject=f"trued audit db {action}", values=values))
    with open_session(parsed, printer) as session:
        return carry_out(session, printer, *rest)


def _update(session: Session, printer: Printer, source: str = "") -> int:
    from trued.operations.audit.local_database import update_database

    updated = update_database(session, source)
    if session.settings.json:
        _document(printer, "update", updated.path, updated.about, {"changed": updated.changed})
        return 0
    what = "the whole export" if updated.whole else "what changed since"
    records = f"{updated.changed} record{'s' * (updated.changed != 1)}"
    printer.done(f"{updated.path}: {what} taken in, {records}; {updated.about.records} in all")
    return 0


def _info(session: Session, printer: Printer) -> int:
    from trued.operations.audit.local_database import open_database

    with open_database(session) as database:
        about, path = database.about, database.path
    if session.settings.json:
        _document(printer, "info", path, about, {})
        return 0
    days = about.age(session.started).total_seconds() / 86_400
    rows = {
        "database": path,
        "from": about.source,
        "as of": f"{about.as_of} ({days:.1f} days old)",
        "newest change": about.newest or "unknown",
        "records": f"{about.records}, {about.withdrawn} of them withdrawn",
        "malware": f"{about.malware} records, {about.files} files known by sha256",
        "unreadable": str(about.unreadable),
        "content": about.content,
    }
    printer.artefact("\n".join(f"{name:14} {value}" for name, value in rows.items()))
    return 0


def _verify(session: Session, printer: Printer) -> int:
    from trued.advisories.checking import verify_database
    from trued.operations.audit.local_database import open_database

    with open_database(session) as database:
        findings = verify_database(database)
        about, path = database.about, database.path
    if session.settings.json:
        from trued.report.json_report import findings_data

        _document(printer, "verify", path, about, {"findings": findings_data(findings)}, ok=not findings)
        return 1 if findings else 0
    printer.findings(findings)
    if not findings:
        printer.done(f"{path}: {about.records} records, and the index is theirs")
    return 1 if findings else 0


def _export(session: Session, printer: Printer, target: str = "") -> int:
    from trued.advisories.checking import export_archive
    from trued.operations.audit.local_database import open_database

    shown = target or session.settings.output
    if not shown or shown == "-":
        raise UsageError(Finding(code="TRU907", subject="trued audit db export", values={"wanted": "FILE"}))
    with open_database(session) as database:
        count = export_archive(database, os.path.join(session.cwd, shown))
        about, path = database.about, database.path
    if session.settings.json:
        _document(printer, "export", path, about, {"output": shown, "exported": count})
        return 0
    printer.done(f"{shown}: {count} records")
    return 0


def _document(
    printer: Printer, action: str, path: str, about: About, more: Mapping[str, object], *, ok: bool = True
) -> None:
    from trued.report.json_report import document

    result = {
        "action": action,
        "database": path,
        "source": about.source,
        "sha256": about.digest,
        "content": about.content,
        "as_of": about.as_of,
        "newest": about.newest,
        "records": about.records,
        "withdrawn": about.withdrawn,
        "malware": about.malware,
        "files": about.files,
        "unreadable": about.unreadable,
        **more,
    }
    printer.document(document(command="audit", exit_status=0 if ok else 1, result=result))
