"""A project's file comes with a cloned repository: it can tighten, never loosen."""

import pytest

from tests.config.world import World, codes
from trued.config.option import Kind, ProjectRule, Type
from trued.config.options import OPTIONS
from trued.config.settings import PolicyLevel

LOOSENING = """
level = "permissive"
trusted-host = ["evil.example.org"]
no-require-hashes = true
trust-on-first-use = true
allow-startup-hooks = ["evil"]
only-cert = "evil.pem"
cert = "evil.pem"
proxy = "https://evil.example.org"
cache-dir = "forged-store"
python = "./evil"
target = "/usr/lib"
no-binary = "evil"
ignore-requires-python = true
break-system-packages = true
quiet = 3
"""


def test_everything_that_loosens_is_ignored_and_told_with_file_and_line(world: World) -> None:
    path = world.project_file(LOOSENING)

    parsed = world.install()

    assert set(parsed.settings.origins) == {"requirement"}
    assert codes(parsed.findings) == ["TRU603"] * 15
    assert {finding.place.file for finding in parsed.findings if finding.place} == {str(path)}
    assert [finding.place.line for finding in parsed.findings if finding.place] == list(range(2, 17))


def test_a_project_may_raise_the_level(world: World) -> None:
    world.project_file('level = "strict"\n')

    parsed = world.install()

    assert parsed.settings.level is PolicyLevel.STRICT
    assert parsed.findings == ()


def test_a_project_does_not_lower_the_users_level(world: World) -> None:
    user = world.user('level = "strict"\n')
    world.project_file('level = "standard"\n')

    parsed = world.install()

    assert parsed.settings.level is PolicyLevel.STRICT
    assert codes(parsed.findings) == ["TRU619"]
    assert dict(parsed.findings[0].values) == {
        "value": "standard",
        "standing": "strict",
        "source": f"level in {user}:1",
    }


def test_a_project_does_not_lower_the_systems_level(world: World) -> None:
    world.system('level = "strict"\n')
    world.project_file('level = "standard"\n')

    assert world.install().settings.level is PolicyLevel.STRICT


def test_a_user_who_chose_permissive_is_raised_by_the_project(world: World) -> None:
    world.user('level = "permissive"\n')
    world.project_file('level = "standard"\n')

    assert world.install().settings.level is PolicyLevel.STANDARD


def test_a_flag_is_the_users_own_word_and_may_loosen(world: World) -> None:
    world.project_file('level = "strict"\n')

    assert world.install("--level", "permissive").settings.level is PolicyLevel.PERMISSIVE


def test_a_project_may_ask_for_hashes_and_not_stop_asking(world: World) -> None:
    world.project_file("require-hashes = true\n")
    assert world.install().settings.require_hashes

    world.user("require-hashes = true\n")
    world.project_file("require-hashes = false\n")
    parsed = world.install()
    assert parsed.settings.require_hashes
    assert codes(parsed.findings) == ["TRU603"]


def test_a_project_may_ask_for_the_whole_store_to_be_hashed(world: World) -> None:
    world.project_file('verify-store = "full"\n')

    assert world.install().settings.verify_store == "full"


def test_a_project_may_not_ask_for_merged_indexes(world: World) -> None:
    world.project_file('index-strategy = "merge"\n')

    assert world.install().settings.index_strategy == "first"


def test_a_project_may_name_an_index_while_nobody_else_does(world: World) -> None:
    world.project_file('index-url = "https://packages.example.org/simple"\n')

    assert world.install().settings.index_url == "https://packages.example.org/simple"


@pytest.mark.parametrize("key", ["index-url", "extra-index-url", "find-links"])
def test_a_project_does_not_replace_where_the_user_gets_files_from(world: World, key: str) -> None:
    world.pip_file(f"[global]\n{key} = https://user:secret@mirror.example.org/simple\n")
    world.project_file(f'{key} = "https://elsewhere.example.org/simple"\n')

    parsed = world.install()

    assert codes(parsed.findings) == ["TRU619"]
    assert parsed.findings[0].values["standing"] == "https://****@mirror.example.org/simple"


def test_a_project_may_add_names_to_only_binary_and_not_empty_it(world: World) -> None:
    world.user('only-binary = ["alpha"]\n')
    world.project_file('only-binary = ["beta"]\n')
    assert world.install().settings.format_control.only_binary == {"alpha", "beta"}

    world.project_file('only-binary = [":none:"]\n')
    assert world.install().settings.format_control.only_binary == {"alpha"}


def test_a_project_binds_its_own_names_to_its_own_index(world: World) -> None:
    world.project_file('[[index]]\nname = "own"\nurl = "https://own.example.org"\nprojects = ["Ours"]\n')

    (index,) = world.install().settings.indexes

    assert (index.name, index.projects) == ("own", frozenset({"ours"}))


@pytest.mark.parametrize(
    "table",
    [
        '[[index]]\nname = "taken"\nurl = "https://evil.example.org"\n',
        '[[index]]\nname = "mine"\nurl = "https://evil.example.org"\nprojects = ["secret-lib"]\n',
    ],
    ids=["the name", "a binding"],
)
def test_a_project_takes_neither_name_nor_binding_of_the_users_index(world: World, table: str) -> None:
    world.user('[[index]]\nname = "taken"\nurl = "https://own.example.org"\nprojects = ["secret-lib"]\n')
    world.project_file(table)

    parsed = world.install()

    assert [index.url for index in parsed.settings.indexes] == ["https://own.example.org"]
    assert codes(parsed.findings) == ["TRU603"]


def test_a_planted_file_above_a_folder_that_everybody_may_write_to_is_not_read(world: World) -> None:
    """Attack: another user of the machine puts a trued.toml into a shared folder."""
    shared = world.project.parent
    (shared / "trued.toml").write_text('level = "strict"\n')
    shared.chmod(0o777)
    (world.project / "inner").mkdir()

    assert world.install().settings.level is PolicyLevel.STANDARD


def test_the_nearest_file_upwards_is_the_projects(world: World) -> None:
    (world.project.parent / "trued.toml").write_text("retries = 1\n")
    assert world.install().settings.retries == 1

    world.project_file("[tool.trued]\nretries = 2\n", "pyproject.toml")
    assert world.install().settings.retries == 2


def test_a_pyproject_without_our_table_is_passed_by(world: World) -> None:
    (world.project.parent / "trued.toml").write_text("retries = 1\n")
    world.project_file('[project]\nname = "trued-user"\n', "pyproject.toml")

    assert world.install().settings.retries == 1


def test_of_two_files_in_one_folder_trued_toml_wins_and_it_is_told(world: World) -> None:
    world.project_file("retries = 1\n")
    world.project_file("[tool.trued]\nretries = 2\n", "pyproject.toml")

    parsed = world.install()

    assert parsed.settings.retries == 1
    assert codes(parsed.findings) == ["TRU608"]


DANGEROUS = {
    option.name for option in OPTIONS if option.configurable and option.field and option.type is Type.PATH
} - {"path"}


def test_no_option_that_names_a_path_to_write_to_or_run_is_a_projects(world: World) -> None:
    allowed = {option.name for option in OPTIONS if option.project is not ProjectRule.NEVER}

    assert not DANGEROUS & allowed


def test_options_that_only_rise_have_choices_from_loose_to_tight(world: World) -> None:
    rising = [option for option in OPTIONS if option.project is ProjectRule.RAISE_ONLY]

    assert {option.name for option in rising} == {"level", "verify-store", "index-strategy", "audit-severity"}
    assert all(option.default in option.choices for option in rising)


def test_options_that_only_become_true_are_flags(world: World) -> None:
    only_true = [option for option in OPTIONS if option.project is ProjectRule.TRUE_ONLY]

    assert {option.kind for option in only_true} == {Kind.FLAG}
