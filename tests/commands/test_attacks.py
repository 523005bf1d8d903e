"""Attacks on ``trued install`` through what it is given: requirements, pages, files."""

from __future__ import annotations

import json
import os
from binascii import crc32

import pytest

from tests.commands.conftest import JSON, Machine, Wheel, make_wheel
from tests.index.server import Reply, Server
from tests.wheel.builder import build

ZEROS = "0" * 64
CHANGED = {"demo/__init__.py": b"evil = True\n"}


def stocked(machine: Machine, wheel: Wheel) -> Wheel:
    """Put *wheel* into the store by installing it elsewhere."""
    machine.index.add(wheel)
    assert machine.install(wheel.line, options=("--target", "stock", "--no-deps")).status == 0
    return wheel


# What the store has


@pytest.mark.usefixtures("python_started")
def test_a_stored_wheel_of_another_version_does_not_pass_as_the_pinned_one(machine: Machine) -> None:
    # Attack: a pull request raises the version and leaves the old, vulnerable release's digest.
    old = stocked(machine, make_wheel("demo"))
    machine.index.add(make_wheel("demo", "2.0"))

    ran = machine.install(f"demo==2.0 --hash=sha256:{old.sha256}")

    assert (ran.status, machine.installed) == (1, {})


def test_a_stored_wheel_does_not_pass_by_the_digest_of_another_project(machine: Machine) -> None:
    # Attack: the digest of a wheel that lies in the store stands under a harmless name.
    evil = stocked(machine, make_wheel("evil"))
    machine.index.add(make_wheel("demo"))

    ran = machine.install(f"demo==1.0 --hash=sha256:{evil.sha256}")

    assert (ran.status, machine.installed) == (1, {})


def test_a_stored_wheel_of_another_platform_is_not_taken(machine: Machine) -> None:
    windows = make_wheel("demo", tag="cp38-abi3-win_amd64")
    machine.index.add(windows)
    machine.trued(
        "download", "--platform", "win_amd64", "--only-binary", ":all:", "--python-version", "3.11",
        "-d", "out", "-r", str(machine.write(windows.line)),
    )  # fmt: skip

    ran = machine.install(windows.line)

    assert (ran.status, machine.installed) == (1, {})


def test_a_stored_wheel_for_a_newer_python_is_refused_without_dependencies_too(machine: Machine) -> None:
    # Attack: --no-deps switches off the look at Requires-Python together with that at dependencies.
    metadata = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Python: >=99\n"
    wheel = machine.index.add(make_wheel("demo", metadata=metadata))

    ran = machine.install(wheel.line, options=("--no-deps",))

    assert (ran.status, machine.installed) == (1, {})


# What an earlier run remembers


def test_leave_to_run_startup_hooks_is_not_remembered(machine: Machine) -> None:
    # Attack: one call allowed the hook; the next one, which does not, is answered from memory.
    wheel = machine.index.add(
        make_wheel("demo", files={"demo/__init__.py": b"", "demo.pth": b"import os; os.system('true')\n"})
    )
    assert machine.install(wheel.line, options=("--allow-startup-hooks", "demo", "-t", "first")).status == 0

    ran = machine.install(wheel.line)

    assert (ran.status, ran.codes, machine.installed) == (1, ["TRU280"], {})


def test_a_dependency_that_one_environment_had_is_asked_for_in_another(machine: Machine) -> None:
    # Attack: the file was complete beside what was installed there; the next environment is empty.
    left = machine.index.add(make_wheel("left"))
    demo = machine.index.add(make_wheel("demo", requires=("left>=1",)))
    machine.install(left.line)
    assert machine.install(demo.line).status == 0

    ran = machine.install(demo.line, options=("--target", "elsewhere"))

    assert (ran.status, ran.codes) == (1, ["TRU180"])


def test_leave_to_ignore_requires_python_is_not_remembered(machine: Machine) -> None:
    metadata = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Python: >=99\n"
    wheel = machine.index.add(make_wheel("demo", metadata=metadata))
    first = machine.install(wheel.line, options=("--ignore-requires-python", "-t", "first"))
    assert first.status == 0

    ran = machine.install(wheel.line)

    assert (ran.status, machine.installed) == (1, {})


@pytest.mark.usefixtures("python_started")
def test_a_memo_that_names_another_listed_wheel_installs_nothing_else(machine: Machine) -> None:
    # Attack: an edited memo answers with a wheel of another project that the line happens to list.
    evil = stocked(machine, make_wheel("evil"))
    demo = machine.index.add(make_wheel("demo"))
    line = f"{demo.line} --hash=sha256:{evil.sha256}"
    assert machine.install(line, options=("-t", "first")).status == 0
    (memo,) = (path for path in machine.store.glob("prepared/**/memo") if b"demo" in path.read_bytes())
    rows = memo.read_bytes()[4:].replace(demo.sha256.encode(), evil.sha256.encode()).replace(b"demo", b"evil")
    memo.chmod(0o644)
    memo.write_bytes(crc32(rows).to_bytes(4, "little") + rows)

    ran = machine.install(line)

    assert (ran.status, machine.installed) == (0, {"demo": "1.0"})


@pytest.mark.parametrize("name", ["manifest", "seal"])
@pytest.mark.usefixtures("python_started")
def test_a_spoilt_manifest_or_seal_is_acquired_anew(machine: Machine, name: str) -> None:
    wheel = stocked(machine, make_wheel("demo"))
    for path in machine.store.glob(f"wheels/*/*/{name}"):
        path.chmod(0o644)
        path.write_bytes(b"\x00garbage")

    ran = machine.install(wheel.line)

    assert (ran.status, machine.installed) == (0, {"demo": "1.0"}), ran.err
    assert "Traceback" not in ran.err


@pytest.mark.usefixtures("python_started")
def test_what_a_lower_level_let_into_the_store_is_judged_again_by_strict(machine: Machine) -> None:
    # Attack: strict refuses the file; a standard run stores it; then strict finds it in the store.
    stated = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: cp39-abi3-linux_x86_64\n"
    content = build({"demo/__init__.py": b""}, wheel=stated)
    wheel = machine.index.add(Wheel(filename="demo-1.0-py3-none-any.whl", content=content))
    strict = ("--level", "strict")

    refused = machine.install(wheel.line, options=strict)
    stored = machine.install(wheel.line, options=("--target", "elsewhere"))
    again = machine.install(wheel.line, options=strict)

    assert [ran.status for ran in (refused, stored, again)] == [1, 0, 1]
    assert again.codes == ["TRU250"]


def test_fix_writes_no_digest_that_the_index_denies(machine: Machine) -> None:
    # Attack: the mirror changed the file; --fix would make the changed bytes the chosen ones.
    true, changed = make_wheel("demo"), make_wheel("demo", files=CHANGED)
    machine.index.add(changed, hashes={"sha256": true.sha256})

    ran = machine.install("demo==1.0", options=("--fix",))

    assert ran.status == 1
    assert (machine.work / "requirements.txt").read_text() == "demo==1.0\n"


# What a requirement says


def test_a_direct_url_of_another_project_is_refused(machine: Machine) -> None:
    # Attack: the name says demo, the address and its digest are another project's.
    evil = machine.index.add(make_wheel("evil"))
    url = machine.index.server.url(f"/files/{evil.filename}")

    ran = machine.install(f"demo @ {url}#sha256={evil.sha256}")

    assert (ran.status, machine.installed) == (2, {})


def test_a_direct_url_whose_content_is_another_project_is_refused(machine: Machine) -> None:
    evil = make_wheel("evil")
    machine.index.server.routes["/files/demo-1.0-py3-none-any.whl"] = Reply(body=evil.content)
    url = machine.index.server.url("/files/demo-1.0-py3-none-any.whl")

    ran = machine.install(f"demo @ {url}#sha256={evil.sha256}")

    assert (ran.status, machine.installed) == (1, {})


def test_the_second_fragment_digest_must_hold_too(machine: Machine) -> None:
    # Hole: pip reads the first digest of a fragment and drops the other.
    wheel = machine.index.add(make_wheel("demo"))
    url = machine.index.server.url(f"/files/{wheel.filename}")

    ran = machine.install(f"demo @ {url}#sha256={wheel.sha256}&sha512={'0' * 128}")

    assert (ran.status != 0, machine.installed) == (True, {})


def test_a_fragment_in_capitals_is_not_overlooked(machine: Machine) -> None:
    # Hole: pip does not see #SHA256=, so the file has no digest at all.
    wheel = machine.index.add(make_wheel("demo"))
    url = machine.index.server.url(f"/files/{wheel.filename}")

    ran = machine.install(f"demo @ {url}#SHA256={ZEROS}", options=("--level", "permissive"))

    assert (ran.status != 0, machine.installed) == (True, {})


def test_a_constraint_digest_narrows_the_digests_of_the_line(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.write(f"demo==1.0 --hash=sha256:{ZEROS}", name="constraints.txt")

    ran = machine.install(wheel.line, options=("-c", "constraints.txt"))

    assert (ran.status != 0, machine.installed) == (True, {})


def test_two_lines_of_one_project_must_both_admit_the_file(machine: Machine) -> None:
    # Hole: pip verifies against the first line alone.
    wheel = machine.index.add(make_wheel("demo"))

    ran = machine.install(wheel.line, f"demo==1.0 --hash=sha256:{ZEROS}")

    assert (ran.status != 0, machine.installed) == (True, {})


def test_a_digest_on_a_line_whose_marker_is_false_turns_the_mode_on(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))

    ran = machine.install(
        "demo==1.0",
        f"other==1.0 ; sys_platform == 'none' --hash=sha256:{ZEROS}",
        options=("--level", "permissive"),
    )

    assert (ran.status, machine.installed) == (1, {})


def test_no_require_hashes_still_enforces_the_digests_that_are_given(machine: Machine) -> None:
    # Hole: pip before 26.3 ignored them.
    machine.index.add(make_wheel("demo"))

    ran = machine.install(
        f"demo==1.0 --hash=sha256:{ZEROS}", options=("--no-require-hashes", "--level", "permissive")
    )

    assert (ran.status, machine.installed) == (1, {})


def test_permissive_does_not_install_other_bytes_than_the_listed_ones(machine: Machine) -> None:
    asked = make_wheel("demo")
    machine.index.add(make_wheel("demo", files=CHANGED), hashes={"sha256": asked.sha256})

    ran = machine.install(asked.line, options=("--level", "permissive"))

    assert (ran.status, machine.installed) == (1, {})


def test_first_use_is_no_proof_where_digests_are_required(machine: Machine) -> None:
    # Attack: a variable in the build environment turns trust on first use on beside --require-hashes.
    machine.index.add(make_wheel("demo"))

    ran = machine.install("--require-hashes", "demo==1.0", options=("--trust-on-first-use",))

    assert (ran.status, machine.installed) == (1, {})


@pytest.mark.usefixtures("python_started")
def test_the_requirements_may_come_through_a_pipe_and_are_read_once(machine: Machine) -> None:
    # Attack on trust: a reader that looks twice sees an empty file, and installs nothing with status 0.
    wheel = machine.index.add(make_wheel("demo"))

    ran = machine.trued("install", "-r", "/dev/stdin", stdin=f"{wheel.line}\n")

    assert (ran.status, machine.installed) == (0, {"demo": "1.0"})


def test_a_requirements_file_without_end_is_refused(machine: Machine) -> None:
    ran = machine.trued("install", "-r", "/dev/zero")

    assert ran.status == 2
    assert "Traceback" not in ran.err


def test_zero_bytes_and_controls_in_a_requirement_are_told_without_being_shown(machine: Machine) -> None:
    ran = machine.install("demo\0==1.0", "\x1b]0;evil\x07==1.0", "./\0.whl", "demo @ file:///\0.whl")

    assert ran.status == 2
    assert not {"\0", "\x1b", "\x07"} & set(ran.err + ran.out)
    assert "Traceback" not in ran.err


def test_a_name_longer_than_any_file_system_takes_is_told(machine: Machine) -> None:
    name = "a" * 4000
    wheel = make_wheel(name)
    machine.index.add(wheel)

    ran = machine.install(wheel.line)

    assert ran.status in (1, 2)
    assert "TRU999" not in ran.codes
    assert "Traceback" not in ran.err


def test_ten_thousand_lines_are_all_judged(machine: Machine) -> None:
    lines = [f"demo{number}==1.0 --hash=sha256:{ZEROS[:-1]}" for number in range(10_000)]

    ran = machine.install(*lines)

    assert ran.status == 2
    assert "requirements.txt:10000" in ran.err


# What an index says


def test_find_links_and_index_with_one_filename_and_different_bytes(machine: Machine) -> None:
    # Attack: whoever can write into the folder offers the same file name.
    wheel = machine.index.add(make_wheel("demo"))
    folder = machine.work / "wheels"
    folder.mkdir()
    (folder / wheel.filename).write_bytes(make_wheel("demo", files=CHANGED).content)

    ran = machine.install(wheel.line, options=("-f", "wheels"))

    assert machine.installed in ({}, {"demo": "1.0"})
    assert ran.status == 0 or not machine.installed
    if machine.installed:
        assert (machine.libraries / "demo" / "__init__.py").read_bytes() == b"version = '1.0'\n"


def test_credentials_of_the_index_do_not_follow_to_another_host(machine: Machine) -> None:
    # Attack: a page that lists its files on a server that collects passwords.
    wheel = make_wheel("demo")
    with Server() as other:
        other.routes["/f/" + wheel.filename] = Reply(body=wheel.content)
        machine.index.add(wheel, url=other.url("/f/" + wheel.filename))
        secret = machine.index.url.replace("127.0.0.1", "joe:hunter2@127.0.0.1")
        ran = machine.install(wheel.line, options=("--index-url", secret))
        asked = [request.headers for request in other.asked]

    assert ran.status == 0
    assert asked
    assert not any("authorization" in {name.lower() for name in headers} for headers in asked)


def test_a_size_that_lies_is_refused(machine: Machine) -> None:
    wheel = make_wheel("demo")
    machine.index.add(wheel, size=len(wheel.content) + 1)

    ran = machine.install(wheel.line)

    assert (ran.status in (1, 2), machine.installed) == (True, {})


def test_a_metadata_digest_that_lies_is_refused(machine: Machine) -> None:
    # Attack: resolvers read one METADATA, the wheel holds another.
    wheel = make_wheel("demo")
    machine.index.add(wheel, core_metadata={"sha256": ZEROS})

    ran = machine.install(wheel.line)

    assert (ran.status, ran.codes, machine.installed) == (1, ["TRU554"], {})


def test_a_metadata_digest_that_lies_is_refused_for_good(machine: Machine) -> None:
    # Attack: the first run refused it, but it stayed in the store, where the second finds it.
    wheel = make_wheel("demo")
    machine.index.add(wheel, core_metadata={"sha256": ZEROS})
    machine.install(wheel.line)

    ran = machine.install(wheel.line)

    assert (ran.status, machine.installed) == (1, {})


@pytest.mark.parametrize("name", ["../../demo-1.0-py3-none-any.whl", "/tmp/demo-1.0-py3-none-any.whl"])
def test_a_filename_that_climbs_is_not_downloaded(machine: Machine, name: str) -> None:
    wheel = make_wheel("demo")
    machine.index.add(wheel, filename=name)
    machine.write(wheel.line)

    ran = machine.trued("download", "-d", "out", "-r", "requirements.txt")

    assert ran.status != 0
    assert not list(machine.work.rglob("*.whl"))
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "name", ["..%2f..%2fdemo-1.0-py3-none-any.whl", "%252e%252e%252fdemo-1.0-py3-none-any.whl"]
)
def test_an_encoded_address_climbs_no_higher(machine: Machine, name: str) -> None:
    # Attack: CVE-2026-13346 decoded an address twice.
    wheel = make_wheel("demo")
    machine.index.server.routes[f"/files/{name}"] = Reply(body=wheel.content)
    url = machine.index.server.url(f"/files/{name}")
    machine.write(f"demo @ {url} --hash=sha256:{wheel.sha256}")

    ran = machine.trued("download", "-d", "out", "-r", "requirements.txt")

    assert "TRU999" not in ran.codes
    assert all(path.parent == machine.work / "out" for path in machine.work.rglob("*.whl"))


def test_a_file_address_that_is_no_network_address_is_not_opened(machine: Machine) -> None:
    # Attack: a page of the network that lists a file of this machine.
    wheel = make_wheel("demo")
    (machine.work / wheel.filename).write_bytes(wheel.content)
    machine.index.add(wheel, url=f"file://{machine.work / wheel.filename}")

    ran = machine.install(wheel.line)

    assert (ran.status != 0, machine.installed) == (True, {})


def test_a_page_whose_base_is_a_folder_of_this_machine_is_not_followed(machine: Machine) -> None:
    # Attack: the page's addresses are relative, and harmless; its <base> makes them local files.
    wheel = make_wheel("demo")
    (machine.work / wheel.filename).write_bytes(wheel.content)
    page = f'<base href="file://{machine.work}/"><a href="{wheel.filename}">{wheel.filename}</a>'
    headers = {"Content-Type": "text/html"}
    machine.index.server.routes["/simple/demo/"] = Reply(body=page.encode(), headers=headers)

    ran = machine.install(wheel.line)

    assert (ran.status, ran.codes, machine.installed) == (2, ["TRU341"], {})


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"meta":{"api-version":"1.0"},"files":7}', b"{" * 100_000, b'{"files":[' + b"\xff" * 9],
)
def test_a_page_that_is_none_is_told(machine: Machine, body: bytes) -> None:
    machine.index.server.routes["/simple/demo/"] = Reply(body=body, headers=JSON)

    ran = machine.install(f"demo==1.0 --hash=sha256:{ZEROS}")

    assert ran.status in (1, 2)
    assert "TRU999" not in ran.codes
    assert "Traceback" not in ran.err


def test_what_a_page_says_cannot_steer_the_terminal(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"), yanked="\x1b[2J\x1b]0;owned\x07\r\nall is well")

    ran = machine.install(wheel.line, options=("-vv",))

    assert ran.status == 0
    assert not {"\x1b", "\x07", "\r"} & set(ran.err)


# What is installed already


def test_uninstalling_what_lists_files_outside_is_refused(machine: Machine) -> None:
    # Attack: uv before 0.11.6 deleted what a RECORD named, wherever it was.
    wheel = machine.index.add(make_wheel("demo"))
    machine.install(wheel.line)
    outside = machine.work / "precious"
    outside.write_text("mine")
    record = machine.libraries / "demo-1.0.dist-info" / "RECORD"
    record.chmod(0o644)
    record.write_text(f"{record.read_text()}../../../../precious,,\n{outside},,\n../../../bin/python,,\n")

    ran = machine.trued("uninstall", "-y", "demo")

    assert ran.status == 1
    assert outside.exists()
    assert machine.installed == {"demo": "1.0"}


def test_showing_hostile_metadata_steers_no_terminal(machine: Machine) -> None:
    folder = machine.libraries / "demo-1.0.dist-info"
    folder.mkdir()
    text = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nSummary: \x1b[2J\xff\xfe\x07\rsafe\n"
    (folder / "METADATA").write_bytes(text)
    (folder / "trued-receipt.json").write_text('{"evidence": 7, "source": [], "sha256": {"a": "\x1b"}}')

    runs = [
        machine.trued(*words) for words in (("show", "-f", "demo"), ("list",), ("show", "--json", "demo"))
    ]

    assert [ran.status for ran in runs] == [0, 0, 0], [ran.err for ran in runs]
    assert not any({"\x1b", "\x07", "\r"} & set(ran.out + ran.err) for ran in runs)
    assert json.loads(runs[2].out)


def test_hashing_a_folder_is_an_error_and_no_traceback(machine: Machine) -> None:
    ran = machine.trued("hash", ".", os.devnull, "missing")

    assert (ran.status, ran.codes) == (2, ["TRU913"])
