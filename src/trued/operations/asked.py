"""What one call asks for: requirement files and arguments, read and put together for the target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trued.core.finding import Finding, Place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.operations.session import Session
    from trued.requirements.hashmode import HashMode
    from trued.requirements.model import FileOptions
    from trued.requirements.wanted import Wanted

__all__ = ["Asked", "ask"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The projects wanted on the target, the options that files set, and what was noticed while reading.

    ``findings`` may hold errors: they refuse the run, but first everything else is looked at too.
    """

    wanted: tuple[Wanted, ...]
    options: FileOptions
    mode: HashMode
    findings: tuple[Finding, ...]


def ask(session: Session, arguments: Sequence[str], *, markers: Mapping[str, str]) -> Asked:
    """Read the requirement files, constraints and *arguments*, for a target with these *markers*.

    Raises: UsageError with every mistake of every file.
    """
    from trued.requirements.files import read_requirements
    from trued.requirements.hashmode import hash_mode
    from trued.requirements.wanted import gather

    settings = session.settings
    read = read_requirements(
        settings.requirements,
        constraints=settings.constraints,
        arguments=arguments,
        environ=session.environ,
        open_url=session.open_url,
        limits=session.limits,
    )
    gathered = gather(read, environment=markers)
    mode = hash_mode(
        read,
        require_hashes=_place(session, "require-hashes") if settings.require_hashes else None,
        no_require_hashes=_place(session, "no-require-hashes") if settings.no_require_hashes else None,
    )
    return Asked(
        wanted=gathered.wanted,
        options=read.options,
        mode=mode,
        findings=(*read.findings, *gathered.findings),
    )


def _place(session: Session, key: str) -> Place:
    """Return where the option *key* was set: a file's line, or its flag or variable."""
    origin = session.settings.origins.get(key)
    if origin is None:
        return Place(f"--{key}")
    return origin.place or Place(origin.name)
