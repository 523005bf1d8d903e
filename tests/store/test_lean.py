"""The warm path imports next to nothing: each module would cost more than the links it helps to make."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import trued
from tests.store.wheels import Store, wheel

PERMITTED = {
    "__future__", "__main__", "_thread", "abc", "builtins", "codecs", "encodings", "encodings.aliases",
    "encodings.utf_8", "errno", "fcntl", "genericpath", "io", "marshal", "os", "os.path", "posix",
    "posixpath", "stat", "sys", "time", "trued", "trued.core", "trued.core.errors", "zipimport",
    "linecache",  # Python 3.13 imports it itself, for -c
}  # fmt: skip
LAY_OUT = """
import sys
sys.path.insert(0, sys.argv[1])
from trued.store.layout import entry_path
from trued.store.link import LayOut, lay_out
from trued.store.lock import using
from trued.store.manifest import load, load_bytecode
with using(sys.argv[2]):
    entry = entry_path(sys.argv[2], sys.argv[3])
    roots = dict.fromkeys(("purelib", "platlib", "scripts", "headers", "data"), sys.argv[4])
    lay_out([LayOut(entry, load(entry), load_bytecode(entry, "cpython-311"))], roots)
print("\\n".join(sys.modules))
"""


def imported(store: Store, sha256: str, target: Path) -> set[str]:
    source = str(Path(trued.__file__).parent.parent)
    command = [sys.executable, "-I", "-S", "-c", LAY_OUT, source, store.path, sha256, str(target)]
    return set(subprocess.check_output(command, text=True).split())


def test_laying_out_imports_only_what_is_built_in_or_cheap(store: Store, target: Path) -> None:
    one = wheel()
    store.admit(one)
    found = imported(store, one.sha256, target)
    foreign = {name for name in found if not name.startswith(("_", "trued.store"))}
    assert foreign <= PERMITTED


def test_an_intact_entry_is_not_hashed(store: Store, target: Path) -> None:
    one = wheel()
    store.admit(one)
    assert "trued.store.rehash" not in imported(store, one.sha256, target)


def test_an_entry_without_its_seal_is_hashed(store: Store, target: Path) -> None:
    one = wheel()
    Path(store.admit(one), "seal").unlink()
    assert "trued.store.rehash" in imported(store, one.sha256, target)
