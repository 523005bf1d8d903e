"""Removing what trued, pip and uv installed, and refusing what would delete something else."""

from __future__ import annotations

import base64
import compileall
import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.environment.conftest import Shelf, site, snapshot
from trued.core.errors import Refused
from trued.environment.installed import installed_distributions
from trued.environment.target import Target
from trued.environment.transaction import change
from trued.environment.uninstall import Removal, plan_removals


def planned(target: Target, *projects: str) -> Removal:
    installed = installed_distributions(target.libraries)
    going = [one for one in installed if one.project in projects]
    assert going
    return plan_removals(going, installed=installed, roots=target.roots)


def remove(target: Target, *projects: str) -> None:
    change(target, removals=planned(target, *projects).paths)


def build_wheel(folder: Path) -> Path:
    """Write a small real wheel with a module, a package, data and a script."""
    members = {
        "widget.py": b"def main():\n    print('hello')\n",
        "widgets/__init__.py": b"",
        "widgets/part.py": b"x = 1\n",
        "widget-1.0.data/data/share/widget/w.txt": b"w",
        "widget-1.0.data/scripts/widget-tool": b"#!python\nimport widget\n",
        "widget-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: widget\nVersion: 1.0\n",
        "widget-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "widget-1.0.dist-info/entry_points.txt": b"[console_scripts]\nwidget = widget:main\n",
    }
    rows = [
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip('=')},"
        f"{len(content)}\n"
        for path, content in members.items()
    ]
    members["widget-1.0.dist-info/RECORD"] = "".join([*rows, "widget-1.0.dist-info/RECORD,,\n"]).encode()
    path = folder / "widget-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


UV = str(Path(sys.executable).with_name("uv"))
NEEDS_UV = pytest.mark.skipif(not os.path.exists(UV), reason="uv is not installed beside this Python")


@pytest.mark.parametrize("tool", ["pip", pytest.param("uv", marks=NEEDS_UV)])
def test_what_another_tool_installed_goes_without_a_trace(
    environment: Target, tmp_path: Path, tool: str
) -> None:
    wheel = build_wheel(tmp_path)
    before = snapshot(environment.prefix)
    command = {
        "pip": [sys.executable, "-m", "pip", "--python", environment.python, "install", "-q", "--no-index"],
        "uv": [UV, "pip", "install", "-q", "--offline", "--no-config", "--python", environment.python],
    }[tool]
    environ = {**os.environ, "PIP_CONFIG_FILE": os.devnull, "UV_CACHE_DIR": str(tmp_path / "uv")}
    environ.pop("VIRTUAL_ENV", None)
    subprocess.run([*command, "--no-deps", str(wheel)], check=True, env=environ)
    assert (site(environment) / "widget.py").exists()
    [one] = installed_distributions(environment.libraries)
    assert one.installer == tool

    remove(environment, "widget")

    left = {path for path in snapshot(environment.prefix) if path not in before}
    assert left <= {".lock"}  # uv's own lock file


def test_bytecode_that_python_wrote_later_goes_too(environment: Target, shelf: Shelf) -> None:
    before = snapshot(environment.prefix)
    change(environment, additions=[shelf.wheel("alpha")])
    compileall.compile_dir(site(environment), quiet=1)
    compileall.compile_dir(site(environment), quiet=1, optimize=2)

    remove(environment, "alpha")

    assert snapshot(environment.prefix) == before


def test_bytecode_of_other_modules_stays(environment: Target, shelf: Shelf) -> None:
    (site(environment) / "mine.py").write_text("x = 1\n")
    change(environment, additions=[shelf.wheel("alpha")])
    compileall.compile_dir(site(environment), quiet=1)

    remove(environment, "alpha")

    assert [path.name.split(".")[0] for path in (site(environment) / "__pycache__").iterdir()] == ["mine"]


def test_files_that_nobody_listed_stay_and_keep_their_folder(environment: Target, shelf: Shelf) -> None:
    change(environment, additions=[shelf.wheel("alpha")])
    (site(environment) / "alpha/notes.txt").write_text("mine")

    remove(environment, "alpha")

    assert [path.name for path in (site(environment) / "alpha").iterdir()] == ["notes.txt"]


def test_everything_in_the_dist_info_folder_goes(environment: Target, shelf: Shelf) -> None:
    change(environment, additions=[shelf.wheel("alpha")])
    (site(environment) / "alpha-1.0.dist-info/extra").mkdir()
    (site(environment) / "alpha-1.0.dist-info/extra/note").write_text("x")
    (site(environment) / "alpha-1.0.dist-info/link").symlink_to("extra")

    remove(environment, "alpha")

    assert not (site(environment) / "alpha-1.0.dist-info").exists()


def test_a_listed_file_that_is_gone_is_no_problem(environment: Target, shelf: Shelf) -> None:
    change(environment, additions=[shelf.wheel("alpha")])
    (site(environment) / "alpha.py").unlink()

    remove(environment, "alpha")

    assert not (site(environment) / "alpha").exists()


def test_a_file_that_two_list_stays_and_is_told(environment: Target, shelf: Shelf) -> None:
    change(environment, additions=[shelf.wheel("alpha", files={"s/__init__.py": b""})])
    change(environment, additions=[shelf.wheel("beta", files={"s/__init__.py": b""})])

    removal = planned(environment, "alpha")

    [finding] = removal.findings
    assert (finding.code, finding.values["others"]) == ("TRU536", "beta")
    assert str(site(environment) / "s/__init__.py") not in removal.paths


class TestRefusals:
    """RECORD is a file that anybody may have written (GHSA-pjjw-68hj-v9mw)."""

    def add_row(self, environment: Target, path: str) -> None:
        record = site(environment) / "alpha-1.0.dist-info/RECORD"
        record.write_text(record.read_text() + f"{path},,\n")

    def refused(self, environment: Target) -> list[str]:
        before = snapshot(environment.prefix)
        with pytest.raises(Refused) as caught:
            planned(environment, "alpha")
        assert snapshot(environment.prefix) == before
        return [finding.code for finding in caught.value.findings]

    @pytest.mark.parametrize(
        "path",
        [
            "../../../../outside.txt",  # climbs out of the environment
            "/etc/passwd",  # absolute
            "alpha/../../../../../outside.txt",  # climbs out from inside
            "../../../bin/python",  # the interpreter
            "../../../bin/activate",  # the environment's own script
            "../../../pyvenv.cfg",  # what makes it an environment
            ".",  # the packages themselves
        ],
    )
    def test_a_row_that_leads_elsewhere(self, environment: Target, shelf: Shelf, path: str) -> None:
        change(environment, additions=[shelf.wheel("alpha")])
        self.add_row(environment, path)

        assert self.refused(environment) == ["TRU531"]

    def test_a_row_through_a_link_that_leaves(
        self, environment: Target, shelf: Shelf, tmp_path: Path
    ) -> None:
        change(environment, additions=[shelf.wheel("alpha")])
        (tmp_path / "outside").mkdir()
        (tmp_path / "outside/file").write_text("x")
        (site(environment) / "way").symlink_to(tmp_path / "outside")
        self.add_row(environment, "way/file")

        assert self.refused(environment) == ["TRU531"]

    def test_a_folder_as_a_row_takes_nothing_with_it(self, environment: Target, shelf: Shelf) -> None:
        (site(environment) / "mine").mkdir()
        (site(environment) / "mine/file").write_text("x")
        change(environment, additions=[shelf.wheel("alpha")])
        self.add_row(environment, "mine")

        remove(environment, "alpha")

        assert (site(environment) / "mine/file").exists()

    def test_no_record(self, environment: Target, shelf: Shelf) -> None:
        change(environment, additions=[shelf.wheel("alpha")])
        (site(environment) / "alpha-1.0.dist-info/RECORD").unlink()

        assert self.refused(environment) == ["TRU530"]

    def test_a_record_that_is_no_text(self, environment: Target, shelf: Shelf) -> None:
        change(environment, additions=[shelf.wheel("alpha")])
        (site(environment) / "alpha-1.0.dist-info/RECORD").write_bytes(b"\xff\xfe\x00")

        assert self.refused(environment) == ["TRU535"]

    def test_distutils(self, environment: Target) -> None:
        (site(environment) / "alpha-1.0.egg-info").write_text("Name: alpha\nVersion: 1.0\n")

        assert self.refused(environment) == ["TRU533"]

    def test_a_development_link(self, environment: Target, tmp_path: Path) -> None:
        (tmp_path / "src/alpha.egg-info").mkdir(parents=True)
        (tmp_path / "src/alpha.egg-info/PKG-INFO").write_text("Name: alpha\nVersion: 2.0\n")
        (site(environment) / "alpha.egg-link").write_text(f"{tmp_path / 'src'}\n.")

        assert self.refused(environment) == ["TRU534"]

    def test_everything_wrong_is_told_at_once(self, environment: Target, shelf: Shelf) -> None:
        change(environment, additions=[shelf.wheel("alpha")])
        self.add_row(environment, "/etc/passwd")
        self.add_row(environment, "../../../bin/python")

        assert self.refused(environment) == ["TRU531", "TRU531"]


def test_old_pips_list_beside_egg_info_is_followed(environment: Target) -> None:
    folder = site(environment) / "alpha-1.0.egg-info"
    folder.mkdir()
    (folder / "PKG-INFO").write_text("Name: alpha\nVersion: 1.0\n")
    (folder / "installed-files.txt").write_text("../alpha.py\nPKG-INFO\ninstalled-files.txt\n")
    (site(environment) / "alpha.py").write_text("")

    remove(environment, "alpha")

    assert list(site(environment).iterdir()) == []
