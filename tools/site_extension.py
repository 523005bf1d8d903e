"""What the documentation site adds to Sphinx, so that its pages stay plain Markdown.

- A page called ``index.md`` is the table of contents of its folder: the links that its list items begin with,
  in their order, are the navigation. A page that none of them leads to is a warning, and so an error.
  Findings and decisions list themselves.
- Blocks can be reached by the keyboard.
- A finding's code in running text leads to the finding. A code that does not exist is a warning, too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import findings_reference
from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_LISTED = re.compile(r"^- \[[^\]]*\]\(([a-z0-9-]+(?:/[a-z0-9-]+)*)\.md\)", re.MULTILINE)
_CODE = re.compile(r"\bTRU\d{3}\b")
_FOLDERS = {
    "reference/findings": "\n".join(f"findings/{name}" for name in findings_reference.pages()),
    "decisions/index": "0*",
}
"""Pages that lead to all of a folder, with a list of its titles."""
_TREE = "\n\n```{{toctree}}\n{option}\n\n{entries}\n```\n"


class FindingLinks(SphinxTransform):
    """Turns codes of findings into links."""

    default_priority = 5

    def apply(self, **_: object) -> None:
        """Replace each code in text and in code spans."""
        for text in list(self.document.findall(nodes.Text)):
            if _CODE.search(text) and not _is_fixed(text):
                text.parent.replace(text, self._linked(text))

    def _linked(self, text: nodes.Text) -> list[nodes.Node]:
        made: list[nodes.Node] = []
        end = 0
        for found in _CODE.finditer(text):
            made += [nodes.Text(text[end : found.start()]), self._link(found.group())]
            end = found.end()
        return [node for node in (*made, nodes.Text(text[end:])) if node.astext()]

    def _link(self, code: str) -> nodes.Node:
        return addnodes.pending_xref(
            "",
            nodes.inline("", code),
            refdomain="std",
            reftype="ref",
            reftarget=code.lower(),
            refexplicit=True,
            refwarn=True,
            refdoc=self.env.docname,
        )


def _is_fixed(text: nodes.Text) -> bool:
    """Tell whether *text* stands where a link may not be, or where it would only disturb."""
    fixed = (
        nodes.title,
        nodes.reference,
        nodes.literal_block,
        nodes.raw,
        nodes.comment,
        addnodes.pending_xref,
    )
    node = text.parent
    while node is not None:
        if isinstance(node, fixed):
            return True
        node = node.parent
    return False


def add_navigation(_: Sphinx, docname: str, source: list[str]) -> None:
    """Append to an index page the navigation that its links are."""
    if docname in _FOLDERS:
        source[0] += _TREE.format(option=":glob:\n:maxdepth: 1", entries=_FOLDERS[docname])
    elif docname.rpartition("/")[2] == "index":
        source[0] += _TREE.format(option=":hidden:", entries="\n".join(_LISTED.findall(source[0])))


def let_blocks_be_scrolled(
    _app: Sphinx, _page: str, _template: str, context: dict[str, str], _doctree: object
) -> None:
    """Let the keyboard reach blocks, whose long lines have to be scrolled."""
    if "body" in context:
        context["body"] = context["body"].replace("<pre>", '<pre tabindex="0">')


def setup(app: Sphinx) -> dict[str, object]:
    """Register them."""
    app.connect("source-read", add_navigation)
    app.connect("html-page-context", let_blocks_be_scrolled)
    app.add_transform(FindingLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
