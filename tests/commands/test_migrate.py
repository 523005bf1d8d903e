"""``trued migrate``: from another tool's project to a lock and a policy, nothing of it believed twice."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.commands.advisories import flaw, with_database
from tests.commands.attested import Attested
from tests.commands.conftest import Index, Machine, Ran, Wheel, make_wheel
from tests.commands.projects import make_repository
from tests.index.server import Reply

ZEROES = "0" * 64


@pytest.fixture
def demo(machine: Machine) -> Wheel:
    """``demo`` 1.0, which needs ``left``; of both there is a newer release that nobody has pinned."""
    for wheel in (make_wheel("left"), make_wheel("demo", requires=("left",))):
        offer_with_metadata(machine, wheel)
    machine.index.add(make_wheel("left", "2.0"))
    machine.index.add(make_wheel("demo", "2.0", requires=("left",)))
    return wheel


def offer_with_metadata(machine: Machine, wheel: Wheel) -> None:
    """Offer *wheel* with its metadata beside it (PEP 658), which is all that uv locks by."""
    machine.index.add(wheel, core_metadata=True)
    name = "-".join(wheel.filename.split("-")[:2])
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as archive:
        body = archive.read(f"{name}.dist-info/METADATA")
    machine.index.server.routes[f"/files/{wheel.filename}.metadata"] = Reply(body=body)


@pytest.fixture
def left(demo: Wheel) -> Wheel:
    """The release of ``left`` that the projects here have pinned."""
    return make_wheel("left")


@pytest.fixture
def pinned(machine: Machine, demo: Wheel, left: Wheel) -> Machine:
    """A project of pip-tools: what is wanted, and what that came to."""
    machine.write("demo", name="requirements.in")
    machine.write(demo.line, left.line)
    return machine


def pylock(machine: Machine) -> str:
    return (machine.work / "pylock.toml").read_text()


def result(ran: Ran) -> dict[str, object]:
    found = ran.document["result"]
    assert isinstance(found, dict)
    return found


def untouched(machine: Machine) -> bool:
    """Whether no file of trued is in the project."""
    return not {"pylock.toml", "trued.toml"} & {path.name for path in machine.work.iterdir()} and not list(
        machine.work.glob(".trued-*")
    )


# Requirements


def test_pins_and_their_digests_are_kept_and_what_was_made_installs(pinned: Machine) -> None:
    ran = pinned.trued("migrate")

    assert ran.status == 0
    assert "2 of 2 releases as pinned before" in ran.err
    assert pinned.trued("sync", "pylock.toml").status == 0
    assert pinned.installed == {"demo": "1.0", "left": "1.0"}


def test_the_requirements_that_the_pins_came_from_stay_the_ones_to_lock(pinned: Machine) -> None:
    ran = pinned.trued("migrate")

    assert "from requirements.in with requirements.txt" in ran.err
    assert "trued lock -r requirements.in " in ran.err
    assert pinned.trued("lock", "-r", "requirements.in", "--check").status == 0


@pytest.mark.parametrize("line", ["-e ./own", "./own", "demo[fast]==1.0"])
def test_pins_are_read_with_lines_that_no_constraint_may_be(
    machine: Machine, demo: Wheel, left: Wheel, line: str
) -> None:
    machine.write("demo", name="requirements.in")
    (machine.work / "own").mkdir()
    machine.write('[project]\nname = "own"\nversion = "1"', name="own/pyproject.toml")
    machine.write("left==1.0", "demo==1.0", line)

    ran = machine.trued("migrate")

    assert ran.status == 0, ran.err
    assert demo.filename in pylock(machine)
    assert left.filename in pylock(machine)


def test_the_next_steps_let_build_what_the_migration_did(pinned: Machine) -> None:
    ran = pinned.trued("migrate", "--allow-build", "left")

    assert "trued sync pylock.toml --venv .venv --allow-build left " in ran.err
    assert "trued lock -r requirements.in --allow-build left " in ran.err


def test_what_nothing_pinned_is_told(machine: Machine, demo: Wheel) -> None:
    machine.write(demo.line)

    ran = machine.trued("migrate")

    assert ran.status == 0
    assert "+ left 2.0 (no version of it was pinned)" in ran.err


def test_a_digest_that_no_file_of_the_release_has_refuses(machine: Machine, demo: Wheel, left: Wheel) -> None:
    # The index hands out another file than the one that was pinned, or the pin was edited.
    machine.write(f"demo==1.0 --hash=sha256:{ZEROES}", left.line)

    ran = machine.trued("migrate")

    assert (ran.status, ran.codes) == (1, ["TRU551"])
    assert untouched(machine)


def test_a_digest_beside_one_that_fits_is_told(machine: Machine, demo: Wheel, left: Wheel) -> None:
    machine.write(f"{demo.line} --hash=sha256:{ZEROES}", left.line)

    ran = machine.trued("migrate")

    assert (ran.status, ran.codes) == (0, ["TRU930"])
    assert "1 of 2 locked files are not on a page" in ran.err


def test_a_folder_of_requirements_is_read_and_its_other_files_are_told(
    machine: Machine, demo: Wheel, left: Wheel
) -> None:
    (machine.work / "requirements").mkdir()
    machine.write(demo.line, left.line, name="requirements/requirements.txt")
    machine.write("left", name="requirements/dev.txt")

    ran = machine.trued("migrate")

    assert (ran.status, ran.codes) == (0, ["TRU925"])
    assert "requirements/dev.txt was not read" in ran.err


def test_several_files_without_a_main_one_are_not_guessed_among(machine: Machine, demo: Wheel) -> None:
    machine.write("demo==1.0", name="web-requirements.txt")
    machine.write("left==1.0", name="job-requirements.txt")

    assert machine.trued("migrate").codes == ["TRU924"]
    assert machine.trued("migrate", "--from", "job-requirements.txt").status == 0
    assert 'name = "demo"' not in pylock(machine)


def test_constraints_beside_loose_requirements_count(machine: Machine, demo: Wheel) -> None:
    machine.write("demo")
    machine.write("left==1.0", "demo<2", name="constraints.txt")

    ran = machine.trued("migrate", "--json")

    assert [change["new"] for change in ran.document["plan"]] == [["1.0"], ["1.0"]]  # type: ignore[attr-defined]  # a list, as documented


def test_a_project_file_alone_is_locked_afresh(machine: Machine, demo: Wheel) -> None:
    machine.write(
        "[project]", 'name = "own"', 'version = "1"', 'dependencies = ["demo<2"]', name="pyproject.toml"
    )

    ran = machine.trued("migrate")

    assert ran.status == 0
    assert "+ demo 1.0 (no version of it was pinned)" in ran.err


def test_a_pin_for_another_platform_is_told_and_kept_by_a_universal_lock(
    machine: Machine, demo: Wheel, left: Wheel
) -> None:
    alone = machine.index.add(make_wheel("alone"))
    machine.write(demo.line, left.line, f"alone==1.0 ; sys_platform == 'win32' --hash=sha256:{alone.sha256}")

    here, everywhere = machine.trued("migrate", "--dry-run"), machine.trued("migrate", "--universal")

    assert "- alone 1.0 (not needed on this platform; --universal keeps it)" in here.err
    assert "3 of 3 releases as pinned before" in everywhere.err
    assert 'name = "alone"' in pylock(machine)


def test_groups_of_a_project_file_are_left_out_unless_asked_for(machine: Machine, demo: Wheel) -> None:
    lines = ["[project]", 'name = "own"', 'version = "1"', 'dependencies = ["demo<2"]']
    lines += ["[dependency-groups]", 'dev = ["left<2"]', 'docs = ["left<2"]']
    machine.write(*lines, name="pyproject.toml")

    ran = machine.trued("migrate", "--group", "dev", "--dry-run")

    assert ran.codes == ["TRU927"]
    assert "not all of it is locked; --group docs takes the rest" in ran.err
    assert "2 releases chosen now, since none was pinned" in ran.err


def test_a_setup_cfg_is_read_without_running_anything(machine: Machine, demo: Wheel) -> None:
    machine.write("[options]", "install_requires =", "    demo==1.0", "    left<2", name="setup.cfg")
    machine.write("raise SystemExit('run')", name="setup.py")

    assert machine.trued("migrate").status == 0
    assert machine.trued("sync", "pylock.toml").status == 0
    assert machine.installed == {"demo": "1.0", "left": "1.0"}


def test_a_setup_cfg_that_points_elsewhere_is_told(machine: Machine) -> None:
    machine.write("[options]", "install_requires = file: deps.txt", name="setup.cfg")

    assert machine.trued("migrate").codes == ["TRU577"]


# Locks of other tools


def uv(machine: Machine, *arguments: str) -> None:
    """Run the real uv in the project, with the index of the test and no other."""
    variables = {"UV_CACHE_DIR": str(machine.home / "uv"), "UV_PYTHON": sys.executable}
    done = subprocess.run(
        [Path(sys.executable).with_name("uv"), *arguments],
        cwd=machine.work, env=machine.environ | variables, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_project_of_the_real_uv_keeps_its_releases(machine: Machine, demo: Wheel, left: Wheel) -> None:
    machine.write(
        "[project]", 'name = "own"', 'version = "1"', 'requires-python = ">=3.11"',
        'dependencies = ["demo<2", "left<2"]',
        "[build-system]", 'requires = ["hatchling"]', 'build-backend = "hatchling.build"',
        name="pyproject.toml",
    )  # fmt: skip
    uv(machine, "lock", "--default-index", machine.index.url)

    ran = machine.trued("migrate")

    assert (ran.status, ran.codes) == (0, ["TRU926"])
    assert "2 of 2 releases as pinned before" in ran.err
    assert machine.trued("sync", "pylock.toml").status == 0
    assert machine.installed == {"demo": "1.0", "left": "1.0"}


def poetry_lock(machine: Machine, *wheels: Wheel, sha256: str = "") -> None:
    """Write the lock as Poetry 2 writes it: names of files and their digests, no addresses."""
    for_each = [
        line
        for wheel in wheels
        for line in (
            "[[package]]",
            f'name = "{wheel.filename.split("-")[0]}"',
            'version = "1.0"',
            'description = ""',
            "optional = false",
            'python-versions = "*"',
            'groups = ["main"]',
            f'files = [{{file = "{wheel.filename}", hash = "sha256:{sha256 or wheel.sha256}"}}]',
        )
    ]
    end = ["[metadata]", 'lock-version = "2.1"', 'python-versions = "*"', f'content-hash = "{ZEROES}"']
    machine.write(*for_each, *end, name="poetry.lock")


def test_a_poetry_lock_becomes_one_with_addresses(machine: Machine, demo: Wheel, left: Wheel) -> None:
    poetry_lock(machine, demo, left)

    assert machine.trued("migrate").status == 0
    assert machine.index.server.url(f"/files/{demo.filename}") in pylock(machine)
    assert machine.trued("sync", "pylock.toml").status == 0


def test_a_pdm_lock_becomes_a_pylock(machine: Machine, demo: Wheel, left: Wheel) -> None:
    machine.write(
        "[metadata]", 'groups = ["default"]', 'strategy = ["inherit_metadata"]', 'lock_version = "4.5.0"',
        "[[metadata.targets]]", 'requires_python = ">=3.11"',
        *(
            line
            for wheel, needs in ((demo, 'dependencies = ["left"]'), (left, ""))
            for line in (
                "[[package]]", f'name = "{wheel.filename.split("-")[0]}"', 'version = "1.0"',
                'groups = ["default"]', needs,
                f'files = [{{file = "{wheel.filename}", hash = "sha256:{wheel.sha256}"}}]',
            )
        ),
        name="pdm.lock",
    )  # fmt: skip

    assert machine.trued("migrate").status == 0
    assert machine.trued("sync", "pylock.toml").status == 0
    assert machine.installed == {"demo": "1.0", "left": "1.0"}


def pipfile_lock(machine: Machine, *, url: str = "", **categories: dict[str, object]) -> None:
    meta = {
        "hash": {"sha256": ZEROES},
        "pipfile-spec": 6,
        "requires": {"python_version": f"3.{sys.version_info[1]}"},
        "sources": [{"name": "corp", "url": url or machine.index.url, "verify_ssl": True}],
    }
    text = json.dumps({"_meta": meta, "default": {}, "develop": {}} | categories, indent=4)
    (machine.work / "Pipfile.lock").write_text(text)


def entry(*wheels: Wheel, version: str = "1.0", **keys: object) -> dict[str, object]:
    return {"hashes": [f"sha256:{wheel.sha256}" for wheel in wheels], "version": f"=={version}"} | keys


def test_a_pipfile_lock_gets_names_and_addresses_by_its_digests(
    machine: Machine, demo: Wheel, left: Wheel
) -> None:
    pipfile_lock(machine, default={"demo": entry(demo, index="corp")}, develop={"left": entry(left)})

    ran = machine.trued("migrate")

    assert (ran.status, ran.codes) == (0, ["TRU178"])
    assert machine.trued("sync", "pylock.toml", "--group", "dev").status == 0
    assert machine.installed == {"demo": "1.0", "left": "1.0"}


def test_a_pipfile_lock_is_audited_and_exported_too(machine: Machine, demo: Wheel) -> None:
    pipfile_lock(machine, default={"demo": entry(demo)})
    with_database(machine, flaw())

    audited = machine.trued("audit", "Pipfile.lock")
    exported = machine.trued("export", "Pipfile.lock", "-o", "pylock.toml")

    assert (audited.status, "PYSEC-2026-1" in audited.out) == (1, True)
    assert (exported.status, demo.filename in pylock(machine)) == (0, True)


def test_a_development_package_is_not_installed_unasked(machine: Machine, demo: Wheel, left: Wheel) -> None:
    pipfile_lock(machine, develop={"left": entry(left)})
    machine.trued("migrate")

    machine.trued("sync", "pylock.toml")

    assert machine.installed == {}


@pytest.mark.parametrize("tool", ["poetry", "uv"])
def test_a_file_whose_digest_the_index_states_otherwise_is_refused(
    machine: Machine, demo: Wheel, tool: str
) -> None:
    # Whoever broke into the index replaced a file, or whoever changed the lock replaced a digest.
    if tool == "poetry":
        poetry_lock(machine, demo, sha256=ZEROES)
    else:
        url = machine.index.server.url(f"/files/{demo.filename}")
        machine.write(
            "version = 1", "[[package]]", 'name = "demo"', 'version = "1.0"',
            f'source = {{ registry = "{machine.index.url}" }}',
            f'wheels = [{{ url = "{url}", hash = "sha256:{ZEROES}" }}]',
            "[[package]]", 'name = "own"', 'version = "1"', 'source = { virtual = "." }',
            'dependencies = [{ name = "demo" }]', name="uv.lock",
        )  # fmt: skip

    ran = machine.trued("migrate")

    assert (ran.status, ran.codes) == (1, ["TRU928"])
    assert ZEROES in ran.err
    assert demo.sha256 in ran.err
    assert untouched(machine)


def test_a_pipfile_digest_that_no_file_has_is_refused(machine: Machine, demo: Wheel) -> None:
    pipfile_lock(machine, default={"demo": entry(demo) | {"hashes": [f"sha256:{ZEROES}"]}})

    ran = machine.trued("migrate")

    assert (ran.status, "TRU929" in ran.codes) == (1, True)
    assert untouched(machine)


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("Pipfile.lock", '{"_meta": ', "TRU150"),
        ("Pipfile.lock", "[]", "TRU150"),
        # Of two equal keys each reader takes another: a reviewer sees one, the installer takes the other.
        ("Pipfile.lock", '{"_meta": {"pipfile-spec": 6}, "default": {}, "default": {}}', "TRU150"),
        ("Pipfile.lock", '{"_meta": {"pipfile-spec": 7}}', "TRU151"),
        ("Pipfile.lock", '{"_meta": {"pipfile-spec": 6}, "default": {"a": {"version": ">1"}}}', "TRU152"),
        ("Pipfile.lock", '{"_meta": {"pipfile-spec": 6}, "default": {"a": {"version": "==1"}}}', "TRU153"),
        (
            "Pipfile.lock",
            '{"_meta": {"pipfile-spec": 6}, "default": {"a": {"version": "==1", "hashes": ["md5:%s"]}}}'
            % ("0" * 32),
            "TRU155",
        ),
        ("uv.lock", "<<<<<<< HEAD", "TRU150"),
        ("requirements.txt", "demo==1.0 --hash=sha256:12", "TRU133"),
        ("pyproject.toml", "[project]\ndependencies = 1", "TRU577"),
        ("pyproject.toml", "[project]\nname = ", "TRU577"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_told_and_nothing_is_written(
    machine: Machine, name: str, text: str, code: str
) -> None:
    machine.write(text, name=name)

    ran = machine.trued("migrate")

    assert (ran.status, ran.codes[:1]) == (2, [code])
    assert untouched(machine)


# Several sources in one folder


def test_of_several_locks_the_one_with_a_table_in_pyproject_is_taken(
    machine: Machine, demo: Wheel, left: Wheel
) -> None:
    poetry_lock(machine, demo)
    pipfile_lock(machine, default={"left": entry(left)})
    machine.write("[tool.pipenv]", name="pyproject.toml")

    ran = machine.trued("migrate")

    assert "from Pipfile.lock: pyproject.toml has [tool.pipenv]" in ran.err
    assert "poetry.lock was not read: Pipfile.lock was" in ran.err


def test_a_lock_is_believed_before_requirements(pinned: Machine, demo: Wheel) -> None:
    poetry_lock(pinned, demo)

    found = result(pinned.trued("migrate", "--json"))

    assert (found["source"], found["others"]) == ("poetry.lock", ["requirements.txt", "requirements.in"])


def test_what_a_file_left_aside_pins_otherwise_is_told(machine: Machine, demo: Wheel, left: Wheel) -> None:
    poetry_lock(machine, demo, left)
    machine.write("demo==2.0", "left==1.0")

    ran = machine.trued("migrate")

    assert (ran.status, ran.codes) == (0, ["TRU925", "TRU933"])
    assert "requirements.txt pins 1 of the releases otherwise than poetry.lock" in ran.err
    assert "  demo: 2.0 there, 1.0 in poetry.lock" in ran.err


def test_from_takes_the_file_that_is_named(pinned: Machine, demo: Wheel) -> None:
    poetry_lock(pinned, demo)

    assert (
        result(pinned.trued("migrate", "--from", "requirements.txt", "--json"))["source"] == "requirements.in"
    )


def test_a_file_that_is_not_there_is_told(pinned: Machine) -> None:
    assert pinned.trued("migrate", "--from", "other.txt").codes == ["TRU575"]


def test_a_folder_with_nothing_to_read_is_told(machine: Machine) -> None:
    ran = machine.trued("migrate", ".")

    assert (ran.status, ran.codes) == (2, ["TRU923"])


def test_a_folder_that_is_not_there_is_told_as_that(machine: Machine) -> None:
    ran = machine.trued("migrate", "nowhere")

    assert (ran.status, ran.codes) == (2, ["TRU575"])
    assert "there is no such folder" in ran.err


def test_a_folder_can_be_named(pinned: Machine) -> None:
    inner = pinned.work / "inner"
    inner.mkdir()
    for name in ("requirements.txt", "requirements.in"):
        (pinned.work / name).rename(inner / name)

    assert pinned.trued("migrate", "inner").status == 0
    assert (inner / "pylock.toml").exists()


# The policy


def test_the_policy_passes_what_was_locked(pinned: Machine) -> None:
    pinned.trued("migrate")

    assert 'level = "standard"' in (pinned.work / "trued.toml").read_text()
    assert pinned.trued("policy", "check", "pylock.toml").status == 0


def test_publishers_are_recorded_in_the_lock_and_suggested_to_the_policy(attested: Attested) -> None:
    wheel = attested.offer()
    poetry_lock(attested.machine, wheel)

    ran = attested.machine.trued("migrate")

    assert ran.status == 0
    assert "attestation-identities" in pylock(attested.machine)
    policy = (attested.machine.work / "trued.toml").read_text()
    assert '# [[publisher]]\n# project = "demo"\n' in policy
    assert '\n# repository = "example/project"\n' in policy


def test_a_policy_that_is_there_stays(pinned: Machine) -> None:
    pinned.write('verify-store = "full"', name="trued.toml")

    ran = pinned.trued("migrate")

    assert ran.codes == ["TRU927"]
    assert (pinned.work / "trued.toml").read_text() == 'verify-store = "full"\n'


def test_projects_of_a_further_index_are_bound_to_it(machine: Machine, demo: Wheel, left: Wheel) -> None:
    from tests.index.server import Server

    with Server() as server:
        corp = Index(server)
        ours = corp.add(make_wheel("ours"))
        pipfile_lock(machine, url=corp.url, default={"ours": entry(ours, index="corp"), "left": entry(left)})

        ran = machine.trued("migrate")

        policy = (machine.work / "trued.toml").read_text()
        assert (ran.status, ran.codes) == (0, ["TRU178"])
        assert f'url = "{corp.url}"\nprojects = [\n    "ours",\n]\n' in policy
        assert machine.trued("sync", "pylock.toml").status == 0


def test_the_index_of_a_pip_conf_is_taken_over_and_its_other_keys_are_told(
    pinned: Machine, demo: Wheel
) -> None:
    url = pinned.index.url.replace("//", "//user:secret@")
    pinned.write("[global]", f"index-url = {url}", "trusted-host = evil.example.org", name="pip.conf")

    ran = pinned.trued("migrate", TRUED_INDEX_URL="")

    policy = (pinned.work / "trued.toml").read_text()
    assert ran.status == 0
    assert f'index-url = "{pinned.index.url}"' in policy
    assert f"its index is asked, {pinned.index.url}" in ran.err
    assert "its global.trusted-host is not taken over" in ran.err
    assert "secret" not in policy + pylock(pinned) + ran.err


def test_the_index_of_a_pip_conf_gives_way_to_the_users_own(pinned: Machine) -> None:
    # Whoever gets a file into a repository must not choose where everybody's names are looked up.
    pinned.write("[global]", "index-url = https://evil.example.org/simple/", name="pip.conf")

    ran = pinned.trued("migrate")

    assert ran.status == 0
    assert "is not asked: your own settings name one" in ran.err
    assert "evil" not in (pinned.work / "trued.toml").read_text() + pylock(pinned)


def test_what_the_policy_refuses_is_told_with_an_exception_to_fill_in(machine: Machine, demo: Wheel) -> None:
    git = {"git": "https://git.example.org/own.git", "ref": "a" * 40}
    pipfile_lock(machine, default={"demo": entry(demo), "own": git})

    ran = machine.trued("migrate")

    policy = (machine.work / "trued.toml").read_text()
    assert (ran.status, "TRU622" in ran.codes) == (1, True)
    assert "wrote pylock.toml, trued.toml" in ran.err
    left = ran.err[ran.err.index("Left to do (exit status 1): 2 errors") :]
    assert "  TRU622  own" in left
    assert "trued policy check" in left
    assert '# project = "own"\n# rule = "unproven"\n# reason = "say why"\n# until = ' in policy


def test_what_is_left_to_do_is_in_the_document_too(machine: Machine, demo: Wheel) -> None:
    git_project(machine, demo, named=False)

    found = result(machine.trued("migrate", "--json"))

    assert (found["refused"], found["left"]) == (
        True,
        [{"code": "TRU499", "subject": "own"}, {"code": "TRU622", "subject": "own"}],
    )


def git_project(machine: Machine, demo: Wheel, *, named: bool) -> None:
    """Lock ``demo`` and a commit, in a project whose requirements name its repository if *named*."""
    repository, commit = make_repository(machine.work / "repository")
    git = {"git": repository.url.removeprefix("git+"), "ref": commit}
    pipfile_lock(machine, default={"demo": entry(demo), "own": git})
    machine.write("[project]", f"dependencies = {[f'own @ {repository.url}'] * named}", name="pyproject.toml")


def test_a_commit_gets_a_digest_of_all_its_files(machine: Machine, demo: Wheel) -> None:
    git_project(machine, demo, named=True)

    ran = machine.trued("migrate")

    assert ran.status == 0, ran.err
    assert "TRU934" in ran.codes  # what it is built with is in no lock
    assert "tree-sha256" in pylock(machine)
    assert "Left to do" not in ran.err


def test_a_repository_that_only_the_old_lock_names_is_not_asked(machine: Machine, demo: Wheel) -> None:
    """Attack: a change of the old lock alone has a stranger's repository fetched, and its commit trusted."""
    git_project(machine, demo, named=False)

    ran = machine.trued("migrate")

    assert (ran.status, "TRU499" in ran.codes) == (1, True)
    assert "fetching" not in ran.err
    assert "tree-sha256" not in pylock(machine)


# Writing


@pytest.mark.parametrize("output", ["pylock.toml", "requirements.txt"])
def test_a_second_run_writes_nothing(pinned: Machine, output: str) -> None:
    pinned.trued("migrate", "-o", output, "--yes")
    before = {path: path.read_bytes() for path in pinned.work.iterdir() if path.is_file()}

    ran = pinned.trued("migrate", "-o", output)

    assert ran.status == 0
    assert "nothing to write" in ran.err
    assert {path: path.read_bytes() for path in pinned.work.iterdir() if path.is_file()} == before


def test_a_second_run_over_another_tools_lock_writes_nothing(
    machine: Machine, demo: Wheel, left: Wheel
) -> None:
    poetry_lock(machine, demo, left)
    machine.trued("migrate")

    ran = machine.trued("migrate")

    assert ran.status == 0
    assert "nothing to write" in ran.err


def test_a_dry_run_shows_all_and_writes_nothing(pinned: Machine) -> None:
    ran = pinned.trued("migrate", "--dry-run")

    assert ran.status == 0
    assert "pylock.toml: new, 2 files with hashes" in ran.err
    assert untouched(pinned)


def test_standard_output_gets_the_lock_and_nothing_is_written(pinned: Machine, demo: Wheel) -> None:
    ran = pinned.trued("migrate", "-o", "-")

    assert ran.status == 0
    assert ran.out.startswith('lock-version = "1.0"')
    assert demo.sha256 in ran.out
    assert untouched(pinned)


def test_paths_begin_at_the_folder_of_the_new_lock(machine: Machine) -> None:
    (machine.work / "locks").mkdir()
    pipfile_lock(machine, default={"inner": {"path": "./inner"}})

    ran = machine.trued("migrate", "-o", "locks/pylock.toml")

    assert ran.status == 0  # a folder of one's own has no digest, and is not refused for that
    assert 'path = "../inner"' in (machine.work / "locks" / "pylock.toml").read_text()


def test_a_file_is_not_overwritten_unasked_and_the_difference_is_shown(pinned: Machine, demo: Wheel) -> None:
    before = (pinned.work / "requirements.txt").read_bytes()

    ran = pinned.trued("migrate", "-o", "requirements.txt")

    assert (ran.status, ran.codes) == (2, ["TRU931"])
    assert f"-{demo.line}" in ran.err
    assert (pinned.work / "requirements.txt").read_bytes() == before
    assert untouched(pinned)


@pytest.mark.parametrize(("answer", "status"), [(b"y\n", 0), (b"n\n", 1), (b"\n", 1)])
def test_on_a_terminal_it_asks(pinned: Machine, answer: bytes, status: int) -> None:
    before = (pinned.work / "requirements.txt").read_bytes()
    near, far = pty.openpty()
    os.write(near, answer)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "trued", "migrate", "-o", "requirements.txt"],
            cwd=pinned.work, env=pinned.environ, stdin=far, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    finally:
        os.close(near)
        os.close(far)

    assert "Overwrite requirements.txt? [y/N]" in done.stderr
    assert done.returncode == status
    assert ((pinned.work / "requirements.txt").read_bytes() != before) is (status == 0)


def test_when_the_second_file_cannot_be_written_the_first_is_taken_back(pinned: Machine) -> None:
    # The name is a link to what can never be: it looks free until it is written.
    (pinned.work / "trued.toml").symlink_to(pinned.work / "requirements.txt" / "trued.toml")

    ran = pinned.trued("migrate")

    assert (ran.status, ran.codes) == (2, ["TRU579"])
    assert not (pinned.work / "pylock.toml").exists()


def test_json_tells_what_was_done(pinned: Machine) -> None:
    ran = pinned.trued("migrate", "--json")

    found = result(ran)
    assert (ran.status, ran.err) == (0, "")
    assert (found["releases"], found["kept"], found["refused"]) == (2, 2, False)
    assert [(one["name"], one["state"], one["written"]) for one in found["files"]] == [  # type: ignore[attr-defined]  # a list, as documented
        ("pylock.toml", "new", True),
        ("trued.toml", "new", True),
    ]
