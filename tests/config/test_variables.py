"""TRUED_* and PIP_* variables, with pip's meaning where pip has one."""

import pytest

from tests.config.world import World, codes
from trued.core.finding import Level


@pytest.mark.parametrize("text", ["1", "true", "YES", "on", "t", "y"])
def test_words_for_true(world: World, text: str) -> None:
    world.environ["TRUED_NO_DEPS"] = text

    assert world.install().settings.no_deps


@pytest.mark.parametrize("text", ["0", "false", "No", "off", "f", "n"])
def test_words_for_false(world: World, text: str) -> None:
    world.environ["PIP_REQUIRE_HASHES"] = text

    assert not world.install().settings.require_hashes


def test_another_word_is_an_error(world: World) -> None:
    world.environ["PIP_REQUIRE_HASHES"] = "maybe"

    (finding,) = world.refused("install", "x")

    assert (finding.code, finding.subject) == ("TRU602", "PIP_REQUIRE_HASHES")


def test_lists_are_split_at_white_space(world: World) -> None:
    world.environ["TRUED_CONSTRAINT"] = "a.txt\n b.txt"

    assert world.install().settings.constraints == ("a.txt", "b.txt")


@pytest.mark.parametrize(
    ("name", "value", "compiles"),
    [
        ("PIP_COMPILE", "0", False),
        ("PIP_NO_COMPILE", "0", False),
        ("PIP_NO_COMPILE", "1", True),
        ("TRUED_COMPILE", "no", False),
    ],
)
def test_pips_negative_names_set_the_switch_to_what_they_state(
    world: World, name: str, value: str, compiles: bool
) -> None:
    """pip's documentation: falsy values have to be used to enable ``no-compile`` in variables and files."""
    world.environ[name] = value

    assert world.install().settings.compile is compiles


def test_pips_no_cache_dir_switches_the_cache_off_whatever_it_states(world: World) -> None:
    world.environ["PIP_NO_CACHE_DIR"] = "false"
    assert world.install().settings.cache_dir is None

    del world.environ["PIP_NO_CACHE_DIR"]
    world.environ["TRUED_NO_CACHE_DIR"] = "false"
    assert world.install().settings.cache_dir is not None


@pytest.mark.parametrize(("text", "count"), [("2", 2), ("yes", 1), ("false", 0), ("0", 0)])
def test_counts_are_numbers_or_truths(world: World, text: str, count: int) -> None:
    world.environ["PIP_VERBOSE"] = text

    assert world.install().settings.verbose == count


def test_a_trued_variable_that_is_none_is_a_warning_with_the_nearest(world: World) -> None:
    world.environ["TRUED_LEVLE"] = "strict"

    (finding,) = world.install().findings

    assert (finding.code, finding.level) == ("TRU605", Level.WARNING)
    assert finding.values["nearest"] == "TRUED_LEVEL"


def test_it_is_an_error_when_strict(world: World) -> None:
    world.environ["TRUED_REQUIRE_HASH"] = "1"

    assert codes(world.refused("install", "x", "--level", "strict")) == ["TRU605"]


def test_a_variable_of_another_commands_option_is_known(world: World) -> None:
    world.environ["TRUED_ALGORITHM"] = "sha512"

    assert world.install().findings == ()


def test_a_pip_variable_that_trued_does_not_know_is_ignored(world: World) -> None:
    world.environ["PIP_ALL_RELEASES"] = ":all:"

    assert world.install().findings == ()


def test_what_is_accepted_for_pips_sake_is_not_looked_at(world: World) -> None:
    world.environ["PIP_ROOT_USER_ACTION"] = "whatever"
    world.environ["PIP_DISABLE_PIP_VERSION_CHECK"] = "whatever"

    assert world.install().findings == ()


def test_isolated_cannot_be_set_by_a_variable(world: World) -> None:
    world.environ["TRUED_ISOLATED"] = "1"

    assert codes(world.install().findings) == ["TRU605"]


def test_format_means_that_of_the_command(world: World) -> None:
    world.environ["PIP_FORMAT"] = "json"
    assert world.call("list").settings.list_format == "json"

    world.environ["PIP_FORMAT"] = "abspath"
    assert world.call("cache", "list").settings.cache_format == "abspath"


def test_a_wrong_value_is_told_without_its_password(world: World) -> None:
    world.environ["PIP_TIMEOUT"] = "https://user:secret@example.org"

    (finding,) = world.refused("install", "x")

    assert "secret" not in str(finding)
