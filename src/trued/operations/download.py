"""Download: prove files as an installation would, and put the archives into a folder."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.core.finding import Finding
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
    from trued.operations.asked import ask
    from trued.operations.fitting import interpreter_for
    from trued.operations.install import dependency_findings, settled
    from trued.operations.prove import prove_all
    from trued.store.lock import using

    target = session.find_interpreter()
    interpreter = interpreter_for(session.settings, target)
    asked = ask(session, arguments, markers=interpreter.markers)
    folder = os.path.join(session.cwd, session.settings.dest)
    with using(session.store), session.kept_archives() as kept:
        proven = prove_all(session, asked, interpreter=interpreter, keep_archives=kept)
        findings = [*proven.findings, *dependency_findings(session, asked, proven.judged, interpreter)]
        told = settled(findings, session.settings.level, proven.judged)
        os.makedirs(folder, exist_ok=True)
        files = tuple(_saved(one, kept, folder) for one in proven.judged)
    return Saved(folder=folder, files=files, judged=proven.judged, findings=told)


def _saved(judged: Judged, kept: str, folder: str) -> str:
    """Put one archive into *folder* whole, under its own name; return its path."""
    filename = judged.offer.distribution.filename
    path = os.path.join(folder, filename)
    draft = f"{path}.{os.getpid()}.part"
    shutil.copyfile(os.path.join(kept, judged.digests["sha256"]), draft)
    os.replace(draft, path)
    return path
