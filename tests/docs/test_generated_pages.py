"""Pages that are made of the program's own tables: nothing is missing on them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from trued.config.options import OPTIONS
from trued.policy.exceptions import RULES
from trued.report.page import codes

ROOT = Path(__file__).parents[2]
SETTINGS = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The findings' pages, by name."""
    folder = tmp_path_factory.mktemp("findings")
    command = [sys.executable, str(ROOT / "tools" / "findings_reference.py"), str(folder)]
    subprocess.run(command, check=True)
    return {path.stem: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_every_finding_has_one_anchor_and_one_heading(findings: dict[str, str]) -> None:
    text = "\n".join(findings.values())

    assert [code for code in codes() if text.count(f"\n({code})=\n## {code}: ") != 1] == []


def test_a_finding_says_what_lets_it_pass(findings: dict[str, str]) -> None:
    text = "\n".join(findings.values())
    excepted = {code: rule for rule, of_rule in RULES.items() for code in of_rule}

    assert [code for code, rule in excepted.items() if f"exception from `{rule}`" not in text] == []


def test_no_page_of_findings_holds_markup_of_another_kind(findings: dict[str, str]) -> None:
    """A placeholder such as <path> would be taken for a tag outside of code."""
    outside = [
        line for text in findings.values() for line in text.splitlines() if line.startswith("**To do:**")
    ]

    assert outside
    assert [line for line in outside if "<" in "".join(line.split("`")[::2]).replace("\\<", "")] == []


@pytest.mark.parametrize(
    "option", [one for one in OPTIONS if one.configurable and one.field], ids=lambda one: one.name
)
def test_every_setting_is_told_with_its_variable_and_pips_names(option: object) -> None:
    from trued.config.option import Option

    assert isinstance(option, Option)
    section = SETTINGS.partition(f"\n### {option.name}\n")[2].partition("\n### ")[0]
    assert option.meaning in section
    assert f"`{option.variable}`" in section
    assert all(f"`PIP_{name.upper().replace('-', '_')}`" in section for name in option.pip)
