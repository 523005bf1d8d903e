"""What ends soon: exceptions, roots of signed indexes, the keys of those who sign."""

from __future__ import annotations

import os
from datetime import UTC, datetime, time, timedelta

from trued.core.errors import TruedError
from trued.core.finding import Finding, Level
from trued.operations.doctor.check import fine, skipped, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from trued.operations.doctor.check import Check
    from trued.operations.session import Session

__all__ = ["ending", "expiry_checks"]

_SOON = timedelta(days=30)


def ending(subject: str, moment: datetime, *, now: datetime, soon: timedelta) -> Finding | None:
    """Return TRU970 when *moment* is past, TRU971 when it is near; times know their zone."""
    if moment <= now:
        return Finding(code="TRU970", subject=subject, values={"date": moment.date().isoformat()})
    if moment - now <= soon:
        values = {"date": moment.date().isoformat(), "days": str((moment - now).days)}
        return Finding(code="TRU971", level=Level.WARNING, subject=subject, values=values)
    return None


def expiry_checks(session: Session) -> Iterator[Check]:
    """Yield what has ended and what soon will, of all that the settings name."""
    yield from _collected("expiry.exceptions", _exceptions(session), session)
    yield from _collected("expiry.keys", _keys(session), session)
    signed = [one for one in session.settings.indexes if one.trust == "tuf"]
    if not signed:
        yield skipped("expiry.roots", "no index signs its metadata")
    for one in signed:
        try:
            found = list(_roots(session, one.name))
        except TruedError as error:
            yield from told("expiry.roots", error.findings)
        else:
            yield from _collected("expiry.roots", iter(found), session)


def _collected(name: str, moments: Iterator[tuple[str, datetime]], session: Session) -> Iterator[Check]:
    """Yield one check for all of *moments*, or one for each that is past or near."""
    try:
        found = list(moments)
    except TruedError as error:
        yield from told(name, error.findings)
        return
    ends = [ending(subject, moment, now=session.started, soon=_SOON) for subject, moment in found]
    near = [one for one in ends if one is not None]
    if near:
        yield from told(name, near)
    elif found:
        first = min(moment for _, moment in found)
        yield fine(name, f"{len(found)}, the first ends {first.date().isoformat()}")
    else:
        yield fine(name, "none that ends")


def _exceptions(session: Session) -> Iterator[tuple[str, datetime]]:
    for one in session.settings.exceptions:
        if one.until is not None:
            about = f"the exception of {one.project or one.sha256[:12]} from {one.rule}"
            where = f" ({one.place})" if one.place else ""
            yield f"{about}{where}", datetime.combine(one.until, time.max, tzinfo=UTC)


def _keys(session: Session) -> Iterator[tuple[str, datetime]]:
    """Yield when the OpenPGP certificates of the policy end. Raises: UsageError TRU620."""
    from trued.config.proof_rules import checksum_rules, openpgp_rules

    if not session.settings.rules:
        return
    from trued.proof.openpgp import OpenPgpRule

    rules = list(openpgp_rules(session.settings.rules))
    signers = [one.signer for one in checksum_rules(session.settings.rules)]
    rules += [one for one in signers if isinstance(one, OpenPgpRule)]
    if not rules:
        return
    from trued.proof.openpgp_keys import UnusableKey, certificates_of

    for rule in rules:
        for data in rule.certificates:
            try:
                certificates = certificates_of(data)
            except UnusableKey:
                continue  # told when a signature is checked by it
            for one in certificates:
                if one.expires is not None:
                    yield f"the OpenPGP key {one.fingerprint} of {rule.project}", one.expires


def _roots(session: Session, name: str) -> Iterator[tuple[str, datetime]]:
    """Yield when the root that trust begins at ends, and online each role. Raises: as ``TufClient``."""
    from trued.operations.signed_indexes import read_root_file
    from trued.proof.tuf.client import read_root

    setting = next(one for one in session.settings.indexes if one.name == name)
    if session.settings.offline:
        data = read_root_file(os.path.join(session.cwd, setting.root), place=setting.origin.place)
        yield f"the root of index {name}", read_root(data, subject=name).expires
        return
    from trued.operations.trust_roots import look

    _, state = look(session, setting)
    for role, moment in state.expiries.items():
        # Timestamps are made anew each day or so, and end soon by design: refreshing tells when one is over.
        if role == "root":
            yield f"the {role} of index {name}", moment
