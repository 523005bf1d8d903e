"""What looking up costs before it does anything: the modules that are loaded."""

import subprocess
import sys
from pathlib import Path

import pytest

import trued

HEAVY = ("dataclasses", "typing", "json", "re", "packaging", "cvss", "pathlib", "enum")
LOOK = "from trued.advisories.quick_look import needing_a_look; looked = needing_a_look"
AUDIT = """
from trued.advisories.database import AdvisoryDatabase
from trued.advisories.subject import AuditSubject
def looked(path, releases):
    with AdvisoryDatabase.open(path) as opened:
        return opened.audit(AuditSubject(project=n, version=v, sha256s=d) for n, v, d in releases)
"""


def loaded(code: str, path: str, releases: list[tuple[str, str, tuple[str, ...]]]) -> set[str]:
    """Return the modules that a process has after it looked the releases up."""
    begin = f"import sys; sys.path.insert(0, {str(Path(trued.__file__).parents[1])!r})"
    script = f"{begin}\n{code}\nlooked({path!r}, {releases!r})\nprint(*sys.modules)"
    command = [sys.executable, "-I", "-S", "-c", script]
    return set(subprocess.run(command, capture_output=True, check=True, text=True).stdout.split())


def test_the_quick_look_loads_nothing_heavy(real_path: str) -> None:
    modules = loaded(LOOK, real_path, [("django", "99.1", ("0" * 64,)), ("django", "3.2", ())])

    assert modules.isdisjoint(HEAVY), modules & set(HEAVY)


@pytest.mark.parametrize("version", ["3.2", "3.2rc1", "99"])
def test_an_audit_needs_no_version_parser_and_scores_nothing_before_it_is_asked(
    real_path: str, version: str
) -> None:
    modules = loaded(AUDIT, real_path, [("django", version, ())])

    assert modules.isdisjoint(("packaging", "cvss", "pathlib", "urllib.parse"))
