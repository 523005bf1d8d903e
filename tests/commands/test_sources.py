"""Folders, editable projects, repositories and archives by URL: installed, refused, recorded, kept."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.build.repositories import GitServer, Repository, serving
from tests.commands.conftest import Machine, Ran, make_wheel
from tests.commands.projects import make_project, make_repository, write_project
from tests.commands.sources import make_sdist, one_backend
from tests.index.server import Reply

TRUSTING = "--trust-on-first-use"


def record(machine: Machine, name: str, folder: str = "own-1.0.dist-info") -> dict[str, object]:
    found: dict[str, object] = json.loads((machine.libraries / folder / name).read_text())
    return found


def evidence(machine: Machine, folder: str = "own-1.0.dist-info") -> list[str]:
    listed = record(machine, "trued-receipt.json", folder)["evidence"]
    assert isinstance(listed, list)
    return [one["kind"] for one in listed]


def imported(machine: Machine, name: str = "own") -> Ran:
    """Where the module *name* of the environment comes from."""
    python = machine.work / ".venv" / "bin" / "python"
    done = subprocess.run(
        [python, "-c", f"import {name}; print({name}.__file__, {name}.version)"],
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran(status=done.returncode, out=done.stdout, err=done.stderr)


def builds(machine: Machine) -> int:
    """How many builds there were: each has a log."""
    return len(list((machine.home / ".cache" / "trued" / "logs" / "build").glob("*.log")))


# Folders


@pytest.mark.parametrize("spelled", ["./own", "own/", "file://{work}/own", "own @ file://{work}/own"])
def test_a_folder_is_built_and_installed(machine: Machine, spelled: str) -> None:
    make_project(machine.work)

    ran = machine.trued("install", spelled.format(work=machine.work))

    assert (ran.status, machine.installed) == (0, {"own": "1.0"}), ran.err
    assert evidence(machine) == ["own-source"]
    assert record(machine, "direct_url.json") == {"url": f"file://{machine.work}/own", "dir_info": {}}


def test_the_working_folder_is_a_dot(machine: Machine) -> None:
    write_project(machine.work)

    assert machine.trued("install", ".").status == 0
    assert imported(machine).out.startswith(str(machine.libraries))


def test_a_folder_whose_name_only_its_backend_knows(machine: Machine) -> None:
    write_project(machine.work / "some", stated=False)

    ran = machine.trued("install", "./some")

    assert (ran.status, machine.installed) == (0, {"own": "1.0"}), ran.err
    assert builds(machine) == 1


def test_what_a_folder_needs_is_chosen_with_the_rest(machine: Machine) -> None:
    machine.index.add(make_wheel("dep", "1.0"))
    machine.index.add(make_wheel("dep", "2.0"))
    machine.index.add(make_wheel("other", requires=("dep<2",)))
    make_project(machine.work, requires=("dep>=1",))

    ran = machine.trued("install", "./own", "other", TRUSTING)

    assert ran.status == 0, ran.err
    assert machine.installed == {"own": "1.0", "dep": "1.0", "other": "1.0"}


def test_without_dependencies_only_the_folder_is_installed(machine: Machine) -> None:
    make_project(machine.work, requires=("dep>=1",))

    ran = machine.trued("install", "--no-deps", "./own")

    assert (ran.status, machine.installed) == (0, {"own": "1.0"}), ran.err


def test_extras_and_markers_of_a_folder(machine: Machine) -> None:
    machine.index.add(make_wheel("dep"))
    make_project(machine.work)
    metadata = 'def _metadata(project):\n    return b"""Metadata-Version: 2.1\nName: own\nVersion: 1.0\n'
    metadata += 'Provides-Extra: more\nRequires-Dist: dep; extra == \'more\'\n"""\n'
    backend = machine.work / "own" / "backend" / "own_backend.py"
    backend.write_text(backend.read_text() + metadata)

    plain = machine.trued("install", "./own; python_version < '3'")
    asked = machine.trued("install", "./own[more]", TRUSTING)

    assert (plain.status, asked.status) == (0, 0), asked.err
    assert machine.installed == {"own": "1.0", "dep": "1.0"}


def test_a_constraint_bounds_a_folder_too(machine: Machine) -> None:
    make_project(machine.work)
    machine.write("own<1", name="constraints.txt")

    ran = machine.trued("install", "./own", "-c", "constraints.txt")

    assert (ran.status, ran.codes) == (1, ["TRU360"])
    assert machine.installed == {}


def test_a_folder_takes_the_place_of_its_project_in_an_index(machine: Machine) -> None:
    """Another project needs ``own``: the index's own 2.0 is no candidate."""
    machine.index.add(make_wheel("own", "2.0"))
    machine.index.add(make_wheel("other", requires=("own",)))
    make_project(machine.work)

    assert machine.trued("install", "./own", "other", TRUSTING).status == 0
    assert machine.installed["own"] == "1.0"


def test_a_folder_that_did_not_change_is_neither_built_nor_installed_again(machine: Machine) -> None:
    make_project(machine.work)
    machine.trued("install", "./own")
    before = builds(machine)

    ran = machine.trued("install", "./own")

    assert "1 distribution there already" in ran.out + ran.err
    assert builds(machine) == before


def test_a_folder_that_changed_is_built_and_installed_again(machine: Machine) -> None:
    make_project(machine.work)
    machine.trued("install", "./own")
    (machine.work / "own" / "own.py").write_text("version = 'changed'\n")

    ran = machine.trued("install", "./own")

    assert (ran.status, imported(machine).out.split()[1]) == (0, "changed")


# Version numbers are made of the names in the history; git keeps them in `reftable` where it is told to.
@pytest.mark.parametrize("file", ["HEAD", "packed-refs", "refs/tags/v2", "reftable/tables.list"])
def test_a_folder_with_another_name_in_its_history_is_built_again(machine: Machine, file: str) -> None:
    folder = make_project(machine.work)
    (folder / ".git").mkdir()
    machine.trued("install", "./own")
    before = builds(machine)
    path = folder / ".git" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("1" * 40)

    machine.trued("install", "./own")

    assert builds(machine) == before + 1


def test_a_build_leaves_the_folder_as_it_was(machine: Machine) -> None:
    folder = make_project(machine.work)
    backend = folder / "backend" / "own_backend.py"
    backend.write_text(backend.read_text() + "\nopen('litter', 'w').close()\n")
    before = sorted(path.name for path in folder.rglob("*"))

    machine.trued("install", "./own")

    assert sorted(path.name for path in folder.rglob("*")) == before


def test_nothing_of_a_run_is_left_among_temporary_files(machine: Machine, tmp_path: Path) -> None:
    make_project(machine.work)
    repository, commit = make_repository(machine.work / "repository", "other")
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    machine.trued("install", "./own", f"other @ {repository.url}@{commit}", TMPDIR=str(temporary))
    machine.trued("lock", "./own", f"other @ {repository.url}@{'1' * 40}", TMPDIR=str(temporary))

    assert list(temporary.iterdir()) == []


def test_without_a_cache_only_the_log_of_a_build_that_failed_is_left(
    machine: Machine, tmp_path: Path
) -> None:
    folder = make_project(machine.work)
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    machine.trued("install", "./own", "--no-cache-dir", TMPDIR=str(temporary))
    before = list(temporary.iterdir())
    (folder / "backend" / "own_backend.py").write_text("raise SystemExit('it went wrong')\n")
    ran = machine.trued("install", "./own", "--no-cache-dir", TMPDIR=str(temporary))

    (log,) = temporary.glob("trued-build-log-*/*.log")
    assert before == []
    assert [one.name for one in temporary.iterdir()] == [log.parent.name]
    assert "it went wrong" in log.read_text()
    assert str(log) in ran.err


def test_a_fault_in_the_file_of_a_project_is_told_by_the_name_that_the_user_gave(machine: Machine) -> None:
    folder = make_project(machine.work)
    (folder / "pyproject.toml").write_text("[build-system]\nrequires = 3\n")

    ran = machine.trued("install", "./own")

    assert (ran.status, ran.codes) == (2, ["TRU448"])
    assert "trued-build-" not in ran.err
    assert "own/pyproject.toml:2" in ran.err


def test_only_binary_covers_folders_and_repositories(machine: Machine) -> None:
    make_project(machine.work)
    _, commit = make_repository(machine.work / "repository", "other")

    ran = machine.trued(
        "install", "./own", f"other @ git+file://{machine.work}/repository@{commit}", "--only-binary", ":all:"
    )

    assert (ran.status, ran.codes) == (1, ["TRU471"])
    assert ran.err.count("[TRU471]") == 2
    assert builds(machine) == 0


def test_strict_takes_wheels_only(machine: Machine) -> None:
    make_project(machine.work)

    assert machine.trued("install", "./own", "--level", "strict").codes == ["TRU471"]


# Editable projects


@pytest.mark.parametrize("spelled", [("-e", "."), ("-e", "{work}"), ("--editable=.",)])
def test_an_editable_project_stays_where_it_is(machine: Machine, spelled: tuple[str, ...]) -> None:
    write_project(machine.work)

    ran = machine.trued("install", *(word.format(work=machine.work) for word in spelled))

    assert ran.status == 0, ran.err
    assert imported(machine).out.startswith(str(machine.work / "own.py"))
    assert record(machine, "direct_url.json") == {
        "url": f"file://{machine.work}",
        "dir_info": {"editable": True},
    }


def test_an_editable_line_of_a_file(machine: Machine) -> None:
    make_project(machine.work)

    assert machine.install("-e ./own").status == 0
    assert imported(machine).out.startswith(str(machine.work / "own" / "own.py"))


def test_an_editable_project_is_told_where_environments_are_listed(machine: Machine) -> None:
    write_project(machine.work)
    machine.trued("install", "-e", ".")

    listed = machine.trued("list", "--json").document
    inspected = machine.trued("inspect").document

    assert machine.trued("freeze").out.strip() == f"-e {machine.work}"
    assert listed[0]["editable_project_location"] == str(machine.work)  # type: ignore[index]
    assert inspected["installed"][0]["direct_url"]["dir_info"] == {"editable": True}  # type: ignore[index]
    assert "Editable" in machine.trued("show", "own").out


def test_an_editable_project_that_is_there_already_is_left_alone(machine: Machine) -> None:
    folder = make_project(machine.work)
    machine.trued("install", "-e", "./own")

    same = machine.trued("install", "-e", "./own")
    folder.rename(machine.work / "moved")
    moved = machine.trued("install", "-e", "./moved")

    assert "there already" in same.out + same.err
    assert "replaced" in moved.out + moved.err
    assert imported(machine).out.startswith(str(machine.work / "moved"))


def test_an_editable_project_can_be_made_a_plain_one_again(machine: Machine) -> None:
    write_project(machine.work)
    machine.trued("install", "-e", ".")

    ran = machine.trued("install", ".")

    assert (ran.status, imported(machine).out.startswith(str(machine.libraries))) == (0, True)


def test_an_editable_repository_is_refused(machine: Machine) -> None:
    _, commit = make_repository(machine.work / "repository")

    ran = machine.trued("install", "-e", f"git+file://{machine.work}/repository@{commit}#egg=own")

    assert (ran.status, ran.codes) == (1, ["TRU495"])


# Repositories


def test_a_full_commit_is_built_and_installed(machine: Machine) -> None:
    repository, commit = make_repository(machine.work / "repository")

    ran = machine.trued("install", f"own @ {repository.url}@{commit}")

    assert (ran.status, machine.installed) == (0, {"own": "1.0"}), ran.err
    assert evidence(machine) == ["commit"]
    assert record(machine, "direct_url.json") == {
        "url": f"file://{machine.work}/repository",
        "vcs_info": {"vcs": "git", "commit_id": commit, "requested_revision": commit},
    }
    assert machine.trued("freeze").out.strip() == f"own @ {repository.url}@{commit}"


def test_a_project_in_a_folder_of_a_repository(machine: Machine) -> None:
    repository = Repository(machine.work / "repository")
    write_project(repository.path / "python" / "own")
    commit = repository.commit()

    ran = machine.trued("install", f"own @ {repository.url}@{commit}#subdirectory=python/own")

    assert ran.status == 0, ran.err
    assert record(machine, "direct_url.json")["subdirectory"] == "python/own"


@pytest.mark.parametrize("folder", ["nowhere", "../..", "link"])
def test_a_folder_that_is_not_in_the_repository(machine: Machine, folder: str) -> None:
    """A link may not stand for the folder, wherever it leads; ``..`` would lead to this machine's files."""
    repository = Repository(machine.work / "repository")
    write_project(repository.path)
    commit = repository.commit()

    ran = machine.trued("install", f"own @ {repository.url}@{commit}#subdirectory={folder}")

    assert (ran.status, ran.codes) == (1, ["TRU489"])


@pytest.mark.parametrize("revision", ["@main", "@v1", "", "@{short}"])
def test_a_name_that_may_lead_elsewhere_is_refused(machine: Machine, revision: str) -> None:
    repository, commit = make_repository(machine.work / "repository")
    repository.git("tag", "v1")

    ran = machine.trued("install", f"own @ {repository.url}{revision.format(short=commit[:10])}")

    assert (ran.status, ran.codes) == (1, ["TRU497"])
    assert revision == "@{short}" or f"own @ {repository.url}@{commit}" in ran.err


def test_permissive_takes_the_commit_that_a_branch_leads_to(machine: Machine) -> None:
    repository, commit = make_repository(machine.work / "repository")

    ran = machine.trued("install", f"own @ {repository.url}@main", "--level", "permissive")

    assert (ran.status, ran.codes) == (0, ["TRU497"])
    vcs = record(machine, "direct_url.json")["vcs_info"]
    assert vcs == {"vcs": "git", "commit_id": commit, "requested_revision": "main"}
    assert evidence(machine) == []


def test_the_same_commit_is_not_built_again(machine: Machine) -> None:
    repository, commit = make_repository(machine.work / "repository")
    machine.trued("install", f"own @ {repository.url}@{commit}")
    before = builds(machine)

    ran = machine.trued("install", f"own @ {repository.url}@{commit}")

    assert "1 distribution there already" in ran.out + ran.err
    assert builds(machine) == before


def test_what_was_built_of_a_commit_is_installed_without_asking_the_repository(
    machine: Machine, tmp_path: Path
) -> None:
    root = tmp_path / "served"
    repository, commit = make_repository(root / "own")
    with serving(GitServer(root)) as server:
        line = f"own @ {server.url(repository)}@{commit}"
        machine.trued("install", line)
        asked = len(server.requests)
        ran = machine.trued("install", line, "--force-reinstall")

        assert (ran.status, len(server.requests)) == (0, asked), ran.err


def test_a_constraint_may_say_where_a_project_comes_from(machine: Machine) -> None:
    machine.index.add(make_wheel("own", "9.0"))
    repository, commit = make_repository(machine.work / "repository")
    machine.write(f"own @ {repository.url}@{commit}", name="constraints.txt")

    ran = machine.trued("install", "own", "-c", "constraints.txt", "--allow-build", "own")
    locked = machine.trued("lock", "own", "-c", "constraints.txt", "--allow-build", "own")

    assert (ran.status, machine.installed) == (0, {"own": "1.0"}), ran.err
    assert (locked.status, commit in (machine.work / "pylock.toml").read_text()) == (0, True), locked.err


@pytest.mark.parametrize("command", ["install", "lock"])
def test_what_a_constraint_takes_from_elsewhere_is_not_taken_from_the_index(
    machine: Machine, command: str
) -> None:
    """Nobody asks for it, so nothing is fetched or built; nor does another file take its place."""
    machine.index.add(make_wheel("own", "9.0"))
    machine.index.add(make_wheel("app", requires=("own",)))
    repository, commit = make_repository(machine.work / "repository")
    machine.write(f"own @ {repository.url}@{commit}", name="constraints.txt")

    ran = machine.trued(command, "app", "-c", "constraints.txt", TRUSTING)

    assert (ran.status, ran.codes) == (1, ["TRU360"])
    assert "ask for own itself" in ran.err


def test_another_system_than_git(machine: Machine) -> None:
    ran = machine.trued("install", "own @ hg+https://example.org/own@tip", "a @ svn+https://example.org/a@1")

    assert (ran.status, ran.codes) == (1, ["TRU483"])
    assert ran.err.count("[TRU483]") == 2


@pytest.mark.parametrize(
    "url",
    ["git+git://example.org/own@{commit}", "git+ssh://-oProxyCommand=x/own@{commit}", "git+https://a b/c"],
)
def test_an_address_that_git_is_not_given(machine: Machine, url: str) -> None:
    ran = machine.trued("install", f"own @ {url.format(commit='1' * 40)}")

    assert ran.status in (1, 2)
    assert set(ran.codes) <= {"TRU498", "TRU140", "TRU141"}


def test_what_a_repository_holds_is_another_project(machine: Machine) -> None:
    repository, commit = make_repository(machine.work / "repository", "evil")

    ran = machine.trued("install", f"own @ {repository.url}@{commit}")

    assert ran.status == 1
    assert set(ran.codes) <= {"TRU474", "TRU494"}
    assert machine.installed == {}


def test_a_commit_from_a_host_that_is_not_allowed(machine: Machine) -> None:
    ran = machine.trued(
        "install", f"own @ git+https://example.org/own@{'1' * 40}", "--allowed-host", "127.0.0.1"
    )

    assert (ran.status, ran.codes) == (1, ["TRU321"])


def test_a_run_that_is_offline_asks_no_repository(machine: Machine) -> None:
    ran = machine.trued("install", f"own @ git+https://example.org/own@{'1' * 40}", "--offline")

    assert (ran.status, ran.codes) == (2, ["TRU484"])
    assert "offline" in ran.err


SECRET = "s3cret-word"


def test_credentials_of_an_address_are_used_and_shown_nowhere(machine: Machine, tmp_path: Path) -> None:
    root = tmp_path / "served"
    repository, commit = make_repository(root / "own")
    with serving(GitServer(root, password=f"me:{SECRET}")) as server:
        address = server.url(repository, f"me:{SECRET}@")
        ran = machine.trued("install", f"own @ {address}@{commit}", "-v")
        locked = machine.trued("lock", f"own @ {address}@{commit}")
        frozen = machine.trued("freeze")
        server.password = "me:other"
        refused = machine.trued("install", "--refresh", f"own @ {address}@{commit}", "-v")

    assert (ran.status, locked.status, refused.status) == (0, 0, 2), (ran.err, locked.err, refused.err)
    told = [ran, locked, frozen, refused]
    assert not any(SECRET in one.out + one.err for one in told)
    places = [machine.libraries, machine.work / "pylock.toml", machine.home]
    assert [str(place) for place in places if _is_written(SECRET, place)] == []


def test_credentials_from_netrc(machine: Machine, tmp_path: Path) -> None:
    root = tmp_path / "served"
    repository, commit = make_repository(root / "own")
    netrc = machine.home / ".netrc"
    netrc.write_text(f"machine 127.0.0.1 login me password {SECRET}\n")
    netrc.chmod(0o600)
    with serving(GitServer(root, password=f"me:{SECRET}")) as server:
        ran = machine.trued("install", f"own @ {server.url(repository)}@{commit}")

    assert ran.status == 0, ran.err


def test_credentials_from_a_keyring(machine: Machine, tmp_path: Path) -> None:
    root = tmp_path / "served"
    repository, commit = make_repository(root / "own")
    command = tmp_path / "bin" / "keyring"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\n[ "$3" = me ] && echo {SECRET}\n')
    command.chmod(0o755)
    with serving(GitServer(root, password=f"me:{SECRET}")) as server:
        ran = machine.trued(
            *(
                "install",
                f"own @ {server.url(repository, 'me@')}@{commit}",
                "--keyring-provider",
                "subprocess",
            ),
            PATH=f"{command.parent}:{machine.environ['PATH']}",
        )

    assert (ran.status, machine.installed) == (0, {"own": "1.0"}), ran.err


def _is_written(text: str, place: Path) -> bool:
    return subprocess.run(["grep", "-rq", text, str(place)], check=False).returncode == 0


# Hash-checking mode


def test_where_hashes_are_required_all_of_them_are_refused_together(machine: Machine) -> None:
    make_project(machine.work)
    repository, commit = make_repository(machine.work / "repository", "other")

    ran = machine.install(
        "./own", f"other @ {repository.url}@{commit}", "-e ./own", options=("--require-hashes",)
    )

    assert ran.status == 1
    assert {"TRU161", "TRU162"} <= set(ran.codes)
    assert builds(machine) == 0


def test_one_hash_in_a_file_refuses_a_folder_and_builds_nothing(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("dep"))
    make_project(machine.work)

    ran = machine.install(wheel.line, "./own")

    assert (ran.status, ran.codes) == (1, ["TRU163"])
    assert builds(machine) == 0


def test_a_commit_is_proof_where_the_user_says_so(machine: Machine, tmp_path: Path) -> None:
    root = tmp_path / "served"
    repository, commit = make_repository(root / "own")
    with serving(GitServer(root)) as server:
        line = f"own @ {server.url(repository)}@{commit}"
        plain = machine.install(line, options=("--require-hashes",))
        other = machine.install(line, options=("--require-hashes", "--commit-is-proof", "example.org"))
        opened = machine.install(line, options=("--require-hashes", "--commit-is-proof", "127.0.0.1"))

    assert (plain.codes, other.codes) == (["TRU162"], ["TRU162"])
    assert (opened.status, evidence(machine)) == (0, ["commit"]), opened.err


@pytest.mark.parametrize(
    ("named", "codes"),
    [("127.0.0.1/acme", []), ("127.0.0.1/ac", ["TRU162"]), ("127.0.0.1/acme/own/more", ["TRU162"])],
)
def test_a_commit_is_proof_below_a_path(
    machine: Machine, tmp_path: Path, named: str, codes: list[str]
) -> None:
    """On a forge the host is everybody's."""
    root = tmp_path / "served"
    repository, commit = make_repository(root / "acme" / "own")
    with serving(GitServer(root)) as server:
        line = f"own @ {server.url(repository)}@{commit}"
        ran = machine.install(line, options=("--require-hashes", "--commit-is-proof", named))

    assert ran.codes == codes, ran.err


def test_what_such_a_commit_is_built_with_needs_hashes_all_the_same(machine: Machine, tmp_path: Path) -> None:
    """Also where the name is not written, so that something has to be built to learn it."""
    machine.index.add(one_backend())
    root = tmp_path / "served"
    repository = Repository(root / "own")
    text = '[build-system]\nrequires = ["toy-backend"]\nbuild-backend = "toy_backend"\n'
    repository.write("pyproject.toml", text)
    commit = repository.commit()
    with serving(GitServer(root)) as server:
        options = ("--require-hashes", "--commit-is-proof", "127.0.0.1", TRUSTING)
        ran = machine.install(f"{server.url(repository)}@{commit}", options=options)

    assert (ran.status, ran.codes, machine.installed) == (1, ["TRU472"], {}), ran.err


def test_a_cloned_repositorys_file_makes_no_commit_a_proof(machine: Machine) -> None:
    machine.write('commit-is-proof = ["127.0.0.1"]', name="trued.toml")

    ran = machine.trued("install", f"own @ git+http://127.0.0.1:1/own@{'1' * 40}", "--require-hashes")

    assert "TRU162" in ran.codes


def test_a_branch_is_no_proof_whatever_the_user_says(machine: Machine) -> None:
    ran = machine.trued(
        "install",
        "own @ git+http://127.0.0.1:1/own@main",
        "--require-hashes",
        "--commit-is-proof",
        "127.0.0.1",
    )

    assert (ran.status, ran.codes) == (1, ["TRU162"])


# Archives by URL and path


def test_an_sdist_by_path_is_built_once_its_digest_is_known(machine: Machine) -> None:
    sdist = make_sdist("own")
    (machine.work / sdist.filename).write_bytes(sdist.content)

    refused = machine.trued("install", f"./{sdist.filename}")
    ran = machine.install(f"./{sdist.filename} --hash=sha256:{sdist.sha256}")

    assert (refused.status, refused.codes) == (1, ["TRU561", "TRU781"])
    assert (ran.status, machine.installed) == (0, {"own": "1.0"}), ran.err
    assert record(machine, "direct_url.json")["archive_info"] == {"hashes": {"sha256": sdist.sha256}}


def test_an_sdist_by_url_with_what_it_needs(machine: Machine) -> None:
    machine.index.add(make_wheel("dep"))
    sdist = make_sdist("own", requires=("dep",))
    machine.index.server.routes[f"/{sdist.filename}"] = Reply(body=sdist.content)
    url = machine.index.server.url(f"/{sdist.filename}")

    ran = machine.trued("install", f"own @ {url}#sha256={sdist.sha256}", TRUSTING)

    assert (ran.status, machine.installed) == (0, {"own": "1.0", "dep": "1.0"}), ran.err


def test_a_wheel_by_url_with_what_it_needs(machine: Machine) -> None:
    machine.index.add(make_wheel("dep"))
    wheel = make_wheel("own", requires=("dep",))
    machine.index.server.routes[f"/{wheel.filename}"] = Reply(body=wheel.content)
    url = machine.index.server.url(f"/{wheel.filename}")

    ran = machine.trued("install", url, TRUSTING)

    assert (ran.status, machine.installed) == (0, {"own": "1.0", "dep": "1.0"}), ran.err


def test_an_archive_of_any_name_needs_its_projects_name(machine: Machine) -> None:
    sdist = make_sdist("own")
    (machine.work / "main.tar.gz").write_bytes(sdist.content)

    nameless = machine.trued("install", "./main.tar.gz")
    ran = machine.trued(
        "install", f"own @ file://{machine.work}/main.tar.gz#sha256={sdist.sha256}", "--no-deps"
    )

    assert (nameless.status, nameless.codes) == (2, ["TRU496"])
    assert (ran.status, machine.installed) == (0, {"own": "1.0"}), ran.err


# The same archive under two names: one wheel was taken for both, so that `other` seemed to be there.
@pytest.mark.parametrize("names", [("own", "other"), ("other", "own")])
def test_an_archive_stands_for_its_own_project_alone(machine: Machine, names: tuple[str, ...]) -> None:
    sdist = make_sdist("own")
    (machine.work / "main.tar.gz").write_bytes(sdist.content)

    ran = machine.trued(
        "install", *(f"{name} @ file://{machine.work}/main.tar.gz" for name in names), TRUSTING
    )

    assert ran.status == 1
    assert "TRU474" in ran.codes
    assert machine.installed == {}


def test_only_binary_covers_sdists_by_url(machine: Machine) -> None:
    sdist = make_sdist("own")
    (machine.work / sdist.filename).write_bytes(sdist.content)

    ran = machine.install(
        f"./{sdist.filename} --hash=sha256:{sdist.sha256}", options=("--only-binary", ":all:")
    )

    assert (ran.status, ran.codes) == (1, ["TRU471"])


# Other commands


def test_download_saves_the_wheel_of_a_folder_and_of_a_commit(machine: Machine) -> None:
    make_project(machine.work)
    repository, commit = make_repository(machine.work / "repository", "other")

    ran = machine.trued("download", "./own", f"other @ {repository.url}@{commit}", "-d", "wheels")

    assert ran.status == 0, ran.err
    assert sorted(path.name for path in (machine.work / "wheels").iterdir()) == [
        "other-1.0-py3-none-any.whl",
        "own-1.0-py3-none-any.whl",
    ]


def test_download_saves_archives_by_url(machine: Machine) -> None:
    wheel = make_wheel("own")
    (machine.work / wheel.filename).write_bytes(wheel.content)

    ran = machine.trued("download", f"./{wheel.filename}", "-d", "wheels", TRUSTING)

    assert ran.status == 0, ran.err
    assert (machine.work / "wheels" / wheel.filename).read_bytes() == wheel.content


def test_wheel_makes_the_wheel_of_a_folder_and_of_a_commit(machine: Machine) -> None:
    make_project(machine.work)
    repository, commit = make_repository(machine.work / "repository", "other")

    ran = machine.trued("wheel", "./own", f"other @ {repository.url}@{commit}", "-w", "wheels")

    assert ran.status == 0, ran.err
    assert len(list((machine.work / "wheels").iterdir())) == 2


def test_an_editable_line_is_saved_as_a_plain_wheel(machine: Machine) -> None:
    make_project(machine.work)

    ran = machine.trued("wheel", "-e", "./own", "-w", "wheels")
    machine.trued("install", "./wheels/own-1.0-py3-none-any.whl", TRUSTING)

    assert ran.status == 0, ran.err
    assert imported(machine).out.startswith(str(machine.libraries))


def test_a_dry_run_installs_nothing(machine: Machine) -> None:
    make_project(machine.work)

    ran = machine.trued("install", "./own", "--dry-run", "--json")

    assert (ran.status, machine.installed) == (0, {})
    assert ran.document["plan"][0]["url"] == f"file://{machine.work}/own"  # type: ignore[index]


def test_pips_report_tells_where_sources_came_from(machine: Machine) -> None:
    repository, commit = make_repository(machine.work / "repository")

    machine.trued("install", f"own @ {repository.url}@{commit}", "--report", "report.json")

    report = json.loads((machine.work / "report.json").read_text())
    found = report["install"][0]["download_info"]
    assert found == {
        "url": f"file://{machine.work}/repository",
        "vcs_info": {"vcs": "git", "commit_id": commit, "requested_revision": commit},
    }


def test_verify_finds_a_built_distribution_whole(machine: Machine) -> None:
    make_project(machine.work)
    machine.trued("install", "./own")

    assert machine.trued("verify").status == 0


def test_uninstall_takes_an_editable_project_away_and_leaves_its_folder(machine: Machine) -> None:
    folder = make_project(machine.work)
    machine.trued("install", "-e", "./own")

    assert machine.trued("uninstall", "-y", "own").status == 0
    assert machine.installed == {}
    assert (folder / "own.py").exists()


# Mistakes


@pytest.mark.parametrize(
    ("spelled", "status", "codes"),
    [
        ("./nowhere", 2, ["TRU142"]),
        ("./empty", 2, ["TRU143"]),
        ("own @ ./own", 2, ["TRU141"]),
        ("git+file:///nowhere/repository@" + "1" * 40, 2, ["TRU484"]),
    ],
)
def test_a_source_that_is_not_there(machine: Machine, spelled: str, status: int, codes: list[str]) -> None:
    (machine.work / "empty").mkdir()

    ran = machine.trued("install", spelled)

    assert (ran.status, ran.codes) == (status, codes), ran.err


def test_one_project_from_two_places(machine: Machine) -> None:
    make_project(machine.work)
    write_project(machine.work / "second")

    ran = machine.trued("install", "./own", "./second")

    assert (ran.status, ran.codes) == (1, ["TRU168"])


def test_builds_that_fail_are_told_together(machine: Machine) -> None:
    for name in ("one", "two"):
        folder = make_project(machine.work, name)
        (folder / "backend" / "own_backend.py").write_text("raise SystemExit('no')\n")

    ran = machine.trued("install", "./one", "./two")

    assert ran.status == 2
    assert "./one" in ran.err
    assert "./two" in ran.err
    assert machine.installed == {}
