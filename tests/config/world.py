"""A home, a system folder and a project in a temporary folder, and calls of trued made in them."""

from __future__ import annotations

from pathlib import Path

from trued.cli.parser import ParsedCommand, parse
from trued.core.errors import UsageError
from trued.core.finding import Finding


class World:
    """Files and variables of one test; pip's own files are off until a test names one."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.etc = folder / "etc"
        self.project = folder / "work" / "project"
        for path in (self.home, self.etc, self.project):
            path.mkdir(parents=True)
        self.environ = {
            "HOME": str(self.home),
            "XDG_CONFIG_DIRS": str(self.etc),
            "PIP_CONFIG_FILE": "/dev/null",
        }

    @property
    def user_file(self) -> Path:
        return self.home / ".config" / "trued" / "trued.toml"

    @property
    def system_file(self) -> Path:
        return self.etc / "trued" / "trued.toml"

    def user(self, text: str) -> Path:
        return write(self.user_file, text)

    def system(self, text: str) -> Path:
        return write(self.system_file, text)

    def project_file(self, text: str, name: str = "trued.toml") -> Path:
        return write(self.project / name, text)

    def pip_file(self, text: str) -> Path:
        path = write(self.home / "pip.conf", text)
        self.environ["PIP_CONFIG_FILE"] = str(path)
        return path

    def call(self, *argv: str) -> ParsedCommand:
        parsed = parse(list(argv), self.environ, str(self.project))
        assert isinstance(parsed, ParsedCommand)
        return parsed

    def install(self, *argv: str) -> ParsedCommand:
        return self.call("install", "-r", "requirements.txt", *argv)

    def refused(self, *argv: str) -> list[Finding]:
        try:
            self.call(*argv)
        except UsageError as error:
            return list(error.findings)
        raise AssertionError("the call was accepted")


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def codes(findings: list[Finding] | tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]
