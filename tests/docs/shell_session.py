"""A bash session that runs the blocks of one page in their order, in one folder, as a reader would."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.page_blocks import Block, Call, calls_of, fits

_REMEMBERING = """\
keep() {{ echo "cd \\"$PWD\\""; declare -f; declare -p | grep -v "^declare -[a-z]*r"; }}
trap 'status=$?; keep > {state}' EXIT
if [ -e {state} ]; then . {state} 2>/dev/null; fi
{command}"""
"""Each command has a bash of its own, which begins with folder, variables and functions of the last one."""


@dataclass(kw_only=True)
class ShellSession:
    """Runs commands in *folder*, which know *environ* and nothing else.

    *hosts* maps what a page calls a server to where it stands here: in commands one is put for the other, and
    back in what they print. Below a heading of *forget_at* another machine begins: those folders are gone.
    """

    folder: Path
    environ: dict[str, str]
    hosts: dict[str, str] = field(default_factory=dict)
    forget_at: dict[str, tuple[Path, ...]] = field(default_factory=dict)

    def run(self, block: Block) -> None:
        """Run *block*; what is not as it says fails the test with both."""
        for folder in self.forget_at.pop(block.heading, ()):
            shutil.rmtree(folder, ignore_errors=True)
        name = block.options.get("file")
        if name is not None:
            self._write(name, block.text)
        elif block.language == "sh":
            self._script(block)
        else:
            self._console(block)

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._to_here(text), encoding="utf-8")

    def _script(self, block: Block) -> None:
        status, printed = self._bash(f"set -euo pipefail\n{block.text}", block.options.get("answer", ""))
        assert status == block.status, f"line {block.line} ended with {status}:\n{block.text}\n{printed}"

    def _console(self, block: Block) -> None:
        last = 0
        calls = list(calls_of(block))
        for call, following in zip(calls, [*calls[1:], None], strict=True):
            if call.command == "echo $?":
                status, printed = 0, f"{last}\n"
            else:
                status, printed = self._bash(call.command, block.options.get("answer", ""))
            told = following is not None and following.command == "echo $?"
            assert status == 0 or told, f"line {block.line} ended with {status}:\n{call.command}\n{printed}"
            self._compare(block, call, printed)
            last = status

    def _compare(self, block: Block, call: Call, printed: str) -> None:
        expected = "\n".join(call.printed)
        assert fits(printed, call.printed), (
            f"line {block.line}: $ {call.command}\n--- the page\n{expected}\n--- here\n{printed}"
        )

    def _bash(self, command: str, answer: str = "") -> tuple[int, str]:
        """Run *command* with the variables and functions of those before it; return its status and output.

        With an *answer* it runs on a terminal, where that is typed.
        """
        state = self.folder.parent / ".session"
        script = _REMEMBERING.format(state=state, command=self._to_here(command))
        if answer:
            status, printed = on_terminal(["bash", "-c", script], answer, self.folder, self.environ)
            return status, self._as_on_the_page(printed)
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        return done.returncode, self._as_on_the_page(done.stdout)

    def _to_here(self, text: str) -> str:
        for shown, here in self.hosts.items():
            text = text.replace(shown, here)
        return text

    def _as_on_the_page(self, text: str) -> str:
        for shown, here in self.hosts.items():
            text = text.replace(here, shown)
        return text.replace(str(self.folder.parent / "home"), "~").replace(str(self.folder), "~/project")


def on_terminal(command: list[str], answer: str, folder: Path, environ: dict[str, str]) -> tuple[int, str]:
    """Run *command* on a terminal of its own with *answer* typed; return its status and what was shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, cwd=folder, env=environ | {"TERM": "dumb"}, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    os.write(ours, f"{answer}\n".encode())
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # Linux: the other end is closed
        pass
    os.close(ours)
    return process.wait(60), shown.decode().replace("\r\n", "\n").removeprefix(f"{answer}\n")


def programs(folder: Path) -> str:
    """Make a folder with ``trued``, ``python`` and ``uv``; return it as a path, before the system's."""
    folder.mkdir()
    _link(folder / "trued", f'exec {sys.executable} -m trued "$@"')
    _link(folder / "python", f'exec {sys.executable} "$@"')
    _link(folder / "uv", f'exec {Path(sys.executable).parent / "uv"} "$@"')
    return os.pathsep.join([str(folder), os.environ["PATH"]])


def _link(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
