"""``trued verify`` from the outside: each fault made on a real environment, told by its code, and mended."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import marshal
import os
import py_compile
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.conftest import Machine, Ran, make_wheel, run_pip

DEMO = make_wheel(
    "demo",
    files={
        "demo/__init__.py": b"value = 1\n",
        "demo/part.py": b"def answer():\n    return 42\n",
        "demo/data.bin": bytes(range(256)) * 64,
        "demo-1.0.data/scripts/tool": b"#!python\nprint('tool')\n",
        "demo-1.0.data/data/share/demo/page.txt": b"page\n",
    },
    entry_points="[console_scripts]\ndemo = demo.part:answer\n",
)
LEAF = make_wheel("leaf")


@pytest.fixture
def settled(machine: Machine) -> Machine:
    """Return a machine with demo and leaf installed by trued."""
    for wheel in (DEMO, LEAF):
        machine.index.add(wheel)
    assert machine.install(DEMO.line, LEAF.line).status == 0
    return machine


def told(ran: Ran) -> list[tuple[str, str]]:
    """Return word and code of each line."""
    return [tuple(line.split()[:2]) for line in ran.out.splitlines()]  # type: ignore[misc]  # two words each


def replace(path: Path, content: bytes) -> None:
    """Put another file in the place of *path*, as an editor does; the store's own is left alone."""
    path.unlink()
    path.write_bytes(content)


def compiled(source: Path, code: str | None = None) -> Path:
    """Compile *source* as importing it would; with *code* put that in, with a header that fits the source."""
    path = Path(importlib.util.cache_from_source(str(source)))
    py_compile.compile(str(source), cfile=str(path), doraise=True)
    if code is not None:
        header = path.read_bytes()[:16]
        path.write_bytes(header + marshal.dumps(compile(code, str(source), "exec")))
    return path


def row(path: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(content)}"


def lay_down(machine: Machine, name: str, files: dict[str, bytes], *rows: str) -> Path:
    """Put a distribution there as another installer leaves it, with *rows* more in its RECORD."""
    info = machine.libraries / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode()
    given = {f"{info.name}/METADATA": metadata, f"{info.name}/INSTALLER": b"other\n", **files}
    for path, content in given.items():
        (machine.libraries / path).parent.mkdir(parents=True, exist_ok=True)
        (machine.libraries / path).write_bytes(content)
    lines = [*(row(path, content) for path, content in given.items()), f"{info.name}/RECORD,,", *rows]
    (info / "RECORD").write_text(
        "".join(f"{line}\n" for line in lines), encoding="utf-8", errors="surrogateescape"
    )
    return info


def found_nothing(ran: Ran) -> bool:
    """Whether no fault was told; that RECORD alone speaks for what another tool installed is none."""
    return (ran.status, ran.out) == (0, "") and all("without proof" in line for line in ran.err.splitlines())


def test_a_sound_environment_is_met_with_silence(settled: Machine) -> None:
    assert settled.trued("verify") == Ran(status=0, out="", err="")


def test_an_environment_can_be_named(settled: Machine) -> None:
    (settled.libraries / "leaf/__init__.py").unlink()

    assert told(settled.trued("verify", ".venv")) == [("missing", "TRU526")]


def test_v_tells_what_was_compared(settled: Machine) -> None:
    assert "2 packages, 2 of them compared with their proven wheel" in settled.trued("verify", "-v").err


def test_a_modified_file_is_one_line_with_its_package_and_path(settled: Machine) -> None:
    replace(settled.libraries / "demo/__init__.py", b"value = 2\n")

    ran = settled.trued("verify")

    inside = (settled.libraries / "demo/__init__.py").relative_to(settled.work / ".venv")
    assert (ran.status, ran.out) == (1, f"modified   TRU525  demo 1.0  {inside}: in content\n")


def test_a_file_of_another_size_is_told_with_both(settled: Machine) -> None:
    replace(settled.libraries / "demo/__init__.py", b"value = 2000\n")

    assert "10 bytes became 13" in settled.trued("verify").out


def test_a_file_written_through_its_link_into_the_store_is_told_and_fetched_anew(settled: Machine) -> None:
    path = settled.libraries / "demo/__init__.py"
    path.chmod(0o644)
    path.write_bytes(b"value = 3\n")

    assert ("modified", "TRU525") in told(settled.trued("verify"))
    assert settled.trued("verify", "--fix").status == 0
    assert path.read_bytes() == b"value = 1\n"


def test_a_file_that_also_has_its_row_changed_is_told_all_the_same(settled: Machine) -> None:
    """Whoever changes a file can change RECORD: the proven wheel cannot be changed with them."""
    replace(settled.libraries / "demo/part.py", b"evil = True\n")
    record = settled.libraries / "demo-1.0.dist-info/RECORD"
    lines = record.read_text().splitlines()
    lines = [
        row("demo/part.py", b"evil = True\n") if line.startswith("demo/part.py") else line for line in lines
    ]
    replace(record, "".join(f"{line}\n" for line in lines).encode())

    ran = settled.trued("verify")

    assert told(ran) == [("modified", "TRU525"), ("modified", "TRU525")]
    assert "it says of part.py what the wheel does not" in ran.out


def test_a_missing_file_is_told(settled: Machine) -> None:
    (settled.libraries / "demo/data.bin").unlink()

    assert told(settled.trued("verify")) == [("missing", "TRU526")]


def test_a_module_that_nobody_lists_is_an_error(settled: Machine) -> None:
    (settled.libraries / "demo/extra.py").write_text("")

    ran = settled.trued("verify")

    assert (ran.status, told(ran)) == (1, [("extra", "TRU527")])


def test_data_that_nobody_lists_is_a_warning_and_in_strict_an_error(settled: Machine) -> None:
    (settled.libraries / "demo/notes.txt").write_text("")

    assert [settled.trued("verify", *options).status for options in ([], ["--strict"])] == [0, 1]
    assert told(settled.trued("verify")) == [("extra", "TRU527")]


def test_an_extra_module_that_record_was_made_to_list_is_told(settled: Machine) -> None:
    (settled.libraries / "evil.py").write_bytes(b"")
    record = settled.libraries / "demo-1.0.dist-info/RECORD"
    replace(record, record.read_bytes() + row("evil.py", b"").encode() + b"\n")

    ran = settled.trued("verify")

    assert told(ran) == [("extra", "TRU527")]
    assert "the wheel does not hold it" in ran.out


def test_a_program_that_nobody_lists_is_told(settled: Machine) -> None:
    (settled.work / ".venv/bin/pip").write_text("#!/bin/sh\n")

    assert told(settled.trued("verify")) == [("extra", "TRU527")]


def test_two_packages_that_list_one_file_are_both_named(settled: Machine) -> None:
    other = b"value = 'other'\n"
    lay_down(settled, "thief", {}, row("demo/__init__.py", other))

    ran = settled.trued("verify")

    assert ("two-owners", "TRU528") in told(ran)
    assert ran.status == 1


def test_a_project_that_is_installed_twice_is_told(settled: Machine) -> None:
    info = settled.libraries / "demo-9.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: demo\nVersion: 9.9\n")
    (info / "RECORD").write_text("")

    assert ("twice", "TRU519") in told(settled.trued("verify"))


def test_a_file_that_everybody_may_write_is_an_error(settled: Machine) -> None:
    (settled.work / ".venv/bin/demo").chmod(0o777)

    ran = settled.trued("verify")

    assert (ran.status, told(ran)) == (1, [("mode", "TRU529")])
    assert "0777: others may write it" in ran.out


def test_a_linked_file_that_became_writable_is_a_warning(settled: Machine) -> None:
    (settled.libraries / "demo/part.py").chmod(0o644)

    ran = settled.trued("verify")

    assert (ran.status, told(ran)) == (0, [("mode", "TRU529")])
    assert settled.trued("verify", "--fix").status == 0
    assert settled.trued("verify").out == ""


def test_a_script_with_other_text_is_told(settled: Machine) -> None:
    script = settled.work / ".venv/bin/demo"
    script.write_text(script.read_text() + "import evil\n")

    ran = settled.trued("verify")

    assert (ran.status, told(ran)) == (1, [("script", "TRU537")])


def test_a_script_of_the_wheel_that_starts_another_python_is_told(settled: Machine) -> None:
    script = settled.work / ".venv/bin/tool"
    script.write_text(script.read_text().replace(str(settled.work), "/elsewhere"))

    assert "it starts /elsewhere" in settled.trued("verify").out


def test_bytecode_as_the_interpreter_makes_it_is_in_order(settled: Machine) -> None:
    compiled(settled.libraries / "demo/part.py")

    assert settled.trued("verify") == Ran(status=0, out="", err="")


def test_bytecode_of_other_code_is_told_though_its_header_fits_and_every_source_is_intact(
    settled: Machine,
) -> None:
    source = settled.libraries / "demo/part.py"
    compiled(source, "def answer():\n    return 666\n")
    program = "import sys; sys.path.insert(0, sys.argv[1]); import demo.part; print(demo.part.answer())"
    command = [sys.executable, "-c", program, str(settled.libraries)]
    assert subprocess.check_output(command).strip() == b"666"

    ran = settled.trued("verify")

    assert (ran.status, told(ran)) == (1, [("bytecode", "TRU538")])


def test_poisoned_bytecode_is_found_again_after_sound_bytecode_was_remembered(settled: Machine) -> None:
    source = settled.libraries / "demo/part.py"
    compiled(source)
    assert settled.trued("verify").status == 0
    compiled(source, "evil = 1\n")

    assert told(settled.trued("verify")) == [("bytecode", "TRU538")]


def test_bytecode_that_cannot_even_be_read_is_told_and_never_loaded(settled: Machine) -> None:
    path = compiled(settled.libraries / "demo/part.py")
    path.write_bytes(path.read_bytes()[:16] + b"\xe3" + b"\xff" * 40)

    assert told(settled.trued("verify")) == [("bytecode", "TRU538")]


def test_stale_bytecode_does_not_run_and_is_a_warning(settled: Machine) -> None:
    path = compiled(settled.libraries / "demo/part.py", "old = 1\n")
    data = bytearray(path.read_bytes())
    data[8:12] = b"\x01\0\0\0"
    path.write_bytes(data)

    ran = settled.trued("verify")

    assert (ran.status, told(ran)) == (0, [("bytecode", "TRU538")])


def test_unchecked_bytecode_runs_whatever_the_source_is(settled: Machine) -> None:
    """PEP 552: with these flags the interpreter does not look at the source at all."""
    path = compiled(settled.libraries / "demo/part.py", "evil = 1\n")
    data = bytearray(path.read_bytes())
    data[4:16] = b"\x01" + b"\0" * 11
    path.write_bytes(data)

    assert settled.trued("verify").status == 1


def test_optimized_bytecode_is_compared_as_such(settled: Machine) -> None:
    source = settled.libraries / "demo/part.py"
    py_compile.compile(str(source), doraise=True, optimize=2)

    assert settled.trued("verify") == Ran(status=0, out="", err="")


def test_bytecode_from_the_store_is_in_order(machine: Machine) -> None:
    machine.index.add(DEMO)
    machine.install(DEMO.line, options=("--compile",))

    assert list(machine.libraries.rglob("*.pyc"))
    assert machine.trued("verify") == Ran(status=0, out="", err="")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("evil.pth", "import os; os.system('true')\n"),
        ("outside.pth", "/tmp\n"),
        ("sitecustomize.py", "evil = 1\n"),
        ("new.start", "demo:answer\n"),
    ],
)
def test_what_runs_at_every_start_and_belongs_to_nobody_is_told(
    settled: Machine, name: str, content: str
) -> None:
    (settled.libraries / name).write_text(content)

    ran = settled.trued("verify")

    assert (ran.status, told(ran)) == (1, [("startup", "TRU539")])


def test_a_hook_that_record_lists_is_told_unless_the_project_is_allowed(machine: Machine) -> None:
    lay_down(machine, "other", {"other.pth": b"import sys; sys.flags\n"})

    assert told(machine.trued("verify")) == [("startup", "TRU539")]
    assert machine.trued("verify", "--allow-startup-hooks", "other").status == 0


def test_a_path_file_without_code_that_stays_inside_is_no_hook(settled: Machine) -> None:
    lay_down(settled, "other", {"other.pth": b"demo\n"})

    assert settled.trued("verify").out == ""


def test_a_package_that_hides_a_module_is_told_with_what_it_hides(settled: Machine) -> None:
    (settled.libraries / "demo/part").mkdir()
    (settled.libraries / "demo/part/__init__.py").write_text("evil = 1\n")

    ran = settled.trued("verify")

    assert told(ran) == [("shadowing", "TRU540")]
    assert "part.py" in ran.out


def test_an_extension_module_hides_a_source_file(settled: Machine) -> None:
    (settled.libraries / "demo/part.so").write_bytes(b"")

    assert told(settled.trued("verify")) == [("shadowing", "TRU540")]


def test_a_link_in_place_of_a_file_is_told_and_not_followed(settled: Machine, tmp_path: Path) -> None:
    path = settled.libraries / "demo/part.py"
    twin = tmp_path / "part.py"
    twin.write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(twin)

    assert told(settled.trued("verify")) == [("link", "TRU543")]


def test_a_link_in_place_of_a_package_is_told_and_fix_takes_the_link_alone(
    settled: Machine, tmp_path: Path
) -> None:
    folder = settled.libraries / "demo"
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")

    assert ("link", "TRU543") in told(settled.trued("verify"))
    assert settled.trued("verify", "--fix").status == 0
    assert not folder.is_symlink()
    assert (tmp_path / "elsewhere/part.py").exists()


def test_a_planted_pipe_is_told_and_does_not_hold_the_run(settled: Machine) -> None:
    (settled.libraries / "demo/part.py").unlink()
    os.mkfifo(settled.libraries / "demo/part.py")

    assert told(settled.trued("verify")) == [("modified", "TRU525")]


def test_a_file_that_is_written_to_meanwhile_is_told(machine: Machine) -> None:
    content = bytes(96 * 1024 * 1024)
    lay_down(machine, "other", {"other.bin": content})
    path = str(machine.libraries / "other.bin")
    program = "import os, sys\nwhile True: os.utime(sys.argv[1])"
    writer = subprocess.Popen([sys.executable, "-c", program, path])
    try:
        ran = machine.trued("verify")
    finally:
        writer.kill()
        writer.wait()

    assert (ran.status, told(ran)) == (1, [("changing", "TRU544")])


def test_a_record_of_a_planted_package_has_no_say_in_what_a_proven_one_holds(settled: Machine) -> None:
    """``a...`` is read before ``demo``; its row fits the changed file."""
    evil = b"evil = 1\n"
    replace(settled.libraries / "demo/part.py", evil)
    lay_down(settled, "aaa", {}, row("demo/part.py", evil))

    assert ("modified", "TRU525") in told(settled.trued("verify"))


def test_a_path_file_that_nobody_lists_is_a_warning_even_if_it_runs_nothing(settled: Machine) -> None:
    (settled.libraries / "more.pth").write_text("demo\n")

    ran = settled.trued("verify")

    assert (ran.status, told(ran)) == (0, [("startup", "TRU539")])


def test_an_old_list_without_digests_hides_nothing_from_strict(machine: Machine) -> None:
    lay_down(machine, "other", {})
    info = machine.libraries / "old-1.0.egg-info"
    info.mkdir()
    (info / "PKG-INFO").write_text("Metadata-Version: 1.0\nName: old\nVersion: 1.0\n")
    (info / "installed-files.txt").write_text("../evil.py\n../../../../../../etc/passwd\n")
    (machine.libraries / "evil.py").write_text("")

    assert ("no-record", "TRU546") in told(machine.trued("verify"))
    assert machine.trued("verify", "--strict").status == 1


def test_what_another_tool_installed_is_counted_and_refused_by_strict(machine: Machine) -> None:
    for name in ("one", "two", "three", "four"):
        lay_down(machine, name, {f"{name}.py": b"x = 1\n"})

    ran = machine.trued("verify")

    assert (ran.status, ran.out, len(ran.err.splitlines())) == (0, "", 1)
    assert "4 packages without proof" in ran.err
    assert "..." in ran.err
    assert "--against" in ran.err
    assert machine.trued("verify", "-q") == Ran(status=0, out="", err="")
    assert told(machine.trued("verify", "--strict")) == [("unproven", "TRU542")] * 4
    assert "without proof" not in machine.trued("verify", "--strict").err


def test_packages_without_proof_are_counted_beside_faults_too(machine: Machine) -> None:
    info = lay_down(machine, "other", {"other.py": b"x = 1\n"})
    (machine.libraries / "other.py").unlink()

    ran = machine.trued("verify")

    assert (info.exists(), ran.status, told(ran)) == (True, 1, [("missing", "TRU526")])
    assert "1 package without proof (other)" in ran.err


def test_an_editable_package_is_silent_until_strict(machine: Machine) -> None:
    document = json.dumps({"url": "file:///work/other", "dir_info": {"editable": True}}).encode()
    lay_down(machine, "other", {"other-1.0.dist-info/direct_url.json": document})

    assert machine.trued("verify") == Ran(status=0, out="", err="")
    assert told(machine.trued("verify", "--strict")) == [("editable", "TRU541")]


def test_what_pip_check_says_is_said(machine: Machine) -> None:
    needing = machine.index.add(make_wheel("needing", requires=("leaf>=2", "absent")))
    leaf = machine.index.add(LEAF)
    machine.install(needing.line, leaf.line, options=("--no-deps",))

    ran = machine.trued("verify")

    assert (ran.status, sorted(told(ran))) == (1, [("conflict", "TRU548"), ("needs", "TRU547")])


def test_a_package_for_another_interpreter_is_told(machine: Machine) -> None:
    wheel = b"Wheel-Version: 1.0\nTag: cp27-cp27m-win32\n"
    lay_down(machine, "other", {"other-1.0.dist-info/WHEEL": wheel})

    assert told(machine.trued("verify")) == [("platform", "TRU549")]


@pytest.mark.parametrize(
    "row_",
    ["../../../../../etc/passwd,sha256=AAAA,1", "/etc/passwd,,", "../../../../outside.py,,", "..,,"],
)
def test_rows_that_leave_the_environment_are_told_and_never_opened(machine: Machine, row_: str) -> None:
    lay_down(machine, "other", {"other.py": b""}, row_)

    assert told(machine.trued("verify")) == [("record", "TRU545")]


def test_one_path_with_two_digests_is_told(machine: Machine) -> None:
    lay_down(machine, "other", {"other.py": b""}, row("other.py", b"something else"))

    assert told(machine.trued("verify")) == [("record", "TRU545")]


def test_a_digest_that_proves_nothing_is_told(machine: Machine) -> None:
    (machine.libraries).mkdir(exist_ok=True)
    (machine.libraries / "weak.py").write_bytes(b"")
    lay_down(machine, "other", {}, "weak.py,md5=1B2M2Y8AsgTpgAmY7PhCfg,0")

    assert told(machine.trued("verify")) == [("record", "TRU545")]


def test_a_record_with_a_hundred_thousand_bad_rows_is_one_line(machine: Machine) -> None:
    lay_down(machine, "other", {}, *(f"../../../../../x{number},," for number in range(100_000)))

    ran = machine.trued("verify")

    assert told(ran) == [("record", "TRU545")]


def test_a_record_that_is_no_table_is_told(machine: Machine) -> None:
    info = lay_down(machine, "other", {"other.py": b""})
    (info / "RECORD").write_bytes(b'"' + b"x" * 300_000)

    assert ("no-record", "TRU546") in told(machine.trued("verify"))


def test_a_record_that_is_gone_is_told(machine: Machine) -> None:
    info = lay_down(machine, "other", {})
    (info / "RECORD").unlink()

    assert told(machine.trued("verify")) == [("no-record", "TRU546")]


def test_a_name_with_a_line_break_stays_on_its_line(machine: Machine) -> None:
    lay_down(machine, "other", {})
    (machine.libraries / "a\nmodified   TRU525  b.py").write_text("")

    ran = machine.trued("verify")

    assert len(ran.out.splitlines()) == 1
    assert "a\\nmodified" in ran.out


def test_a_name_in_no_encoding_is_shown_as_an_escape(machine: Machine) -> None:
    lay_down(machine, "other", {})
    with open(os.fsencode(machine.libraries) + b"/bad\xff\x1b[31m.py", "wb"):
        pass

    ran = machine.trued("verify")

    assert told(ran) == [("extra", "TRU527")]
    assert "\\udcff\\x1b[31m.py" in ran.out


def test_a_row_with_a_name_in_no_encoding_is_followed(machine: Machine) -> None:
    name = "caf\udce9.py"
    lay_down(machine, "other", {name: b"x = 1\n"})

    assert found_nothing(machine.trued("verify"))


def test_fix_puts_back_everything_in_one_transaction(settled: Machine) -> None:
    before = settled.snapshot()
    replace(settled.libraries / "demo/__init__.py", b"value = 2\n")
    (settled.libraries / "demo/data.bin").unlink()
    (settled.work / ".venv/bin/demo").write_text("#!/bin/sh\n")
    compiled(settled.libraries / "demo/part.py", "evil = 1\n")

    ran = settled.trued("verify", "--fix")

    assert (ran.status, told(ran)) == (0, [("restored", "TRU597")])
    assert settled.snapshot() == before


def test_fix_leaves_what_it_does_not_know_alone(settled: Machine) -> None:
    (settled.libraries / "mine.py").write_text("")

    assert settled.trued("verify", "--fix").status == 1
    assert (settled.libraries / "mine.py").exists()


def test_fix_tells_what_nothing_proves(machine: Machine) -> None:
    lay_down(machine, "other", {"other.py": b"x = 1\n"})
    (machine.libraries / "other.py").write_text("y = 1\n")

    ran = machine.trued("verify", "--fix")

    assert (ran.status, told(ran)) == (1, [("modified", "TRU525"), ("not-fixed", "TRU598")])


def test_a_hostile_record_does_not_keep_fix_from_restoring(settled: Machine, tmp_path: Path) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("mine")
    record = settled.libraries / "demo-1.0.dist-info/RECORD"
    replace(record, record.read_bytes() + f"{precious},,\n".encode())

    assert settled.trued("verify", "--fix").status == 0
    assert precious.read_text() == "mine"
    assert settled.trued("verify").out == ""


def test_a_wheel_that_left_the_store_is_fetched_and_proven_again(settled: Machine) -> None:
    settled.trued("cache", "purge")
    replace(settled.libraries / "demo/__init__.py", b"value = 2\n")

    assert told(settled.trued("verify")) == [("modified", "TRU525")]


def test_offline_without_the_wheel_record_alone_speaks_and_that_is_told(settled: Machine) -> None:
    settled.trued("cache", "purge")

    ran = settled.trued("verify", "--offline")

    assert (ran.status, told(ran)) == (0, [("unproven", "TRU591")] * 2)
    assert settled.trued("verify", "--offline", "--strict").status == 1


def test_a_receipt_that_names_another_wheel_is_told(settled: Machine) -> None:
    receipt = settled.libraries / "demo-1.0.dist-info/trued-receipt.json"
    replace(receipt, receipt.read_bytes().replace(DEMO.sha256.encode(), LEAF.sha256.encode()))

    assert ("receipt", "TRU595") in told(settled.trued("verify"))


def test_a_lock_that_agrees_changes_nothing(settled: Machine) -> None:
    assert settled.trued("verify", "--against", "requirements.txt") == Ran(status=0, out="", err="")


def test_a_lock_tells_what_is_missing_surplus_and_of_another_version(settled: Machine) -> None:
    newer, more = settled.index.add(make_wheel("demo", "2.0")), settled.index.add(make_wheel("more"))
    settled.write(newer.line, more.line, name="other.txt")

    ran = settled.trued("verify", "--against", "other.txt", "--refresh")

    assert (ran.status, told(ran)) == (1, [("lock", "TRU593")] * 3)


def test_a_lock_tells_of_a_file_that_it_does_not_list(settled: Machine) -> None:
    """The receipt beside a package is no witness against whoever put both there: the lock is."""
    twin = make_wheel("leaf", files={"leaf/__init__.py": b"other = 1\n"})
    settled.write(DEMO.line, f"leaf==1.0 --hash=sha256:{twin.sha256}", name="other.txt")

    ran = settled.trued("verify", "--against", "other.txt")

    assert ("lock", "TRU593") in told(ran)


def run_uv(machine: Machine) -> None:
    """Have uv install what requirements.txt lists."""
    uv = Path(sys.executable).parent / "uv"
    options = ["--python", ".venv", "--default-index", machine.index.url]
    command = [str(uv), "pip", "sync", "-q", *options, "requirements.txt"]
    subprocess.run(command, cwd=machine.work, env=machine.environ, check=True)


def test_a_lock_proves_what_another_tool_installed(machine: Machine) -> None:
    machine.index.add(LEAF)
    machine.write(LEAF.line)
    run_pip(machine, "install", "--no-deps", "--index-url", machine.index.url, "-r", "requirements.txt")

    ran = machine.trued("verify", "--against", "requirements.txt", "--strict")
    assert (ran.out, ran.status) == ("", 0)

    (machine.libraries / "leaf/__init__.py").write_text("evil = 1\n")
    record = machine.libraries / "leaf-1.0.dist-info/RECORD"
    lines = record.read_text().splitlines()
    lines = [
        row("leaf/__init__.py", b"evil = 1\n") if one.startswith("leaf/__init__.py") else one for one in lines
    ]
    record.write_text("".join(f"{line}\n" for line in lines))

    assert machine.trued("verify").status == 0
    assert machine.trued("verify", "--against", "requirements.txt").status == 1


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_the_scripts_of_other_tools_are_known_where_a_lock_proves_the_wheel(
    machine: Machine, tool: str
) -> None:
    machine.index.add(DEMO)
    machine.write(DEMO.line)
    if tool == "pip":
        run_pip(machine, "install", "--no-deps", "--index-url", machine.index.url, "-r", "requirements.txt")
    else:
        run_uv(machine)

    assert machine.trued("verify", "--against", "requirements.txt") == Ran(status=0, out="", err="")

    script = machine.work / ".venv/bin/demo"
    script.write_text(script.read_text().replace("import sys\n", "import sys, evil\n", 1))
    assert ("script", "TRU537") in told(machine.trued("verify", "--against", "requirements.txt"))


def test_what_pip_left_is_sound_with_its_bytecode(machine: Machine) -> None:
    machine.index.add(DEMO)
    machine.write(DEMO.line)
    run_pip(machine, "install", "--no-deps", "--index-url", machine.index.url, "-r", "requirements.txt")

    assert list(machine.libraries.rglob("*.pyc"))
    assert found_nothing(machine.trued("verify"))


def test_what_uv_left_is_sound(machine: Machine) -> None:
    machine.index.add(DEMO)
    machine.write(DEMO.line)
    run_uv(machine)

    assert found_nothing(machine.trued("verify"))
    (machine.libraries / "demo/part.py").unlink()
    assert told(machine.trued("verify")) == [("missing", "TRU526")]


def test_json_holds_each_fault_and_what_was_compared(settled: Machine) -> None:
    (settled.libraries / "demo/part.py").unlink()

    document = settled.trued("verify", "--json").document

    assert [one["code"] for one in document["findings"]] == ["TRU526"]  # type: ignore[attr-defined]  # parsed JSON
    result = document["result"]
    assert isinstance(result, dict)
    assert (result["packages"], result["proven"], result["restored"]) == (2, 2, [])


def test_verify_writes_nothing_into_the_environment(settled: Machine) -> None:
    compiled(settled.libraries / "demo/part.py")
    before = settled.snapshot()

    settled.trued("verify")

    assert settled.snapshot() == before


def test_scripts_are_known_in_an_environment_at_a_path_of_any_characters(machine: Machine) -> None:
    entry_points = "[console_scripts]\ndemo = demo:version.upper\n"
    machine.write(machine.index.add(make_wheel("demo", entry_points=entry_points)).line)
    place = "it's `my` $HOME"
    machine.trued("install", "-r", "requirements.txt", "--venv", place)

    ran = machine.trued("verify", "--strict", place)

    assert (ran.status, ran.codes) == (0, [])
    assert (machine.work / place / "bin" / "demo").is_file()
