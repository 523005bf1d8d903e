"""``trued cache``: look at the store, verify it, make room."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from trued.cli.opening import open_session
from trued.report.progress import size_text

if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.operations.session import Session
    from trued.report.printer import Printer

__all__ = ["run"]

_DEFAULT_DAYS = 90
_SECONDS_A_DAY = 86_400


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Carry out the action; 1 when ``verify`` found damage."""
    actions = {
        "dir": _dir,
        "info": _info,
        "list": _list,
        "verify": _verify,
        "prune": _prune,
        "purge": _purge,
    }
    with open_session(parsed, printer) as session:
        return actions[parsed.action](parsed, session, printer)


def _dir(parsed: ParsedCommand, session: Session, printer: Printer) -> int:
    if parsed.settings.json:
        printer.document({"path": session.cache})
    else:
        printer.artefact(session.cache)
    return 0


def _info(parsed: ParsedCommand, session: Session, printer: Printer) -> int:
    from trued.build.housekeeping import build_traces
    from trued.store.housekeeping import info

    found, builds = info(session.store), build_traces(session.cache)
    if parsed.settings.json:
        printer.document(
            {
                "path": found.path,
                "wheels": found.entries,
                "files": found.files,
                "bytes": found.size,
                "built": builds.wheels,
                "build_logs": builds.logs,
                "build_bytes": builds.size,
            }
        )
        return 0
    lines = [f"Store: {found.path}", f"Wheels: {found.entries}", f"Files: {found.files}"]
    lines.append(f"Size: {size_text(found.size)}")
    if builds.wheels or builds.logs:
        lines.append(f"Built: {builds.wheels} wheels, {builds.logs} logs, {size_text(builds.size)}")
    printer.artefact("\n".join(lines))
    return 0


def _list(parsed: ParsedCommand, session: Session, printer: Printer) -> int:
    from trued.store.housekeeping import listing

    pattern = (parsed.arguments[0] if parsed.arguments else "*").lower()
    wheels = [one for one in listing(session.store) if fnmatchcase(one.filename.lower(), f"{pattern}*")]
    if parsed.settings.json:
        rows = [
            {"filename": one.filename, "sha256": one.sha256, "bytes": one.size, "path": one.entry}
            for one in wheels
        ]
        printer.document(rows)
    elif parsed.settings.cache_format == "abspath":
        printer.artefact("\n".join(one.entry for one in wheels))
    else:
        lines = (f"{one.filename}  {one.sha256[:12]}  {size_text(one.size)}" for one in wheels)
        printer.artefact("\n".join(lines))
    return 0


def _verify(parsed: ParsedCommand, session: Session, printer: Printer) -> int:
    from trued.core.finding import Finding
    from trued.store.housekeeping import verify

    checked = verify(session.store, repair=True, workers=parsed.settings.threads or 2)
    findings = [
        Finding(code="TRU401", subject=entry, values={"paths": ", ".join(paths)})
        for entry, paths in checked.damaged.items()
    ]
    if parsed.settings.json:
        printer.document(
            {
                "wheels": checked.entries,
                "files": checked.files,
                "damaged": {entry: list(paths) for entry, paths in checked.damaged.items()},
                "removed": list(checked.removed),
            }
        )
    else:
        printer.findings(findings)
        printer.say(f"hashed {checked.files} files of {checked.entries} wheels again")
        if checked.removed:
            printer.say(f"removed {len(checked.removed)} damaged wheels; they are fetched and proven anew")
    return 1 if checked.damaged else 0


def _prune(parsed: ParsedCommand, session: Session, printer: Printer) -> int:
    from trued.build.housekeeping import prune_builds
    from trued.operations.memos import prune_memos
    from trued.store.housekeeping import prune

    days = _DEFAULT_DAYS if parsed.settings.older_than is None else parsed.settings.older_than
    pruned = prune(session.store, now_ns=session.started_ns, unused_seconds=days * _SECONDS_A_DAY)
    before = session.started_ns - days * _SECONDS_A_DAY * 10**9
    builds = prune_builds(session.cache, before_ns=before)
    prune_memos(session.cache, before_ns=before)
    if parsed.settings.json:
        removed = [one.filename for one in pruned.removed]
        printer.document({"removed": removed, "bytes": pruned.size, "build_bytes": builds.size})
    for one in pruned.removed:
        printer.detail(f"- {one.filename}")
    printer.say(f"removed {len(pruned.removed)} wheels not used for {days} days, {size_text(pruned.size)}")
    if builds.wheels or builds.logs:
        printer.say(f"removed {builds.wheels} built wheels and {builds.logs} logs of builds")
    return 0


def _purge(parsed: ParsedCommand, session: Session, printer: Printer) -> int:
    from trued.build.housekeeping import prune_builds
    from trued.operations.memos import prune_memos
    from trued.store.housekeeping import purge

    removed = purge(session.store)
    everything = session.started_ns + _SECONDS_A_DAY * 10**9
    prune_builds(session.cache, before_ns=everything)
    prune_memos(session.cache, before_ns=everything)
    if parsed.settings.json:
        printer.document({"removed": removed})
    printer.say(f"removed all {removed} wheels of the store")
    return 0
