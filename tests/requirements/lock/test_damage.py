"""Whatever is done to a lock's text, it is read, or refused with findings; never a traceback."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.pylock import Pylock

from tests.requirements.lock.making import GOLDEN, Read
from tests.requirements.lock.test_foreign_locks import READERS
from tests.requirements.reading import complete
from trued.core.errors import TruedError
from trued.requirements.lock.pipfile_lock import read_pipfile_lock
from trued.requirements.lock.pylock import read_pylock, write_pylock

ALL: list[tuple[str, Read]] = [
    ("pylock.full.toml", read_pylock),
    ("pipfile-lock.json", read_pipfile_lock),
    *READERS,
]
PIECES = (
    *("", "\n", '"', "'", "{", "}", "[", "]", "=", ",", "#", "-1", "1.5", "true", "[]", "{}"),
    *("[[packages]]", "\x00", "\\", "2000-01-01", "inf", "é", "[tool]", '"a"', "null = 1\n"),
    *("9" * 5000, "[" * 3000),
)


def damaged(text: str, dice: random.Random) -> bytes:
    for _ in range(dice.randint(1, 3)):
        start = dice.randrange(len(text) + 1)
        end = min(len(text), start + dice.choice((0, 1, 1, 5, 60)))
        text = text[:start] + dice.choice(PIECES) + text[end:]
    return text.encode()


def refusal(read: Read, data: bytes) -> TruedError | None:
    try:
        read(data, file="x.lock")
    except TruedError as error:
        return error
    return None


def read_or_refuse(read: Read, data: bytes) -> None:
    error = refusal(read, data)
    if error is not None:
        assert complete(error)


@pytest.mark.parametrize(("name", "read"), ALL)
def test_random_damage_is_told_as_findings(name: str, read: Read) -> None:
    text = (GOLDEN / name).read_text()

    for seed in range(120):
        read_or_refuse(read, damaged(text, random.Random(seed)))


@pytest.mark.parametrize(("name", "read"), ALL)
@pytest.mark.parametrize(
    "value", ["1", '"x"', "[]", "{}", "[1]", "[{}]", "2020-01-01", "true", '[""]', "{a = 1}"]
)
def test_a_value_of_any_other_type_is_told_as_findings(name: str, read: Read, value: str) -> None:
    lines = (GOLDEN / name).read_text().splitlines()

    for number, line in enumerate(lines):
        key, equals, rest = line.partition(" = ")
        if equals and not rest.rstrip().endswith(("[", "{")) and not key.startswith(" "):
            text = "\n".join([*lines[:number], f"{key} = {value}", *lines[number + 1 :]])
            read_or_refuse(read, text.encode())


@given(data=st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for _, read in ALL:
        read_or_refuse(read, data)


def test_what_is_accepted_packaging_accepts_too() -> None:
    import tomllib

    text = (GOLDEN / "pylock.full.toml").read_text()
    accepted = 0
    for seed in range(300):
        data = damaged(text, random.Random(seed))
        try:
            lock = read_pylock(data, file="x.lock")
        except TruedError:
            continue
        accepted += 1
        Pylock.from_dict(tomllib.loads(data.decode()))
        assert write_pylock(lock)

    assert accepted
