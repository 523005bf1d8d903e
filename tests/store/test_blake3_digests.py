"""BLAKE3 digests beside the manifest: taken of verified bytes only, and believed only where they belong."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.store.wheels import Store, contents, overwrite, tree_file, wheel
from trued.store.blake3_digests import Blake3Digests, load, save
from trued.store.damage import StoreDamaged
from trued.store.layout import blake3_path, manifest_path
from trued.store.manifest import digest_of
from trued.store.manifest import load as load_manifest

blake3 = pytest.importorskip("blake3").blake3

LARGE = b"x = 1  # a line of a module\n" * 20_000
FILES = {"demo/large.py": LARGE, "demo/small.py": b"y = 2\n"}


@pytest.fixture
def entry(store: Store) -> str:
    return store.admit(wheel(FILES))


def known(entry: str) -> list[bytes]:
    """Return the digests that are kept for *entry*, without the empty ones."""
    count = sum(len(group[3]) for group in load_manifest(entry)["groups"])
    found = load(blake3_path(entry), manifest=digest_of(manifest_path(entry)), count=count)
    return [digest for digest in found if digest]


def edit_unseen(entry: str) -> None:
    """Change a byte of the large file as a failing disk does: same size, same times."""
    path = tree_file(entry, "demo/large.py")
    before = path.stat()
    overwrite(path, b"X" + LARGE[1:])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_hashing_everything_keeps_the_digests_of_large_files(store: Store, target: Path, entry: str) -> None:
    store.lay_out(target, entry, full=True)

    assert known(entry) == [blake3(LARGE).digest()]


def test_a_run_that_only_looks_at_seals_keeps_none(store: Store, target: Path, entry: str) -> None:
    store.lay_out(target, entry)

    assert not os.path.exists(blake3_path(entry))


def test_files_are_laid_out_by_the_digests_of_the_run_before(store: Store, target: Path, entry: str) -> None:
    store.lay_out(target / "first", entry, full=True)
    store.lay_out(target / "second", entry, full=True)

    assert contents(target / "second") == contents(target / "first")


def test_an_edit_after_the_digests_were_taken_is_found(store: Store, target: Path, entry: str) -> None:
    store.lay_out(target / "first", entry, full=True)
    edit_unseen(entry)

    with pytest.raises(StoreDamaged) as raised:
        store.lay_out(target / "second", entry, full=True)

    assert dict(raised.value.entries) == {entry: ["tree/demo/large.py"]}


def test_no_digest_is_taken_of_what_is_not_the_verified_file(store: Store, target: Path, entry: str) -> None:
    edit_unseen(entry)

    with pytest.raises(StoreDamaged):
        store.lay_out(target, entry, full=True)

    assert known(entry) == []


def test_another_run_completes_the_digests_that_are_known(store: Store, target: Path, entry: str) -> None:
    count = sum(len(group[3]) for group in load_manifest(entry)["groups"])
    manifest = digest_of(manifest_path(entry))
    save(blake3_path(entry), manifest=manifest, known=(), learned={}, count=count)

    store.lay_out(target, entry, full=True)

    assert known(entry) == [blake3(LARGE).digest()]


def _flip_a_bit(path: str) -> None:
    data = bytearray(Path(path).read_bytes())
    data[-1] ^= 1
    Path(path).write_bytes(data)


def _cut_short(path: str) -> None:
    Path(path).write_bytes(Path(path).read_bytes()[:-1])


def _of_another_manifest(path: str) -> None:
    save(path, manifest=b"?" * 32, known=(), learned={0: blake3(b"X" + LARGE[1:]).digest()}, count=2)


def _of_fewer_files(path: str) -> None:
    manifest = digest_of(manifest_path(os.path.dirname(path)))
    save(path, manifest=manifest, known=(), learned={0: blake3(LARGE).digest()}, count=1)


@pytest.mark.parametrize("spoil", [_flip_a_bit, _cut_short, _of_another_manifest, _of_fewer_files, os.unlink])
def test_digests_that_cannot_be_relied_on_count_for_nothing(
    store: Store, target: Path, entry: str, spoil: Callable[[str], None]
) -> None:
    store.lay_out(target / "first", entry, full=True)
    spoil(blake3_path(entry))
    assert known(entry) == []

    store.lay_out(target / "second", entry, full=True)
    assert known(entry) == [blake3(LARGE).digest()]

    spoil(blake3_path(entry))
    edit_unseen(entry)
    with pytest.raises(StoreDamaged):
        store.lay_out(target / "third", entry, full=True)


def test_without_the_library_sha256_decides(
    store: Store, target: Path, entry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "blake3", None)

    store.lay_out(target / "first", entry, full=True)
    edit_unseen(entry)

    with pytest.raises(StoreDamaged):
        store.lay_out(target / "second", entry, full=True)
    assert not os.path.exists(blake3_path(entry))


@pytest.mark.parametrize("content", [LARGE[:-1], LARGE + b"y", b"y" + LARGE[1:], b""])
@pytest.mark.parametrize("is_known", [True, False])
def test_content_of_another_length_or_with_another_byte_is_not_intact(
    tmp_path: Path, content: bytes, is_known: bool
) -> None:
    from hashlib import sha256

    opener = Blake3Digests.opener()
    assert opener is not None
    digests = opener([blake3(LARGE).digest()] if is_known else [b""])
    (tmp_path / "file").write_bytes(content)

    with open(tmp_path / "file", "rb") as file:
        answer = digests.is_intact(
            file.fileno(), size=len(LARGE), sha256_hex=sha256(LARGE).hexdigest(), position=0
        )

    assert not answer
    assert digests.learned == {}
