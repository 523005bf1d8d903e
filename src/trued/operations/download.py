"""Download: prove files as an installation would, and put the archives into a folder."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trued.core.errors import OperationalError
from trued.core.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trued.operations.offer import Judged
    from trued.operations.session import Session

__all__ = ["Saved", "download", "kept_archives", "save"]


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
    folder = os.path.normpath(os.path.join(session.cwd, session.settings.dest))
    with using(session.store), kept_archives(session) as kept:
        proven = prove_all(session, asked, interpreter=interpreter, keep_archives=kept, builds=False)
        findings = [*proven.findings, *dependency_findings(session, asked, proven.judged, interpreter)]
        told = settled(session, asked, findings, proven)
        files = save({one.offer.distribution.filename: _kept(one, kept) for one in proven.judged}, folder)
    return Saved(folder=folder, files=files, judged=proven.judged, findings=told)


@contextmanager
def kept_archives(session: Session) -> Iterator[str]:
    """Give a private folder for archives, on the store's device, which goes at the end."""
    from trued.store.staging import Staging

    with Staging(session.store, now_ns=session.started_ns) as staging:
        yield staging.path


def _kept(judged: Judged, kept: str) -> str:
    return os.path.join(kept, judged.digests["sha256"])


def save(files: Mapping[str, str], folder: str) -> tuple[str, ...]:
    """Put *files* (name to path) into *folder*, all copied whole before the first is in place; return paths.

    Raises: OperationalError TRU562.
    """
    import shutil
    import tempfile

    try:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".trued-", dir=folder) as drafts:
            paths = {}
            for filename, path in files.items():
                draft = os.path.join(drafts, filename)
                shutil.copyfile(path, draft)
                paths[draft] = os.path.join(folder, filename)
            for draft, path in paths.items():
                os.replace(draft, path)
    except OSError as error:
        values = {"reason": error.strerror or str(error)}
        raise OperationalError(Finding(code="TRU562", subject=folder, values=values)) from error
    return tuple(paths.values())
