"""The sealed folders of an entry: the unpacked wheel, and what was compiled of it."""

from __future__ import annotations

from trued.store import seal as seals
from trued.store.damage import StoreDamaged
from trued.store.layout import blake3_path, bytecode_path, manifest_path, seal_path, tree_path
from trued.store.manifest import groups_if, is_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Literal, TypeAlias

    from trued.store.manifest import BytecodeManifest, Group, Manifest
    from trued.store.seal import Seal

    Cut: TypeAlias = tuple[int, int, int, int]
    """A run of directories: its first group, the one past its last, the position of its first file, bytes."""

    Verify: TypeAlias = Literal["seal", "full"]
    """Hash what the seals do not vouch for, or everything."""

__all__ = ["Tree", "bytecode_tree", "check_seals", "cuts_of", "wheel_tree"]


class Tree:
    """A sealed folder: where it lies, the groups of its manifest, and the seal as it was read.

    Both are read when they are first asked for. Where *groups* are not given, *digest* is what the manifest
    file has to begin with, and *cuts* say how the groups can be shared by workers, without reading them.
    """

    __slots__ = (
        "_digest",
        "_groups",
        "_seal",
        "blake3_path",
        "cuts",
        "entry",
        "manifest_path",
        "path",
        "seal_path",
    )

    def __init__(
        self,
        entry: str,
        folder: str,
        *,
        groups: Sequence[Group] | None = None,
        digest: bytes = b"",
        cuts: Sequence[Cut] = (),
    ) -> None:
        self.entry = entry
        self.path = tree_path(folder)
        self.manifest_path = manifest_path(folder)
        self.seal_path = seal_path(folder)
        self.blake3_path = blake3_path(folder)
        self.cuts = cuts
        self._digest = digest
        self._groups = groups
        self._seal: Seal | None = None

    @property
    def groups(self) -> Sequence[Group]:
        """The directories. Raises: StoreDamaged when the manifest is another than *digest* says."""
        if self._groups is None:
            self._groups = groups_if(self.manifest_path, self._digest)
            if self._groups is None:
                raise StoreDamaged({self.entry: (self.manifest_path[len(self.entry) + 1 :],)})
        return self._groups

    @property
    def seal(self) -> Seal:
        """The seal, as it was when first asked for."""
        if self._seal is None:
            self._seal = seals.read(self.seal_path, self.manifest_path)
        return self._seal

    @property
    def is_read(self) -> bool:
        """Whether the seal was asked for."""
        return self._seal is not None

    @property
    def count(self) -> int:
        """The number of files."""
        return sum([len(group[3]) for group in self.groups])


def cuts_of(groups: Sequence[Group], *, files: int = 64) -> tuple[Cut, ...]:
    """Return *groups* in runs of about so many *files* each."""
    cuts: list[Cut] = []
    start = first = position = size = 0
    for number, group in enumerate(groups, 1):
        position += len(group[3])
        size += sum([file[1] for file in group[3]])
        if position - first >= files or number == len(groups):
            cuts.append((start, number, first, size))
            start, first, size = number, position, 0
    return tuple(cuts)


def wheel_tree(entry: str, manifest: Manifest) -> Tree:
    """Return the unpacked wheel of *entry*."""
    return Tree(entry, entry, groups=manifest["groups"])


def bytecode_tree(entry: str, manifest: BytecodeManifest) -> Tree:
    """Return what was compiled of *entry* for the interpreters that *manifest* is for."""
    return Tree(entry, bytecode_path(entry, manifest["cache_tag"]), groups=manifest["groups"])


def check_seals(trees: Iterable[Tree], *, verify: Verify, boot: str = "") -> None:
    """Break the seals that do not hold: of another boot or another manifest, or all of them on request.

    A manifest without a seal that holds is hashed too, since nothing else speaks for it. *boot* names the
    running boot, when the caller has asked already.

    Raises:
        StoreDamaged: manifests are not as they were written; names all of them.

    """
    lost = {}
    for tree in trees:
        seal = tree.seal
        if seal.boot and not boot:
            boot = seals.boot_id()
        if (seal.boot and seal.boot != boot) or len(seal.inodes) != tree.count:
            seal.inodes = ()
        if verify == "full":
            seal.time = -1
        if (not seal.inodes or seal.time < 0) and not is_whole(tree.manifest_path):
            lost[tree.entry] = (tree.manifest_path[len(tree.entry) + 1 :],)
    if lost:
        raise StoreDamaged(lost)
