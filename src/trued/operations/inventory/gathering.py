"""Which environment or lock is meant, what it holds, and the time that its document bears."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trued.core.errors import UsageError
from trued.core.finding import Finding, Level
from trued.requirements.lock.lock_name import is_lock_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trued.operations.session import Session
    from trued.report.inventory import Inventory

__all__ = ["gather", "made_at"]

_EPOCH = "SOURCE_DATE_EPOCH"
_MOST_NAMES = 5


def gather(
    session: Session, arguments: Sequence[str], *, is_searching: bool, with_files: bool = False
) -> Inventory:
    """Return what the environment or the lock that *arguments* name holds; without one, the environment.

    A folder or an interpreter is an environment, any other file a lock. With *is_searching* an index may be
    asked about what another tool installed. An inventory of nothing says so (TRU985).

    Raises: UsageError; as :meth:`Session.find_target`; as reading a lock does.
    """
    made = made_at(session)
    shown = arguments[0] if arguments else ""
    if shown and not _is_environment(os.path.join(session.cwd, shown)):
        from trued.operations.inventory.locked import inventory_of_lock

        found = inventory_of_lock(session, shown, made=made)
    else:
        from trued.operations.inventory.installed import inventory_of_installed

        if shown:
            python = os.path.join(session.cwd, shown)
            session.settings = replace(session.settings, python=python, venv=None)
        found = inventory_of_installed(
            session, subject=shown, made=made, is_searching=is_searching, with_files=with_files
        )
    return replace(found, lacking=tuple(_missing(found)))


def _missing(found: Inventory) -> Iterator[Finding]:
    """Yield what the document lacks: one finding for each reason, whatever the number of components."""
    if not found.components:
        yield Finding(code="TRU985", level=Level.WARNING, subject=found.subject)
    by_reason: dict[str, list[str]] = {}
    for one in found.components:
        if one.unproven:
            by_reason.setdefault(one.unproven, []).append(one.text)
    for reason, names in by_reason.items():
        left = len(names) - _MOST_NAMES
        subject = ", ".join(names[:_MOST_NAMES]) + (f" and {left} more" if left > 0 else "")
        yield Finding(code="TRU983", level=Level.WARNING, subject=subject, values={"reason": reason})


def made_at(session: Session) -> datetime:
    """Return the time of the document: ``SOURCE_DATE_EPOCH`` where it is set, else when the run began.

    Source: the reproducible-builds specification of that variable. Raises: UsageError TRU982.
    """
    stated = session.environ.get(_EPOCH)
    if stated is None:
        return session.started.replace(microsecond=0)
    seconds = stated if stated.isascii() and stated.isdecimal() else ""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(Finding(code="TRU982", subject=stated)) from error


def _is_environment(path: str) -> bool:
    if os.path.isdir(path):
        return True
    name = os.path.basename(path)
    is_program = os.path.isfile(path) and os.access(path, os.X_OK)
    return is_program and name.lower().startswith(("python", "pypy")) and not is_lock_name(path)
