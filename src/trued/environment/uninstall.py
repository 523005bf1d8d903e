"""Which files go when a distribution goes.

RECORD says it, and RECORD is not believed blindly: it may name files of the interpreter, of other
distributions, or of the rest of the machine (GHSA-pjjw-68hj-v9mw). What it lists inside the environment goes,
with the bytecode compiled of it and the folders that are left empty.
"""

from __future__ import annotations

import os

from trued.core.errors import Refused
from trued.core.finding import Finding, Level
from trued.core.record import dataclass
from trued.core.regular_file import open_regular
from trued.environment.installed import Form, Installed, owners_of_paths, recorded_paths
from trued.environment.scripts import is_reserved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trued.core.names import ProjectName
    from trued.environment.facts import Roots

__all__ = ["Removal", "plan_removals"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What removing some distributions takes away.

    ``paths`` are absolute, files or folders that go whole, none inside another. ``findings`` tell what
    stays: files that another distribution lists too.
    """

    distributions: tuple[Installed, ...]
    paths: tuple[str, ...]
    findings: tuple[Finding, ...] = ()


def plan_removals(going: Sequence[Installed], *, installed: Sequence[Installed], roots: Roots) -> Removal:
    """Return what goes with the distributions *going*, of all that are *installed* below *roots*.

    Raises: Refused TRU530 (no RECORD), TRU531 (RECORD leaves the environment), TRU533 (installed by
    distutils), TRU534 (a setuptools development link), TRU535 (RECORD cannot be read), all together.
    """
    boundary = _Boundary(roots)
    folders = {one.folder for one in going}
    staying = owners_of_paths([one for one in installed if one.folder not in folders])
    owned: set[str] = set()
    problems: list[Finding] = []
    notes: list[Finding] = []
    for one in going:
        listed = _listed(one, problems)
        _refuse_strays(one, listed, boundary, problems)
        mine = {path for path in listed if path not in staying}
        notes.extend(_kept(one, listed, staying))
        owned.update(path for path in mine if _is_file(path))
        owned.update(_everything_below(one.folder))
    if problems:
        raise Refused(*problems)
    owned.update(path for path in _compiled(owned) if path not in staying)
    return Removal(distributions=tuple(going), paths=_collapsed(owned, boundary), findings=tuple(notes))


class _Boundary:
    """What lies inside the environment: below a scheme root, not through a link that leaves it."""

    def __init__(self, roots: Roots) -> None:
        self._roots = tuple({root.rstrip(os.sep) for root in roots.values()})
        self._real = tuple({os.path.realpath(root) for root in self._roots})
        self._scripts = roots["scripts"]
        self._data = roots["data"]
        self._known: dict[str, bool] = {}

    def holds(self, path: str) -> bool:
        """Tell whether the file *path* may be taken away at all."""
        folder, name = os.path.split(path)
        if folder not in self._known:
            self._known[folder] = _is_below(folder, self._roots) and _is_below(
                os.path.realpath(folder), self._real
            )
        if not self._known[folder] or path in self._roots:
            return False
        if folder == self._scripts and is_reserved(name):
            return False
        return not (folder == self._data and name == "pyvenv.cfg")

    def is_kept(self, folder: str) -> bool:
        """Tell whether *folder* stays even when it is empty: the roots, and all above them."""
        inside = folder + os.sep
        return any(root == folder or root.startswith(inside) for root in self._roots) or not _is_below(
            folder, self._roots
        )


def _is_below(path: str, roots: Iterable[str]) -> bool:
    return any(path == root or path.startswith(root + os.sep) for root in roots)


def _listed(one: Installed, problems: list[Finding]) -> tuple[str, ...]:
    """Return the paths the distribution says are its own, or note why they cannot be known."""
    if one.form is Form.EGG_LINK:
        problems.append(_problem("TRU534", one, source=one.editable_location or ""))
        return ()
    if one.form is Form.DISTUTILS:
        problems.append(_problem("TRU533", one))
        return ()
    if one.form is Form.EGG_INFO:
        return _installed_files(one, problems)
    try:
        paths = recorded_paths(one)
    except ValueError:
        problems.append(_problem("TRU535", one))
        return ()
    if paths is None:
        problems.append(_problem("TRU530", one, installer=one.installer or "unknown"))
        return ()
    return paths


def _installed_files(one: Installed, problems: list[Finding]) -> tuple[str, ...]:
    """Return the paths of ``installed-files.txt``, which old pip wrote beside egg-info; relative to it."""
    try:
        with open_regular(os.path.join(one.folder, "installed-files.txt")) as file:
            lines = file.read().decode().splitlines()
    except (OSError, UnicodeDecodeError):
        problems.append(_problem("TRU533", one))
        return ()
    return tuple(os.path.normpath(os.path.join(one.folder, line)) for line in lines if line)


def _refuse_strays(
    one: Installed, listed: Iterable[str], boundary: _Boundary, problems: list[Finding]
) -> None:
    problems.extend(_problem("TRU531", one, path=path) for path in listed if not boundary.holds(path))


def _kept(
    one: Installed, listed: Iterable[str], staying: Mapping[str, tuple[ProjectName, ...]]
) -> Iterable[Finding]:
    for path in listed:
        others = [owner for owner in staying.get(path, ()) if owner != one.project]
        if others:
            values = {"path": path, "others": ", ".join(others)}
            yield Finding(code="TRU536", level=Level.NOTE, subject=one.name, values=values)


def _problem(code: str, one: Installed, **values: str) -> Finding:
    return Finding(
        code=code,
        subject=f"{one.name} {one.version}".strip(),
        values={"folder": one.folder, **values},
    )


def _is_file(path: str) -> bool:
    return os.path.islink(path) or os.path.isfile(path)


def _everything_below(folder: str) -> Iterable[str]:
    """Yield all files of a dist-info folder: it is the distribution's own, listed or not."""
    if os.path.islink(folder) or os.path.isfile(folder):
        yield folder
        return
    for path, folders, names in os.walk(folder):
        for name in (*names, *(one for one in folders if os.path.islink(os.path.join(path, one)))):
            yield os.path.join(path, name)


def _compiled(owned: Iterable[str]) -> set[str]:
    """Return the bytecode of owned modules, whichever interpreter compiled it and whoever lists it.

    Where a folder keeps no other module, all the bytecode in it is stale.
    """
    modules: dict[str, set[str]] = {}
    for path in owned:
        folder, name = os.path.split(path)
        if name.endswith(".py"):
            modules.setdefault(folder, set()).add(name[:-3])
    found = set()
    for folder, stems in modules.items():
        cache = os.path.join(folder, "__pycache__")
        others = {name[:-3] for name in _names(folder) if name.endswith(".py")} - stems
        for name in _names(cache):
            if name.endswith(".pyc") and (name.partition(".")[0] in stems or not others):
                found.add(os.path.join(cache, name))
        legacy = {os.path.join(folder, f"{stem}.pyc") for stem in stems}
        found.update(path for path in legacy if os.path.isfile(path))
    return found


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _collapsed(owned: set[str], boundary: _Boundary) -> tuple[str, ...]:
    """Return *owned* with every folder that holds nothing else in place of its files."""
    paths = set(owned)
    waiting = {os.path.dirname(path) for path in paths}
    while waiting:
        folder = max(waiting, key=lambda path: path.count(os.sep))
        waiting.discard(folder)
        if boundary.is_kept(folder) or os.path.islink(folder):
            continue
        inside = {os.path.join(folder, name) for name in _names(folder)}
        if inside and inside <= paths:
            paths -= inside
            paths.add(folder)
            waiting.add(os.path.dirname(folder))
    return tuple(sorted(paths))
