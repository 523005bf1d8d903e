"""The page's first lines: the one sentence, and the counts that it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.finding import Level
from trued.core.record import dataclass
from trued.report.formats.advisory import counted, severity_word, told
from trued.report.html.dates import age_text, day
from trued.report.html.proof_words import NO_PROOF, PROOFS, strongest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from trued.report.html.proof_words import ProofWords
    from trued.report.html.subject import PageSubject

__all__ = ["Share", "Tally", "Tile", "tally"]

_BAR = 1000
"""The width of the bar of proofs, in units of its drawing."""
_LEVELS = ("critical", "high", "unknown", "medium", "low")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One count: its label, the figure, what it means; ``state`` is good, bad, open or plain."""

    label: str
    figure: str
    note: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many packages have one kind of proof as their strongest, and its part of the bar."""

    words: ProofWords
    count: int
    x: int
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """``verdict`` is the state of the whole, ``sentence`` says it, ``reasons`` say why."""

    verdict: str
    sentence: str
    reasons: tuple[str, ...]
    tiles: tuple[Tile, ...]
    shares: tuple[Share, ...]


def tally(subject: PageSubject) -> Tally:
    """Return the counts of *subject*. What was not looked at is never told as in order."""
    tiles = tuple(
        tile
        for tile in (
            _packages(subject), _proven(subject), _advisories(subject), _files(subject), _exceptions(subject),
        )
        if tile is not None
    )  # fmt: skip
    reasons = tuple(_reasons(subject))
    is_open = any(tile.state == "open" for tile in tiles)
    if not subject.inventory.components:
        verdict, sentence = "open", "There is nothing here to tell of"
    elif reasons:
        verdict, sentence = "bad", "Something needs your attention"
    elif is_open:
        verdict, sentence = "open", "What was looked at is in order"
    else:
        verdict, sentence = "good", "All is as it was proven"
    return Tally(
        verdict=verdict, sentence=sentence, reasons=reasons, tiles=tiles, shares=tuple(_shares(subject))
    )


def _unproven(subject: PageSubject) -> int:
    return sum(strongest(one) is NO_PROOF for one in subject.inventory.components)


def _reasons(subject: PageSubject) -> Iterator[str]:
    outcome = subject.advisories.outcome
    if outcome is not None and outcome.hits:
        affected = len(outcome.affected)
        are = "is" if affected == 1 else "are"
        flaws = counted(len(told(outcome.hits)), "advisory")
        yield f"{counted(affected, 'package')} {are} affected by {flaws}"
    if count := _unproven(subject):
        yield f"{counted(count, 'package')} without proof"
    errors = [
        one for one in (subject.comparison.findings if subject.comparison else ()) if _is_error(one.level)
    ]
    if errors:
        yield f"{counted(len(errors), 'fault')} found on disk"
    refused = [one for one in subject.judged if _is_error(one.level)]
    if refused:
        yield f"{counted(len(refused), 'finding')} against the policy"
    if ended := sum(_has_ended(until, subject) for until in _ends(subject)):
        yield f"{counted(ended, 'exception')} past the end"


def _is_error(level: Level) -> bool:
    return level is Level.ERROR


def _ends(subject: PageSubject) -> list[date | None]:
    """Return the last day of each exception and of each rule that sets an advisory aside."""
    return [*(one.until for one in subject.exceptions), *(one.until for one in subject.ignored)]


def _has_ended(until: date | None, subject: PageSubject) -> bool:
    return until is not None and str(until) < day(subject.inventory.made)


def _packages(subject: PageSubject) -> Tile:
    count = len(subject.inventory.components)
    asked = len(subject.inventory.roots)
    word = "asked for" if subject.inventory.is_lock else "needed by no other"
    return Tile(
        label="Packages",
        figure=f"{count:,}",
        note=f"{asked:,} of them {word}" if count else "nothing is here",
        state="plain",
    )


def _proven(subject: PageSubject) -> Tile:
    count = len(subject.inventory.components)
    without = _unproven(subject)
    note = f"{without:,} without proof" if without else "every one with proof" if count else "none to prove"
    state = "bad" if without else "good" if count else "plain"
    return Tile(label="Proven", figure=f"{count - without:,} of {count:,}", note=note, state=state)


def _advisories(subject: PageSubject) -> Tile:
    outcome = subject.advisories.outcome
    if outcome is None:
        return Tile(label="Advisories", figure="Not looked up", note="see below for the reason", state="open")
    age = f"data of {day(outcome.source.as_of)}, {age_text(outcome.source.as_of, subject.inventory.made)} old"
    found = told(outcome.hits)
    if not found:
        lack = subject.advisories.lack
        note = f"{lack or 'none that counts'}; {age}" if outcome.packages or lack else "nothing to look up"
        state = "open" if lack else "good" if outcome.packages else "plain"
        return Tile(label="Advisories", figure="0", note=note, state=state)
    levels = [severity_word(one.hit) for one in found]
    spread = ", ".join(f"{levels.count(level)} {level}" for level in _LEVELS if level in levels)
    return Tile(label="Advisories", figure=f"{len(found):,}", note=f"{spread}; {age}", state="bad")


def _files(subject: PageSubject) -> Tile | None:
    if subject.inventory.is_lock:
        return None
    compared = subject.comparison
    if compared is None:
        return Tile(
            label="Files on disk", figure="Not compared", note="folders were named by --path", state="open"
        )
    faults = sum(_is_error(one.level) for one in compared.findings)
    note = f"{counted(compared.proven, 'package')} compared with the proven wheel"
    if faults:
        return Tile(label="Files on disk", figure=counted(faults, "fault"), note=note, state="bad")
    state = "good" if compared.files else "plain"
    return Tile(label="Files on disk", figure=f"{compared.files:,}", note=note, state=state)


def _exceptions(subject: PageSubject) -> Tile:
    every = _ends(subject)
    ended = sum(_has_ended(until, subject) for until in every)
    ends = sorted(str(until) for until in every if until is not None and not _has_ended(until, subject))
    if ended:
        return Tile(label="Exceptions", figure=f"{len(every):,}", note=f"{ended:,} past the end", state="bad")
    note = f"the next ends {ends[0]}" if ends else "no end is set" if every else "from no rule"
    return Tile(label="Exceptions", figure=f"{len(every):,}", note=note, state="plain")


def _shares(subject: PageSubject) -> Iterator[Share]:
    """Yield the parts of the bar that are not empty; together they are as wide as the bar."""
    kinds = [strongest(one) for one in subject.inventory.components]
    done = 0
    for words in (*PROOFS, NO_PROOF):
        count = kinds.count(words)
        if count:
            x = round(_BAR * done / len(kinds))
            done += count
            yield Share(words=words, count=count, x=x, width=round(_BAR * done / len(kinds)) - x)
