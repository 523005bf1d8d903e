"""Who needs whom: the graph of a lock or of an environment, and the ways through it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trued.core.names import normalize
from trued.operations.lock_text import PYLOCK, read_lock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from trued.core.names import ProjectName
    from trued.environment.installed import Installed
    from trued.operations.session import Session
    from trued.requirements.lock.model import Lock

__all__ = ["Edge", "Graph", "Node", "graph_of", "graph_of_installed", "graph_of_lock", "ways"]

_MOST_WAYS = 50


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """One release."""

    project: str
    version: str

    def __str__(self) -> str:
        return f"{self.project} {self.version}".rstrip()


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """A need; ``marker`` says when, empty where always."""

    node: Node
    marker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """``roots`` are what was asked for (where nothing says: what nobody needs); ``asked`` is how."""

    source: str
    roots: tuple[Node, ...]
    edges: Mapping[Node, tuple[Edge, ...]]
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def graph_of(session: Session, shown: str | None) -> Graph:
    """Return the graph of the lock *shown*; without one that of ``pylock.toml``, else of the environment.

    An environment that is named (``--venv``, ``--python``) goes before ``pylock.toml``.
    """
    settings = session.settings
    named = settings.venv or settings.python
    if shown is None and not named and os.path.exists(os.path.join(session.cwd, PYLOCK)):
        shown = PYLOCK
    return _of_environment(session) if shown is None else graph_of_lock(read_lock(session, shown), shown)


def graph_of_lock(lock: Lock, shown: str) -> Graph:
    """Return the graph of *lock*, which *shown* names."""
    nodes: dict[str, list[Node]] = {}
    for package in lock.packages:
        nodes.setdefault(package.project, []).append(Node(package.project, package.version or ""))
    edges = {}
    for package in lock.packages:
        found = {
            Edge(node, dependency.marker or "")
            for dependency in package.dependencies
            for node in nodes.get(dependency.project, ())
            if dependency.version in (None, node.version)
        }
        edges[Node(package.project, package.version or "")] = tuple(sorted(found))
    asked = _asked(lock)
    roots = [node for name in sorted(asked) for node in nodes.get(name, ())]
    return Graph(source=shown, roots=tuple(roots or _unneeded(edges)), edges=edges, asked=asked)


def _asked(lock: Lock) -> dict[str, tuple[str, ...]]:
    """Return the requirements that trued wrote down when it made the lock, by project."""
    from packaging.requirements import InvalidRequirement

    from trued.requirements.pep508 import read_line

    own = lock.tool.get("trued")
    texts = own.get("roots") if isinstance(own, dict) else None
    asked: dict[str, tuple[str, ...]] = {}
    for text in texts if isinstance(texts, list) else ():
        try:
            name = normalize(read_line(str(text)).name)
        except InvalidRequirement:
            continue
        asked[name] = (*asked.get(name, ()), str(text))
    return asked


def _of_environment(session: Session) -> Graph:
    target = session.find_target(writing=False)
    return graph_of_installed(session.installed(target), target.facts["markers"], source=target.prefix)


def graph_of_installed(installed: Sequence[Installed], markers: Mapping[str, str], *, source: str) -> Graph:
    """Return the graph of what is *installed* in *source*, for an interpreter with these *markers*."""
    nodes = {one.project: Node(one.project, one.version) for one in installed}
    edges = {
        nodes[one.project]: tuple(sorted(set(_needed(one.requires, nodes, markers)))) for one in installed
    }
    return Graph(source=source, roots=tuple(_unneeded(edges)), edges=edges)


def _needed(
    requires: Iterable[str], nodes: Mapping[ProjectName, Node], markers: Mapping[str, str]
) -> Iterator[Edge]:
    """Yield what is needed on the target and there; what only an extra asks for is named with its marker."""
    from packaging.requirements import InvalidRequirement

    from trued.requirements.marker import holds
    from trued.requirements.pep508 import read_line

    for line in requires:
        try:
            parsed = read_line(line)
        except InvalidRequirement:
            continue
        node = nodes.get(normalize(parsed.name))
        if node is None:
            continue
        if holds(parsed.marker, {**markers, "extra": ""}):
            yield Edge(node)
        elif "extra" in str(parsed.marker):
            yield Edge(node, str(parsed.marker))


def _unneeded(edges: Mapping[Node, Sequence[Edge]]) -> list[Node]:
    """Return what nobody needs; in a circle nobody is first, so then all."""
    needed = {edge.node for some in edges.values() for edge in some}
    return sorted(edges.keys() - needed) or sorted(edges)


def ways(graph: Graph, project: str) -> tuple[tuple[Edge, ...], ...]:
    """Return the ways from the roots to *project*, the shortest first, at most fifty."""
    found: list[tuple[Edge, ...]] = []
    waiting: list[tuple[Edge, ...]] = [(Edge(root),) for root in graph.roots]
    while waiting and len(found) < _MOST_WAYS:
        following: list[tuple[Edge, ...]] = []
        for way in waiting:
            if way[-1].node.project == project:
                found.append(way)
                continue
            there = {edge.node for edge in way}
            following += [
                (*way, edge) for edge in graph.edges.get(way[-1].node, ()) if edge.node not in there
            ]
        waiting = following[:10_000]
    return tuple(found[:_MOST_WAYS])
