"""The documents for people: their links lead somewhere, their codes exist, what they show is what happens."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from trued.report.page import codes

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "news").glob("*.md")],
    key=str,
)
README = (ROOT / "README.md").read_text(encoding="utf-8")
KINDS = {"security", "added", "changed", "removed", "fixed"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_every_link_inside_the_repository_leads_to_a_file(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8"))
    inside = [link for link in links if "://" not in link]

    assert [link for link in inside if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_every_code_that_a_document_names_has_a_page(path: Path) -> None:
    assert set(re.findall(r"\bTRU\d{3}\b", path.read_text(encoding="utf-8"))) <= set(codes())


def test_the_readme_shows_the_selftest_as_it_is() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "trued", "selftest"], capture_output=True, text=True, check=True
    )

    assert f"$ trued selftest\n{told.stdout}{told.stderr}" in README


@pytest.mark.network
def test_the_readme_shows_a_refusal_as_it_is(tmp_path: Path) -> None:
    told = subprocess.run(
        [
            *(sys.executable, "-m", "trued", "install", "-r", "examples/refused.txt"),
            *("--venv", str(tmp_path / "example")),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )

    assert told.returncode == 1
    assert f"$ trued install -r examples/refused.txt --venv build/example\n{told.stderr}$ echo" in README


def test_the_two_commands_of_the_readme_are_what_ci_runs() -> None:
    commands = re.findall(r"^    (tools/setup\.sh && \.venv/bin/\w+)", README, re.MULTILINE)
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert len(commands) == 2
    assert all(f'readme_line "{command}"' in script for command in commands)


def test_every_news_fragment_has_a_known_kind() -> None:
    fragments = [path.name for path in (ROOT / "news").iterdir() if path.name != "README.md"]

    assert [name for name in fragments if name.split(".")[1:-1] not in [[kind] for kind in KINDS]] == []


def test_the_examples_are_read_without_a_finding() -> None:
    from trued.requirements.files import read_requirements

    read = read_requirements([str(ROOT / "examples" / "requirements.txt")], environ={})

    assert read.findings == ()
    assert [str(line.project) for line in read.requirements] == ["idna", "packaging", "six"]
    assert all(not line.allowed.is_empty for line in read.requirements)


@pytest.mark.parametrize("lock", ["runtime", "dev", "build", "docs"])
def test_our_own_locks_pin_every_file_and_name_no_host(lock: str) -> None:
    from trued.requirements.files import read_requirements

    path = ROOT / "requirements" / f"{lock}.txt"

    read = read_requirements([str(path)], environ={})

    assert read.findings == ()
    assert all(line.pinned_version and not line.allowed.is_empty for line in read.requirements)
    assert "://" not in path.read_text(encoding="utf-8")
