"""The findings on the page: advisories one by one, other findings by their code, and the exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.finding import Level
from trued.core.record import dataclass
from trued.report.formats.advisory import (
    action,
    advisory_address,
    pulled_in_by,
    severity_word,
    skipped_text,
    title,
    told,
    why_aside,
)
from trued.report.formats.quoting import one_line
from trued.report.html.dates import days_until
from trued.report.page import sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from trued.core.finding import Finding
    from trued.report.html.subject import PageSubject

__all__ = ["Advisory", "Aside", "Exempt", "Group", "advisories", "asides", "exempts", "groups", "left_out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """One flaw of one release."""

    severity: str
    is_malware: bool
    is_certain: bool
    id: str
    link: str
    others: tuple[str, ...]
    package: str
    project: str
    version: str
    title: str
    action: str
    through: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """An advisory that does not count, and why."""

    id: str
    link: str
    package: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Findings of one code: what it is called, what was said of each subject, what mends it."""

    code: str
    level: str
    title: str
    messages: tuple[str, ...]
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exempt:
    """One exception: of what from which rule, why, and until when; ``state`` is good, bad, open."""

    about: str
    rule: str
    reason: str
    until: str
    state: str
    words: str


def advisories(subject: PageSubject) -> Iterator[Advisory]:
    """Yield what counts, the worst first."""
    outcome = subject.advisories.outcome
    for each in told(outcome.hits) if outcome else ():
        hit = each.hit
        yield Advisory(
            severity=severity_word(hit),
            is_malware=hit.is_malware,
            is_certain=hit.match.is_affected,
            id=hit.id,
            link=advisory_address(hit.id),
            others=each.names,
            package=f"{hit.package.project} {hit.package.version}",
            project=hit.package.project,
            version=hit.package.version,
            title=title(hit.match.record),
            action=action(hit),
            through=pulled_in_by(hit.package),
        )


def asides(subject: PageSubject) -> Iterator[Aside]:
    """Yield the advisories that rules or documents set aside."""
    outcome = subject.advisories.outcome
    for each in outcome.aside if outcome else ():
        package = f"{each.hit.package.project} {each.hit.package.version}"
        yield Aside(id=each.hit.id, link=advisory_address(each.hit.id), package=package, why=why_aside(each))


def left_out(subject: PageSubject) -> Iterator[str]:
    """Yield what was not looked up, and why: never to be read as clean."""
    outcome = subject.advisories.outcome
    for one in outcome.skipped if outcome else ():
        yield f"{one_line(one.name)} {one_line(one.version)}".strip() + f": {skipped_text(one)}"
    for record in outcome.unreadable if outcome else ():
        yield f"the advisory {one_line(record.record)} cannot be read"


def groups(subject: PageSubject) -> tuple[Group, ...]:
    """Return the findings about files, policy and documents inside packages, errors first."""
    compared = subject.comparison.findings if subject.comparison else ()
    audit = subject.advisories.outcome.findings if subject.advisories.outcome else ()
    every = [*compared, *subject.judged, *audit, *subject.inventory.findings]
    shown = [one for one in every if one.level is not Level.NOTE]
    return tuple(sorted(_grouped(shown), key=lambda group: (group.level != "error", group.code)))


def _grouped(findings: Iterable[Finding]) -> Iterator[Group]:
    by_code: dict[tuple[str, Level], list[Finding]] = {}
    for one in findings:
        by_code.setdefault((one.code, one.level), []).append(one)
    for (code, level), some in by_code.items():
        said = sentences(some)
        messages = tuple(dict.fromkeys(each.message for each in said))
        yield Group(code=code, level=level.value, title=said[0].title, messages=messages, mend=said[0].mend)


def exempts(subject: PageSubject) -> tuple[Exempt, ...]:
    """Return the exceptions and the rules that set advisories aside, by their end."""
    rows = [
        (one.until, _exempt(f"{one.project} {one.version}".strip(), one.rule, one.reason, one.until, subject))
        for one in subject.exceptions
    ]
    rows += [
        (one.until, _exempt(one.identifier, "advisory", one.reason, one.until, subject))
        for one in subject.ignored
    ]
    rows.sort(key=lambda row: (row[0] is None, str(row[0]), row[1].about))
    return tuple(row for _, row in rows)


def _exempt(about: str, rule: str, reason: str, until: date | None, subject: PageSubject) -> Exempt:
    if until is None:
        state, words = "open", "has no end"
    else:
        left = days_until(until, subject.inventory.made)
        state = "bad" if left < 0 else "good"
        if left < 0:
            words = f"ended {-left} day{'' if left == -1 else 's'} ago"
        else:
            words = "ends today" if left == 0 else f"ends in {left} day{'' if left == 1 else 's'}"
    return Exempt(
        about=about,
        rule=rule,
        reason=reason or "no reason is given",
        until=until.isoformat() if until else "",
        state=state,
        words=words,
    )
