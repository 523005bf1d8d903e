"""How old a file must be, and how ages and upload times are read and told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from trued.core.names import ProjectName
from trued.policy.cooldown import Cooldown, read_upload_time, spelled_age

DAY = timedelta(days=1)
INDEX = "https://example.org/simple/"


def age_for(cooldown: Cooldown, project: str = "demo", index: str = INDEX) -> timedelta:
    return cooldown.age_for(ProjectName(project), index)


def test_the_general_age_holds_where_nothing_else_is_said() -> None:
    assert age_for(Cooldown(min_age=3 * DAY)) == 3 * DAY


def test_an_index_of_its_own_age_beats_the_general_one() -> None:
    assert age_for(Cooldown(min_age=3 * DAY, by_index={INDEX: timedelta(0)})) == timedelta(0)


def test_a_project_of_its_own_age_beats_the_index() -> None:
    cooldown = Cooldown(by_index={INDEX: timedelta(0)}, by_project={"demo": 7 * DAY})

    assert age_for(cooldown) == 7 * DAY
    assert age_for(cooldown, "other") == timedelta(0)


def test_the_longest_pattern_decides_and_a_whole_name_beats_it() -> None:
    cooldown = Cooldown(by_project={"acme-*": DAY, "acme-web-*": 2 * DAY, "acme-web-x": 3 * DAY})

    assert age_for(cooldown, "acme-core") == DAY
    assert age_for(cooldown, "acme-web-y") == 2 * DAY
    assert age_for(cooldown, "acme-web-x") == 3 * DAY


def test_upload_times_are_read_with_their_zone_and_as_utc_without_one() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    assert read_upload_time("2026-01-02T03:04:05Z") == moment
    assert read_upload_time("2026-01-02T03:04:05") == moment
    assert read_upload_time("2026-01-02T05:04:05+02:00") == moment


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00Z"])
def test_what_is_no_time_states_none(text: str) -> None:
    assert read_upload_time(text) is None


@pytest.mark.parametrize(
    ("age", "told"),
    [
        (timedelta(days=3, hours=5), "3 days"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=5), "5 hours"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(seconds=2), "less than a minute"),
        (timedelta(days=-1), "less than a minute"),
    ],
)
def test_ages_are_told_in_their_largest_unit(age: timedelta, told: str) -> None:
    assert spelled_age(age) == told
