"""Attacks by whoever can change a lock, and nothing beside it: each is one that got through once."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.commands.conftest import JSON, Index, Machine, Wheel, make_wheel
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
