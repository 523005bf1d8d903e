"""Bisection gives what asking ``packaging`` about each version gives."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.version import Version

from trued.core.names import ProjectName
from trued.requirements.plain_specifier import clauses as plain_clauses
from trued.resolution.listing import Candidate, Listing, positions
from trued.resolution.specifier_positions import plain_positions, positions_of

texts = st.builds(
    lambda epoch, release, pre, post, dev, local: epoch + release + pre + post + dev + local,
    st.sampled_from(["", "", "", "1!"]),
    st.lists(st.sampled_from("0123"), min_size=1, max_size=3).map(".".join),
    st.sampled_from(["", "", "", "a1", "rc1", "rc2"]),
    st.sampled_from(["", "", "", ".post1", ".post2"]),
    st.sampled_from(["", "", "", ".dev1"]),
    st.sampled_from(["", "", "", "+cpu", "+1"]),
)
listed = st.lists(texts.map(Version), unique=True, max_size=40).map(sorted)
clauses = st.builds(
    lambda operator, version, wildcard: operator + version + wildcard,
    st.sampled_from(["<", "<=", ">", ">=", "==", "!=", "~=", "==="]),
    texts,
    st.sampled_from(["", "", ".*"]),
)


@settings(max_examples=500, deadline=None)
@given(versions=listed, text=clauses)
def test_bisection_finds_what_packaging_admits(versions: list[Version], text: str) -> None:
    try:
        clause = Specifier(text)
    except InvalidSpecifier:
        return

    found = [versions[i] for i in positions(positions_of(versions, clause))]

    assert found == list(clause.filter(versions, prereleases=True))


@settings(max_examples=300, deadline=None)
@given(versions=listed, parts=st.lists(clauses, max_size=3))
def test_a_listing_admits_what_all_clauses_admit(versions: list[Version], parts: list[str]) -> None:
    try:
        wanted = SpecifierSet(",".join(parts))
    except InvalidSpecifier:
        return
    listing = Listing(ProjectName("a"), tuple(Candidate(version, ()) for version in versions))

    found = [listing.version(i) for i in positions(listing.matching(str(wanted)))]

    assert found == list(wanted.filter(versions, prereleases=True))


@settings(max_examples=1000, deadline=None)
@given(versions=listed, text=clauses)
def test_a_plain_clause_admits_the_same_without_asking_packaging(versions: list[Version], text: str) -> None:
    for clause in plain_clauses(text) or ():
        found = [versions[i] for i in positions(plain_positions(versions, clause))]

        assert found == list(Specifier(text).filter(versions, prereleases=True))
