"""Which projects may be built: flags, variables, tables of policy files, and what a clone may not say."""

from __future__ import annotations

from tests.config.world import World, codes
from trued.config.build_rules import BuildRules, config_settings_of
from trued.core.names import normalize

TABLE = """
[[build]]
project = "Old_Thing"
reason = "upstream has no wheels"
hosts = ["Mirror.example.org"]
"""


def rules(world: World, *arguments: str) -> BuildRules:
    return BuildRules.of(world.install(*arguments).settings)


def test_nothing_may_be_built_by_default(world: World) -> None:
    assert not rules(world).allows(normalize("old-thing"))


def test_names_are_repeated_or_joined_by_commas(world: World) -> None:
    found = rules(world, "--allow-build", "One,two_b", "--allow-build", "three")

    assert found.allowed == {"one", "two-b", "three"}


def test_a_table_of_the_user_opens_one_project_and_its_hosts(world: World) -> None:
    world.user(TABLE)

    found = rules(world)

    assert found.allowed == {"old-thing"}
    assert found.hosts_of("old-thing") == ("mirror.example.org",)
    assert found.hosts_of("another") == ()


def test_a_table_may_give_up_the_sandbox_of_one_project(world: World) -> None:
    world.user('[[build]]\nproject = "old-thing"\nno-sandbox = true\n')

    assert rules(world).unconfined == {"old-thing"}


def test_a_flag_gives_up_the_sandbox_and_opens_nothing(world: World) -> None:
    found = rules(world, "--no-sandbox", "old-thing")

    assert found.unconfined == {"old-thing"}
    assert not found.allows(normalize("old-thing"))


def test_no_table_opens_every_project(world: World) -> None:
    world.user('[[build]]\nproject = "*"\n')

    assert codes(world.refused("install", "-r", "r.txt")) == ["TRU617"]


def test_hosts_go_with_a_sandbox(world: World) -> None:
    world.user('[[build]]\nproject = "a"\nhosts = ["h.example.org"]\nno-sandbox = true\n')

    assert codes(world.refused("install", "-r", "r.txt")) == ["TRU617"]


def test_a_cloned_repository_opens_no_build(world: World) -> None:
    """Attack: the trued.toml of a clone lets its own dependencies be built."""
    world.project_file(TABLE)

    called = world.install()

    assert codes(called.findings) == ["TRU603"]
    assert BuildRules.of(called.settings).allowed == set()


def test_a_cloned_repository_gives_up_no_sandbox(world: World) -> None:
    """Attack: the user opened the project, and the clone takes its sandbox away."""
    world.user(TABLE)
    world.project_file('[[build]]\nproject = "old-thing"\nno-sandbox = true\n')

    assert BuildRules.of(world.install().settings).unconfined == set()


def test_settings_for_a_backend_are_key_and_value(world: World) -> None:
    settings = world.install("-C", "a=b=c", "--config-settings", "a=d").settings

    assert config_settings_of(settings.config_settings) == (("a", "b=c"), ("a", "d"))


def test_a_setting_for_a_backend_needs_a_value(world: World) -> None:
    assert codes(world.refused("install", "-r", "r.txt", "-C", "key")) == ["TRU905"]
