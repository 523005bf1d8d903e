"""For whom a sandbox is opened: for what the user names, and not for what calls itself so.

``[[build]]`` and ``--no-sandbox`` open the sandbox of a project. Whoever writes a folder, repository or lock
decides what is called so in it; a cloned one that takes the name of a project that the user trusts would be
built with the user's rights.
"""

from __future__ import annotations

from trued.core.finding import Finding, Level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.config.build_rules import BuildRules
    from trued.operations.building import Source

__all__ = ["given_up", "refused_opening"]


def given_up(source: Source, *, sandbox: bool, isolation: str) -> list[Finding]:
    """Return warnings of what a build of *source* goes without: its sandbox, or being apart from *isolation*.

    *isolation* is the interpreter whose environment it sees instead of one of its own; empty: it has one.
    """
    told = []
    if not sandbox:
        told.append(Finding(code="TRU475", level=Level.WARNING, subject=source.shown, place=source.place))
    if isolation:
        values = {"python": isolation}
        told.append(
            Finding(
                code="TRU476", level=Level.WARNING, subject=source.shown, place=source.place, values=values
            )
        )
    return told


def refused_opening(source: Source, rules: BuildRules) -> Finding | None:
    """Return TRU466 where *rules* open the sandbox of a project whose name *source* alone tells."""
    project = source.project
    if project is None or not source.names_itself:
        return None
    if project not in rules.unconfined and not rules.hosts_of(project):
        return None
    return Finding(code="TRU466", subject=source.shown, place=source.place, values={"project": project})
