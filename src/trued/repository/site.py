"""The folder of an index: what a web server serves, the lock on it, the marks of what is not signed yet."""

from __future__ import annotations

import os

from trued.core.lock import FolderLock, hold
from trued.core.names import ProjectName, normalize
from trued.core.record import dataclass
from trued.core.tuf_paths import METADATA, PAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Self

__all__ = ["CONTROL", "Site", "SiteLock"]

CONTROL = ".trued-index"
"""Folder in the site that is not for serving: the lock, and the names of projects with unsigned changes."""


@dataclass(frozen=True, slots=True)
class Site:
    """An index on disk; ``root`` is the folder of its base.

    ``guard`` is asked before projects change, and raises when their pages are not what they should be.
    ``own`` is the operator's folder, which keeps the marks of this operator's changes out of the reach of
    whoever can write to the site.
    """

    root: str
    guard: Callable[[Iterable[ProjectName]], None] | None = None
    own: str = ""

    def place(self, target: str) -> str:
        """Return where the target (or any path below the base, with slashes) lies on disk."""
        return os.path.join(self.root, *target.split("/"))

    def metadata(self, name: str) -> str:
        """Return where a file of the TUF metadata lies."""
        return os.path.join(self.root, METADATA, name)

    @property
    def is_signed(self) -> bool:
        """Whether a snapshot was ever published."""
        return os.path.isfile(self.metadata("timestamp.json"))

    def projects(self) -> tuple[ProjectName, ...]:
        """Return the projects that have a page, sorted."""
        try:
            with os.scandir(self.place(PAGES)) as entries:
                names = [one.name for one in entries if one.is_dir() and normalize(one.name) == one.name]
        except FileNotFoundError:
            return ()
        pages = (name for name in names if os.path.isfile(self.place(f"{PAGES}/{name}/index.json")))
        return tuple(sorted(ProjectName(name) for name in pages))

    # What changed since the last signing

    def pending(self) -> frozenset[ProjectName]:
        """Return the projects that were changed and are not signed yet, as the site says."""
        return _names_in(self._pending())

    def own_pending(self) -> frozenset[ProjectName]:
        """Return those among them that this operator changed."""
        return _names_in(self._own_pending()) if self.own else frozenset()

    def mark(self, projects: Iterable[ProjectName]) -> None:
        """Note that *projects* are about to change; done before the change, so that none is forgotten."""
        projects = tuple(projects)
        if self.guard is not None:
            self.guard(projects)
        for folder in self._marks():
            os.makedirs(folder, exist_ok=True)
            for project in projects:
                with open(os.path.join(folder, project), "wb"):
                    pass

    def unmark(self, projects: Iterable[ProjectName]) -> None:
        """Note that *projects* are signed as they are."""
        for project in projects:
            for folder in self._marks():
                try:
                    os.unlink(os.path.join(folder, project))
                except FileNotFoundError:
                    continue

    def lock(self, *, waiting: Callable[[str], None] | None = None) -> SiteLock:
        """Return the exclusive right to change this site, for ``with``."""
        return SiteLock(os.path.join(self.root, CONTROL), waiting=waiting)

    def walk(self, folder: str) -> Iterator[str]:
        """Yield every file below *folder*, nothing hidden, as paths with slashes relative to the base."""
        top = self.place(folder)
        for place, folders, names in os.walk(top):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            below = os.path.relpath(place, self.root).replace(os.sep, "/")
            for name in sorted(names):
                if not name.startswith("."):
                    yield f"{below}/{name}"

    def _pending(self) -> str:
        return os.path.join(self.root, CONTROL, "pending")

    def _own_pending(self) -> str:
        return os.path.join(self.own, "pending")

    def _marks(self) -> tuple[str, ...]:
        return (self._pending(), self._own_pending()) if self.own else (self._pending(),)


def _names_in(folder: str) -> frozenset[ProjectName]:
    try:
        return frozenset(ProjectName(name) for name in os.listdir(folder))
    except FileNotFoundError:
        return frozenset()


class SiteLock(FolderLock):
    """One operator at a time; ends with the process, however that ends."""

    __slots__ = ()

    def __enter__(self) -> Self:
        os.makedirs(self._folder, exist_ok=True)
        descriptor = os.open(os.path.join(self._folder, "lock"), os.O_RDWR | os.O_CREAT, 0o644)
        try:
            hold(descriptor, waiting=self._announce)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        return self
