"""pip's own configuration files, found and read as pip does; pip itself is the oracle."""

from pathlib import Path

import pytest
from pip._internal.configuration import Configuration

from tests.config.world import World, codes, write
from trued.config.pip_paths import pip_file_paths
from trued.core.finding import Place


def test_the_paths_are_pips_from_weak_to_strong(tmp_path: Path) -> None:
    environ = {
        "HOME": "/h",
        "VIRTUAL_ENV": "/v",
        "XDG_CONFIG_DIRS": "/x1:/x2",
        "PIP_CONFIG_FILE": "/n/pip.ini",
    }

    assert pip_file_paths(environ, isolated=False, etc="/e") == [
        "/x1/pip/pip.conf",
        "/x2/pip/pip.conf",
        "/e/pip.conf",
        "/h/.pip/pip.conf",
        "/h/.config/pip/pip.conf",
        "/v/pip.conf",
        "/n/pip.ini",
    ]


def test_a_named_file_that_exists_replaces_the_users(tmp_path: Path) -> None:
    named = write(tmp_path / "named.conf", "")
    environ = {"HOME": "/h", "XDG_CONFIG_DIRS": "/x", "PIP_CONFIG_FILE": str(named)}

    assert pip_file_paths(environ, isolated=False, etc="/e") == [
        "/x/pip/pip.conf",
        "/e/pip.conf",
        str(named),
    ]


def test_isolated_leaves_the_users_out() -> None:
    assert pip_file_paths({"HOME": "/h"}, isolated=True, etc="/e") == ["/etc/xdg/pip/pip.conf", "/e/pip.conf"]


def test_the_null_device_means_no_file_at_all() -> None:
    assert pip_file_paths({"HOME": "/h", "PIP_CONFIG_FILE": "/dev/null"}, isolated=False) == []


def test_pip_finds_the_same_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "c"), "XDG_CONFIG_DIRS": "/x1:/x2"}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PIP_CONFIG_FILE", raising=False)
    of_pip = dict(Configuration(isolated=False).iter_config_files())
    user_and_system = [
        path for kind, paths in of_pip.items() if str(kind) in ("global", "user") for path in paths
    ]

    assert pip_file_paths(environ, isolated=False) == user_and_system


def test_the_section_of_the_command_beats_global(world: World) -> None:
    world.pip_file("[install]\ntimeout = 2\n[global]\ntimeout = 1\n[download]\ntimeout = 3\n")

    assert world.install().settings.timeout == 2.0
    assert world.call("download", "x").settings.timeout == 3.0
    assert world.call("list").settings.timeout == 1.0


def test_a_section_in_a_weak_file_beats_global_in_a_strong_one(world: World, tmp_path: Path) -> None:
    world.pip_file("[global]\ntimeout = 1\n")
    write(tmp_path / "venv" / "pip.conf", "[install]\ntimeout = 2\n")
    world.environ["VIRTUAL_ENV"] = str(tmp_path / "venv")

    assert world.install().settings.timeout == 2.0


def test_keys_may_be_written_with_underscores_and_capitals(world: World) -> None:
    world.pip_file("[global]\nDefault_Timeout: 4\n--retries = 1\n")

    settings = world.install().settings

    assert (settings.timeout, settings.retries) == (4.0, 1)


def test_lists_may_span_lines(world: World) -> None:
    world.pip_file("[global]\nfind-links =\n    /a\n    /b\n")

    assert world.install().settings.find_links == ("/a", "/b")


def test_unknown_keys_and_sections_are_ignored_as_pip_does(world: World) -> None:
    world.pip_file("[global]\nno-such-key = 1\n[freeze]\nall = yes\n")

    assert world.install().findings == ()


def test_an_empty_value_is_as_good_as_none(world: World) -> None:
    world.pip_file("[global]\ntimeout = 2\n[install]\ntimeout =\n")

    assert world.install().settings.timeout == 2.0


def test_the_origin_is_section_key_file_and_line(world: World) -> None:
    path = world.pip_file("# mine\n[global]\n\nretries = 2\n")

    assert str(world.install().settings.origins["retries"]) == f"global.retries in {path}:4"


def test_a_wrong_value_is_told_with_its_line(world: World) -> None:
    path = world.pip_file("[global]\nretries = many\n")

    (finding,) = world.refused("install", "x")

    assert (finding.code, finding.place) == ("TRU602", Place(str(path), 2))


@pytest.mark.parametrize("text", ["retries = 1\n", "[global]\nretries\n", "[a]\nx=1\nx=2\n"])
def test_a_file_in_another_form_stops_the_run(world: World, text: str) -> None:
    world.pip_file(text)

    assert codes(world.refused("install", "x")) == ["TRU604"]


def test_only_binary_of_global_and_install_add_up_as_in_pip(world: World) -> None:
    world.pip_file("[global]\nonly-binary = a\n[install]\nonly-binary = b\n")

    assert world.install().settings.format_control.only_binary == {"a", "b"}


def test_percent_signs_are_just_percent_signs(world: World) -> None:
    world.pip_file("[global]\nindex-url = https://u:a%40b@example.org/simple\n")

    assert world.install().settings.index_url == "https://u:a%40b@example.org/simple"
