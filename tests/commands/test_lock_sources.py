"""Locks with folders, repositories and archives by URL: written, checked, installed, exported, attacked."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from tests.build.repositories import GitServer, Repository, serving
from tests.commands.advisories import flaw, with_database
from tests.commands.conftest import Machine, make_wheel
from tests.commands.projects import make_project, make_repository, write_project
from tests.commands.sources import make_sdist, one_backend
from tests.index.server import Reply

TRUSTING = "--trust-on-first-use"


def entry(machine: Machine, name: str = "own", lock: str = "pylock.toml") -> dict[str, Any]:
    read = tomllib.loads((machine.work / lock).read_text())
    return next(one for one in read["packages"] if one["name"] == name)


def served_repository(machine: Machine, name: str = "own", version: str = "1.0") -> tuple[Repository, str]:
    return make_repository(machine.work / "repository", name, version)


# Written


def test_a_folder_is_locked_by_its_path(machine: Machine) -> None:
    machine.index.add(make_wheel("dep"))
    make_project(machine.work, requires=("dep",))

    ran = machine.trued("lock", "./own")

    assert ran.status == 0, ran.err
    assert entry(machine) == {
        "name": "own",
        "dependencies": [{"name": "dep"}],
        "directory": {"path": "own"},
    }
    assert entry(machine, "dep")["version"] == "1.0"


def test_an_editable_folder_is_locked_as_one(machine: Machine) -> None:
    make_project(machine.work)

    assert machine.trued("lock", "-e", "./own").status == 0
    assert entry(machine)["directory"] == {"path": "own", "editable": True}


def test_a_path_is_relative_to_the_lock(machine: Machine) -> None:
    make_project(machine.work)
    (machine.work / "locks").mkdir()

    machine.trued("lock", "./own", "-o", "locks/pylock.toml")

    assert entry(machine, lock="locks/pylock.toml")["directory"] == {"path": "../own"}
    assert str(machine.work) not in (machine.work / "locks/pylock.toml").read_text()


def test_a_commit_is_locked_with_the_digest_of_its_tree(machine: Machine) -> None:
    repository, commit = served_repository(machine)

    ran = machine.trued("lock", f"own @ {repository.url}@{commit}")

    assert ran.status == 0, ran.err
    found = entry(machine)
    assert found["vcs"] == {
        "type": "git",
        "url": f"file://{repository.path}",
        "requested-revision": commit,
        "commit-id": commit,
    }
    assert len(found["tool"]["trued"]["tree-sha256"]) == 64


def test_a_branch_is_locked_by_permissive_alone(machine: Machine) -> None:
    repository, commit = served_repository(machine)

    refused = machine.trued("lock", f"own @ {repository.url}@main")
    ran = machine.trued("lock", f"own @ {repository.url}@main", "--level", "permissive")

    assert (refused.status, refused.codes) == (1, ["TRU497"])
    assert (ran.status, ran.codes) == (0, ["TRU497"]), ran.err
    assert entry(machine)["vcs"]["commit-id"] == commit
    assert entry(machine)["vcs"]["requested-revision"] == "main"


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_an_archive_by_url_is_fetched_once_and_locked_with_its_digest(machine: Machine, kind: str) -> None:
    machine.index.add(make_wheel("dep"))
    made = make_wheel("own", requires=("dep",)) if kind == "wheel" else make_sdist("own", requires=("dep",))
    machine.index.server.routes[f"/{made.filename}"] = Reply(body=made.content)
    url = machine.index.server.url(f"/{made.filename}")

    ran = machine.trued("lock", f"own @ {url}")

    assert ran.status == 0, ran.err
    found = entry(machine)
    assert (found["version"], found["dependencies"]) == ("1.0", [{"name": "dep"}])
    assert found["archive"] == {"url": url, "size": len(made.content), "hashes": {"sha256": made.sha256}}


def test_an_archive_that_is_not_the_one_stated(machine: Machine) -> None:
    wheel = make_wheel("own")
    (machine.work / wheel.filename).write_bytes(wheel.content)

    ran = machine.trued("lock", f"own @ file://{machine.work}/{wheel.filename}#sha256={'0' * 64}")

    assert ran.status == 1
    assert not (machine.work / "pylock.toml").exists()


def test_the_dependencies_of_a_project_file_may_be_direct(machine: Machine) -> None:
    repository, commit = served_repository(machine)
    machine.write(
        "[project]",
        'name = "app"',
        f'dependencies = ["own @ {repository.url}@{commit}"]',
        name="pyproject.toml",
    )

    assert machine.trued("lock").status == 0
    assert entry(machine)["vcs"]["commit-id"] == commit
    assert machine.trued("sync").status == 0
    assert machine.installed == {"own": "1.0"}


def test_what_a_folder_is_built_with_is_locked_and_used(machine: Machine) -> None:
    machine.index.add(one_backend())
    folder = make_project(machine.work)
    table = (folder / "pyproject.toml").read_text()
    table = table.replace("requires = []", "requires = ['toy-backend']").replace("own_backend", "toy_backend")
    (folder / "pyproject.toml").write_text(table.replace("backend-path = ['backend']", ""))

    locked = machine.trued("lock", "./own", TRUSTING)
    ran = machine.trued("sync")

    assert (locked.status, ran.status) == (0, 0), locked.err + ran.err
    assert [one["name"] for one in entry(machine)["tool"]["trued"]["build"]["packages"]] == ["toy-backend"]


def test_only_binary_locks_no_folder_that_was_built_before(machine: Machine) -> None:
    make_project(machine.work)
    machine.trued("install", "./own")

    ran = machine.trued("lock", "./own", "--only-binary", ":all:")

    assert (ran.status, ran.codes) == (1, ["TRU471"])
    assert not (machine.work / "pylock.toml").exists()


def test_one_project_from_two_places_is_refused(machine: Machine) -> None:
    make_project(machine.work)
    write_project(machine.work / "second")

    ran = machine.trued("lock", "./own", "./second")

    assert (ran.status, ran.codes) == (2, ["TRU168"])


# Checked


def test_a_lock_is_stale_once_another_commit_is_asked_for(machine: Machine) -> None:
    repository, commit = served_repository(machine)
    machine.trued("lock", f"own @ {repository.url}@{commit}")
    write_project(repository.path, version="1.0", requires=())
    repository.write("more.py", "x = 1\n")
    later = repository.commit()

    same = machine.trued("lock", f"own @ {repository.url}@{commit}", "--check")
    other = machine.trued("lock", f"own @ {repository.url}@{later}", "--check", "--diff")

    assert (same.status, other.status) == (0, 1)
    assert f"@{later}" in other.out + other.err


def test_a_folder_that_needs_something_else_makes_the_lock_stale(machine: Machine) -> None:
    machine.index.add(make_wheel("dep"))
    make_project(machine.work)
    machine.trued("lock", "./own")
    make_project(machine.work, requires=("dep",))

    assert machine.trued("lock", "./own", "--check").codes == ["TRU576"]


# Installed


@pytest.mark.parametrize("command", [("sync",), ("install", "-r", "pylock.toml")])
def test_what_is_locked_is_installed(machine: Machine, command: tuple[str, ...]) -> None:
    machine.index.add(make_wheel("dep"))
    make_project(machine.work, "mine", requires=("dep",))
    repository, commit = served_repository(machine)
    machine.write("./mine", f"own @ {repository.url}@{commit}", name="requirements.in")
    machine.trued("lock", "-r", "requirements.in")

    ran = machine.trued(*command)

    assert ran.status == 0, ran.err
    assert machine.installed == {"mine": "1.0", "own": "1.0", "dep": "1.0"}
    receipt = (machine.libraries / "own-1.0.dist-info" / "trued-receipt.json").read_text()
    assert '"kind": "tree"' in receipt


def test_a_second_sync_builds_nothing(machine: Machine) -> None:
    repository, commit = served_repository(machine)
    machine.write(f"own @ {repository.url}@{commit}", name="requirements.in")
    machine.trued("lock", "-r", "requirements.in")
    machine.trued("sync")

    ran = machine.trued("sync")

    assert ran.status == 0
    assert "building" not in ran.err
    assert "there already" in ran.out + ran.err


def test_an_archive_of_a_lock_is_installed(machine: Machine) -> None:
    wheel = make_wheel("own")
    (machine.work / wheel.filename).write_bytes(wheel.content)
    machine.trued("lock", f"./{wheel.filename}")

    assert machine.trued("sync").status == 0
    assert machine.installed == {"own": "1.0"}


def test_verify_compares_an_environment_with_such_a_lock(machine: Machine) -> None:
    repository, commit = served_repository(machine)
    machine.write(f"own @ {repository.url}@{commit}", name="requirements.in")
    machine.trued("lock", "-r", "requirements.in")
    machine.trued("sync")
    right = machine.trued("verify", "--against", "pylock.toml")
    repository.write("more.py", "x = 1\n")
    later = repository.commit()
    machine.trued("install", f"own @ {repository.url}@{later}")

    wrong = machine.trued("verify", "--against", "pylock.toml")

    assert right.status == 0, right.err
    assert (wrong.status, "TRU593" in wrong.out) == (1, True)


# Attacks on the lock


def test_a_lock_whose_tree_differs_is_refused(machine: Machine) -> None:
    """Attack: two commits with one SHA-1, or an edited lock."""
    repository, commit = served_repository(machine)
    machine.write(f"own @ {repository.url}@{commit}", name="requirements.in")
    machine.trued("lock", "-r", "requirements.in")
    lock = machine.work / "pylock.toml"
    tree = entry(machine)["tool"]["trued"]["tree-sha256"]
    lock.write_text(lock.read_text().replace(tree, "0" * 64))

    ran = machine.trued("sync")

    assert (ran.status, ran.codes, machine.installed) == (1, ["TRU492"], {})


def test_a_commit_that_no_tree_digest_backs_needs_the_users_word(machine: Machine) -> None:
    """A lock of another tool has the commit alone."""
    repository, commit = served_repository(machine)
    machine.write(f"own @ {repository.url}@{commit}", name="requirements.in")
    machine.trued("lock", "-r", "requirements.in")
    lock = machine.work / "pylock.toml"
    kept = [line for line in lock.read_text().splitlines() if "tree-sha256" not in line]
    lock.write_text("\n".join(kept))

    assert machine.trued("sync").codes == ["TRU162"]


@pytest.mark.parametrize("kind", ["archive", "vcs", "directory"])
def test_a_release_turned_into_something_from_elsewhere_is_refused(machine: Machine, kind: str) -> None:
    """Attack: the hash fits, because whoever changes the address changes the hash as well."""
    evil = make_wheel("demo")
    (machine.work.parent / evil.filename).write_bytes(evil.content)
    write_project(machine.work.parent / "evil", "demo")
    sources = {
        "archive": f"archive = {{path = '../{evil.filename}', hashes = {{sha256 = '{evil.sha256}'}}}}",
        "vcs": f"vcs = {{type = 'git', url = 'https://example.org/demo', commit-id = '{'1' * 40}'}}",
        "directory": "directory = {path = '../evil'}",
    }
    machine.write(
        'lock-version = "1.0"',
        'created-by = "somebody"',
        "[[packages]]",
        'name = "demo"',
        sources[kind],
        name="pylock.toml",
    )

    ran = machine.trued("sync")

    assert (ran.status, ran.codes, machine.installed) == (1, ["TRU499"], {})


@pytest.mark.parametrize(
    "named", ["demo @ git+https://example.org/demo-other", "# https://example.org/demo", "x"]
)
def test_another_address_vouches_for_nothing(machine: Machine, named: str) -> None:
    machine.write(named, name="requirements.in")
    machine.write(
        'lock-version = "1.0"',
        'created-by = "somebody"',
        "[[packages]]",
        'name = "demo"',
        f"vcs = {{type = 'git', url = 'https://example.org/demo', commit-id = '{'1' * 40}'}}",
        name="pylock.toml",
    )

    assert machine.trued("sync").codes == ["TRU499"]


LOCKED_BESIDE = (
    'lock-version = "1.0"', 'created-by = "somebody"', "[[packages]]", 'name = "beside"',
    "directory = {path = '../beside'}",
)  # fmt: skip


@pytest.mark.parametrize(
    ("named", "codes"),
    [
        ("beside @ file:///${PROJECT_ROOT}/../beside", []),  # as PDM writes it
        ("beside @ file://{parent}/beside", []),  # as Poetry writes it
        ("beside @ file://{parent}/other", ["TRU499"]),
        ("beside @ file:///${PROJECT_ROOT}/beside", ["TRU499"]),
        ("beside @ file:///x${PROJECT_ROOT}/../beside", ["TRU499"]),
        ("beside @ file:///%00", ["TRU499"]),
    ],
)
def test_a_folder_named_by_its_file_url_is_vouched_for(
    machine: Machine, named: str, codes: list[str]
) -> None:
    make_project(machine.work.parent, "beside")
    text = named.replace("{parent}", str(machine.work.parent))
    machine.write("[project]", f"dependencies = [{text!r}]", name="pyproject.toml")
    machine.write(*LOCKED_BESIDE, name="pylock.toml")

    assert [code for code in machine.trued("sync").codes if code == "TRU499"] == codes


# Other formats


def test_a_requirements_file_has_them_without_hashes_and_says_so(machine: Machine) -> None:
    machine.index.add(make_wheel("dep"))
    make_project(machine.work, "mine", requires=("dep",))
    repository, commit = served_repository(machine)

    ran = machine.trued("lock", "./mine", f"own @ {repository.url}@{commit}", "-o", "requirements.txt")
    plain = machine.trued("install", "-r", "requirements.txt")
    freed = machine.trued("install", "-r", "requirements.txt", "--no-require-hashes")

    text = (machine.work / "requirements.txt").read_text()
    assert (ran.status, set(ran.codes)) == (0, {"TRU187"})
    assert f"own @ {repository.url}@{commit}" in text
    assert "./mine" in text
    assert set(plain.codes) == {"TRU162", "TRU163"}
    assert freed.status == 0, freed.err
    assert machine.installed == {"mine": "1.0", "own": "1.0", "dep": "1.0"}


def test_a_uv_lock_with_a_repository_is_installed_where_the_commit_is_proof(machine: Machine) -> None:
    root = machine.work.parent / "served"
    repository, commit = make_repository(root / "own")
    with serving(GitServer(root)) as server:
        url = server.url(repository).removeprefix("git+")
        machine.write(
            "version = 1",
            'requires-python = ">=3.9"',
            "[[package]]",
            'name = "app"',
            'version = "0"',
            'source = { virtual = "." }',
            'dependencies = [{ name = "own" }]',
            "[[package]]",
            'name = "own"',
            'version = "1.0"',
            f'source = {{ git = "{url}?rev=main#{commit}" }}',
            name="uv.lock",
        )
        machine.write("[tool.uv.sources]", f'own = {{ git = "{url}", rev = "main" }}', name="pyproject.toml")

        closed = machine.trued("sync", "uv.lock")
        opened = machine.trued("sync", "uv.lock", "--commit-is-proof", "127.0.0.1")
        exported = machine.trued("export", "uv.lock", "-o", "pylock.toml")

    assert closed.codes == ["TRU162"]
    assert (opened.status, machine.installed) == (0, {"own": "1.0"}), opened.err
    assert exported.status == 0, exported.err
    assert entry(machine)["vcs"]["commit-id"] == commit


def test_freeze_writes_a_lock_of_what_is_installed(machine: Machine) -> None:
    make_project(machine.work, "mine")
    repository, commit = served_repository(machine)
    machine.trued("install", "-e", "./mine", f"own @ {repository.url}@{commit}")

    ran = machine.trued("freeze", "--format", "pylock")

    read = {one["name"]: one for one in tomllib.loads(ran.out)["packages"]}
    assert ran.status == 0, ran.err
    assert read["mine"]["directory"] == {"path": f"{machine.work}/mine", "editable": True}
    assert read["own"]["vcs"]["commit-id"] == commit


def test_an_advisory_about_the_release_in_a_repository_is_told(machine: Machine) -> None:
    repository, commit = served_repository(machine)
    with_database(machine, flaw("PYSEC-2026-1", "own", events="introduced=0 fixed=2.0", summary="bad"))

    ran = machine.trued("lock", f"own @ {repository.url}@{commit}")

    assert (ran.status, ran.codes) == (0, ["TRU823"]), ran.err


def test_a_lock_for_every_platform_has_a_folder_once(machine: Machine) -> None:
    machine.index.add(make_wheel("dep"))
    make_project(machine.work, requires=("dep; sys_platform == 'win32'",))

    ran = machine.trued("lock", "./own", "--universal")

    assert ran.status == 0, ran.err
    assert entry(machine)["directory"] == {"path": "own"}
    assert "win32" in entry(machine, "dep")["marker"]


def test_who_needs_what_is_told_of_such_a_lock(machine: Machine) -> None:
    machine.index.add(make_wheel("dep"))
    make_project(machine.work, requires=("dep",))
    machine.trued("lock", "./own")

    assert "own -> dep 1.0" in machine.trued("why", "dep").out
    assert machine.trued("tree", "pylock.toml").out.splitlines()[0].startswith("own")


def test_why_not_heeds_a_folder_beside_it(machine: Machine) -> None:
    machine.index.add(make_wheel("dep", "1.0"))
    machine.index.add(make_wheel("dep", "2.0"))
    make_project(machine.work, requires=("dep<2",))
    machine.write("./own", name="requirements.in")

    ran = machine.trued("why-not", "dep==2.0", "-r", "requirements.in")

    assert (ran.status, ran.codes) == (1, ["TRU360"])
    assert "own" in ran.err
