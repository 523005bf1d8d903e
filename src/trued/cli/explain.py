"""``trued explain CODE``: what a finding means, why it refuses, what to do. Without a code, all of them."""

from __future__ import annotations

from trued.core.errors import UsageError
from trued.core.finding import Finding
from trued.report.page import codes, load_page, outline
from trued.report.wrapping import wrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.cli.parser import ParsedCommand
    from trued.report.page import Page
    from trued.report.printer import Printer

__all__ = ["run"]

_WIDEST = 100


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Print the page of each code asked for, or the list of all codes.

    Raises :class:`UsageError` (TRU980) for each code that has no page, with the nearest one that has.
    """
    if parsed.settings.json:
        printer.document(_data(parsed.arguments))
        return 0
    if not parsed.arguments:
        printer.artefact("\n".join(_listed()))
        return 0
    text = "\n".join(_shown(page) for page in _pages(parsed.arguments)).rstrip("\n")
    printer.artefact("\n".join(wrapped(text, width=min(printer.out.width, _WIDEST))))
    return 0


def _pages(arguments: Sequence[str]) -> list[Page]:
    wanted = [argument.upper() for argument in arguments]
    pages = [load_page(code) for code in wanted]
    unknown = [code for code, page in zip(wanted, pages, strict=True) if page is None]
    if unknown:
        raise UsageError(*(_unknown(code) for code in unknown))
    return [page for page in pages if page is not None]


def _data(arguments: Sequence[str]) -> list[dict[str, str]]:
    """Return code, title, text and mend of each page asked for; of all without arguments."""
    return [
        {"code": page.code, "title": page.title, "body": page.body, "mend": page.mend}
        for page in _pages(arguments or codes())
    ]


def _listed() -> list[str]:
    pages = (load_page(code) for code in codes())
    return [f"{page.code}  {page.title}" for page in pages if page is not None]


def _shown(page: Page) -> str:
    remedy = outline(page.mend)
    if remedy.startswith("<"):
        remedy = "what the finding itself says, which depends on the file."
    return f"{page.code}: {page.title}\n\n{page.body}\nWhat to do: {remedy}\n"


def _unknown(code: str) -> Finding:
    from difflib import get_close_matches

    (nearest,) = get_close_matches(code, codes(), n=1, cutoff=0)
    return Finding(code="TRU980", subject=code, values={"nearest": nearest})
