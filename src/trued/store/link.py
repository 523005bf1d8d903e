"""Laying out entries of the store in an environment: the warm path of an installation.

Each file is looked at once (:mod:`trued.store.seal`); what the seal does not vouch for is hashed before it
is linked, and what then is not what was verified is not linked at all. Only files that the manifest names
are ever linked: what somebody added to a tree stays where it is.
"""

from __future__ import annotations

import errno

from trued.store import seal as seals
from trued.store.damage import StoreDamaged
from trued.store.directory import closed, made, opened
from trued.store.jobs import batches_of
from trued.store.manifest import digest_of
from trued.store.seal import boot_id
from trued.store.transfer import NOT_POSSIBLE, ways
from trued.store.tree import Tree, bytecode_tree, check_seals, wheel_tree
from trued.store.workers import outcomes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TypeAlias

    from trued.store.blake3_digests import Blake3Digests
    from trued.store.directory import Directory
    from trued.store.jobs import Job
    from trued.store.manifest import BytecodeManifest, File, Group, Manifest
    from trued.store.transfer import Transfer
    from trued.store.tree import Verify

    Outcome: TypeAlias = tuple[
        list[tuple[int, str]],
        list[tuple[int, int, int]],
        dict[int, dict[int, bytes]],
        list[str],
        tuple[int, str, str] | None,
    ]
    """Damaged (tree, path); numbers found anew (tree, position, inode); BLAKE3 digests learned, by tree and
    position; ways used; the error that ended it."""

__all__ = ["LayOut", "lay_out"]


class LayOut:
    """One entry to be laid out: its path, its manifest, and its bytecode's where that is wanted."""

    __slots__ = ("bytecode", "entry", "manifest")

    def __init__(self, entry: str, manifest: Manifest, bytecode: BytecodeManifest | None = None) -> None:
        self.entry = entry
        self.manifest = manifest
        self.bytecode = bytecode


def lay_out(
    entries: Sequence[LayOut | Tree],
    roots: Mapping[str, str],
    *,
    mode: str = "auto",
    verify: Verify = "seal",
    workers: int = 2,
) -> tuple[str, ...]:
    """Link every file of *entries* below *roots*, and return the ways that were used (``hardlink``, …).

    *roots* maps the schemes (``purelib``, ``platlib``, ``scripts``, ``headers``, ``data``) to folders;
    missing folders are made. *mode* is one of :data:`trued.store.transfer.MODES`. ``verify='full'`` hashes
    every file again, whatever the seals say. The caller holds the store's lock, shared, since before it
    read the manifests. A tree whose manifest is not read yet is read, and its seal checked, by the worker
    who needs it.

    On failure some files may be linked already; the caller undoes that.

    Raises:
        StoreDamaged: files of entries are not what was verified; names all of them.
        FileExistsError: something is in the way; ``filename`` is its path.
        OSError: the system refused; ``filename`` is the path that was to be made.
        OperationalError: a worker was killed.

    """
    trees = _trees(entries)
    check_seals([tree for tree in trees if not tree.cuts], verify=verify)
    boot = boot_id()
    batches = batches_of(trees, by_bytes=verify == "full")
    found = outcomes(
        lambda taken: _Linker(trees, roots, mode=mode, boot=boot, verify=verify).work(taken),
        batches,
        workers=workers,
    )
    _raise_errors(found, trees)
    _renew(trees, found)
    if verify == "full":
        _keep_digests(trees, found)
    return tuple(sorted({way for _, _, _, used, _ in found for way in used}))


def _trees(entries: Sequence[LayOut | Tree]) -> list[Tree]:
    trees = []
    for one in entries:
        if isinstance(one, Tree):
            trees.append(one)
            continue
        trees.append(wheel_tree(one.entry, one.manifest))
        if one.bytecode is not None:
            trees.append(bytecode_tree(one.entry, one.bytecode))
    return trees


class _Linker:
    """One worker's linking: what it does, and what it found."""

    def __init__(
        self, trees: Sequence[Tree], roots: Mapping[str, str], *, mode: str, boot: str, verify: Verify
    ) -> None:
        self._trees = trees
        self._boot = boot
        self._verify: Verify = verify
        self._roots = roots
        self._ways = {root: ways(mode) for root in roots.values()}
        self._damaged: list[tuple[int, str]] = []
        self._renumbered: list[tuple[int, int, int]] = []
        self._used: set[str] = set()
        self._digests: dict[int, Blake3Digests] = {}
        self._opener: Callable[[Sequence[bytes]], Blake3Digests] | None = None
        if verify == "full":
            from trued.store.blake3_digests import Blake3Digests

            self._opener = Blake3Digests.opener()

    def work(self, batches: Iterable[Sequence[Job]]) -> Outcome:
        """Link the files of *batches* until there are none, or until the first error."""
        failure = None
        try:
            for batch in batches:
                for job in batch:
                    self._link_directories(*job)
        except OSError as error:
            failure = (error.errno or 0, error.strerror or str(error), str(error.filename or ""))
        learned = {number: digests.learned for number, digests in self._digests.items() if digests.learned}
        return self._damaged, self._renumbered, learned, list(self._used), failure

    def _link_directories(self, number: int, start: int, stop: int, first: int) -> None:
        tree = self._trees[number]
        try:
            if not tree.is_read:
                check_seals((tree,), verify=self._verify, boot=self._boot)
            groups = tree.groups[start:stop]
        except StoreDamaged:
            self._damaged.append((number, ""))
            return
        for group in groups:
            self._link_directory(number, group, first)
            first += len(group[3])

    def _link_directory(self, number: int, group: Group, first: int) -> None:
        scheme, below, where, files = group
        try:
            source = opened(f"{self._trees[number].path}/{below}")
        except (FileNotFoundError, NotADirectoryError):
            self._damaged.extend((number, f"{below}/{file[0]}" if below else file[0]) for file in files)
            return
        root = self._roots[scheme]
        try:
            intact = self._intact(number, group, first, source)
            if intact:
                self._bring(intact, source, f"{root}/{where}" if where else root, root)
        finally:
            closed(source)

    def _intact(self, number: int, group: Group, first: int, source: Directory) -> Sequence[File]:
        """Return those files of the directory that are what was verified."""
        _, below, _, files = group
        seal = self._trees[number].seal
        moved = seals.moved(files, source, seal=seal, first=first)
        if not moved:
            return files
        from trued.store.rehash import inode_if_intact

        lost = set()
        digests = self._digests_of(number)
        for position in moved:
            file = files[position]
            inode = inode_if_intact(
                file, source, mtime=seal.mtime, digests=digests, position=first + position
            )
            if not inode:
                lost.add(position)
                self._damaged.append((number, f"{below}/{file[0]}" if below else file[0]))
            elif not seal.inodes or seal.inodes[first + position] != inode:
                self._renumbered.append((number, first + position, inode))
        return [file for position, file in enumerate(files) if position not in lost]

    def _digests_of(self, number: int) -> Blake3Digests | None:
        """Return the BLAKE3 digests of a tree, where everything is to be hashed and the library is there."""
        digests = self._digests.get(number)
        if digests is None and self._opener is not None:
            from trued.store.blake3_digests import load

            tree = self._trees[number]
            known = load(tree.blake3_path, manifest=digest_of(tree.manifest_path), count=tree.count)
            digests = self._digests[number] = self._opener(known)
        return digests

    def _bring(self, files: Sequence[File], source: Directory, path: str, root: str) -> None:
        target = _opened_target(path)
        way = self._ways[root][0]
        try:
            for file in files:
                try:
                    way(file[0], source, target, file[3])
                except OSError as error:
                    error.filename = f"{path}/{file[0]}"
                    way = self._bring_otherwise(file, source, target, root=root, error=error)
        finally:
            closed(target)
        self._used.add(way.__name__)

    def _bring_otherwise(
        self, file: File, source: Directory, target: Directory, *, root: str, error: OSError
    ) -> Transfer:
        """Try the ways that are left for *root* when one failed with *error*; return the one that worked."""
        left = self._ways[root]
        for way in left[1:]:
            if error.errno not in NOT_POSSIBLE:
                break
            if error.errno != errno.EMLINK:  # that is about the one file
                self._ways[root] = left = left[1:]
            try:
                way(file[0], source, target, file[3])
            except OSError as other:
                other.filename = error.filename
                error = other
            else:
                return way
        raise error


def _opened_target(path: str) -> Directory:
    made(path)  # first: most are new, and asking beforehand costs as much again
    return opened(path)


def _raise_errors(found: Sequence[Outcome], trees: Sequence[Tree]) -> None:
    damaged: dict[str, list[str]] = {}
    for lost, _, _, _, _ in found:
        for number, path in lost:
            tree = trees[number]
            lost_path = f"{tree.path}/{path}" if path else tree.manifest_path
            damaged.setdefault(tree.entry, []).append(lost_path[len(tree.entry) + 1 :])
    if damaged:
        raise StoreDamaged(damaged)
    for _, _, _, _, failure in found:
        if failure:
            raise OSError(*failure)


def _renew(trees: Sequence[Tree], found: Sequence[Outcome]) -> None:
    """Renew every seal, now that the links are made; write those anew whose files have other numbers."""
    renumbered: dict[int, list[int]] = {}
    for _, numbers, _, _, _ in found:
        for number, position, inode in numbers:
            inodes = renumbered.get(number)
            if inodes is None:
                tree = trees[number]
                inodes = renumbered[number] = list(tree.seal.inodes) or [0] * tree.count
            inodes[position] = inode
    seals.renew(tree.seal_path for number, tree in enumerate(trees) if number not in renumbered)
    for number, inodes in renumbered.items():
        seals.replace(trees[number].seal_path, inodes=inodes, mtime=trees[number].seal.mtime)


def _keep_digests(trees: Sequence[Tree], found: Sequence[Outcome]) -> None:
    """Keep the digests that were taken beside sha256, for the next time everything is hashed."""
    from trued.store.blake3_digests import load, save

    learned: dict[int, dict[int, bytes]] = {}
    for _, _, taken, _, _ in found:
        for number, digests in taken.items():
            learned.setdefault(number, {}).update(digests)
    for number, digests in learned.items():
        tree = trees[number]
        manifest = digest_of(tree.manifest_path)
        known = load(tree.blake3_path, manifest=manifest, count=tree.count)
        save(tree.blake3_path, manifest=manifest, known=known, learned=digests, count=tree.count)
