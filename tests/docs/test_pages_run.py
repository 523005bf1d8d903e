"""Every command of the tutorial and the how-to guides is run, in the order in which it stands on its page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.page_blocks import RUN, Block, blocks_of
from tests.docs.reader import a_reader
from tests.docs.worlds import WORLDS, world_of

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {
    str(page.relative_to(DOCS)): page
    for page in (DOCS / "tutorial.md", *sorted((DOCS / "how-to").glob("*.md")))
}

REASONS = {
    "form": "a form with words to be replaced, or one line of a choice, not a call as it stands",
    "site": "needs an index with a root of its own; tests/commands/test_trust_roots.py has one",
}
"""Why a block may be left out."""

CALL = re.compile(r"^ *(?:- |&& )?(?:run: )?(trued .*?)(?: \\)?$", re.MULTILINE)
"""A call of trued in a Dockerfile or a workflow, without what stands around it."""

LANGUAGES = {*RUN, "text", "toml", "yaml", "dockerfile", "ini", "json", "python"}


def every_block(page: Path) -> list[Block]:
    return list(blocks_of(page))


@pytest.mark.parametrize("name", PAGES)
def test_every_command_of_the_page_does_what_the_page_says(name: str, tmp_path: Path) -> None:
    with a_reader(tmp_path) as reader, world_of(name, reader):
        for block in every_block(PAGES[name]):
            if block.is_run or "file" in block.options:
                reader.session.run(block)


@pytest.mark.parametrize("name", PAGES)
def test_a_block_says_what_it_is(name: str) -> None:
    unknown = {
        block.line: block.language for block in every_block(PAGES[name]) if block.language not in LANGUAGES
    }

    assert unknown == {}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_tells_its_reader_into_which_file_a_block_belongs(name: str) -> None:
    lines = PAGES[name].read_text(encoding="utf-8").splitlines()
    silent = [
        block.line
        for block in every_block(PAGES[name])
        if "file" in block.options
        and f"`{Path(block.options['file']).name}`"
        not in "\n".join(lines[max(block.line - 6, 0) : block.line])
    ]

    assert silent == []


@pytest.mark.parametrize("name", PAGES)
def test_a_block_that_is_left_out_says_why(name: str) -> None:
    said = {block.options["skip"] for block in every_block(PAGES[name]) if "skip" in block.options}

    assert said <= set(REASONS)


@pytest.mark.parametrize("name", PAGES)
def test_a_block_that_is_not_run_calls_no_command(name: str) -> None:
    """Commands do not hide from the tests behind another language."""
    hidden = [
        block.line
        for block in every_block(PAGES[name])
        if block.language not in RUN
        and any(line.startswith(("$ ", "trued ")) for line in block.text.splitlines())
    ]

    assert hidden == []


@pytest.mark.parametrize("name", PAGES)
def test_what_a_container_or_a_pipeline_calls_was_run_above(name: str) -> None:
    """Dockerfiles and workflows cannot be run here; the calls of trued in them can."""
    blocks = every_block(PAGES[name])
    run = "\n".join(block.text for block in blocks if block.is_run)
    files = [block.text for block in blocks if block.language in ("dockerfile", "yaml")]
    called = [call for text in files for call in CALL.findall(text)]

    assert [line for line in called if line not in run] == []


def test_the_page_about_images_shows_the_dockerfile_of_the_examples() -> None:
    shown = [block.text for block in every_block(PAGES["how-to/docker.md"]) if block.language == "dockerfile"]

    assert shown[0] == (DOCS.parent / "examples" / "docker" / "Dockerfile").read_text(encoding="utf-8")


def test_most_commands_are_run() -> None:
    blocks = [block for page in PAGES.values() for block in every_block(page) if block.language in RUN]
    left_out = [block for block in blocks if not block.is_run]

    assert len(blocks) >= 100
    assert len(left_out) <= len(blocks) // 10
    assert {block.options["skip"] for block in left_out} == set(REASONS)


def test_every_world_is_of_a_page() -> None:
    assert set(WORLDS) <= set(PAGES)
