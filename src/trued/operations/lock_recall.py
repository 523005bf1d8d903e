"""Makes the memos of ``trued lock``, and asks an index whether the pages of one are what they were."""

from __future__ import annotations

import hashlib
import os
import sys
from typing import TYPE_CHECKING

from trued.core.record import dataclass, replace
from trued.operations import lock_memo
from trued.operations.advisory_gate import SETTINGS
from trued.operations.lock_memo import LockMemo

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from trued.core.finding import Finding
    from trued.index.client import PageRead
    from trued.operations.lock import Locked
    from trued.operations.lock_memo import Line, Outcome, Page, Told
    from trued.operations.lock_report import ChangeRow
    from trued.operations.resolve import Resolution
    from trued.operations.roots import Roots
    from trued.operations.session import Session

__all__ = ["Basis", "basis_of", "remember", "still_valid"]

_MOST_OUTCOMES = 4
_LOOK_ALIKE = "TRU652"
"""Not told of projects that stand in the lock already: the same run over its own lock tells less."""

_AGE = "\0"
"""Stands for an age in a line of the report until the line is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a lock rests on: files by path with their sha256, pages, and until when rules about time hold.

    ``before`` is the sha256 of what stood in the lock's place, empty for nothing. ``lasting`` are the
    findings that the same run gives when it is repeated.
    """

    inputs: lock_memo.Inputs
    pages: tuple[PageRead, ...]
    rules_until: float
    before: str
    lasting: tuple[Finding, ...]


def basis_of(
    session: Session,
    roots: Roots,
    resolution: Resolution,
    *,
    before: str,
    lasting: tuple[Finding, ...],
) -> Basis | None:
    """Return what the answer rests on; ``None`` when it rests on what cannot be looked at again so cheaply.

    That is a file from the network, a variable in a file, a page that is not kept, or a signed index, whose
    signatures expire.
    """
    if session.has_signed:
        return None
    inputs = []
    if any(key in session.settings.origins for key in SETTINGS):
        return None
    for name, data in roots.sources:
        if "://" in name or name.startswith("file:") or b"${" in data:
            return None
        inputs.append((os.path.join(session.cwd, name), hashlib.sha256(data).hexdigest()))
    configured = lock_memo.configuration(session.environ, session.cwd)
    pages = session.client(roots.options).rests_on
    if configured is None or not pages:
        return None
    moments = [source.holds_until(session.started) for source in resolution.sources.values()]
    untils = [moment.timestamp() for moment in moments if moment is not None]
    untils += [_day_after(one.until) for one in session.settings.exceptions if one.until is not None]
    return Basis(
        inputs=tuple(dict.fromkeys((*inputs, *configured))),
        pages=pages,
        rules_until=min(untils, default=float("inf")),
        before=before,
        lasting=lasting,
    )


def _day_after(day: date) -> float:
    from datetime import UTC, datetime, time, timedelta

    return (datetime.combine(day, time(), UTC) + timedelta(days=1)).timestamp()


def remember(
    session: Session, argv: Sequence[str], locked: Locked, rows: Sequence[ChangeRow], counts: str
) -> None:
    """Keep the answer for the next call of the same words, where that may be used."""
    basis, settings = locked.basis, session.settings
    call = lock_memo.call_of(argv, session.environ, session.cwd)
    if basis is None or call is None or settings.cache_dir is None or not _is_plain(session, call):
        return
    text = locked.text.encode()
    outcomes: dict[str, Outcome] = {}
    if not any(finding.code == _LOOK_ALIKE for finding in basis.lasting):
        outcomes[hashlib.sha256(text).hexdigest()] = ((), _told(basis.lasting))
    outcomes[basis.before] = (_lines(rows), _told(locked.findings))
    memo = LockMemo(
        python=settings.python or sys.executable,
        facts=lock_memo.facts_digest(session.find_interpreter().facts, settings.cache_dir),
        inputs=basis.inputs,
        pages=_pages(basis.pages),
        since=max(page.kept.since for page in basis.pages),
        until=min(page.kept.until for page in basis.pages),
        rules_until=basis.rules_until,
        output=locked.output,
        text=text,
        counts=counts,
        colour=not settings.no_color,
        outcomes=outcomes,
    )
    _add_known(memo, lock_memo.recall(settings.cache_dir, call.key))
    _keep(session, call, memo)


def _keep(session: Session, call: lock_memo.Call, memo: LockMemo) -> None:
    cache = session.settings.cache_dir
    if cache is None:
        return
    lock_memo.keep(cache, call.key, memo)
    if "trued_replay" in sys._xoptions:
        from trued.operations.lock_replay import note_lock

        note_lock(memo, call, session.environ, session.cwd, cache)


def _add_known(memo: LockMemo, older: LockMemo | None) -> None:
    """Keep what was told of other locks in this place, as long as the answer and its basis are the same."""
    if older is not None and _answer(older) == _answer(memo) and len(older.outcomes) <= _MOST_OUTCOMES:
        memo.outcomes = {**older.outcomes, **memo.outcomes}


def _answer(memo: LockMemo) -> tuple[object, ...]:
    pages = sorted(page[2:] for page in memo.pages)
    return memo.text, memo.facts, memo.inputs, memo.output, pages


def still_valid(session: Session, argv: Sequence[str]) -> tuple[LockMemo, lock_memo.Call] | None:
    """Return the memo of *argv* when all that was read still holds; stale pages are asked for together."""
    settings, now = session.settings, session.clock_seconds()
    call = lock_memo.call_of(argv, session.environ, session.cwd)
    if call is None or settings.cache_dir is None or not _is_plain(session, call):
        return None
    memo = lock_memo.recall(settings.cache_dir, call.key)
    if memo is None or now >= memo.rules_until or not memo.inputs_are_alike(session.environ, session.cwd):
        return None
    if lock_memo.facts_digest(session.find_interpreter().facts, settings.cache_dir) != memo.facts:
        return None
    from trued.core.names import ProjectName
    from trued.operations.indexes import index_client
    from trued.requirements.model import FileOptions

    client = index_client(session, FileOptions())
    if not client.are_unchanged(
        (ProjectName(project), index, sent) for _, _, project, index, sent in memo.pages
    ):
        return None
    pages = client.rests_on
    if not pages:
        return None
    memo.pages = _pages(pages)
    memo.since = max(page.kept.since for page in pages)
    memo.until = min(page.kept.until for page in pages)
    _keep(session, call, memo)
    return memo, call


def _is_plain(session: Session, call: lock_memo.Call) -> bool:
    """Tell whether the settings say what the flags of *call* say, and ask for nothing that a memo lacks."""
    settings = session.settings
    special = (settings.json, settings.diff, settings.dry_run, settings.refresh, settings.offline)
    return (
        not any(special)
        and not settings.log
        and not settings.debug
        and settings.verbosity == -call.quiet
        and settings.check is call.check
    )


def _pages(pages: Iterable[PageRead]) -> tuple[Page, ...]:
    return tuple(
        (page.kept.path, page.kept.identity, str(page.project), page.index, page.kept.sent) for page in pages
    )


def _lines(rows: Sequence[ChangeRow]) -> tuple[Line, ...]:
    from datetime import datetime

    from trued.operations.lock_report import change_lines

    lines: list[Line] = []
    for row in rows:
        (line,) = change_lines([replace(row, age=_AGE if row.age else "")])
        before, _, after = line.partition(_AGE)
        moment = int(datetime.fromisoformat(row.uploaded).timestamp()) if row.age else 0
        lines.append((before, moment, after))
    return tuple(lines)


def _told(findings: Iterable[Finding]) -> tuple[Told, ...]:
    return tuple(
        (
            finding.code,
            finding.level.value,
            finding.subject,
            finding.place.file if finding.place else "",
            finding.place.line if finding.place else 0,
            tuple(finding.values.items()),
        )
        for finding in findings
    )
