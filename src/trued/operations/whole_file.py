"""Files of the user that are written whole or not at all. LEAN: the warm road of ``lock`` writes one."""

from __future__ import annotations

import os
import stat
from time import monotonic_ns

__all__ = ["write_changed", "write_whole"]


def write_changed(path: str, data: bytes, *, shown: str) -> bool:
    """Put *data* at *path* unless it stands there already, byte for byte; tell whether it was written.

    Raises as :func:`write_whole`.
    """
    try:
        with open(path, "rb") as file:
            if file.read() == data:
                return False
    except OSError:
        pass  # not there yet, or unreadable: writing will tell
    write_whole(path, data, shown=shown)
    return True


def write_whole(path: str, data: bytes, *, shown: str) -> None:
    """Put *data* at *path*, whole or not at all; the file's mode stays. Raises: OperationalError TRU579."""
    target = os.path.realpath(path)
    draft = os.path.join(os.path.dirname(target), f".trued-{os.getpid()}-{monotonic_ns():x}")
    made = False
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        descriptor = os.open(draft, flags, 0o666)
        made = True
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        _keep_mode(target, draft)
        os.replace(draft, target)
        made = False
    except OSError as error:
        raise _unwritten(error, shown) from error
    finally:
        if made:
            os.unlink(draft)


def _keep_mode(target: str, draft: str) -> None:
    try:
        mode = stat.S_IMODE(os.stat(target).st_mode)
    except FileNotFoundError:
        return
    os.chmod(draft, mode)


def _unwritten(error: OSError, shown: str) -> Exception:
    from trued.core.errors import OperationalError
    from trued.core.finding import Finding, Place

    reason = error.strerror or "the system does not say why"
    return OperationalError(
        Finding(code="TRU579", subject=shown, place=Place(shown), values={"reason": reason})
    )
