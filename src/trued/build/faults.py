"""The errors that a run of a build ends in, each made in one place."""

from __future__ import annotations

from trued.core.errors import OperationalError, Refused
from trued.core.finding import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.build.log import BuildLog

__all__ = ["backend_missing", "box_failed", "build_failed", "hosts_not_held", "limit_reached", "no_sandbox"]


def no_sandbox(*, system: str, cause: str, command: str) -> OperationalError:
    """Return the error for a machine where builds cannot be confined."""
    values = {"cause": cause, "command": command}
    return OperationalError(Finding(code="TRU440", subject=system, values=values))


def backend_missing(*, backend: str, reason: str) -> OperationalError:
    """Return the error for a backend that cannot be imported or lacks a hook that it must have."""
    return OperationalError(Finding(code="TRU447", subject=backend, values={"reason": reason}))


def box_failed(*, name: str, said: str) -> OperationalError:
    """Return the error for a sandbox that did not start this build; *said* is its own message."""
    return OperationalError(Finding(code="TRU443", subject=name, values={"said": said}))


def build_failed(*, hook: str, status: int, log: BuildLog) -> OperationalError:
    """Return the error for a hook that ended with *status*."""
    values = {"status": str(status), "log": log.path, "lines": _indented(log)}
    return OperationalError(Finding(code="TRU441", subject=hook, values=values))


def limit_reached(limit: str, allowed: str, *, log: BuildLog) -> Refused:
    """Return the refusal of a build that took more of *limit* than it may; it is killed already."""
    values = {"allowed": allowed, "log": log.path, "lines": _indented(log)}
    return Refused(Finding(code="TRU442", subject=limit, values=values))


def hosts_not_held(*, name: str, hosts: tuple[str, ...]) -> OperationalError:
    """Return the error for *hosts* that a sandbox cannot open without opening all."""
    return OperationalError(Finding(code="TRU446", subject=name, values={"hosts": ", ".join(hosts)}))


def _indented(log: BuildLog) -> str:
    return "\n".join(f"  {line}" for line in log.last_lines()) or "  (it printed nothing)"
