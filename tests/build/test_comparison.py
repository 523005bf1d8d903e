"""Two builds compared: what differs is named."""

from __future__ import annotations

import zipfile
from pathlib import Path

from trued.build.comparison import differing_members

TIME = (2026, 1, 1, 0, 0, 0)


def archive(path: Path, files: dict[str, bytes], *, time: tuple[int, ...] = TIME) -> str:
    with zipfile.ZipFile(path, "w") as made:
        for name, data in files.items():
            made.writestr(zipfile.ZipInfo(name, time[:6]), data)  # type: ignore[arg-type]  # six of them
    return str(path)


def test_equal_wheels_differ_in_nothing(tmp_path: Path) -> None:
    one, other = archive(tmp_path / "1", {"a": b"x"}), archive(tmp_path / "2", {"a": b"x"})

    assert differing_members(one, other) == ()


def test_a_member_with_other_content_is_named(tmp_path: Path) -> None:
    one, other = (
        archive(tmp_path / "1", {"a": b"x", "b": b""}),
        archive(tmp_path / "2", {"a": b"y", "b": b""}),
    )

    assert differing_members(one, other) == ("a: content",)


def test_members_of_one_alone_are_named(tmp_path: Path) -> None:
    one, other = archive(tmp_path / "1", {"a": b""}), archive(tmp_path / "2", {"b": b""})

    assert differing_members(one, other)[:2] == ("a: only in the first", "b: only in the second")


def test_a_time_is_named(tmp_path: Path) -> None:
    one = archive(tmp_path / "1", {"a": b""})
    other = archive(tmp_path / "2", {"a": b""}, time=(2027, 1, 1, 0, 0, 0))

    assert differing_members(one, other) == ("a: time",)


def test_the_order_is_named(tmp_path: Path) -> None:
    one, other = archive(tmp_path / "1", {"a": b"", "b": b""}), archive(tmp_path / "2", {"b": b"", "a": b""})

    assert differing_members(one, other) == ("the order of the members",)
