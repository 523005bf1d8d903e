"""Reading requirement files in tests: texts in, what they say or what is told of them out."""

from __future__ import annotations

from pathlib import Path

import pytest

from trued.core.errors import TruedError, UsageError
from trued.core.finding import Finding
from trued.report.page import load_page
from trued.requirements.files import read_requirements
from trued.requirements.model import Requirement, RequirementSet

A = "a" * 64
B = "b" * 64
C = "c" * 64

ENVIRONMENT = {
    "implementation_name": "cpython",
    "implementation_version": "3.12.1",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "6.1",
    "platform_system": "Linux",
    "platform_version": "#1",
    "python_full_version": "3.12.1",
    "python_version": "3.12",
    "sys_platform": "linux",
}
"""The target of these tests: CPython 3.12 on Linux, whatever runs them."""


class Desk:
    """A folder with requirement files in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ: dict[str, str] = {}

    def write(self, name: str, text: str | bytes) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    def read(self, text: str | bytes = "", *, constraints: str | None = None) -> RequirementSet:
        names = [self.write("constraints.txt", constraints)] if constraints is not None else []
        return read_requirements([self.write("r.txt", text)], constraints=names, environ=self.environ)

    def one(self, text: str) -> Requirement:
        (requirement,) = self.read(text).requirements
        return requirement

    def told(self, text: str | bytes, *, constraints: str | None = None) -> list[str]:
        """Return ``line code subject`` of each error in the file, in order."""
        with pytest.raises(UsageError) as caught:
            self.read(text, constraints=constraints)
        return [brief(finding) for finding in complete(caught.value)]


def complete(error: TruedError) -> tuple[Finding, ...]:
    """Return the error's findings, after making sure that each has a page and all that it asks for."""
    for finding in error.findings:
        assert_complete(finding)
    return error.findings


def assert_complete(finding: Finding) -> None:
    page = load_page(finding.code)
    assert page is not None, finding.code
    names = {**finding.values, "subject": finding.subject, "place": str(finding.place)}
    assert page.message.format_map(names)
    assert page.mend.format_map(names)


def brief(finding: Finding) -> str:
    line = finding.place.line if finding.place else 0
    return f"{line} {finding.code} {finding.subject}"
