"""Remove projects from an environment as one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.names import normalize

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trued.environment.facts import Roots
    from trued.environment.made import Coming
    from trued.environment.target import Target
    from trued.environment.uninstall import Removal
    from trued.operations.session import Session

__all__ = ["plan_uninstall", "uninstall"]


def plan_uninstall(session: Session, names: Iterable[str], *, target: Target) -> tuple[Removal, list[str]]:
    """Return what goes with the projects *names* and those that ``-r`` files list, and what is not there.

    Raises: Refused when a RECORD cannot be trusted; UsageError for a file that cannot be read.
    """
    from trued.environment.uninstall import plan_removals

    installed = session.installed(target)
    wanted = dict.fromkeys([*map(normalize, names), *_listed(session)])
    going = [one for one in installed if one.project in wanted]
    there = {one.project for one in going}
    removal = plan_removals(going, installed=installed, roots=target.roots)
    return removal, [name for name in wanted if name not in there]


def uninstall(session: Session, removal: Removal, *, target: Target) -> None:
    """Carry *removal* out, all or nothing. Raises as :func:`trued.environment.transaction.change`."""
    from trued.environment.transaction import change

    if removal.paths:
        change(
            target,
            removals=removal.paths,
            lay_out=_nothing_to_lay_out,
            waiting=session.watcher.waiting,
        )


def _nothing_to_lay_out(additions: Sequence[Coming], roots: Roots) -> None:
    """Lay out nothing: a removal adds no distribution."""
    del additions, roots


def _listed(session: Session) -> Sequence[str]:
    """Return the projects that the requirement files name."""
    if not session.settings.requirements:
        return ()
    from trued.requirements.files import read_requirements

    read = read_requirements(
        session.settings.requirements,
        environ=session.environ,
        open_url=session.open_url,
        limits=session.limits,
    )
    return [line.project for line in read.requirements if line.project is not None]
