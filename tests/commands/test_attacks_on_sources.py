"""Attacks by folders, repositories and locks of them: each is one that got through once."""

from __future__ import annotations

import pytest

from tests.commands.conftest import Machine, make_wheel
from tests.commands.projects import make_repository

# A lock alone opens nothing


def locked_commit(machine: Machine) -> tuple[str, str]:
    """Lock a commit that nobody wrote down, of a repository at the address that is returned.

    It comes with the commit before it, which stands for what the user wants.
    """
    repository, wanted = make_repository(machine.work / "repository")
    (machine.work / "repository" / "own.py").write_text("version = 'evil'\n")
    other = repository.commit()
    ran = machine.trued("lock", f"own @ {repository.url}@{other}")
    assert ran.status == 0, ran.err
    return repository.url, wanted


@pytest.mark.parametrize("table", ["project.urls", "tool.poetry.urls", "tool.other"])
def test_the_projects_own_address_vouches_for_no_commit_of_a_lock(machine: Machine, table: str) -> None:
    """Attack: a change of the lock alone takes a release from a fork; its commits answer to this address."""
    url, _ = locked_commit(machine)
    machine.write(f"[{table}]", f"Source = '{url.removeprefix('git+')}'", name="pyproject.toml")

    ran = machine.trued("sync")

    assert (ran.status, ran.codes, machine.installed) == (1, ["TRU499"], {})


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("requirements.in", "own @ {url}@{commit}"),
        ("requirements.in", "own @ {url}@{commit}#subdirectory=."),
        ("pyproject.toml", "[project]\ndependencies = ['own @ {url}@{commit}']"),
        ("pyproject.toml", "[tool.uv.sources]\nown = {{git = '{plain}', rev = '{commit}'}}"),
        ("pyproject.toml", "[tool.poetry.dependencies]\nown = {{git = '{plain}', rev = '{commit}'}}"),
    ],
)
def test_a_commit_that_is_written_down_vouches_for_no_other(machine: Machine, name: str, line: str) -> None:
    """Attack: the lock names another commit below the right address, with the digest of its tree."""
    url, wanted = locked_commit(machine)
    machine.write(line.format(url=url, plain=url.removeprefix("git+"), commit=wanted), name=name)

    ran = machine.trued("sync")

    assert (ran.status, ran.codes, machine.installed) == (1, ["TRU499"], {})


# A cloned repository says where files are written


@pytest.mark.parametrize("command", [("migrate",), ("lock", "-r", "requirements.txt")])
@pytest.mark.parametrize("name", ["pylock.toml", "trued.toml"])
def test_no_file_is_made_where_a_link_of_the_repository_leads(
    machine: Machine, command: tuple[str, ...], name: str
) -> None:
    """Attack: ``trued.toml`` is a link to the place of the user's own policy, which is not there yet."""
    machine.write(machine.index.add(make_wheel("demo")).line)
    elsewhere = machine.home / "victim.toml"
    (machine.work / name).symlink_to(elsewhere)

    machine.trued(*command)

    assert not elsewhere.exists()


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("pylock.toml", ("sync",)),
        ("pylock.toml", ("audit", "pylock.toml")),
        ("pylock.toml", ("lock", "demo")),
        ("uv.lock", ("migrate",)),
        ("pyproject.toml", ("lock",)),
    ],
)
def test_a_file_of_a_repository_that_has_no_end_is_told(
    machine: Machine, name: str, command: tuple[str, ...]
) -> None:
    """Attack: a cloned repository's lock is a link to a device that gives bytes for ever."""
    machine.index.add(make_wheel("demo"))
    (machine.work / name).symlink_to("/dev/zero")

    ran = machine.trued(*command)

    assert ran.status == 2
    assert "TRU999" not in ran.codes
