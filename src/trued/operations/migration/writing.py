"""Several files of the user, written together: all of them, or every one as it was."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from trued.core.errors import OperationalError
from trued.core.record import dataclass
from trued.operations.whole_file import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PlannedFile", "write_together"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFile:
    """A file to be written: its name in *folder*, its new text, and the old one (``None``: there is none)."""

    name: str
    text: str
    old: bytes | None

    @property
    def state(self) -> str:
        """``new``, ``changed`` or ``same``."""
        if self.old is None:
            return "new"
        return "same" if self.old == self.text.encode() else "changed"

    @property
    def diff(self) -> str:
        """What changes, as a unified diff; empty for a new file."""
        if self.state != "changed":
            return ""
        from difflib import unified_diff

        old = (self.old or b"").decode("utf-8", "replace").splitlines(keepends=True)
        new = self.text.splitlines(keepends=True)
        return "".join(unified_diff(old, new, f"{self.name} (now)", f"{self.name} (new)"))


def write_together(folder: str, files: Sequence[PlannedFile]) -> tuple[str, ...]:
    """Write what is not there already, byte for byte; return the names of what was written.

    Raises: OperationalError TRU579 when one cannot be written. Those before it are then as they were, and so
    they are after an interruption.
    """
    written: list[PlannedFile] = []
    try:
        for file in files:
            if file.state != "same":
                write_whole(os.path.join(folder, file.name), file.text.encode(), shown=file.name)
                written.append(file)
    except BaseException:  # an interruption too: half of a migration is none
        for file in written:
            _put_back(folder, file)
        raise
    return tuple(file.name for file in written)


def _put_back(folder: str, file: PlannedFile) -> None:
    path = os.path.join(folder, file.name)
    with suppress(OSError, OperationalError):  # the first failure is the one to tell
        if file.old is None:
            os.unlink(path)
        else:
            write_whole(path, file.old, shown=file.name)
