"""The same answers as the specification gives, over the real database and over made ranges."""

import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.advisories.making import DEMO, affected, document, subject
from tests.advisories.specification import Undecidable, is_vulnerable
from trued.advisories.database import AdvisoryDatabase
from trued.advisories.document import record_of
from trued.advisories.matching import Affected, Indeterminate, Match, NotAffected, Reason, judge

PAIRS = 2000


def expected(document: dict[str, Any], project: str, version: str) -> str:
    try:
        return "affected" if is_vulnerable(document, project, version) else "not affected"
    except Undecidable:
        return "undecided"


def answered(found: dict[str, Match], identifier: str) -> str:
    if identifier not in found:
        return "not affected"
    return "affected" if found[identifier].is_affected else "undecided"


def known_versions(document: dict[str, Any]) -> list[str]:
    entries = document["affected"]
    listed = [version for entry in entries for version in entry.get("versions", ())]
    ranges = [each for entry in entries for each in entry.get("ranges", ()) if each["type"] != "GIT"]
    return [*listed, *(v for each in ranges for event in each["events"] for v in event.values())]


def random_pairs(documents: dict[str, dict[str, Any]]) -> list[tuple[str, str]]:
    """Choose projects, and versions that their advisories name or that lie beside one of these."""
    chance = random.Random(20241010)
    named: dict[str, list[str]] = {}
    for each in documents.values():
        named.setdefault(each["affected"][0]["package"]["name"], []).extend(known_versions(each))
    projects = sorted(project for project, versions in named.items() if versions)
    endings = ("", "", "", "", ".0", ".1", "a1", ".dev0", ".post1", "rc2")
    chosen = [chance.choice(projects) for _ in range(PAIRS)]
    return [(project, chance.choice(named[project]) + chance.choice(endings)) for project in chosen]


def test_random_releases_of_the_real_database_are_judged_as_the_specification_does(
    real: AdvisoryDatabase, real_documents: dict[str, dict[str, Any]]
) -> None:
    by_project: dict[str, list[dict[str, Any]]] = {}
    for each in real_documents.values():
        by_project.setdefault(each["affected"][0]["package"]["name"], []).append(each)
    differing = []
    counts = {"affected": 0, "not affected": 0, "undecided": 0}

    for project, version in random_pairs(real_documents):
        matches = real.audit([subject(project, version)]).matches
        found = {match.record.id: match for match in matches}
        for each in by_project[project]:
            wanted = expected(each, project, version)
            counts[wanted] += 1
            if answered(found, each["id"]) != wanted:
                differing.append((project, version, each["id"], wanted, found.get(each["id"])))

    assert differing == []
    assert min(counts.values()) > 10, counts


def test_the_record_and_the_database_give_one_answer(
    real: AdvisoryDatabase, real_documents: dict[str, dict[str, Any]]
) -> None:
    identifiers = random.Random(1).sample(sorted(real_documents), 60)
    for identifier in identifiers:
        record = record_of(real_documents[identifier])
        for entry in record.affected:
            for version in entry.versions[:2]:
                found = {
                    m.record.id: m.verdict for m in real.audit([subject(entry.project, version)]).matches
                }
                alone = judge(record, entry.project, version)
                assert found.get(identifier, NotAffected()) == alone


VERSIONS = st.sampled_from(
    [
        "0",
        "0.dev1",
        "0.1",
        "1",
        "1.0",
        "1.0.0",
        "1.0a1",
        "1.0rc1.dev2",
        "1.0.dev3",
        "1.0.post1",
        "1.1",
        "1!0.1",
    ]
)
EVENTS = st.lists(
    st.tuples(st.sampled_from(("introduced", "introduced", "fixed", "last_affected", "limit")), VERSIONS).map(
        lambda pair: {pair[0]: pair[1]}
    ),
    max_size=6,
)
RANGES = st.lists(EVENTS.map(lambda events: {"type": "ECOSYSTEM", "events": events}), min_size=1, max_size=3)


@given(ranges=RANGES, listed=st.lists(VERSIONS, min_size=1, max_size=4), version=VERSIONS)
def test_any_ranges_and_lists_are_judged_as_the_specification_does(
    ranges: list[dict[str, Any]], listed: list[str], version: str
) -> None:
    made = document(affected=[affected(versions=tuple(listed)) | {"ranges": ranges}])

    verdict = judge(record_of(made), DEMO, version)

    assert isinstance(verdict, Affected if is_vulnerable(made, "demo", version) else NotAffected)


@given(ranges=RANGES, version=VERSIONS, seed=st.randoms(use_true_random=False))
def test_the_order_in_which_events_are_written_does_not_matter(
    ranges: list[dict[str, Any]], version: str, seed: random.Random
) -> None:
    shuffled = [each | {"events": seed.sample(each["events"], len(each["events"]))} for each in ranges]

    first = judge(record_of(document(affected=[affected() | {"ranges": ranges}])), DEMO, version)
    second = judge(record_of(document(affected=[affected() | {"ranges": shuffled}])), DEMO, version)

    assert first == second


@given(
    ranges=RANGES,
    version=VERSIONS,
    bound=VERSIONS,
    kind=st.sampled_from(("introduced", "fixed", "last_affected")),
)
def test_an_event_that_is_no_version_is_undecided_wherever_its_place_would_decide(
    ranges: list[dict[str, Any]], version: str, bound: str, kind: str
) -> None:
    """Whatever version the event might have meant: where the answer is sure, it is the one with that."""
    meant, unread = (
        [*ranges[:-1], {"type": "ECOSYSTEM", "events": [*ranges[-1]["events"], {kind: text}]}]
        for text in (bound, "0.2.0-n653")
    )

    verdict = judge(record_of(document(affected=[affected() | {"ranges": unread}])), DEMO, version)

    if not isinstance(verdict, Indeterminate):
        wanted = is_vulnerable(document(affected=[affected() | {"ranges": meant}]), "demo", version)
        assert isinstance(verdict, Affected) == wanted


@pytest.mark.parametrize("label", ["+cu117", "+1"])
def test_a_local_version_in_the_real_database_is_at_least_told_where_its_public_one_is_affected(
    real: AdvisoryDatabase, label: str
) -> None:
    public = {m.record.id for m in real.audit([subject("torch", "1.12.0")]).matches}
    local = {m.record.id: m.verdict for m in real.audit([subject("torch", "1.12.0" + label)]).matches}

    assert public
    assert set(local) == public
    assert all(isinstance(v, Affected) or v == Indeterminate(Reason.LOCAL) for v in local.values())


def test_the_real_database_has_the_cases_that_make_it_a_good_one(
    real_documents: dict[str, dict[str, Any]],
) -> None:
    events = [
        [version for event in each["events"] for version in event.values()]
        for document in real_documents.values()
        for entry in document["affected"]
        for each in entry.get("ranges", ())
        if each["type"] == "ECOSYSTEM"
    ]

    assert any(first > second for each in events for first, second in pairwise(each) if second != "0")
    assert any(document.get("withdrawn") for document in real_documents.values())
    assert any("n653" in version for each in events for version in each)
