"""``trued export``: one lock in the formats of several tools."""

from __future__ import annotations

import pytest

from tests.commands.conftest import Machine, Wheel, make_wheel


@pytest.fixture
def demo(machine: Machine) -> Wheel:
    machine.index.add(make_wheel("left"))
    wheel = machine.index.add(make_wheel("demo", requires=("left",)))
    machine.trued("lock", "demo")
    return wheel


def test_a_pylock_becomes_a_requirements_file_that_installs(machine: Machine, demo: Wheel) -> None:
    ran = machine.trued("export", "pylock.toml", "-o", "out.txt")

    text = (machine.work / "out.txt").read_text()
    assert ran.status == 0
    assert f"demo==1.0 \\\n    --hash=sha256:{demo.sha256}\n" in text
    assert "    # via demo\n" in text
    assert machine.trued("install", "-r", "out.txt").status == 0


def test_standard_output_is_the_default(machine: Machine, demo: Wheel) -> None:
    assert f"--hash=sha256:{demo.sha256}" in machine.trued("export", "pylock.toml").out


def test_a_requirements_file_becomes_a_pylock_by_its_digests(machine: Machine, demo: Wheel) -> None:
    machine.trued("export", "pylock.toml", "-o", "out.txt")

    ran = machine.trued("export", "out.txt", "-o", "pylock.back.toml")

    assert ran.status == 0
    assert machine.trued("install", "-r", "pylock.back.toml").status == 0
    assert machine.installed == {"demo": "1.0", "left": "1.0"}


def test_a_digest_that_no_page_has_is_told(machine: Machine, demo: Wheel) -> None:
    machine.write(f"demo==1.0 --hash=sha256:{'0' * 64}", name="out.txt")

    assert machine.trued("export", "out.txt", "-o", "pylock.back.toml").codes == ["TRU578"]


def test_a_uv_lock_is_read(machine: Machine, demo: Wheel) -> None:
    url = machine.index.server.url(f"/files/{demo.filename}")
    machine.write(
        "version = 1",
        'requires-python = ">=3.11"',
        "[[package]]",
        'name = "own"',
        'version = "1"',
        'source = { virtual = "." }',
        'dependencies = [{ name = "demo" }]',
        "[[package]]",
        'name = "demo"',
        'version = "1.0"',
        f'source = {{ registry = "{machine.index.url}" }}',
        f'wheels = [{{ url = "{url}", hash = "sha256:{demo.sha256}", size = {len(demo.content)} }}]',
        name="uv.lock",
    )

    ran = machine.trued("export", "uv.lock", "-o", "pylock.uv.toml")

    assert ran.status == 0
    assert demo.sha256 in (machine.work / "pylock.uv.toml").read_text()


def test_a_poetry_lock_gets_its_places_from_the_index(machine: Machine, demo: Wheel) -> None:
    machine.write(
        "[[package]]",
        'name = "demo"',
        'version = "1.0"',
        'description = ""',
        "optional = false",
        'python-versions = "*"',
        'groups = ["main"]',
        f'files = [{{file = "{demo.filename}", hash = "sha256:{demo.sha256}"}}]',
        "[metadata]",
        'lock-version = "2.1"',
        'python-versions = ">=3.11"',
        'content-hash = "0"',
        name="poetry.lock",
    )

    ran = machine.trued("export", "poetry.lock", "-o", "pylock.poetry.toml")

    assert (ran.status, ran.err) == (0, "wrote pylock.poetry.toml: 1 release\n")
    text = (machine.work / "pylock.poetry.toml").read_text()
    assert machine.index.server.url(f"/files/{demo.filename}") in text


def test_json_holds_the_text(machine: Machine, demo: Wheel) -> None:
    result = machine.trued("export", "pylock.toml", "--json").document["result"]

    assert isinstance(result, dict)
    assert demo.sha256 in result["lock"]
