"""Environment markers (PEP 508, "Environment markers"), judged for the target's environment."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from packaging.markers import Marker

__all__ = ["VARIABLES", "evaluate", "holds"]

VARIABLES = frozenset(
    (
        "implementation_name",
        "implementation_version",
        "os_name",
        "platform_machine",
        "platform_python_implementation",
        "platform_release",
        "platform_system",
        "platform_version",
        "python_full_version",
        "python_version",
        "sys_platform",
    )
)
"""What a marker may ask of the target; ``extra`` is asked of the requirement."""


def evaluate(marker: str | None, environment: Mapping[str, str], extras: Iterable[str] = ()) -> bool:
    """Tell whether *marker* holds in *environment* for any of *extras*, or for none of them when empty.

    *environment* maps the eleven marker variables (``python_version``, ``sys_platform``, …) to the target's
    values. Raises :class:`ValueError` for text that is no marker, and when a variable is missing: packaging
    would fill it in from the interpreter that runs trued.
    """
    if not marker:
        return True
    missing = VARIABLES - environment.keys()
    if missing:
        raise ValueError(f"the target's environment does not tell {', '.join(sorted(missing))}")
    from packaging.markers import Marker

    parsed = Marker(marker)
    return any(parsed.evaluate({**environment, "extra": extra}) for extra in tuple(extras) or ("",))


def holds(marker: Marker | None, environment: Mapping[str, str]) -> bool:
    """Tell whether a *marker* in the metadata of what is installed holds; without one, it does.

    One that compares what has no order (``os_name ~= "posix"``) holds nowhere: whoever installed the package
    needed nothing for it, and one package's mistake hides no other from what lists or verifies them.
    """
    if marker is None:
        return True
    from packaging.markers import UndefinedComparison

    try:
        return marker.evaluate({**environment})
    except UndefinedComparison:
        return False
