"""What a build in the user's own folder may not write there, and may not make: histories and environments.

An editable installation is built where its tree lies (PEP 660). Most such trees hold more than the project: a
repository, whose configuration and hooks git runs; an environment, whose files Python runs at every start
and shares with the store and so with other environments by hard links; what an editor or a service runs. Code
of a build dependency that writes there has left its box.
"""

from __future__ import annotations

import os
import stat

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

__all__ = ["Withheld", "withheld"]

_HISTORY = ".git"
_BARE = frozenset(("HEAD", "objects", "refs"))
"""What git takes a folder of any name for a repository by (``is_git_directory``)."""
_ENVIRONMENTS = frozenset(("pyvenv.cfg", "conda-meta"))
_LINKS = frozenset((_HISTORY, ".venv", "venv"))
"""Names by which git and editors find a repository or an environment, also where it is a link."""
_RUNNERS = frozenset(
    (
        *(".circleci", ".devcontainer", ".envrc", ".gitconfig", ".githooks", ".github", ".gitlab-ci.yml"),
        *(".husky", ".idea", ".pre-commit-config.yaml", ".vscode", "pyvenv.cfg"),
    )
)
"""At the top of a tree: what says to a git hook, an editor, a shell or a service what to run, unasked."""
_GITDIR_BYTES = 4096
_PARTS = frozenset(("bin", "include", "lib", "lib64", "pyvenv.cfg", "scripts", "share"))
"""Of an environment that was made in the tree itself."""
_CONFIG_BYTES = 1024 * 1024
_ENDS = (stat.S_IFSOCK, stat.S_IFIFO)
_NAME_CHARACTERS = 50
"""Of a name that is kept in another: together they are shorter than any file system's bound, in bytes too."""

_Identity = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """The histories and environments in ``trees``, what runs unasked, and what of ``own`` lies there.

    ``found`` has each by its path with what it is, ``folders`` the numbers (inodes) of the other folders.
    """

    trees: tuple[str, ...]
    own: Collection[str]
    found: Mapping[str, _Identity]
    folders: Collection[object]

    @property
    def shown(self) -> tuple[str, ...]:
        """The folders and files that a build sees read-only; a link cannot be shown so."""
        unseen = (stat.S_IFLNK, *_ENDS)
        return tuple(path for path, identity in self.found.items() if identity[0] not in unseen)

    @property
    def hidden(self) -> tuple[str, ...]:
        """The sockets and pipes that a build does not see: behind each is a program that runs outside."""
        return tuple(path for path, identity in self.found.items() if identity[0] in _ENDS)

    def put_aside(self) -> tuple[str, ...]:
        """Give what was made since another name beside it; return those names.

        It is not deleted: the user may have made it meanwhile. One that was moved with its folder is known by
        what it is; at the top of a tree one that is shown cannot have been replaced but by the user.
        """
        shown = frozenset(self.shown)
        known = {self.found[path] for path in shown}
        made = [
            one
            for tree in self.trees
            for path, identity in _places(tree, self.own, opening=True)
            for one in (_marks(path) if self._is_users(path, identity) else (path,))
            if identity not in known
            and identity[0] not in _ENDS
            and self.found.get(path) != identity
            and not (path in shown and os.path.dirname(path) == tree)
        ]
        return tuple(_renamed(one) for one in sorted(made, reverse=True))

    def _is_users(self, path: str, identity: _Identity) -> bool:
        """Tell whether *path* is a folder that was there before, and is withheld for what was put there."""
        return identity[-1] in self.folders and os.path.basename(path).lower() not in _RUNNERS | _LINKS


def withheld(*trees: str, own: Collection[str] = ()) -> Withheld:
    """Return what of *trees* a build may not write; *own* are trued's own folders and files, anywhere."""
    own = frozenset(path for tree in trees for path in _as_in(tree, own))
    folders: set[object] = set()
    found = {path: one for tree in trees for path, one in _places(tree, own, folders)}
    return Withheld(trees=trees, own=own, found=found, folders=folders)


def _as_in(tree: str, paths: Collection[str]) -> Iterator[str]:
    """Yield those of *paths* that lie in *tree*, as they are found from there."""
    root = os.path.realpath(tree)
    for path in paths:
        real = os.path.realpath(path)
        if real.startswith(root + os.sep):
            yield os.path.join(tree, os.path.relpath(real, root))


def _renamed(path: str) -> str:
    folder, name = os.path.split(path)
    aside = os.path.join(folder, f"{name[:_NAME_CHARACTERS]}-of-a-build-{os.urandom(3).hex()}")
    try:
        os.rename(path, aside)
    except PermissionError:  # the build took the right to write from the folder
        os.chmod(folder, 0o700)
        os.rename(path, aside)
    return aside


def _places(
    tree: str, own: Collection[str], seen: set[object] | None = None, *, opening: bool = False
) -> Iterator[tuple[str, _Identity]]:
    """Go through what is withheld in *tree*; none of it is entered, and no link followed.

    With *opening*, after a build, a folder that may not be listed is opened first: git enters what it cannot
    list. What a link or a configuration names counts before a build alone: after it, it could be any folder.
    The numbers of the other folders go to *seen*.
    """
    folders = [tree]
    while folders:
        here = folders.pop()
        entries = _listed(here, opening=opening)
        if here != tree and _is_place(here, entries, opening=opening):
            yield here, _identity(here)
            continue
        is_environment = here == tree and "pyvenv.cfg" in entries and not opening
        names = (_RUNNERS | _PARTS if is_environment else _RUNNERS) if here == tree else ()
        for entry in entries.values():
            if entry.path in own or _is_withheld(entry, names):
                yield entry.path, _identity(entry.path)
                if not opening:
                    yield from _elsewhere(entry.path, tree)
            elif entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
                if seen is not None:
                    seen.add(entry.inode())


def _is_withheld(entry: os.DirEntry[str], names: Collection[str]) -> bool:
    name = entry.name.lower()
    if entry.is_symlink():
        return name in _LINKS
    if not (entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False)):
        return True  # a socket or a pipe
    return name == _HISTORY or name in names


def _marks(folder: str) -> Iterator[str]:
    """Yield what makes the user's own *folder* a repository or an environment: that alone was put there."""
    for name in (*_ENVIRONMENTS, "objects"):
        if os.path.lexists(path := os.path.join(folder, name)):
            yield path


def _is_place(folder: str, entries: Mapping[str, object], *, opening: bool) -> bool:
    names = entries.keys()
    if not names.isdisjoint(_ENVIRONMENTS) or names >= _BARE:
        return True
    return not opening and any(
        name.endswith(".dist-info") and os.path.isfile(os.path.join(folder, name, "INSTALLER"))
        for name in names  # what --target fills; a build leaves such folders without that file
    )


def _elsewhere(path: str, tree: str) -> Iterator[tuple[str, _Identity]]:
    """Yield what *path* leads to, and what the repository there names, as far as that lies in *tree*."""
    for inner in _as_in(tree, (path, *_named_in(path))):
        if os.path.exists(inner):
            yield inner, _identity(inner)


def _named_in(path: str) -> Iterator[str]:
    """Yield what the repository at *path* names: where it is itself, if *path* is a file; its hooks."""
    from trued.build.hook_result import read_bounded

    above = os.path.dirname(path)
    said = (read_bounded(path, _GITDIR_BYTES) or b"").decode("utf-8", "replace")
    if said.startswith("gitdir:"):
        yield os.path.realpath(os.path.join(above, said.removeprefix("gitdir:").strip()))
    config = read_bounded(os.path.join(path, "config"), _CONFIG_BYTES) or b""
    for line in config.decode("utf-8", "replace").splitlines():
        name, _, value = line.partition("=")
        folder = value.strip().strip('"')
        if name.strip().lower() == "hookspath" and folder:
            yield os.path.realpath(os.path.join(above, folder))


def _identity(path: str) -> _Identity:
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        return stat.S_IFLNK, os.readlink(path)
    return stat.S_IFMT(status.st_mode), status.st_dev, status.st_ino


def _listed(folder: str, *, opening: bool) -> dict[str, os.DirEntry[str]]:
    """Return what lies in *folder*; nothing where that cannot be told."""
    for _ in range(2):
        try:
            with os.scandir(folder) as found:
                return {entry.name: entry for entry in found}
        except PermissionError:
            if not opening:
                return {}
            try:
                os.chmod(folder, 0o700)
            except OSError:
                return {}
        except OSError:
            return {}
    return {}
