"""Noting down the answer of a lock for the launcher, which gives it again without starting Python."""

from __future__ import annotations

import os
import sys
import time

from trued.operations.replay import Heard, Noting, ages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.operations.lock_memo import Call, LockMemo, Outcome

__all__ = ["note_lock"]


def note_lock(memo: LockMemo, call: Call, environ: Mapping[str, str], cwd: str, cache: str) -> None:
    """Leave replays of *memo* for *call*: where there is no lock yet, and where this one stands already.

    Nothing where no launcher started this process, or it could not know the interpreter again.
    """
    from trued.config.directories import advisories_path
    from trued.environment.record import sha256

    noting = Noting.of_lock(memo, cwd)
    if noting is None or not noting.belongs_to(cache) or not noting.interpreter(memo.python, cache):
        return
    noting.unchanged(advisories_path(cache))
    path = "" if memo.output == "-" else os.path.join(cwd, memo.output)
    own = memo.outcomes.get(sha256(memo.text).hexdigest()) if path else None
    first = None if call.check else memo.outcomes.get("")
    if own is not None:
        _note(noting, memo, call, environ, path, outcome=own, written=False)
    if first is not None:
        _note(noting, memo, call, environ, path, outcome=first, written=bool(path))


def _note(
    noting: Noting,
    memo: LockMemo,
    call: Call,
    environ: Mapping[str, str],
    path: str,
    *,
    outcome: Outcome,
    written: bool,
) -> None:
    from trued.operations.lock_warm import tell
    from trued.report.printer import Printer

    out, run = Heard(sys.stdout, passes_on=False), Heard(sys.stderr, passes_on=False)
    printer = Printer(
        stdout=out.stream, stderr=run.stream, environ=environ, verbosity=-call.quiet, colour=memo.colour
    )
    lines, findings = outcome
    if findings and printer.run.width:
        return  # folded for this terminal
    now = int(time.time())
    told = [moment for _, moment, _ in lines if moment]
    tell(memo, outcome, printer, check=call.check, written=written, now=now)
    keep = noting.keep_written if written else noting.keep_unwritten
    keep((out.heard, run.heard), path, memo.text, ages=ages(told, now=now))
