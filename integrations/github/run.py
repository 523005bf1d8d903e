"""The action's work: each command of trued that is wanted, its findings as annotations, a summary of the job.

Inputs come as ``INPUT_*`` variables and never as parts of a script, so that a branch or a file cannot name
itself into a command. The step fails with the worst of the exit statuses: 2 before 1 before 0.
"""

from __future__ import annotations

import json
import os
import secrets
import shlex
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trued.report.formats.checkout import checkout_around
from trued.report.formats.quoting import command_data, command_property, markdown, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}
_STATUS = {0: "passed", 1: "refused", 2: "could not be done", 3: "nothing to do"}
_OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call: what it is for, and its arguments."""

    title: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """One call that ended: its exit status and its findings."""

    step: Step
    status: int
    findings: tuple[Mapping[str, object], ...] = ()


def steps(inputs: Mapping[str, str]) -> Iterator[Step]:
    """Yield the calls that *inputs* ask for, but for the audit."""
    lock = inputs.get("INPUT_LOCK", "")
    if not lock:
        return
    level = _level(inputs)
    options = inputs.get("INPUT_LOCK_OPTIONS", "")
    if options != _OFF:
        arguments = ("lock", "--check", *level, "-o", lock, *shlex.split(options))
        yield Step(title="The lock fits its requirements", arguments=arguments)
    if inputs.get("INPUT_POLICY") == "true":
        yield Step(title="The policy admits the lock", arguments=("policy", "check", *level, lock))
    if inputs.get("INPUT_INSTALL") == "true":
        is_pylock = lock.endswith(".toml")
        words = ("sync", lock) if is_pylock else ("install", "--require-hashes", "-r", lock)
        venv = inputs.get("INPUT_VENV") or ".venv"
        yield Step(title="Every file is proven", arguments=(*words, *level, "--venv", venv))


def _level(inputs: Mapping[str, str]) -> tuple[str, ...]:
    level = inputs.get("INPUT_LEVEL", "")
    return ("--level", level) if level else ()


def call(step: Step) -> Ended:
    """Run one step and show its findings."""
    done = _trued(*step.arguments, "--json")
    findings = tuple(_findings(done.stdout))
    _show(step, "\n".join(map(_plain, findings)) or done.stderr)
    for finding in findings:
        print(_annotation(finding))
    return Ended(step=step, status=done.returncode, findings=findings)


def _show(step: Step, text: str) -> None:
    """Show what a call told. Meanwhile no line of it can be a command to the runner, whoever wrote it."""
    token = secrets.token_hex(16)
    print(f"::group::trued {command_data(shlex.join(step.arguments))}")
    print(f"::stop-commands::{token}\n{text.rstrip()}\n::{token}::")
    print("::endgroup::", flush=True)


def _trued(*arguments: str) -> subprocess.CompletedProcess[str]:
    # -I: without it, modules of the folder that is looked at would be run in place of Python's and trued's.
    command = [sys.executable, "-I", "-m", "trued", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _findings(text: str) -> Iterator[Mapping[str, object]]:
    try:
        document = json.loads(text)
    except ValueError:
        return
    if isinstance(document, dict):
        yield from document.get("findings", ())
        for verdict in document.get("verdicts", ()):
            yield from verdict.get("findings", ())


def _plain(finding: Mapping[str, object]) -> str:
    return one_line(f"{finding['level']}[{finding['code']}]: {finding['message']} {finding['mend']}")


def _annotation(finding: Mapping[str, object]) -> str:
    place = finding.get("place")
    code = str(finding["code"])
    properties = [f"title={command_property(f'trued {code}')}"]
    if isinstance(place, dict) and not os.path.isabs(str(place["file"])):
        path = checkout_around(os.getcwd(), os.environ).path(str(place["file"]))
        properties.append(f"file={command_property(path)}")
        properties += [f"line={place['line']}"] if place["line"] else []
    level = _LEVELS.get(str(finding["level"]), "notice")
    text = one_line(f"{finding['message']} {finding['mend']}")
    return f"::{level} {','.join(properties)}::{command_data(text)}"


def _in_workspace(path: str) -> str:
    """Return *path* from the workspace, where later steps look."""
    root = os.environ.get("GITHUB_WORKSPACE", "")
    folder = os.path.relpath(os.getcwd(), root) if root else "."
    return os.path.normpath(os.path.join(folder, path))


def audit(inputs: Mapping[str, str]) -> Ended:
    """Audit the lock: annotations on the log, the SARIF file, and a part of the summary."""
    lock = inputs["INPUT_LOCK"]
    words = (lock,) if lock.endswith(".toml") else ("-r", lock)
    options = (*_level(inputs), *shlex.split(inputs.get("INPUT_AUDIT_OPTIONS", "")))
    step = Step(title="No advisory counts", arguments=("audit", *words, *options))
    sarif = inputs.get("INPUT_SARIF") or "trued.sarif"
    done = _trued(*step.arguments, "--format", "sarif", "-o", sarif)
    _show(step, done.stderr)
    is_written = done.returncode in (0, 1)
    if is_written:
        print(_trued(*step.arguments, "--format", "github").stdout, end="")
        _append("GITHUB_STEP_SUMMARY", _trued(*step.arguments, "--format", "markdown").stdout)
    else:
        print(f"::error title=trued audit::{command_data(one_line(done.stderr))}")
    _append("GITHUB_OUTPUT", f"sarif={_in_workspace(sarif) if is_written else ''}\n")
    return Ended(step=step, status=done.returncode)


def summary(ended: list[Ended]) -> str:
    """Return the job's summary: a row for each step, then its findings."""
    lines = ["## trued", "", "| | |", "|---|---|"]
    lines += [f"| {one.step.title} | {_STATUS.get(one.status, 'failed')} |" for one in ended]
    told = [finding for one in ended for finding in one.findings]
    if told:
        lines += ["", "| finding | | what to do |", "|---|---|---|"]
    lines += [
        f"| {finding['code']} | {markdown(str(finding['message']))} | {markdown(str(finding['mend']))} |"
        for finding in told
    ]
    return "\n".join(lines) + "\n\n"


def worst(ended: Iterable[Ended]) -> int:
    """Return 0, 1 or 2: a call that a signal ended, whose status is below 0, was not carried out."""
    return max((one.status if one.status in (0, 1) else 2 for one in ended), default=0)


def _append(variable: str, text: str) -> None:
    """Add *text* to the file that the runner names."""
    path = os.environ.get(variable)
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(text)


def main() -> int:
    """Run what is wanted and return the exit status."""
    inputs = os.environ
    ended = [call(step) for step in steps(inputs)]
    if inputs.get("INPUT_AUDIT") == "true" and inputs.get("INPUT_LOCK"):
        ended.append(audit(inputs))
    _append("GITHUB_STEP_SUMMARY", summary(ended))
    status = worst(ended)
    _append("GITHUB_OUTPUT", f"status={status}\n")
    if not ended:
        print("::notice title=trued::no step was wanted")
    return status


if __name__ == "__main__":
    sys.exit(main())
