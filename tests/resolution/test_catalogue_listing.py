"""Listings from real pages: grouped, judged for a target, each reason kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from packaging.version import Version

from tests.index.network import codes
from tests.index.server import Reply, Server
from tests.resolution.offers import NOW, TARGET, Offers, World, with_rules
from trued.core.errors import OperationalError
from trued.core.finding import Level
from trued.core.names import ProjectName
from trued.policy.candidates import CandidateRules
from trued.policy.cooldown import Cooldown
from trued.policy.exceptions import ExceptionBook, PolicyException
from trued.policy.level import PolicyLevel
from trued.policy.look_alike import KnownNames
from trued.resolution.catalogue import IndexSource
from trued.resolution.listing import Candidate, Exclusion, Listing
from trued.resolution.target import Target

DEMO = ProjectName("demo")


def listed(world: World, rules: CandidateRules | None = None, target: Target = TARGET) -> Listing:
    with world.source(rules=rules or with_rules(), target=target) as source:
        return source.listing(DEMO)


def reasons(listing: Listing) -> dict[str, str]:
    return {
        str(one.version): one.exclusion.reason if one.exclusion is not None else ""
        for one in listing.candidates
    }


def test_files_are_grouped_into_releases_in_rising_order(world: World, offers: Offers) -> None:
    for version in ("1.10", "1.9", "2.0rc1", "1.9.post1"):
        offers.wheel("demo", version)

    assert list(reasons(listed(world))) == ["1.9", "1.9.post1", "1.10", "2.0rc1"]


def test_two_spellings_of_a_version_are_one_release(world: World, offers: Offers) -> None:
    offers.wheel("demo", "1.0")
    offers.sdist("demo", "1.0.0", {})

    (candidate,) = listed(world).candidates

    assert [file.filename for file in candidate.files] == ["demo-1.0-py3-none-any.whl", "demo-1.0.0.tar.gz"]


def test_what_is_no_file_of_the_project_or_no_version_is_left_out(world: World, offers: Offers) -> None:
    offers.wheel("demo", "1.0")
    for name in ("demo-2004d.tar.gz", "other-2.0.tar.gz", "demo-2.0.exe", "demo-3.0.whl", "demo"):
        offers.file("demo", name, b"")

    assert list(reasons(listed(world))) == ["1.0"]


def test_names_with_dashes_and_dots_are_the_projects_when_they_normalise_alike(
    world: World, offers: Offers
) -> None:
    offers.file("zope-demo", "zope.demo-1.0.tar.gz", b"")
    offers.file("zope-demo", "Zope-Demo-1.1.tar.gz", b"")
    offers.file("zope-demo", "zope_demo-1.2-1-py3-none-any.whl", b"")

    with world.source() as source:
        listing = source.listing(ProjectName("zope-demo"))

    assert list(reasons(listing)) == ["1.0", "1.1", "1.2"]


def test_entries_of_the_wrong_type_do_no_harm(world: World, server: Server) -> None:
    """A page is foreign bytes: nulls, numbers and lists may stand where texts should."""
    wrong = '[null, 1, {"filename": 3}, {"filename": "demo-1.0.tar.gz", "requires-python": 3, "yanked": [1]}]'
    body = f'{{"meta": {{"api-version": "1.0"}}, "name": "demo", "files": {wrong}}}'.encode()
    server.routes["/simple/demo/"] = Reply(
        body=body, headers={"Content-Type": "application/vnd.pypi.simple.v1+json"}
    )

    assert reasons(listed(world)) == {"1.0": "yanked"}


def test_a_project_that_no_location_has_is_an_empty_listing(world: World) -> None:
    assert not listed(world).candidates


def test_an_index_that_cannot_be_asked_is_an_error_and_never_an_empty_listing(
    world: World, server: Server
) -> None:
    server.routes["/simple/demo/"] = Reply(status=500)

    with pytest.raises(OperationalError) as caught:
        listed(world)

    assert codes(caught.value) == ["TRU311"]


def test_each_release_keeps_the_reason_that_rules_it_out(world: World, offers: Offers) -> None:
    offers.wheel("demo", "1.0")
    offers.wheel("demo", "2.0", said={"yanked": "broken"})
    offers.wheel("demo", "3.0", said={"requires-python": ">=3.12"})
    offers.wheel("demo", "4.0", tags="cp311-cp311-win_amd64")
    offers.wheel("demo", "5.0", said={"upload-time": "2026-05-10T00:00:00Z"})
    cooling = with_rules(cooldown=Cooldown(min_age=timedelta(days=3)))

    assert reasons(listed(world, cooling)) == {
        "1.0": "",
        "2.0": "yanked",
        "3.0": "requires-python",
        "4.0": "no-wheel",
        "5.0": "min-age",
    }


def test_a_release_may_be_chosen_when_one_of_its_files_may(world: World, offers: Offers) -> None:
    offers.wheel("demo", "1.0", tags="cp39-cp39-win32")
    offers.sdist("demo", "1.0", {})

    assert reasons(listed(world)) == {"1.0": ""}


def test_the_files_of_a_candidate_are_all_that_policy_admits_for_any_target(
    world: World, offers: Offers
) -> None:
    """A file added to an old release after the cut-off would else come in with it."""
    offers.wheel("demo", "1.0")
    offers.wheel("demo", "1.0", tags="cp39-cp39-win32")
    offers.wheel("demo", "1.0", tags="cp311-cp311-linux_x86_64", said={"upload-time": "2026-05-10T00:00:00Z"})
    cooling = with_rules(cooldown=Cooldown(min_age=timedelta(days=3)))

    (candidate,) = listed(world, cooling).candidates

    assert [file.filename for file in candidate.files] == [
        "demo-1.0-py3-none-any.whl",
        "demo-1.0-cp39-cp39-win32.whl",
    ]


def test_a_yanked_release_still_has_its_files_for_the_pin_that_reaches_it(
    world: World, offers: Offers
) -> None:
    offers.wheel("demo", "1.0", said={"yanked": "broken"})

    (candidate,) = listed(world).candidates

    assert [file.yanked for file in candidate.files] == ["broken"]


def test_a_pinned_version_is_no_longer_ruled_out_for_being_yanked(world: World, offers: Offers) -> None:
    offers.wheel("demo", "1.0", said={"yanked": ""})
    pinned = with_rules(pinned={DEMO: frozenset({Version("1")})})

    assert reasons(listed(world, pinned)) == {"1.0": ""}


def test_files_on_which_the_page_contradicts_itself_are_left_out(world: World, offers: Offers) -> None:
    """Two digests for one name: an index that says both vouches for neither."""
    offers.wheel("demo", "1.0")
    offers.wheel("demo", "1.0", said={"hashes": {"sha256": "0" * 64}})

    (candidate,) = listed(world).candidates

    assert candidate.files == ()


def test_a_quarantined_project_is_refused_whole(world: World, offers: Offers) -> None:
    offers.status = {"status": "quarantined", "reason": "malware"}
    offers.wheel("demo", "1.0")

    (candidate,) = listed(world).candidates

    assert candidate.exclusion is not None
    assert candidate.exclusion.reason == "quarantined"
    assert candidate.exclusion.text.endswith(": malware")


def test_an_exception_reaches_a_quarantined_project(world: World, offers: Offers) -> None:
    offers.status = {"status": "quarantined"}
    offers.wheel("demo", "1.0")
    book = ExceptionBook(
        [PolicyException(project=DEMO, rule="quarantined", reason="we wrote it")], today=date(2026, 5, 10)
    )

    with world.source(rules=with_rules(exceptions=book)) as source:
        assert reasons(source.listing(DEMO)) == {"1.0": ""}
        assert [finding.level for finding in source.findings([DEMO])] == [Level.WARNING]


@pytest.mark.parametrize("status", ["archived", "deprecated"])
def test_an_archived_or_deprecated_project_is_told_and_may_be_chosen(
    world: World, offers: Offers, status: str
) -> None:
    offers.status = {"status": status}
    offers.wheel("demo", "1.0")

    with world.source() as source:
        assert reasons(source.listing(DEMO)) == {"1.0": ""}
        assert [finding.code for finding in source.findings([DEMO])] == ["TRU348"]


def look_alike_source(world: World, offers: Offers, level: PolicyLevel, uploaded: datetime) -> IndexSource:
    offers.wheel("demoo", "1.0", said={"upload-time": uploaded.isoformat()})
    with world.catalogue() as catalogue:
        return IndexSource(
            catalogue, target=TARGET, rules=with_rules(level=level), known_names=KnownNames([DEMO])
        )


def test_a_young_look_alike_is_refused_in_strict(world: World, offers: Offers) -> None:
    source = look_alike_source(world, offers, PolicyLevel.STRICT, NOW - timedelta(days=2))

    (candidate,) = source.listing(ProjectName("demoo")).candidates

    assert candidate.exclusion == Exclusion(
        "look-alike", "its name is one edit away from demo, and it is 2 days old"
    )
    assert [finding.level for finding in source.findings([ProjectName("demoo")])] == [Level.ERROR]


def test_a_young_look_alike_is_told_in_standard_and_an_old_one_is_not(world: World, offers: Offers) -> None:
    young = look_alike_source(world, offers, PolicyLevel.STANDARD, NOW - timedelta(days=2))
    assert reasons(young.listing(ProjectName("demoo"))) == {"1.0": ""}
    assert [finding.level for finding in young.findings([ProjectName("demoo")])] == [Level.WARNING]


def test_a_look_alike_that_has_stood_is_not_told(world: World, offers: Offers) -> None:
    old = look_alike_source(world, offers, PolicyLevel.STRICT, datetime(2020, 1, 1, tzinfo=UTC))

    assert reasons(old.listing(ProjectName("demoo"))) == {"1.0": ""}
    assert old.findings([ProjectName("demoo")]) == ()


def test_advice_adds_reasons_of_its_own_to_releases(world: World, offers: Offers) -> None:
    offers.wheel("demo", "1.0")
    offers.wheel("demo", "2.0")
    told = Exclusion("advisory", "PYSEC-2026-1: lets everybody in")

    def advice(project: ProjectName, candidates: Sequence[Candidate]) -> dict[Version, Exclusion]:
        return {candidates[-1].version: told}

    with world.catalogue() as catalogue:
        source = IndexSource(catalogue, target=TARGET, rules=with_rules(), advice=advice)
        listing = source.listing(DEMO)

    assert [candidate.exclusion for candidate in listing.candidates] == [None, told]
