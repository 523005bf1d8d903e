"""``trued lock`` from the outside: what is written, what is kept, what is told, what is refused."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from tests.commands.conftest import Machine, Wheel, make_wheel


@pytest.fixture
def offered(machine: Machine) -> dict[str, Wheel]:
    """demo 1.0, 1.1 and 2.0, which need left; with the extra x also right, and win on Windows."""
    requires = ("left>=1", "right; extra == 'x'", "win; sys_platform == 'win32'")
    demos = [
        make_wheel("demo", version, requires=requires, extras=("x",)) for version in ("1.0", "1.1", "2.0")
    ]
    others = [make_wheel("left", "1.5"), make_wheel("right", "3.0"), make_wheel("win", "4.0")]
    return {wheel.filename: machine.index.add(wheel, size=len(wheel.content)) for wheel in (*demos, *others)}


def versions(machine: Machine, name: str = "pylock.toml") -> dict[str, str]:
    import tomllib

    document = tomllib.loads((machine.work / name).read_text())
    return {package["name"]: package["version"] for package in document["packages"]}


@pytest.mark.usefixtures("python_started")
def test_a_lock_holds_every_file_of_each_release_with_its_sha256(
    machine: Machine, offered: dict[str, Wheel]
) -> None:
    windows = machine.index.add(make_wheel("left", "1.5", tag="cp38-abi3-win_amd64"))

    ran = machine.trued("lock", "demo<2")

    text = (machine.work / "pylock.toml").read_text()
    assert ran.status == 0
    assert versions(machine) == {"demo": "1.1", "left": "1.5"}
    assert offered["left-1.5-py3-none-any.whl"].sha256 in text
    assert windows.sha256 in text


def test_the_same_input_gives_the_same_bytes(machine: Machine, offered: dict[str, Wheel]) -> None:
    machine.trued("lock", "demo[x]", "-o", "pylock.one.toml")
    machine.trued("lock", "demo[x]", "-o", "pylock.two.toml")

    assert (machine.work / "pylock.one.toml").read_bytes() == (machine.work / "pylock.two.toml").read_bytes()


def test_a_lock_reads_as_it_always_did(machine: Machine) -> None:
    wheel = make_wheel("demo")
    machine.index.add(wheel, upload_time="2024-05-06T07:08:09.000000Z", size=len(wheel.content))
    machine.trued("lock", "demo>=1", "--python-version", "3.12", "--platform", "linux-x86_64")

    text = (machine.work / "pylock.toml").read_text().replace(machine.index.server.url("/"), "http://host/")
    assert text == (
        'lock-version = "1.0"\n'
        "environments = [\n"
        "    \"sys_platform == 'linux' and python_version == '3.12' and platform_machine == 'x86_64'\",\n"
        "]\n"
        'created-by = "trued"\n'
        "\n"
        "[[packages]]\n"
        'name = "demo"\n'
        'version = "1.0"\n'
        'index = "http://host/simple/"\n'
        "wheels = [\n"
        '    {upload-time = 2024-05-06T07:08:09Z, url = "http://host/files/demo-1.0-py3-none-any.whl", '
        f'size = {len(wheel.content)}, hashes = {{sha256 = "{wheel.sha256}"}}}},\n'
        "]\n"
        "\n"
        "[tool.trued]\n"
        "roots = [\n"
        '    "demo>=1",\n'
        "]\n"
    )


@pytest.mark.usefixtures("python_started")
def test_versions_of_the_lock_are_kept_until_an_upgrade_is_asked_for(machine: Machine) -> None:
    for name in ("one", "two"):
        machine.index.add(make_wheel(name, "1.0"))
    machine.trued("lock", "one", "two")
    for name in ("one", "two"):
        machine.index.add(make_wheel(name, "2.0"))

    kept = machine.trued("lock", "one", "two", "--refresh")
    after_keeping = versions(machine)
    machine.trued("lock", "one", "two", "--refresh", "--upgrade-package", "two")
    after_one = versions(machine)
    machine.trued("lock", "one", "two", "--refresh", "--upgrade")

    assert "unchanged" in kept.err
    assert after_keeping == {"one": "1.0", "two": "1.0"}
    assert after_one == {"one": "1.0", "two": "2.0"}
    assert versions(machine) == {"one": "2.0", "two": "2.0"}


def test_a_change_is_told_with_age_and_new_dependencies(machine: Machine) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1, hours=1)).isoformat()
    machine.index.add(make_wheel("demo", "1.0"))
    machine.index.add(make_wheel("left"))
    machine.trued("lock", "demo")
    machine.index.add(make_wheel("demo", "2.0", requires=("left",)), upload_time=yesterday)

    ran = machine.trued("lock", "demo", "-U", "--refresh")

    assert "~ demo 1.0 -> 2.0 (1 day old, 1 wheel); now needs left" in ran.err
    assert "+ left 1.0" in ran.err


@pytest.mark.usefixtures("python_started")
def test_check_is_quiet_about_a_lock_that_serves_and_writes_nothing(
    machine: Machine, offered: dict[str, Wheel]
) -> None:
    machine.trued("lock", "demo<2")
    before = (machine.work / "pylock.toml").read_bytes()

    fine, stale = machine.trued("lock", "demo<2", "--check"), machine.trued("lock", "demo>=2", "--check")

    assert (fine.status, fine.codes) == (0, [])
    assert (stale.status, stale.codes) == (1, ["TRU576"])
    assert (machine.work / "pylock.toml").read_bytes() == before


def test_further_files_of_a_locked_release_do_not_make_the_lock_stale(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))
    machine.trued("lock", "demo")
    machine.index.add(make_wheel("demo", tag="cp38-abi3-win_amd64"))

    assert machine.trued("lock", "demo", "--check", "--refresh").status == 0


@pytest.mark.usefixtures("python_started")
def test_dry_run_and_standard_output_leave_the_disk_alone(
    machine: Machine, offered: dict[str, Wheel]
) -> None:
    dry = machine.trued("lock", "demo", "--dry-run")
    out = machine.trued("lock", "demo", "-o", "-")

    assert "would write pylock.toml" in dry.err
    assert out.out.startswith('lock-version = "1.0"\n')
    assert not (machine.work / "pylock.toml").exists()


def test_requirements_output_has_a_hash_for_each_file_and_who_needs_it(
    machine: Machine, offered: dict[str, Wheel]
) -> None:
    machine.write("demo[x]", name="in.txt")

    ran = machine.trued("lock", "-r", "in.txt", "-o", "out.txt")

    text = (machine.work / "out.txt").read_text()
    assert ran.status == 0
    assert "demo[x]==2.0 \\\n    --hash=sha256:" in text
    assert "# via in.txt" in text
    assert "right==3.0" in text
    assert machine.trued("install", "-r", "out.txt").status == 0


def test_a_universal_lock_forks_by_marker(machine: Machine, offered: dict[str, Wheel]) -> None:
    ran = machine.trued("lock", "demo", "--universal", "-o", "-")

    assert ran.status == 0
    assert 'name = "win"\nversion = "4.0"\nmarker = "sys_platform == \'win32\'"' in ran.out
    assert ran.out.count("python_version == '3.13'") == 5


def test_a_version_is_forked_where_one_python_has_no_other(machine: Machine) -> None:
    machine.index.add(make_wheel("demo", "1.0"), requires_python="<3.13")
    machine.index.add(make_wheel("demo", "2.0"), requires_python=">=3.13")
    pythons = ("--python-version", "3.12", "--python-version", "3.13")

    ran = machine.trued("lock", "demo", *pythons, "-o", "-", "--format", "requirements")

    markers = [line.partition(" ; ")[2] for line in ran.out.splitlines() if line.startswith("demo==")]
    assert markers == ['python_version < "3.13" \\', 'python_version >= "3.13" \\']


def test_a_project_file_gives_dependencies_extras_and_groups(
    machine: Machine, offered: dict[str, Wheel]
) -> None:
    machine.write(
        "[project]",
        'name = "own"',
        'version = "1"',
        'requires-python = ">=3.11"',
        'dependencies = ["left"]',
        'optional-dependencies = {fast = ["right"]}',
        "[dependency-groups]",
        'dev = ["demo<2"]',
        name="pyproject.toml",
    )

    ran = machine.trued("lock", "--extra", "fast", "--group", "dev")
    plain = machine.trued("sync")
    text = (machine.work / "pylock.toml").read_text()

    assert ran.status == 0
    assert "marker = \"'fast' in extras\"" in text
    assert "marker = \"'dev' in dependency_groups\"" in text
    assert 'requires-python = ">=3.11"' in text
    assert (plain.status, machine.installed) == (0, {"left": "1.5"})
    assert machine.trued("sync", "--extra", "fast", "--group", "dev").status == 0
    assert machine.installed == {"left": "1.5", "right": "3.0", "demo": "1.1"}


def test_what_a_project_file_lacks_is_told_together(machine: Machine) -> None:
    machine.write("[project]", 'name = "own"', "dependencies = []", name="pyproject.toml")

    ran = machine.trued("lock", "--extra", "no", "--group", "neither")

    assert (ran.status, ran.codes) == (2, ["TRU577"])
    assert "no extra no" in ran.err
    assert "no dependency group neither" in ran.err


def test_a_project_to_upgrade_that_is_not_there_is_told(machine: Machine, offered: dict[str, Wheel]) -> None:
    machine.trued("lock", "demo<2")

    ran = machine.trued("lock", "demo<2", "--upgrade-package", "demmo")

    assert (ran.status, ran.codes) == (0, ["TRU170"])
    assert machine.trued("lock", "demo", "--upgrade-package", "demo").codes == []
    assert versions(machine)["demo"] == "2.0"


PROJECT_WITHOUT = ("[project]", 'name = "own"', 'version = "1"')


@pytest.mark.parametrize("more", [(), ("dependencies = []",), ("[tool.poetry]", "package-mode = false")])
def test_a_project_that_needs_nothing_has_an_empty_lock_and_is_told(
    machine: Machine, more: tuple[str, ...]
) -> None:
    machine.write(*PROJECT_WITHOUT, *more, name="pyproject.toml")

    ran = machine.trued("lock")

    assert (ran.status, ran.codes, versions(machine)) == (0, ["TRU574"], {})
    assert "pyproject.toml: it asks for none, so the lock holds nothing" in " ".join(ran.err.split())


def test_requirements_that_hold_nowhere_are_told_too(machine: Machine) -> None:
    ran = machine.trued("lock", "demo ; python_version < '3'")

    assert (ran.status, ran.codes) == (0, ["TRU574"])
    assert "none of its requirements holds there" in " ".join(ran.err.split())


POETRY = ("[tool.poetry.dependencies]", 'python = "^3.11"', 'left = "^1.5"')
FLIT = ("[tool.flit.metadata]", 'requires = ["left"]')
DYNAMIC = (*PROJECT_WITHOUT, 'dynamic = ["dependencies"]')
FROM_FILE = (*DYNAMIC, "[tool.setuptools.dynamic]", 'dependencies = {file = ["needs.txt"]}')


@pytest.mark.parametrize(
    ("lines", "beside", "where", "todo"),
    [
        (POETRY, "", "[tool.poetry.dependencies]", "poetry lock` and then `trued migrate"),
        ((*PROJECT_WITHOUT, *POETRY), "", "[tool.poetry.dependencies]", "[project] dependencies"),
        (POETRY, "poetry.lock", "[tool.poetry.dependencies]", "trued sync poetry.lock"),
        ((*DYNAMIC, *POETRY), "", "[tool.poetry.dependencies]", "trued migrate"),
        (FLIT, "", "[tool.flit.metadata]", "trued lock ."),
        (DYNAMIC, "", "dynamic", "trued lock ."),
        (FROM_FILE, "needs.txt", "in needs.txt", "trued lock -r needs.txt"),
        (("[tool.ruff]",), "setup.py", "in setup.py", "trued lock ."),
        (("[tool.ruff]",), "setup.cfg", "in setup.cfg", "trued migrate"),
        (("[tool.ruff]",), "", "no [project] table", "-r"),
    ],
)
def test_dependencies_that_are_not_read_are_an_error_and_no_empty_lock(
    machine: Machine, lines: tuple[str, ...], beside: str, where: str, todo: str
) -> None:
    machine.write(*lines, name="pyproject.toml")
    if beside:
        machine.write("[options]", "install_requires = left", name=beside)

    ran = machine.trued("lock")

    told = " ".join(ran.err.split())
    assert (ran.status, ran.codes) == (2, ["TRU580"])
    assert where in told
    assert todo in told
    assert not (machine.work / "pylock.toml").exists()


def test_groups_without_a_project_are_locked_when_asked_for(
    machine: Machine, offered: dict[str, Wheel]
) -> None:
    machine.write("[dependency-groups]", 'dev = ["left"]', name="pyproject.toml")

    assert machine.trued("lock").codes == ["TRU574"]
    assert machine.trued("lock", "--group", "dev").status == 0
    assert versions(machine) == {"left": "1.5"}


def test_without_anything_to_lock_it_says_so(machine: Machine) -> None:
    assert machine.trued("lock").codes == ["TRU586"]


def test_a_yanked_release_is_reached_by_an_exact_pin_alone(machine: Machine) -> None:
    machine.index.add(make_wheel("demo", "1.0"))
    machine.index.add(make_wheel("demo", "2.0"), yanked="broken")

    machine.trued("lock", "demo")
    by_range = versions(machine)
    pinned = machine.trued("lock", "demo==2.0")

    assert by_range == {"demo": "1.0"}
    assert (versions(machine), pinned.codes) == ({"demo": "2.0"}, ["TRU349"])


def test_a_young_release_is_passed_over_and_why_not_names_the_rule(machine: Machine) -> None:
    now = datetime.now(UTC)
    machine.index.add(make_wheel("demo", "1.0"), upload_time=(now - timedelta(days=9)).isoformat())
    machine.index.add(make_wheel("demo", "2.0"), upload_time=(now - timedelta(hours=5)).isoformat())

    machine.trued("lock", "demo", "--min-age", "3d")
    told = machine.trued("why-not", "demo==2.0", "--min-age", "3d")

    assert versions(machine) == {"demo": "1.0"}
    assert (told.status, told.codes) == (1, ["TRU585"])
    assert "min-age" in told.err


def test_strict_asks_for_three_days_and_fails_closed_without_upload_times(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))

    ran = machine.trued("lock", "demo", "--level", "strict")

    assert (ran.status, ran.codes) == (1, ["TRU360"])
    assert "no upload time" in ran.err


def test_a_file_without_sha256_is_downloaded_and_hashed_and_told(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"), hashes={})

    ran = machine.trued("lock", "demo")

    assert (ran.status, ran.codes) == (0, ["TRU573"])
    assert wheel.sha256 in (machine.work / "pylock.toml").read_text()


def test_a_file_that_differs_from_its_only_stated_digest_is_not_locked(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"), hashes={"md5": "0" * 32})

    ran = machine.trued("lock", "demo")

    assert ran.status in (1, 2)
    assert not (machine.work / "pylock.toml").exists()


def test_digests_listed_in_the_input_leave_out_all_other_files(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    other = machine.index.add(make_wheel("demo", tag="cp38-abi3-win_amd64"))
    machine.write(wheel.line, name="in.txt")

    machine.trued("lock", "-r", "in.txt")

    text = (machine.work / "pylock.toml").read_text()
    assert wheel.sha256 in text
    assert other.sha256 not in text


def test_a_conflict_names_the_lines_that_clash(machine: Machine, offered: dict[str, Wheel]) -> None:
    machine.write("demo>=2", name="in.txt")
    machine.write("demo<2", name="limits.txt")

    ran = machine.trued("lock", "-r", "in.txt", "-c", "limits.txt")

    assert (ran.status, ran.codes) == (1, ["TRU360"])
    assert "in.txt:1" in ran.err
    assert "limits.txt:1" in ran.err


def test_json_tells_plan_and_result(machine: Machine, offered: dict[str, Wheel]) -> None:
    document = machine.trued("lock", "demo", "--json").document

    plan, result = document["plan"], document["result"]
    assert isinstance(plan, list)
    assert isinstance(result, dict)
    assert [step["project"] for step in plan] == ["demo", "left"]
    assert result["written"] is True


def test_a_lock_that_cannot_be_written_is_told_with_its_place(
    machine: Machine, offered: dict[str, Wheel]
) -> None:
    assert machine.trued("lock", "demo", "-o", "missing/pylock.toml").codes == ["TRU579"]


def test_a_name_that_does_not_fit_the_format_is_refused(machine: Machine, offered: dict[str, Wheel]) -> None:
    assert machine.trued("lock", "demo", "-o", "lock.toml", "--format", "pylock").codes == ["TRU590"]
    assert machine.trued("lock", "demo", "-o", "lock.toml").codes == ["TRU590"]
    assert not (machine.work / "lock.toml").exists()


@pytest.mark.parametrize("output", ["pylock.toml", "out.txt"])
def test_pip_installs_what_was_locked(machine: Machine, offered: dict[str, Wheel], output: str) -> None:
    machine.trued("lock", "demo[x]", "-o", output)
    hashes = [] if output == "pylock.toml" else ["--require-hashes"]

    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--isolated", "-q", "--no-cache-dir"),
            *("--disable-pip-version-check", "--index-url", machine.index.url, "--target", "there"),
            *(*hashes, "-r", output),
        ],
        cwd=machine.work,
        env=machine.environ,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (machine.work / "there").glob("*.dist-info")) == [
        "demo-2.0.dist-info",
        "left-1.5.dist-info",
        "right-3.0.dist-info",
    ]
