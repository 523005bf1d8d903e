"""Which sandbox a machine has is remembered for as long as the program is the same."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from trued.build.no_sandbox import NoSandbox
from trued.build.sandbox import Sandbox
from trued.operations.sandbox_identity import sandbox_identity

pytestmark = pytest.mark.skipif(os.uname().sysname != "Linux", reason="bubblewrap is of Linux")


class Finder:
    """Counts how often the sandbox is tried out."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Sandbox:
        self.calls += 1
        return NoSandbox()


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    program = tmp_path / "bin" / "bwrap"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return {"PATH": str(program.parent)}


def ask(tmp_path: Path, environ: dict[str, str], find: Callable[[], Sandbox]) -> str:
    return sandbox_identity(str(tmp_path / "cache"), environ, find).name


def test_it_is_tried_out_once(tmp_path: Path, environ: dict[str, str]) -> None:
    finder = Finder()

    names = {ask(tmp_path, environ, finder) for _ in range(3)}

    assert (names, finder.calls) == ({"none"}, 1)


def test_another_program_is_tried_out_anew(tmp_path: Path, environ: dict[str, str]) -> None:
    finder = Finder()
    ask(tmp_path, environ, finder)
    (tmp_path / "bin" / "bwrap").write_text("#!/bin/sh\n# a newer one\n")

    ask(tmp_path, environ, finder)

    assert finder.calls == 2


@pytest.mark.parametrize("content", [b"", b"nonsense", b"N", b"\xe9\x02\x00\x00\x00NN"])
def test_a_damaged_note_is_passed_over(tmp_path: Path, environ: dict[str, str], content: bytes) -> None:
    finder = Finder()
    ask(tmp_path, environ, finder)
    (tmp_path / "cache" / "sandbox").write_bytes(content)

    assert (ask(tmp_path, environ, finder), finder.calls) == ("none", 2)


def test_a_note_that_others_may_write_is_not_believed(tmp_path: Path, environ: dict[str, str]) -> None:
    finder = Finder()
    ask(tmp_path, environ, finder)
    (tmp_path / "cache" / "sandbox").chmod(0o666)

    ask(tmp_path, environ, finder)

    assert finder.calls == 2


def test_without_the_program_it_is_always_looked_for(tmp_path: Path) -> None:
    finder = Finder()

    for _ in range(2):
        ask(tmp_path, {"PATH": str(tmp_path)}, finder)

    assert finder.calls == 2
