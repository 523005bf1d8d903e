"""Scripts and the ``.data`` directory: nothing lands outside its folder, on another file, or on Python."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wheel.builder import build, read, refusal
from trued.wheel.entry_points import read_entry_points
from trued.wheel.faults import Faults
from trued.wheel.reader import EntryPoint
from trued.wheel.script_names import is_interpreter


def _scripts(*lines: str) -> str:
    return "\n".join(("[console_scripts]", *lines, ""))


def test_console_and_gui_scripts_are_read() -> None:
    text = (
        _scripts("demo = demo.cli:main", "x.y-z = demo : a.b [extra]") + "\n[gui_scripts]\nshow=demo:show\n"
    )
    assert read(build(entry_points=text)).entry_points == (
        EntryPoint(group="console", name="demo", module="demo.cli", attribute="main"),
        EntryPoint(group="console", name="x.y-z", module="demo", attribute="a.b"),
        EntryPoint(group="gui", name="show", module="demo", attribute="show"),
    )


def test_other_groups_are_left_alone() -> None:
    assert read(build(entry_points="# plugins\n[demo.plugins]\nany thing = at all\n")).entry_points == ()


@pytest.mark.parametrize(
    "text", ["[console_scripts\n", "stray = line:here\n", "[console_scripts]\nno equals\n"]
)
def test_a_file_that_is_malformed_is_refused(text: str) -> None:
    assert refusal(build(entry_points=text)) == ["TRU270"]


def test_a_file_that_is_not_utf_8_is_refused() -> None:
    faults = Faults("demo")
    read_entry_points(b"\xff", faults=faults)
    assert [finding.code for finding in faults.findings] == ["TRU255"]


@pytest.mark.parametrize(
    "reference",
    [
        pytest.param("demo", id="no callable"),
        pytest.param("demo:main; import os", id="code behind the name"),
        pytest.param("demo:main()", id="a call"),
        pytest.param("demo import x as y:main", id="code in the module"),
        pytest.param("demo..cli:main", id="empty part"),
        pytest.param("demo:class", id="keyword"),
        pytest.param("1demo:main", id="no identifier"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_reference_that_is_not_module_and_callable_is_refused(reference: str) -> None:
    # Attack: the reference is written into the script's source.
    assert refusal(build(entry_points=_scripts(f"demo = {reference}"))) == ["TRU271"]


@pytest.mark.parametrize(
    "name",
    ["../evil", "sub/evil", "..\\evil", "/bin/sh", "C:evil", "..", ".", "", "a\x1bb", "a*b"],
)
def test_a_name_that_leaves_the_folder_is_refused(name: str) -> None:
    # Attack: a script written over any file of the user (GHSA-4gg8-gxpx-9rph).
    assert refusal(build(entry_points=_scripts(f"{name} = demo:main"))) == ["TRU272"]


INTERPRETERS = [
    "python",
    "python3",
    "python3.13",
    "python3.13t",
    "pythonw",
    "PYTHON",
    "python.exe",
    "pypy3",
    "python3-config",
]


@pytest.mark.parametrize("name", INTERPRETERS)
def test_a_script_that_replaces_the_interpreter_is_refused(name: str) -> None:
    # Attack: the next `python` of the user is the wheel's.
    assert refusal(build(entry_points=_scripts(f"{name} = demo:main"))) == ["TRU273"]


@pytest.mark.parametrize("name", INTERPRETERS)
def test_a_file_that_replaces_the_interpreter_is_refused(name: str) -> None:
    assert refusal(build({f"demo-1.0.data/scripts/{name}": b"#!python\n"})) == ["TRU273"]


@pytest.mark.parametrize("path", ["bin/python", "bin/python3.12", "Scripts/python.exe", "pyvenv.cfg"])
def test_the_data_scheme_cannot_replace_the_interpreter(path: str) -> None:
    # Attack: .data/data is unpacked over the environment's root.
    assert refusal(build({f"demo-1.0.data/data/{path}": b""})) == ["TRU273"]


@pytest.mark.parametrize(
    "name", ["pip", "pip3.12", "python-dotenv", "ipython3", "pythonic", "py.test", "2to3"]
)
def test_other_names_are_no_interpreter(name: str) -> None:
    assert not is_interpreter(name)


@pytest.mark.parametrize(
    "second", ["demo = demo:other", "DEMO = demo:main", "[gui_scripts]\ndemo = demo:main"]
)
def test_two_scripts_of_one_name_are_refused(second: str) -> None:
    assert refusal(build(entry_points=_scripts("demo = demo:main", second))) == ["TRU274"]


def test_an_unknown_scheme_is_refused() -> None:
    # A scheme of a later format, or of none: where it belongs is anyone's guess.
    assert refusal(build({"demo-1.0.data/stdlib/os.py": b""})) == ["TRU251"]


def test_a_file_directly_in_the_data_directory_is_refused() -> None:
    assert refusal(build({"demo-1.0.data/purelib": b""})) == ["TRU251"]


@pytest.mark.parametrize("folder", ["other-1.0.data", "demo-2.0.data", "x.data"])
def test_a_data_directory_of_another_name_is_refused(folder: str) -> None:
    # Attack: pip spreads every *.data directory, others only the wheel's own.
    assert refusal(build({f"{folder}/scripts/tool": b""})) == ["TRU252"]


@pytest.mark.parametrize("scheme", ["purelib", "platlib", "headers", "scripts", "data"])
def test_the_known_schemes_are_read(scheme: str) -> None:
    assert refusal(build({f"demo-1.0.data/{scheme}/thing": b""})) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("demo/a.py", "demo-1.0.data/purelib/demo/a.py"),
        ("demo/a.py", "demo-1.0.data/platlib/demo/A.py"),
        ("demo-1.0.data/purelib/a.py", "demo-1.0.data/platlib/a.py"),
    ],
)
def test_two_members_for_one_installed_file_are_refused(first: str, second: str) -> None:
    # Attack: what is installed depends on the order in which an installer goes.
    assert refusal(build({first: b"a\n", second: b"b\n"})) == ["TRU253"]


def test_an_entry_point_and_a_script_file_of_one_name_are_refused() -> None:
    assert refusal(build({"demo-1.0.data/scripts/demo": b""}, entry_points=_scripts("demo = demo:main"))) == [
        "TRU253"
    ]


@given(st.text(alphabet="[]=;#ab.:\n \r/\\consle_scripts"))
def test_no_text_breaks_the_reading(text: str) -> None:
    for point in read_entry_points(("[console_scripts]\n" + text).encode(), faults=Faults("demo")):
        assert point.module.replace(".", "").isidentifier()
