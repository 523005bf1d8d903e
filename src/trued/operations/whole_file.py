"""Files of the user that are written whole or not at all. LEAN: the warm road of ``lock`` writes one."""

from __future__ import annotations

import errno
import os

from trued.core.whole_file import write_whole as replace_whole

__all__ = ["write_changed", "write_whole"]


def write_changed(path: str, data: bytes, *, shown: str) -> bool:
    """Put *data* at *path* unless it stands there already, byte for byte; tell whether it was written.

    Raises as :func:`write_whole`.
    """
    try:
        with open(path, "rb") as file:
            if file.read(len(data) + 1) == data:
                return False
    except OSError:
        pass  # not there yet, or unreadable: writing will tell
    write_whole(path, data, shown=shown)
    return True


def write_whole(path: str, data: bytes, *, shown: str) -> None:
    """Put *data* at *path*, whole or not at all; the file's mode stays.

    A link is followed to a file that is there. One to nothing is refused: it makes a file wherever a cloned
    repository says, the user's own configuration for one. Raises: OperationalError TRU579.
    """
    try:
        if os.path.islink(path) and not os.path.exists(path):
            raise FileNotFoundError(errno.ENOENT, "it is a link to nothing")
        replace_whole(os.path.realpath(path), data, keeps_mode=True, makes_folders=False)
    except OSError as error:
        raise _unwritten(error, shown) from error


def _unwritten(error: OSError, shown: str) -> Exception:
    from trued.core.errors import OperationalError
    from trued.core.finding import Finding, Place

    reason = error.strerror or "the system does not say why"
    return OperationalError(
        Finding(code="TRU579", subject=shown, place=Place(shown), values={"reason": reason})
    )
