"""The [build-system] table, as PEP 518 and PEP 517 say."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trued.build.source_tree import LEGACY_BACKEND, LEGACY_REQUIRES, BuildSystem, read_build_system
from trued.core.errors import UsageError
from trued.core.finding import Finding

LEGACY = BuildSystem(requires=LEGACY_REQUIRES, backend=LEGACY_BACKEND, is_legacy=True)


def system(folder: Path, text: str) -> BuildSystem:
    (folder / "pyproject.toml").write_text(text)
    return read_build_system(str(folder), shown="project")


def faults(folder: Path, text: str) -> list[Finding]:
    with pytest.raises(UsageError) as error:
        system(folder, text)
    return list(error.value.findings)


def test_a_whole_table(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    text = (
        '[build-system]\nrequires = ["flit_core>=3"]\nbuild-backend = "a.b:c.d"\nbackend-path = ["tools"]\n'
    )

    assert system(tmp_path, text) == BuildSystem(
        requires=("flit_core>=3",), backend="a.b:c.d", backend_path=("tools",)
    )


def test_a_tree_with_setup_py_alone_is_built_by_setuptools(tmp_path: Path) -> None:
    (tmp_path / "setup.py").write_text("")

    assert read_build_system(str(tmp_path)) == LEGACY


def test_a_pyproject_without_the_table_is_built_by_setuptools(tmp_path: Path) -> None:
    assert system(tmp_path, "[project]\nname = 'a'\n") == LEGACY


def test_a_table_without_a_backend_takes_setuptools_with_its_own_requirements(tmp_path: Path) -> None:
    read = system(tmp_path, '[build-system]\nrequires = ["setuptools", "cython"]\n')

    assert read == BuildSystem(requires=("setuptools", "cython"), backend=LEGACY_BACKEND, is_legacy=True)


def test_a_folder_with_neither_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        read_build_system(str(tmp_path), shown="./here")

    assert [(one.code, one.subject) for one in error.value.findings] == [("TRU450", "./here")]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a = 1\nb = [\n", 2, "not TOML"),
        ("a = \xff\n".encode("latin-1").decode("latin-1"), 1, "not TOML"),
        ("build-system = 1\n", 1, "no table"),
        ("[project]\nname = 'a'\n\n[build-system]\nbuild-backend = 'a'\n", 4, "missing"),
        ("[build-system]\nrequires = 'a'\n", 2, "no list"),
        ("[build-system]\nrequires = ['a', 1]\n", 2, "no list"),
        ("[build-system]\nrequires = ['a b c']\n", 2, "no requirement"),
        ("[build-system]\nrequires = []\nbuild-backend = 'a b'\n", 3, "names no object"),
        ("[build-system]\nrequires = []\nbuild-backend = ''\n", 3, "names no object"),
        ("[build-system]\nrequires = []\nbuild-backend = ['a']\n", 3, "no text"),
        ("[build-system]\nrequires = []\nbackend-path = ['.']\n", 3, "without build-backend"),
        ("[build-system]\nrequires = []\nbackends = 'a'\n", 3, "no such key"),
    ],
)
def test_a_fault_is_told_with_its_line(text: str, line: int, words: str, tmp_path: Path) -> None:
    (finding,) = faults(tmp_path, text)

    assert finding.code == "TRU448"
    assert words in finding.values["reason"]
    assert finding.place is not None
    assert (finding.place.file, finding.place.line) == (str(Path("project", "pyproject.toml")), line)


# The backend would be imported from a folder of the user's, or from what lies beside the tree.
# Where `deep` is a link, `deep/../..` is inside by its links and outside by its name.
@pytest.mark.parametrize("path", ["..", "/usr", "a/../../b", "out", "C:\\x", "deep/../.."])
def test_a_backend_path_out_of_the_tree_is_refused(path: str, tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to("/usr")
    (tmp_path / "one" / "two" / "three").mkdir(parents=True)
    (tmp_path / "deep").symlink_to("one/two/three")

    (finding,) = faults(
        tmp_path, f"[build-system]\nrequires = []\nbuild-backend = 'a'\nbackend-path = ['''{path}''']\n"
    )

    assert (finding.code, finding.values["path"]) == ("TRU449", path)


def test_all_faults_are_told_together(tmp_path: Path) -> None:
    text = "[build-system]\nrequires = 1\nbuild-backend = 2\nbackend-path = ['..']\n"

    assert sorted(one.code for one in faults(tmp_path, text)) == ["TRU448", "TRU448", "TRU449"]


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "pyproject.toml").write_bytes(b"[build-system]\n" + data)

    with suppress(UsageError):
        assert isinstance(read_build_system(str(folder)), BuildSystem)
