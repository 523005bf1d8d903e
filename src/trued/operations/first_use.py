"""Files that nothing proves yet: what is told of them, the one question about all, and what mends it.

As ssh asks about a host that it does not know: once, showing what would be trusted from then on.
"""

from __future__ import annotations

from trued.core.finding import Finding, Level, Place
from trued.core.record import dataclass
from trued.policy.level import PolicyLevel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from trued.operations.asked import Asked
    from trued.operations.joined import Joined
    from trued.operations.offer import Judged
    from trued.operations.session import Session

__all__ = ["ANSWERED", "FLAG", "Unproven", "accepting", "first_use_findings"]

FLAG = "--trust-on-first-use"
ANSWERED = "accepted on the terminal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unproven:
    """A file to be accepted or not.

    ``uploaded`` is what the index claims, RFC 3339, empty where it claims nothing; ``age`` spells it out.
    ``publishers`` were verified and are not known yet; ``asked_by`` is the requirement.
    """

    filename: str
    sha256: str
    asked_by: str
    index: str
    uploaded: str = ""
    age: str = ""
    publishers: tuple[str, ...] = ()


def accepting(session: Session, asked: Asked) -> Callable[[Sequence[Joined]], str]:
    """Return what decides about the files of this run that nothing proves: the flag, or an answer.

    Nobody is asked where the files may pass anyway, where their digests are being written down (``--fix``),
    and in hash-checking mode, which asks for digests.
    """
    settings, exceptions = session.settings, session.exceptions

    def decide(waiting: Sequence[Joined]) -> str:
        if asked.mode.is_on:
            return ""
        if settings.trust_on_first_use:
            return FLAG
        if settings.fix or settings.level is PolicyLevel.PERMISSIVE:
            return ""
        subjects = [one.subject for one in waiting]
        excepted = [exceptions.admits(one.project, "unproven", one.version) for one in subjects]
        if all(excepted):
            return ""
        return ANSWERED if session.watcher.accepts(_shown(session, waiting)) else ""

    return decide


def _shown(session: Session, waiting: Sequence[Joined]) -> list[Unproven]:
    """Return what is shown of the files, by name: they arrive in any order."""
    return [_unproven(session, one) for one in sorted(waiting, key=lambda one: one.subject.filename)]


def _unproven(session: Session, joined: Joined) -> Unproven:
    from trued.policy.cooldown import read_upload_time, spelled_age

    distribution = joined.offer.distribution
    uploaded = read_upload_time(distribution.upload_time) if distribution.upload_time else None
    return Unproven(
        filename=joined.subject.filename,
        sha256=joined.subject.sha256,
        asked_by=str(joined.offer.wanted.place),
        index=distribution.index or distribution.url,
        uploaded=distribution.upload_time or "",
        age=spelled_age(session.started - uploaded) if uploaded else "",
        publishers=tuple(one.identity for one in joined.publishers),
    )


def first_use_findings(session: Session, judged: Iterable[Judged]) -> list[Finding]:
    """Tell once what mends files that nothing proves, and of a clock that is behind the known files."""
    unproven = [one for one in judged if _is_unproven(one)]
    findings = list(session.known.clock_findings()) if "known" in session.__dict__ else []
    if unproven:
        values = {"count": _count(len(unproven)), "ways": _ways(session, unproven)}
        findings.append(Finding(code="TRU781", subject="first use", values=values))
    return findings


def _is_unproven(judged: Judged) -> bool:
    errors = [one.code for one in judged.verdict.findings if one.level is Level.ERROR]
    return errors == ["TRU561"]


def _count(number: int) -> str:
    return "1 file has" if number == 1 else f"{number} files have"


def _ways(session: Session, unproven: Sequence[Judged]) -> str:
    """Return the commands that would mend it, for a run like this one.

    Digests are written into a requirements file only where it lists everything; else a lock takes them.
    """
    places = [one.offer.wanted.place for one in unproven]
    files = sorted({place.file for place in places if place.line})
    lists_all = all(place.line for place in places)
    named = sorted(
        {str(one.offer.distribution.project) for one in unproven if _is_argument(one.offer.wanted.place)}
    )
    asked = " ".join([*(f"-r {file}" for file in files), *named])
    flag = f"trued {session.command} {asked} {FLAG}"
    lock = f"trued lock {asked} && trued {session.command} -r pylock.toml"
    ways = [f"trued {session.command} {asked} --fix" if lists_all and files else lock]
    if session.settings.level is not PolicyLevel.STRICT:
        ways.insert(0, flag)
    return "".join(f"\n  {way}" for way in ways)


def _is_argument(place: Place) -> bool:
    """Tell whether the command line asked, and neither a file nor another project."""
    return not place.line and not place.file.startswith("needed by ")
