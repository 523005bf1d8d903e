"""The files for CI services and hooks, done as far as it goes without the services themselves."""

from __future__ import annotations

import json
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.commands.advisories import flaw, with_database
from tests.commands.conftest import Machine, Ran, install_newest, make_wheel
from trued.config.options import by_spelling, of_command

ROOT = Path(__file__).parent.parent.parent
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())


@pytest.fixture
def project(machine: Machine) -> Machine:
    """A project with a lock and a policy, and an advisory database that knows of nothing."""
    for wheel in (make_wheel("left"), make_wheel("demo", requires=("left",))):
        machine.index.add(wheel, upload_time="2020-01-01T00:00:00Z")
    machine.write(
        "[project]", 'name = "own"', 'version = "1"', 'dependencies = ["demo"]', name="pyproject.toml"
    )
    assert machine.trued("lock").status == 0
    assert machine.trued("policy", "init").status == 0
    with_advisories(machine)
    return machine


def with_advisories(machine: Machine, *documents: dict[str, Any]) -> None:
    with_database(machine, *documents, flaw("PYSEC-2026-9", "another"))


class Runner:
    """Plays the runner of GitHub Actions: the step's variables, its files, its folders."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.files = {
            name: machine.home / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")
        }
        temporary = machine.home / "temp"
        (temporary / "trued" / "bin").mkdir(parents=True)
        python = temporary / "trued" / "bin" / "python"
        python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
        python.chmod(0o755)
        self.variables = machine.environ | {
            "RUNNER_TEMP": str(temporary),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_WORKSPACE": str(machine.work),
            "PYTHONPATH": str(ROOT / "src"),
        }
        self.variables |= {name: str(path) for name, path in self.files.items()}

    def step(self, name: str, **inputs: str) -> Ran:
        """Run the one step of action.yml that is called *name*, with *inputs* beside the defaults."""
        (step,) = (one for one in ACTION["runs"]["steps"] if one["name"] == name)
        values = {key: str(one["default"]) for key, one in ACTION["inputs"].items()}
        values |= {key.replace("_", "-"): value for key, value in inputs.items()}
        env = {
            key: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: values[match[1]], text)
            for key, text in step["env"].items()
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.machine.work, env=self.variables | env, capture_output=True, text=True, timeout=100,
        )  # fmt: skip
        return Ran(status=done.returncode, out=done.stdout, err=done.stderr)

    def work(self, **inputs: str) -> Ran:
        """Run the step that does the work."""
        return self.step("Prove, install, audit", **inputs)

    def read(self, name: str) -> str:
        return self.files[name].read_text()


@pytest.fixture
def runner(project: Machine) -> Runner:
    return Runner(project)


# The GitHub action


def test_the_action_checks_installs_audits_and_says_so(runner: Runner) -> None:
    ran = runner.work()

    assert (ran.status, ran.err) == (0, "")
    assert runner.machine.installed == {"demo": "1.0", "left": "1.0"}
    assert runner.read("GITHUB_OUTPUT") == "sarif=trued.sarif\nstatus=0\n"
    assert json.loads((runner.machine.work / "trued.sarif").read_text())["version"] == "2.1.0"
    summary = runner.read("GITHUB_STEP_SUMMARY")
    assert summary.count("| passed |") == 4


def test_the_action_annotates_the_line_that_is_wrong(runner: Runner) -> None:
    text = (runner.machine.work / "pylock.toml").read_text()
    damaged = re.sub(r'sha256 = "[0-9a-f]{64}"', f'sha256 = "{"0" * 64}"', text, count=1)
    (runner.machine.work / "pylock.toml").write_text(damaged)

    ran = runner.work(lock_options="off", audit="false")

    assert ran.status == 1
    assert re.search(r"^::error title=trued TRU\d+,file=pylock\.toml,line=\d+::", ran.out, re.MULTILINE)
    assert "| Every file is proven | refused |" in runner.read("GITHUB_STEP_SUMMARY")
    assert runner.machine.installed == {}


def test_what_the_action_names_is_found_from_the_folder_of_the_repository(runner: Runner) -> None:
    """The project lies in a folder of it, and a later step that uploads the file does not."""
    runner.variables["GITHUB_WORKSPACE"] = str(runner.machine.work.parent)

    runner.work(install="false", policy="false", lock_options="off")

    output = runner.read("GITHUB_OUTPUT").splitlines()[0]
    assert (output, (runner.machine.work.parent / output.removeprefix("sarif=")).exists()) == (
        f"sarif={runner.machine.work.name}/trued.sarif", True,
    )  # fmt: skip


def test_the_action_fails_for_an_advisory_and_writes_it_for_code_scanning(runner: Runner) -> None:
    with_advisories(runner.machine, flaw())

    ran = runner.work()

    assert ran.status == 1
    assert "PYSEC-2026-1" in ran.out
    assert "PYSEC-2026-1" in (runner.machine.work / "trued.sarif").read_text()
    assert "PYSEC-2026-1" in runner.read("GITHUB_STEP_SUMMARY")


def test_the_action_fails_for_a_stale_lock(runner: Runner) -> None:
    runner.machine.write(
        "[project]", 'name = "own"', 'version = "1"', 'dependencies = ["left"]', name="pyproject.toml"
    )

    ran = runner.work(install="false", audit="false", policy="false")

    assert ran.status == 1
    assert "trued TRU576" in ran.out


def test_what_is_told_cannot_command_the_runner(runner: Runner) -> None:
    # The summary of an advisory is written by anybody; "::add-path::" on a line of the log would be obeyed.
    with_advisories(runner.machine, flaw(summary="a\n::add-path::/evil\n::warning::b"))

    out = runner.work().out

    inside = False
    for line in out.splitlines():
        inside = inside != bool(re.fullmatch(r"::(stop-commands::)?[0-9a-f]{32}(::)?", line))
        assert inside or not line.lstrip().startswith(("::add-path", "::warning::b"))


def test_no_module_of_the_checkout_is_run_by_the_action(runner: Runner) -> None:
    """The attack: a pull request brings ``trued`` and ``json`` of its own, and ``-m`` looks there first."""
    (runner.machine.work / "trued").mkdir()
    for name in ("trued/__init__.py", "trued/__main__.py", "json.py", "venv.py"):
        runner.machine.write("open('ran', 'w').close()", "raise SystemExit(0)", name=name)

    ran = runner.work(install="false", audit="false", level="strict", lock="absent.toml", lock_options="off")

    assert not (runner.machine.work / "ran").exists()
    assert ran.status == 2


def test_every_python_of_the_action_and_the_job_leaves_the_checkout_alone() -> None:
    files = (
        "action.yml",
        "integrations/github/install.sh",
        "integrations/github/run.py",
        "templates/trued.yml",
    )
    lines = [line for name in files for line in (ROOT / name).read_text().splitlines()]
    calls = [line for line in lines if re.search(r'python3?\}?"? .*(-m|-c|run\.py)\b|"-m", "trued"', line)]

    assert len(calls) >= 6
    assert [line for line in calls if "-I" not in line] == []


def test_a_call_that_was_killed_has_not_passed() -> None:
    run = runpy.run_path(str(ROOT / "integrations" / "github" / "run.py"))
    statuses = [0, -9]

    ended = [run["Ended"](step=run["Step"](title="", arguments=()), status=status) for status in statuses]

    assert run["worst"](ended) == 2


def test_an_input_is_no_part_of_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


def test_what_the_action_uses_is_pinned_by_its_commit() -> None:
    uses = [step["uses"] for step in ACTION["runs"]["steps"] if "uses" in step]

    assert uses
    assert [one for one in uses if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one)] == []


def test_a_default_of_the_action_is_a_text() -> None:
    assert [key for key, one in ACTION["inputs"].items() if not isinstance(one["default"], str)] == []


@pytest.mark.network
@pytest.mark.timeout(300)  # pip fetches and installs fifty wheels
def test_the_action_installs_trued_by_its_own_lock(project: Machine) -> None:
    runner = Runner(project)
    shutil.rmtree(Path(runner.variables["RUNNER_TEMP"]))
    environ = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "HTTP"))}
    environ |= {"PYTHONPATH": "", "PIP_NO_COMPILE": "1", "INPUT_PYTHON": sys.executable}
    runner.variables = {**runner.variables, **environ}

    ran = runner.step("Install trued by its own hashed lock", python=sys.executable)

    assert (ran.status, ran.out.startswith("trued ")) == (0, True), ran.err
    assert runner.read("GITHUB_PATH").strip().endswith("/trued/bin")
    assert runner.work().status == 0


# GitLab


def test_the_gitlab_job_runs_and_leaves_its_report(project: Machine) -> None:
    head, job = yaml.safe_load_all((ROOT / "templates" / "trued.yml").read_text())
    inputs = {name: (one or {}).get("default", "") for name, one in head["spec"]["inputs"].items()}
    (project.work / "bin").mkdir()

    script = "\n".join(job["trued"]["script"])
    for name, value in inputs.items():
        script = script.replace(f"$[[ inputs.{name} ]]", str(value))
    ran = project.shell(f"set -e\n{script}")

    assert ran.status == 0, ran.err
    assert project.installed == {"demo": "1.0", "left": "1.0"}
    report = json.loads((project.work / "gl-dependency-scanning-report.json").read_text())
    assert report["scan"]["type"] == "dependency_scanning"
    assert "$[[" not in script


# Docker


def test_the_lines_of_the_dockerfile_do_what_they_say(project: Machine) -> None:
    runs = [line for line in dockerfile() if line.startswith("RUN ")]
    (install,) = (line for line in runs if "trued sync" in line)
    script = re.sub(r"--mount=\S+ ", "", install.removeprefix("RUN ")).replace("/opt/app", "image/app")

    ran = project.shell(f"set -e\n{script}")

    assert ran.status == 0, ran.err
    assert (project.work / "image" / "app" / "bin" / "python").exists()


def test_the_dockerfile_copies_nothing_into_the_packages_that_changes_with_the_program() -> None:
    lines = dockerfile()
    packages = lines[
        : next(number for number, line in enumerate(lines) if number and line.startswith("FROM"))
    ]

    copied = [line.split()[1:-1] for line in packages if line.startswith("COPY")]
    assert copied == [["trued-release.txt"], ["pylock.toml", "trued.toml"]]


def dockerfile() -> list[str]:
    """The instructions of the example, each on one line."""
    text = (ROOT / "examples" / "docker" / "Dockerfile").read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


# pre-commit


HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: str(hook["id"]))
def test_the_command_of_a_hook_passes_in_a_project_that_is_well(
    project: Machine, hook: dict[str, Any]
) -> None:
    command = [*shlex.split(hook["entry"]), *hook.get("args", [])]

    ran = project.trued(*command[1:])

    assert ran.status == 0, ran.err


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: str(hook["id"]))
def test_a_hook_looks_at_the_lock(hook: dict[str, Any]) -> None:
    assert re.search(hook["files"], "pylock.toml")
    assert re.search(hook["files"], "service/pylock.web.toml")
    assert not re.search(hook["files"], "src/trued.py")


@pytest.mark.network
@pytest.mark.timeout(300)  # pip fetches and installs fifty wheels
def test_pre_commit_itself_runs_the_hooks(project: Machine, tmp_path: Path) -> None:
    source, environ = tmp_path / "hooks", dict(os.environ)
    kept = str(tmp_path / "kept")
    environ |= {"PRE_COMMIT_HOME": kept, "HOME": str(project.home), "PIP_NO_COMPILE": "1"}
    subprocess.run(["git", "clone", "-q", "--no-local", str(ROOT), str(source)], check=True)
    install_newest("pre-commit", tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    commit = git(source, "rev-parse", "HEAD")
    wanted = "".join(f"      - id: {hook['id']}\n" for hook in HOOKS)
    (project.work / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {source}\n    rev: {commit}\n    hooks:\n{wanted}"
    )
    git(project.work, "init", "-q")
    git(project.work, "add", "pylock.toml", "pyproject.toml", "trued.toml")
    hooks = [str(python), "-m", "pre_commit", "install-hooks"]
    subprocess.run(hooks, cwd=project.work, env=environ, check=True, capture_output=True, timeout=110)

    def run() -> Ran:
        command = [str(python), "-m", "pre_commit", "run", "--all-files"]
        done = subprocess.run(
            command, cwd=project.work, env=environ | project.environ, capture_output=True, text=True
        )
        return Ran(status=done.returncode, out=done.stdout, err=done.stderr)

    well = run()
    with_advisories(project, flaw())
    vulnerable = run()

    assert (well.status, well.out.count("Passed")) == (0, 3), well.out
    assert vulnerable.status == 1
    assert re.search(r"trued policy check\.+Passed\ntrued audit\.+Failed", vulnerable.out), vulnerable.out


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


# All of them


def test_every_option_in_the_files_is_one_of_its_command() -> None:
    texts = [path.read_text() for path in (ROOT / "templates").iterdir()]
    texts += ["\n".join(dockerfile()), (ROOT / ".pre-commit-hooks.yaml").read_text()]
    calls = [call for text in texts for call in re.findall(r"trued (\w[\w-]*)((?:(?!&&).)*)", text)]

    known = {name: by_spelling(of_command(name)) for name in {name for name, _ in calls}}
    wrong = [
        (name, word)
        for name, rest in calls
        for word in re.findall(r"(?<=\s)--[\w-]+", rest)
        if known[name] and word not in known[name]
    ]
    assert calls
    assert wrong == []
