"""``trued migrate``: from another tool's files to a lock and a policy."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from trued.cli.opening import open_session
from trued.core.errors import UsageError
from trued.core.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trued.cli.parser import ParsedCommand
    from trued.operations.migration.migration import Migration
    from trued.operations.migration.version_change import VersionChange
    from trued.operations.migration.writing import PlannedFile
    from trued.report.printer import Printer

__all__ = ["run"]

_REFUSED = 1
_DIFF_LINES = 120
_CHANGES = 40


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Show what the migration makes, ask where a file would be overwritten, write; return the exit status.

    1 says that the policy would refuse some of it today, or that the answer was no. Raises UsageError TRU931
    where nobody can be asked.
    """
    from trued.operations.migration.migration import migrate
    from trued.operations.migration.writing import write_together

    if parsed.arguments:
        parsed = _in_folder(parsed, parsed.arguments[0])
    with open_session(parsed, printer) as session:
        migration = migrate(session)
        settings = parsed.settings
        if not settings.json:
            _tell(migration, printer)
        status = _REFUSED if migration.is_refused else 0
        shown = migration.files[0].text if settings.output == "-" else ""
        if settings.dry_run or shown or not _agreed(migration, printer, parsed):
            written: tuple[str, ...] = ()
            status = status if settings.dry_run or shown else _REFUSED
        else:
            written = write_together(session.cwd, migration.files)
            session.keep_known()
    if settings.json:
        printer.document(_document(migration, written, status, shown=shown))
        return status
    if shown:
        printer.artefact(shown.rstrip("\n"))
        return status
    _tell_end(migration, written, printer, dry_run=settings.dry_run)
    return status


def _in_folder(parsed: ParsedCommand, folder: str) -> ParsedCommand:
    """Return the call as if it were made in *folder*, whose settings then count."""
    from trued.cli.parser import ParsedCommand, parse

    path = os.path.join(parsed.cwd, folder)
    if not os.path.isdir(path):
        values = {"reason": "there is no such folder"}
        raise UsageError(Finding(code="TRU575", subject=folder, values=values))
    os.chdir(path)  # requirement files name each other relative to the folder that the process works in
    again = parse(parsed.argv, parsed.environ, os.getcwd())
    return again if isinstance(again, ParsedCommand) else parsed


def _tell(migration: Migration, printer: Printer) -> None:
    chosen = migration.chosen
    more = f" with {', '.join(chosen.pins)}" if chosen.pins else ""
    printer.say(f"from {chosen.source.name}{more}: {chosen.because}")
    printer.findings(migration.findings)
    for line in _change_lines(migration.changes):
        printer.say(line)
    for file in migration.files if migration.files[0].name != "-" else ():
        printer.say(f"{file.name}: {_described(file, migration)}")
        for line in _shortened(file.diff):
            printer.say(line)


def _change_lines(changes: Sequence[VersionChange]) -> Iterator[str]:
    for change in changes[:_CHANGES]:
        old, new = ", ".join(change.old), ", ".join(change.new)
        if not old:
            yield f"+ {change.project} {new} (no version of it was pinned)"
        elif not new:
            reason = " (not needed on this platform; --universal keeps it)" if change.is_conditional else ""
            yield f"- {change.project} {old}{reason}"
        else:
            yield f"~ {change.project} {old} -> {new}"
    if len(changes) > _CHANGES:
        yield f"... and {len(changes) - _CHANGES} more; --json has all"


def _described(file: PlannedFile, migration: Migration) -> str:
    state = {"new": "new", "changed": "changes", "same": "as it should be already"}[file.state]
    if file is not migration.files[0]:
        return state
    releases = len(migration.lock.packages)
    files = sum(len(package.files) for package in migration.lock.packages)
    if not migration.kept and not any(change.old for change in migration.changes):
        kept = f"{releases} releases chosen now, since none was pinned"
    else:
        kept = f"{migration.kept} of {releases} releases as pinned before"
    return f"{state}, {files} file{'s' * (files != 1)} with hashes, {kept}"


def _shortened(diff: str) -> list[str]:
    lines = diff.splitlines()
    if len(lines) <= _DIFF_LINES:
        return lines
    return [*lines[:_DIFF_LINES], f"... and {len(lines) - _DIFF_LINES} more lines; --json has all"]


def _agreed(migration: Migration, printer: Printer, parsed: ParsedCommand) -> bool:
    """Ask before something of the user is overwritten. Raises UsageError TRU931 when nobody is there."""
    names = ", ".join(file.name for file in migration.files if file.state == "changed")
    if not names or parsed.settings.yes:
        return True
    if parsed.settings.no_input or parsed.settings.json or not sys.stdin.isatty():
        raise UsageError(Finding(code="TRU931", subject=names))
    printer.ask(f"Overwrite {names}? [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _tell_end(migration: Migration, written: Sequence[str], printer: Printer, *, dry_run: bool) -> None:
    if not written:
        same = all(file.state == "same" for file in migration.files)
        printer.say("nothing to write" if same else "nothing was written")
        if not dry_run:
            return
    else:
        printer.done(f"wrote {', '.join(written)}")
    if migration.is_refused:
        _tell_left(migration, written, printer)
    printer.say("Then:" if migration.is_refused else "Next:")
    longest = max(len(command) for command, _ in migration.next_steps)
    for command, meaning in migration.next_steps:
        printer.say(f"  {command:<{longest}}  {meaning}")


def _tell_left(migration: Migration, written: Sequence[str], printer: Printer) -> None:
    """Say what has to be done before anything installs from what was written, and that this is the status."""
    count = len(migration.refused)
    what = "1 error above stands" if count == 1 else f"{count} errors above stand"
    printer.say(f"Left to do (exit status 1): {what} in the way of installing from it:")
    for finding in migration.refused[:_CHANGES]:
        printer.say(f"  {finding.code}  {finding.subject}")
    if count > _CHANGES:
        printer.say(f"  ... and {count - _CHANGES} more")
    policy = next((file.name for file in migration.files[1:] if "[[exception]]" in file.text), "")
    also = f", or fill in its exception, which {policy} has as a comment" if policy in written else ""
    printer.say(f"Do for each what its help says{also}; `trued policy check` tells what is left.")


def _document(migration: Migration, written: Sequence[str], status: int, *, shown: str) -> dict[str, object]:
    from trued.report.json_report import document

    plan = [
        {"project": change.project, "old": list(change.old), "new": list(change.new)}
        for change in migration.changes
    ]
    result = {
        "source": migration.chosen.source.name,
        "pins": list(migration.chosen.pins),
        "because": migration.chosen.because,
        "others": [one.name for one in migration.chosen.others],
        "releases": len(migration.lock.packages),
        "kept": migration.kept,
        "refused": migration.is_refused,
        "left": [{"code": one.code, "subject": one.subject} for one in migration.refused],
        "files": [
            {"name": one.name, "state": one.state, "written": one.name in written, "diff": one.diff}
            for one in migration.files
        ],
        "lock": shown,
        "next": [command for command, _ in migration.next_steps],
    }
    return document(
        command="migrate", exit_status=status, plan=plan, findings=migration.findings, result=result
    )
