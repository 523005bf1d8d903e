"""A proof read as facts loses nothing: the facts still clash, and fewer of them still do."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.resolution.catalogue import Catalogue, Universe
from tests.resolution.test_oracle import TARGET, rich_roots, rich_universes
from tests.resolution.test_scenarios import lines
from trued.core.finding import Place
from trued.core.names import ProjectName
from trued.resolution.admission import Admission, Admitted
from trued.resolution.clash import Clashes
from trued.resolution.dependency import DependencyReader
from trued.resolution.engine import Impossible, search
from trued.resolution.fact import Asked, Excluded, Fact, Forbidden, Needs
from trued.resolution.listing import Exclusion
from trued.resolution.package import Package
from trued.resolution.proof import facts_of
from trued.resolution.provider import Demand, PackageProvider, Root

A, B = Package(ProjectName("a")), Package(ProjectName("b"))
ROOT = Root("a", Place("requirements.txt", 1))
OUT = Exclusion("too-young", "uploaded today")


def domain(project: ProjectName) -> int:
    return 0b111


def failure(
    universe: Universe, wanted: list[str], limits: list[str], out: set[str]
) -> tuple[list[Fact], Clashes] | None:
    """Return the facts of a search that found nothing, and what judges them."""
    excluded = {(project, version): OUT for project in universe for version in out}
    reader = DependencyReader(TARGET)
    demands, constraints = (
        [Demand(root, reader.parse(root.text)) for root in lines(file, texts)]
        for file, texts in (("requirements.txt", wanted), ("constraints.txt", limits))
    )
    provider = PackageProvider(
        Catalogue(universe, excluded=excluded), reader, Admission(Admitted(everything=True)), constraints
    )
    try:
        search(provider, demands, decisions=10_000)
    except Impossible as impossible:
        clashes = Clashes(lambda project: provider.listing(project).all_bits)
        return facts_of(impossible.proof, provider), clashes
    return None


@settings(max_examples=400, deadline=None)
@given(
    universe=rich_universes,
    wanted=rich_roots,
    limits=st.lists(st.sampled_from(["a<2", "b>=2", "c!=1"]), max_size=2),
    out=st.sets(st.sampled_from(["1", "2", "3"]), max_size=1),
)
def test_the_facts_of_every_proof_clash(
    universe: Universe, wanted: list[str], limits: list[str], out: set[str]
) -> None:
    if (failed := failure(universe, wanted, limits, out)) is not None:
        facts, clashes = failed
        assert clashes.clash(facts)
        assert clashes.clash(clashes.minimal(clashes.simplified(facts)))


def test_a_root_without_a_version_left_clashes() -> None:
    facts: list[Fact] = [Asked(A, 0b110, ROOT), Excluded(A, 0b110, OUT)]

    assert Clashes(domain).clash(facts)


def test_a_root_with_a_version_left_does_not() -> None:
    facts: list[Fact] = [Asked(A, 0b110, ROOT), Forbidden(A, 0b010, ROOT)]

    assert not Clashes(domain).clash(facts)


def test_needs_of_releases_that_are_out_do_not_count() -> None:
    facts: list[Fact] = [Asked(A, 0b111, ROOT), Needs(A, 0b011, B, 0), Excluded(A, 0b010, OUT)]

    assert not Clashes(domain).clash(facts)


def test_each_release_may_clash_for_a_reason_of_its_own() -> None:
    facts: list[Fact] = [Asked(A, 0b011, ROOT), Needs(A, 0b001, B, 0b100), Needs(A, 0b010, B, 0)]
    facts.append(Excluded(B, 0b100, OUT))

    assert Clashes(domain).clash(facts)


def test_facts_that_a_clash_does_not_need_are_left_out() -> None:
    needed: list[Fact] = [Asked(A, 0b001, ROOT), Excluded(A, 0b001, OUT)]

    assert Clashes(domain).minimal([*needed, Needs(A, 0b001, B, 0b001), Excluded(B, 0b010, OUT)]) == needed


def test_needs_of_one_project_are_joined_where_the_union_still_clashes() -> None:
    facts: list[Fact] = [Asked(A, 0b011, ROOT), Needs(A, 0b001, B, 0b001), Needs(A, 0b010, B, 0b010)]
    facts.append(Excluded(B, 0b011, OUT))

    assert Needs(A, 0b011, B, 0b011) in Clashes(domain).simplified(facts)


def test_needs_are_kept_apart_where_only_each_for_itself_clashes() -> None:
    facts: list[Fact] = [Asked(A, 0b011, ROOT), Needs(A, 0b001, A, 0b010), Needs(A, 0b010, A, 0b001)]

    assert len(Clashes(domain).simplified(facts)) == 3


def test_without_effort_left_facts_are_taken_to_fit() -> None:
    facts: list[Fact] = [Asked(A, 0b001, ROOT), Needs(A, 0b001, B, 0)]

    assert not Clashes(domain, effort=0).clash(facts)
