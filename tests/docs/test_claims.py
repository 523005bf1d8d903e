"""What pages claim: the tests that the threat model names, and that reading asks nobody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MODEL = (DOCS / "explanation" / "threat-model.md").read_text(encoding="utf-8")
_WRITTEN = (*DOCS.rglob("*.md"), *ROOT.glob("*.md"))
PAGES = [page for page in _WRITTEN if "findings" not in page.relative_to(ROOT).parts]


def defined() -> set[str]:
    """Return the name of every test function of the repository."""
    files = (ROOT / "tests").rglob("test_*.py")
    return {
        name for path in files for name in re.findall(r"^ *def (test_\w+)", path.read_text(), re.MULTILINE)
    }


def rows() -> list[list[str]]:
    """Return the rows of the threat model's tables of attacks."""
    lines = [line for line in MODEL.splitlines() if line.startswith("| ") and line.count(" | ") == 2]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if row[0] != "attack" and row[2] != "cannot" and "`test_" in row[2]]


def test_every_test_that_the_threat_model_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", MODEL))

    assert len(named) > 50
    assert named - defined() == set()


def test_every_attack_of_the_threat_model_has_a_defence_and_a_test() -> None:
    sections = MODEL.split("\n## ")
    attacks = [part for part in sections if "\n| attack | defence | shown by |" in part]
    lines = [line for part in attacks for line in part.splitlines() if line.startswith("| ")]

    assert len(attacks) == 7
    assert [line for line in lines if "`test_" not in line and not line.startswith("| attack ")] == []
    assert all(attack and defence for attack, defence, _ in rows())


def test_the_threat_model_says_what_is_not_defended() -> None:
    assert MODEL.count("\n- **", MODEL.index("## What is not defended")) >= 8


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_asks_for_nothing_from_elsewhere(page: Path) -> None:
    """No picture, font or script of another host: reading is nobody's business."""
    text = page.read_text(encoding="utf-8")

    assert re.findall(r"!\[[^\]]*\]\(\w+://|<(?:img|script|link|iframe)\b", text) == []
