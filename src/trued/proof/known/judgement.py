"""First use: what a file that turns up now has to do with what was known before.

A file with the digest that it had then is proven by that. Four other stories are each told with when the
former thing was first seen, by which run, and what it was; none of them says that somebody did harm.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from trued.core.evidence import Evidence, Kind
from trued.core.finding import Finding
from trued.core.record import dataclass
from trued.proof.subject import Proof

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.proof.known.model import KnownFile, ListedFile
    from trued.proof.publisher import Publisher
    from trued.proof.subject import ProofSubject

__all__ = ["History", "judge", "publishers_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the database says about a file's name, its release and its project.

    ``file`` and ``listed`` are of this very name. ``release_since`` is when the first file of its release was
    accepted, empty for never. ``attested`` are the project's files whose publisher was verified.
    """

    file: KnownFile | None = None
    listed: ListedFile | None = None
    release_since: str = ""
    attested: tuple[KnownFile, ...] = ()


def judge(
    subject: ProofSubject,
    publishers: Sequence[Publisher],
    history: History,
    *,
    now: str,
    late_after: timedelta,
) -> Proof:
    """Compare *subject*, whose verified *publishers* are given, with its *history*.

    *now* is RFC 3339 UTC and no earlier than any record. A file that appears in a release *late_after* its
    first file was accepted, and that was not listed then, is told of.
    """
    if history.file is not None:
        return _known(subject, history.file, now=now)
    findings = []
    if history.listed is not None and history.listed.sha256 not in ("", subject.sha256):
        findings.append(_other_than_listed(subject, history.listed))
    elif history.listed is None and _is_late(history.release_since, now, late_after):
        findings.append(_late(subject, history.release_since, now))
    findings += _publisher_findings(subject, publishers, history.attested)
    return Proof(findings=tuple(findings))


def publishers_of(file: KnownFile) -> tuple[Publisher, ...]:
    """Return the verified publishers of a known file."""
    from trued.proof.publisher import Publisher

    return tuple(Publisher.from_identity(mapping) for mapping in file.publishers)


def _known(subject: ProofSubject, known: KnownFile, *, now: str) -> Proof:
    if known.sha256 == subject.sha256:
        evidence = Evidence(
            sha256=subject.sha256,
            kind=Kind.FIRST_USE,
            authority=f"known since {known.first_seen} ({known.accepted})",
            detail=f"sha256:{known.sha256}",
            time=now,
        )
        return Proof(evidence=(evidence,))
    values = {"got": subject.sha256, "known": known.sha256, **_story(known)}
    return Proof(findings=(Finding(code="TRU770", subject=subject.filename, values=values),))


def _story(known: KnownFile) -> dict[str, str]:
    """Return when *known* was first seen, by which run, and what stood for it."""
    return {
        "seen": known.first_seen,
        "run": str(known.run),
        "accepted": known.accepted,
        "was": f"{known.filename} sha256:{known.sha256}",
    }


def _other_than_listed(subject: ProofSubject, listed: ListedFile) -> Finding:
    return Finding(
        code="TRU771",
        subject=subject.filename,
        values={"got": subject.sha256, "listed": listed.sha256, "seen": listed.first_seen},
    )


def _is_late(release_since: str, now: str, late_after: timedelta) -> bool:
    return bool(release_since) and _moment(now) - _moment(release_since) >= late_after


def _late(subject: ProofSubject, release_since: str, now: str) -> Finding:
    days = (_moment(now) - _moment(release_since)).days
    return Finding(
        code="TRU772",
        subject=subject.filename,
        values={
            "release": f"{subject.project} {subject.version}",
            "seen": release_since,
            "days": str(days),
            "got": subject.sha256,
        },
    )


def _publisher_findings(
    subject: ProofSubject, publishers: Sequence[Publisher], attested: Sequence[KnownFile]
) -> list[Finding]:
    """Compare the publishers with those of the project's former files.

    A version below all that were attested may be older than the project's attestations: it has lost none.
    """
    before = [(one, file) for file in attested for one in publishers_of(file)]
    if not before or any(one.continues(earlier) for one in publishers for earlier, _ in before):
        return []
    earlier, file = max(before, key=lambda pair: (pair[1].first_seen, pair[0].identity))
    values = {"publisher": earlier.identity, **_story(file)}
    if publishers:
        now = "; ".join(sorted({one.identity for one in publishers}))
        return [Finding(code="TRU774", subject=subject.filename, values={**values, "now": now})]
    if _is_below(subject.version, [known.version for known in attested]):
        return []
    return [Finding(code="TRU773", subject=subject.filename, values=values)]


def _is_below(version: str, others: Sequence[str]) -> bool:
    """Tell whether *version* comes before all *others*; one that cannot be read does not."""
    from packaging.version import InvalidVersion, Version

    try:
        return Version(version) < min(Version(other) for other in others)
    except InvalidVersion:
        return False


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
