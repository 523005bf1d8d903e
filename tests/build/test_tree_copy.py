"""The private copy of a user's folder, and what a build's variables are made of."""

import os
from pathlib import Path

import pytest

from tests.build.repositories import Repository
from trued.build.discard import discard
from trued.build.history_config import kept_config
from trued.build.tree_copy import copy_tree
from trued.build.tree_digest import tree_digest
from trued.build.variables import build_variables


def copied(folder: Path, **options: bool) -> set[str]:
    into = folder.parent / "copy"
    copy_tree(str(folder), str(into), **options)
    return {str(path.relative_to(into)) for path in into.rglob("*")}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    for name in (
        "src/a.py",
        ".git/config",
        ".git/HEAD",
        ".git/hooks/x",
        "own-env/pyvenv.cfg",
        ".tox/x",
        "x.sh",
    ):
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tree / "x.sh").chmod(0o4755)
    return tree


def test_sources_come_along_and_environments_and_caches_do_not(tree: Path) -> None:
    assert copied(tree) == {"src", "src/a.py", ".git", ".git/HEAD", "x.sh"}


@pytest.mark.parametrize(
    "name",
    [
        *("vendor/own/.git/config", "vendor/.git/HEAD", ".git/logs/HEAD", ".git/config.worktree"),
        *(".git/remotes/origin", ".git/branches/old", ".git/FETCH_HEAD", ".git/lfs/cache", ".git/hooks/push"),
    ],
)
def test_nothing_that_may_name_an_address_with_its_password_comes_along(tree: Path, name: str) -> None:
    """Attack: a build reads the token of a clone below the folder, and puts it into what it builds."""
    (tree / name).parent.mkdir(parents=True, exist_ok=True)
    (tree / name).write_text("https://user:token@git.example.org/own")

    assert name not in copied(tree)


# A folder that a lock names may be any of this machine, with files that are larger than every disk.
@pytest.mark.parametrize(("most_bytes", "most_entries"), [(10, 1000), (10**6, 3)])
def test_a_folder_without_measure_is_not_copied_to_its_end(
    most_bytes: int, most_entries: int, tree: Path
) -> None:
    with pytest.raises(OSError, match="holds more than"):
        copy_tree(str(tree), str(tree.parent / "copy"), most_bytes=most_bytes, most_entries=most_entries)


# A copy that git cannot read has no version; what else stands in a configuration is nobody's but the user's.
def test_a_copied_repository_is_kept_in_the_form_that_it_has(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "tree", object_format="sha256")
    repository.write("a.py", "")
    commit = repository.commit()
    repository.git("tag", "v1.2")
    repository.git("config", "core.autocrlf", "input")
    repository.git("config", "core.fsmonitor", "evil")
    repository.git("config", "remote.origin.url", "https://user:token@git.example.org/own")
    repository.git("config", "include.path", "/home/me/.gitconfig")

    copy_tree(str(repository.path), str(tmp_path / "copy"))

    copy = Repository.__new__(Repository)
    copy.path = tmp_path / "copy"
    assert copy.git("describe", "--tags", "--dirty") == "v1.2"
    assert (copy.git("rev-parse", "HEAD"), copy.git("config", "core.autocrlf")) == (commit, "input")
    assert (tmp_path / "copy" / ".git" / "config").read_text().count("=") == 3


@pytest.mark.parametrize(
    "text",
    [
        '[core "x"]\n\trepositoryformatversion = 1\n',
        "[core]\n\tfsmonitor = true\n\teol = /bin/evil\n",
        '[include]\n\tpath = "x"\n',
        "[extensions]\n\tobjectformat = sha256 \\\n fsmonitor = x\n",
        "repositoryformatversion = 1\n",
        "\udcff[core]autocrlf = true\n",
    ],
)
def test_nothing_of_a_configuration_comes_along_but_a_few_values(text: str) -> None:
    assert kept_config(text.encode("utf-8", "surrogateescape")) == b""


# .git/config may hold a token; version numbers are still made from the history.
def test_the_history_can_stay_away(tree: Path) -> None:
    assert ".git" not in copied(tree, with_history=False)


def test_rights_are_those_of_plain_files_and_times_are_kept(tree: Path) -> None:
    os.utime(tree / "x.sh", (1e9, 1e9))
    copied(tree)

    status = (tree.parent / "copy" / "x.sh").stat()
    assert status.st_mode & 0o7777 == 0o755
    assert status.st_mtime == 1e9


def test_links_stay_links_and_pipes_stay_away(tree: Path) -> None:
    (tree / "link").symlink_to("/etc/passwd")
    os.mkfifo(tree / "pipe")

    assert "pipe" not in copied(tree)
    assert os.readlink(tree.parent / "copy" / "link") == "/etc/passwd"


def test_a_copy_inside_of_the_folder_does_not_hold_itself(tree: Path) -> None:
    copy_tree(str(tree), str(tree / "copy"))

    assert not (tree / "copy" / "copy").exists()


def test_a_folder_without_rights_is_discarded(tmp_path: Path) -> None:
    closed = tmp_path / "work" / "closed" / "deep"
    closed.mkdir(parents=True)
    closed.parent.chmod(0)

    discard(str(tmp_path / "work"))

    assert not (tmp_path / "work").exists()


def nested(folder: Path, depth: int) -> None:
    """Make *depth* folders in each other, deeper than any path reaches."""
    before = os.open(".", os.O_RDONLY)
    os.chdir(folder)
    for _ in range(depth):
        os.mkdir("d")
        os.chdir("d")
    os.fchdir(before)
    os.close(before)


def test_folders_in_each_other_without_end_are_discarded(tmp_path: Path) -> None:
    """Attack: a build leaves more folders in each other than a path can name or a recursion can follow."""
    work, elsewhere = tmp_path / "work", tmp_path / "elsewhere"
    work.mkdir()
    elsewhere.mkdir()
    nested(work, 3000)
    (work / "d" / "link").symlink_to(elsewhere)

    discard(str(work))

    assert (work.exists(), elsewhere.exists()) == (False, True)


def test_a_tree_of_a_thousand_folders_in_each_other_is_copied_and_has_a_digest(tmp_path: Path) -> None:
    """Attack: a cloned repository whose folders lie so deep that reading them ends trued."""
    tree, copy = tmp_path / "t", tmp_path / "c"
    tree.mkdir()
    nested(tree, 1400)
    deepest = Path(tree, *["d"] * 1400)
    (deepest / "x").write_text("x")

    copy_tree(str(tree), str(copy))

    assert tree_digest(str(copy)) == tree_digest(str(tree))
    discard(str(tree))
    discard(str(copy))


ENVIRON = {
    "PATH": "/home/me/bin:/usr/bin:relative:/bin",
    "CFLAGS": "-O1",
    "LC_ALL": "C.UTF-8",
    "GITHUB_TOKEN": "secret",
    "PIP_INDEX_URL": "https://me:secret@example.org/",
    "SSH_AUTH_SOCK": "/run/agent",
    "LD_PRELOAD": "/evil.so",
    "PYTHONPATH": "/home/me",
    "MINE": "kept",
}


def test_variables_are_those_of_the_list_and_what_the_user_names() -> None:
    variables = build_variables(ENVIRON, kept=("MINE",), has_own_view=True)

    kept = {name for name in variables if name in ENVIRON}
    assert kept == {"PATH", "CFLAGS", "LC_ALL", "MINE"}
    assert "secret" not in str(variables)


@pytest.mark.parametrize(
    ("has_own_view", "path"), [(True, "/usr/bin:/bin"), (False, "/home/me/bin:/usr/bin:/bin")]
)
def test_the_path_holds_what_the_build_can_see(has_own_view: bool, path: str) -> None:
    assert build_variables(ENVIRON, has_own_view=has_own_view)["PATH"] == path


@pytest.mark.parametrize(
    ("stated", "given", "expected"),
    [("", 1_600_000_000, "1600000000"), ("17", 9, "17"), ("x", 1, "315532800")],
)
def test_the_time_of_the_source_is_set(stated: str, given: int, expected: str) -> None:
    variables = build_variables({"SOURCE_DATE_EPOCH": stated}, source_date=given, has_own_view=True)

    assert variables["SOURCE_DATE_EPOCH"] == expected
