"""The environment: can packages be installed where they are to go."""

from __future__ import annotations

import os

from trued.core.errors import TruedError
from trued.core.finding import Finding, Level
from trued.core.lock import is_held
from trued.core.record import replace
from trued.operations.doctor.check import fine, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trued.environment.target import Target
    from trued.operations.doctor.check import Check
    from trued.operations.session import Session

__all__ = ["environment_checks", "target_of"]


def target_of(session: Session, arguments: Sequence[str]) -> Target | TruedError:
    """Return the environment that is named, or that trued would install into, or why there is none.

    What an interrupted run left there is not finished, as other commands do: it is to be told.
    """
    from trued.environment.target import find_target

    if arguments:
        python = os.path.join(session.cwd, arguments[0])
        session.settings = replace(session.settings, python=python, venv=None)
    settings = session.settings
    try:
        return find_target(
            python=settings.python,
            venv=settings.venv,
            environ=session.environ,
            cwd=session.cwd,
            cache_folder=settings.cache_dir,
            writing=False,
        )
    except TruedError as error:
        return error


def environment_checks(target: Target | TruedError) -> Iterator[Check]:
    """Yield how the environment stands."""
    if isinstance(target, TruedError):
        yield from told("environment.interpreter", _as_warnings(target.findings))
        return
    version = ".".join(map(str, target.facts["version_info"][:3]))
    yield fine("environment.interpreter", f"Python {version}, {target.kind}, {target.prefix}")
    findings = list(_state(target))
    yield from told("environment.state", findings)
    if not findings:
        yield fine("environment.state", _protected(target))


def _as_warnings(findings: Sequence[Finding]) -> list[Finding]:
    """Return *findings* as warnings: there may be no environment yet, and commands that need none."""
    return [replace(one, level=Level.WARNING) if one.code == "TRU501" else one for one in findings]


def _state(target: Target) -> Iterator[Finding]:
    from trued.environment.journal import FOLDER

    purelib = target.roots["purelib"]
    mark = os.path.join(target.facts["stdlib"], "EXTERNALLY-MANAGED")
    if target.kind == "base" and os.path.isfile(mark):
        yield Finding(code="TRU942", level=Level.WARNING, subject=target.prefix, values={"mark": mark})
    journal = os.path.join(purelib, FOLDER)
    if os.path.isdir(journal):
        yield Finding(code="TRU943", level=Level.WARNING, subject=target.prefix, values={"path": journal})
    if is_held(purelib):
        yield Finding(code="TRU944", level=Level.WARNING, subject=target.prefix, values={"path": purelib})
    nearest = purelib
    while not os.path.isdir(nearest):
        nearest = os.path.dirname(nearest)
    if not os.access(nearest, os.W_OK) and not _is_protected(target):
        yield Finding(code="TRU945", level=Level.WARNING, subject=nearest)
    from trued.environment.origin import origin_findings

    if target.kind == "virtual":
        yield from origin_findings(target.prefix)


def _is_protected(target: Target) -> bool:
    from trued.environment.lock import PROTECTION_FILE

    return os.path.lexists(os.path.join(target.prefix, PROTECTION_FILE))


def _protected(target: Target) -> str:
    return "protected" if _is_protected(target) else ""
