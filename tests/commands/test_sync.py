"""Installing from a lock and ``trued sync``: exactly what the lock says, and no lock that was bent."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.commands.conftest import Machine, Wheel, make_wheel
from tests.index.server import Reply


@pytest.fixture
def demo(machine: Machine) -> Wheel:
    """demo 1.0, which needs left, locked in pylock.toml."""
    machine.index.add(make_wheel("left"))
    wheel = make_wheel("demo", requires=("left",))
    machine.index.add(wheel, size=len(wheel.content))
    machine.trued("lock", "demo")
    return wheel


def bend(machine: Machine, old: str, new: str, name: str = "pylock.toml") -> None:
    """Put *new* in place of *old* in the lock."""
    path = machine.work / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.usefixtures("python_started")
def test_install_takes_the_files_of_the_lock_and_resolves_nothing(machine: Machine, demo: Wheel) -> None:
    machine.index.add(make_wheel("demo", "9.0"))

    ran = machine.trued("install", "-r", "pylock.toml")

    assert ran.status == 0
    assert machine.installed == {"demo": "1.0", "left": "1.0"}
    assert "Proof: pin by pylock.toml" in machine.trued("show", "demo").out


@pytest.mark.usefixtures("python_started")
def test_sync_removes_what_the_lock_does_not_list(machine: Machine, demo: Wheel) -> None:
    machine.install(machine.index.add(make_wheel("stray")).line)

    shown = machine.trued("sync", "--dry-run")
    before = machine.installed
    ran = machine.trued("sync")

    assert "- stray 1.0 would go" in shown.err
    assert before == {"stray": "1.0"}
    assert ran.status == 0
    assert machine.installed == {"demo": "1.0", "left": "1.0"}


@pytest.mark.usefixtures("python_started")
def test_a_second_sync_changes_nothing(machine: Machine, demo: Wheel) -> None:
    machine.trued("sync")
    before = machine.snapshot()

    result = machine.trued("sync", "--json").document["result"]

    assert isinstance(result, dict)
    assert result["installed"] == 0
    assert machine.snapshot() == before


def test_sync_takes_a_hashed_requirements_file_too(machine: Machine, demo: Wheel) -> None:
    machine.trued("export", "pylock.toml", "-o", "out.txt")

    assert machine.trued("sync", "out.txt").status == 0
    assert machine.installed == {"demo": "1.0", "left": "1.0"}


def test_sync_refuses_requirements_without_hashes(machine: Machine, demo: Wheel) -> None:
    machine.write("demo==1.0")

    ran = machine.trued("sync", "requirements.txt")

    assert (ran.status, ran.codes) == (1, ["TRU165"])
    assert machine.installed == {}


def test_a_lock_beside_other_requirements_is_refused(machine: Machine, demo: Wheel) -> None:
    assert machine.trued("install", "-r", "pylock.toml", "other").codes == ["TRU587"]


def test_a_file_from_another_host_is_refused_before_it_is_fetched(machine: Machine, demo: Wheel) -> None:
    # Attack: URL and digest of a file replaced together, as a change of a lock in review; uv installs it.
    evil = make_wheel("demo", files={"demo/__init__.py": b"evil = 1\n"})
    bend(machine, demo.sha256, evil.sha256)
    bend(machine, f"{machine.index.server.url('/')}files/demo", "https://files.example.org/files/demo")

    ran = machine.trued("sync")

    assert ran.status == 1
    assert set(ran.codes) & {"TRU175", "TRU176"}
    assert machine.installed == {}


def test_an_index_that_was_not_chosen_is_refused(machine: Machine, demo: Wheel) -> None:
    # Attack: the whole package bound to another index.
    bend(machine, f'index = "{machine.index.url}"', 'index = "https://index.example.org/simple/"')

    ran = machine.trued("sync")

    assert ran.status == 1
    assert set(ran.codes) & {"TRU175", "TRU176"}


def test_a_host_that_the_indexs_own_page_names_is_right(machine: Machine) -> None:
    with type(machine.index.server)() as files:
        wheel = make_wheel("demo")
        machine.index.add(wheel, url=files.url(f"/{wheel.filename}"))
        files.routes[f"/{wheel.filename}"] = machine.index.server.routes[f"/files/{wheel.filename}"]
        machine.trued("lock", "demo")

        ran = machine.trued("sync")

    assert (ran.status, machine.installed) == (0, {"demo": "1.0"})


@pytest.fixture
def elsewhere(machine: Machine) -> Iterator[list[Wheel]]:
    """Three projects whose page names another server for their files, locked; nothing is cached."""
    wheels = [make_wheel(name) for name in ("one", "three", "two")]
    with type(machine.index.server)() as files:
        for wheel in wheels:
            machine.index.add(wheel, url=files.url(f"/{wheel.filename}"))
            files.routes[f"/{wheel.filename}"] = machine.index.server.routes[f"/files/{wheel.filename}"]
        machine.trued("lock", "one", "two", "three")
        shutil.rmtree(machine.home / ".cache" / "trued")
        machine.index.server.asked.clear()
        yield wheels


def pages_asked(machine: Machine) -> list[str]:
    return sorted({asked.path for asked in machine.index.server.asked})


@pytest.mark.parametrize(("level", "asked"), [("standard", 1), ("strict", 3)])
def test_one_page_vouches_for_the_host_of_all_files_but_in_strict(
    machine: Machine, elsewhere: list[Wheel], level: str, asked: int
) -> None:
    ran = machine.trued("sync", "--level", level)

    assert (ran.status, len(machine.installed)) == (0, 3)
    assert len(pages_asked(machine)) == asked


@pytest.mark.parametrize("bent", [0, 1, 2])
def test_a_host_that_no_page_names_is_refused_whichever_file_it_is_of(
    machine: Machine, elsewhere: list[Wheel], bent: int
) -> None:
    # Attack: one URL and digest replaced, beside files from the right host that vouch for it.
    evil = make_wheel(elsewhere[bent].filename.partition("-")[0], files={"evil.py": b""})
    text = (machine.work / "pylock.toml").read_text()
    line = next(line for line in text.splitlines() if elsewhere[bent].sha256 in line)
    url = line.partition('url = "')[2].partition('"')[0]
    bend(machine, url, f"https://files.example.org/{evil.filename}")
    bend(machine, elsewhere[bent].sha256, evil.sha256)

    ran = machine.trued("sync")

    assert (ran.status, machine.installed) == (1, {})
    assert set(ran.codes) & {"TRU175", "TRU176"}


def test_what_the_store_has_needs_no_page(machine: Machine, elsewhere: list[Wheel]) -> None:
    machine.trued("sync")
    shutil.rmtree(machine.home / ".cache" / "trued" / "pages", ignore_errors=True)
    machine.trued("uninstall", "-y", "one")
    machine.index.server.asked.clear()

    ran = machine.trued("sync", "--offline")

    assert (ran.status, len(machine.installed)) == (0, 3)
    assert pages_asked(machine) == []


@pytest.fixture
def carried(machine: Machine, demo: Wheel) -> Wheel:
    """The files of the lock in a folder, an empty store, and an index that nobody may ask."""
    machine.trued("download", "-r", "pylock.toml", "-d", "carried")
    shutil.rmtree(machine.store)
    machine.index.server.routes.clear()
    return demo


CARRIED = ("--offline", "--no-index", "--find-links", "carried")


def test_files_that_were_carried_in_a_folder_are_proven_by_the_lock(machine: Machine, carried: Wheel) -> None:
    asked = len(machine.index.server.asked)

    ran = machine.trued("sync", *CARRIED)

    assert (ran.status, ran.err[:24]) == (0, "installed 2 distribution")
    assert machine.installed == {"demo": "1.0", "left": "1.0"}
    assert len(machine.index.server.asked) == asked


def test_a_carried_file_with_another_digest_is_refused(machine: Machine, carried: Wheel) -> None:
    # Attack: the folder is changed on its way.
    other = make_wheel("demo", files={"demo/__init__.py": b"evil = True\n"})
    (machine.work / "carried" / other.filename).write_bytes(other.content)

    ran = machine.trued("sync", *CARRIED)

    assert (ran.status, machine.installed) == (1, {})


def test_a_page_with_links_is_no_folder_and_its_host_is_compared(machine: Machine, demo: Wheel) -> None:
    # Attack: a repository bends its lock, and names a page of its own to take the files from.
    links = f'<a href="/files/{demo.filename}">{demo.filename}</a>'.encode()
    machine.index.server.routes["/links/"] = Reply(body=links, headers={"Content-Type": "text/html"})

    ran = machine.trued("sync", "--no-index", "--find-links", machine.index.server.url("/links/"))

    assert (ran.status, ran.codes, machine.installed) == (1, ["TRU175"], {})


def test_a_digest_that_was_swapped_is_refused(machine: Machine, demo: Wheel) -> None:
    bend(machine, demo.sha256, "0" * 64)

    ran = machine.trued("sync")

    assert ran.status == 1
    assert machine.installed == {}


def test_a_digest_that_was_deleted_or_cut_is_refused(machine: Machine, demo: Wheel) -> None:
    # Attack: uv installs a lock without hashes; pip compares a short hash as any other text.
    bend(machine, f'hashes = {{sha256 = "{demo.sha256}"}}', f'hashes = {{sha256 = "{demo.sha256[:8]}"}}')
    cut = machine.trued("sync")
    bend(machine, f', hashes = {{sha256 = "{demo.sha256[:8]}"}}', "")
    without = machine.trued("sync")

    assert (cut.status, cut.codes) == (2, ["TRU154"])
    assert (without.status, without.codes) == (2, ["TRU153"])


def test_a_size_that_differs_is_refused_on_the_way_and_in_the_store(machine: Machine, demo: Wheel) -> None:
    size = f"size = {len(demo.content)}"
    bend(machine, size, "size = 1")
    arriving = machine.trued("sync")
    bend(machine, "size = 1", size)
    machine.trued("sync")
    bend(machine, size, "size = 1")

    stored = machine.trued("sync")

    assert arriving.codes == ["TRU316"]
    assert (stored.status, stored.codes) == (1, ["TRU570"])


def test_a_dependency_that_was_taken_out_of_the_lock_is_told(machine: Machine, demo: Wheel) -> None:
    path = machine.work / "pylock.toml"
    text = path.read_text()
    start = text.index('[[packages]]\nname = "left"')
    path.write_text(text[:start] + text[text.index("[tool.trued]") :])
    bend(machine, 'dependencies = [\n    {name = "left"},\n]\n', "")

    ran = machine.trued("sync")

    assert (ran.status, ran.codes) == (1, ["TRU180"])
    assert machine.installed == {}


def test_a_lock_for_other_targets_is_refused(machine: Machine, demo: Wheel) -> None:
    machine.trued("lock", "demo", "--platform", "windows-x86_64", "-o", "pylock.windows.toml")

    ran = machine.trued("sync", "pylock.windows.toml")

    assert (ran.status, ran.codes) == (1, ["TRU177"])


def test_a_lock_that_is_not_there_is_told(machine: Machine) -> None:
    assert machine.trued("sync").codes == ["TRU575"]
