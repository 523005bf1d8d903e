"""``trued known``: the files that were accepted before."""

from __future__ import annotations

from trued.cli.opening import open_session
from trued.core.finding import Finding, Level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.cli.parser import ParsedCommand
    from trued.operations.session import Session
    from trued.proof.known.model import KnownFile
    from trued.report.printer import Printer

__all__ = ["run"]


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Carry out the action; return the exit status."""
    actions = {"list": _list, "show": _show, "forget": _forget, "export": _export, "import": _import}
    with open_session(parsed, printer) as session:
        return actions[parsed.action](parsed, session, printer)


def _list(parsed: ParsedCommand, session: Session, printer: Printer) -> int:
    files = session.known.files(parsed.arguments[0] if parsed.arguments else "")
    if parsed.settings.json:
        printer.document([_data(one) for one in files])
        return 0
    width = max((len(one.filename) for one in files), default=0)
    for one in files:
        printer.artefact(f"{one.filename:{width}}  {one.sha256[:12]}  {one.first_seen[:10]}  {one.accepted}")
    if not files:
        printer.say(f"nothing is known in {session.known.database.path}")
    return 0


def _show(parsed: ParsedCommand, session: Session, printer: Printer) -> int:
    from trued.operations.known import find_known

    files = find_known(session.known, parsed.arguments)
    if parsed.settings.json:
        printer.document([_data(one) for one in files])
    else:
        printer.artefact("\n---\n".join("\n".join(_lines(one)) for one in files))
    return 0


def _lines(one: KnownFile) -> list[str]:
    from trued.proof.known.judgement import publishers_of

    digests = [f"{name}:{value}" for name, value in sorted(one.digests.items()) if name != "sha256"]
    return [
        f"File: {one.filename}",
        f"Project: {one.project} {one.version}",
        f"sha256: {one.sha256}",
        *(f"Digest: {digest}" for digest in digests),
        f"First seen: {one.first_seen}",
        f"By: {one.run}",
        f"Accepted: {one.accepted}",
        f"From: {one.index}",
        *(f"Publisher: {publisher.identity}" for publisher in publishers_of(one)),
    ]


def _forget(parsed: ParsedCommand, session: Session, printer: Printer) -> int:
    from trued.operations.known import forget_known

    files = forget_known(session.known, parsed.arguments)
    if parsed.settings.json:
        printer.document({"forgotten": [_data(one) for one in files]})
    for one in files:
        printer.detail(f"- {one.filename}")
    printer.say(f"forgot {_count(files)}; they are new when they come again")
    return 0


def _export(parsed: ParsedCommand, session: Session, printer: Printer) -> int:
    """Write the export; the lines are the artefact, with ``--json`` too."""
    from trued.operations.known import export_known

    text = export_known(session.known)
    output = parsed.settings.output
    if output in (None, "-"):
        printer.artefact(text.rstrip("\n"))
        return 0
    import os

    from trued.operations.whole_file import write_whole

    write_whole(os.path.join(parsed.cwd, output), text.encode(), shown=output)
    printer.say(f"wrote {output}")
    return 0


def _import(parsed: ParsedCommand, session: Session, printer: Printer) -> int:
    from trued.operations.known import import_known

    shown = parsed.arguments[0]
    restored = import_known(session.known, shown, cwd=parsed.cwd, time=session.now)
    printer.findings(session.known.clock_findings(), summary=False)
    if restored.aside:
        finding = Finding(
            code="TRU782",
            level=Level.WARNING,
            subject=session.known.database.path,
            values={"aside": restored.aside},
        )
        printer.findings([finding], summary=False)
    if parsed.settings.json:
        printer.document({"files": restored.files, "added": restored.added, "aside": restored.aside})
    printer.say(f"{restored.added} of {restored.files} files are known now that were not before")
    return 0


def _count(files: Sequence[KnownFile]) -> str:
    return "1 file" if len(files) == 1 else f"{len(files)} files"


def _data(one: KnownFile) -> dict[str, object]:
    return {
        "project": one.project,
        "version": one.version,
        "filename": one.filename,
        "sha256": one.sha256,
        "digests": dict(one.digests),
        "publishers": [dict(publisher) for publisher in one.publishers],
        "index": one.index,
        "first_seen": one.first_seen,
        "run": {
            "id": one.run.id,
            "time": one.run.time,
            "command": one.run.command,
            "folder": one.run.folder,
        },
        "accepted": one.accepted,
    }
