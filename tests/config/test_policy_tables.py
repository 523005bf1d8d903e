"""Exceptions and the ages of single projects and indexes, as trued's files state them."""

from datetime import date, timedelta

import pytest

from tests.config.world import World, codes
from trued.config.listing import debug_rows, setting_rows

EXCEPTION = """
[[exception]]
project = "A_b"
rule = "yanked"
reason = "until the migration"
until = 2026-12-31
"""
AGES = """
[min-age-for]
"Ours_*" = "0d"

[min-age-for-index]
"https://me:secret@packages.example.org/simple" = "12h"
"""


def test_an_exception_names_project_rule_reason_and_last_day(world: World) -> None:
    path = world.user(EXCEPTION)

    (read,) = world.install().settings.exceptions

    assert (read.project, read.rule, read.reason) == ("a-b", "yanked", "until the migration")
    assert read.until == date(2026, 12, 31)
    assert str(read.place) == f"{path}:2"


def test_ages_are_read_for_beginnings_of_names_and_for_indexes(world: World) -> None:
    world.user(AGES)

    read = {one.key: one.age for one in world.install().settings.min_ages}

    assert list(read.values()) == [timedelta(0), timedelta(hours=12)]
    assert "ours-*" in read


@pytest.mark.parametrize("text", [EXCEPTION, AGES])
def test_a_projects_file_cannot_state_them(world: World, text: str) -> None:
    world.project_file(text)

    parsed = world.install()

    assert set(codes(parsed.findings)) == {"TRU603"}
    assert (parsed.settings.exceptions, parsed.settings.min_ages) == ((), ())
    assert "secret" not in str(parsed.findings)


@pytest.mark.parametrize(
    "text",
    [
        "exception = 1",
        "exception = [1]",
        *(EXCEPTION.replace(line, "") for line in EXCEPTION.splitlines(keepends=True)[2:]),
        EXCEPTION.replace("yanked", "hashes"),
        EXCEPTION.replace("A_b", "no name"),
        EXCEPTION.replace("2026-12-31", "'soon'"),
        EXCEPTION + "why = 'x'",
        "min-age-for = 1",
        "[min-age-for]\n'*' = '1d'",
        "[min-age-for]\na = 'old'",
        "[min-age-for-index]\n'https://a.example.org' = 3",
        "[min-age-for-index]\ninternal = '3d'",
    ],
)
def test_a_table_that_is_not_well_formed_stops_the_run(world: World, text: str) -> None:
    world.user(text)

    assert codes(world.refused("install", "-r", "requirements.txt")) == ["TRU616"]


def test_they_are_listed_with_their_place_and_without_credentials(world: World) -> None:
    path = world.user(EXCEPTION + AGES)

    listed = setting_rows(world.install().settings)
    debugged = [row for source in debug_rows(world.environ, str(world.project)) for row in source.rows]

    keys = [
        "exception.a-b.yanked",
        "min-age-for-index.https://****@packages.example.org/simple",
        "min-age-for.ours-*",
    ]
    assert [row.key for row in listed if row.key != "requirement"] == keys
    assert sorted(row.key for row in debugged) == keys
    assert all(str(path) in row.origin for row in debugged)
