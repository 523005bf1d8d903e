"""pip's options, variables and configuration files: the same call does the same thing.

What is expected was compared with pip 26.3 by running both; where trued differs on purpose, the test says so.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.commands.conftest import Machine, Wheel, make_wheel

PYTHON = f"python{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture
def demo(machine: Machine) -> Wheel:
    """Offer demo 1.0, with a command, and write it into requirements.txt with its hash."""
    demo = machine.index.add(make_wheel("demo", entry_points="[console_scripts]\ndemo = demo:main\n"))
    machine.write(demo.line)
    return demo


def install(machine: Machine, *options: str, **variables: str) -> int:
    return machine.trued("install", "-r", "requirements.txt", *options, **variables).status


# Where it goes


def test_target_is_a_folder_with_the_packages_and_their_scripts(machine: Machine, demo: Wheel) -> None:
    assert install(machine, "--target", "t") == 0

    assert {path.name for path in (machine.work / "t").iterdir()} == {"bin", "demo", "demo-1.0.dist-info"}
    assert machine.installed == {}


def test_target_replaces_an_older_version_whole(machine: Machine, demo: Wheel) -> None:
    # pip leaves the old package with a warning unless -U is there, and then both versions' dist-info.
    newer = machine.index.add(make_wheel("demo", "2.0"))
    install(machine, "--target", "t")
    machine.write(newer.line)

    assert install(machine, "--target", "t") == 0
    assert "2.0" in (machine.work / "t" / "demo" / "__init__.py").read_text()
    assert [path.name for path in (machine.work / "t").glob("*.dist-info")] == ["demo-2.0.dist-info"]


def test_target_keeps_files_that_nobody_installed(machine: Machine, demo: Wheel) -> None:
    mine = machine.work / "t" / "demo" / "mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")

    assert install(machine, "--target", "t", "-U") == 0
    assert mine.read_text() == "mine"


def test_prefix_holds_lib_and_bin(machine: Machine, demo: Wheel) -> None:
    assert install(machine, "--prefix", "p") == 0

    assert (machine.work / "p" / "bin" / "demo").exists()
    assert (machine.work / "p" / "lib" / PYTHON / "site-packages" / "demo" / "__init__.py").exists()


def test_root_stands_before_every_path(machine: Machine, demo: Wheel) -> None:
    assert install(machine, "--root", "r", "--prefix", "/opt/app") == 0

    assert (machine.work / "r" / "opt" / "app" / "bin" / "demo").exists()
    assert not Path("/opt/app/bin/demo").exists()


def test_user_is_refused_in_an_environment_that_does_not_see_it(machine: Machine, demo: Wheel) -> None:
    ran = machine.trued("install", "-r", "requirements.txt", "--user")

    assert (ran.status, ran.codes) == (2, ["TRU508"])


@pytest.mark.parametrize("python", [".venv", ".venv/bin/python"])
def test_python_is_an_interpreter_or_its_environment_before_or_behind_the_command(
    machine: Machine, demo: Wheel, python: str
) -> None:
    assert machine.trued("--python", python, "install", "-r", "requirements.txt").status == 0
    assert machine.installed == {"demo": "1.0"}


def test_an_environment_that_is_missing_is_made(machine: Machine, demo: Wheel) -> None:
    assert install(machine, "--venv", "new") == 0

    assert (machine.work / "new" / "bin" / "demo").exists()


def test_an_environment_made_for_a_run_that_is_refused_goes_again(machine: Machine, demo: Wheel) -> None:
    (machine.work / "empty").mkdir()
    machine.write("demo==1.0 --hash=sha256:" + "0" * 64)
    (machine.work / "pylock.toml").write_text("no lock")

    assert install(machine, "--venv", "new") == 1
    assert install(machine, "--venv", "empty") == 1
    assert machine.trued("sync", "--venv", "new").status == 2

    assert not (machine.work / "new").exists()
    assert list((machine.work / "empty").iterdir()) == []


def test_an_environment_that_was_there_stays_when_a_run_is_refused(machine: Machine, demo: Wheel) -> None:
    install(machine, "--venv", "other")
    machine.write("demo==1.0 --hash=sha256:" + "0" * 64)

    assert install(machine, "--venv", "other", "--force-reinstall") == 1

    assert (machine.work / "other" / "bin" / "demo").exists()


def test_it_is_told_when_trueds_own_environment_is_taken_because_nothing_names_one(machine: Machine) -> None:
    (machine.work / ".venv").rename(machine.work / "venv")

    ran = machine.trued("list")

    assert ran.status == 0
    assert f"taking the one trued runs in, {sys.prefix}" in ran.err
    assert machine.trued("list", "-q").err == ""
    assert machine.trued("list", "--venv", "venv").err == ""


def test_the_active_environment_comes_before_the_one_in_the_folder(machine: Machine, demo: Wheel) -> None:
    install(machine, "--venv", "other")
    machine.trued("uninstall", "-y", "demo", "--venv", "other")

    assert install(machine, VIRTUAL_ENV=str(machine.work / "other")) == 0
    assert (machine.work / "other" / "bin" / "demo").exists()
    assert machine.installed == {}


def test_the_environment_is_found_from_a_folder_below(machine: Machine, demo: Wheel) -> None:
    (machine.work / "deep" / "deeper").mkdir(parents=True)

    ran = machine.shell("cd deep/deeper && trued install -r ../../requirements.txt")

    assert ran.status == 0
    assert machine.installed == {"demo": "1.0"}


# What is chosen


def test_no_binary_is_refused_by_name_and_not_ignored(machine: Machine, demo: Wheel) -> None:
    assert install(machine, "--no-binary", ":all:") == 1
    assert install(machine, "--no-binary", "other") == 0


def test_requires_python_counts_unless_ignored(machine: Machine) -> None:
    old = machine.index.add(make_wheel("old"), requires_python="<3")
    machine.write(old.line)

    assert install(machine) == 1
    assert install(machine, "--ignore-requires-python") == 0


def test_a_platform_can_only_be_chosen_for_a_folder_or_a_dry_run(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo", tag="py3-none-win_amd64"))
    machine.write(wheel.line)
    platform = ("--platform", "win_amd64", "--only-binary=:all:")

    assert install(machine, *platform) == 2
    assert install(machine, *platform, "--dry-run") == 0
    assert install(machine, *platform, "--target", "t") == 0


def test_the_time_of_upload_can_be_limited(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"), upload_time="2026-06-01T00:00:00Z")
    machine.write(wheel.line)

    assert install(machine, "--uploaded-prior-to", "2026-05-01") == 1
    assert install(machine, "--uploaded-prior-to", "2026-07-01T00:00:00Z") == 0


def test_a_constraint_pins_what_the_requirement_leaves_open(machine: Machine, demo: Wheel) -> None:
    machine.write("demo")
    machine.write(demo.line, name="constraints.txt")

    assert install(machine, "-c", "constraints.txt") == 0
    assert machine.installed == {"demo": "1.0"}


# How it is done


def test_a_reinstallation_mends_an_edited_file(machine: Machine, demo: Wheel) -> None:
    install(machine)
    victim = machine.libraries / "demo" / "__init__.py"
    victim.unlink()
    victim.write_text("edited")

    assert install(machine, "--force-reinstall") == 0
    assert "edited" not in victim.read_text()


def test_bytecode_is_written_when_asked(machine: Machine, demo: Wheel) -> None:
    install(machine, "--no-compile")
    assert not (machine.libraries / "demo" / "__pycache__").exists()

    install(machine, "--compile", "--force-reinstall")
    assert list((machine.libraries / "demo" / "__pycache__").glob("*.pyc"))


@pytest.mark.parametrize(("options", "lines"), [((), 1), (("-q",), 0), (("-qq",), 0), (("--quiet", "-q"), 0)])
def test_quiet_stacks(machine: Machine, demo: Wheel, options: tuple[str, ...], lines: int) -> None:
    ran = machine.trued("install", "-r", "requirements.txt", *options)

    assert (ran.status, ran.out, len(ran.err.splitlines())) == (0, "", lines)


def test_verbose_tells_each_project(machine: Machine, demo: Wheel) -> None:
    assert "+ demo 1.0 (pin)" in machine.trued("install", "-v", "-r", "requirements.txt").err


def test_errors_are_told_however_quiet(machine: Machine) -> None:
    machine.write(f"demo==1.0 --hash=sha256:{'0' * 64}")

    assert "error[TRU" in machine.trued("install", "-qqq", "-r", "requirements.txt").err


def test_the_log_holds_more_than_the_terminal_and_is_appended_to(machine: Machine, demo: Wheel) -> None:
    install(machine, "-q", "--log", "run.log")
    once = (machine.work / "run.log").read_text()
    install(machine, "-q", "--log", "run.log")

    assert "demo" in once
    assert len((machine.work / "run.log").read_text()) > len(once)


def test_without_a_cache_nothing_stays_behind(machine: Machine, demo: Wheel) -> None:
    assert install(machine, "--no-cache-dir") == 0

    assert machine.installed == {"demo": "1.0"}
    assert not machine.store.exists()


def test_options_that_mean_nothing_to_trued_are_accepted(machine: Machine, demo: Wheel) -> None:
    options = "--disable-pip-version-check --no-input --no-color --root-user-action ignore --no-clean"
    options += " --no-warn-script-location --no-warn-conflicts --exists-action w --progress-bar off"
    options += " --use-pep517 --no-build-isolation --prefer-binary --no-python-version-warning"

    assert install(machine, *options.split()) == 0


@pytest.mark.parametrize("option", ["--only-deps", "--requirements-from-script"])
def test_an_option_that_would_change_the_result_is_refused_and_not_ignored(
    machine: Machine, demo: Wheel, option: str
) -> None:
    ran = machine.trued("install", "-r", "requirements.txt", option, "x")

    assert (ran.status, ran.codes[0]) == (2, "TRU908")
    assert machine.installed == {}


# Where settings come from


@pytest.mark.parametrize(
    ("file", "variables"),
    [
        ("home/.config/pip/pip.conf", {}),
        ("home/.pip/pip.conf", {}),
        ("home/etc/pip/pip.conf", {}),
        ("work/.venv/pip.conf", {"VIRTUAL_ENV": "work/.venv"}),
        ("work/my.conf", {"PIP_CONFIG_FILE": "work/my.conf"}),
    ],
)
def test_pips_files_are_read_in_each_place(
    machine: Machine, demo: Wheel, tmp_path: Path, file: str, variables: dict[str, str]
) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[global]\nquiet = 1\nunknown-to-all = 1\n[install]\ntarget = t\n")
    places = {name: str(tmp_path / value) for name, value in variables.items()}

    assert install(machine, **{"PIP_CONFIG_FILE": "", **places}) == 0
    assert (machine.work / "t" / "demo").exists()


def test_pips_files_can_be_switched_off(machine: Machine, demo: Wheel) -> None:
    path = machine.home / ".config" / "pip" / "pip.conf"
    path.parent.mkdir(parents=True)
    path.write_text("[install]\ntarget = t\n")

    assert install(machine, PIP_CONFIG_FILE=os.devnull) == 0
    assert machine.installed == {"demo": "1.0"}


def test_a_variable_counts_before_a_file_and_an_option_before_both(machine: Machine, demo: Wheel) -> None:
    machine.write("[install]", "target = file", name="my.conf")
    config = {"PIP_CONFIG_FILE": str(machine.work / "my.conf")}

    install(machine, **config, PIP_TARGET="variable")
    install(machine, "--target", "option", **config, PIP_TARGET="variable")

    found = {name for name in ("file", "variable", "option") if (machine.work / name).exists()}
    assert found == {"variable", "option"}


def test_trueds_variable_counts_before_pips(machine: Machine, demo: Wheel) -> None:
    assert install(machine, PIP_TARGET="pips", TRUED_TARGET="ours") == 0

    assert (machine.work / "ours").exists()
    assert not (machine.work / "pips").exists()


def test_isolated_ignores_variables(machine: Machine, demo: Wheel) -> None:
    ran = machine.trued(
        *("--isolated", "install", "-i", machine.index.url, "-r", "requirements.txt"), PIP_TARGET="t"
    )

    assert ran.status == 0
    assert machine.installed == {"demo": "1.0"}


def test_requirements_and_hash_mode_can_come_from_variables(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))
    machine.write("demo==1.0")

    assert machine.trued("install", PIP_REQUIREMENT="requirements.txt").codes == ["TRU561", "TRU781"]
    assert install(machine, "--level=permissive", PIP_REQUIRE_HASHES="1") == 1


def test_find_links_in_a_variable_may_be_several(machine: Machine) -> None:
    wheel = make_wheel("demo")
    (machine.work / "b").mkdir()
    (machine.work / "a").mkdir()
    (machine.work / "b" / wheel.filename).write_bytes(wheel.content)
    machine.write(wheel.line)

    assert install(machine, PIP_NO_INDEX="1", PIP_FIND_LINKS="a b") == 0


def test_a_virtual_environment_can_be_required(machine: Machine, demo: Wheel) -> None:
    outside = (
        "install",
        "-r",
        "requirements.txt",
        "--prefix",
        "p",
        "--python",
        sys.base_prefix + "/bin/python3",
    )

    refused = machine.trued(*outside, PIP_REQUIRE_VIRTUALENV="1")

    assert install(machine, PIP_REQUIRE_VIRTUALENV="1") == 0
    assert (refused.status, refused.codes) == (2, ["TRU509"])
    assert machine.trued(*outside).status == 0
