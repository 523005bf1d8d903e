"""``trued report``: everything that one page tells, gathered without the network."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from trued.core.errors import OperationalError
from trued.core.finding import Level
from trued.core.record import dataclass
from trued.report.html.subject import Advisories, Comparison, PageSubject

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trued.core.finding import Finding
    from trued.operations.audit.audited import Inputs
    from trued.operations.session import Session
    from trued.report.inventory import Inventory

__all__ = ["Reported", "environment_report"]

_WITHOUT_PROOF = "TRU625"
"""What the table of packages tells, package by package."""
_ANY_AGE = timedelta(days=36_500)
"""The page is made whatever the age of the advisories; it tells that, and when they are too old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The page, and what it was made of."""

    subject: PageSubject
    text: str

    @property
    def exit_status(self) -> int:
        """That of the inventory."""
        return self.subject.inventory.exit_status


def environment_report(
    session: Session, arguments: Sequence[str], *, step: Callable[[str], None]
) -> Reported:
    """Make the page of what *arguments* name; *step* is told what is being done.

    No connection is opened. Raises: as :func:`trued.operations.inventory.gathering.gather`; UsageError for
    rules and VEX documents that cannot be read.
    """
    from trued.operations.audit.local_database import MAX_AGE
    from trued.operations.inventory.gathering import gather
    from trued.operations.inventory.uploaded import with_upload_times
    from trued.report.html.rendering import render

    most_age = session.settings.max_db_age or MAX_AGE
    session.settings = replace(
        session.settings, offline=True, audit_service="db", max_db_age=_ANY_AGE, verify_fix=False
    )
    step("reading receipts and metadata")
    inventory = with_upload_times(session, gather(session, arguments, is_searching=False))
    subject = _subject(session, inventory, step=step, most_age=most_age)
    step("writing the page")
    return Reported(subject=subject, text=render(subject))


def _subject(
    session: Session, inventory: Inventory, *, step: Callable[[str], None], most_age: timedelta
) -> PageSubject:
    from trued.operations.audit.auditing import ignore_rules

    comparison = None
    if not inventory.is_lock:
        step("comparing the files on disk")
        comparison = _compared(session)
    step("looking the advisories up")
    advisories = _advisories(session, inventory, most_age)
    step("judging by the policy")
    return PageSubject(
        inventory=inventory,
        level=session.settings.level.value,
        advisories=advisories,
        comparison=comparison,
        judged=_judged(session, inventory),
        exceptions=session.settings.exceptions,
        ignored=ignore_rules(session),
    )


def _compared(session: Session) -> Comparison | None:
    """Compare what is on disk with what the store has, as ``trued verify`` does; not for ``--path``."""
    if session.settings.path:
        return None
    from trued.operations.verify import verify

    verified = verify(session, ())
    return Comparison(
        packages=verified.distributions,
        proven=verified.proven,
        files=verified.files,
        findings=tuple(one for one in verified.findings if one.level is not Level.NOTE),
    )


def _advisories(session: Session, inventory: Inventory, most_age: timedelta) -> Advisories:
    from trued.operations.audit.auditing import audit_inputs, ignore_rules

    try:
        outcome = audit_inputs(session, _inputs(session, inventory), ignore_rules(session))
    except OperationalError as error:
        from trued.report.page import sentence

        told = sentence(error.findings[0])
        return Advisories(reason=told.message, mend=told.mend)
    age = inventory.made - datetime.fromisoformat(outcome.source.as_of)  # by the page's time: the same bytes
    return Advisories(outcome=outcome, is_old=age > most_age)


def _inputs(session: Session, inventory: Inventory) -> Inputs:
    from trued.operations.audit.audited import joined
    from trued.operations.audit.places import of_environment, of_library, of_lock

    if inventory.is_lock:
        from trued.operations.lock_text import read_lock

        return of_lock(read_lock(session, inventory.subject), shown=inventory.subject, skip_editable=False)
    if session.settings.path:
        return joined([of_library(session, folder) for folder in session.settings.path])
    return of_environment(session)


def _judged(session: Session, inventory: Inventory) -> tuple[Finding, ...]:
    """Return what the policy says against what is there, but what the table of packages tells already."""
    from trued.operations.lock_text import read_lock
    from trued.operations.policy_check import check_environment, check_lock

    if session.settings.path:
        return ()
    if inventory.is_lock:
        checked = check_lock(session, read_lock(session, inventory.subject), inventory.subject)
    else:
        checked = check_environment(session)
    told = (one for one in checked.findings if one.level is not Level.NOTE)
    return tuple(one for one in told if one.code != _WITHOUT_PROOF)
