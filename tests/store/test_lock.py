"""The store's lock: many users or one deleter."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.wheels import Store, wheel
from trued.store.damage import StoreUnusable
from trued.store.layout import entries, lock_path
from trued.store.lock import alone, using

if sys.platform == "win32":
    pytest.skip("users wait for each other there", allow_module_level=True)

import fcntl


def can_be_had(store: Store, kind: int) -> bool:
    """Tell whether somebody else could have the lock now."""
    descriptor = os.open(lock_path(store.path), os.O_RDWR)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def test_users_do_not_wait_for_each_other(store: Store) -> None:
    with using(store.path), using(store.path):
        assert can_be_had(store, fcntl.LOCK_SH)


def test_who_deletes_waits_for_users(store: Store) -> None:
    with using(store.path):
        assert not can_be_had(store, fcntl.LOCK_EX)


def test_users_wait_for_who_deletes(store: Store) -> None:
    with alone(store.path):
        assert not can_be_had(store, fcntl.LOCK_SH)


def test_the_lock_ends_with_its_holder(store: Store) -> None:
    with using(store.path):
        pass
    assert can_be_had(store, fcntl.LOCK_EX)


def test_a_failure_inside_releases_it(store: Store) -> None:
    with pytest.raises(KeyError), alone(store.path):
        raise KeyError
    assert can_be_had(store, fcntl.LOCK_EX)


@pytest.fixture
def user(store: Store) -> Iterator[subprocess.Popen[str]]:
    """A process that uses the store until it is ended."""
    code = (
        "import sys; from trued.store.lock import using\n"
        "with using(sys.argv[1]): print('using', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, store.path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "using\n"
        yield process


def test_a_killed_user_holds_nobody_up(store: Store, user: subprocess.Popen[str]) -> None:
    assert not can_be_had(store, fcntl.LOCK_EX)
    user.send_signal(signal.SIGKILL)
    user.wait()
    assert can_be_had(store, fcntl.LOCK_EX)


def test_purging_waits_until_the_store_is_free(store: Store, user: subprocess.Popen[str]) -> None:
    store.admit(wheel())
    code = "import sys; from trued.store.housekeeping import purge; print(purge(sys.argv[1]))"
    command = [sys.executable, "-c", code, store.path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as deleter:
        with pytest.raises(subprocess.TimeoutExpired):
            deleter.wait(timeout=0.5)
        assert len(list(entries(store.path))) == 1
        user.communicate()
        assert deleter.communicate()[0] == "1\n"
    assert list(entries(store.path)) == []


def test_the_store_is_private_to_its_user(tmp_path: Path) -> None:
    with using(str(tmp_path / "new/store")):
        pass
    assert (tmp_path / "new/store").stat().st_mode & 0o077 == 0


def test_a_store_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreUnusable, match="TRU403"), using(str(tmp_path / "file/store")):
        pass
