"""A helper does half of a large wheel, and nobody can tell from what is kept."""

from __future__ import annotations

import errno
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.store.wheels import Store, wheel
from trued.core.errors import Refused
from trued.store import admit as admitting
from trued.store.damage import StoreUnusable
from trued.store.helper import Helper
from trued.store.layout import tree_path
from trued.store.manifest import load
from trued.store.seal import read

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(sys.platform != "linux", reason="only there a process is forked"),
]

LARGE = {f"demo/part{number // 50}/m{number}.py": b"N = %04d\n" % number for number in range(1000)}
SCRIPTS = {"demo-1.0.data/scripts/zz-run": b"#!python\nprint(1)\n"}


def test_a_wheel_of_two_halves_is_the_wheel(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = wheel(LARGE | SCRIPTS)
    shared = store.admit(large)
    monkeypatch.setattr(admitting, "can_help", lambda: False)
    alone = Store(tmp_path / "alone").admit(large)

    assert load(shared) == load(alone)
    assert _contents(shared) == _contents(alone)
    assert load(shared)["rewrites"]


def test_the_seal_knows_the_files_of_both_halves(store: Store) -> None:
    entry = store.admit(wheel(LARGE))
    tree = Path(tree_path(entry))
    files = [tree / source / file[0] for _, source, _, group in load(entry)["groups"] for file in group]

    sealed = read(f"{entry}/seal", f"{entry}/manifest")

    assert list(sealed.inodes) == [file.stat().st_ino for file in files]


@pytest.mark.parametrize("path", ["demo/part0/m1.py", "demo/part19/m999.py"])
def test_a_lie_in_either_half_refuses_the_wheel(store: Store, path: str) -> None:
    # Attack: a file that is not what RECORD says, where another process is to look at it.
    lying = wheel(LARGE, lies={path: b"N = 6666\n"})

    with pytest.raises(Refused) as refused:
        store.admit(lying)

    assert "TRU268" in {finding.code for finding in refused.value.findings}
    assert path in {finding.values["path"] for finding in refused.value.findings}
    assert not os.listdir(Path(store.path, "tmp"))


def test_lies_in_both_halves_are_told_together(store: Store) -> None:
    paths = ["demo/part0/m1.py", "demo/part19/m999.py"]

    with pytest.raises(Refused) as refused:
        store.admit(wheel(LARGE, lies=dict.fromkeys(paths, b"N = 7777\n")))

    assert {finding.values["path"] for finding in refused.value.findings} >= set(paths)


def test_what_the_system_refuses_the_helper_is_raised_here() -> None:
    def work() -> None:
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(OSError, match="No space") as raised:
        Helper(work).result(tuple)

    assert raised.value.errno == errno.ENOSPC


@pytest.mark.parametrize("end", [lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: 1 // 0])
def test_a_helper_that_is_lost_is_told(end: object) -> None:
    with pytest.raises(ChildProcessError):
        Helper(end).result(tuple)  # type: ignore[arg-type]  # a work that never returns


def test_a_lost_helper_leaves_nothing_in_the_store(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Helper, "result", _lost)

    with pytest.raises(StoreUnusable):
        store.admit(wheel(LARGE))

    assert not os.listdir(Path(store.path, "tmp"))


def _lost(helper: Helper, _kind: type) -> None:
    os.close(helper._answer)
    os.waitpid(helper._child, 0)
    raise ChildProcessError(errno.ECHILD, "lost")


def _contents(entry: str) -> dict[str, tuple[bytes, int]]:
    tree = Path(tree_path(entry))
    return {
        str(file.relative_to(tree)): (file.read_bytes(), file.stat().st_mode)
        for file in tree.rglob("*")
        if file.is_file()
    }
