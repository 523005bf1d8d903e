"""``trued completion``: what each shell itself offers, asked of the real shells."""

from __future__ import annotations

import os
import pty
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from trued.cli.commands import COMMANDS
from trued.cli.shells.vocabulary import GENERAL_WORDS, vocabulary
from trued.config.options import of_command

SHELLS = ("bash", "zsh", "fish")
Offered = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the script of each shell, as the command prints it."""
    folder = tmp_path_factory.mktemp("scripts")
    for shell in SHELLS:
        done = subprocess.run(
            [sys.executable, "-m", "trued", "completion", shell], capture_output=True, text=True, check=True
        )
        (folder / f"_{shell}").write_text(done.stdout)
    (folder / "_trued").write_text((folder / "_zsh").read_text())
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two files, a folder, and an environment that has three projects."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("pylock.toml", "with space.txt"):
        (folder / name).touch()
    (folder / "wheels").mkdir()
    for name in ("demo-1.0", "deep_blue-2.0", "left-1.0"):
        (folder / f".venv/lib/python3.11/site-packages/{name}.dist-info").mkdir(parents=True)
    return folder


def in_bash(script: Path, project: Path, line: str) -> list[str]:
    words = shlex.split(line.replace("=", " = ")) + ([""] if line.endswith((" ", "=")) else [])
    quoted = " ".join(map(shlex.quote, words))
    code = f"""source {shlex.quote(str(script))}
COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; COMP_LINE={shlex.quote(line)}
_trued 2>/dev/null; printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    return run(["bash", "--norc", "-c", code], project)


def in_fish(script: Path, project: Path, line: str) -> list[str]:
    code = f"source {shlex.quote(str(script))}; complete -C {shlex.quote(line)}"
    lines = run(["fish", "--no-config", "-c", code], project)
    return [
        text.partition("\t")[0].rpartition("=")[2] if "=" in line else text.partition("\t")[0]
        for text in lines
    ]


_CATCHING = r"""
PROMPT=''; unsetopt zle_bracketed_paste; zstyle ':completion:*' menu no; LISTMAX=10000
fpath=($SCRIPTS $fpath); autoload -Uz compinit; compinit -u -D
compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return $?; fi
    typeset -a __hits; builtin compadd -A __hits "$@"; print -rl -- $__hits >> $CAUGHT
    builtin compadd "$@"
}
zle-line-init() { print RE''ADY }; zle -N zle-line-init
"""
"""The way to see what zsh offers: its ``compadd`` writes down what it is given.

It is ready when its own editor reads the line: before that, the terminal would take ``^U`` for itself.
"""


def in_zsh(script: Path, project: Path, line: str) -> list[str]:
    caught = project / ".caught"
    caught.write_text("")
    variables = {"SCRIPTS": str(script.parent), "CAUGHT": str(caught), "TERM": "dumb"}
    pid, terminal = pty.fork()
    if pid == 0:  # the child is zsh at once
        os.chdir(project)
        os.execvpe("zsh", ["zsh", "-f", "-i"], clean(os.environ) | variables)
    with os.fdopen(terminal, "r+b", buffering=0) as shell:
        shell.write(_CATCHING.replace("\n", "\r").encode())
        until(shell.fileno(), b"READY")
        shell.write(line.encode() + b"\t\x15print DO''NE; exit\r")
        until(shell.fileno(), b"DONE")
    os.waitpid(pid, 0)
    return [text for text in caught.read_text().splitlines() if text]


def until(terminal: int, mark: bytes) -> None:
    """Read the terminal until *mark* was printed."""
    seen = b""
    while mark not in seen:
        seen += os.read(terminal, 65536)


def clean(environ: os._Environ[str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name != "VIRTUAL_ENV"}


def run(command: list[str], folder: Path) -> list[str]:
    done = subprocess.run(
        command, cwd=folder, env=clean(os.environ), capture_output=True, text=True, timeout=30
    )
    assert done.stderr == ""
    return [line for line in done.stdout.splitlines() if line]


@pytest.fixture(params=SHELLS)
def offered(request: pytest.FixtureRequest, scripts: Path, project: Path) -> Offered:
    """What the shell offers for the last word of a line, sorted, without what ends a word."""
    shell = request.param
    if shutil.which(shell) is None:
        assert not os.environ.get("CI"), f"{shell} belongs to the packages of .ci/run"
        pytest.skip(f"{shell} is not on this machine")
    ask = {"bash": in_bash, "zsh": in_zsh, "fish": in_fish}[shell]
    return lambda line: sorted({one.rstrip(" /") for one in ask(scripts / f"_{shell}", project, line)})


def test_commands_are_offered(offered: Offered) -> None:
    assert {"install", "lock", "migrate", "why-not", "help"} <= set(offered("trued "))


def test_a_command_is_completed(offered: Offered) -> None:
    assert "explain" in offered("trued expl")
    assert "install" not in offered("trued expl")


def test_options_are_those_of_the_command(offered: Offered) -> None:
    found = offered("trued migrate --")

    assert {"--from", "--yes", "--dry-run", "--level", "--help"} <= {one.rstrip("=") for one in found}
    assert "--evidence" not in found


def test_choices_follow_an_option(offered: Offered) -> None:
    assert offered("trued install --level ") == ["permissive", "standard", "strict"]


def test_choices_follow_an_equals_sign(offered: Offered) -> None:
    assert set(offered("trued install --level=st")) >= {"standard", "strict"}


def test_an_option_before_the_command_does_not_hide_it(offered: Offered) -> None:
    assert "demo" in offered("trued --level strict show de")


def test_installed_projects_are_offered(offered: Offered) -> None:
    assert offered("trued show de") == ["deep_blue", "demo"]


def test_the_name_of_a_folder_is_never_run(offered: Offered, project: Path) -> None:
    """The attack: a cloned repository has such a ``.venv``, and ``compgen -W`` expands what it is given."""
    (project / "ran").unlink(missing_ok=True)
    library = project / ".venv/lib/python3.11/site-packages"
    evil = ["$(>ran)-1.0.dist-info", "`>ran`-1.0.dist-info", "a$(>ran)-1.0.dist-info"]
    for name in evil:
        (library / name).mkdir()

    try:
        found = offered("trued show ")
    finally:
        for name in evil:
            (library / name).rmdir()

    assert {"demo", "left"} <= set(found)
    assert not (project / "ran").exists()


def test_the_codes_of_findings_are_offered(offered: Offered) -> None:
    assert {"TRU930", "TRU931", "TRU932"} <= set(offered("trued explain TRU93"))


def test_files_are_offered_where_a_file_is_wanted(offered: Offered) -> None:
    assert "pylock.toml" in offered("trued sync py")
    assert "pylock.toml" in offered("trued install -r py")


def test_only_folders_are_offered_where_a_folder_is_wanted(offered: Offered) -> None:
    found = offered("trued download --dest ")

    assert "wheels" in found
    assert "pylock.toml" not in found


def test_actions_and_what_follows_them(offered: Offered) -> None:
    assert set(offered("trued policy ")) == {"check", "explain", "init", "show"}
    assert "pylock.toml" in offered("trued policy check py")


def test_keys_of_settings_are_offered(offered: Offered) -> None:
    assert "index-url" in offered("trued config get index-")


def test_every_option_that_the_help_shows_is_in_the_vocabulary() -> None:
    general = {spelling for option in GENERAL_WORDS for spelling in option.spellings}
    for words in vocabulary():
        told = general | {spelling for option in words.options for spelling in option.spellings}
        shown = (option for option in of_command(words.name) if not option.hidden)
        assert {spelling for option in shown for spelling in option.spellings + option.off} <= told
    assert [words.name for words in vocabulary()] == list(COMMANDS)


def test_a_shell_that_is_not_known_is_told() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "trued", "completion", "tcsh"], capture_output=True, text=True
    )

    assert done.returncode == 2
    assert "TRU932" in done.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not on this machine")
def test_projects_are_offered_without_waiting_for_python(scripts: Path, project: Path) -> None:
    # Python alone takes longer than a hand waits for a key: the shell has to find the projects by itself.
    code = f"PATH=/nowhere; source {shlex.quote(str(scripts / '_bash'))}; _trued_installed"

    assert run(["bash", "--norc", "-c", code], project) == ["deep_blue", "demo", "left"]
