"""``trued install`` from the outside: what goes in, what is refused, and that a refusal changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.commands.conftest import Machine, make_wheel

EVIL_PTH = {"demo/__init__.py": b"", "demo.pth": b"import os; os.system('true')\n"}


@pytest.mark.usefixtures("python_started")
def test_a_hashed_requirement_is_installed_and_imports(machine: Machine) -> None:
    wheel = machine.index.add(
        make_wheel("demo", entry_points="[console_scripts]\ndemo = demo:version.upper\n")
    )

    ran = machine.install(wheel.line)

    assert ran.status == 0
    assert machine.installed == {"demo": "1.0"}
    python = machine.work / ".venv" / "bin" / "python"
    assert (
        subprocess.run([python, "-c", "import demo; print(demo.version)"], capture_output=True).stdout
        == b"1.0\n"
    )


def test_the_receipt_says_where_the_file_came_from_and_what_proved_it(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.install(wheel.line)

    shown = machine.trued("show", "demo").out

    assert f"sha256: {wheel.sha256}" in shown
    assert f"Proof: pin by requirements.txt:1: sha256:{wheel.sha256}" in shown
    assert machine.index.server.url(f"/files/{wheel.filename}") in shown


@pytest.mark.usefixtures("python_started")
def test_every_problem_of_the_input_is_told_in_one_run_with_its_line(machine: Machine) -> None:
    ran = machine.install(
        "demo==1.0 --hash=sha256:12", "other==2.0\t--hash=md5:x", "--hash=sha256:00", "--bogus"
    )

    assert ran.status == 2
    assert [f"requirements.txt:{line}" in ran.err for line in (1, 2, 3, 4)] == [True] * 4
    assert machine.installed == {}


def test_a_file_that_is_not_in_the_list_is_told_as_that(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))

    ran = machine.install(f"demo==1.0 --hash=sha256:{'0' * 64}")

    assert (ran.status, ran.codes) == (1, ["TRU551"])
    assert machine.index.server.count("/files/demo-1.0-py3-none-any.whl") == 0


def test_bytes_other_than_the_index_and_the_user_say_are_told_as_changed(machine: Machine) -> None:
    # Attack: the mirror serves another file under the right name and the right stated digest.
    asked = make_wheel("demo")
    machine.index.add(
        make_wheel("demo", files={"demo/__init__.py": b"evil"}), hashes={"sha256": asked.sha256}
    )

    ran = machine.install(asked.line)

    assert (ran.status, ran.codes) == (1, ["TRU191"])
    assert machine.installed == {}


def test_an_index_whose_own_digest_is_wrong_is_refused_even_for_the_right_file(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"), hashes={"md5": "0" * 32})

    ran = machine.install(wheel.line)

    assert (ran.status, ran.codes) == (1, ["TRU192"])


def test_all_files_without_digest_are_refused_together_with_lines_to_paste(machine: Machine) -> None:
    one, two = machine.index.add(make_wheel("one")), machine.index.add(make_wheel("two"))
    machine.index.add(make_wheel("two", tag="cp38-abi3-win_amd64"))

    ran = machine.install("one==1.0", "two==1.0")

    assert (ran.status, ran.codes) == (1, ["TRU561", "TRU781"])
    assert f"--hash=sha256:{one.sha256}" in ran.err
    assert ran.err.count("--hash=sha256:") == 3
    assert f"--hash=sha256:{two.sha256}" in ran.err
    assert machine.installed == {}


@pytest.mark.usefixtures("python_started")
def test_fix_writes_the_missing_lines_and_the_next_run_installs(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    first = machine.install("# keep me", "demo==1.0  # and me", options=("--fix",))
    text = (machine.work / "requirements.txt").read_text()

    second = machine.trued("install", "-r", "requirements.txt")

    assert (first.status, second.status) == (1, 0)
    assert f"+    --hash=sha256:{wheel.sha256}" in first.out
    assert "--fix wrote these lines" in first.err
    assert (
        "trued install -r requirements.txt    (once you looked at the lines that were written)" in first.err
    )
    assert "# keep me" in text
    assert "# and me" in text


def test_the_permissive_level_installs_like_pip_and_warns(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))

    ran = machine.install("demo==1.0", options=("--level", "permissive"))

    assert (ran.status, ran.codes) == (0, ["TRU561"])
    assert machine.installed == {"demo": "1.0"}


def test_trust_on_first_use_installs_and_notes_it_in_the_receipt(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))

    ran = machine.install("demo==1.0", options=("--trust-on-first-use",))

    assert ran.status == 0
    assert "Proof: first-use" in machine.trued("show", "demo").out


def test_unlisted_dependencies_are_all_told_and_nothing_is_installed(machine: Machine) -> None:
    wheel = machine.index.add(
        make_wheel("demo", requires=("left>=1", 'right; sys_platform != "none"', "no; extra == 'x'"))
    )

    ran = machine.install(wheel.line)

    assert (ran.status, ran.codes) == (1, ["TRU180"])
    assert "left" in ran.err
    assert "right" in ran.err
    assert machine.installed == {}


def test_without_dependencies_they_are_not_asked_for(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo", requires=("left>=1",)))

    assert machine.install(wheel.line, options=("--no-deps",)).status == 0


def test_a_wheel_that_does_not_match_its_record_is_refused(machine: Machine) -> None:
    # Attack: pip 26.3 and uv 0.13.8 install this without a word.
    record = b"demo/__init__.py,sha256=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA,14\n"
    record += b"demo-1.0.dist-info/METADATA,,\ndemo-1.0.dist-info/WHEEL,,\ndemo-1.0.dist-info/RECORD,,\n"
    wheel = machine.index.add(make_wheel("demo", record=record))

    ran = machine.install(wheel.line)

    assert ran.status == 1
    assert machine.installed == {}
    assert not list(machine.store.glob("wheels/*/*"))


def test_a_startup_hook_is_refused_unless_the_project_is_allowed(machine: Machine) -> None:
    # Attack: litellm 1.82.8 ran at every start of the interpreter.
    wheel = machine.index.add(make_wheel("demo", files=EVIL_PTH))

    refused = machine.install(wheel.line)
    allowed = machine.install(wheel.line, options=("--allow-startup-hooks", "demo"))

    again = machine.install(wheel.line, options=("--allow-startup-hooks", "demo", "--force-reinstall"))

    assert (refused.status, refused.codes) == (1, ["TRU280"])
    assert (allowed.status, allowed.codes) == (0, ["TRU281"])
    assert (again.status, again.codes) == (0, ["TRU281"])


def test_another_installed_file_of_the_same_version_is_replaced_and_said(machine: Machine) -> None:
    first = machine.index.add(make_wheel("demo"))
    machine.install(first.line)
    second = make_wheel("demo", files={"demo/__init__.py": b"other\n"})
    machine.index.pages.clear()
    machine.index.add(second)

    ran = machine.install(second.line, options=("--refresh",))

    assert ran.status == 0
    assert "replaced 1.0: it was installed from another file" in ran.err
    assert (machine.libraries / "demo" / "__init__.py").read_bytes() == b"other\n"


def test_what_is_installed_from_the_very_file_stays(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.install(wheel.line)
    before = machine.snapshot()

    ran = machine.install(wheel.line)

    assert ran.status == 0
    assert "1 distribution there already" in ran.err
    assert machine.snapshot() == before


def test_a_refused_file_leaves_the_others_uninstalled_too(machine: Machine) -> None:
    good = machine.index.add(make_wheel("good"))
    machine.index.add(make_wheel("demo"))
    before = machine.snapshot()

    ran = machine.install(good.line, f"demo==1.0 --hash=sha256:{'0' * 64}")

    assert ran.status == 1
    assert machine.snapshot() == before


@pytest.mark.usefixtures("python_started")
def test_a_dry_run_proves_everything_and_changes_nothing(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    before = machine.snapshot()

    ran = machine.install(wheel.line, options=("--dry-run",))

    assert ran.status == 0
    assert "would install 1 distribution" in ran.err
    assert machine.snapshot() == before


@pytest.mark.usefixtures("python_started")
def test_json_gives_plan_evidence_and_result(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))

    document = machine.install(wheel.line, options=("--json",)).document

    assert document["ok"] is True
    assert document["plan"][0]["sha256"] == wheel.sha256  # type: ignore[index] # a JSON document
    assert document["verdicts"][0]["evidence"][0]["kind"] == "pin"  # type: ignore[index] # a JSON document


def test_json_gives_the_findings_of_a_refusal(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))

    ran = machine.install(f"demo==1.0 --hash=sha256:{'0' * 64}", options=("--json",))

    assert ran.status == 1
    assert [finding["code"] for finding in ran.document["findings"]] == ["TRU551"]  # type: ignore[attr-defined]


def test_pips_report_lists_what_was_proven(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))

    ran = machine.install(wheel.line, options=("--dry-run", "--report", "-", "-q"))

    item = ran.document["install"][0]  # type: ignore[index] # a JSON document
    assert item["download_info"]["archive_info"]["hashes"] == {"sha256": wheel.sha256}
    assert item["metadata"]["name"] == "demo"


def test_a_direct_url_is_proven_by_its_fragment_and_recorded(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    url = machine.index.server.url(f"/files/{wheel.filename}")

    ran = machine.install(f"demo @ {url}#sha256={wheel.sha256}")

    assert ran.status == 0
    record = (machine.libraries / "demo-1.0.dist-info" / "direct_url.json").read_text()
    assert wheel.sha256 in record


def test_a_fragment_and_a_hash_must_both_hold(machine: Machine) -> None:
    # Hole: pip takes either, and records the fragment that nobody compared.
    wheel = machine.index.add(make_wheel("demo"))
    url = machine.index.server.url(f"/files/{wheel.filename}")

    ran = machine.install(f"demo @ {url}#sha256={'0' * 64} --hash=sha256:{wheel.sha256}")

    assert ran.status != 0
    assert machine.installed == {}


def test_a_local_file_needs_its_digest(machine: Machine) -> None:
    wheel = make_wheel("demo")
    (machine.work / wheel.filename).write_bytes(wheel.content)

    without = machine.install(f"./{wheel.filename}")
    proven = machine.install(f"./{wheel.filename} --hash=sha256:{wheel.sha256}")

    assert (without.status, without.codes) == (1, ["TRU561", "TRU781"])
    assert proven.status == 0


def test_find_links_serve_without_an_index(machine: Machine) -> None:
    wheel = make_wheel("demo")
    folder = machine.work / "wheels"
    folder.mkdir()
    (folder / wheel.filename).write_bytes(wheel.content)

    ran = machine.install("--no-index", "--find-links wheels", wheel.line)

    assert ran.status == 0
    assert machine.index.server.asked == []


def test_a_constraint_brings_the_missing_digest(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.write(wheel.line, name="constraints.txt")

    ran = machine.install("demo", options=("-c", "constraints.txt"))

    assert ran.status == 0


def test_an_unpinned_requirement_with_a_hash_takes_that_file_and_no_newer_one(machine: Machine) -> None:
    # Hole: uv 0.13.8 installs 2.0 here and ignores the hash.
    old = machine.index.add(make_wheel("demo"))
    machine.index.add(make_wheel("demo", "2.0"))

    ran = machine.install(f"demo>=1.0 --hash=sha256:{old.sha256}")

    assert ran.status == 0
    assert machine.installed == {"demo": "1.0"}


def test_a_listed_file_is_taken_although_a_better_one_fits(machine: Machine) -> None:
    # Hole: pip downloads the better one and calls it tampered with.
    plain = machine.index.add(make_wheel("demo"))
    major, minor = sys.version_info[:2]
    machine.index.add(make_wheel("demo", tag=f"cp{major}{minor}-none-any"))

    assert machine.install(plain.line).status == 0


def test_a_yanked_file_is_installed_when_pinned_and_told(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"), yanked="broken on Mondays")

    ran = machine.install(wheel.line)

    assert (ran.status, ran.codes) == (0, ["TRU349"])
    assert "broken on Mondays" in ran.err


def test_a_quarantined_project_is_refused(machine: Machine) -> None:
    machine.index.status["demo"] = {"status": "quarantined", "reason": "malware"}
    wheel = machine.index.add(make_wheel("demo"))

    ran = machine.install(wheel.line)

    assert (ran.status, ran.codes) == (1, ["TRU348"])


def test_files_uploaded_too_late_or_at_an_unknown_time_are_left_out(machine: Machine) -> None:
    late = machine.index.add(make_wheel("late"), upload_time="2026-06-01T00:00:00Z")
    unknown = machine.index.add(make_wheel("unknown"))
    early = machine.index.add(make_wheel("early"), upload_time="2025-06-01T00:00:00Z")

    refused = machine.install(late.line, unknown.line, options=("--uploaded-prior-to", "2026-01-01"))
    admitted = machine.install(early.line, options=("--uploaded-prior-to", "2026-01-01"))

    assert refused.status == 1
    assert "TRU558" in refused.codes
    assert admitted.status == 0


@pytest.mark.usefixtures("python_started")
def test_offline_says_so_at_once_and_installs_what_the_store_has(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))

    first = machine.install(wheel.line, options=("--offline",))
    machine.install(wheel.line, options=("--target", "elsewhere"))
    second = machine.install(wheel.line, options=("--offline",))

    assert first.status == 2
    assert second.status == 0


def test_a_dependency_that_is_installed_already_need_not_be_listed(machine: Machine) -> None:
    left = machine.index.add(make_wheel("left"))
    demo = machine.index.add(make_wheel("demo", requires=("left>=1",)))
    machine.install(left.line)

    assert machine.install(demo.line).status == 0


def test_two_distributions_that_own_one_path_are_refused(machine: Machine) -> None:
    one = machine.index.add(make_wheel("one", files={"shared.py": b"1\n"}))
    two = machine.index.add(make_wheel("two", files={"shared.py": b"2\n"}))

    ran = machine.install(one.line, two.line)

    assert ran.status == 1
    assert machine.installed == {}


def test_a_file_of_another_distribution_is_not_overwritten(machine: Machine) -> None:
    one = machine.index.add(make_wheel("one", files={"shared.py": b"1\n"}))
    two = machine.index.add(make_wheel("two", files={"shared.py": b"2\n"}))
    machine.install(one.line)

    ran = machine.install(two.line)

    assert ran.status == 1
    assert "one" in ran.err
    assert (machine.libraries / "shared.py").read_bytes() == b"1\n"


@pytest.mark.usefixtures("python_started")
def test_an_edited_file_of_the_store_is_not_installed(machine: Machine) -> None:
    # Attack: an import that writes into its own installed file changes the cache under uv.
    wheel = machine.index.add(make_wheel("demo"))
    machine.install(wheel.line)
    edited = machine.libraries / "demo" / "__init__.py"
    edited.chmod(0o644)
    edited.write_bytes(b"evil = True\n"[:14].ljust(16, b"\n"))

    ran = machine.install(wheel.line, options=("--target", "elsewhere"))

    assert ran.status == 0
    assert (machine.work / "elsewhere" / "demo" / "__init__.py").read_bytes() == b"version = '1.0'\n"


def test_two_runs_at_once_on_one_environment_both_succeed(machine: Machine) -> None:
    wheels = [machine.index.add(make_wheel(f"demo{number}")) for number in range(4)]
    machine.write(*(wheel.line for wheel in wheels))
    command = [sys.executable, "-m", "trued", "install", "-r", "requirements.txt"]

    runs = [
        subprocess.Popen(
            command, cwd=machine.work, env=machine.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        for _ in range(3)
    ]
    outputs = [run.communicate(timeout=60)[0] for run in runs]

    assert [run.returncode for run in runs] == [0, 0, 0], outputs
    assert len(machine.installed) == 4


@pytest.mark.usefixtures("python_started")
def test_the_warm_road_imports_nothing_heavy_and_opens_no_connection(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.install(wheel.line, options=("--target", "first"))
    asked = len(machine.index.server.asked)
    program = (
        "import sys; from trued.__main__ import main\n"
        "sys.argv[1:] = ['install', '-q', '-r', 'requirements.txt', '--target', 'second']\n"
        "status = main(); print(*sorted(sys.modules)); sys.exit(status)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=machine.work, env=machine.environ, capture_output=True, text=True
    )

    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert done.returncode == 0
    assert (machine.work / "second" / "demo").is_dir()
    assert not loaded & {
        "packaging",
        "urllib3",
        "pycurl",
        "rich",
        "json",
        "tomllib",
        "dataclasses",
        "socket",
        "ssl",
    }
    assert len(machine.index.server.asked) == asked


def test_an_environment_of_the_system_is_left_alone(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.write(wheel.line)

    ran = machine.trued("install", "-r", "requirements.txt", "--venv", "new")

    assert ran.status == 0
    assert (machine.work / "new" / "pyvenv.cfg").is_file()
    assert machine.installed == {}


def test_credentials_of_an_index_never_reach_the_terminal_or_a_receipt(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    secret = machine.index.url.replace("127.0.0.1", "joe:hunter2@127.0.0.1")

    ran = machine.install(wheel.line, options=("--index-url", secret, "-vv"))

    assert ran.status == 0
    assert "hunter2" not in ran.err + ran.out
    assert not any(b"hunter2" in content for content in machine.snapshot().values())


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to give files away")
def test_a_folder_that_may_not_be_written_is_told(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.write(wheel.line)

    ran = machine.trued("install", "-r", "requirements.txt", "--target", "/proc/self/fd/nowhere")

    assert ran.status == 2
    assert "Traceback" not in ran.err
