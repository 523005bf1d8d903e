"""The sealed folders of an entry: the unpacked wheel, and what was compiled of it."""

from __future__ import annotations

from trued.store import seal as seals
from trued.store.damage import StoreDamaged
from trued.store.layout import bytecode_path, manifest_path, seal_path, tree_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal, TypeAlias

    from trued.store.manifest import BytecodeManifest, Group, Manifest

    Verify: TypeAlias = Literal["seal", "full"]
    """Hash what the seals do not vouch for, or everything."""

__all__ = ["Tree", "bytecode_tree", "check_seals", "wheel_tree"]


class Tree:
    """A sealed folder: where it lies, the groups of its manifest, and the seal as it was read."""

    __slots__ = ("entry", "groups", "manifest_path", "path", "seal", "seal_path")

    def __init__(self, entry: str, folder: str, *, groups: Sequence[Group]) -> None:
        self.entry = entry
        self.path = tree_path(folder)
        self.groups = groups
        self.manifest_path = manifest_path(folder)
        self.seal_path = seal_path(folder)
        self.seal = seals.read(self.seal_path, self.manifest_path)

    @property
    def count(self) -> int:
        """The number of files."""
        return sum([len(group[3]) for group in self.groups])


def wheel_tree(entry: str, manifest: Manifest) -> Tree:
    """Return the unpacked wheel of *entry*."""
    return Tree(entry, entry, groups=manifest["groups"])


def bytecode_tree(entry: str, manifest: BytecodeManifest) -> Tree:
    """Return what was compiled of *entry* for the interpreters that *manifest* is for."""
    return Tree(entry, bytecode_path(entry, manifest["cache_tag"]), groups=manifest["groups"])


def check_seals(trees: Sequence[Tree], *, verify: Verify) -> None:
    """Break the seals that do not hold: of another boot or another manifest, or all of them on request.

    A manifest without a seal that holds is hashed too, since nothing else speaks for it.

    Raises:
        StoreDamaged: manifests are not as they were written; names all of them.

    """
    boot = ""
    lost = {}
    for tree in trees:
        seal = tree.seal
        if seal.boot and not boot:
            boot = seals.boot_id()
        if (seal.boot and seal.boot != boot) or len(seal.inodes) != tree.count:
            seal.inodes = ()
        if verify == "full":
            seal.time = -1
        if (not seal.inodes or seal.time < 0) and not _is_whole(tree.manifest_path):
            lost[tree.entry] = (tree.manifest_path[len(tree.entry) + 1 :],)
    if lost:
        raise StoreDamaged(lost)


def _is_whole(path: str) -> bool:
    from trued.store.manifest import is_whole

    return is_whole(path)
