"""The form of a replay, as the launcher reads it (``native/src/replay.rs``). LEAN.

Integers are little-endian, a text is its length in four bytes and its bytes, a list its count and its
elements. Names of files end with a zero byte, and stand as the system takes them.
"""

from __future__ import annotations

import os

from trued.environment.record import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trued.environment.made import Made
    from trued.store.manifest import Group
    from trued.store.tree import Tree

__all__ = [
    "NOTHING", "Installing", "absent", "between", "content", "digest", "dumped", "holds", "identity", "known",
    "leads",
    "open_to_all", "writing",
]  # fmt: skip

_FORM = b"trued replay 1\n"
_MOST_WORKERS = 2


def dumped(conditions: Sequence[bytes], printed: tuple[bytes, bytes], action: bytes) -> bytes:
    """Return a replay: what has to be so, what goes to stdout and stderr, and what is done."""
    body = b"".join([_FORM, _listed(conditions), _text(printed[0]), _text(printed[1]), action])
    return bytes(sha256(body).digest()) + body


def absent(path: str) -> bytes:
    """Return the condition that nothing is at *path*."""
    return b"A" + _name(path)


def content(path: str, data: bytes) -> bytes:
    """Return the condition that the file at *path* holds *data*."""
    return b"C" + _name(path) + _text(data)


def digest(path: str, sha256_hex: str) -> bytes:
    """Return the condition that the content of the file at *path* has this digest."""
    return b"D" + _name(path) + _text(bytes.fromhex(sha256_hex))


def identity(path: str, status: os.stat_result) -> bytes:
    """Return the condition that the file at *path* is the one of *status*, unchanged."""
    return known(path, status.st_ino, status.st_size, status.st_mtime_ns)


def known(path: str, inode: int, size: int, mtime_ns: int) -> bytes:
    """Return the condition that the file at *path* is the one of these, unchanged."""
    return b"I" + _name(path) + _long(inode) + _long(size) + _signed(mtime_ns)


def leads(path: str, real: str) -> bytes:
    """Return the condition that *path* leads to *real* through every link."""
    return b"L" + _name(path) + _text(os.fsencode(real))


def holds(folder: str, names: Iterable[str]) -> bytes:
    """Return the condition that *folder* holds *names* and no other; none where it is not there."""
    return b"H" + _name(folder) + _listed([_text(name) for name in sorted(map(os.fsencode, names))])


def open_to_all(folder: str, *, is_open: bool) -> bytes:
    """Return the condition that everybody, or not everybody, may write to *folder*."""
    return b"O" + _name(folder) + _truth(is_open)


def between(since: int, until: int) -> bytes:
    """Return the condition that it is *since* or later, and before *until*; seconds since 1970."""
    return b"B" + _signed(since) + _signed(until)


NOTHING = b"\0"
"""The action of a run that found everything done."""


def writing(path: str, data: bytes) -> bytes:
    """Return the action of putting *data* at *path*, where nothing is."""
    return b"\2" + _name(path) + _text(data)


class Installing:
    """The action of an installation, put together while it is made."""

    __slots__ = ("_conditions", "_folders", "_journal", "_library", "_made", "_undo")

    def __init__(
        self,
        library: str,
        *,
        conditions: Sequence[bytes],
        journal: bytes,
        undo: Sequence[str],
        folders: Sequence[str],
        made: Iterable[Made],
        roots: dict[str, str],
    ) -> None:
        self._library = library
        self._conditions = _listed(conditions)
        self._journal = _text(journal)
        self._undo = _names(undo)
        self._folders = _names(folders)
        self._made = _listed([_made(one, roots) for one in made])

    def dumped(
        self, store_lock: str, trees: Iterable[Tree], roots: dict[str, str], *, hashes_all: bool, workers: int
    ) -> bytes:
        """Return the action, of files of *trees* that go below *roots*."""
        return b"".join([
            b"\1",
            _name(self._library),
            _name(store_lock),
            self._conditions,
            self._journal,
            self._undo,
            self._folders,
            self._made,
            _listed([_tree(tree, roots) for tree in trees]),
            _truth(hashes_all),
            _short(min(workers, _MOST_WORKERS)),
        ])  # fmt: skip


def _made(made: Made, roots: dict[str, str]) -> bytes:
    scheme, folder, name, data, executable = made
    path = f"{roots[scheme]}/{folder}/{name}" if folder else f"{roots[scheme]}/{name}"
    return _name(path) + _truth(executable) + _text(data)


def _tree(tree: Tree, roots: dict[str, str]) -> bytes:
    from trued.store.manifest import digest_of

    return b"".join([
        _text(os.fsencode(tree.path)),
        _name(tree.manifest_path),
        digest_of(tree.manifest_path),
        _name(tree.seal_path),
        _listed([_group(group, roots[group[0]]) for group in tree.groups]),
    ])  # fmt: skip


def _group(group: Group, root: str) -> bytes:
    _, source, target, files = group
    described = [
        _name(name) + _long(size) + _truth(executable) + bytes.fromhex(sha256_hex)
        for name, size, sha256_hex, executable in files
    ]
    return _name(source) + _name(f"{root}/{target}" if target else root) + _listed(described)


def _name(path: str) -> bytes:
    return _text(os.fsencode(path) + b"\0")


def _names(paths: Sequence[str]) -> bytes:
    return _listed([_name(path) for path in paths])


def _text(data: bytes) -> bytes:
    return _short(len(data)) + data


def _listed(elements: Sequence[bytes]) -> bytes:
    return _short(len(elements)) + b"".join(elements)


def _truth(truth: bool) -> bytes:  # noqa: FBT001 - the one thing it is about
    return b"\1" if truth else b"\0"


def _short(number: int) -> bytes:
    return number.to_bytes(4, "little")


def _long(number: int) -> bytes:
    return number.to_bytes(8, "little")


def _signed(number: int) -> bytes:
    return _long(number & 0xFFFF_FFFF_FFFF_FFFF)  # the launcher counts in as many bits: the year 2500 is 1915
