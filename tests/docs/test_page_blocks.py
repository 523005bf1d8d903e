"""The reader of blocks itself: what it takes for a command, and when what is printed is as a page has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.page_blocks import Block, blocks_of, calls_of, fits
from tests.docs.shell_session import ShellSession


def page(tmp_path: Path, *lines: str) -> list[Block]:
    path = tmp_path / "page.md"
    path.write_text("".join(f"{line}\n" for line in lines))
    return list(blocks_of(path))


def session(tmp_path: Path) -> ShellSession:
    folder = tmp_path / "project"
    folder.mkdir()
    return ShellSession(
        folder=folder, environ={"PATH": "/usr/bin:/bin"}, hosts={"index.example.org": "127.0.0.1:9"}
    )


def run(tmp_path: Path, *lines: str) -> None:
    here = session(tmp_path)
    for block in page(tmp_path, *lines):
        here.run(block)


def test_a_block_knows_its_language_options_heading_and_line(tmp_path: Path) -> None:
    (block,) = page(tmp_path, "# Page", "## Part", "", '```sh skip="form"', "ls", "```")

    assert (block.language, block.options, block.heading, block.text) == (
        "sh",
        {"skip": "form"},
        "Part",
        "ls\n",
    )
    assert not block.is_run


def test_a_block_in_a_list_loses_its_indentation(tmp_path: Path) -> None:
    (block,) = page(tmp_path, "1. Do", "", "   ```console", "   $ ls", "     more", "   ```")

    assert block.text == "$ ls\n  more\n"


def test_a_fence_inside_a_longer_one_is_text(tmp_path: Path) -> None:
    (block,) = page(tmp_path, "````text", "```sh", "rm -r x", "```", "````")

    assert block.language == "text"


def test_commands_and_what_they_print_are_told_apart(tmp_path: Path) -> None:
    (block,) = page(tmp_path, "```console", "$ one \\", "> two", "said", "", "$ three", "```")

    first, second = calls_of(block)
    assert (first.command, first.printed) == ("one \\\ntwo", ("said", ""))
    assert (second.command, second.printed) == ("three", ())


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("a b\n", ("a   b",)),
        ("1 file, 20 bytes\n", ("1 file, … bytes",)),
        ("x\ny\nz\n", ("x", "…", "z")),
        ("x\nz\n", ("x", "…", "z")),
        ("", ("…",)),
        ("(a+b)*\n", ("(a+b)*",)),
    ],
)
def test_what_fits(printed: str, expected: tuple[str, ...]) -> None:
    assert fits(printed, expected)


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("a b\n", ("a c",)),
        ("x\ny\n", ("x",)),
        ("x\n", ("x", "y")),
        ("1 file,\n20 bytes\n", ("1 file, … bytes",)),
        ("anything\n", ()),
    ],
)
def test_what_does_not_fit(printed: str, expected: tuple[str, ...]) -> None:
    assert not fits(printed, expected)


def test_a_command_keeps_the_folder_and_the_variables_of_the_one_before(tmp_path: Path) -> None:
    run(
        tmp_path,
        "```console",
        "$ mkdir x && cd x",
        "$ name=y",
        '$ touch $name && basename "$PWD" && ls',
        "x",
        "y",
        "```",
    )


def test_a_script_stops_at_the_first_command_that_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="ended with 1"):
        run(tmp_path, "```sh", "false", "true", "```")


def test_a_command_that_fails_is_followed_by_its_status(tmp_path: Path) -> None:
    run(tmp_path, "```console", "$ false", "$ echo $?", "1", "```")
    (tmp_path / "again").mkdir()
    with pytest.raises(AssertionError, match="ended with 1"):
        run(tmp_path / "again", "```console", "$ false", "$ true", "```")


def test_other_output_than_the_page_has_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="--- the page"):
        run(tmp_path, "```console", "$ echo one", "two", "```")


def test_a_host_of_the_page_is_one_of_this_machine_and_told_as_on_the_page(tmp_path: Path) -> None:
    here = session(tmp_path)
    for block in page(tmp_path, "```sh", "echo index.example.org > said", "```", "```console", "$ cat said",
                      "index.example.org", "```"):  # fmt: skip
        here.run(block)

    assert (here.folder / "said").read_text() == "127.0.0.1:9\n"


def test_a_file_block_is_written(tmp_path: Path) -> None:
    run(tmp_path, "```toml file=a/b.toml", "x = 1", "```", "```console", "$ cat a/b.toml", "x = 1", "```")
