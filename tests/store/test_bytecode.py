"""Bytecode: compiled once from verified sources, accepted by the interpreter, sealed like the rest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.store.wheels import (
    NOW_NS,
    Store,
    compiled,
    contents,
    leftovers,
    many_files,
    overwrite,
    roots,
    wheel,
)
from trued.store.bytecode import compile_entries
from trued.store.damage import StoreDamaged
from trued.store.discard import discard
from trued.store.layout import bytecode_path
from trued.store.link import lay_out
from trued.store.manifest import load, load_bytecode

TAG = str(sys.implementation.cache_tag)
PYC = f"demo/__pycache__/module.{TAG}.pyc"
SOURCES = {
    "demo/__init__.py": b"",
    "demo/module.py": b"def where():\n    return where.__code__.co_filename\n",
}


def compile_them(store: Store, *entries: str, python: str = sys.executable, tag: str = TAG) -> list[str]:
    findings = compile_entries(store.path, entries, python=python, cache_tag=tag, now_ns=NOW_NS)
    return [finding.code for finding in findings]


def bytecode_file(entry: str, path: str) -> Path:
    return Path(bytecode_path(entry, TAG), "tree", path)


def run(target: Path, code: str, python: str = sys.executable) -> str:
    """Run *code* where the laid out packages can be imported, and return what it prints."""
    with_path = f"import sys; sys.path.insert(0, {str(target / 'lib')!r}); {code}"
    return subprocess.check_output([python, "-I", "-S", "-c", with_path], text=True).strip()


def test_every_module_is_laid_out_with_its_bytecode(store: Store, target: Path) -> None:
    entry = store.admit(wheel(SOURCES))
    assert compile_them(store, entry) == []
    lay_out([compiled(entry, TAG)], roots(target))
    assert PYC in contents(target / "lib")
    assert f"demo/__pycache__/__init__.{TAG}.pyc" in contents(target / "lib")


@pytest.mark.parametrize("mode", ["hardlink", "copy"])
def test_the_interpreter_takes_the_bytecode_and_knows_the_real_source(
    store: Store, target: Path, mode: str
) -> None:
    entry = store.admit(wheel(SOURCES))
    compile_them(store, entry)
    lay_out([compiled(entry, TAG)], roots(target), mode=mode)
    told = run(target, "import demo.module as m; print(m.where()); print(m.__cached__)").splitlines()
    assert told == [str(target / "lib/demo/module.py"), str(target / "lib" / PYC)]
    assert contents(target / "lib")[PYC] == bytecode_file(entry, PYC).read_bytes()


def test_the_bytecode_is_what_runs(store: Store, target: Path) -> None:
    """Seen by a source that is exchanged for one of the same second and size."""
    entry = store.admit(wheel({"one.py": b"print(1)\n"}))
    compile_them(store, entry)
    lay_out([compiled(entry, TAG)], roots(target), mode="copy")
    overwrite(target / "lib/one.py", b"print(2)\n", keep_time=True)
    assert run(target, "import one") == "1"


def test_rows_for_record_name_the_compiled_files(store: Store) -> None:
    entry = store.admit(wheel(SOURCES))
    compile_them(store, entry)
    manifest = load_bytecode(entry, TAG)
    assert manifest is not None
    size = bytecode_file(entry, PYC).stat().st_size
    rows = manifest["record"].decode().splitlines()
    assert any(row.startswith(f"{PYC},sha256=") and row.endswith(f",{size}") for row in rows)


def test_what_cannot_be_compiled_is_left_out(store: Store) -> None:
    files = {
        "demo/good.py": b"A = 1\n",
        "demo/template.py": b"{{ name }} = {% if %}\n",
        "demo/null.py": b"a = 1\0\n",
        "demo/coding.py": b"# -*- coding: no-such -*-\n",
        "demo/latin.py": b"a = '\xe9'\n",
    }
    entry = store.admit(wheel(files))
    assert compile_them(store, entry) == []
    found = contents(Path(bytecode_path(entry, TAG), "tree"))
    assert set(found) == {f"demo/__pycache__/good.{TAG}.pyc"}


def test_only_modules_of_the_library_are_compiled(store: Store) -> None:
    files = {"demo-1.0.data/scripts/run.py": b"", "demo-1.0.data/data/x.py": b"", "a.py": b""}
    entry = store.admit(wheel(files))
    compile_them(store, entry)
    assert set(contents(Path(bytecode_path(entry, TAG), "tree"))) == {f"__pycache__/a.{TAG}.pyc"}


def test_a_wheel_without_modules_has_empty_bytecode_and_is_not_asked_again(store: Store) -> None:
    entry = store.admit(wheel({"data.txt": b""}))
    compile_them(store, entry)
    manifest = load_bytecode(entry, TAG)
    assert manifest is not None
    assert manifest["groups"] == ()


def test_nothing_is_compiled_twice(store: Store) -> None:
    entry = store.admit(wheel(SOURCES))
    compile_them(store, entry)
    assert compile_them(store, entry, python="/no/such/python") == []


def test_many_entries_are_compiled_in_one_go(store: Store) -> None:
    found = [store.admit(wheel(many_files(100), version=f"{number}.0")) for number in range(3)]
    compile_them(store, *found)
    for entry in found:
        assert len(contents(Path(bytecode_path(entry, TAG), "tree"))) == 100
    assert leftovers(store) == []


def test_an_edited_source_is_never_compiled(store: Store) -> None:
    entry = store.admit(wheel(SOURCES))
    path = Path(entry, "tree/demo/module.py")
    overwrite(path, path.read_bytes().replace(b"where", b"there"), keep_time=True)
    with pytest.raises(StoreDamaged) as raised:
        compile_them(store, entry)
    assert dict(raised.value.entries) == {entry: ["tree/demo/module.py"]}
    assert load_bytecode(entry, TAG) is None


def test_an_edited_bytecode_file_is_found_and_only_the_bytecode_goes(store: Store, target: Path) -> None:
    entry = store.admit(wheel(SOURCES))
    compile_them(store, entry)
    path = bytecode_file(entry, PYC)
    overwrite(path, path.read_bytes()[::-1], keep_time=True)
    with pytest.raises(StoreDamaged) as raised:
        lay_out([compiled(entry, TAG)], roots(target))
    assert dict(raised.value.entries) == {entry: [f"bytecode/{TAG}/tree/{PYC}"]}
    assert discard(store.path, raised.value) == ()
    assert load(entry)["project"] == "demo"
    assert load_bytecode(entry, TAG) is None


def test_unreadable_bytecode_is_compiled_anew(store: Store) -> None:
    entry = store.admit(wheel(SOURCES))
    compile_them(store, entry)
    overwrite(Path(bytecode_path(entry, TAG), "manifest"), b"")
    compile_them(store, entry)
    assert load_bytecode(entry, TAG) is not None
    assert leftovers(store) == []


def test_an_interpreter_that_is_not_there_is_a_warning(store: Store) -> None:
    assert compile_them(store, store.admit(wheel(SOURCES)), python="/no/such/python") == ["TRU404"]


def test_an_interpreter_that_dies_is_a_warning_and_leaves_nothing(store: Store) -> None:
    entry = store.admit(wheel(SOURCES))
    false = shutil.which("false")
    assert false is not None
    assert compile_them(store, entry, python=false) == ["TRU404"]
    assert load_bytecode(entry, TAG) is None
    assert leftovers(store) == []


def test_python_variables_do_not_reach_the_compiler(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONOPTIMIZE", "2")
    monkeypatch.setenv("PYTHONSTARTUP", "/no/such/file")
    entry = store.admit(wheel({"one.py": b"assert len, 'kept'\n"}))
    compile_them(store, entry)
    assert b"kept" in bytecode_file(entry, f"__pycache__/one.{TAG}.pyc").read_bytes()


def old_python() -> str:
    """Return the oldest interpreter that targets may have, where one can be found."""
    for folder in (*Path.home().glob(".pyenv/versions/3.8.*/bin"), *map(Path, os.get_exec_path())):
        python = folder / "python3.8"
        if python.exists() and "shims" not in folder.parts:
            return str(python)
    pytest.skip("no Python 3.8 here")


def test_the_compiler_runs_on_the_oldest_python_of_targets(store: Store, target: Path) -> None:
    python = old_python()
    entry = store.admit(wheel(SOURCES | {"demo/new.py": b"match 1:\n    case _: pass\n"}))
    assert compile_them(store, entry, python=python, tag="cpython-38") == []
    lay_out([compiled(entry, "cpython-38")], roots(target))
    told = run(target, "import demo.module as m; print(m.__cached__)", python)
    assert told == str(target / "lib/demo/__pycache__/module.cpython-38.pyc")
    assert "demo/__pycache__/new.cpython-38.pyc" not in contents(target / "lib")
