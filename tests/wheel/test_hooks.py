"""Startup hooks are found wherever they would run, and refused unless known or allowed."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files

import pytest

from tests.wheel.builder import METADATA, build, verify
from trued.core.finding import Finding, Level
from trued.core.names import ProjectName, normalize
from trued.wheel.hooks import known_hooks
from trued.wheel.reader import VerifiedWheel, hook_findings

SETUPTOOLS = (
    b"import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; "
    b"enabled and __import__('_distutils_hack').add_shim(); \n"
)
EVIL = b"import os; os.system('curl example.org')\n"


def findings_of(verified: VerifiedWheel, allowed_projects: frozenset[ProjectName]) -> tuple[Finding, ...]:
    wheel = verified.wheel
    return hook_findings(
        verified.hooks,
        filename=wheel.filename,
        project=wheel.project,
        allowed_projects=allowed_projects,
    )


def _kinds(contents: dict[str, bytes]) -> list[str]:
    verified, _ = verify(build(contents))
    return [hook.kind for hook in verified.hooks]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(EVIL, id="first line"),
        pytest.param(b"# comment\n\ndemo\nimport os\n", id="later line"),
        pytest.param(b"import\tos\n", id="tab"),
        pytest.param(b"\xef\xbb\xbfimport os\n", id="after a byte order mark, which Python 3.13 drops"),
        pytest.param(b"x\rimport os\n", id="after a carriage return"),
        pytest.param(b"x\x0cimport os\n", id="after a form feed, where Python 3.13 ends lines"),
        pytest.param("x\u2028import os\n".encode(), id="after a line separator"),
        pytest.param(b"x\x85import os\n", id="after a next-line of Latin-1"),
        pytest.param(b"\xff\nimport os\n", id="not UTF-8"),
    ],
)
def test_a_pth_file_with_an_import_line_is_a_hook(content: bytes) -> None:
    # Attack: litellm 1.82.8, elementary-data 0.23.3 and nineteen others in 2026.
    assert _kinds({"demo.pth": content}) == ["pth-import"]


@pytest.mark.parametrize("content", [b"", b"# import os\n", b"demo\ndemo/sub\n", b"importlib_things\n"])
def test_a_pth_file_that_only_adds_own_folders_is_none(content: bytes) -> None:
    assert _kinds({"demo.pth": content}) == []


@pytest.mark.parametrize(
    "content", [b"/tmp\n", b"../elsewhere\n", b"demo/../..\n", b"C:\\tools\n", b"..\\up\n"]
)
def test_a_pth_file_that_adds_a_folder_elsewhere_is_a_hook(content: bytes) -> None:
    assert _kinds({"demo.pth": content}) == ["pth-outside"]


def test_a_large_pth_file_is_a_hook_unread() -> None:
    assert _kinds({"demo.pth": b"#" * 1_100_000}) == ["pth-import"]


def test_a_start_file_is_a_hook() -> None:
    # PEP 829: run by Python 3.15 and later.
    assert _kinds({"demo.start": b"demo:main\n"}) == ["start"]


@pytest.mark.parametrize("module", ["sitecustomize", "usercustomize"])
@pytest.mark.parametrize("form", ["{}.py", "{}.pyc", "{}.cpython-313-x86_64-linux-gnu.so", "{}/__init__.py"])
def test_a_customize_module_is_a_hook(module: str, form: str) -> None:
    assert _kinds({form.format(module): b"\n"}) == [module]


@pytest.mark.parametrize(
    "path", ["demo/sitecustomize.py", "demo/x.pth", "demo/x.start", "sitecustomize/tool.py"]
)
def test_what_python_does_not_run_is_none(path: str) -> None:
    assert _kinds({path: EVIL}) == []


@pytest.mark.parametrize("folder", ["purelib", "platlib"])
@pytest.mark.parametrize("name", ["demo.pth", "demo.start", "sitecustomize.py"])
def test_hooks_are_found_through_the_data_directory(folder: str, name: str) -> None:
    # Attack: the same file, one directory further from the eye.
    assert len(_kinds({f"demo-1.0.data/{folder}/{name}": EVIL})) == 1


@pytest.mark.parametrize("name", ["demo.pth", "demo.start", "sitecustomize.py", "usercustomize/__init__.py"])
def test_hooks_are_found_through_the_data_scheme(name: str) -> None:
    # Attack: .data/data reaches site-packages by its path.
    assert len(_kinds({f"demo-1.0.data/data/lib/python3.12/site-packages/{name}": EVIL})) == 1


def test_a_customize_module_in_a_folder_that_a_pth_adds_is_a_hook() -> None:
    # Attack: site reads .pth files first and imports sitecustomize afterwards, from the folders they added.
    assert _kinds({"demo.pth": b"demo\n", "demo/sitecustomize.py": b"\n"}) == ["sitecustomize"]


def test_case_does_not_hide_a_hook() -> None:
    assert _kinds({"Demo.PTH": EVIL}) == ["pth-import"]


def test_an_unknown_hook_is_refused() -> None:
    verified, _ = verify(build({"demo.pth": EVIL}))
    (finding,) = findings_of(verified, frozenset())
    assert finding.code == "TRU280"
    assert finding.values["sha256"] == hashlib.sha256(EVIL).hexdigest()
    assert finding.values["path"] == "demo.pth"


def test_a_hook_of_an_allowed_project_passes_and_is_told() -> None:
    verified, _ = verify(build({"demo.pth": EVIL}))
    (finding,) = findings_of(verified, frozenset({normalize("Demo")}))
    assert (finding.code, finding.level, finding.values["path"]) == ("TRU281", Level.NOTE, "demo.pth")


def test_many_hooks_of_an_allowed_project_are_no_error() -> None:
    verified, _ = verify(build({f"demo{number}.pth": EVIL for number in range(60)}))
    assert {one.level for one in findings_of(verified, frozenset({normalize("Demo")}))} == {Level.NOTE}


def test_allowing_another_project_does_not_help() -> None:
    verified, _ = verify(build({"demo.pth": EVIL}))
    assert len(findings_of(verified, frozenset({normalize("other")}))) == 1


def test_a_known_hook_passes_by_its_digest() -> None:
    verified = _setuptools_hook("setuptools")
    assert "distutils" in (verified.hooks[0].known or "")
    assert findings_of(verified, frozenset()) == ()


def test_a_known_hook_of_another_project_is_refused() -> None:
    # Attack: the known line `import their_module`, and beside it an own module of that name.
    (finding,) = findings_of(_setuptools_hook("demo"), frozenset())
    assert finding.code == "TRU280"


def test_a_hook_that_runs_only_the_standard_library_is_known_everywhere() -> None:
    rows = json.loads(files("trued.wheel").joinpath("known_hooks.json").read_text("utf-8"))
    everywhere = {row["sha256"] for row in rows if row["project"] is None}
    assert everywhere
    assert everywhere <= known_hooks(normalize("demo")).keys()


def _setuptools_hook(project: str) -> VerifiedWheel:
    metadata = METADATA.replace(b"demo", project.encode())
    wheel = build(
        {"distutils-precedence.pth": SETUPTOOLS}, dist_info=f"{project}-1.0.dist-info", metadata=metadata
    )
    return verify(wheel, f"{project}-1.0-py3-none-any.whl")[0]


def test_every_known_hook_says_where_it_was_found_and_what_for() -> None:
    rows = json.loads(files("trued.wheel").joinpath("known_hooks.json").read_text("utf-8"))
    assert len(rows) >= 1
    for row in rows:
        assert set(row) == {"project", "found_in", "sha256", "why"}
        assert len(row["sha256"]) == 64
        assert row["found_in"]
        assert row["why"]
    assert len({row["sha256"] for row in rows}) == len(rows)
