"""For whom a sandbox is opened: for what the user names, and not for what calls itself so.

``[[build]]`` and ``--no-sandbox`` open the sandbox of a project. Whoever writes a folder, repository or lock
decides what is called so in it; a cloned one that takes the name of a project that the user trusts would be
built with the user's rights.
"""

from __future__ import annotations

from trued.core.finding import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.config.build_rules import BuildRules
    from trued.operations.building import Source

__all__ = ["refused_opening"]


def refused_opening(source: Source, rules: BuildRules) -> Finding | None:
    """Return TRU466 where *rules* open the sandbox of a project whose name *source* alone tells."""
    project = source.project
    if project is None or not source.names_itself:
        return None
    if project not in rules.unconfined and not rules.hosts_of(project):
        return None
    return Finding(code="TRU466", subject=source.shown, place=source.place, values={"project": project})
