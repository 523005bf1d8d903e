"""The quick settings answer as the full ones do, or not at all."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.config.world import World, write
from trued.cli.parser import ParsedCommand, parse
from trued.config.quick import quick_settings
from trued.config.quick_arguments import quick_arguments
from trued.config.settings import PolicyLevel

ARGV = ["install", "-r", "requirements.txt"]


def quick(world: World, *argv: str) -> dict[str, object] | None:
    arguments = quick_arguments([*ARGV, *argv])
    assert arguments is not None
    return quick_settings(world.environ, str(world.project), arguments)


def full(world: World, *argv: str) -> dict[str, object]:
    """The full road's answer for the fields that the quick one knows; findings are an answer too."""
    parsed = parse([*ARGV, *argv], world.environ, str(world.project))
    assert isinstance(parsed, ParsedCommand)
    assert parsed.findings == ()
    fields = quick(world, *argv) or {}
    found = {field: getattr(parsed.settings, field) for field in fields}
    return {field: plain(value) for field, value in found.items()}


def plain(value: object) -> object:
    if isinstance(value, PolicyLevel):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def test_without_any_configuration_there_is_an_answer(world: World) -> None:
    answer = quick(world)

    assert answer is not None
    assert answer == full(world)
    assert answer["cache_dir"] == str(world.home / ".cache" / "trued")
    assert answer["requirements"] == ["requirements.txt"]


WORDS = st.sampled_from(
    ["", "0", "1", "true", "No", "maybe", "30", "1.5", "-1", "x y", "~/c", "/c", "c/", "٣"]
)
LEVELS = st.sampled_from(["permissive", "strict", "full", "seal", "copy", "hardlink", "Strict"])
VARIABLES = st.sampled_from(
    [
        "TRUED_LEVEL", "TRUED_VERIFY_STORE", "TRUED_LINK_MODE", "TRUED_THREADS", "TRUED_COMPILE",
        "TRUED_CACHE_DIR", "TRUED_NO_DEPS", "TRUED_NO_COLOR", "TRUED_CONFIG_FILE", "TRUED_TARGET",
        "TRUED_UNKNOWN", "TRUED_REQUIRE_HASHES", "TRUED_QUIET", "PIP_COMPILE", "PIP_NO_COMPILE",
        "PIP_CACHE_DIR", "PIP_NO_CACHE_DIR", "PIP_TIMEOUT", "PIP_DEFAULT_TIMEOUT", "PIP_RETRIES",
        "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CERT", "PIP_TRUSTED_HOST",
        "PIP_REQUIRE_HASHES", "PIP_NO_REQUIRE_HASHES", "PIP_NO_DEPS", "PIP_NO_INPUT", "PIP_USER",
        "PIP_DISABLE_PIP_VERSION_CHECK", "PIP_ROOT_USER_ACTION", "PIP_PROGRESS_BAR", "PIP_SRC",
        "PIP_UNKNOWN", "PIP_VERBOSE", "PIP_ONLY_BINARY", "PIP_no_deps", "HOME", "PATH",
    ]
)  # fmt: skip
FLAGS = st.sampled_from(
    [
        ["-q"], ["--quiet"], ["--require-hashes"], ["--no-deps"], ["--compile"], ["--no-compile"],
        ["--level", "strict"], ["--level=permissive"], ["--threads", "3"], ["--cache-dir", "/flag"],
        ["--cache-dir=relative"], ["--link-mode", "copy"], ["--verify-store", "full"], ["--target", "t"],
        ["--python", "py"], ["--venv=v"], ["--no-input"], ["--no-color"], ["-r", "more.txt"],
    ]
)  # fmt: skip


@given(
    variables=st.dictionaries(VARIABLES, WORDS | LEVELS, max_size=4),
    flags=st.lists(FLAGS, max_size=4).map(lambda lists: [word for words in lists for word in words]),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_with_variables_and_flags_an_answer_is_the_full_one(
    world: World, variables: dict[str, str], flags: list[str]
) -> None:
    kept = dict(world.environ)
    world.environ.update(variables)
    try:
        answer = quick(world, *flags)
        if answer is not None:
            assert answer == full(world, *flags)
    finally:
        world.environ.clear()
        world.environ.update(kept)


LINES = st.sampled_from(
    [
        "[global]", "[install]", "[list]", "[DEFAULT]", "[]", "[x", "[global] ; y", "", "# c", "; c", "  # c",
        "index-url = https://example.org", "index_url: https://example.org", "INDEX-URL=x", "timeout = 5",
        "timeout = soon", "timeout =", "retries: 1", "   https://two.example.org", "\t5", "no-deps = true",
        "only-binary = :all:", "cache-dir = /x", "unknown = 1", "index-url", "=", "= 1", "cert = /a",
        "disable-pip-version-check = x", "trusted-host =", "  a", "user = yes", "src = /x", "compile = no",
    ]
)  # fmt: skip


@given(lines=st.lists(LINES, max_size=7))
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_with_a_file_of_pip_an_answer_is_the_full_one(world: World, lines: list[str]) -> None:
    world.pip_file("\n".join(lines))

    answer = quick(world)

    if answer is not None:
        assert answer == full(world)


def test_a_usual_file_of_pip_leaves_the_quick_road_open(world: World) -> None:
    world.pip_file(
        "# company mirror\n[global]\nindex-url = https://mirror.example.org/simple\ntimeout = 60\n"
        "trusted-host =\n    mirror.example.org\n    other.example.org\n\n[install]\nfind-links = /wheels\n"
    )

    assert quick(world) is not None


def test_the_variables_of_a_usual_container_leave_it_open(world: World) -> None:
    world.environ |= {
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_DEFAULT_TIMEOUT": "100",
        "PIP_ROOT_USER_ACTION": "ignore",
        "PIP_NO_INPUT": "1",
        "PIP_REQUIRE_HASHES": "1",
        "PIP_INDEX_URL": "https://mirror.example.org/simple",
    }

    answer = quick(world)

    assert answer is not None
    assert answer["require_hashes"] is True


POLICY_LINES = st.sampled_from(
    [
        'level = "strict"', 'level = "standard"', 'level = "permissive"', "level = 'strict'", "level = true",
        'level = "strict" # c', 'verify-store = "full"', 'verify-store = "seal"', 'verify-store="full"',
        'link-mode = "copy"', 'link-mode = "x"', "require-hashes = true", "require-hashes = false",
        'require-hashes = "true"', "compile = true", "no-deps = true", "no-color = false", "no-input = true",
        'allowed-hosts = ["a.example.org"]', "allowed-hosts = []", 'allowed-hosts = "a"', "allowed-hosts = [",
        'allowed-hosts = ["a", "b"]', 'allowed-hosts = ["a", ["b"]]', 'index-url = "https://a.example.org/"',
        "index-url = 3", 'cert = "/c"', "timeout = 5", "threads = 3", "# comment", "", "  ", "\t", "[tool]",
        "[[exception]]", 'unknown = "x"', "level", "=", '"level" = "strict"', 'level.x = "strict"',
        "quiet = 1", 'level = """strict"""', 'level = "\\u0073trict"', "trust-on-first-use = true",
    ]
)  # fmt: skip


@given(
    user=st.lists(POLICY_LINES, max_size=3),
    project=st.lists(POLICY_LINES, max_size=3),
    system=st.lists(POLICY_LINES, max_size=2),
)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_with_policy_files_an_answer_is_the_full_one(
    world: World, user: list[str], project: list[str], system: list[str]
) -> None:
    world.user("\n".join(user))
    world.project_file("\n".join(project))
    world.system("\n".join(system))

    answer = quick(world)

    if answer is not None:
        assert answer == full(world)


def test_plain_policy_files_leave_the_quick_road_open(world: World) -> None:
    world.user('# mine\nlevel = "standard"\nallowed-hosts = ["a.example.org"]\n')
    world.project_file('level = "strict"\nrequire-hashes = true\n')

    answer = quick(world)

    assert answer is not None
    assert answer == full(world)
    assert (answer["level"], answer["require_hashes"]) == ("strict", True)


def test_a_variable_goes_before_a_file(world: World) -> None:
    world.user('level = "strict"\n')
    world.environ["TRUED_LEVEL"] = "permissive"

    answer = quick(world)

    assert answer is not None
    assert answer["level"] == "permissive"
    assert answer == full(world)


@pytest.mark.parametrize("table", ["publisher", "openpgp", "checksums", "transport-pin", "exception"])
def test_a_rule_or_an_exception_means_the_full_road(world: World, table: str) -> None:
    world.user(f'[[{table}]]\nproject = "a"\n')

    assert quick(world) is None


def test_a_project_that_asks_for_less_means_the_full_road_which_tells_it(world: World) -> None:
    """Attack: the quick road must not follow, or pass over in silence, what the full one refuses."""
    world.user('level = "strict"\n')
    world.project_file('level = "permissive"\n')

    assert quick(world) is None


@pytest.mark.parametrize("mode", [0o666, 0o602])
def test_a_policy_that_others_can_write_means_the_full_road(world: World, mode: int) -> None:
    world.user('level = "strict"\n').chmod(mode)

    assert quick(world) is None


@pytest.mark.parametrize("text", ["level = 'strict'\n", "broken ="], ids=["settings", "broken file"])
def test_a_file_that_is_not_plain_means_the_full_road(world: World, text: str) -> None:
    for path in (world.user_file, world.system_file, world.project / "trued.toml"):
        write(path, text)
        assert quick(world) is None
        path.unlink()
    assert quick(world) is not None


@pytest.mark.parametrize(
    "text",
    ["[tool.trued]\n", "[tool]\ntrued = {}\n", "tool.trued.level = 'strict'\n", "[ tool . 'trued' ]\n"],
)
def test_a_pyproject_that_may_hold_our_table_means_the_full_road(world: World, text: str) -> None:
    write(world.project.parent / "pyproject.toml", text)

    assert quick(world) is None


def test_another_pyproject_leaves_the_quick_road_open(world: World) -> None:
    write(world.project / "pyproject.toml", "[project]\nname = 'x'\n")

    answer = quick(world)

    assert answer is not None
    assert answer == full(world)


def test_the_null_device_instead_of_our_files_leaves_it_open(world: World) -> None:
    world.user("level = 'strict'\n")
    world.environ["TRUED_CONFIG_FILE"] = "/dev/null"

    answer = quick(world)

    assert answer is not None
    assert answer == full(world)


HEAVY = {"dataclasses", "typing", "re", "enum", "json", "pathlib", "collections", "tomllib", "configparser"}


def test_the_quick_modules_import_nothing_heavy() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "from trued.config.quick_arguments import quick_arguments;"
        "from trued.config.quick import quick_settings;"
        "quick_settings({'HOME': '/h'}, '/usr', quick_arguments(['install', '-r', 'x']));"
        "print(*sys.modules)"
    )
    source = str(Path(__file__).parents[2] / "src")

    run = subprocess.run(
        [sys.executable, "-IS", "-c", code, source], capture_output=True, text=True, check=True
    )

    assert HEAVY & set(run.stdout.split()) == set()
