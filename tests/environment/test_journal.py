"""A journal is believed only inside the environment."""

from __future__ import annotations

import marshal
from binascii import crc32
from pathlib import Path

import pytest

from tests.environment.conftest import Shelf, site, snapshot
from trued.core.errors import OperationalError
from trued.environment.journal import FOLDER, Journal
from trued.environment.target import Target
from trued.environment.transaction import change, finish_leftovers


def leave(environment: Target, content: object, name: str = "journal") -> None:
    folder = site(environment) / FOLDER
    folder.mkdir()
    data = content if isinstance(content, bytes) else sealed(marshal.dumps(content))  # type: ignore[arg-type]  # anything
    (folder / name).write_bytes(data)


def sealed(data: bytes) -> bytes:
    return crc32(data).to_bytes(4, "big") + data


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 64,
        b"not marshal at all",
        # A flipped bit, which has the reader ask for a tuple of two thousand million places.
        b"\0\0\0\0(\xff\xff\xff\x7f" + b"N" * 32,
        (9, (), (), ()),
        (2, (), ()),
        "text",
        (2, (), (("purelib", "../../../../victim"),), ()),
        (2, (), (("purelib", "/etc"),), ()),
        (2, (), (("purelib", ""),), ()),
        (2, (), (("nowhere", "x"),), ()),
        (2, (), (), (("data", "a/../../victim"),)),
        (2, (("data", "x", "../../victim"),), (), ()),
        (2, (("data", "x", ".."),), (), ()),
        (2, (("data", "x", "innocent"),), (), ()),
        (2, (), (("purelib", "."),), ()),
        (2, (), (("purelib", "a//b"),), ()),
        (2, (("data", 7, ""),), (), ()),
        (2, (("data",),), (), ()),
        (2, 5, (), ()),
    ],
)
@pytest.mark.parametrize("name", ["journal", "done"])
def test_what_cannot_be_believed_is_refused_and_left(
    environment: Target, tmp_path: Path, content: object, name: str
) -> None:
    (tmp_path / "victim").write_text("precious")
    leave(environment, content, name)
    before = snapshot(tmp_path)

    with pytest.raises(OperationalError) as caught:
        finish_leftovers(environment)

    assert [finding.code for finding in caught.value.findings] == ["TRU523"]
    assert snapshot(tmp_path) == before


def test_a_draft_means_that_nothing_had_begun(environment: Target) -> None:
    before = snapshot(environment.prefix)
    leave(environment, b"half a journ", "draft")

    assert finish_leftovers(environment) == "undone"
    assert snapshot(environment.prefix) == before


def test_nothing_is_done_where_there_is_no_journal(environment: Target) -> None:
    assert finish_leftovers(environment) == ""


def test_links_in_what_is_undone_are_not_followed(environment: Target, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("precious")
    (site(environment) / "new").mkdir()
    (site(environment) / "new/link").symlink_to(outside)
    leave(environment, (2, (), (("purelib", "new"),), ()))

    finish_leftovers(environment)

    assert not (site(environment) / "new").exists()
    assert (outside / "file").read_text() == "precious"


@pytest.mark.parametrize(
    "content",
    [
        (2, (), (), (("purelib", "link/file"),)),
        (2, (), (("purelib", "link/folder"),), ()),
        (2, (("purelib", "link/new", ""),), (), ()),
    ],
)
def test_no_path_through_a_link_out_of_the_environment_is_believed(
    environment: Target, tmp_path: Path, content: object
) -> None:
    """Attack: a repository with an environment, with a link out of it and a journal that is undone."""
    outside = tmp_path / "outside"
    (outside / "folder").mkdir(parents=True)
    (outside / "file").write_text("precious")
    (site(environment) / "link").symlink_to(outside)
    leave(environment, content)
    (site(environment) / FOLDER / "old").mkdir()
    (site(environment) / FOLDER / "old" / "0").write_text("evil")
    before = snapshot(tmp_path)

    with pytest.raises(OperationalError) as caught:
        finish_leftovers(environment)

    assert [finding.code for finding in caught.value.findings] == ["TRU523"]
    assert snapshot(tmp_path) == before


def test_a_link_that_stays_in_the_environment_is_none_of_these(environment: Target) -> None:
    (site(environment) / "folder").mkdir()
    (site(environment) / "link").symlink_to("folder")
    (site(environment) / "folder" / "new").write_text("")
    leave(environment, (2, (), (), (("purelib", "link/new"),)))

    assert finish_leftovers(environment) == "undone"
    assert not (site(environment) / "folder" / "new").exists()


def test_a_folder_that_appeared_before_its_original_went_is_not_deleted(environment: Target) -> None:
    """The original still stands where the new one would: the moves had not been completed."""
    (site(environment) / "pkg").mkdir()
    (site(environment) / "pkg/original.py").write_text("precious")
    Journal(environment.roots, moves=[("purelib", "pkg", "")], directories=[("purelib", "pkg")]).write()

    finish_leftovers(environment)

    assert (site(environment) / "pkg/original.py").read_text() == "precious"


def test_a_journal_of_an_earlier_run_is_no_hindrance(environment: Target, shelf: Shelf) -> None:
    Journal(environment.roots, directories=[("purelib", "half")]).write()
    (site(environment) / "half").mkdir()

    change(environment, additions=[shelf.wheel("alpha")])

    assert not (site(environment) / "half").exists()
    assert (site(environment) / "alpha.py").exists()


def test_a_commit_that_was_being_undone_did_not_happen(environment: Target) -> None:
    """The disk refused to keep the commit, and the run was killed while it put everything back."""
    journal = Journal(environment.roots, directories=[("purelib", "first"), ("purelib", "second")])
    journal.write()
    (site(environment) / "first").mkdir()
    (site(environment) / "second").mkdir()
    journal.commit()

    def killed(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        journal.undo(killed)

    assert finish_leftovers(environment) == "undone"
    assert not (site(environment) / "second").exists()
