"""``trued audit --fix``: to the nearest releases without advisories, and nothing else."""

from __future__ import annotations

import json
import tomllib

import pytest

from tests.commands.advisories import OsvService, flaw, with_database
from tests.commands.conftest import Index, Machine, Wheel, make_wheel


@pytest.fixture
def wheels(index: Index) -> dict[str, Wheel]:
    """Releases of demo; 2.0 is the newest, 1.2 the nearest that is not affected."""
    return {version: index.add(make_wheel("demo", version)) for version in ("1.0", "1.1", "1.2", "2.0")}


def test_the_nearest_release_is_taken_with_its_hashes_and_the_rest_stays(
    machine: Machine, index: Index, wheels: dict[str, Wheel]
) -> None:
    other = index.add(make_wheel("other"))
    with_database(machine, flaw())
    path = machine.write(
        "# kept", wheels["1.0"].line.replace(" --hash", " \\\n    --hash") + "  # why", "", other.line
    )

    done = machine.trued("audit", "-r", "requirements.txt", "--fix")

    text = path.read_text()
    assert done.status == 0, done.err
    assert f"demo==1.2 \\\n    --hash=sha256:{wheels['1.2'].sha256}  # why" in text
    assert wheels["1.0"].sha256 not in text
    assert text.startswith("# kept\n")
    assert text.endswith(f"\n\n{other.line}\n")
    assert "-demo==1.0" in done.out
    assert "+demo==1.2" in done.out


def test_the_fixed_file_installs_and_is_clean(machine: Machine, wheels: dict[str, Wheel]) -> None:
    with_database(machine, flaw())
    machine.write(wheels["1.0"].line)
    machine.trued("audit", "-r", "requirements.txt", "--fix")

    assert machine.trued("audit", "-r", "requirements.txt").status == 0
    assert machine.trued("install", "-r", "requirements.txt").status == 0
    assert machine.installed == {"demo": "1.2"}


@pytest.mark.parametrize("option", ["--dry-run", "-d"])
def test_a_dry_run_shows_the_difference_and_changes_nothing(
    machine: Machine, wheels: dict[str, Wheel], option: str
) -> None:
    with_database(machine, flaw())
    path = machine.write(wheels["1.0"].line)
    before = path.read_text()

    done = machine.trued("audit", "-r", "requirements.txt", "--fix", option)

    assert done.status == 1
    assert "+demo==1.2" in done.out
    assert path.read_text() == before


def test_a_file_without_hashes_gets_none(machine: Machine, wheels: dict[str, Wheel]) -> None:
    with_database(machine, flaw())
    path = machine.write("demo == 1.0 ; python_version >= '3'")

    machine.trued("audit", "-r", "requirements.txt", "--fix")

    assert path.read_text() == "demo == 1.2 ; python_version >= '3'\n"


def test_what_blocks_a_fix_is_told(machine: Machine, index: Index, wheels: dict[str, Wheel]) -> None:
    app = index.add(make_wheel("app", requires=("demo<1.2",)))
    with_database(machine, flaw())
    path = machine.write(app.line, wheels["1.0"].line)
    before = path.read_text()

    done = machine.trued("audit", "-r", "requirements.txt", "--fix")

    assert done.status == 1
    assert "TRU825" in done.codes
    assert "app" in done.err
    assert path.read_text() == before


def test_one_that_is_blocked_does_not_keep_the_others(
    machine: Machine, index: Index, wheels: dict[str, Wheel]
) -> None:
    index.add(make_wheel("stuck"))
    with_database(machine, flaw(), flaw("PYSEC-2026-2", "stuck", events="introduced=0"))
    path = machine.write("demo==1.0", "stuck==1.0")

    done = machine.trued("audit", "-r", "requirements.txt", "--fix", "-f", "json")

    steps = {one["name"]: one["to"] for one in json.loads(done.out)["fixes"]}
    assert done.status == 1
    assert steps == {"demo": "1.2", "stuck": None}
    assert path.read_text() == "demo==1.2\nstuck==1.0\n"


def test_a_release_that_policy_leaves_out_is_not_the_nearest(machine: Machine, index: Index) -> None:
    index.add(make_wheel("demo", "1.0"))
    index.add(make_wheel("demo", "1.2"), yanked="broken")
    index.add(make_wheel("demo", "1.3"))
    with_database(machine, flaw())
    path = machine.write("demo==1.0")

    machine.trued("audit", "-r", "requirements.txt", "--fix")

    assert path.read_text() == "demo==1.3\n"


def test_a_new_dependency_of_a_hashed_file_is_added_with_its_hash(machine: Machine, index: Index) -> None:
    old = index.add(make_wheel("demo", "1.0"))
    index.add(make_wheel("demo", "1.2", requires=("helper",)))
    helper = index.add(make_wheel("helper", "3.0"))
    with_database(machine, flaw())
    path = machine.write(old.line)

    machine.trued("audit", "-r", "requirements.txt", "--fix")

    assert f"helper==3.0 \\\n    --hash=sha256:{helper.sha256}\n" in path.read_text()
    assert machine.trued("install", "-r", "requirements.txt").status == 0


def test_the_osv_service_serves_as_well(machine: Machine, index: Index, wheels: dict[str, Wheel]) -> None:
    osv = OsvService(index.server, flaw(), flaw("PYSEC-2026-2", events="introduced=1.2 fixed=2.0"))
    path = machine.write("demo==1.0")

    done = machine.trued(
        "audit", "-r", "requirements.txt", "--fix", "-s", "osv", "--osv-url", osv.url,
        "--public-index", index.url,
    )  # fmt: skip

    assert done.status == 0, done.err
    assert path.read_text() == "demo==2.0\n"


def test_a_lock_is_made_anew_with_the_nearest_release(
    machine: Machine, index: Index, wheels: dict[str, Wheel]
) -> None:
    index.add(make_wheel("other", "1.0"))
    machine.write(
        "[project]",
        'name = "own"',
        'version = "1"',
        'dependencies = ["demo<1.1", "other"]',
        name="pyproject.toml",
    )
    machine.trued("lock")
    index.add(make_wheel("other", "2.0"))
    machine.write(
        "[project]",
        'name = "own"',
        'version = "1"',
        'dependencies = ["demo", "other"]',
        name="pyproject.toml",
    )
    with_database(machine, flaw())

    done = machine.trued("audit", "pylock.toml", "--fix")

    document = tomllib.loads((machine.work / "pylock.toml").read_text())
    assert done.status == 0, done.err
    assert {one["name"]: one["version"] for one in document["packages"]} == {"demo": "1.2", "other": "1.0"}
    assert '+version = "1.2"' in done.out


@pytest.mark.parametrize("named", ["sub/pylock.toml", "sub"])
def test_a_lock_in_another_folder_is_made_from_the_project_beside_it(
    machine: Machine, wheels: dict[str, Wheel], named: str
) -> None:
    (machine.work / "sub").mkdir()
    project = machine.write(
        "[project]", 'name = "own"', 'version = "1"', 'dependencies = ["demo<1.1"]', name="sub/pyproject.toml"
    )
    made = machine.trued("lock", "sub/pyproject.toml", "-o", "sub/pylock.toml")
    assert made.status == 0, made.err
    project.write_text(project.read_text().replace("demo<1.1", "demo"))
    with_database(machine, flaw())

    done = machine.trued("audit", named, "--fix")

    document = tomllib.loads((machine.work / "sub" / "pylock.toml").read_text())
    assert done.status == 0, done.err
    assert [(one["name"], one["version"]) for one in document["packages"]] == [("demo", "1.2")]
    assert not (machine.work / "pylock.toml").exists()
    assert machine.trued("audit", named).status == 0


def test_a_lock_without_its_project_is_left_as_it_is(machine: Machine, wheels: dict[str, Wheel]) -> None:
    project = machine.write(
        "[project]", 'name = "own"', 'version = "1"', 'dependencies = ["demo<1.1"]', name="pyproject.toml"
    )
    machine.trued("lock")
    (machine.work / "alone").mkdir()
    path = (machine.work / "pylock.toml").rename(machine.work / "alone" / "pylock.toml")
    before = path.read_bytes()
    with_database(machine, flaw())

    done = machine.trued("audit", "alone/pylock.toml", "--fix")

    assert (done.status, "TRU825" in done.codes) == (1, True)
    assert "beside it" in done.err
    assert path.read_bytes() == before
    assert project.exists()


def test_what_trued_does_not_write_is_told(machine: Machine) -> None:
    with_database(machine, flaw())

    machine.write(
        '{"bomFormat": "CycloneDX", "components": [{"name": "demo", "purl": "pkg:pypi/demo@1.0"}]}',
        name="b.json",
    )
    done = machine.trued("audit", "b.json", "--fix")

    assert (done.status, "TRU825" in done.codes) == (1, True)
