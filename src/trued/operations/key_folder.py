"""The folder beside a policy file that holds the keys and roots which its rules name."""

from __future__ import annotations

import os

from trued.config.rule_edit import KEY_FOLDER
from trued.core.errors import OperationalError
from trued.core.finding import Finding, Place
from trued.operations.whole_file import write_whole

__all__ = ["keep_key"]


def keep_key(file: str, name: str, data: bytes) -> tuple[str, str]:
    """Put *data* as *name* beside the policy *file*; return its path, and that by which a rule names it.

    Raises: OperationalError TRU579 when it cannot be written.
    """
    folder = os.path.join(os.path.dirname(file), KEY_FOLDER)
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        values = {"reason": error.strerror or str(error)}
        raise OperationalError(
            Finding(code="TRU579", subject=folder, place=Place(folder), values=values)
        ) from error
    path = os.path.join(folder, name)
    write_whole(path, data, shown=path)
    return path, f"{KEY_FOLDER}/{name}"
