"""A pinned file is fetched as soon as its own page is in, and nothing else of a run changes by that."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import pytest

from tests.commands.conftest import Machine, Wheel, make_wheel
from tests.index.server import Asked, Reply, Route

NAMES = ("alpha", "beta", "gamma")
PATIENCE = 20.0
"""Seconds after which something is not going to come any more; nothing waits for so long that works."""


def path_of(wheel: Wheel) -> str:
    return f"/files/{wheel.filename}"


def page_of(name: str) -> str:
    return f"/simple/{name}/"


def held_back(machine: Machine, path: str, until: Callable[[], bool], *, then: Route | None = None) -> None:
    """Have the index answer *path* only once *until* says so, which is looked at after each request."""
    usual = then or machine.index.server.routes[path]
    came = threading.Event()

    def answer(asked: Asked) -> Reply:
        for _ in range(int(PATIENCE / 0.02)):
            if until() or came.wait(0.02):
                break
        return usual(asked) if callable(usual) else usual

    machine.index.server.routes[path] = answer


def is_asked(machine: Machine, path: str) -> Callable[[], bool]:
    return lambda: machine.index.server.count(path) > 0


def offered(machine: Machine) -> list[Wheel]:
    """Offer a wheel of each of the projects, and pin them."""
    wheels = [machine.index.add(make_wheel(name)) for name in NAMES]
    machine.write(*(wheel.line for wheel in wheels))
    return wheels


def paths(machine: Machine) -> list[str]:
    return [asked.path for asked in machine.index.server.asked]


def test_a_file_is_fetched_while_another_page_is_still_out(machine: Machine) -> None:
    first, second, last = offered(machine)
    held_back(machine, page_of("gamma"), is_asked(machine, path_of(first)))

    ran = machine.trued("install", "-r", "requirements.txt")

    assert ran.status == 0, ran.err
    assert paths(machine).index(path_of(first)) < paths(machine).index(path_of(last))
    assert {path_of(first), path_of(second), path_of(last)} <= set(paths(machine))
    assert len(paths(machine)) == 6


def test_a_wheel_is_in_the_store_while_another_page_is_still_out(machine: Machine) -> None:
    first = offered(machine)[0]
    entry = machine.store / "wheels" / first.sha256[:2] / first.sha256 / "manifest"
    held_back(machine, page_of("gamma"), entry.exists)

    ran = machine.trued("install", "-r", "requirements.txt")

    assert ran.status == 0, ran.err


def test_findings_keep_the_order_of_the_lines_whatever_page_came_first(machine: Machine) -> None:
    wheels = [make_wheel(name) for name in NAMES]
    _others = [machine.index.add(make_wheel(name, files={f"{name}.py": b"another\n"})) for name in NAMES]
    machine.write(*(wheel.line for wheel in wheels))
    held_back(machine, page_of("alpha"), is_asked(machine, page_of("gamma")))

    ran = machine.trued("install", "-r", "requirements.txt")

    assert ran.status == 1
    told = [line for line in ran.err.splitlines() if "[TRU551]" in line]
    assert [name for line in told for name in NAMES if name in line] == list(NAMES)
    assert not any(path.startswith("/files/") for path in paths(machine))


def test_what_had_come_is_deleted_when_a_page_cannot_be_had(machine: Machine) -> None:
    first = offered(machine)[0]
    gone = Reply(status=403)
    held_back(machine, page_of("gamma"), is_asked(machine, path_of(first)), then=gone)

    ran = machine.trued("install", "-r", "requirements.txt")

    assert (ran.status, ran.codes) == (2, ["TRU313"])
    assert os.listdir(machine.store / "tmp") == []
    assert not (machine.libraries / "alpha").exists()


def test_a_file_that_never_ends_does_not_outlive_a_page_that_cannot_be_had(machine: Machine) -> None:
    first = offered(machine)[0]
    machine.index.server.routes[path_of(first)] = Reply(body=b"PK", announced=10**6, stalls=True)
    gone = Reply(status=403)
    held_back(machine, page_of("gamma"), is_asked(machine, path_of(first)), then=gone)

    ran = machine.trued("install", "-r", "requirements.txt")

    assert (ran.status, ran.codes) == (2, ["TRU313"])
    assert os.listdir(machine.store / "tmp") == []


def test_a_file_that_is_not_the_listed_one_is_refused_unread_and_the_rest_is_told_too(
    machine: Machine,
) -> None:
    first, second, _ = offered(machine)
    for wheel in (first, second):
        machine.index.server.routes[path_of(wheel)] = Reply(body=b"no wheel at all" + b"." * 900)
    machine.index.add(make_wheel("gamma", "2.0"))
    held_back(machine, page_of("gamma"), is_asked(machine, path_of(first)))

    ran = machine.trued("install", "-r", "requirements.txt")

    assert ran.status != 0
    assert "alpha" in ran.err
    assert "beta" in ran.err
    assert "TRU2" not in "".join(ran.codes)  # nothing was parsed
    assert not (machine.libraries / "gamma").exists()


@pytest.mark.parametrize("yanked", ["broken", None], ids=["a yanked file", "a project in quarantine"])
def test_what_the_index_took_back_is_not_fetched_in_strict(machine: Machine, yanked: str | None) -> None:
    first, last = make_wheel("alpha"), make_wheel("gamma")
    if yanked is None:
        machine.index.status["alpha"] = {"status": "quarantined"}
        machine.index.add(first)
    else:
        machine.index.add(first, yanked=yanked)
    machine.index.add(last)
    machine.write(first.line, last.line)

    ran = machine.trued("install", "--level", "strict", "--min-age", "0d", "-r", "requirements.txt")

    assert ran.status == 1
    assert path_of(first) not in paths(machine)


def test_a_project_with_a_rule_of_its_own_waits_for_the_rest(machine: Machine) -> None:
    first, second, _ = offered(machine)
    folder = machine.home / ".config" / "trued"
    folder.mkdir(parents=True)
    (folder / "signer.pgp").write_bytes(b"a key, which is not looked at before there is a signature")
    rule = f'[[openpgp]]\nproject = "alpha"\nkeys = ["{folder / "signer.pgp"}"]\n'
    (folder / "trued.toml").write_text(rule)
    held_back(machine, page_of("beta"), is_asked(machine, page_of("alpha")))
    held_back(machine, page_of("gamma"), is_asked(machine, path_of(second)))

    machine.trued("install", "-r", "requirements.txt")

    asked = paths(machine)
    assert path_of(second) in asked
    assert path_of(first) not in asked[: asked.index(path_of(second))]


def test_what_the_store_has_by_a_claim_is_not_fetched(machine: Machine) -> None:
    wheels = offered(machine)
    assert machine.trued("install", "-r", "requirements.txt").status == 0
    machine.index.server.asked.clear()

    ran = machine.trued("install", "--refresh", "--force-reinstall", "-r", "requirements.txt")

    assert ran.status == 0, ran.err
    assert not {path_of(wheel) for wheel in wheels} & set(paths(machine))
