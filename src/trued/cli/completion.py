"""``trued completion``: the script that completes command lines in a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.errors import UsageError
from trued.core.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trued.cli.parser import ParsedCommand
    from trued.report.printer import Printer

__all__ = ["run"]


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Print the script. Raises UsageError TRU932 for a shell that is not known."""
    from trued.report.page import codes

    (shell,) = parsed.arguments
    script = _writer(shell)(codes())
    if parsed.settings.json:
        from trued.report.json_report import document

        result = {"shell": shell, "script": script}
        printer.document(document(command="completion", exit_status=0, result=result))
    else:
        printer.artefact(script.rstrip("\n"))
    return 0


def _writer(shell: str) -> Callable[[Iterable[str]], str]:
    if shell == "bash":
        from trued.cli.shells.bash import bash_script

        return bash_script
    if shell == "zsh":
        from trued.cli.shells.zsh import zsh_script

        return zsh_script
    if shell == "fish":
        from trued.cli.shells.fish import fish_script

        return fish_script
    raise UsageError(Finding(code="TRU932", subject=shell))
