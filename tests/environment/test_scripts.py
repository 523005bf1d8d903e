"""Scripts start the right interpreter, whatever its path looks like."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from trued.environment.launcher import launcher_script, with_launcher
from trued.environment.scripts import is_reserved, is_safe_name, rewritten, script_text, shebang
from trued.environment.target import Target


@pytest.mark.parametrize(
    "folder",
    [
        "plain",
        "with space",
        "o'brien",
        'quo"te and space',
        "dollar $HOME x",
        "back`tick` x",
        "back\\slash \\x",
        "three''' quotes",
        "x" * 140,
        "ü é",
    ],
)
def test_a_script_runs_from_an_interpreter_at_any_path(tmp_path: Path, folder: str) -> None:
    place = tmp_path / folder
    place.mkdir()
    python = place / "python"
    python.symlink_to(sys.executable)
    script = tmp_path / "tool"
    script.write_bytes(script_text(str(python), "platform", "python_implementation"))
    script.chmod(0o755)

    answer = subprocess.run([script], capture_output=True, text=True)

    assert answer.stderr.strip() == "CPython"
    assert answer.returncode == 1


def test_a_short_path_stands_on_the_first_line() -> None:
    assert shebang("/usr/bin/python3") == b"#!/usr/bin/python3\n"


@pytest.mark.parametrize(("length", "direct"), [(124, True), (125, False)])
def test_the_kernel_reads_127_bytes_of_the_first_line(length: int, direct: bool) -> None:
    path = "/" + "x" * (length - 1)

    assert shebang(path).startswith(b"#!/x") is direct


def test_the_script_imports_the_first_name_and_calls_the_whole() -> None:
    text = script_text("/p", "pkg.mod", "Tool.run").decode()

    assert "from pkg.mod import Tool\n" in text
    assert "sys.exit(Tool.run())\n" in text
    compile(text, "script", "exec")


@pytest.mark.parametrize(
    ("module", "attribute"),
    [("os; import evil", "main"), ("os", "main()\nimport evil"), ("os", ""), ("", "main"), ("a..b", "c")],
)
def test_an_entry_point_cannot_bring_code(module: str, attribute: str) -> None:
    with pytest.raises(ValueError, match=":"):
        script_text("/p", module, attribute)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"#!python\nx", b"#!/p\nx"),
        (b"#!pythonw\nx", b"#!/p\nx"),
        (b"#!python -u\nx", b"#!/p -u\nx"),
        (b"#!python\r\nx", b"#!/p\nx"),
        (b"#!python", b"#!/p"),
        (b"#!python3\nx", b"#!python3\nx"),
        (b"#!/usr/bin/env python\nx", b"#!/usr/bin/env python\nx"),
        (b"\x7fELF", b"\x7fELF"),
    ],
)
def test_only_a_python_line_is_rewritten(before: bytes, after: bytes) -> None:
    assert rewritten(before, "/p") == after


@pytest.mark.parametrize(
    "name", ["python", "Python3", "python3.13t", "pythonw.exe", "pypy3", "activate.fish"]
)
def test_names_of_the_interpreter_are_reserved(name: str) -> None:
    assert is_reserved(name)


@pytest.mark.parametrize("name", ["python-config-x", "pythonanywhere", "py.test", "activator", "ipython"])
def test_other_names_are_free(name: str) -> None:
    assert not is_reserved(name)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "C:x", "a\nb", "x.", " x", "a\0b"])
def test_names_that_leave_the_folder_are_unsafe(name: str) -> None:
    assert not is_safe_name(name)


class TestWindows:
    """The writer of launchers gives bytes, so that it is tested anywhere."""

    def test_a_launcher_is_a_program_a_line_and_an_archive(self) -> None:
        content = with_launcher(b"MZ program", "C:\\env\\python.exe", b"#!x\nprint('ran')\n")

        assert content.startswith(b"MZ program#!C:\\env\\python.exe\r\nPK")
        with zipfile.ZipFile(BytesIO(content)) as archive:
            assert archive.namelist() == ["__main__.py"]
            assert archive.read("__main__.py") == b"print('ran')\n"

    def test_python_runs_the_archive_behind_the_program(self, tmp_path: Path) -> None:
        path = tmp_path / "tool.exe"
        path.write_bytes(with_launcher(b"MZ program", "python", b"print('ran')\n"))

        answer = subprocess.run([sys.executable, path], capture_output=True, text=True)

        assert answer.stdout == "ran\n"

    def test_a_path_with_a_space_is_quoted(self) -> None:
        assert b'#!"C:\\my env\\python.exe"\r\n' in with_launcher(b"", "C:\\my env\\python.exe", b"")

    @pytest.mark.parametrize(
        ("platform", "windowed", "name"),
        [("win32", False, "t32"), ("win_amd64", False, "t64"), ("win_arm64", True, "w64-arm")],
    )
    def test_the_program_fits_the_platform(
        self, environment: Target, platform: str, windowed: bool, name: str
    ) -> None:
        from importlib.resources import files

        environment.facts["tags"] = (f"cp311-cp311-{platform}",)
        environment.python = "C:\\env\\Scripts\\python.exe"

        content = launcher_script(environment, "pkg", "main", windowed=windowed)

        assert content.startswith(files("pip._vendor.distlib").joinpath(f"{name}.exe").read_bytes())
        assert (b"pythonw.exe" in content[-600:]) is windowed

    def test_the_same_script_gives_the_same_bytes(self) -> None:
        assert with_launcher(b"x", "p", b"y") == with_launcher(b"x", "p", b"y")
