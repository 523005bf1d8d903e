"""Where each file of a wheel goes: the groups of its manifest (binary distribution format, "Installing")."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from trued.store.manifest import File, Group, Rewrite, Scheme
    from trued.wheel.reader import Member, OpenWheel

__all__ = ["SCRIPT_MARK", "Placement", "rewrites_of"]

SCRIPT_MARK = b"#!python"
"""Begins a script whose first line is to name the target's interpreter."""

_REPLACED = frozenset({"RECORD", "RECORD.jws", "RECORD.p7s"})
"""Files of dist-info that do not outlive the archive: the installation writes its own RECORD."""

_SCHEMES: dict[str, Scheme] = {
    "purelib": "purelib",
    "platlib": "platlib",
    "scripts": "scripts",
    "headers": "headers",
    "data": "data",
}


class Placement:
    """Where the members of one wheel go; made once a wheel, because it is asked about each of its files."""

    __slots__ = ("_dist_info", "_scripts", "_wheel")

    def __init__(self, wheel: OpenWheel) -> None:
        self._wheel = wheel
        self._dist_info = wheel.dist_info
        self._scripts = f"{_data_directory(wheel)}/scripts"

    def is_kept(self, directory: str, name: str) -> bool:
        """Tell whether the member goes into the store: all but what an installation makes itself."""
        return directory != self._dist_info or name not in _REPLACED

    def is_script(self, directory: str) -> bool:
        """Tell whether *directory* is the folder of scripts itself."""
        return directory == self._scripts

    def is_executable(self, directory: str, *, marked: bool) -> bool:
        """Tell whether a member is to be executable: as the archive has *marked* it, and every script."""
        return marked or (
            directory.startswith(self._scripts) and f"{directory}/".startswith(f"{self._scripts}/")
        )

    def groups_of(self, members: Iterable[Member], *, rewritten: Collection[str]) -> tuple[Group, ...]:
        """Return the kept *members* by directory, in order, leaving out the paths that are *rewritten*."""
        found: dict[str, list[File]] = {}
        for path, size, sha256, marked, _, _ in members:
            source, _, name = path.rpartition("/")
            if not self.is_kept(source, name) or path in rewritten:
                continue
            files = found.get(source)
            if files is None:
                files = found[source] = []
            files.append((name, size, sha256, self.is_executable(source, marked=marked)))
        groups = [(*_placed(source, self._wheel), files) for source, files in found.items()]
        placed = [(scheme, source, target, tuple(sorted(files))) for scheme, source, target, files in groups]
        return tuple(sorted(placed))


def rewrites_of(members: Iterable[Member], *, rewritten: Collection[str]) -> tuple[Rewrite, ...]:
    """Return the scripts among *members* that get a new first line at installation."""
    found = []
    for member in members:
        if member.path in rewritten:
            source, _, name = member.path.rpartition("/")
            found.append((source, name, member.size, member.sha256))
    return tuple(sorted(found))


def _data_directory(wheel: OpenWheel) -> str:
    return f"{wheel.dist_info.removesuffix('.dist-info')}.data"


def _placed(source: str, wheel: OpenWheel) -> tuple[Scheme, str, str]:
    """Return scheme, source and target of a directory of the archive."""
    top, _, rest = source.partition("/")
    if top != _data_directory(wheel):
        return "purelib" if wheel.root_is_purelib else "platlib", source, source
    key, _, target = rest.partition("/")
    scheme = _SCHEMES[key]
    if scheme == "headers":
        target = f"{wheel.metadata.name}/{target}" if target else wheel.metadata.name
    return scheme, source, target
