"""The last wall: a fault of trued itself, told as a finding, without a traceback and without any secret."""

from __future__ import annotations

from trued.core.errors import OperationalError
from trued.core.finding import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trued.config.settings import Settings
    from trued.report.printer import Printer

__all__ = ["fault", "tell_fault"]


def fault(
    error: Exception,
    printer: Printer,
    *,
    command: str,
    argv: Sequence[str],
    environ: Mapping[str, str],
    settings: Settings | None = None,
) -> OperationalError:
    """Return *error* as what is told of it (TRU999); with ``--debug`` print the traceback.

    Nobody wrote its message for the user, so whatever may be a secret is taken out of both, and what
    *argv*, *environ* and *settings* have of them is masked from now on.
    """
    from trued.report.foreign_text import foreign_text, secrets_among

    known = secrets_among((*argv, *_texts(settings)), environ)
    printer.hide(*known)
    if settings.debug if settings is not None else "--debug" in argv:
        import traceback

        printer.traceback(foreign_text("".join(traceback.format_exception(error)), known))
    reason = foreign_text(str(error), known) or "no message"
    values = {"kind": type(error).__name__, "reason": reason}
    return OperationalError(Finding(code="TRU999", subject=f"trued {command}".rstrip(), values=values))


def tell_fault(error: Exception, argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Tell of an error that came past every command, as at the start of the program; return the status."""
    from trued.report.printer import Printer

    printer = Printer(environ=environ)
    command = next((word for word in argv if not word.startswith("-")), "")
    told = fault(error, printer, command=command, argv=argv, environ=environ)
    if "--json" in argv:
        from trued.report.json_report import document

        printer.document(document(command=command, exit_status=told.exit_status, findings=told.findings))
        return told.exit_status
    return printer.error(told)


def _texts(settings: Settings | None) -> Iterator[str]:
    """Yield every text among *settings*: any of them may be a URL with its credentials."""
    for name in settings.__slots__ if settings is not None else ():
        value = getattr(settings, name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, str):
                yield one
