"""Keeping a signed index alive: the timestamp anew, and before they expire the snapshot and the bins."""

from __future__ import annotations

from trued.repository.expiry import bin_expiries, is_due, parse_time
from trued.repository.faults import failed
from trued.repository.publish import has_news
from trued.repository.signed_state import read_state
from trued.repository.signing import sign_changes, sign_timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from trued.repository.operator_folder import OperatorFolder
    from trued.repository.signing import Authority, Signed
    from trued.repository.site import Site

__all__ = ["refresh"]


def refresh(
    site: Site,
    folder: OperatorFolder,
    *,
    authority: Authority,
    now: datetime,
    checkpoint: Callable[[str], None] = lambda _: None,
) -> Signed:
    """Sign the timestamp anew, and whatever else has a third of its life left; the caller holds the lock.

    No page and no file is read: what was not signed before is not signed by this.

    Raises:
        OperationalError: when the site was never signed, its metadata does not hold, or a recovery has begun.

    """
    if folder.settings().rebuild:
        raise failed("TRU887", site.root, reason="it waits for trued index sign after trued index recover")
    state = read_state(site, authority.chain)
    if state is None:
        raise failed("TRU887", "timestamp.json", reason="the site was never signed")
    days = authority.lifetimes
    expiries = bin_expiries(site, state)
    renew = [name for name, moment in expiries.items() if is_due(moment, days=days["bins"], now=now)]
    snapshot_due = is_due(parse_time(state.snapshot_expires), days=days["snapshot"], now=now)
    if renew or snapshot_due or has_news(authority, state):
        return sign_changes(
            site, {}, authority=authority, state=state, now=now, renew=renew, checkpoint=checkpoint
        )
    return sign_timestamp(site, authority=authority, state=state, now=now, checkpoint=checkpoint)
