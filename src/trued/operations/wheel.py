"""Wheels of everything that is asked for: fetched where there are any, else built from source."""

from __future__ import annotations

import os

from trued.core.errors import OperationalError
from trued.core.finding import Finding
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.build.origin import Origin
    from trued.operations.asked import Asked
    from trued.operations.offer import Judged
    from trued.operations.session import Session

__all__ = ["MadeWheel", "Wheels", "make_wheels"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeWheel:
    """One wheel that was put into the folder; ``origin`` and ``log`` where it was built of source."""

    path: str
    filename: str
    sha256: str
    origin: Origin | None = None
    from_cache: bool = False
    log: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheels:
    """What a run made: the folder, the wheels in it, the verdicts on what they came from."""

    folder: str
    wheels: tuple[MadeWheel, ...]
    judged: tuple[Judged, ...]
    findings: tuple[Finding, ...]

    @property
    def built(self) -> tuple[MadeWheel, ...]:
        """The wheels that were built of source, now or before."""
        return tuple(one for one in self.wheels if one.origin is not None)


def make_wheels(session: Session, arguments: Sequence[str]) -> Wheels:
    """Carry out ``trued wheel``: everything is proven, built where need be, and saved, all or nothing.

    Raises: Refused, UsageError and OperationalError as :func:`trued.operations.install.install`; TRU482 when
    the provenance statement cannot be written.
    """
    from trued.operations.asked import ask_for
    from trued.operations.download import kept_archives, save
    from trued.operations.fitting import interpreter_for
    from trued.operations.install import dependency_findings, settled
    from trued.operations.prove import prove_all
    from trued.store.lock import using

    settings = session.settings
    interpreter = interpreter_for(settings, session.find_interpreter())
    asked = ask_for(session, arguments, interpreter)
    folder = os.path.normpath(os.path.join(session.cwd, settings.wheel_dir))
    with using(session.store), kept_archives(session) as kept:
        proven = prove_all(session, asked, interpreter=interpreter, keep_archives=kept)
        findings = [*proven.findings, *dependency_findings(session, asked, proven.judged, interpreter)]
        told = settled(session, asked, findings, proven)
        made = [_made(one, asked, kept) for one in proven.judged]
        statement = _statement(session, made)
        paths = save({one.filename: one.path for one in made}, folder)
    wheels = tuple(_placed(one, path) for one, path in zip(made, paths, strict=True))
    if statement:
        from trued.operations.whole_file import write_whole

        shown = settings.provenance or ""
        write_whole(os.path.join(session.cwd, shown), statement, shown=shown)
    return Wheels(folder=folder, wheels=wheels, judged=proven.judged, findings=told)


def _made(judged: Judged, asked: Asked, kept: str) -> MadeWheel:
    source = asked.sources.get(judged.offer.distribution.project)
    built = judged.built or (source.built if source is not None else None)
    if built is None:
        sha256 = judged.digests["sha256"]
        path = os.path.join(kept, sha256)
        return MadeWheel(path=path, filename=judged.offer.distribution.filename, sha256=sha256)
    return MadeWheel(
        path=built.path,
        filename=built.filename,
        sha256=built.sha256,
        origin=built.origin,
        from_cache=built.from_cache,
        log=built.log,
    )


def _placed(made: MadeWheel, path: str) -> MadeWheel:
    from trued.core.record import replace

    return replace(made, path=path)


def _statement(session: Session, made: Sequence[MadeWheel]) -> bytes:
    """Return the provenance of what was built, signed where a key is given; empty where none is asked for.

    Made before anything is saved, so that a key that cannot be used is told in time.
    """
    settings = session.settings
    if settings.provenance is None:
        return b""
    from trued.operations.build_provenance import UnusableKey, provenance_lines

    origins = [one.origin for one in made if one.origin is not None]
    key = os.path.join(session.cwd, settings.sign_key) if settings.sign_key else ""
    try:
        return provenance_lines(origins, run=session.run_id, key=key)
    except (UnusableKey, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        values = {"reason": reason}
        raise OperationalError(
            Finding(code="TRU482", subject=settings.sign_key or settings.provenance, values=values)
        ) from error
