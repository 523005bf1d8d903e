"""What projects are built with, in a pylock.toml: PEP 751's own form in a table of trued's, faults told."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from packaging.pylock import Pylock

from tests.requirements.lock.making import package
from trued.core.errors import UsageError
from trued.requirements.lock.model import Lock
from trued.requirements.lock.pylock import read_pylock, write_pylock

BACKEND = package("flit-core", "4.0", marker='python_version >= "3.11"')
HELPER = package("helper", "1.0")
LOCK = Lock(packages=(replace(package("demo", "1.0"), build=(HELPER, BACKEND)),))


def test_build_dependencies_come_back_as_they_were_written() -> None:
    assert read_pylock(write_pylock(LOCK), file="pylock.toml") == LOCK.canonical()


def test_they_stand_in_order_whatever_theirs_was() -> None:
    turned = Lock(packages=(replace(package("demo", "1.0"), build=(BACKEND, HELPER)),))

    assert write_pylock(turned) == write_pylock(LOCK)


def test_each_file_has_a_line_of_its_own() -> None:
    lines = write_pylock(LOCK).decode().splitlines()

    assert sum("flit_core-4.0" in line for line in lines) == len(BACKEND.files)


def test_other_tools_read_the_lock() -> None:
    table = tomllib.loads(write_pylock(LOCK).decode())

    assert [one.name for one in Pylock.from_dict(table).packages] == ["demo"]


def test_a_lock_without_builds_has_no_such_table() -> None:
    assert b"build" not in write_pylock(Lock(packages=(package("demo", "1.0"),)))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('sha256 = "', 'sha256 = "x', "TRU154"),
        ("hashes = {", "other = {", "TRU153"),
        ('name = "flit-core"', 'name = "Flit Core!"', "TRU152"),
        ('version = "4.0"', 'version = "4.1"', "TRU158"),
    ],
)
def test_faults_of_build_dependencies_are_those_of_packages(old: str, new: str, code: str) -> None:
    """Attack: what builds is let through with less than what is installed."""
    head, mark, tail = write_pylock(LOCK).decode().partition("[[packages.tool.trued.build.packages]]")
    damaged = head + mark + tail.replace(old, new)

    with pytest.raises(UsageError) as caught:
        read_pylock(damaged.encode(), file="pylock.toml")

    assert code in {finding.code for finding in caught.value.findings}
