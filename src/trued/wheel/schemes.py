"""Where a wheel's members are installed: the root, and the schemes below its ``.data`` directory.

Members of different directories of the archive can be installed at one path, or under a name that the archive
does not show; the rules about names therefore hold for the installed paths too.
"""

from __future__ import annotations

from itertools import repeat

from trued.core.record import NamedTuple
from trued.wheel.paths import folded
from trued.wheel.script_names import is_interpreter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from trued.wheel.faults import Faults
    from trued.wheel.model import EntryPoint

__all__ = ["Placed", "check_placed", "place"]

_SCHEMES = frozenset({"purelib", "platlib", "headers", "scripts", "data"})
_LIBRARY = frozenset({"purelib", "platlib"})
_SCRIPT_FOLDERS = ("bin", "scripts")
_DISTRIBUTION_FOLDERS = (".dist-info", ".egg-info", ".egg-link")


class Placed(NamedTuple):
    """A member and where it goes: ``scheme`` is ``library`` for the root, purelib and platlib alike."""

    path: str
    scheme: str
    target: str


def place(paths: Iterable[str], *, data_directory: str, faults: Faults) -> list[Placed]:
    """Return where each of *paths* is installed, noting ``.data`` directories that installers disagree on."""
    paths = tuple(paths)
    if not any(".data/" in path.lower() for path in paths):
        return list(map(Placed, paths, repeat("library"), paths))
    placed = []
    foreign = set()
    prefix = f"{data_directory}/"
    for path in paths:
        top, slash, rest = path.partition("/")
        if not (slash and top.lower().endswith(".data")):
            placed.append(Placed(path, "library", path))
            continue
        if not path.startswith(prefix):
            foreign.add(top)
            continue
        scheme, _, target = rest.partition("/")
        if scheme not in _SCHEMES or not target:
            faults.add("TRU251", path=path, scheme=scheme)
            continue
        placed.append(Placed(path, "library" if scheme in _LIBRARY else scheme, target))
    for top in sorted(foreign):
        faults.add("TRU252", directory=top, expected=data_directory)
    return placed


def check_placed(
    placed: Iterable[Placed], *, dist_info: str, entry_points: Iterable[EntryPoint], faults: Faults
) -> None:
    """Note members that would be one installed file, another distribution, or the interpreter."""
    owners = {("scripts", folded(point.name)): f"entry_points.txt: {point.name}" for point in entry_points}
    is_plain_library = True
    for member in placed:
        if member.path != member.target:
            is_plain_library = False
            _check_spread(member, dist_info, faults)
    if is_plain_library:
        # One tree: its names were compared with each other already.
        return
    for member in placed:
        key = (member.scheme, folded(member.target))
        other = owners.setdefault(key, member.path)
        if other is not member.path:
            faults.add("TRU253", path=member.path, other=other)


def _check_spread(member: Placed, dist_info: str, faults: Faults) -> None:
    """Check one member that comes from the ``.data`` directory."""
    top, slash, rest = member.target.partition("/")
    if member.scheme == "library" and top.lower().endswith(_DISTRIBUTION_FOLDERS):
        faults.add("TRU242", directories=f"{dist_info}, {member.path}")
    if member.scheme == "scripts" and is_interpreter(member.target):
        faults.add("TRU273", path=member.path)
    if member.scheme == "data" and (
        (not slash and top.lower() == "pyvenv.cfg")
        or (top.lower() in _SCRIPT_FOLDERS and "/" not in rest and is_interpreter(rest))
    ):
        faults.add("TRU273", path=member.path)
