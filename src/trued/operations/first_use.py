"""Files that nothing proves yet: what is told of them, the one question about all, and what mends it.

As ssh asks about a host that it does not know: once, showing what would be trusted from then on.
"""

from __future__ import annotations

import os

from trued.core.finding import Finding, Level, Place
from trued.core.record import dataclass, replace
from trued.policy.level import PolicyLevel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from trued.operations.asked import Asked
    from trued.operations.joined import Joined
    from trued.operations.offer import Judged, Offer
    from trued.operations.session import Session
    from trued.proof.publisher import Publisher

__all__ = ["ANSWERED", "FLAG", "Unproven", "accepting", "first_use_findings", "shortened", "unproven_finding"]

FLAG = "--trust-on-first-use"
ANSWERED = "accepted on the terminal"
_SHOWN = 12
"""How much of a digest is shown where nothing is decided by it."""

_LINES_OF = 5
"""For how many files the lines with all digests of their releases are shown: each has up to a hundred."""


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
    distribution = joined.offer.distribution
    return Unproven(
        filename=joined.subject.filename,
        sha256=joined.subject.sha256,
        asked_by=str(joined.offer.wanted.place),
        index=distribution.index or distribution.url,
        uploaded=distribution.upload_time or "",
        age=_age(session, distribution.upload_time),
        publishers=tuple(one.identity for one in joined.publishers),
    )


def _age(session: Session, upload_time: str | None) -> str:
    """Return how long ago the index says that a file was uploaded; empty where it says nothing readable."""
    from trued.policy.cooldown import read_upload_time, spelled_age

    uploaded = read_upload_time(upload_time) if upload_time else None
    return spelled_age(session.started - uploaded) if uploaded else ""


def unproven_finding(
    session: Session,
    asked: Asked,
    offer: Offer,
    sha256: str,
    *,
    lines: str,
    publishers: Sequence[Publisher],
) -> Finding:
    """Return the finding for a file that nothing proves: by hash-checking mode when it is on, else by level.

    *lines* is the requirement with all digests of its release. It is shown where a requirements file has a
    place for it; elsewhere the facts are, and what mends all files at once is told at their end.
    """
    wanted = offer.wanted
    if asked.mode.is_on:
        told = f"--fix wrote these lines:\n{lines}" if session.settings.fix and wanted.place.line else lines
        values = {"because": str(asked.mode.because), "remedy": told}
        return Finding(code="TRU165", subject=wanted.text, place=wanted.place, values=values)
    age = _age(session, offer.distribution.upload_time)
    facts = [
        f"sha256 {sha256[:_SHOWN]}...",
        *(f"published by {one.identity}" for one in publishers),
        *([f"{age} old"] if age else []),
        wanted.text if wanted.place.line else str(wanted.place),
    ]
    values = {
        "requirement": wanted.text,
        "asked_by": str(wanted.place),
        "facts": ", ".join(facts),
        "sha256": sha256,
        "lines": lines,
        "remedy": f"--fix {_tense(session)} these lines:\n{lines}" if wanted.place.line else "",
    }
    place = wanted.place if wanted.place.line else None
    return Finding(code="TRU561", subject=offer.distribution.filename, place=place, values=values)


def shortened(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield *findings*, those of many unproven files with a word instead of the lines to paste.

    The lines are then in ``values["lines"]`` alone, for ``--json``; ``--fix`` writes them all the same.
    """
    given = list(findings)
    long = {id(one) for one in given if one.code in ("TRU165", "TRU561") and "\n" in one.values["remedy"]}
    for one in given:
        if len(long) <= _LINES_OF or id(one) not in long:
            yield one
            continue
        lines = one.values.get("lines", one.values["remedy"])
        remedy = "" if one.code == "TRU561" else "`--fix` writes its digests beside it."
        yield replace(one, values={**one.values, "lines": lines, "remedy": remedy})


def _tense(session: Session) -> str:
    return "wrote" if session.settings.fix else "writes"


def first_use_findings(session: Session, judged: Iterable[Judged]) -> list[Finding]:
    """Tell once what mends files that nothing proves, and of a clock that is behind the known files."""
    files = tuple(judged)
    unproven = [one for one in files if _is_unproven(one)]
    findings = list(session.known.clock_findings()) if "known" in session.__dict__ else []
    findings += _other_than_known(session, files)
    if unproven:
        values = {"count": _count(len(unproven)), "ways": _ways(session, unproven)}
        findings.append(Finding(code="TRU781", subject="first use", values=values))
    return findings


def _other_than_known(session: Session, judged: Sequence[Judged]) -> list[Finding]:
    """Tell of admitted files that are known with another digest: the user's pin wins, and that is told.

    It is looked for where the database is open anyway, or where a file was fetched.
    """
    from trued.operations.known import known_path

    fetched = any(not one.from_store for one in judged)
    if not ("known" in session.__dict__ or fetched) or not os.path.exists(known_path(session)):
        return []
    return [finding for one in judged if (finding := _known_otherwise(session, one)) is not None]


def _known_otherwise(session: Session, judged: Judged) -> Finding | None:
    offer, sha256 = judged.offer, judged.digests["sha256"]
    file = offer.distribution
    is_own = judged.direct is not None or (offer.is_direct and file.url.startswith("file:"))
    if not judged.verdict.admitted or is_own:
        return None
    known = session.known.look(file.project, file.filename)
    if known is None or known.sha256 == sha256:
        return None
    return Finding(
        code="TRU783",
        level=Level.WARNING,
        subject=file.filename,
        place=offer.wanted.place,
        values={"got": sha256, "known": known.sha256, "seen": known.first_seen, "run": str(known.run)},
    )


def _is_unproven(judged: Judged) -> bool:
    errors = [one.code for one in judged.verdict.findings if one.level is Level.ERROR]
    return errors == ["TRU561"]


def _count(number: int) -> str:
    return "1 file has" if number == 1 else f"{number} files have"


def _ways(session: Session, unproven: Sequence[Judged]) -> str:
    """Return the commands that would mend it, for a run like this one.

    Digests are written into a requirements file only where it lists everything; else a lock takes them.
    """
    from shlex import quote

    settings = session.settings
    opened = "".join(f" --allow-build {name}" for name in settings.allow_build)
    if session.command == "migrate":
        return f"\n  trued migrate{opened} {FLAG}"
    places = [one.offer.wanted.place for one in unproven]
    files = sorted({place.file for place in places if place.line})
    lists_all = all(place.line for place in places)
    named = sorted({one.offer.wanted.text for one in unproven if _is_argument(one.offer.wanted.place)})
    asked = " ".join([*(f"-r {quote(file)}" for file in files), *map(quote, named)])
    if not asked:  # only what is needed to build lacks a proof
        return (
            f"\n  trued {session.command} ... {FLAG}\n  trued {session.command} ... --build-constraint FILE"
        )
    where = _where(session)
    command = f"trued {session.command} {asked}{opened}{where}"
    if settings.fix and lists_all:
        return f"\n  {command}    (once you looked at the lines that were written)"
    lock = f"trued lock {asked}{opened} && trued {session.command} -r pylock.toml{opened}{where}"
    ways = [f"{command} --fix" if lists_all and files else lock]
    if settings.level is not PolicyLevel.STRICT:
        ways.insert(0, f"{command} {FLAG}")
    return "".join(f"\n  {way}" for way in ways)


def _where(session: Session) -> str:
    """Return the options that say where this run installs, so that the next one does it there."""
    from shlex import quote

    settings = session.settings
    given = [(name, getattr(settings, name)) for name in ("venv", "python", "target", "prefix", "root")]
    said = "".join(f" --{name} {quote(value)}" for name, value in given if value)
    return said + (" --user" if settings.user else "")


def _is_argument(place: Place) -> bool:
    """Tell whether the command line asked, and neither a file nor another project."""
    return not place.line and not place.file.startswith("needed by ")
