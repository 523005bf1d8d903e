"""Sync: an environment made equal to a lock, in one transaction."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trued.core.names import normalize
from trued.operations.asked import ask, ask_for, prepared
from trued.operations.fitting import interpreter_for
from trued.operations.install import Installation, dependency_findings, settled, steps_for
from trued.operations.keep_memo import advisories_identity, is_worth_keeping, keep_memo
from trued.operations.lock_text import PYLOCK
from trued.operations.sound_store import with_sound_store
from trued.operations.worked_on import WorkedOn
from trued.requirements.lock.lock_name import is_lock_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trued.core.names import ProjectName
    from trued.environment.installed import Installed
    from trued.environment.target import Target
    from trued.operations.asked import Asked
    from trued.operations.fitting import Interpreter
    from trued.operations.session import Session

__all__ = ["Synced", "asked_of_lock", "sync"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What a run did, or with ``dry_run`` would have done: installations, and what was ``removed``."""

    installation: Installation
    removed: tuple[Installed, ...]


def sync(session: Session, arguments: Sequence[str]) -> Synced:
    """Install what the lock (``pylock.toml`` when none is named) selects for the target; remove all else.

    trued and what it needs stay where it runs from that environment, unless the lock lists them.

    Raises: as :func:`trued.operations.install.install`; the environment is then as it was.
    """
    shown = arguments[0] if arguments else PYLOCK
    with WorkedOn(session) as target:
        interpreter = interpreter_for(session.settings, target)
        asked = asked_of_lock(session, shown, interpreter)
        synced, told = with_sound_store(session.store, lambda: _synced(session, asked, target, interpreter))
    installation = synced.installation
    return replace(synced, installation=replace(installation, findings=(*told, *installation.findings)))


def asked_of_lock(session: Session, shown: str, interpreter: Interpreter, *, builds: bool = True) -> Asked:
    """Read the lock; a requirements file is read in hash-checking mode, whatever it says itself.

    Without *builds* what it takes from folders and repositories is not built.
    """
    settings = session.settings
    if is_lock_name(shown):
        session.settings = replace(settings, requirements=(shown,))
        return ask_for(session, (), interpreter, builds=builds)
    session.settings = replace(settings, requirements=(shown,), require_hashes=True, groups=())
    asked = ask(session, (), markers=interpreter.markers)
    return prepared(session, asked, interpreter) if builds else asked


def _synced(session: Session, asked: Asked, target: Target, interpreter: Interpreter) -> Synced:
    from trued.operations.apply import Additions, apply_steps
    from trued.operations.lock_install import size_findings
    from trued.operations.prove import prove_all

    settings = session.settings
    advisories = advisories_identity(session)
    proven = prove_all(session, asked, interpreter=interpreter)
    findings = [
        *proven.findings,
        *dependency_findings(session, asked, proven.judged, interpreter),
        *size_findings(asked, proven.judged),
    ]
    told = settled(session, asked, findings, proven)
    steps = steps_for(session, proven.judged, target)
    listed = {one.project for one in asked.wanted}
    removed = _surplus(session.installed(target), listed, target)
    if not settings.dry_run:
        additions = Additions(session, target)
        told = (
            *told,
            *apply_steps(session, steps, target=target, removing=removed, additions=additions),
        )
        if not findings and is_worth_keeping(told) and not interpreter.described:
            keep_memo(session, proven.judged, target, additions, advisories=advisories)
    installation = Installation(target=target, steps=steps, findings=told, dry_run=settings.dry_run)
    return Synced(installation=installation, removed=removed)


def _surplus(
    installed: Sequence[Installed], listed: set[ProjectName | None], target: Target
) -> tuple[Installed, ...]:
    own = _needed_by_trued(installed) if target.prefix == sys.prefix else frozenset()
    return tuple(one for one in installed if one.project not in listed and one.project not in own)


def _needed_by_trued(installed: Iterable[Installed]) -> frozenset[ProjectName]:
    """Return trued and all that it may need; extras and markers are not looked at, so rather too much."""
    from packaging.requirements import InvalidRequirement

    from trued.requirements.pep508 import read_line

    by_name = {one.project: one for one in installed}
    waiting, found = [normalize("trued")], set()
    while waiting:
        name = waiting.pop()
        if name in found or name not in by_name:
            continue
        found.add(name)
        for line in by_name[name].requires:
            try:
                waiting.append(normalize(read_line(line).name))
            except InvalidRequirement:
                continue
    return frozenset(found)
