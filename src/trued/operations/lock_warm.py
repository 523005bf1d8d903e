"""The warm road of ``trued lock``: the same question again, answered from a memo in some milliseconds.

It answers only where everything the memo rests on is as it was, and otherwise says so, having changed
nothing; then the full road decides. It opens no socket and imports neither ``packaging`` nor the resolver; a
test holds it to that.
"""

from __future__ import annotations

import os
import sys
import time

from trued.config.directories import cache_directory
from trued.operations.lock_memo import call_of, facts_digest, recall
from trued.store.owner import is_trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.operations.lock_memo import Call, LockMemo, Outcome
    from trued.report.printer import Printer

__all__ = ["answer", "last_line", "lock_warm", "tell"]


def lock_warm(argv: Sequence[str], environ: Mapping[str, str], cwd: str) -> int | None:
    """Carry out ``trued`` *argv* and return 0, or return ``None`` for the full road, with nothing changed."""
    cache = _cache_folder(argv, environ, cwd)
    call = call_of(argv, environ, cwd)
    if cache is None or call is None or not is_trusted(cache):
        return None
    memo = recall(cache, call.key)
    if memo is None or not memo.is_timely(time.time()) or not memo.pages_lie_still():
        return None
    if not memo.inputs_are_alike(environ, cwd) or not _is_interpreter(memo, environ, cwd, cache):
        return None
    from trued.report.printer import Printer

    printer = Printer(environ=environ, verbosity=-call.quiet, colour=memo.colour)
    if not answer(memo, call, printer, cwd):
        return None
    printer.close()
    if "trued_replay" in sys._xoptions:
        from trued.operations.lock_replay import note_lock

        note_lock(memo, call, environ, cwd, cache)
    return 0


def _cache_folder(argv: Sequence[str], environ: Mapping[str, str], cwd: str) -> str | None:
    """Return where the memo should be. A wrong guess finds none: each is in the cache of its own call."""
    named = environ.get("TRUED_CACHE_DIR") or ""
    for number, word in enumerate(argv):
        if word == "--cache-dir" and number + 1 < len(argv):
            named = argv[number + 1]
        elif word.startswith("--cache-dir="):
            named = word[12:]
    if not named and environ.get("PIP_CACHE_DIR"):
        named = environ["PIP_CACHE_DIR"].rstrip("/") + "/trued"
    found = named or cache_directory(environ)
    return os.path.join(cwd, found) if found else None


def _is_interpreter(memo: LockMemo, environ: Mapping[str, str], cwd: str, cache: str) -> bool:
    from trued.core.errors import TruedError
    from trued.environment.target import find_target

    try:
        target = find_target(python=memo.python, environ=environ, cwd=cwd, cache_folder=cache, writing=False)
    except (TruedError, OSError):
        return False
    return facts_digest(target.facts, cache) == memo.facts


def _outcome(memo: LockMemo, call: Call, cwd: str) -> Outcome | None:
    """Return what is to be told where the lock stands as it does; ``None`` for what the memo does not know.

    With ``--check`` it knows only the lock that it would write itself.
    """
    from trued.environment.record import sha256

    if memo.output == "-":
        return None if call.check else memo.outcomes.get("")
    try:
        with open(os.path.join(cwd, memo.output), "rb") as file:
            there = file.read()
    except FileNotFoundError:
        return None if call.check else memo.outcomes.get("")
    except OSError:
        return None
    if call.check and there != memo.text:
        return None
    return memo.outcomes.get(sha256(there).hexdigest())


def answer(memo: LockMemo, call: Call, printer: Printer, cwd: str) -> bool:
    """Write and tell what the run did that made the memo, where it knows; tell whether it does."""
    outcome = _outcome(memo, call, cwd)
    if outcome is None:
        return False
    written = False
    if memo.output != "-" and not call.check:
        from trued.core.errors import TruedError
        from trued.operations.whole_file import write_changed

        try:
            written = write_changed(os.path.join(cwd, memo.output), memo.text, shown=memo.output)
        except TruedError:
            return False
    tell(memo, outcome, printer, check=call.check, written=written, now=int(time.time()))
    return True


def tell(memo: LockMemo, outcome: Outcome, printer: Printer, *, check: bool, written: bool, now: int) -> None:
    """Tell what the run told that made the memo, with the ages of today."""
    from trued.core.age import spelled_seconds

    lines, findings = outcome
    for before, moment, after in lines:
        printer.say(f"{before}{spelled_seconds(now - moment)}{after}" if moment else before)
    if findings:
        from trued.core.finding import Finding, Level, Place

        printer.findings(
            Finding(
                code=code,
                level=Level(level),
                subject=subject,
                place=Place(file, line) if file else None,
                values=dict(values),
            )
            for code, level, subject, file, line, values in findings
        )
    if memo.output == "-" and not check:
        printer.artefact(memo.text.decode().rstrip("\n"))
    printer.done(last_line(memo.output, memo.counts, written=written, check=check))


def last_line(output: str, counts: str, *, written: bool, check: bool = False, dry_run: bool = False) -> str:
    """Return how a run ends that went well."""
    if check:
        return f"{output} is up to date: {counts}"
    if output == "-":
        return counts
    if dry_run:
        return f"would write {output}: {counts}"
    return f"{'wrote' if written else 'unchanged:'} {output}: {counts}"
