"""``--fix`` of a ``pylock.toml``: locked again from the project's file, with what is affected moved on."""

from __future__ import annotations

import os

from trued.core.errors import Refused
from trued.core.record import replace
from trued.operations.audit.fixing import reason_of, step_of
from trued.operations.project_file import PROJECT_FILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.advisories.outcome import AuditHit, AuditOutcome
    from trued.core.names import ProjectName
    from trued.operations.lock import Locked
    from trued.operations.session import Session
    from trued.requirements.lock.model import Lock

__all__ = ["fix_lock"]


def fix_lock(
    session: Session, outcome: AuditOutcome, shown: str, affected: Mapping[ProjectName, Sequence[AuditHit]]
) -> AuditOutcome:
    """Lock *shown* again from the ``pyproject.toml`` beside it; everything else stays where it may."""
    from trued.operations.lock_text import read_lock

    if outcome.source.service != "db":
        reason = "a lock is fixed against the local database: run trued audit db update, then --service db"
        return replace(outcome, fixes=tuple(step_of(hits, blocked_by=reason) for hits in affected.values()))
    project = os.path.join(os.path.dirname(shown), PROJECT_FILE)
    if not os.path.exists(os.path.join(session.cwd, project)):
        reason = f"a lock is made from the {PROJECT_FILE} beside it, and there is none; lock it again"
        steps = tuple(step_of(hits, blocked_by=reason) for hits in affected.values())
        return replace(outcome, fixes=steps)
    path = os.path.join(session.cwd, shown)
    with open(path, encoding="utf-8") as file:
        before = file.read()
    old = read_lock(session, shown)
    try:
        made = _locked(session, shown, project, old)
    except Refused as error:
        steps = tuple(step_of(hits, blocked_by=reason_of(error)) for hits in affected.values())
        return replace(outcome, fixes=steps)
    versions = {package.project: package.version or "" for package in made.lock.packages}
    steps = tuple(
        step_of(hits, new=versions.get(project) or "removed")
        if versions.get(project) != hits[0].package.version
        else step_of(hits, blocked_by="the requirements leave no other release")
        for project, hits in affected.items()
    )
    return replace(outcome, fixes=steps, diff=_diff(shown, before, made.text), is_fixed=made.written)


def _locked(session: Session, shown: str, project: str, old: Lock) -> Locked:
    from trued.operations.lock import lock

    settings = session.settings
    session.settings = replace(
        settings,
        requirements=(),
        constraints=(),
        output=shown,
        lock_format="pylock",
        extras=old.extras,
        groups=tuple(dict.fromkeys((*old.dependency_groups, *old.default_groups))),
        universal=len(old.environments) > 1,
        audit_severity=settings.severity or "low",
        upgrade=False,
    )
    try:
        return lock(session, (project,), nearest=True)
    finally:
        session.settings = settings


def _diff(shown: str, old: str, new: str) -> str:
    from difflib import unified_diff

    return "".join(
        f"{line}\n" for line in unified_diff(old.splitlines(), new.splitlines(), shown, shown, lineterm="")
    )
