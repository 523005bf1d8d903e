"""What every supported interpreter says of itself, and how its answer is kept."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trued.core.errors import OperationalError
from trued.environment.interpreter import facts_of, virtual_environment_of
from trued.environment.tags import composed_tags

if TYPE_CHECKING:
    from trued.environment.facts import Facts


def found_interpreters() -> dict[str, str]:
    """Return the interpreters of this machine by version: pyenv's, and the running one."""
    found = {}
    for folder in sorted(Path.home().glob(".pyenv/versions/3.*")):
        if (folder / "bin/python").exists():
            found[folder.name] = str(folder / "bin/python")
    found.setdefault("running", sys.executable)
    return found


INTERPRETERS = found_interpreters()
SUPPORTED = [name for name in INTERPRETERS if name == "running" or int(name.split(".")[1]) >= 8]
TOO_OLD = [name for name in INTERPRETERS if name not in SUPPORTED]

SAID_BY_ITSELF = """
import os, platform, sys, sysconfig
paths = sysconfig.get_paths()
print(repr({
    "version": platform.python_version(),
    "cache_tag": sys.implementation.cache_tag,
    "purelib": paths["purelib"],
    "platlib": paths["platlib"],
    "scripts": paths["scripts"],
    "data": paths["data"],
    "stdlib": paths["stdlib"],
    "python_version": "%d.%d" % sys.version_info[:2],
    "sys_platform": sys.platform,
}))
"""


@pytest.mark.parametrize("name", SUPPORTED)
def test_the_facts_are_what_the_interpreter_says(name: str, cache_folder: str) -> None:
    python = os.path.realpath(INTERPRETERS[name])
    answer = subprocess.run([python, "-c", SAID_BY_ITSELF], capture_output=True, text=True, check=True)
    said = eval(answer.stdout)

    facts = facts_of(python, cache_folder)

    assert {
        "version": facts["version"],
        "cache_tag": facts["cache_tag"],
        "purelib": facts["paths"]["purelib"],
        "platlib": facts["paths"]["platlib"],
        "scripts": facts["paths"]["scripts"],
        "data": facts["paths"]["data"],
        "stdlib": facts["stdlib"],
        "python_version": facts["markers"]["python_version"],
        "sys_platform": facts["markers"]["sys_platform"],
    } == said


@pytest.mark.parametrize("name", SUPPORTED)
def test_the_tags_begin_with_the_interpreters_own_and_end_with_any(name: str, cache_folder: str) -> None:
    facts = facts_of(INTERPRETERS[name], cache_folder)

    own = "cp{}{}".format(*facts["version_info"])
    assert facts["tags"][0].startswith(f"{own}-{own}-linux_")
    assert facts["tags"][-1] == "py30-none-any"
    assert f"{own}-abi3-{facts['tags'][0].split('-')[2]}" in facts["tags"]


@pytest.mark.parametrize("name", SUPPORTED)
def test_tags_composed_from_facts_are_those_that_packaging_gives_inside(name: str, cache_folder: str) -> None:
    facts = facts_of(INTERPRETERS[name], cache_folder)

    assert composed_tags(facts) == facts["tags"]


def test_the_running_interpreter_has_the_tags_that_packaging_gives_here(cache_folder: str) -> None:
    from packaging.tags import sys_tags

    assert facts_of(sys.executable, cache_folder)["tags"] == tuple(str(tag) for tag in sys_tags())


def test_the_markers_are_those_that_packaging_gives_here(cache_folder: str) -> None:
    from packaging.markers import default_environment

    assert facts_of(sys.executable, cache_folder)["markers"] == default_environment()


@pytest.mark.skipif(not TOO_OLD, reason="no old interpreter here")
@pytest.mark.parametrize("name", TOO_OLD)
def test_an_older_interpreter_is_refused_by_its_version(name: str) -> None:
    with pytest.raises(OperationalError) as caught:
        facts_of(INTERPRETERS[name], None)

    [finding] = caught.value.findings
    assert (finding.code, finding.values) == ("TRU503", {"version": name, "oldest": "3.8"})


@pytest.mark.parametrize(
    "text", ["#!/bin/sh\nexit 3\n", "#!/bin/sh\necho Python 3.12\n", "#!/nowhere/at/all\n", "no program"]
)
def test_what_is_no_python_is_told_as_such(tmp_path: Path, text: str) -> None:
    fake = tmp_path / "python"
    fake.write_text(text)
    fake.chmod(0o755)

    with pytest.raises(OperationalError) as caught:
        facts_of(str(fake), str(tmp_path / "cache"))

    assert [(f.code, f.subject) for f in caught.value.findings] == [("TRU502", str(fake))]


def test_a_missing_interpreter_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(OperationalError) as caught:
        facts_of(str(tmp_path / "python"), None)

    assert [finding.code for finding in caught.value.findings] == ["TRU502"]


class TestCache:
    """The answer is kept for as long as the interpreter's file is the same."""

    @pytest.fixture
    def counted(self, tmp_path: Path) -> Path:
        """Return an interpreter that notes each start: a copy in a folder of its own, made runnable."""
        log = tmp_path / "log"
        python = tmp_path / "python"
        python.write_text(f'#!/bin/sh\necho start >> {log}\nexec {sys.executable} "$@"\n')
        python.chmod(0o755)
        return python

    def test_a_wrapper_is_asked_every_time(self, counted: Path, tmp_path: Path) -> None:
        facts_of(str(counted), str(tmp_path / "cache"))
        facts_of(str(counted), str(tmp_path / "cache"))

        assert (tmp_path / "log").read_text() == "start\n" * 2

    def test_an_interpreter_is_asked_once(self, tmp_path: Path) -> None:
        cache = tmp_path / "cache"
        first = facts_of(sys.executable, str(cache))
        [kept] = (cache / "interpreters").iterdir()
        before = kept.stat().st_mtime_ns

        assert facts_of(sys.executable, str(cache)) == first
        assert kept.stat().st_mtime_ns == before

    def test_reading_it_again_is_quick(self, cache_folder: str) -> None:
        facts_of(sys.executable, cache_folder)
        times = []
        for _ in range(20):
            start = time.perf_counter()
            facts_of(sys.executable, cache_folder)
            times.append(time.perf_counter() - start)

        assert min(times) < 0.002

    @pytest.mark.parametrize("damage", [b"", b"\0" * 100, b"not marshal"])
    def test_damage_is_asked_over(self, tmp_path: Path, damage: bytes) -> None:
        cache = tmp_path / "cache"
        first = facts_of(sys.executable, str(cache))
        [kept] = (cache / "interpreters").iterdir()
        kept.write_bytes(damage)

        assert facts_of(sys.executable, str(cache)) == first
        assert kept.read_bytes() != damage

    def test_another_state_of_the_interpreters_file_is_asked_over(self, tmp_path: Path) -> None:
        base = os.path.realpath(sys.executable)
        copy = tmp_path / "python"
        shutil.copy2(base, copy)
        cache = tmp_path / "cache"
        try:
            facts_of(str(copy), str(cache))
        except OperationalError:
            pytest.skip("a copied interpreter does not run here")
        [kept] = (cache / "interpreters").iterdir()
        kept_before = kept.read_bytes()
        os.utime(copy, ns=(1, 1))

        facts_of(str(copy), str(cache))

        assert kept.read_bytes() != kept_before

    def test_a_folder_that_cannot_be_written_does_no_harm(self, tmp_path: Path) -> None:
        (tmp_path / "cache").write_text("a file")

        assert facts_of(sys.executable, str(tmp_path / "cache"))["version_info"] == sys.version_info[:3]

    def test_it_is_for_the_user_alone(self, tmp_path: Path) -> None:
        facts_of(sys.executable, str(tmp_path / "cache"))

        assert stat.S_IMODE((tmp_path / "cache/interpreters").stat().st_mode) == 0o700


def test_no_code_of_the_environment_runs(tmp_path: Path) -> None:
    venv = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    [library] = venv.glob("lib/python*/site-packages")
    (library / "evil.pth").write_text(f"import pathlib; pathlib.Path({str(tmp_path / 'ran')!r}).touch()\n")
    (library / "sitecustomize.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")

    facts_of(str(venv / "bin/python"), None)

    assert not (tmp_path / "ran").exists()


def test_a_virtual_environment_shares_the_answer_of_its_interpreter(
    tmp_path: Path, cache_folder: str
) -> None:
    venv = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)

    inside: Facts = facts_of(str(venv / "bin/python"), cache_folder)

    assert inside == facts_of(os.path.realpath(sys.executable), cache_folder)
    assert virtual_environment_of(str(venv / "bin/python")) == str(venv)
    assert virtual_environment_of(os.path.realpath(sys.executable)) is None
