"""What is asked about: one release, perhaps with the digests of the files of it that are meant."""

from __future__ import annotations

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.core.names import ProjectName

__all__ = ["AuditSubject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSubject:
    """One release to look up. ``sha256s`` are the files of it that are wanted or in hand (hexadecimal)."""

    project: ProjectName
    version: str
    sha256s: tuple[str, ...] = ()
