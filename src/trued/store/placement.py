"""Where each file of a wheel goes: the groups of its manifest (binary distribution format, "Installing")."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from trued.store.manifest import File, Group, Rewrite, Scheme
    from trued.wheel.reader import Member, OpenWheel

__all__ = ["SCRIPT_MARK", "groups_of", "is_executable", "is_kept", "is_script", "rewrites_of"]

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


def is_kept(path: str, wheel: OpenWheel) -> bool:
    """Tell whether the member at *path* goes into the store: all but what an installation makes itself."""
    if not path.startswith(wheel.dist_info):
        return True
    directory, _, name = path.rpartition("/")
    return directory != wheel.dist_info or name not in _REPLACED


def is_script(path: str, wheel: OpenWheel) -> bool:
    """Tell whether the member at *path* lies directly in the folder of scripts."""
    return path.rpartition("/")[0] == f"{_data_directory(wheel)}/scripts"


def is_executable(member: Member, wheel: OpenWheel) -> bool:
    """Tell whether the member is to be executable: as the archive says, and every script."""
    return member.executable or member.path.startswith(f"{_data_directory(wheel)}/scripts/")


def groups_of(
    members: Iterable[Member], wheel: OpenWheel, *, rewritten: Collection[str]
) -> tuple[Group, ...]:
    """Return the kept *members* by directory, in order, leaving out the paths that are *rewritten*."""
    found: dict[tuple[Scheme, str, str], list[File]] = {}
    for member in members:
        if not is_kept(member.path, wheel) or member.path in rewritten:
            continue
        source, _, name = member.path.rpartition("/")
        scheme, target = _placed(source, wheel)
        file = (name, member.size, member.sha256, is_executable(member, wheel))
        found.setdefault((scheme, source, target), []).append(file)
    return tuple((*key, tuple(sorted(found[key]))) for key in sorted(found))


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


def _placed(source: str, wheel: OpenWheel) -> tuple[Scheme, str]:
    """Return scheme and target of a directory of the archive."""
    top, _, rest = source.partition("/")
    if top != _data_directory(wheel):
        return "purelib" if wheel.root_is_purelib else "platlib", source
    key, _, target = rest.partition("/")
    scheme = _SCHEMES[key]
    if scheme == "headers":
        target = f"{wheel.metadata.name}/{target}" if target else wheel.metadata.name
    return scheme, target
