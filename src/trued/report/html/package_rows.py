"""The table of packages: one row each, with what stands behind the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.record import dataclass
from trued.report.formats.advisory import severity_word, told
from trued.report.formats.quoting import limited, one_line, web_address
from trued.report.html.dates import age_text, day
from trued.report.html.proof_words import NO_PROOF, PROOFS, strongest
from trued.report.inventory import LicenseField, SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trued.report.html.proof_words import ProofWords
    from trued.report.html.subject import PageSubject
    from trued.report.inventory import Component, ProofFact

__all__ = ["Fact", "Package", "packages"]

_RANK = {words.key: number for number, words in enumerate((*PROOFS, NO_PROOF))}
_SEVERITIES = ("critical", "high", "unknown", "medium", "low")
_MOST_TEXT = 300
_MOST_DIGESTS = 12
_SOURCES = {
    SourceKind.INDEX: "an index",
    SourceKind.ARCHIVE: "a file at an address of its own",
    SourceKind.VCS: "a repository",
    SourceKind.DIRECTORY: "a folder",
    SourceKind.EDITABLE: "a folder, editable: its code can change at any time",
    SourceKind.UNKNOWN: "not known: another tool installed it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One line of a package's details; ``link`` where there is one, ``is_code`` for digests and paths."""

    label: str
    text: str
    link: str = ""
    is_code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One row. ``worst`` is the severity of its worst advisory, or empty; the ``…_order`` are for sorting."""

    key: str
    anchor: str
    name: str
    version: str
    summary: str
    proof: ProofWords
    also: tuple[str, ...]
    proof_order: int
    publisher: str
    pipeline: str
    since: str
    age: str
    license: str
    worst: str
    advisories: int
    severity_order: int
    digest: str
    facts: tuple[Fact, ...]
    needs: tuple[tuple[str, str], ...]
    needed_by: tuple[tuple[str, str], ...]


def packages(subject: PageSubject) -> tuple[Package, ...]:
    """Return the rows, in the order of the inventory."""
    every = subject.inventory.components
    anchors = {one.key: f"p{number}" for number, one in enumerate(every)}
    names = {one.key: one.name for one in every}
    above: dict[str, list[str]] = {one.key: [] for one in every}
    for one in every:
        for key in one.needs:
            above[key].append(one.key)
    severities = _severities(subject)
    return tuple(
        _row(
            one,
            subject,
            severities.get((one.project, one.version), []),
            anchor=anchors[one.key],
            needs=tuple((anchors[key], names[key]) for key in one.needs),
            needed_by=tuple((anchors[key], names[key]) for key in above[one.key]),
        )
        for one in every
    )


def _severities(subject: PageSubject) -> Mapping[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for each in told(subject.advisories.outcome.hits) if subject.advisories.outcome else ():
        package = each.hit.package
        found.setdefault((package.project, package.version), []).append(severity_word(each.hit))
    return found


def _row(
    one: Component,
    subject: PageSubject,
    severities: list[str],
    *,
    anchor: str,
    needs: tuple[tuple[str, str], ...],
    needed_by: tuple[tuple[str, str], ...],
) -> Package:
    proof = strongest(one)
    since, word = _since(one)
    worst = min(severities, key=_SEVERITIES.index, default="")
    kinds = {fact.kind for fact in one.proofs}
    publishers = [_publisher(identity) for identity in one.suppliers]
    return Package(
        key=one.key,
        anchor=anchor,
        name=one.name,
        version=one.version,
        summary=limited(one_line(one.summary), _MOST_TEXT),
        proof=proof,
        also=tuple(words.name for words in PROOFS if words.key in kinds and words is not proof),
        proof_order=_RANK[proof.key],
        publisher=", ".join(who for who, _ in publishers),
        pipeline=", ".join(dict.fromkeys(how for _, how in publishers if how)),
        since=day(since),
        age=word.format(age_text(since, subject.inventory.made)),
        license=_license(one),
        worst=worst,
        advisories=len(severities),
        severity_order=_SEVERITIES.index(worst) if worst else len(_SEVERITIES),
        digest=one.digests[0].value if one.digests else "",
        facts=tuple(_facts(one)),
        needs=needs,
        needed_by=needed_by,
    )


def _publisher(identity: str) -> tuple[str, str]:
    """Return a publisher as people say it: the repository, and the host with the file that makes releases."""
    from trued.proof.publisher import KINDS, Publisher, UnknownPublisher

    try:
        read = Publisher.from_line(identity)
    except UnknownPublisher:
        return identity, ""
    who = read.repository or read.email or read.project_id
    how = ", ".join(filter(None, (KINDS[read.kind], read.workflow)))
    return (who, how) if who else (identity, "")


def _since(one: Component) -> tuple[str, str]:
    """Return the earliest time that is known, and how it is told: an upload before an install."""
    uploaded = sorted(archive.uploaded for archive in one.archives if archive.uploaded)
    if uploaded:
        return uploaded[0], "uploaded {} ago"
    if one.known_since and one.known_since < (one.installed or "9"):
        return one.known_since, "known for {}"
    return (one.installed, "installed {} ago") if one.installed else ("", "")


def _license(one: Component) -> str:
    stated = one.license
    if stated.field is LicenseField.CLASSIFIERS:
        return ", ".join(value.rpartition(" :: ")[2] for value in stated.values)
    first = stated.values[0] if stated.values else ""
    return limited(one_line(first.strip().partition("\n")[0]), 60)


def _facts(one: Component) -> Iterator[Fact]:
    yield from _file_facts(one)
    for proof in one.proofs:
        yield _proof_fact(proof)
    yield from _source_facts(one)
    yield from _history_facts(one)
    yield from _stated_facts(one)


def _file_facts(one: Component) -> Iterator[Fact]:
    for archive in one.archives[:_MOST_DIGESTS]:
        if archive.filename:
            yield Fact(label="File", text=archive.filename, is_code=True)
        for digest in archive.digests:
            yield Fact(label="Digest", text=str(digest), is_code=True)
    if len(one.archives) > _MOST_DIGESTS:
        yield Fact(label="Files", text=f"and {len(one.archives) - _MOST_DIGESTS} more that the lock admits")
    if one.unproven:
        yield Fact(label="No digest", text=one.unproven)


def _history_facts(one: Component) -> Iterator[Fact]:
    for uploaded in sorted({archive.uploaded for archive in one.archives if archive.uploaded})[:1]:
        yield Fact(label="Uploaded", text=f"{uploaded}, as the index says")
    if one.installer:
        yield Fact(label="Installed by", text=one.installer)
    if one.installed:
        yield Fact(label="Installed", text=one.installed)
    if one.known_since:
        yield Fact(label="First seen", text=one.known_since)


def _stated_facts(one: Component) -> Iterator[Fact]:
    """Yield what METADATA says: the word of the package itself."""
    if one.license.values:
        words = limited(one_line(" ".join(one.license.values)), _MOST_TEXT)
        yield Fact(label="Licence", text=f"{words} (by the field {one.license.field.value})")
    authors = ", ".join(person.name or person.email for person in one.authors)
    if authors:
        yield Fact(label="Authors", text=f"{limited(one_line(authors), _MOST_TEXT)} (as METADATA says)")
    for label, url in one.links[:6]:
        if web_address(url):
            yield Fact(label=limited(one_line(label), 40), text=url, link=web_address(url))


def _proof_fact(proof: ProofFact) -> Fact:
    name = next((words.name for words in PROOFS if words.key == proof.kind), proof.kind)
    when = f", on {day(proof.time)}" if day(proof.time) else ""
    who, how = _publisher(proof.authority)
    by = (f"{who} ({how})" if how else who) or "no name is given"
    return Fact(label="Proof", text=f"{name}: {by}{when}")


def _source_facts(one: Component) -> Iterator[Fact]:
    source = one.source
    yield Fact(label="From", text=_SOURCES[source.kind])
    address = source.address or source.index
    if address:
        shown = f"{address}@{source.commit}" if source.commit else address
        yield Fact(label="Address", text=shown, link=web_address(address), is_code=True)
