"""An interpreter named by its version, ``--python 3.12``: the command of that name on PATH (PEP 394).

LEAN: part of finding the target.
"""

from __future__ import annotations

from trued.environment.interpreter import facts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.core.errors import UsageError

__all__ = ["is_version", "of_version"]


def is_version(text: str) -> bool:
    """Tell whether *text* is ``3``, ``3.12``, ``3.12.4`` and so on, and not the name of a command."""
    return all(part.isascii() and part.isdigit() for part in text.split("."))


def of_version(version: str, environ: Mapping[str, str]) -> str:
    """Return the path of that interpreter. Raises: UsageError TRU582 where there is none."""
    from shutil import which

    name = "python" + ".".join(version.split(".")[:2])
    found = which(name, path=environ.get("PATH"))
    if found is None:
        raise _missing(version, name, "is not on PATH")
    if version.count(".") > 1:
        has = ".".join(map(str, facts_of(found, None)["version_info"][:3]))
        if has != version:
            raise _missing(version, name, f"on PATH ({found}) is {has}")
    return found


def _missing(version: str, name: str, reason: str) -> UsageError:
    from trued.core.errors import UsageError
    from trued.core.finding import Finding

    return UsageError(Finding(code="TRU582", subject=version, values={"name": name, "reason": reason}))
