"""``trued why``: who needs a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.cli.opening import open_session
from trued.cli.tree import edge_text
from trued.core.errors import Refused
from trued.core.finding import Finding
from trued.core.names import normalize

if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.operations.tree import Edge, Graph
    from trued.report.printer import Printer

__all__ = ["run"]


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Print every way from what was asked for to the project; return the exit status."""
    from trued.operations.tree import graph_of, ways

    name = normalize(parsed.arguments[0])
    with open_session(parsed, printer) as session:
        graph = graph_of(session, parsed.arguments[1] if len(parsed.arguments) > 1 else None)
    found = ways(graph, name)
    if not found:
        raise Refused(Finding(code="TRU583", subject=name, values={"source": graph.source}))
    if parsed.settings.json:
        from trued.report.json_report import document

        result = {
            "project": name,
            "source": graph.source,
            "ways": [
                [
                    {"project": edge.node.project, "version": edge.node.version, "marker": edge.marker}
                    for edge in way
                ]
                for way in found
            ],
        }
        printer.document(document(command="why", exit_status=0, result=result))
        return 0
    printer.artefact("\n".join(_line(graph, way) for way in found))
    return 0


def _line(graph: Graph, way: tuple[Edge, ...]) -> str:
    asked = ", ".join(graph.asked.get(way[0].node.project, ()))
    told = " -> ".join(edge_text(edge) for edge in way)
    return f"{told} (asked for: {asked})" if asked else told
