"""Download: prove files as an installation would, and put the archives into a folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trued.core.errors import OperationalError
from trued.core.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trued.operations.offer import Judged
    from trued.operations.session import Session

__all__ = ["Saved", "download"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What was saved: the folder, the files in it, their verdicts."""

    folder: str
    files: tuple[str, ...]
    judged: tuple[Judged, ...]
    findings: tuple[Finding, ...]


def download(session: Session, arguments: Sequence[str]) -> Saved:
    """Carry out ``trued download``: every file is proven, all are saved or none.

    Raises: Refused, UsageError and OperationalError as :func:`trued.operations.install.install`.
    """
    from trued.operations.asked import ask_for
    from trued.operations.fitting import interpreter_for
    from trued.operations.install import dependency_findings, settled
    from trued.operations.prove import prove_all
    from trued.store.lock import using

    target = session.find_interpreter()
    interpreter = interpreter_for(session.settings, target)
    asked = ask_for(session, arguments, interpreter)
    folder = os.path.join(session.cwd, session.settings.dest)
    with using(session.store), session.kept_archives() as kept:
        proven = prove_all(session, asked, interpreter=interpreter, keep_archives=kept)
        findings = [*proven.findings, *dependency_findings(session, asked, proven.judged, interpreter)]
        told = settled(session, asked, findings, proven)
        files = _save(proven.judged, kept, folder)
    return Saved(folder=folder, files=files, judged=proven.judged, findings=told)


def _save(judged: Iterable[Judged], kept: str, folder: str) -> tuple[str, ...]:
    """Put the archives into *folder* under their own names, copied whole before the first is; return paths.

    Raises: OperationalError TRU562.
    """
    import shutil
    import tempfile

    try:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".trued-", dir=folder) as drafts:
            paths = {}
            for one in judged:
                filename = one.offer.distribution.filename
                draft = os.path.join(drafts, filename)
                shutil.copyfile(os.path.join(kept, one.digests["sha256"]), draft)
                paths[draft] = os.path.join(folder, filename)
            for draft, path in paths.items():
                os.replace(draft, path)
    except OSError as error:
        values = {"reason": error.strerror or str(error)}
        raise OperationalError(Finding(code="TRU562", subject=folder, values=values)) from error
    return tuple(paths.values())
