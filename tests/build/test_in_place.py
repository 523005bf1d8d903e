"""Builds in the user's own folder: what lies there beside the project, and what may not be made there."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from tests.build.evil import Bench, evil_tree
from trued.build.in_place import withheld
from trued.build.log import BuildLog
from trued.build.sandbox import Confinement
from trued.build.seatbelt import profile
from trued.core.errors import Refused


def editable_tree(bench: Bench, code: str) -> Path:
    """A tree whose ``build_editable`` runs *code*; what fails with an error of the system is printed."""
    tree = evil_tree(bench.folder, code)
    backend = tree / "evil.py"
    backend.write_text(backend.read_text() + "\nbuild_editable = build_wheel\n")
    return tree


def built_in_place(bench: Bench, tree: Path, *own: Path) -> str:
    out = bench.folder / "out"
    out.mkdir()
    with BuildLog(str(bench.folder / "log"), mask=str) as log:
        backend = bench.backend(tree, log, in_place=True, own=tuple(map(str, own)))
        backend.build_editable(str(out))
    return (bench.folder / "log").read_text()


def make_environment(folder: Path) -> Path:
    libraries = folder / "lib" / "python3" / "site-packages"
    libraries.mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (libraries / "module.py").write_text("honest = True\n")
    (libraries / "module.py").chmod(0o444)
    return libraries


# The build of one project writes a start-up file into the environment that lies in its folder, as most do.
def test_an_environment_in_the_folder_cannot_be_written(boxed: Bench) -> None:
    tree = editable_tree(boxed, "Path('.venv/lib/python3/site-packages/evil.pth').write_text('import os')")
    libraries = make_environment(tree / ".venv")

    log = built_in_place(boxed, tree)

    assert "Read-only file system" in log
    assert [path.name for path in libraries.iterdir()] == ["module.py"]


# An environment that was made in the project's folder itself.
def test_an_environment_that_is_the_folder_cannot_be_written(boxed: Bench) -> None:
    tree = editable_tree(boxed, "Path('lib/python3/site-packages/evil.pth').write_text('import os')")
    libraries = make_environment(tree)

    assert "Read-only file system" in built_in_place(boxed, tree)
    assert [path.name for path in libraries.iterdir()] == ["module.py"]


# Files of an environment are hard links into the store: who writes into one writes into all environments.
def test_the_store_cannot_be_written_through_an_environment(boxed: Bench, tmp_path: Path) -> None:
    code = """
path = Path('vendored/module.py')
path.chmod(0o644)
path.write_text('evil = True')
"""
    tree = editable_tree(boxed, code)
    kept = tmp_path / "kept.py"
    kept.write_text("honest = True\n")
    info = tree / "vendored" / "module-1.0.dist-info"  # as --target leaves it
    info.mkdir(parents=True)
    (info / "INSTALLER").write_text("trued\n")
    (tree / "vendored" / "module.py").hardlink_to(kept)

    built_in_place(boxed, tree)

    assert kept.read_text() == "honest = True\n"


# The configuration of a repository further down runs a program at the next `git status` there.
@pytest.mark.parametrize("kind", ["submodule", "worktree", "bare"])
def test_a_repository_further_down_cannot_be_written(kind: str, boxed: Bench) -> None:
    tree = editable_tree(
        boxed,
        """
for path in (Path('sub/.git/config'), Path('data/config'), Path('sub/.git')):
    try:
        path.write_text('[core] fsmonitor = evil')
        got(path)
    except OSError as error:
        print('held back:', error)
""",
    )
    options = {"submodule": [], "worktree": ["--separate-git-dir", str(tree / "data")], "bare": ["--bare"]}
    where = tree / ("data" if kind == "bare" else "sub")
    subprocess.run(["git", "init", "-q", *options[kind], str(where)], check=True)

    assert "GOT" not in built_in_place(boxed, tree)


# Hooks that git runs by `core.hooksPath`, jobs that a service runs with the project's secrets.
@pytest.mark.parametrize("path", [".husky/pre-commit", ".github/workflows/ci.yml", ".pre-commit-config.yaml"])
def test_what_runs_unasked_cannot_be_written(path: str, boxed: Bench) -> None:
    tree = editable_tree(boxed, f"Path({path!r}).write_text('evil')")
    (tree / path).parent.mkdir(parents=True, exist_ok=True)
    (tree / path).write_text("honest")

    assert "Read-only file system" in built_in_place(boxed, tree)
    assert (tree / path).read_text() == "honest"


# Hooks of a repository that are kept in a folder of the project, under version control.
def test_the_folder_of_hooks_that_a_repository_names_cannot_be_written(boxed: Bench) -> None:
    tree = editable_tree(boxed, "Path('tools/hooks/post-commit').write_text('evil')")
    subprocess.run(["git", "init", "-q", str(tree)], check=True)
    subprocess.run(["git", "-C", str(tree), "config", "core.hooksPath", "tools/hooks"], check=True)
    (tree / "tools" / "hooks").mkdir(parents=True)

    assert "Read-only file system" in built_in_place(boxed, tree)


# The user's sources are made to look like what is not to be made, so that they are taken for it.
@pytest.mark.parametrize(
    "made",
    [
        "Path('src/pyvenv.cfg').touch()",
        "Path('pyvenv.cfg').touch()",
        "[Path('src', one).mkdir() for one in ('objects', 'refs', 'HEAD')]",
    ],
)
def test_the_users_own_folders_keep_their_names(made: str, boxed: Bench) -> None:
    tree = editable_tree(boxed, made)
    for folder in ("src", "lib", "bin"):
        (tree / folder).mkdir()

    with pytest.raises(Refused):
        built_in_place(boxed, tree)

    assert all((tree / folder).is_dir() for folder in ("src", "lib", "bin"))
    assert not any(path.name in ("pyvenv.cfg", "objects") for path in tree.rglob("*"))


# A link is made to lead to the user's sources, so that these are taken for what was planted.
def test_what_a_link_leads_to_after_a_build_is_left_alone(boxed: Bench) -> None:
    tree = editable_tree(boxed, "Path('.git').unlink(); Path('.git').symlink_to('src')")
    (tree / "src").mkdir()
    (tree / ".git").symlink_to("../elsewhere")

    with pytest.raises(Refused):
        built_in_place(boxed, tree)

    assert (tree / "src").is_dir()


# A database or an engine that the user runs for the project listens in its folder.
def test_a_socket_in_the_folder_is_not_seen(boxed: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    code = """
socket.socket(socket.AF_UNIX).connect('run/engine.sock')
got('connected')
"""
    tree = editable_tree(boxed, code)
    (tree / "run").mkdir()
    monkeypatch.chdir(tree)
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind("run/engine.sock")
        engine.listen()

        log = built_in_place(boxed, tree)

    assert "refused" in log
    assert "GOT" not in log
    assert (tree / "run" / "engine.sock").is_socket()


# What the user replaces meanwhile is the user's: editors write a file anew.
def test_what_cannot_have_been_the_build_stays(tmp_path: Path) -> None:
    (tmp_path / ".envrc").write_text("before")
    held = withheld(str(tmp_path))
    (tmp_path / "new").write_text("after")
    (tmp_path / "new").rename(tmp_path / ".envrc")

    assert held.put_aside() == ()


# CI keeps the cache in the project's folder: what lies there is trusted by all that come later.
def test_what_is_trueds_own_in_the_folder_cannot_be_written(boxed: Bench) -> None:
    code = """
for path in (Path('.cache/trued/built/evil'), Path('known.sqlite3')):
    try:
        path.write_text('evil')
        got(path)
    except OSError as error:
        print('held back:', error)
"""
    tree = editable_tree(boxed, code)
    (tree / ".cache" / "trued" / "built").mkdir(parents=True)
    (tree / "known.sqlite3").write_text("")
    (tree.parent / "link").symlink_to(tree)

    log = built_in_place(boxed, tree, tree.parent / "link" / ".cache" / "trued", tree / "known.sqlite3")

    assert (log.count("Read-only file system"), "GOT" in log) == (2, False)


@pytest.mark.parametrize(
    "made",
    [
        # A repository of one's own in a folder of the project.
        "Path('src/.git').mkdir(parents=True)",
        # The same where the letters of names are folded.
        "Path('src/.GIT').mkdir(parents=True)",
        # In a folder that cannot be listed, but entered.
        "Path('src/.git').mkdir(parents=True); Path('src').chmod(0o311)",
        # In a folder that cannot be written, under the longest of all names.
        "Path('e' * 255).mkdir(); Path('e' * 255, 'pyvenv.cfg').touch(); Path('.').chmod(0o500)",
        # Git takes a folder of any name for a repository by what lies in it.
        "[Path('src', one).mkdir(parents=True) for one in ('objects', 'refs', 'HEAD')]",
        # The user's own is moved away with its folder, and another put in its place.
        "Path('sub').rename('moved'); Path('sub/.git').mkdir(parents=True)",
        # A link is replaced by a folder.
        "Path('linked/.git').unlink(); Path('linked/.git').mkdir()",
        # Tasks that an editor runs when the folder is opened.
        "Path('.vscode').mkdir(); Path('.vscode/tasks.json').write_text('')",
        # The same, made of a folder of the user's.
        "Path('linked').rename('.vscode'); Path('.vscode/tasks.json').write_text('')",
        # An environment that editors find by its name, and whose python they run.
        "Path('.venv').mkdir(); Path('.venv/pyvenv.cfg').write_text('')",
    ],
)
def test_what_a_build_makes_beside_the_project_gets_another_name(made: str, boxed: Bench) -> None:
    tree = editable_tree(boxed, made)
    subprocess.run(["git", "init", "-q", str(tree / "sub")], check=True)
    (tree / "linked").mkdir()
    (tree / "linked" / ".git").symlink_to("../../elsewhere")

    with pytest.raises(Refused) as caught:
        built_in_place(boxed, tree)

    (finding,) = caught.value.findings
    assert (finding.code, "-of-a-build-" in finding.values["reason"]) == ("TRU444", True)
    left = [path for path, _ in withheld(str(tree)).found.items() if "-of-a-build-" not in path]
    assert all(
        os.path.dirname(path) in map(str, (tree / "sub", tree / "moved", tree / "linked")) for path in left
    )


def test_a_repository_that_is_a_link_does_not_keep_a_project_from_being_built(
    boxed: Bench, tmp_path: Path
) -> None:
    tree = editable_tree(boxed, "")
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "elsewhere")], check=True)
    (tree / ".git").symlink_to(tmp_path / "elsewhere")

    built_in_place(boxed, tree)

    assert (tree / ".git").is_symlink()


def test_what_a_build_leaves_of_its_own_stays(boxed: Bench) -> None:
    tree = editable_tree(boxed, "Path('build/own-1.0.dist-info').mkdir(parents=True); Path('own.so').touch()")

    built_in_place(boxed, tree)

    assert (tree / "build" / "own-1.0.dist-info").is_dir()
    assert (tree / "own.so").is_file()


def test_macos_denies_writing_what_is_kept_back_in_a_folder_that_may_be_written(tmp_path: Path) -> None:
    confinement = Confinement(
        cwd=str(tmp_path), readable=(str(tmp_path / ".git"), "/opt/site"), writable=(str(tmp_path),)
    )

    denied = profile("/usr/bin/python3", confinement).rpartition("(deny file-write*")[2]

    assert f'(subpath "{tmp_path}/.git")' in denied
    assert "/opt/site" not in denied
