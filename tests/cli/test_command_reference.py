"""The reference page and the tables it is written from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from trued.cli.commands import COMMANDS
from trued.config.options import OPTIONS

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")


def test_the_page_is_what_the_tables_say() -> None:
    told = subprocess.run(
        [sys.executable, ROOT / "tools" / "command_reference.py", "--check"], capture_output=True, text=True
    )

    assert (told.returncode, told.stdout + told.stderr) == (0, "")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_section(command: str) -> None:
    assert f"\n### trued {command}\n" in PAGE


def test_every_spelling_that_is_not_hidden_is_on_the_page() -> None:
    shown = [option for option in OPTIONS if not option.hidden]
    missing = [word for option in shown for word in option.spellings if f"`{word}" not in PAGE]

    assert missing == []


def test_the_documentation_leads_to_the_page() -> None:
    assert "reference/commands.md" in (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
