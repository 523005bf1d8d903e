"""The one owner of both streams: what was asked for goes to stdout, what happens on the way to stderr.

Nothing else in trued prints. Every text is escaped here, secrets are masked here, and here it is decided what
is too quiet or too loud to be shown. The log file gets everything. Imports little, because every command has
a printer and the shortest runs take ten milliseconds.
"""

from __future__ import annotations

import _thread
import os
import sys
import time

from trued.report.escape import escaped, escaped_lines
from trued.report.progress import Progress
from trued.report.secrets import without_secrets
from trued.report.terminal import Terminal, painted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import TextIO

    from trued.core.errors import TruedError
    from trued.core.finding import Finding
    from trued.report.log import LogFile

__all__ = ["DEBUG", "NORMAL", "QUIET", "SILENT", "VERBOSE", "Printer", "utc_timestamp"]

SILENT = -2
"""``-qq``: errors only."""
QUIET = -1
"""``-q``: warnings and errors."""
NORMAL = 0
VERBOSE = 1
"""``-v``: every step."""
DEBUG = 2
"""``-vv``: every request and file."""

_ALWAYS = -1_000_000
_LEAST = {"error": _ALWAYS, "warning": QUIET, "note": NORMAL}


def utc_timestamp() -> str:
    """Return the time now, RFC 3339 in UTC, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class Printer:
    """Writes the artefact to *stdout* and the run to *stderr*.

    *verbosity* is the number of ``-v`` less the number of ``-q``. *colour* is what ``--no-color`` switches
    off; *progress* what ``--progress-bar off`` does. *secrets* are words that are masked wherever they occur.
    """

    def __init__(
        self,
        *,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        environ: Mapping[str, str] = os.environ,
        verbosity: int = NORMAL,
        colour: bool = True,
        progress: bool = True,
        log: LogFile | None = None,
        secrets: Iterable[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stdout = sys.stdout if stdout is None else stdout
        self._stderr = sys.stderr if stderr is None else stderr
        self.verbosity = verbosity
        self.out = Terminal(self._stdout, environ, colour=colour)
        self.run = Terminal(self._stderr, environ, colour=colour)
        self._progress_wanted = progress and self.run.progress and verbosity >= NORMAL
        self._log = log
        self._secrets = tuple(secrets)
        self._clock = clock
        self._drawn = ""
        self._lock = _thread.RLock()

    # The artefact

    def artefact(self, text: str) -> None:
        """Write *text*, what the user asked for, to stdout, at every verbosity; a line end is added."""
        self._logged("output", text)
        self._write(self._stdout, f"{escaped_lines(self._masked(text))}\n")

    def document(self, value: object) -> None:
        """Write *value* to stdout as JSON: ASCII only, indented by two, keys in their order."""
        import json

        self._write(self._stdout, f"{self._masked(json.dumps(value, indent=2))}\n")

    def can_encode(self, text: str) -> bool:
        """Tell whether standard output can show *text* as it is."""
        try:
            text.encode(self._stdout.encoding or "utf-8")
        except UnicodeEncodeError:
            return False
        return True

    # The run

    def say(self, text: str) -> None:
        """Tell a result or a step of the run; hidden by ``-q``."""
        self._tell("info", NORMAL, text)

    def done(self, text: str) -> None:
        """Tell that the run reached its end; hidden by ``-q``."""
        self._tell("info", NORMAL, text, style="done")

    def detail(self, text: str) -> None:
        """Tell a step that only ``-v`` shows."""
        self._tell("detail", VERBOSE, text, style="faint")

    def debug(self, text: str) -> None:
        """Tell what only ``-vv`` shows."""
        self._tell("debug", DEBUG, text, style="faint")

    def findings(self, findings: Iterable[Finding], *, summary: bool = True) -> None:
        """Tell *findings*, errors last, with a line of counts when several or an error are among them."""
        from trued.report.finding_text import finding_lines, summary_line

        told = self._cleaned(findings)
        if self._log is not None:
            self._logged("finding", "\n".join(finding_lines(told)))
        shown = [finding for finding in told if self.verbosity >= _LEAST[finding.level.value]]
        lines = finding_lines(shown, colour=self.run.colour, width=self.run.width)
        if shown and summary and (len(shown) > 1 or shown[0].level.value == "error"):
            lines.append(summary_line(shown, colour=self.run.colour))
        if lines:
            self._write_run("\n".join(lines) + "\n")

    def error(self, error: TruedError) -> int:
        """Tell what *error* carries; return its exit status."""
        self.findings(error.findings)
        return error.exit_status

    def ask(self, text: str) -> None:
        """Tell *text*, part of a question, at every verbosity."""
        self._tell("info", _ALWAYS, text)

    def traceback(self, text: str) -> None:
        """Tell *text*, a traceback asked for by ``--debug``, at every verbosity."""
        self._tell("debug", _ALWAYS, text)

    def progress(self, label: str, *, total_files: int = 0, total_bytes: int = 0) -> Progress:
        """Return a progress line for ``with``; it only counts where none may be shown."""
        return Progress(
            label,
            draw=self._draw if self._progress_wanted else None,
            clock=self._clock,
            total_files=total_files,
            total_bytes=total_bytes,
            width=max(self.run.width - 1, 0),
        )

    def status(self, text: str) -> None:
        """Show *text* on the progress line, where there is one; an empty text erases it."""
        if self._progress_wanted:
            self._draw(self._masked(text))

    def hide(self, *secrets: str) -> None:
        """Mask *secrets* from now on, in the log too."""
        self._secrets += secrets

    def close(self) -> None:
        """Flush both streams and close the log."""
        self._stdout.flush()
        self._stderr.flush()
        if self._log is not None:
            self._log.close()
            self._log = None

    def _tell(self, level: str, least: int, text: str, *, style: str = "") -> None:
        self._logged(level, text)
        if self.verbosity < least:
            return
        clean = escaped_lines(self._masked(text))
        shown = painted(clean, style, colour=self.run.colour) if style else clean
        self._write_run(f"{shown}\n")

    def _cleaned(self, findings: Iterable[Finding]) -> list[Finding]:
        """Mask before anything is folded or cut, so that no part of a secret can stay behind."""
        from trued.core.record import replace

        return [
            replace(
                finding,
                subject=self._masked(finding.subject),
                place=finding.place and replace(finding.place, file=self._masked(finding.place.file)),
                values={name: self._masked(value) for name, value in finding.values.items()},
            )
            for finding in findings
        ]

    def _masked(self, text: str) -> str:
        return without_secrets(text, self._secrets)

    def _logged(self, level: str, text: str) -> None:
        if self._log is not None:
            self._log.write(level, text, secrets=self._secrets)

    def _draw(self, line: str) -> None:
        """Replace the progress line by *line*; an empty one erases it."""
        if not line and not self._drawn:
            return
        columns = max(self.run.width - 1, 0)
        with self._lock:
            self._drawn = escaped(line)[:columns]
            self._stderr.write(f"\r\x1b[K{self._drawn}")
            self._stderr.flush()

    def _write_run(self, text: str) -> None:
        """Write above the progress line, which is erased first and drawn again after."""
        with self._lock:
            drawn = self._drawn
            self._draw("")
            self._write(self._stderr, text)
            if drawn:
                self._draw(drawn)
            self._stderr.flush()

    @staticmethod
    def _write(stream: TextIO, text: str) -> None:
        encoding = stream.encoding or "utf-8"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
