"""Where packages go: the order of the options, and what is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.environment.conftest import snapshot
from tests.environment.test_interpreter import INTERPRETERS, SUPPORTED
from trued.core.errors import TruedError, UsageError
from trued.environment.externally_managed import message_of
from trued.environment.origin import ORIGIN_FILE
from trued.environment.target import Target, find_target


@pytest.fixture
def find(tmp_path: Path, cache_folder: str) -> Any:
    """Return :func:`find_target` in an empty folder, run by an interpreter outside any environment."""
    base = os.path.realpath(sys.executable)

    def found(**options: Any) -> Target:
        options = {
            "environ": {},
            "cwd": str(tmp_path),
            "cache_folder": cache_folder,
            "running": (base, sys.base_prefix),
            **options,
        }
        return find_target(**options)

    return found


def make_venv(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder


def code_of(error: pytest.ExceptionInfo[TruedError]) -> str:
    return error.value.findings[0].code


class TestRequiredEnvironment:
    """``--require-virtualenv``: what writes needs an interpreter that stands in a virtual environment."""

    @pytest.mark.parametrize("place", [{}, {"target": "t"}, {"prefix": "p"}])
    def test_an_interpreter_outside_is_refused_wherever_it_writes(self, find: Any, place: Any) -> None:
        with pytest.raises(UsageError) as error:
            find(python=os.path.realpath(sys.executable), require_virtualenv=True, **place)

        assert code_of(error) == "TRU509"

    def test_without_any_environment_a_folder_is_refused_too(self, find: Any) -> None:
        with pytest.raises(UsageError) as error:
            find(target="t", require_virtualenv=True)

        assert code_of(error) == "TRU509"

    def test_a_virtual_environment_is_enough(self, find: Any, tmp_path: Path) -> None:
        make_venv(tmp_path / "one")

        assert find(venv="one", require_virtualenv=True).kind == "virtual"

    def test_looking_is_not_refused(self, find: Any) -> None:
        base = os.path.realpath(sys.executable)

        assert find(python=base, require_virtualenv=True, writing=False).kind == "base"


MINOR = f"3.{sys.version_info[1]}"


@pytest.fixture
def on_path(tmp_path: Path) -> dict[str, str]:
    """The variables of a machine with this interpreter on PATH, by the name of its version."""
    (tmp_path / "bin").mkdir()
    (tmp_path / f"bin/python{MINOR}").symlink_to(os.path.realpath(sys.executable))
    return {"PATH": str(tmp_path / "bin")}


class TestVersion:
    """``--python 3.12``: the command of that version on PATH."""

    @pytest.mark.parametrize("parts", [2, 3])
    def test_it_is_found_by_its_name(
        self, find: Any, tmp_path: Path, on_path: dict[str, str], parts: int
    ) -> None:
        target = find(python=".".join(map(str, sys.version_info[:parts])), environ=on_path)

        assert (target.kind, target.prefix) == ("base", sys.base_prefix)

    @pytest.mark.parametrize("version", ["3.99", "2.7.18", f"{MINOR}.99", "4"])
    def test_one_that_is_not_there_is_told_as_that(
        self, find: Any, on_path: dict[str, str], version: str
    ) -> None:
        with pytest.raises(UsageError) as caught:
            find(python=version, environ=on_path)

        assert (code_of(caught), caught.value.findings[0].subject) == ("TRU582", version)

    def test_an_environment_can_be_made_from_it(self, find: Any, on_path: dict[str, str]) -> None:
        assert find(python=MINOR, venv="new", environ=on_path).kind == "virtual"


class TestOrder:
    """``--python``, ``--venv``, ``$VIRTUAL_ENV``, ``.venv`` upwards, trued's own environment."""

    def test_python_comes_first(self, find: Any, tmp_path: Path) -> None:
        one, two = make_venv(tmp_path / "one"), make_venv(tmp_path / "two")

        target = find(python=str(one / "bin/python"), environ={"VIRTUAL_ENV": str(two)})

        assert (target.kind, target.prefix) == ("virtual", str(one))

    def test_venv_comes_before_the_active_environment(self, find: Any, tmp_path: Path) -> None:
        one, two = make_venv(tmp_path / "one"), make_venv(tmp_path / "two")

        assert find(venv="one", environ={"VIRTUAL_ENV": str(two)}).prefix == str(one)

    def test_the_active_environment_comes_before_one_nearby(self, find: Any, tmp_path: Path) -> None:
        active = make_venv(tmp_path / "active")
        make_venv(tmp_path / ".venv")

        assert find(environ={"VIRTUAL_ENV": str(active)}).prefix == str(active)

    def test_a_dot_venv_is_found_upwards(self, find: Any, tmp_path: Path) -> None:
        venv = make_venv(tmp_path / ".venv")
        (tmp_path / "a/b").mkdir(parents=True)

        assert find(cwd=str(tmp_path / "a/b")).prefix == str(venv)

    def test_the_nearest_dot_venv_wins(self, find: Any, tmp_path: Path) -> None:
        make_venv(tmp_path / ".venv")
        (tmp_path / "a").mkdir()
        nearer = make_venv(tmp_path / "a/.venv")

        assert find(cwd=str(tmp_path / "a")).prefix == str(nearer)

    @pytest.mark.skipif(os.geteuid() != 0, reason="needs to give folders away")
    def test_a_strangers_dot_venv_above_is_passed_over(self, find: Any, tmp_path: Path) -> None:
        venv = make_venv(tmp_path / ".venv")
        (tmp_path / "mine").mkdir()
        os.chown(venv, 12345, 12345)

        with pytest.raises(UsageError) as caught:
            find(cwd=str(tmp_path / "mine"))
        assert code_of(caught) == "TRU501"

    def test_the_environment_trued_runs_in_comes_last(self, find: Any, tmp_path: Path) -> None:
        own = make_venv(tmp_path / "own")
        (tmp_path / "elsewhere").mkdir()

        target = find(cwd=str(tmp_path / "elsewhere"), running=(str(own / "bin/python"), str(own)))

        assert target.prefix == str(own)

    @pytest.mark.parametrize(
        ("mark", "tool"),
        [
            ("own/uv-receipt.toml", "uv tool"),
            ("own/pipx_metadata.json", "pipx"),
            ("CACHEDIR.TAG", "a cache"),
        ],
    )
    def test_the_environment_of_a_tool_is_never_taken_unasked(
        self, find: Any, tmp_path: Path, mark: str, tool: str
    ) -> None:
        own = make_venv(tmp_path / "own")
        (tmp_path / mark).touch()
        (tmp_path / "elsewhere").mkdir()
        running = (str(own / "bin/python"), str(own))

        for writing in (True, False):
            with pytest.raises(UsageError) as caught:
                find(cwd=str(tmp_path / "elsewhere"), running=running, writing=writing)
            assert (code_of(caught), caught.value.findings[0].values) == ("TRU581", {"tool": tool})
        assert find(venv=str(own), running=running).prefix == str(own)
        assert find(environ={"VIRTUAL_ENV": str(own)}, running=running).prefix == str(own)
        assert find(target="t", cwd=str(tmp_path / "elsewhere"), running=running).kind == "target"

    def test_the_mark_of_a_cache_in_the_environment_itself_means_nothing(
        self, find: Any, tmp_path: Path
    ) -> None:
        # uv and virtualenv put it into every environment, for backups to pass over.
        own = make_venv(tmp_path / "own")
        (own / "CACHEDIR.TAG").touch()
        (tmp_path / "elsewhere").mkdir()

        target = find(cwd=str(tmp_path / "elsewhere"), running=(str(own / "bin/python"), str(own)))

        assert target.prefix == str(own)

    def test_nothing_at_all_is_an_error(self, find: Any) -> None:
        with pytest.raises(UsageError) as caught:
            find()

        assert code_of(caught) == "TRU501"

    def test_an_active_environment_that_is_gone_is_an_error(self, find: Any, tmp_path: Path) -> None:
        make_venv(tmp_path / ".venv")

        with pytest.raises(UsageError) as caught:
            find(environ={"VIRTUAL_ENV": str(tmp_path / "gone")})
        assert code_of(caught) == "TRU505"


class TestPython:
    """``--python`` takes a path, an environment's folder or a command's name."""

    def test_an_environments_folder(self, find: Any, tmp_path: Path) -> None:
        venv = make_venv(tmp_path / "env")

        assert find(python="env").python == str(venv / "bin/python")

    def test_a_folder_that_is_no_environment(self, find: Any, tmp_path: Path) -> None:
        (tmp_path / "plain").mkdir()

        with pytest.raises(UsageError) as caught:
            find(python="plain")
        assert code_of(caught) == "TRU505"

    def test_a_commands_name(self, find: Any, tmp_path: Path) -> None:
        venv = make_venv(tmp_path / "env")

        assert find(python="python3", environ={"PATH": str(venv / "bin")}).prefix == str(venv)

    def test_an_interpreter_outside_any_environment(self, find: Any) -> None:
        base = os.path.realpath(sys.executable)

        target = find(python=base, break_system_packages=True)

        assert (target.kind, target.prefix) == ("base", sys.base_prefix)

    @pytest.mark.parametrize("name", SUPPORTED)
    def test_the_folders_of_any_environment_are_what_its_python_says(
        self, find: Any, tmp_path: Path, name: str
    ) -> None:
        folder = tmp_path / "env"
        subprocess.run([INTERPRETERS[name], "-m", "venv", "--without-pip", folder], check=True)
        code = "import sysconfig as s; p = s.get_paths(); print(p['purelib'], p['scripts'], p['data'])"
        answer = subprocess.run([folder / "bin/python", "-c", code], capture_output=True, text=True)

        roots = find(python=str(folder / "bin/python")).roots

        assert answer.stdout.split() == [roots["purelib"], roots["scripts"], roots["data"]]
        assert roots["platlib"] == roots["purelib"]


class TestVenv:
    """``--venv`` makes the environment where there is none."""

    @pytest.mark.parametrize("name", SUPPORTED)
    def test_it_is_made_as_the_interpreter_makes_it(self, find: Any, tmp_path: Path, name: str) -> None:
        python = INTERPRETERS[name]
        target = find(venv="made", python=python)
        made = snapshot(tmp_path / "made")
        subprocess.run([python, "-I", "-m", "venv", "--without-pip", tmp_path / "real"], check=True)
        real = snapshot(tmp_path / "real")

        assert made.keys() - real.keys() == {ORIGIN_FILE}
        assert real.keys() <= made.keys()
        assert {path for path in real if made[path] != real[path]} <= {
            "pyvenv.cfg",
            *(f"bin/{name}" for name in ("activate", "activate.csh", "activate.fish", "Activate.ps1")),
            "bin/python3",
        }
        code = "import sys; print(sys.prefix)"
        answer = subprocess.run([target.python, "-c", code], capture_output=True, text=True)
        assert answer.stdout.strip() == str(tmp_path / "made")

    def test_an_empty_folder_is_filled(self, find: Any, tmp_path: Path) -> None:
        (tmp_path / "made").mkdir()

        assert find(venv="made").prefix == str(tmp_path / "made")
        assert (tmp_path / "made/pyvenv.cfg").exists()

    def test_a_folder_with_other_things_is_left_alone(self, find: Any, tmp_path: Path) -> None:
        (tmp_path / "made").mkdir()
        (tmp_path / "made/thesis.txt").write_text("years of work")

        with pytest.raises(UsageError) as caught:
            find(venv="made")
        assert code_of(caught) == "TRU505"
        assert (tmp_path / "made/thesis.txt").exists()

    def test_nothing_is_made_when_nothing_is_written(self, find: Any, tmp_path: Path) -> None:
        target = find(venv="made", writing=False)

        assert target.prefix == str(tmp_path / "made")
        assert not (tmp_path / "made").exists()

    def test_a_failure_leaves_nothing(self, find: Any, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")

        with pytest.raises(TruedError) as caught:
            find(venv="file/env")
        assert code_of(caught) == "TRU507"


class TestFolders:
    """``--target``, ``--prefix``, ``--root`` and ``--user``."""

    def test_target_takes_packages_into_the_folder_itself(self, find: Any, tmp_path: Path) -> None:
        target = find(target="t")

        folder = str(tmp_path / "t")
        assert target.kind == "target"
        assert target.libraries == (folder,)
        assert target.roots == {
            "purelib": folder,
            "platlib": folder,
            "scripts": f"{folder}/bin",
            "headers": f"{folder}/include/python",
            "data": folder,
        }

    def test_prefix_has_the_interpreters_layout(self, find: Any, tmp_path: Path) -> None:
        roots = find(prefix="p").roots

        version = "python{}.{}".format(*sys.version_info)
        assert roots["purelib"] == str(tmp_path / "p/lib" / version / "site-packages")
        assert roots["scripts"] == str(tmp_path / "p/bin")

    @pytest.mark.parametrize("option", ["target", "prefix"])
    def test_a_virtual_environment_has_its_own_place_for_headers_in_any_folder(
        self, find: Any, tmp_path: Path, option: str
    ) -> None:
        """As pip has it, which asks only whether it runs in one."""
        make_venv(tmp_path / ".venv")

        headers = find(**{option: "t"}).roots["headers"]

        assert headers == "{}/t/include/site/python{}.{}".format(tmp_path, *sys.version_info)

    def test_prefix_outside_virtual_environments_has_the_interpreters_place_for_headers(
        self, find: Any, tmp_path: Path
    ) -> None:
        headers = find(prefix="p").roots["headers"]

        assert headers == "{}/p/include/python{}.{}".format(tmp_path, *sys.version_info)

    def test_root_goes_before_every_path(self, find: Any, tmp_path: Path) -> None:
        venv = make_venv(tmp_path / "env")

        target = find(venv="env", root="r")

        assert target.roots["scripts"] == f"{tmp_path}/r{venv}/bin"
        assert target.python == str(venv / "bin/python")

    def test_user_goes_below_the_users_own_base(self, find: Any, tmp_path: Path) -> None:
        base = os.path.realpath(sys.executable)

        target = find(python=base, user=True, environ={"PYTHONUSERBASE": "/u"}, break_system_packages=True)

        version = "python{}.{}".format(*sys.version_info)
        assert target.roots["purelib"] == f"/u/lib/{version}/site-packages"

    def test_user_without_a_base_goes_below_home(self, find: Any) -> None:
        base = os.path.realpath(sys.executable)

        target = find(python=base, user=True, environ={"HOME": "/h"}, break_system_packages=True)

        assert target.roots["data"] == "/h/.local"

    def test_user_is_refused_where_it_would_not_be_seen(self, find: Any, tmp_path: Path) -> None:
        make_venv(tmp_path / "env")

        with pytest.raises(UsageError) as caught:
            find(venv="env", user=True)
        assert code_of(caught) == "TRU508"

    @pytest.mark.parametrize(
        "options",
        [{"target": "t", "prefix": "p"}, {"target": "t", "user": True}, {"prefix": "p", "user": True}],
    )
    def test_two_of_them_exclude_each_other(self, find: Any, options: dict[str, Any]) -> None:
        with pytest.raises(UsageError) as caught:
            find(**options)

        assert code_of(caught) == "TRU506"


class TestExternallyManaged:
    """PEP 668: the system's own packages are left alone."""

    @pytest.fixture
    def system(self, tmp_path: Path) -> Path:
        """Return an interpreter whose standard library carries the mark."""
        real = os.path.realpath(sys.executable)
        stdlib = tmp_path / "stdlib"
        stdlib.mkdir()
        (stdlib / "EXTERNALLY-MANAGED").write_text(
            "[externally-managed]\nError=Use a virtual environment,\n please: 100%\nError-de=Bitte nicht\n"
        )
        shim = tmp_path / "python"
        code = (
            "import runpy, sys, sysconfig; "
            f"get = sysconfig.get_path; sysconfig.get_path = lambda n, **k: {str(stdlib)!r} "
            "if n == 'stdlib' else get(n, **k); "
            "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
        )
        shim.write_text(f'#!/bin/sh\nshift 2\nexec {real} -I -S -c "{code}" "$@"\n')
        shim.chmod(0o755)
        return shim

    def test_its_message_is_shown(self, find: Any, system: Path) -> None:
        with pytest.raises(UsageError) as caught:
            find(python=str(system))

        [finding] = caught.value.findings
        assert finding.code == "TRU504"
        assert finding.values["message"] == "Use a virtual environment,\nplease: 100%"

    def test_the_message_is_in_the_users_language(self, find: Any, system: Path) -> None:
        with pytest.raises(UsageError) as caught:
            find(python=str(system), environ={"LANG": "de_AT.UTF-8"})

        assert caught.value.findings[0].values["message"] == "Bitte nicht"

    def test_user_is_refused_too(self, find: Any, system: Path) -> None:
        with pytest.raises(UsageError) as caught:
            find(python=str(system), user=True)

        assert code_of(caught) == "TRU504"

    @pytest.mark.parametrize(
        "options",
        [
            {"break_system_packages": True},
            {"writing": False},
            {"target": "t"},
            {"prefix": "p"},
            {"root": "r"},
        ],
    )
    def test_what_does_not_touch_it_is_not_refused(
        self, find: Any, system: Path, options: dict[str, Any]
    ) -> None:
        find(python=str(system), **options)

    def test_a_mark_that_says_nothing_forbids_all_the_same(self, tmp_path: Path) -> None:
        mark = tmp_path / "EXTERNALLY-MANAGED"
        mark.write_bytes(b"\xff\xfe")

        assert message_of(str(mark), {}) == ""


class TestVisible:
    """What programs of an environment can import, beside what is installed into it."""

    def test_an_interpreter_sees_every_folder_that_site_names(self, find: Any) -> None:
        """Debian installs into one folder and has its own packages in another."""
        base = os.path.realpath(sys.executable)
        asked = subprocess.run(
            [base, "-I", "-c", "import site; print(*site.getsitepackages(), sep='\\n')"],
            capture_output=True,
            text=True,
            check=True,
        )

        target = find(python=base, writing=False)

        assert set(asked.stdout.split()) <= set(target.visible)
        assert target.visible[: len(target.libraries)] == target.libraries

    def test_a_virtual_environment_sees_itself_alone(self, find: Any, tmp_path: Path) -> None:
        make_venv(tmp_path / ".venv")

        target = find()

        assert target.visible == target.libraries

    def test_a_virtual_environment_may_see_the_systems_packages_too(self, find: Any, tmp_path: Path) -> None:
        venv = make_venv(tmp_path / ".venv")
        (venv / "pyvenv.cfg").write_text("include-system-site-packages = true\n")

        target = find()

        assert set(target.facts["site_packages"]) <= set(target.visible)

    def test_a_folder_sees_itself_alone(self, find: Any) -> None:
        target = find(target="t")

        assert target.visible == target.libraries
