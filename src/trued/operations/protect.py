"""Protect an environment, take that back, or tell how it stands."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trued.core.errors import UsageError
from trued.core.finding import Finding
from trued.core.record import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.environment.target import Target
    from trued.operations.session import Session

__all__ = ["Standing", "named_target", "protect", "status", "unprotect"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an environment is protected: by which ``means``, and why the others are not to be ``had``.

    ``had`` maps each of the means to a reason, which is empty where the means could be used. ``files``,
    ``copied`` and ``bytes`` tell what protecting did, or would do. ``time`` is when it was protected.
    """

    environment: str
    means: tuple[str, ...]
    had: Mapping[str, str]
    findings: tuple[Finding, ...] = ()
    files: int = 0
    copied: int = 0
    bytes: int = 0
    time: str = ""
    lifted: tuple[str, ...] = ()

    @property
    def exit_status(self) -> int:
        """1 when something was protected and no longer is, else 0."""
        return int(bool(self.findings))


def protect(session: Session, arguments: Sequence[str]) -> Standing:
    """Protect the environment; with ``--dry-run`` only tell what that would take.

    Raises: UsageError TRU563 (it is no virtual environment); OperationalError TRU564 (a means that was asked
    for is not to be had), TRU520, TRU567.
    """
    from trued.environment import protection

    target = named_target(session, arguments)
    settings = session.settings
    means = protection.chosen(target.prefix, settings.means)
    if settings.dry_run:
        done = protection.planned(target.prefix, means)
    else:
        done = protection.protect(target, means, time=session.now, waiting=session.watcher.waiting)
    return Standing(
        environment=target.prefix,
        means=done.means,
        had=_had(target, done.means),
        files=done.files,
        copied=done.copied,
        bytes=done.bytes,
        time="" if settings.dry_run else session.now,
    )


def unprotect(session: Session, arguments: Sequence[str]) -> Standing:
    """Take the protection away; with ``--dry-run`` only tell what stands. Raises: as :func:`protect`."""
    from trued.environment import protection
    from trued.environment.protection_state import read_protection

    target = named_target(session, arguments)
    if session.settings.dry_run:
        standing = read_protection(target.prefix)
        lifted = standing.means if standing else ()
    else:
        lifted = protection.unprotect(target, waiting=session.watcher.waiting)
    return Standing(environment=target.prefix, means=(), had=_had(target, lifted), lifted=lifted)


def status(session: Session, arguments: Sequence[str]) -> Standing:
    """Tell how the environment stands, and what of its protection no longer holds. Raises: TRU563, TRU567."""
    from trued.environment.protection import weaknesses
    from trued.environment.protection_state import read_protection

    target = named_target(session, arguments)
    standing = read_protection(target.prefix)
    if standing is None:
        return Standing(environment=target.prefix, means=(), had=_had(target, ()))
    return Standing(
        environment=target.prefix,
        means=standing.means,
        had=_had(target, standing.means),
        findings=tuple(weaknesses(target.prefix, standing)),
        time=standing.time,
    )


def named_target(session: Session, arguments: Sequence[str]) -> Target:
    """Return the virtual environment that is named, or the one that trued would install into."""
    if arguments:
        python = os.path.join(session.cwd, arguments[0])
        session.settings = replace(session.settings, python=python, venv=None)
    target = session.find_target(writing=False)
    if target.kind != "virtual":
        raise UsageError(Finding(code="TRU563", subject=target.prefix))
    return target


def _had(target: Target, standing: Sequence[str]) -> dict[str, str]:
    """Return why means are not to be had; what stands is, and is not tried on a folder that is protected."""
    from trued.environment.protection import available
    from trued.environment.protection_state import MEANS

    if all(name in standing for name in MEANS):
        return dict.fromkeys(MEANS, "")
    lacking = available(target.prefix)
    return {name: "" if name in standing else lacking[name] for name in MEANS}
