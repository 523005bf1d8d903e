"""The log file of ``--log``: all that a run says, at every level, in plain text and without secrets."""

from __future__ import annotations

import os

from trued.report.escape import escaped_lines
from trued.report.secrets import without_secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LogFile"]


class LogFile:
    """Appends to *path*, as pip's ``--log`` does; created readable by its owner alone.

    Each line carries the time that *timestamp* gives and the level it was said at. Raises :class:`OSError`
    when the file cannot be opened; the folder is made when missing.
    """

    __slots__ = ("_descriptor", "_timestamp", "path")

    def __init__(self, path: str, *, timestamp: Callable[[], str]) -> None:
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        self.path = path
        self._timestamp = timestamp
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, level: str, text: str, *, secrets: tuple[str, ...] = ()) -> None:
        """Append *text*, each of its lines stamped."""
        stamp = self._timestamp()
        clean = escaped_lines(without_secrets(text, secrets))
        lines = "".join(f"{stamp} {level:<7} {line}\n" for line in clean.split("\n"))
        os.write(self._descriptor, lines.encode("utf-8", "backslashreplace"))

    def close(self) -> None:
        """Close the file; nothing may be written after."""
        os.close(self._descriptor)
