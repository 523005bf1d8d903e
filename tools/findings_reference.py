"""Write the findings' pages of the documentation site: every code of a station on one page, with its anchor.

    python tools/findings_reference.py FOLDER

The pages are made of ``src/trued/report/pages``, which ``trued explain`` shows too. They are not kept in the
repository: the site's configuration makes them when it is built.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from trued.policy.exceptions import RULES
from trued.policy.level import PERMITTED_BY_PIP, RAISED_BY_STRICT
from trued.report.page import codes, load_page, outline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trued.report.page import Page

STATIONS = {
    "requirements": ("Requirements and locks", "TRU100", "TRU199"),
    "wheels": ("Wheels", "TRU200", "TRU299"),
    "indexes": ("Indexes and transport", "TRU300", "TRU399"),
    "store": ("The store", "TRU400", "TRU439"),
    "builds": ("Builds", "TRU440", "TRU499"),
    "environments": ("Environments", "TRU500", "TRU599"),
    "policy": ("Configuration and policy", "TRU600", "TRU699"),
    "publishers": ("Publishers, signatures and known files", "TRU700", "TRU799"),
    "advisories": ("Advisories", "TRU800", "TRU849"),
    "signed-indexes": ("Signed indexes", "TRU850", "TRU899"),
    "command-line": ("The command line", "TRU900", "TRU999"),
}
"""Page to title, first code and last code."""

_EXCEPTIONS = {code: rule for rule, excepted in RULES.items() for code in excepted}


def pages() -> dict[str, str]:
    """Return the text of each page by its name; stations without a code have none."""
    found = {
        name: [code for code in codes() if first <= code <= last]
        for name, (_, first, last) in STATIONS.items()
    }
    return {name: _station(STATIONS[name][0], listed) for name, listed in found.items() if listed}


def _station(title: str, listed: list[str]) -> str:
    sections = [f"# {title}\n", f"{len(listed)} findings. `trued explain CODE` shows each on the terminal.\n"]
    for code in listed:
        page = load_page(code)
        if page is not None:
            sections.append("\n".join(_section(page)))
    return "\n".join(sections)


def _section(page: Page) -> Iterator[str]:
    yield f"({page.code})="
    yield f"## {page.code}: {_prose(page.title)}"
    yield ""
    yield "```text"
    yield outline(page.message)
    yield "```"
    yield ""
    yield f"**To do:** {_prose(outline(page.mend))}"
    yield ""
    yield page.body
    weight = "; ".join(_weight(page.code))
    if weight:
        yield f"*{weight[0].upper()}{weight[1:]}.*\n"


def _weight(code: str) -> Iterator[str]:
    if code in PERMITTED_BY_PIP:
        yield "`permissive` warns"
    if code in RAISED_BY_STRICT:
        yield "`strict` refuses"
    if code in _EXCEPTIONS:
        yield f"an exception from `{_EXCEPTIONS[code]}` lets it pass"


def _prose(text: str) -> str:
    """Escape what Markdown would take for markup, outside of its code spans."""
    parts = re.split(r"(`+[^`]*`+)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([<>*_\[\]])", r"\\\1", part) for part in parts)


def write(folder: Path) -> None:
    """Make *folder* hold these pages and no others; a page that is right already keeps its time."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {folder / f"{name}.md": text for name, text in pages().items()}
    for path in set(folder.iterdir()) - set(wanted):
        path.unlink()
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
