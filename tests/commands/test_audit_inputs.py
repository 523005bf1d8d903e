"""What ``trued audit`` takes: environments, locks of several tools, documents, folders, standard input."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.commands.advisories import flaw, malware, with_database
from tests.commands.conftest import Index, Machine, make_wheel


@pytest.fixture
def audited(machine: Machine) -> Machine:
    with_database(machine, flaw())
    return machine


def advisories(out: str) -> list[tuple[str, str]]:
    return [(one["name"], one["version"]) for one in json.loads(out)["advisories"]]


def test_the_environment_is_audited_when_nothing_is_named(audited: Machine, index: Index) -> None:
    app = index.add(make_wheel("app", requires=("demo",)))
    demo = index.add(make_wheel("demo"))
    audited.install(app.line, demo.line)

    done = audited.trued("audit", "-f", "json")

    assert done.status == 1
    assert json.loads(done.out)["advisories"][0]["paths"] == [["app 1.0", "demo 1.0"]]
    assert json.loads(done.out)["packages"][0]["files"][0]["digests"] == {"sha256": app.sha256}


def test_an_environment_is_named_by_its_folder_or_its_interpreter(audited: Machine, index: Index) -> None:
    audited.install(index.add(make_wheel("demo")).line)

    for name in (".venv", ".venv/bin/python"):
        assert advisories(audited.trued("audit", name, "-f", "json").out) == [("demo", "1.0")]


def test_an_environment_with_nothing_in_it_is_not_clean(audited: Machine) -> None:
    assert audited.trued("audit", ".venv").status == 3


def test_a_distribution_that_cannot_be_read_fails_the_audit(audited: Machine, index: Index) -> None:
    """Attack: METADATA is emptied, so that nobody looks the release up."""
    audited.install(index.add(make_wheel("demo")).line)
    (audited.libraries / "demo-1.0.dist-info").rename(audited.libraries / "@.dist-info")
    (audited.libraries / "@.dist-info" / "METADATA").write_text("")

    assert audited.trued("audit", ".venv").status in (2, 3)


def install_by_hand(machine: Machine, name: str, **files: str) -> None:
    """Put a distribution with nothing but metadata into the environment, as another tool might."""
    folder = machine.libraries / f"{name}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    for file, content in files.items():
        (folder / file.replace("__", ".")).write_text(content)


def test_an_editable_installation_is_left_out_only_when_that_is_asked_for_and_is_told(
    audited: Machine,
) -> None:
    install_by_hand(audited, "app")
    stated = {"url": "file:///work/demo", "dir_info": {"editable": True}}
    install_by_hand(audited, "demo", direct_url__json=json.dumps(stated))

    assert audited.trued("audit").status == 1
    done = audited.trued("audit", "--skip-editable")
    strict = audited.trued("audit", "--skip-editable", "--strict")

    assert (done.status, done.codes) == (0, ["TRU815"])
    assert "demo 1.0: not audited" in done.err
    assert strict.status == 2


def test_local_leaves_out_what_the_environment_only_sees_of_the_system(audited: Machine) -> None:
    install_by_hand(audited, "demo")
    settings = audited.work / ".venv" / "pyvenv.cfg"
    settings.write_text(settings.read_text().replace("= false", "= true"))

    local = audited.trued("audit", ".venv", "-l", "-f", "json")
    seen = audited.trued("audit", ".venv", "-f", "json")

    assert [one["name"] for one in json.loads(local.out)["packages"]] == ["demo"]
    assert len(json.loads(seen.out)["packages"]) > 1


def test_a_folder_of_installed_packages(audited: Machine, index: Index) -> None:
    audited.install(index.add(make_wheel("demo")).line)

    done = audited.trued("audit", "--path", str(audited.libraries), "-f", "json")

    assert advisories(done.out) == [("demo", "1.0")]


def test_a_folder_of_wheels_is_known_by_digests(machine: Machine) -> None:
    wheel = make_wheel("renamed")
    with_database(machine, malware("demo", "9.9", sha256=wheel.sha256))
    (machine.work / "wheels").mkdir()
    (machine.work / "wheels" / wheel.filename).write_bytes(wheel.content)

    done = machine.trued("audit", "wheels", "-f", "json")

    assert advisories(done.out) == [("renamed", "1.0")]


def pulled_in(machine: Machine, *arguments: str) -> list[list[list[str]]]:
    """The ways to each affected release."""
    done = machine.trued("audit", *arguments, "-f", "json")
    packages = json.loads(done.out)["packages"]
    return [one["paths"] for one in packages if one["paths"]]


@pytest.mark.parametrize("style", ["split", "line"])
@pytest.mark.parametrize("hashes", [("--generate-hashes",), ()], ids=["hashed", "plain"])
def test_who_pulls_a_release_in_is_read_from_the_comments_of_uv(
    machine: Machine, style: str, hashes: tuple[str, ...]
) -> None:
    for one in (
        make_wheel("demo"),
        make_wheel("middle", requires=("demo",)),
        make_wheel("app", requires=("middle",)),
    ):
        (machine.work / one.filename).write_bytes(one.content)
    machine.write("app", name="requirements.in")
    command = [sys.executable, "-m", "uv", "pip", "compile", "requirements.in", "-o", "requirements.txt"]
    own = ["--annotation-style", style, "--no-index", "--find-links", ".", "--no-cache", *hashes]
    subprocess.run([*command, *own], cwd=machine.work, env=machine.environ, check=True, capture_output=True)
    with_database(machine, flaw(), flaw("PYSEC-2026-2", "app"))

    assert pulled_in(machine, "-r", "requirements.txt") == [
        [["app 1.0"]],
        [["app 1.0", "middle 1.0", "demo 1.0"]],
    ]


def test_who_pulls_a_release_in_is_read_from_what_trued_writes(machine: Machine, index: Index) -> None:
    index.add(make_wheel("demo"))
    index.add(make_wheel("app", requires=("demo",)))
    machine.write(
        "[project]", 'name = "own"', 'version = "1"', 'dependencies = ["app"]', name="pyproject.toml"
    )
    assert machine.trued("lock", "--format", "requirements", "-o", "requirements.txt").status == 0
    with_database(machine, flaw(), flaw("PYSEC-2026-2", "app"))

    assert pulled_in(machine, "requirements.txt") == [[["app 1.0"]], [["app 1.0", "demo 1.0"]]]


def test_a_pin_without_a_comment_is_asked_for_itself_and_what_it_needs_is_told(machine: Machine) -> None:
    machine.write("app==1.0", "demo==1.0", "    # via app")
    with_database(machine, flaw())

    done = machine.trued("audit", "-r", "requirements.txt")

    assert done.out.split()[-3:] == ["app", "1.0", "requirements.txt:2"]


def test_a_circle_in_the_comments_ends(machine: Machine) -> None:
    machine.write("app==1.0", "    # via demo", "demo==1.0", "    # via app")
    with_database(machine, flaw())

    assert pulled_in(machine, "-r", "requirements.txt") == [[["demo 1.0"]]]


NO_DIGEST = "0" * 64
PYLOCK = f"""
lock-version = "1.0"
created-by = "test"
[[packages]]
name = "demo"
version = "1.0"
[[packages.wheels]]
name = "demo-1.0-py3-none-any.whl"
url = "https://files.example.org/demo-1.0-py3-none-any.whl"
hashes = {{sha256 = "{NO_DIGEST}"}}
"""
UV_LOCK = f"""
version = 1
revision = 3
requires-python = ">=3.11"
[[package]]
name = "app"
version = "0.1"
source = {{ editable = "." }}
dependencies = [{{ name = "demo" }}]
[[package]]
name = "demo"
version = "1.0"
source = {{ registry = "https://example.org/simple" }}
wheels = [
  {{ url = "https://files.example.org/demo-1.0-py3-none-any.whl", hash = "sha256:{NO_DIGEST}", size = 1 }}
]
"""
POETRY_LOCK = f"""
[[package]]
name = "demo"
version = "1.0"
description = ""
optional = false
python-versions = "*"
groups = ["main"]
files = [{{file = "demo-1.0-py3-none-any.whl", hash = "sha256:{NO_DIGEST}"}}]
[metadata]
lock-version = "2.1"
python-versions = ">=3.11"
content-hash = "{NO_DIGEST}"
"""
CYCLONEDX = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "components": [
        {"type": "library", "bom-ref": "a", "name": "app", "version": "2", "purl": "pkg:pypi/app@2"},
        {"type": "library", "bom-ref": "d", "name": "demo", "version": "1.0", "purl": "pkg:pypi/demo@1.0"},
        {"type": "library", "bom-ref": "n", "name": "left-pad", "purl": "pkg:npm/left-pad@1"},
    ],
    "dependencies": [{"ref": "a", "dependsOn": ["d"]}],
}
SPDX = {
    "spdxVersion": "SPDX-2.3",
    "packages": [
        {"SPDXID": "SPDXRef-d", "name": "demo", "versionInfo": "1.0", "externalRefs": [
            {"referenceType": "purl", "referenceLocator": "pkg:pypi/demo@1.0"}]},
    ],
}  # fmt: skip
SPDX3 = {
    "@graph": [
        {
            "type": "software_Package",
            "spdxId": "x",
            "name": "demo",
            "software_packageUrl": "pkg:pypi/demo@1.0",
        }
    ]
}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pylock.toml", PYLOCK),
        ("uv.lock", UV_LOCK),
        ("poetry.lock", POETRY_LOCK),
        ("bom.json", json.dumps(CYCLONEDX)),
        ("bom.spdx.json", json.dumps(SPDX)),
        ("bom.json", json.dumps(SPDX3)),
    ],
)
def test_locks_and_documents(audited: Machine, name: str, text: str) -> None:
    audited.write(text, name=name)

    done = audited.trued("audit", name, "-f", "json")

    assert done.status == 1, done.err
    assert advisories(done.out) == [("demo", "1.0")]


@pytest.mark.parametrize("text", ["demo==1.0\n", PYLOCK, json.dumps(CYCLONEDX)])
def test_standard_input_is_told_apart_by_its_content(audited: Machine, text: str) -> None:
    done = audited.trued("audit", "-", "-f", "json", stdin=text)

    assert advisories(done.out) == [("demo", "1.0")]
    assert json.loads(done.out)["advisories"][0]["places"][0]["file"] == "-"


def test_components_of_other_kinds_are_listed_as_skipped(audited: Machine) -> None:
    audited.write(json.dumps(CYCLONEDX), name="bom.json")

    done = audited.trued("audit", "bom.json", "-f", "json")

    assert [one["name"] for one in json.loads(done.out)["skipped"]] == ["left-pad"]
    assert json.loads(done.out)["advisories"][0]["paths"] == [["app 2", "demo 1.0"]]


@pytest.mark.parametrize(
    "text",
    ['{"bomFormat": "CycloneDX", "comp', "[]", '{"x": 1}', '{"bomFormat": "CycloneDX", "components": 1}'],
)
def test_a_document_that_is_cut_off_or_foreign_is_an_error(audited: Machine, text: str) -> None:
    audited.write(text, name="bom.json")

    done = audited.trued("audit", "bom.json")

    assert (done.status, done.codes) == (2, ["TRU816"])


def test_a_project_folder_is_its_lock(audited: Machine) -> None:
    (audited.work / "project").mkdir()
    (audited.work / "project" / "pylock.toml").write_text(PYLOCK)

    assert audited.trued("audit", "project").status == 1


def test_with_locked_the_project_of_the_working_folder_is_meant(audited: Machine) -> None:
    """And not the environment, of which it would say nothing."""
    (audited.work / "pylock.toml").write_text(PYLOCK)

    done = audited.trued("audit", "--locked", "-f", "json")

    assert advisories(done.out) == [("demo", "1.0")]
    assert json.loads(done.out)["inputs"] == ["pylock.toml"]


def test_with_locked_every_lock_of_the_folder_is_audited(audited: Machine) -> None:
    (audited.work / "pylock.toml").write_text(PYLOCK.replace("demo", "other"))
    (audited.work / "pylock.dev.toml").write_text(PYLOCK)

    assert audited.trued("audit", ".").status == 0
    done = audited.trued("audit", ".", "--locked", "-f", "json")

    assert advisories(done.out) == [("demo", "1.0")]
    assert json.loads(done.out)["inputs"] == ["pylock.dev.toml", "pylock.toml"]


def test_a_project_folder_without_a_lock_is_refused_with_locked(audited: Machine) -> None:
    (audited.work / "project").mkdir()

    done = audited.trued("audit", "project", "--locked")

    assert (done.status, done.codes) == (2, ["TRU817"])


def test_everything_that_is_wrong_with_the_input_is_told_at_once(audited: Machine) -> None:
    done = audited.trued("audit", "none.txt", "neither.json")

    assert done.status == 2
    assert done.err.count("TRU817") >= 2


def test_the_project_that_a_lock_is_of_is_none_of_its_dependencies(machine: Machine) -> None:
    with_database(machine, flaw("PYSEC-2026-7", "other"))
    machine.write(UV_LOCK, name="uv.lock")

    done = machine.trued("audit", "uv.lock", "--strict", "-f", "json")

    assert done.status == 0
    assert json.loads(done.out)["skipped"] == []
