"""The ``.dist-info`` directory: exactly one, named as the file is, with the files it must hold."""

from __future__ import annotations

from trued.core.names import normalize
from trued.wheel.metadata import same_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from trued.core.filenames import WheelName
    from trued.wheel.faults import Faults

__all__ = ["check_dist_info", "find_dist_info"]

_ENDING = ".dist-info"
_REQUIRED = (("METADATA", "TRU244"), ("WHEEL", "TRU244"), ("RECORD", "TRU260"))
_INSTALLERS_FILES = frozenset(
    {"installer", "requested", "direct_url.json", "provenance_url.json", "trued-receipt.json"}
)


def find_dist_info(paths: Iterable[str], *, name: WheelName, faults: Faults) -> str | None:
    """Return the directory's name, noting when there is none, another than *name* says, or several."""
    tops = {path.partition("/")[0] for path in paths if "/" in path}
    found = sorted(top for top in tops if top.lower().endswith(_ENDING))
    if not found:
        faults.add("TRU241")
        return None
    if len(found) > 1:
        faults.add("TRU242", directories=", ".join(found))
        return None
    if not found[0].endswith(_ENDING) or not _is_named(found[0].removesuffix(_ENDING), name):
        faults.add("TRU243", directory=found[0], expected=f"{name.project}-{name.version}")
    return found[0]


def check_dist_info(paths: Collection[str], *, dist_info: str, faults: Faults) -> None:
    """Note required files that are missing, and files that only installers write (PEP 376, 610, 710)."""
    for required, code in _REQUIRED:
        if f"{dist_info}/{required}" not in paths:
            faults.add(code, file=f"{dist_info}/{required}")
    prefix = f"{dist_info}/"
    for path in paths:
        if path.startswith(prefix) and path[len(prefix) :].lower() in _INSTALLERS_FILES:
            faults.add("TRU254", path=path)


def _is_named(stem: str, name: WheelName) -> bool:
    """Tell whether *stem* is *name*. Older builders left hyphens in, so any of them may divide the two."""
    position = stem.find("-")
    while position > 0:
        if normalize(stem[:position]) == name.project and same_version(stem[position + 1 :], name.version):
            return True
        position = stem.find("-", position + 1)
    return False
