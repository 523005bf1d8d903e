"""Real backends build real projects in the box: pure ones, and one that needs a compiler."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.build.evil import Bench
from trued.build.log import BuildLog

PROJECT = "[project]\nname = 'demo'\nversion = '1.0'\ndescription = 'd'\n"
BACKENDS = {
    "hatchling": "[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'\n",
    "flit": "[build-system]\nrequires = ['flit_core']\nbuild-backend = 'flit_core.buildapi'\n",
    "poetry": "[build-system]\nrequires = ['poetry-core']\nbuild-backend = 'poetry.core.masonry.api'\n",
    "setuptools": "[build-system]\nrequires = ['setuptools']\nbuild-backend = 'setuptools.build_meta'\n",
}
EXTENSION = """
#include <Python.h>
static PyObject *answer(PyObject *self, PyObject *none) { return PyLong_FromLong(42); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "demo", NULL, -1, methods};
PyMODINIT_FUNC PyInit_demo(void) { return PyModule_Create(&module); }
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    (tree / "demo").mkdir(parents=True)
    (tree / "demo" / "__init__.py").write_text('"""Demo."""\n')
    return tree


def names(wheel: str) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_pure_project_builds(backend: str, boxed: Bench, tree: Path) -> None:
    (tree / "pyproject.toml").write_text(BACKENDS[backend] + PROJECT)

    outcome = boxed.build_tree(tree)

    assert Path(outcome.wheel).name.startswith("demo-1.0-py")
    assert "demo/__init__.py" in names(outcome.wheel)


def test_metadata_comes_without_a_build(boxed: Bench, tree: Path) -> None:
    (tree / "pyproject.toml").write_text(BACKENDS["hatchling"] + PROJECT)
    into = boxed.folder / "metadata"
    into.mkdir()

    with BuildLog(str(boxed.folder / "log"), mask=str) as log:
        metadata = boxed.backend(tree, log).prepare_metadata(str(into))

    assert metadata is not None
    assert b"Name: demo" in metadata


def test_an_editable_wheel_points_at_the_tree_where_it_lies(boxed: Bench, tree: Path) -> None:
    (tree / "pyproject.toml").write_text(BACKENDS["hatchling"] + PROJECT)
    out = boxed.folder / "out"
    out.mkdir()

    with BuildLog(str(boxed.folder / "log"), mask=str) as log:
        wheel = boxed.backend(tree, log, in_place=True).build_editable(str(out))

    with zipfile.ZipFile(wheel) as archive:
        (pth,) = [name for name in archive.namelist() if name.endswith(".pth")]
        assert archive.read(pth).decode().strip() == str(tree)


@pytest.fixture(autouse=True)
def compiler() -> None:
    if shutil.which("cc") is None and os.environ.get("CI") is None:
        pytest.skip("there is no C compiler on this machine")


def c_project(folder: Path) -> Path:
    tree = folder / "c-project"
    tree.mkdir()
    (tree / "demo.c").write_text(EXTENSION)
    (tree / "setup.py").write_text(
        "from setuptools import Extension, setup\n"
        "setup(name='demo', version='1.0', ext_modules=[Extension('demo', ['demo.c'])])\n"
    )
    return tree


def test_a_legacy_project_with_a_c_extension_builds(boxed: Bench, tmp_path: Path) -> None:
    outcome = boxed.build_tree(c_project(tmp_path))

    site = tmp_path / "site"
    with zipfile.ZipFile(outcome.wheel) as archive:
        archive.extractall(site)
    done = subprocess.run(
        [sys.executable, "-c", "import demo; print(demo.answer())"],
        capture_output=True,
        env={"PYTHONPATH": str(site)},
        text=True,
    )
    assert done.stdout == "42\n", done.stderr


def test_two_builds_give_the_same_bytes_without_a_path_of_this_machine(boxed: Bench, tmp_path: Path) -> None:
    second = Bench(tmp_path / "second-folder", boxed.sandbox, boxed.environ)
    second.folder.mkdir()
    (tmp_path / "other").mkdir()

    wheels = [
        Path(boxed.build_tree(c_project(tmp_path)).wheel).read_bytes(),
        Path(second.build_tree(c_project(tmp_path / "other")).wheel).read_bytes(),
    ]

    assert wheels[0] == wheels[1]
    assert str(tmp_path).encode() not in wheels[0]


# setup_requires once fetched and ran what nobody had named.
def test_setup_requires_is_asked_for_like_any_requirement_and_not_fetched(
    boxed: Bench, tmp_path: Path
) -> None:
    tree = c_project(tmp_path)
    setup = (
        (tree / "setup.py")
        .read_text()
        .replace("name='demo'", "name='demo', setup_requires=['nothing-named-so']")
    )
    (tree / "setup.py").write_text(setup)

    with BuildLog(str(boxed.folder / "log"), mask=str) as log:
        assert "nothing-named-so" in boxed.backend(tree, log).requires_for_wheel()
