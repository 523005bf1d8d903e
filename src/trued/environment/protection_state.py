"""What is written beside an environment that is protected: by which means, and how files were before.

``.trued-protection.json`` stands in the environment's own folder, so that it moves and goes with it. Whoever
may write there can remove it too: it lets ``verify`` tell what was lifted by others by accident or clumsily,
and trued's own commands say what to do instead of failing.
"""

from __future__ import annotations

import os

from trued.core.errors import OperationalError
from trued.core.finding import Finding
from trued.core.record import dataclass, field
from trued.core.regular_file import open_regular
from trued.environment.lock import PROTECTION_FILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MEANS", "Protection", "read_protection", "state_path", "write_protection"]

MEANS = ("read-only", "immutable", "mount")
"""What trued can do, from weak to strong; the first comes with each of the others."""
_FORMAT = 1
_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What protects an environment.

    ``modes`` maps paths below the environment to the permissions that files had before. While it is not
    ``complete``, somebody is at it, or was interrupted.
    """

    means: tuple[str, ...]
    complete: bool = True
    time: str = ""
    modes: Mapping[str, int] = field(default_factory=dict)


def state_path(prefix: str) -> str:
    """Return the path of what is written of the environment at *prefix*."""
    return os.path.join(prefix, PROTECTION_FILE)


def read_protection(prefix: str) -> Protection | None:
    """Return what is written of the environment; ``None`` where nothing is.

    Raises: OperationalError TRU567 when that cannot be read.
    """
    import json

    path = state_path(prefix)
    try:
        with open_regular(path) as file:
            document = json.loads(file.read(_MOST_BYTES))
        modes = {str(name): int(mode, 8) & 0o7777 for name, mode in document["modes"].items()}
        means = tuple(name for name in MEANS if name in document["means"])
        return Protection(
            means=means, complete=document["complete"] is True, time=str(document["time"]), modes=modes
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else "it is not what trued wrote"
        raise OperationalError(Finding(code="TRU567", subject=path, values={"reason": reason})) from error


def write_protection(prefix: str, protection: Protection) -> None:
    """Write what protects the environment, whole or not at all, to last a power cut. Raises: OSError."""
    import json

    from trued.core.whole_file import write_whole

    document = {
        "format": _FORMAT,
        "means": list(protection.means),
        "complete": protection.complete,
        "time": protection.time,
        "modes": {name: f"{mode:04o}" for name, mode in sorted(protection.modes.items())},
    }
    text = json.dumps(document, indent=1).encode("ascii")
    write_whole(state_path(prefix), text, mode=0o444, makes_folders=False)
