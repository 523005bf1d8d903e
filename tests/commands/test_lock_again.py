"""The same lock again: answered from a memo as long as all that it rests on is as it was, and never after."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from tests.commands.conftest import JSON, Machine, make_wheel
from tests.index.server import Reply
from trued.operations.lock_memo import LockMemo, recall

ROAD = """
import sys
before = set(sys.modules)
from trued.__main__ import main
status = main()
sys.stdout.flush()
curl = "pycurl._pycurl"
heavy = {curl, "packaging", "nab_resolver", "dataclasses", "typing", "re", "json", "socket", "threading"}
print("full" if "trued.resolution.engine" in sys.modules else "asked" if curl in sys.modules else "memo")
print(*sorted(heavy & (sys.modules.keys() - before)))
sys.exit(status)
"""
FRESH = {**JSON, "Cache-Control": "max-age=600"}
STALE = {**JSON, "Cache-Control": "max-age=0"}


def road(machine: Machine, *arguments: str, status: int = 0, **variables: str) -> tuple[str, str]:
    """Lock, and return which road was taken, and what it told."""
    done = subprocess.run(
        [sys.executable, "-c", ROAD, "lock", *arguments],
        cwd=machine.work,
        env=machine.environ | variables,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == status, done.stderr
    return done.stdout.splitlines()[-2], done.stderr


def offer(machine: Machine, *versions: str, headers: dict[str, str] = FRESH, **entry: str) -> None:
    """Offer these versions of demo, and nothing else of it."""
    machine.index.pages.pop("demo", None)
    for version in versions:
        machine.index.add(make_wheel("demo", version), hashes=None, **entry)
    served = machine.index.server.routes["/simple/demo/"]
    assert isinstance(served, Reply)
    machine.index.server.routes["/simple/demo/"] = Reply(body=served.body, headers=headers)


@pytest.fixture
def locked(machine: Machine) -> Machine:
    """A machine on which demo was locked once."""
    offer(machine, "1.0")
    machine.write("demo")
    assert machine.trued("lock", "-r", "requirements.txt").status == 0
    return machine


def again(machine: Machine, *arguments: str, **variables: str) -> str:
    """The road of the same lock once more."""
    return road(machine, "-r", "requirements.txt", *arguments, status=0, **variables)[0]


def text(machine: Machine) -> str:
    return (machine.work / "pylock.toml").read_text()


def test_nothing_is_imported_that_takes_time(locked: Machine) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ROAD, "lock", "-r", "requirements.txt"],
        cwd=locked.work,
        env=locked.environ,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stdout.splitlines()[-2:] == ["memo", ""]


def test_it_says_what_the_full_road_says(locked: Machine) -> None:
    before = text(locked)
    locked.index.server.asked.clear()

    told = road(locked, "-r", "requirements.txt")

    assert told == ("memo", "unchanged: pylock.toml: 1 release, 1 file with hashes\n")
    assert text(locked) == before
    assert not locked.index.server.asked


def test_a_lock_that_was_removed_is_written_again_and_told_as_the_first_time(machine: Machine) -> None:
    offer(machine, "1.0", upload_time="2024-05-06T07:08:09Z")
    machine.write("demo")
    first = road(machine, "-r", "requirements.txt")
    before = text(machine)
    (machine.work / "pylock.toml").unlink()

    second = road(machine, "-r", "requirements.txt")

    assert (first[0], second[0]) == ("full", "memo")
    assert first[1] == second[1]
    assert text(machine) == before


def test_check_uses_it_and_leaves_the_disk_alone(locked: Machine) -> None:
    assert road(locked, "-r", "requirements.txt", "--check") == (
        "memo",
        "pylock.toml is up to date: 1 release, 1 file with hashes\n",
    )


def test_check_of_another_lock_takes_the_full_road_and_refuses(locked: Machine) -> None:
    (locked.work / "pylock.toml").unlink()

    taken, told = road(locked, "-r", "requirements.txt", "--check", status=1)

    assert taken == "full"
    assert "TRU576" in told
    assert not (locked.work / "pylock.toml").exists()


def test_quiet_is_quiet(locked: Machine) -> None:
    assert road(locked, "-r", "requirements.txt", "-q") == ("memo", "")


@pytest.mark.parametrize("option", ["--refresh", "--diff", "--dry-run", "--json", "-v", "--upgrade"])
def test_what_asks_for_more_takes_the_full_road(locked: Machine, option: str) -> None:
    assert again(locked, option) == "full"


def test_a_changed_requirement_is_resolved(locked: Machine) -> None:
    locked.write("demo", "# a comment changes no answer, but bytes")

    assert again(locked) == "full"


def test_an_included_file_counts(machine: Machine) -> None:
    offer(machine, "1.0")
    machine.write("-r more.txt")
    machine.write("demo", name="more.txt")
    again(machine)
    assert again(machine) == "memo"

    machine.write("demo>=1", name="more.txt")

    assert again(machine) == "full"


def test_a_lock_that_was_edited_is_resolved(locked: Machine) -> None:
    (locked.work / "pylock.toml").write_text(text(locked) + "\n# edited\n")

    assert again(locked) == "full"


@pytest.mark.parametrize("name", ["trued.toml", "pyproject.toml"])
def test_a_new_file_of_settings_counts(locked: Machine, name: str) -> None:
    (locked.work / name).write_text("# nothing\n")

    assert again(locked) == "full"


@pytest.mark.parametrize("name", ["TRUED_LEVEL", "PIP_PRE", "https_proxy"])
def test_a_variable_that_may_matter_counts(locked: Machine, name: str) -> None:
    assert again(locked, **{name: "permissive" if name == "TRUED_LEVEL" else "1"}) == "full"


def test_a_variable_that_cannot_matter_does_not(locked: Machine) -> None:
    assert again(locked, EDITOR="vi") == "memo"


def test_a_file_with_variables_is_resolved_each_time(machine: Machine) -> None:
    offer(machine, "1.0")
    machine.write("demo", "# ${SECRET}")
    again(machine)

    assert again(machine) == "full"


def test_a_stale_page_that_the_index_says_is_unchanged_keeps_the_memo(machine: Machine) -> None:
    offer(machine, "1.0", headers=STALE | {"ETag": '"one"'})
    machine.write("demo")
    again(machine)
    machine.index.server.routes["/simple/demo/"] = Reply(status=304, headers=FRESH | {"ETag": '"one"'})

    assert again(machine) == "asked"
    assert again(machine) == "memo"


def test_a_stale_page_that_arrives_with_the_same_bytes_keeps_the_memo(machine: Machine) -> None:
    offer(machine, "1.0", headers=STALE)
    machine.write("demo")
    again(machine)

    assert again(machine) == "asked"


def test_a_stale_page_that_changed_is_resolved_and_fetched_once(machine: Machine) -> None:
    offer(machine, "1.0", headers=STALE)
    machine.write("demo")
    again(machine)
    offer(machine, "1.0", "2.0")
    machine.index.server.asked.clear()

    assert again(machine, "--upgrade-package", "demo") == "full"
    assert again(machine) == "full"
    assert machine.index.server.count("/simple/demo/") == 1


def test_a_page_that_another_run_fetched_anew_counts(locked: Machine) -> None:
    offer(locked, "1.0", "2.0")
    locked.trued("lock", "demo", "--refresh", "-o", "pylock.other.toml")

    assert again(locked) == "full"


def test_a_project_that_an_index_does_not_have_is_asked_for_each_time(machine: Machine) -> None:
    offer(machine, "1.0")
    machine.index.server.routes["/first/demo/"] = Reply(status=404)
    options = ("--index-url", machine.index.server.url("/first/"), "--extra-index-url", machine.index.url)
    machine.write("demo")
    again(machine, *options)

    assert again(machine, *options) == "full"


def test_a_release_that_grows_old_enough_ends_the_memo(machine: Machine) -> None:
    now = datetime.now(UTC)
    offer(machine, "1.0", upload_time="2024-05-06T07:08:09Z")
    young = now - timedelta(days=3) + timedelta(seconds=3)
    machine.index.add(make_wheel("demo", "2.0"), upload_time=young.isoformat())
    machine.write("demo")
    machine.trued("lock", "-r", "requirements.txt", TRUED_MIN_AGE="3d")
    memo = _memo(machine)

    assert memo.rules_until == pytest.approx((young + timedelta(days=3)).timestamp(), abs=1)
    assert memo.is_timely(memo.rules_until - 1)
    assert not memo.is_timely(memo.rules_until)


def test_an_exception_ends_the_memo_with_its_last_day(machine: Machine) -> None:
    offer(machine, "1.0", yanked="broken")
    today = datetime.now(UTC).date()
    (machine.home / ".config" / "trued").mkdir(parents=True)
    (machine.home / ".config" / "trued" / "trued.toml").write_text(
        f'[[exception]]\nproject = "demo"\nrule = "yanked"\nreason = "needed"\nuntil = {today}\n'
    )
    machine.write("demo")
    machine.trued("lock", "-r", "requirements.txt")

    midnight = datetime.combine(today, datetime.min.time(), UTC) + timedelta(days=1)
    assert _memo(machine).rules_until == midnight.timestamp()


def _memo(machine: Machine) -> LockMemo:
    cache = machine.home / ".cache" / "trued"
    (path,) = (path for path in (cache / "locks").rglob("*") if path.is_file())
    memo = recall(str(cache), path.parent.name + path.name)
    assert memo is not None
    return memo


@pytest.mark.parametrize("damage", ["cut", "flipped", "shared"])
def test_a_memo_that_is_damaged_or_that_others_may_write_is_none(locked: Machine, damage: str) -> None:
    (path,) = (path for path in (locked.home / ".cache/trued/locks").rglob("*") if path.is_file())
    data = path.read_bytes()
    if damage == "shared":
        os.chmod(path, 0o666)
    else:
        path.write_bytes(data[:-3] if damage == "cut" else data[:200] + bytes([data[200] ^ 1]) + data[201:])

    assert again(locked) == "full"


def test_a_requirements_file_is_answered_too(machine: Machine) -> None:
    offer(machine, "1.0")
    machine.write("demo", name="requirements.in")
    arguments = ("-r", "requirements.in", "-o", "locked.txt")
    road(machine, *arguments)

    assert road(machine, *arguments)[0] == "memo"


def test_findings_are_told_again(machine: Machine) -> None:
    machine.index.status["demo"] = {"status": "deprecated", "reason": "use other"}
    offer(machine, "1.0")
    machine.write("demo")
    first = road(machine, "-r", "requirements.txt")
    second = road(machine, "-r", "requirements.txt")

    assert (first[0], second[0]) == ("full", "memo")
    assert "TRU348" in second[1]
    assert "use other" in second[1]


def test_a_name_like_another_is_told_until_the_project_stands_in_the_lock(machine: Machine) -> None:
    machine.index.add(make_wheel("reqeusts", "1.0"))
    machine.write("reqeusts")
    first = road(machine, "-r", "requirements.txt")
    second = road(machine, "-r", "requirements.txt")
    (machine.work / "pylock.toml").unlink()
    third = road(machine, "-r", "requirements.txt")

    assert "TRU652" in first[1]
    assert (second[0], "TRU652" in second[1]) == ("full", False)
    assert third == ("memo", first[1])
