"""A document put where the user wants it: a file written whole or not at all, or standard output."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.operations.session import Session
    from trued.report.printer import Printer

__all__ = ["deliver"]


def deliver(session: Session, printer: Printer, text: str) -> None:
    """Write *text* to the file of ``-o``, else print it. Raises: OperationalError TRU579."""
    output = session.settings.output
    if not output or output == "-":
        printer.artefact(text.removesuffix("\n"))
        return
    from trued.operations.whole_file import write_whole

    write_whole(os.path.join(session.cwd, output), text.encode("utf-8", "surrogateescape"), shown=output)
    printer.done(f"wrote {output}")
