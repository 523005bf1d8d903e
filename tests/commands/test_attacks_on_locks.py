"""Attacks by whoever can change a lock, or an index that one is made from: each got through once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import pytest

from tests.commands.conftest import JSON, Index, Machine, Wheel, make_wheel
from tests.commands.sources import make_sdist
from tests.index.server import Reply, Server

# Projects that are bound to an index


@pytest.fixture
def public(machine: Machine) -> Iterator[Index]:
    """An index where anybody may upload; the machine's own serves what is bound to it, ``ours-core``."""
    with Server() as server:
        policy = machine.home / ".config" / "trued" / "trued.toml"
        policy.parent.mkdir(parents=True)
        policy.write_text(
            f'index-url = "{server.url("/simple/")}"\n'
            f'[[index]]\nname = "own"\nurl = "{machine.index.url}"\nprojects = ["ours-core"]\n'
        )
        yield Index(server)


def entry(wheel: Wheel, *, index: str, url: str) -> str:
    name = wheel.filename.split("-")[0].replace("_", "-")
    said = f'index = "{index}"\n' if index else ""
    return (
        f'[[packages]]\nname = "{name}"\nversion = "1.0"\n{said}'
        f'wheels = [{{url = "{url}", hashes = {{sha256 = "{wheel.sha256}"}}}}]\n'
    )


def sync(machine: Machine, *entries: str) -> list[str]:
    machine.write('lock-version = "1.0"', 'created-by = "somebody"', *entries, name="pylock.toml")
    return machine.trued("sync", TRUED_INDEX_URL="").codes


@pytest.mark.parametrize("states_index", [True, False])
def test_a_lock_takes_a_bound_project_from_no_other_index(
    machine: Machine, public: Index, states_index: bool
) -> None:
    """Attack: a private project's name is registered at the public index, and the lock says so."""
    machine.index.add(make_wheel("ours_core"))
    evil = public.add(make_wheel("ours_core", files={"ours_core/__init__.py": b"evil = 1\n"}))
    url = public.server.url(f"/files/{evil.filename}")

    told = sync(machine, entry(evil, index=public.url if states_index else "", url=url))

    assert (told, machine.installed) == (["TRU175"], {})


def test_a_bound_project_of_a_lock_is_installed_from_its_index(machine: Machine, public: Index) -> None:
    wheel = machine.index.add(make_wheel("ours_core"))
    other = public.add(make_wheel("other"))

    told = sync(
        machine,
        entry(other, index=public.url, url=public.server.url(f"/files/{other.filename}")),
        entry(wheel, index=machine.index.url, url=machine.index.server.url(f"/files/{wheel.filename}")),
    )

    assert (told, machine.installed) == ([], {"other": "1.0", "ours_core": "1.0"})


def test_a_page_vouches_for_no_host_of_a_bound_project(machine: Machine, public: Index) -> None:
    """Attack: the public index keeps somebody's file at a third host; the lock has the private one there."""
    machine.index.add(make_wheel("ours_core"))
    evil = make_wheel("ours_core", files={"ours_core/__init__.py": b"evil = 1\n"})
    other = make_wheel("other")
    with Server() as third:
        for wheel in (evil, other):
            third.routes[f"/files/{wheel.filename}"] = Reply(body=wheel.content)
        row = {"filename": other.filename, "url": third.url(f"/files/{other.filename}"), "hashes": {}}
        page = {"meta": {"api-version": "1.0"}, "name": "other", "files": [row]}
        public.server.routes["/simple/other/"] = Reply(body=json.dumps(page).encode(), headers=JSON)

        told = sync(
            machine,
            entry(other, index="", url=third.url(f"/files/{other.filename}")),
            entry(evil, index="", url=third.url(f"/files/{evil.filename}")),
        )

    assert (told, machine.installed) == (["TRU175"], {})


# Making a lock of requirements that list digests


def sha512(wheel: Wheel) -> str:
    return hashlib.sha512(wheel.content).hexdigest()


@pytest.mark.parametrize("stated", ["nothing", "another sha256", "both"])
def test_no_lock_is_made_of_a_file_that_the_listed_digests_do_not_admit(
    machine: Machine, stated: str
) -> None:
    """Attack: the index offers another file, and states no digest, or the listed one beside its own."""
    meant = make_wheel("demo")
    evil = make_wheel("demo", files={"demo/__init__.py": b"evil = 1\n"})
    listed = f"sha256:{meant.sha256}" if stated == "nothing" else f"sha512:{sha512(meant)}"
    hashes = {
        "nothing": {},
        "another sha256": {"sha256": evil.sha256},
        "both": {"sha256": evil.sha256, "sha512": sha512(meant)},
    }
    machine.index.add(evil, hashes=hashes[stated])
    machine.write(f"demo==1.0 --hash={listed}")

    ran = machine.trued("lock", "-r", "requirements.txt")

    assert ran.status == 1
    assert set(ran.codes) <= {"TRU551", "TRU589", "TRU573"}
    assert not (machine.work / "pylock.toml").exists()


def test_a_lock_is_made_of_files_that_another_algorithm_admits(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.write(f"demo==1.0 --hash=sha512:{sha512(wheel)}")

    ran = machine.trued("lock", "-r", "requirements.txt")

    assert ran.status == 0, ran.err
    assert wheel.sha256 in (machine.work / "pylock.toml").read_text()


@pytest.mark.parametrize("states_digest", [True, False])
@pytest.mark.parametrize(
    "command",
    [
        ("lock", "-r", "requirements.txt"),
        ("why-not", "demo==1.0", "-r", "requirements.txt"),
        ("install", "-r", "requirements.txt", "--no-require-hashes"),
    ],
)
def test_no_backend_tells_metadata_of_source_that_the_listed_digests_do_not_admit(
    machine: Machine, command: tuple[str, ...], states_digest: bool
) -> None:
    """Attack: the index offers other source than the one that was pinned, whose code runs to be asked."""
    meant = make_sdist("demo")
    evil = make_sdist("demo", files={"evil.py": b""})
    machine.index.add(evil, hashes=None if states_digest else {})
    machine.write(meant.line)

    ran = machine.trued(*command, "--allow-build", "demo")

    assert ran.status == 1
    assert not list((machine.home / ".cache" / "trued" / "logs" / "build").glob("*.log"))


@pytest.mark.parametrize("states_digest", [True, False])
def test_no_backend_tells_metadata_of_source_that_replaced_what_is_locked(
    machine: Machine, states_digest: bool
) -> None:
    """Attack: the index replaces source that a lock holds; comparing both locks afterwards comes too late."""
    machine.index.add(make_sdist("demo"))
    logs = machine.home / ".cache" / "trued" / "logs" / "build"
    assert machine.trued("lock", "demo", "--allow-build", "demo").status == 0
    before = set(logs.glob("*.log"))
    machine.index.pages.clear()
    machine.index.add(make_sdist("demo", files={"evil.py": b""}), hashes=None if states_digest else {})

    ran = machine.trued("lock", "demo", "--allow-build", "demo", "--refresh")

    assert (ran.status, ran.codes) == (1, ["TRU197"])
    assert set(logs.glob("*.log")) == before


# Exporting a lock


@pytest.mark.parametrize(
    "source",
    [
        'vcs = {type = "git", url = "https://example.org/\\n--index-url https://e", commit-id = "COMMIT"}',
        'vcs = {type = "git", url = "https://example.org/x --hash=sha256:0", commit-id = "COMMIT"}',
        'vcs = {type = "git", url = "https://example.org/x", commit-id = "COMMIT\\n-r evil.txt"}',
        'vcs = {type = "git", url = "https://example.org/", commit-id = "COMMIT", subdirectory = "a\\n-e b"}',
        'directory = {path = "x\\n--index-url https://example.net/"}',
        'directory = {path = "x --index-url https://example.net/"}',
        'directory = {path = "demo @ https://example.net/demo.whl"}',
    ],
)
def test_a_lock_brings_no_line_of_its_own_into_an_exported_file(machine: Machine, source: str) -> None:
    """Attack: an address in a lock goes on with an option, which ``trued export`` writes out."""
    head = ('lock-version = "1.0"', 'created-by = "somebody"', "[[packages]]", 'name = "demo"')
    machine.write(*head, source.replace("COMMIT", "1" * 40), name="pylock.toml")

    ran = machine.trued("export", "pylock.toml")

    assert (ran.status, ran.codes, ran.out) == (2, ["TRU198"], "")


def test_a_path_that_looks_like_an_option_is_exported_as_a_path(machine: Machine) -> None:
    """Attack: a folder whose path begins as ``-r`` does."""
    head = ('lock-version = "1.0"', 'created-by = "somebody"', "[[packages]]", 'name = "demo"')
    machine.write(*head, 'directory = {path = "--index-url=https://example.net/"}', name="pylock.toml")

    lines = machine.trued("export", "pylock.toml").out.splitlines()

    assert [line for line in lines if not line.startswith("#")] == ["./--index-url=https://example.net/"]
