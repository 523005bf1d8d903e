"""``trued hash``: print the ``--hash`` of local files, as pip does."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from trued.core.errors import OperationalError
from trued.core.finding import Finding

if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.report.printer import Printer

__all__ = ["run"]


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Print the digest of each file. Raises OperationalError TRU913 with every file that cannot be read."""
    algorithm = parsed.settings.algorithm
    digests: dict[str, str] = {}
    problems = []
    for path in parsed.arguments:
        try:
            with open(path, "rb") as file:
                digests[path] = hashlib.file_digest(file, algorithm).hexdigest()
        except OSError as error:
            values = {"reason": error.strerror or str(error)}
            problems.append(Finding(code="TRU913", subject=path, values=values))
    if problems:
        raise OperationalError(*problems)
    if parsed.settings.json:
        printer.document({path: {algorithm: value} for path, value in digests.items()})
    else:
        for path, value in digests.items():
            printer.artefact(f"{path}:\n--hash={algorithm}:{value}")
    return 0
