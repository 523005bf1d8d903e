"""Which paths an installation will make, compared with what is on disk, before anything is written.

The folders that stand are listed once each and the names in them compared; a folder that does not stand yet
needs no look at its files, however many they are. In a fresh environment that is two or three listings, and
no ``stat`` of any file.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from trued.environment.facts import Roots
    from trued.environment.journal import Located

    Names = Sequence[str]
    Group = tuple[str, str, Names]

__all__ = ["WHOLE", "Footprint", "survey"]

WHOLE = ("/",)
"""Instead of names: a top folder with all that will be in it, whatever that is; it must not stand yet."""


class Footprint:
    """What a set of installations will make.

    ``directories`` are the topmost new folders, ``files`` the new files in folders that stand already; both
    as (scheme, path below its root). ``occupied`` are (owner's number, scheme, path) where something stands
    already; ``shared`` are (first number, second number, scheme, path) that two of them own; ``leaving`` are
    (number, folder) whose folder is a link that leaves the root, or no folder at all. ``listings`` are the
    names in each folder that was looked into, none where it does not stand.
    """

    __slots__ = ("directories", "files", "leaving", "listings", "occupied", "shared")

    def __init__(self) -> None:
        self.directories: list[Located] = []
        self.files: list[Located] = []
        self.occupied: list[tuple[int, str, str]] = []
        self.shared: list[tuple[int, int, str, str]] = []
        self.leaving: list[tuple[int, str]] = []
        self.listings: dict[str, set[str]] = {}

    @property
    def is_clear(self) -> bool:
        """Whether nothing stands in the way."""
        return not (self.occupied or self.shared or self.leaving)


def survey(
    groups: Iterable[tuple[int, Iterable[Group]]],
    roots: Roots,
    *,
    gone: frozenset[str] = frozenset(),
    fold: Callable[[str], str] | None = None,
) -> Footprint:
    """Compare what is to be made with what is there.

    *groups* gives for each number its (scheme, folder below the root with ``/``, file names). *gone* are
    absolute paths that will have been moved away. *fold* makes names equal that the file system takes for
    the same (case folding), ``None`` where it keeps them apart. Folders given as :data:`WHOLE` are not
    compared with each other: who gives them knows that their files are apart.
    """
    surveyor = _Surveyor(roots, gone, fold)
    for number, of_number in groups:
        for scheme, folder, names in of_number:
            surveyor.add(number, scheme, folder, names)
    return surveyor.found


class _Surveyor:
    """The state of one survey: listings made so far, new folders, and who makes which file."""

    def __init__(self, roots: Roots, gone: frozenset[str], fold: Callable[[str], str] | None) -> None:
        self.found = Footprint()
        self._roots = roots
        self._gone = gone
        self._fold = fold
        self._new: set[str] = set()
        self._seen: set[str] = set()
        self._first: dict[str, tuple[int, Names]] = {}
        self._owners: dict[str, dict[str, int]] = {}

    def add(self, number: int, scheme: str, folder: str, names: Names) -> None:
        """Take in the files *names* that *number* makes in *folder* below the root of *scheme*."""
        root = self._roots[scheme]
        if root not in self._seen:
            self._seen.add(root)
            if self._leads_out(root):
                self.found.leaving.append((number, root))
        if names == WHOLE:
            if self._stands(number, scheme, root, folder):
                self.found.occupied.append((number, scheme, folder))
            return
        path = f"{root}/{folder}" if folder else root
        key = self._fold(path) if self._fold else path
        if key in self._first:
            self._compare(key, number, scheme, folder, names)
        else:
            self._first[key] = (number, names)
        if folder:
            top = f"{root}/{folder.partition('/')[0]}"
            if top in self._new or not self._stands(number, scheme, root, folder):
                return
        listing = self._listing(path)
        prefix = f"{folder}/" if folder else ""
        for name in names:
            if listing and (self._fold(name) if self._fold else name) in listing:
                self.found.occupied.append((number, scheme, prefix + name))
            else:
                self.found.files.append((scheme, prefix + name))

    def _stands(self, number: int, scheme: str, root: str, folder: str) -> bool:
        """Tell whether *folder* is there already; note the topmost part that will be new."""
        path, inside = root, ""
        for part in folder.split("/"):
            listing = self._listing(path)
            path = f"{path}/{part}"
            inside = f"{inside}/{part}" if inside else part
            if path in self._new:
                return False
            if (self._fold(part) if self._fold else part) not in listing:
                self._new.add(path)
                self.found.directories.append((scheme, inside))
                return False
            if not self._is_plain_folder(path, root):
                self.found.leaving.append((number, path))
                return False
        return True

    def _leads_out(self, root: str) -> bool:
        """Tell whether a link between the environment's folder and *root* leads out of it."""
        outermost = self._roots.get("data", root).rstrip(os.sep)
        path = root if root.startswith(outermost + os.sep) else ""
        while len(path) > len(outermost):
            if os.path.islink(path):
                return not os.path.realpath(root).startswith(os.path.realpath(outermost) + os.sep)
            path = os.path.dirname(path)
        return False

    def _is_plain_folder(self, path: str, root: str) -> bool:
        if os.path.islink(path):
            real = os.path.realpath(path)
            return os.path.isdir(real) and real.startswith(os.path.realpath(root) + os.sep)
        return os.path.isdir(path)

    def _listing(self, path: str) -> set[str]:
        listing = self.found.listings.get(path)
        if listing is None:
            try:
                names = os.listdir(path)
            except (FileNotFoundError, NotADirectoryError):
                names = []
            if self._gone:
                names = [name for name in names if os.path.join(path, name) not in self._gone]
            listing = set(map(self._fold, names)) if self._fold else set(names)
            self.found.listings[path] = listing
        return listing

    def _compare(self, key: str, number: int, scheme: str, folder: str, names: Names) -> None:
        """Note the files that an earlier number makes in the same folder too."""
        owners = self._owners.get(key)
        if owners is None:
            first, its_names = self._first[key]
            owners = self._owners[key] = {}
            self._claim(owners, first, its_names)
        for name in names:
            owner = owners.get(self._fold(name) if self._fold else name)
            if owner is not None:
                path = f"{folder}/{name}" if folder else name
                self.found.shared.append((owner, number, scheme, path))
        self._claim(owners, number, names)

    def _claim(self, owners: dict[str, int], number: int, names: Names) -> None:
        for name in names:
            owners.setdefault(self._fold(name) if self._fold else name, number)
