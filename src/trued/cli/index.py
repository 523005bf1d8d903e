"""``trued index``: build an index, sign it, keep its keys."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.report.printer import Printer

__all__ = ["run"]

_MODULES = {
    **dict.fromkeys(("key", "init", "export", "collect", "rotate"), "trued.cli.index_keys"),
    **dict.fromkeys(("build", "add", "remove", "yank", "status", "sign"), "trued.cli.index_pages"),
    **dict.fromkeys(("refresh", "sweep", "check", "recover", "serve"), "trued.cli.index_care"),
}


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Carry out the action; return the exit status."""
    status: int = import_module(_MODULES[parsed.action]).run(parsed, printer)
    return status
