"""``trued tree``: what needs what, of a lock or an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.cli.opening import open_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trued.cli.parser import ParsedCommand
    from trued.operations.tree import Edge, Graph, Node
    from trued.report.printer import Printer

__all__ = ["edge_text", "run"]

_UNICODE = ("├── ", "└── ", "│   ", "    ")
_ASCII = ("|-- ", "`-- ", "|   ", "    ")


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Print the tree; return the exit status."""
    from trued.operations.tree import graph_of

    with open_session(parsed, printer) as session:
        graph = graph_of(session, parsed.arguments[0] if parsed.arguments else None)
    if parsed.settings.json:
        printer.document(_document(graph))
        return 0
    art = _UNICODE if printer.can_encode("├└│─") else _ASCII
    lines = [line for root in graph.roots for line in _lines(graph, root, art)]
    printer.artefact("\n".join(lines) if lines else "nothing")
    return 0


def _lines(graph: Graph, root: Node, art: tuple[str, str, str, str]) -> Iterator[str]:
    yield str(root)
    yield from _below(graph, root, "", art, {root})


def _below(
    graph: Graph, node: Node, indent: str, art: tuple[str, str, str, str], shown: set[Node]
) -> Iterator[str]:
    """Yield what is below *node*; what was shown in this tree already is not unfolded again."""
    edges = graph.edges.get(node, ())
    for number, edge in enumerate(edges):
        is_last = number == len(edges) - 1
        again = edge.node in shown
        unfolded = bool(graph.edges.get(edge.node))
        branch = art[1] if is_last else art[0]
        yield f"{indent}{branch}{edge_text(edge)}{' (*)' if again and unfolded else ''}"
        if not again:
            shown.add(edge.node)
            yield from _below(graph, edge.node, indent + (art[3] if is_last else art[2]), art, shown)


def edge_text(edge: Edge) -> str:
    """Return the release, and when it is needed."""
    return f"{edge.node} ; {edge.marker}" if edge.marker else str(edge.node)


def _document(graph: Graph) -> dict[str, object]:
    from trued.report.json_report import document

    packages = [
        {
            "project": node.project,
            "version": node.version,
            "needs": [
                {"project": edge.node.project, "version": edge.node.version, "marker": edge.marker}
                for edge in edges
            ],
        }
        for node, edges in sorted(graph.edges.items())
    ]
    result = {
        "source": graph.source,
        "roots": [{"project": root.project, "version": root.version} for root in graph.roots],
        "packages": packages,
    }
    return document(command="tree", exit_status=0, result=result)
