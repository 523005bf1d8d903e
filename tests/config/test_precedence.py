"""Which source wins: flags, TRUED_*, PIP_*, project, user, system, pip's files."""

import pytest

from tests.config.world import World, codes
from trued.config.origin import Source


def everywhere(world: World) -> None:
    world.pip_file("[global]\ntimeout = 1\n")
    world.system("timeout = 4\n")
    world.user("timeout = 3\n")
    world.project_file("timeout = 2\n")
    world.environ["PIP_TIMEOUT"] = "5"
    world.environ["TRUED_TIMEOUT"] = "6"


def test_nothing_set_means_the_default(world: World) -> None:
    settings = world.install().settings

    assert settings.timeout == 15.0
    assert "timeout" not in settings.origins


def test_each_source_beats_the_weaker_ones(world: World) -> None:
    everywhere(world)

    assert world.install("--timeout", "7").settings.timeout == 7.0
    assert world.install().settings.timeout == 6.0
    del world.environ["TRUED_TIMEOUT"]
    assert world.install().settings.timeout == 5.0
    del world.environ["PIP_TIMEOUT"]
    assert world.install().settings.timeout == 2.0
    (world.project / "trued.toml").unlink()
    assert world.install().settings.timeout == 3.0
    world.user_file.unlink()
    assert world.install().settings.timeout == 4.0
    world.system_file.unlink()
    assert world.install().settings.timeout == 1.0


def test_the_origin_names_the_flag(world: World) -> None:
    origin = world.install("--timeout", "7").settings.origins["timeout"]

    assert (origin.source, str(origin)) == (Source.FLAG, "--timeout")


def test_the_origin_names_the_variable(world: World) -> None:
    world.environ["PIP_DEFAULT_TIMEOUT"] = "5"

    origin = world.install().settings.origins["timeout"]

    assert (origin.source, str(origin)) == (Source.PIP_VARIABLE, "PIP_DEFAULT_TIMEOUT")


def test_the_origin_names_file_and_line(world: World) -> None:
    path = world.user("# comment\n\ntimeout = 3\n")

    origin = world.install().settings.origins["timeout"]

    assert (origin.file, origin.line) == (str(path), 3)


def test_the_line_in_a_pyproject_is_that_of_its_table(world: World) -> None:
    world.project_file('[project]\nname = "x"\nretries = 1\n\n[tool.trued]\nretries = 2\n', "pyproject.toml")

    assert world.install().settings.origins["retries"].line == 6


def test_the_stronger_of_two_system_files_is_the_first_folder(world: World) -> None:
    weaker = world.etc.parent / "etc2"
    world.environ["XDG_CONFIG_DIRS"] = f"{world.etc}:{weaker}"
    world.system("retries = 1\n")
    (weaker / "trued").mkdir(parents=True)
    (weaker / "trued" / "trued.toml").write_text("retries = 9\nthreads = 9\n")

    settings = world.install().settings

    assert (settings.retries, settings.threads) == (1, 9)


def test_an_empty_variable_is_as_good_as_none(world: World) -> None:
    world.user("timeout = 3\n")
    world.environ["TRUED_TIMEOUT"] = ""
    world.environ["PIP_TIMEOUT"] = ""

    assert world.install().settings.timeout == 3.0


def test_a_list_on_the_command_line_is_added_to_the_configured_one(world: World) -> None:
    world.environ["PIP_FIND_LINKS"] = "/a /b"

    assert world.install("-f", "/c", "-f", "/d").settings.find_links == ("/a", "/b", "/c", "/d")


def test_a_list_of_a_stronger_source_replaces_that_of_a_weaker(world: World) -> None:
    world.user('find-links = ["/user"]\n')
    world.environ["PIP_FIND_LINKS"] = "/a"

    assert world.install().settings.find_links == ("/a",)


def test_counts_on_the_command_line_are_added_to_the_configured_one(world: World) -> None:
    world.environ["PIP_QUIET"] = "1"

    assert world.install("-qq", "-v").settings.verbosity == -2


def test_format_control_acts_one_after_the_other_from_every_source(world: World) -> None:
    world.user('only-binary = [":all:"]\n')
    world.environ["PIP_NO_BINARY"] = "alpha,beta"

    control = world.install("--only-binary", "beta").settings.format_control

    assert control.only_binary == {":all:", "beta"}
    assert control.no_binary == {"alpha"}


def test_isolated_ignores_variables_and_the_users_file_but_not_project_and_system(world: World) -> None:
    everywhere(world)
    world.system("retries = 8\ntimeout = 4\n")

    settings = world.install("--isolated").settings

    assert (settings.timeout, settings.retries) == (2.0, 8)


def test_the_null_device_switches_all_trued_files_off(world: World) -> None:
    everywhere(world)
    del world.environ["TRUED_TIMEOUT"], world.environ["PIP_TIMEOUT"]
    world.environ["TRUED_CONFIG_FILE"] = "/dev/null"

    assert world.install().settings.timeout == 1.0


def test_a_named_file_stands_in_for_the_users(world: World) -> None:
    world.user("timeout = 3\n")
    (world.home / "other.toml").write_text("retries = 2\n")
    world.environ["TRUED_CONFIG_FILE"] = str(world.home / "other.toml")

    settings = world.install().settings

    assert (settings.timeout, settings.retries) == (15.0, 2)


def test_a_named_file_has_to_exist(world: World) -> None:
    world.environ["TRUED_CONFIG_FILE"] = str(world.home / "missing.toml")

    assert codes(world.refused("install", "x")) == ["TRU604"]


def test_options_of_other_commands_are_not_read_from_variables(world: World) -> None:
    world.environ["PIP_TARGET"] = "/somewhere"
    world.environ["TRUED_ALGORITHM"] = "nonsense"

    settings = world.call("list").settings

    assert settings.target is None


def test_no_cache_dir_and_cache_dir_the_stronger_source_decides(world: World) -> None:
    world.environ["PIP_NO_CACHE_DIR"] = "1"

    assert world.install().settings.cache_dir is None
    assert world.install("--cache-dir", "/c").settings.cache_dir == "/c"


def test_no_cache_dir_wins_on_the_same_command_line(world: World) -> None:
    assert world.install("--no-cache-dir", "--cache-dir", "/c").settings.cache_dir is None


def test_the_default_cache_is_the_users(world: World) -> None:
    assert world.install().settings.cache_dir == str(world.home / ".cache" / "trued")


def test_a_relative_cache_folder_is_made_absolute(world: World) -> None:
    assert world.install("--cache-dir", "c").settings.cache_dir == str(world.project / "c")


def test_pips_cache_folder_gets_a_folder_of_our_own_inside(world: World) -> None:
    world.environ["PIP_CACHE_DIR"] = "/pip/cache/"

    assert world.install().settings.cache_dir == "/pip/cache/trued"


@pytest.mark.parametrize("name", ["-r", "--requirement"])
def test_requirements_may_come_from_a_variable_and_the_command_line(world: World, name: str) -> None:
    world.environ["PIP_REQUIREMENT"] = "a.txt"

    assert world.call("install", name, "b.txt").settings.requirements == ("a.txt", "b.txt")
