"""Bad and rare records, one each: what they mean for a release."""

import pytest

from tests.advisories.making import DEMO, affected, record, verdict
from trued.advisories.matching import (
    Affected,
    How,
    Indeterminate,
    NotAffected,
    Reason,
    fixes,
)

LISTED, IN_RANGE, NO = Affected(How.LISTED), Affected(How.RANGE), NotAffected()


def test_a_listed_version_is_affected() -> None:
    assert verdict("1.0", affected(versions=("1.0",))) == LISTED


@pytest.mark.parametrize("version", ["1.0", "1", "v1.0.0", "1.0.0.0"])
def test_the_list_is_compared_as_versions_are(version: str) -> None:
    assert verdict(version, affected(versions=("1.0",))) == LISTED


def test_a_version_that_only_begins_like_a_listed_one_is_another() -> None:
    assert verdict("1.0.1", affected(versions=("1.0", "1.0.10", "11.0.1"))) == NO


@pytest.mark.parametrize(
    ("version", "expected"), [("0.9", NO), ("1.0", IN_RANGE), ("1.5rc1", IN_RANGE), ("1.5", NO), ("2.0", NO)]
)
def test_a_range_holds_what_is_introduced_and_not_yet_fixed(version: str, expected: Affected) -> None:
    assert verdict(version, affected(events="introduced=1.0 fixed=1.5")) == expected


def test_zero_comes_before_every_version() -> None:
    assert verdict("0.dev0", affected(events="introduced=0 fixed=1")) == IN_RANGE


def test_the_last_affected_version_is_affected_itself() -> None:
    entry = affected(events="introduced=1 last_affected=1.5")

    assert [verdict(v, entry) for v in ("1.5.dev1", "1.5", "1.5.post1")] == [IN_RANGE, IN_RANGE, NO]


def test_a_version_introduced_and_fixed_at_once_is_fixed() -> None:
    assert verdict("1.0", affected(events="fixed=1.0 introduced=1.0")) == NO


def test_a_version_introduced_and_last_affected_at_once_is_affected() -> None:
    assert verdict("1.0", affected(events="last_affected=1.0 introduced=1.0")) == IN_RANGE


def test_the_same_event_twice_is_as_once() -> None:
    assert verdict("1.1", affected(events="introduced=1 introduced=1 fixed=1.1 fixed=1.1")) == NO


def test_events_out_of_order_are_put_in_order() -> None:
    entry = affected(events="fixed=3.2 introduced=3.0 fixed=1.1 introduced=1.0")

    assert [verdict(v, entry) for v in ("1.0", "1.1", "3.1", "3.2")] == [IN_RANGE, NO, IN_RANGE, NO]


def test_below_any_of_several_limits_is_below_the_limits() -> None:
    entry = affected(events="introduced=1.0 limit=2.0 limit=3.0")

    assert [verdict(v, entry) for v in ("1.5", "2.5", "3.0")] == [IN_RANGE, IN_RANGE, NO]


def test_an_infinite_limit_bounds_nothing() -> None:
    assert verdict("9", affected(events="introduced=1.0 limit=* limit=2")) == IN_RANGE


def test_a_range_without_events_holds_nothing_and_decides_nothing() -> None:
    assert verdict("1.0", affected() | {"ranges": [{"type": "ECOSYSTEM", "events": []}]}) == Indeterminate(
        Reason.NOTHING
    )


def test_a_range_without_events_beside_a_list_leaves_the_list_to_decide() -> None:
    entry = affected(versions=("1.0",)) | {"ranges": [{"type": "ECOSYSTEM", "events": []}]}

    assert [verdict("1.0", entry), verdict("1.1", entry)] == [LISTED, NO]


def test_a_record_with_neither_versions_nor_ranges_is_told_as_undecided() -> None:
    """The specification's code would say no; but the record does name the project."""
    assert verdict("1.0", affected()) == Indeterminate(Reason.NOTHING)


def test_a_range_of_commits_is_not_compared_with_versions() -> None:
    entry = affected(versions=("2.0",), events="introduced=0", kind="GIT")

    assert verdict("1.0", entry) == NO


def test_a_range_of_an_unknown_kind_is_undecided() -> None:
    entry = affected(events="introduced=0", kind="MOONPHASE")

    assert verdict("1.0", entry) == Indeterminate(Reason.RANGE_TYPE)


def test_a_withdrawn_record_affects_nothing() -> None:
    assert verdict("1.0", affected(versions=("1.0",)), withdrawn="2026-02-01T00:00:00Z") == NO


def test_another_ecosystem_is_not_ours() -> None:
    assert verdict("1.0", affected(versions=("1.0",), ecosystem="npm")) == NO


@pytest.mark.parametrize("ecosystem", ["PyPI", "pypi", "PYPI", "PyPI:mirror"])
def test_our_ecosystem_is_known_in_any_case(ecosystem: str) -> None:
    assert verdict("1.0", affected(versions=("1.0",), ecosystem=ecosystem)) == LISTED


@pytest.mark.parametrize("name", ["demo", "Demo", "DEMO"])
def test_project_names_are_normalised(name: str) -> None:
    assert verdict("1.0", affected(name, versions=("1.0",))) == LISTED


def test_any_of_several_entries_for_the_project_counts() -> None:
    assert verdict("2.0", affected(versions=("1.0",)), affected(events="introduced=2 fixed=3")) == IN_RANGE


def test_being_affected_beats_being_undecided() -> None:
    assert verdict("1.0", affected(), affected(versions=("1.0",))) == LISTED


# Versions and events that are none by PEP 440


def test_a_release_with_an_old_kind_of_version_is_found_in_a_list_by_its_text() -> None:
    assert verdict("0.7.10p1", affected(versions=("0.7.10p1",))) == LISTED


def test_a_release_with_an_old_kind_of_version_is_undecided_in_a_range() -> None:
    entry = affected(versions=("1.0",), events="introduced=0 fixed=1.1")

    assert verdict("0.7.10p1", entry) == Indeterminate(Reason.VERSION)


def test_a_range_over_everything_holds_every_kind_of_version() -> None:
    assert verdict("0.7.10p1", affected(events="introduced=0")) == IN_RANGE


def test_a_release_with_an_old_kind_of_version_is_not_affected_by_a_list_without_it() -> None:
    assert verdict("0.7.10p1", affected(versions=("0.7.10",))) == NO


def test_a_fix_that_is_no_version_leaves_it_open() -> None:
    """binderhub's PYSEC-2021-371 is so: fixed in 0.2.0-n653."""
    assert verdict("0.1", affected(events="introduced=0 fixed=0.2.0-n653")) == Indeterminate(Reason.EVENT)


def test_an_event_that_is_no_version_does_not_matter_before_the_flaw_came() -> None:
    assert verdict("0.1", affected(events="introduced=1.0 fixed=0.2.0-n653")) == NO


def test_a_start_that_is_no_version_leaves_open_what_is_not_affected_otherwise() -> None:
    entry = affected(events="introduced=0.2.0-n653 introduced=2.0")

    assert [verdict("1.0", entry), verdict("2.0", entry)] == [Indeterminate(Reason.EVENT), IN_RANGE]


def test_a_limit_that_is_no_version_leaves_it_open() -> None:
    assert verdict("1.0", affected(events="introduced=0 limit=n653")) == Indeterminate(Reason.EVENT)


def test_a_text_with_line_breaks_cannot_pass_for_two_entries_of_a_list() -> None:
    """The attack: entries are kept as lines; a version with a break in it must not forge another line."""
    assert verdict("1.0", affected(versions=("x\n#$1!4010\ny", "2.0"))) == NO
    assert verdict("x\n2.0", affected(versions=("x", "2.0"))) == NO


# Local versions


def test_a_local_build_of_an_affected_release_is_told_as_undecided() -> None:
    assert verdict("1.0+cu117", affected(versions=("1.0",))) == Indeterminate(Reason.LOCAL)


def test_a_local_build_within_a_range_is_affected() -> None:
    assert verdict("1.0+cu117", affected(events="introduced=0 fixed=1.1")) == IN_RANGE


def test_a_local_build_of_the_last_affected_release_is_undecided() -> None:
    entry = affected(events="introduced=0 last_affected=1.0")

    assert verdict("1.0+cu117", entry) == Indeterminate(Reason.LOCAL)


def test_a_local_build_of_a_fixed_release_is_not_affected() -> None:
    assert verdict("1.1+cu117", affected(events="introduced=0 fixed=1.1")) == NO


def test_a_record_that_names_local_builds_is_taken_by_its_word() -> None:
    assert verdict("1.0+safe.1", affected(events="introduced=0 fixed=1.0+safe.1")) == NO
    assert verdict("1.0+other", affected(versions=("1.0", "1.0+bad"))) == NO


# Fixes


def test_the_fixes_of_all_ranges_and_entries_are_known() -> None:
    first = affected(events="introduced=0 fixed=1.5 | introduced=2.0 fixed=2.3")
    made = record(first, affected(events="introduced=2.5 fixed=3.0"))

    assert fixes(made, DEMO, "0.1") == ("1.5", "2.3", "3.0")


def test_only_later_versions_fix_a_release() -> None:
    made = record(affected(events="introduced=0 fixed=1.5 | introduced=2.0 fixed=2.3"))

    assert fixes(made, DEMO, "2.1") == ("2.3",)


def test_a_fix_that_the_record_lists_as_affected_is_none() -> None:
    """gevent's PYSEC-2023-177 lists 23.9.0, its own fix."""
    assert fixes(record(affected(versions=("23.9.0",), events="introduced=0 fixed=23.9.0")), DEMO, "22") == ()


def test_a_fix_that_is_no_version_is_not_offered() -> None:
    assert fixes(record(affected(events="introduced=0 fixed=0.2.0-n653")), DEMO, "0.1") == ()


def test_fixes_of_other_projects_are_not_offered() -> None:
    made = record(affected(events="introduced=0"), affected("other", events="introduced=0 fixed=5"))

    assert fixes(made, DEMO, "1.0") == ()
