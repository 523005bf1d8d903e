"""Attacks on a run of trued by its surroundings: settings, secrets, files in the way, signals, full disks."""

from __future__ import annotations

import json
import marshal
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.commands.conftest import JSON, Machine, make_wheel
from tests.index.server import Asked, Reply

ZEROS = "0" * 64
SECRET = "hunter2"
CATCHES_INTERRUPTS = """
import signal
from trued.__main__ import launch
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored below nohup
launch()
"""


def secret_url(machine: Machine) -> str:
    return machine.index.url.replace("127.0.0.1", f"joe:{SECRET}@127.0.0.1")


def kept(*folders: Path) -> bytes:
    """Return every byte of every file below *folders*."""
    return b"".join(path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file())


# Settings that loosen


def test_a_projects_file_cannot_loosen(machine: Machine) -> None:
    # Attack: a repository brings a trued.toml that lets its own files through.
    machine.index.add(make_wheel("demo"))
    (machine.work / "trued.toml").write_text('level = "permissive"\ntrust-on-first-use = true\n')

    ran = machine.install("demo==1.0")

    assert (ran.status != 0, machine.installed) == (True, {})


def test_no_dependencies_from_the_environment_does_not_hide_missing_proof(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))
    machine.write("demo==1.0")

    ran = machine.trued("install", "-r", "requirements.txt", PIP_NO_DEPS="1", PIP_NO_REQUIRE_HASHES="1")

    assert (ran.status, machine.installed) == (1, {})


def test_a_wheel_for_another_platform_is_not_remembered_for_this_one(machine: Machine) -> None:
    # Attack: the memo of a run for another platform answers a run for this one.
    wheel = machine.index.add(make_wheel("demo", tag="cp38-abi3-win_amd64"))
    foreign = ("--platform", "win_amd64", "--only-binary", ":all:", "--target", "windows")
    first = machine.install(wheel.line, options=foreign)
    assert first.status == 0, first.err

    ran = machine.install(wheel.line, options=("--target", "here"))

    assert (ran.status, (machine.work / "here").exists()) == (1, False)


# Secrets


@pytest.mark.parametrize("options", [(), ("--json",), ("-vv",), ("--log", "run.log", "-vv")])
def test_a_secret_shows_nowhere_when_the_index_refuses(machine: Machine, options: tuple[str, ...]) -> None:
    machine.index.server.routes["/simple/demo/"] = Reply(status=403, body=b"no")
    machine.write(f"demo==1.0 --hash=sha256:{ZEROS}")

    ran = machine.trued(
        "install", "-r", "requirements.txt", "--index-url", secret_url(machine), "--retries", "0", *options
    )

    assert ran.status != 0
    assert SECRET not in ran.out + ran.err
    assert SECRET.encode() not in kept(machine.home, machine.work)


def test_a_secret_of_a_direct_url_is_kept_out_of_receipts_caches_and_reports(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    address = machine.index.server.url(f"/files/{wheel.filename}")
    address = address.replace("127.0.0.1", f"joe:{SECRET}@127.0.0.1")
    machine.write(f"demo @ {address}#sha256={wheel.sha256}")

    ran = machine.trued("install", "-r", "requirements.txt", "--json", "--report", "report.json")
    (machine.work / "requirements.txt").unlink()
    bare = machine.trued("install", f"demo @ {address}", "--force-reinstall", "-vv")

    assert ran.status == 0
    assert bare.status == 1
    assert SECRET not in ran.out + ran.err + bare.out + bare.err
    assert SECRET.encode() not in kept(machine.home, machine.work)


def test_a_secret_of_a_remote_requirements_file_is_kept_out_of_receipts(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.index.server.routes["/req.txt"] = Reply(body=f"{wheel.line}\n".encode())
    address = machine.index.server.url("/req.txt").replace("127.0.0.1", f"joe:{SECRET}@127.0.0.1")

    runs = [machine.trued("install", "-r", url, "--json", "-vv") for url in (address, f"{address}.not")]

    assert [ran.status for ran in runs] == [0, 2]
    assert not any(SECRET in ran.out + ran.err for ran in runs)
    assert SECRET.encode() not in kept(machine.home, machine.work)


@pytest.mark.parametrize(
    "line", ["-i {} --bogus", "demo @ {}demo-1.0.whl --hash=sha256:12", "-e {}", "-c {}", "{}"]
)
def test_a_secret_in_a_line_that_is_wrong_is_not_repeated(machine: Machine, line: str) -> None:
    ran = machine.install(line.format(secret_url(machine)), options=("--retries", "0", "--debug"))

    assert ran.status != 0
    assert SECRET not in ran.out + ran.err


@pytest.mark.parametrize("option", ["--proxy", "--index-url", "--find-links"])
@pytest.mark.parametrize("host", ["127.0.0.1:1", "[bad", "127.0.0.1:99999"])
def test_a_secret_in_an_option_that_is_wrong_is_not_repeated(
    machine: Machine, option: str, host: str
) -> None:
    address = f"http://joe:{SECRET}@{host}/x"

    ran = machine.install(
        f"demo==1.0 --hash=sha256:{ZEROS}", options=(option, address, "--retries", "0", "-vv")
    )

    assert ran.status != 0
    assert SECRET not in ran.out + ran.err
    assert "TRU999" not in ran.codes


@pytest.mark.usefixtures("python_started")
def test_a_secret_in_the_settings_is_not_listed(machine: Machine) -> None:
    runs = [
        machine.trued(
            "config", word, *options, TRUED_INDEX_URL=secret_url(machine), TRUED_PROXY=secret_url(machine)
        )
        for word, options in (("list", ()), ("debug", ()), ("list", ("--json",)), ("debug", ("--json",)))
    ]

    assert not any(SECRET in ran.out + ran.err for ran in runs)


# JSON


@pytest.mark.parametrize(
    "words",
    [
        ("install", "-r", "missing.txt"),
        ("install", "--no-such-option"),
        ("install",),
        ("install", "-r", "requirements.txt", "--cache-dir", "/proc/nowhere"),
        ("install", "-r", "requirements.txt", "--target", "/proc/nowhere"),
        ("install", "-r", "requirements.txt", "--cert", "missing.pem"),
        ("install", "-r", "requirements.txt", "--log", "/proc/nowhere/log"),
        ("install", "-r", "requirements.txt", "--report", "/proc/nowhere/report"),
        ("install", "-r", "requirements.txt", "--report", "-"),
        ("install", "-r", "requirements.txt", "--python", "/bin/false"),
        ("download", "-r", "requirements.txt", "-d", "/proc/nowhere"),
        ("uninstall", "demo"),
        ("show", "demo"),
        ("hash", "missing"),
        ("cache", "info"),
        ("cache", "verify"),
        ("explain", "TRU101"),
        ("explain", "TRU000"),
    ],
)
def test_json_is_one_document_on_stdout_whatever_happens(machine: Machine, words: tuple[str, ...]) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.write(wheel.line)

    ran = machine.trued(*words, "--json")

    assert json.loads(ran.out) is not None
    assert "Traceback" not in ran.err
    assert "TRU999" not in ran.out + ran.err


def test_json_tells_an_interruption_too(machine: Machine) -> None:
    asked = threading.Event()

    def stalled(_: Asked) -> Reply:
        asked.set()
        return Reply(body=b"{", headers=JSON, announced=1000, stalls=True)

    machine.index.server.routes["/simple/demo/"] = stalled
    machine.write(f"demo==1.0 --hash=sha256:{ZEROS}")
    command = [sys.executable, "-c", CATCHES_INTERRUPTS, "install", "-r", "requirements.txt", "--json"]
    run = subprocess.Popen(command, cwd=machine.work, env=machine.environ, stdout=subprocess.PIPE, text=True)
    assert asked.wait(20)
    run.send_signal(signal.SIGINT)
    out, _ = run.communicate(timeout=30)

    assert (run.returncode, json.loads(out)["exit_status"]) == (130, 130)


# Files in the way


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to give files away")
def test_the_cache_of_another_user_is_not_linked_from(machine: Machine) -> None:
    # Attack: under sudo the files of root's environment would stay the user's, to be changed at any time.
    wheel = machine.index.add(make_wheel("demo"))
    machine.install(wheel.line, options=("--target", "elsewhere"))
    for path in (machine.home / ".cache", *(machine.home / ".cache").rglob("*")):
        os.chown(path, 12345, -1)

    ran = machine.install(wheel.line)

    assert (ran.status, ran.codes) == (0, ["TRU405"])
    assert (machine.libraries / "demo" / "__init__.py").stat().st_uid == os.geteuid()


def test_a_report_that_cannot_be_written_is_told_before_anything_changes(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))

    ran = machine.install(wheel.line, options=("--report", "missing/report.json"))

    assert (ran.status, machine.installed) == (2, {})
    assert "TRU999" not in ran.codes


def test_links_in_a_target_lead_nothing_out_of_it(machine: Machine) -> None:
    # Attack: a folder of the target is a link to a folder that somebody else trusts.
    wheel = machine.index.add(make_wheel("demo", entry_points="[console_scripts]\ndemo = demo:version\n"))
    outside = machine.work / "outside"
    for name in ("demo", "bin", "demo-1.0.dist-info"):
        (outside / name).mkdir(parents=True)
        (machine.work / name).mkdir()
        (machine.work / name / name).symlink_to(outside / name)

    runs = [
        machine.install(wheel.line, options=("--target", name))
        for name in ("demo", "bin", "demo-1.0.dist-info")
    ]

    assert [ran.status for ran in runs] == [1, 1, 1], [ran.err for ran in runs]
    assert not kept(outside)


def test_a_link_where_the_journal_stands_deletes_nothing(machine: Machine) -> None:
    # Attack: the next run cleans up through the link.
    wheel = machine.index.add(make_wheel("demo"))
    outside = machine.work / "outside"
    outside.mkdir()
    (outside / "precious").write_text("mine")
    (machine.libraries / ".trued-journal").symlink_to(outside)

    machine.install(wheel.line)

    assert (outside / "precious").read_text() == "mine"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        marshal.dumps((1, (("purelib", "../../../../precious", ""),), (), ())),
        marshal.dumps((1, (), (("data", "../precious"),), ())),
        marshal.dumps((1, (), (), (("data", 5),))),
    ],
)
def test_a_journal_that_names_files_outside_deletes_nothing(machine: Machine, content: bytes) -> None:
    # Attack: an environment is handed over with the journal of a transaction that never was.
    (machine.work / "precious").write_text("mine")
    folder = machine.libraries / ".trued-journal"
    folder.mkdir()
    (folder / "journal").write_bytes(content)

    ran = machine.install(f"demo==1.0 --hash=sha256:{ZEROS}")

    assert (ran.status, ran.codes) == (2, ["TRU523"])
    assert (machine.work / "precious").read_text() == "mine"


def test_a_named_pipe_as_requirements_file_does_not_hang_the_end(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    pipe = machine.work / "pipe"
    os.mkfifo(pipe)
    writer = subprocess.Popen(["sh", "-c", f"echo '{wheel.line}' > {pipe}"])
    try:
        ran = machine.trued("install", "-r", "pipe")
    finally:
        writer.kill()
        writer.wait()

    assert (ran.status, machine.installed) == (0, {"demo": "1.0"})


@pytest.mark.parametrize("name", ["mein zu Hause", "дом\u200b", "a'b\"c$HOME"])
@pytest.mark.usefixtures("python_started")
def test_homes_of_any_name_serve(machine: Machine, name: str) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    home = machine.home / name
    home.mkdir()
    machine.write(wheel.line)

    runs = [
        machine.trued("install", "-r", "requirements.txt", "-t", folder, HOME=str(home)) for folder in "ab"
    ]

    assert [ran.status for ran in runs] == [0, 0]
    assert (machine.work / "b" / "demo" / "__init__.py").is_file()


def test_without_home_and_cache_it_installs_all_the_same(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.write(wheel.line)
    environ = {name: value for name, value in machine.environ.items() if name != "HOME"}
    environ["XDG_CACHE_HOME"] = "/proc/nowhere"
    command = [sys.executable, "-m", "trued", "install", "-r", "requirements.txt"]

    done = subprocess.run(command, cwd=machine.work, env=environ, capture_output=True, text=True, timeout=60)

    assert "Traceback" not in done.stderr
    assert "TRU999" not in done.stderr
    assert (done.returncode == 0) == (machine.installed == {"demo": "1.0"})


def test_no_threads_install_everything_or_are_refused(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.install(wheel.line, options=("-t", "first"))

    for threads in ("0", "99999999999999999999"):
        shutil.rmtree(machine.work / "second", ignore_errors=True)
        ran = machine.install(wheel.line, options=("-t", "second", "--threads", threads))
        assert (ran.status == 0) == (machine.work / "second" / "demo" / "__init__.py").is_file(), ran.err
        assert "Traceback" not in ran.err


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_closed_stream_is_no_traceback_and_no_false_success(machine: Machine, stream: str) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.write(wheel.line)
    number = {"stdout": 1, "stderr": 2}[stream]
    command = f'exec "{sys.executable}" -m trued install -v -r requirements.txt {number}>&-'

    done = subprocess.run(
        ["sh", "-c", command],
        cwd=machine.work,
        env=machine.environ,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert "Traceback" not in done.stderr + done.stdout
    assert (done.returncode == 0) == (machine.installed == {"demo": "1.0"})


def test_a_reader_that_went_away_is_no_success_where_nothing_was_installed(machine: Machine) -> None:
    # Attack: `trued install … 2>&1 | true` in a script that looks at the status.
    machine.index.add(make_wheel("demo"))
    machine.write(f"demo==1.0 --hash=sha256:{ZEROS}")
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(
        [sys.executable, "-m", "trued", "install", "-vv", "-r", "requirements.txt"],
        cwd=machine.work, env=machine.environ, stdout=writing, stderr=writing, timeout=60,
    )  # fmt: skip
    os.close(writing)

    assert (done.returncode != 0, machine.installed) == (True, {})


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_at_any_time_leaves_all_or_nothing(machine: Machine, signal_number: int) -> None:
    wheels = [
        machine.index.add(
            make_wheel(f"demo{n}", files={f"demo{n}/f{i}.py": b"#" * 20_000 for i in range(150)})
        )
        for n in range(4)
    ]
    machine.write(*(wheel.line for wheel in wheels))
    command = [sys.executable, "-m", "trued", "install", "-r", "requirements.txt"]

    for wait in (0.02, 0.08, 0.15, 0.25, 0.4):
        run = subprocess.Popen(
            command,
            cwd=machine.work,
            env=machine.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        time.sleep(wait)
        run.send_signal(signal_number)
        _, err = run.communicate(timeout=60)
        assert "in launch" not in err, (wait, err)  # before that line nobody can catch it
        assert len(machine.installed) in (0, 4), wait
        assert (run.returncode == 0) <= (len(machine.installed) == 4)
        assert len(list(machine.libraries.rglob("*.py"))) in (0, 600)
        shutil.rmtree(machine.libraries)
        machine.libraries.mkdir()
    assert machine.trued(*command[3:]).status == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> object:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("needs to mount a small file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("option", ["--cache-dir", "--target", "--dest"])
def test_a_full_disk_leaves_nothing_half_done(machine: Machine, small_disk: Path, option: str) -> None:
    noise = {f"demo/f{i}.bin": os.urandom(100_000) for i in range(6)}
    wheels = [machine.index.add(make_wheel("small")), machine.index.add(make_wheel("demo", files=noise))]
    machine.write(*(wheel.line for wheel in wheels))
    command = "download" if option == "--dest" else "install"

    ran = machine.trued(command, "-r", "requirements.txt", option, str(small_disk / "x"))

    assert ran.status == 2
    assert "TRU999" not in ran.codes
    assert "Traceback" not in ran.err
    assert machine.installed == {}
    assert not list(small_disk.rglob("*.whl")) + list(small_disk.rglob("*.part"))


def test_a_download_does_not_write_through_a_link(machine: Machine) -> None:
    # Attack: a shared folder where the expected name is a link to somebody's file.
    wheel = machine.index.add(make_wheel("demo"))
    precious = machine.work / "precious"
    precious.write_text("mine")
    (machine.work / "out").mkdir()
    (machine.work / "out" / wheel.filename).symlink_to(precious)
    machine.write(wheel.line)

    ran = machine.trued("download", "-d", "out", "-r", "requirements.txt")

    assert (ran.status, precious.read_text()) == (0, "mine")
    assert (machine.work / "out" / wheel.filename).read_bytes() == wheel.content


def test_two_runs_with_different_locks_leave_one_of_them_whole(machine: Machine) -> None:
    one = machine.index.add(make_wheel("demo", files={"demo/__init__.py": b"1\n", "demo/one.py": b""}))
    two = machine.index.add(make_wheel("demo", "2.0", files={"demo/__init__.py": b"2\n", "demo/two.py": b""}))
    names = [machine.write(wheel.line, name=f"{wheel.sha256}.txt").name for wheel in (one, two)]

    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "trued", "install", "-r", name], cwd=machine.work, env=machine.environ,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        for name in names
    ]  # fmt: skip
    for run in runs:
        run.communicate(timeout=60)

    assert 0 in [run.returncode for run in runs]
    assert machine.installed in ({"demo": "1.0"}, {"demo": "2.0"})
    assert len(list((machine.libraries / "demo").glob("*.py"))) == 2
