"""What a lock holds of repositories beside PEP 751: the digest of the commit's tree."""

from __future__ import annotations

import tomllib

import pytest

from trued.core.errors import UsageError
from trued.core.names import ProjectName
from trued.requirements.lock.model import DirectKind, DirectSource, Lock, LockedPackage
from trued.requirements.lock.pylock import read_pylock, write_pylock

TREE = "0123456789abcdef" * 4


def lock(tree: str | None = TREE) -> Lock:
    source = DirectSource(
        kind=DirectKind.VCS,
        vcs="git",
        url="https://git.example.org/tool",
        commit_id="1" * 40,
        requested_revision="v1",
        subdirectory="python",
        tree_sha256=tree,
    )
    return Lock(packages=(LockedPackage(project=ProjectName("tool"), direct=source),))


def test_it_stands_in_a_table_of_trueds_own() -> None:
    (package,) = tomllib.loads(write_pylock(lock()).decode())["packages"]

    assert package["tool"] == {"trued": {"tree-sha256": TREE}}
    assert "tree-sha256" not in package["vcs"]


@pytest.mark.parametrize("tree", [TREE, None])
def test_it_is_read_again(tree: str | None) -> None:
    assert read_pylock(write_pylock(lock(tree)), file="x") == lock(tree).canonical()


@pytest.mark.parametrize("tree", ["", "0" * 63, "0" * 65, "G" * 64, TREE.upper()])
def test_what_is_no_sha256_is_told(tree: str) -> None:
    text = write_pylock(lock()).decode().replace(TREE, tree)

    with pytest.raises(UsageError) as told:
        read_pylock(text.encode(), file="pylock.toml")

    assert [finding.code for finding in told.value.findings] == ["TRU152"]


def test_a_folder_has_none() -> None:
    """What stands there would be no promise: the folder is built as it is."""
    text = write_pylock(lock()).decode()
    start, end = text.index("vcs = "), text.index("\n", text.index("vcs = "))
    text = text[:start] + 'directory = {path = "own"}' + text[end:]

    (package,) = read_pylock(text.encode(), file="x").packages

    assert package.direct is not None
    assert package.direct.tree_sha256 is None
