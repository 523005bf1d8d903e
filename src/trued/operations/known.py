"""The known files of a run: where the database lies, which run asks, and what the commands do with it."""

from __future__ import annotations

import os

from trued.core.errors import UsageError
from trued.core.finding import Finding
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.operations.session import Session
    from trued.proof.known.known_files import KnownFiles
    from trued.proof.known.model import KnownFile

__all__ = [
    "Restored",
    "export_known",
    "find_known",
    "forget_known",
    "import_known",
    "known_path",
    "open_known",
]

_LARGEST_IMPORT = 1024 * 1024 * 1024


def known_path(session: Session) -> str:
    """Return the absolute path of the database."""
    from trued.config.locations import default_known_files

    stated = session.settings.known_files
    return os.path.join(session.cwd, stated or default_known_files(session.environ))


def open_known(session: Session) -> KnownFiles:
    """Return the database as this run sees it; nothing is read yet."""
    from trued.proof.known.known_files import LATE_AFTER, KnownFiles
    from trued.proof.known.model import Run

    run = Run(id=session.run_id, time=session.now, command=session.command, folder=session.cwd)
    late_after = session.settings.late_file_after
    return KnownFiles(known_path(session), run=run, late_after=late_after or LATE_AFTER)


def find_known(known: KnownFiles, names: Sequence[str]) -> list[KnownFile]:
    """Return the files known by *names*, each once. Raises: UsageError TRU780 with every unknown name."""
    found = {name: known.files(name) for name in names}
    missing = [name for name in names if not found[name]]
    if missing:
        path = known.database.path
        raise UsageError(*(Finding(code="TRU780", subject=name, values={"path": path}) for name in missing))
    return list({(one.project, one.filename): one for files in found.values() for one in files}.values())


def forget_known(known: KnownFiles, names: Sequence[str]) -> list[KnownFile]:
    """Forget the files known by *names* and return them. Raises as :func:`find_known`."""
    files = find_known(known, names)
    known.forget(files)
    return files


def export_known(known: KnownFiles) -> str:
    """Return the database as JSON lines."""
    from trued.proof.known.exchange import export_lines

    with known.database.reading() as connection:
        return "".join(f"{line}\n" for line in export_lines(connection))


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What an import did: how many files it holds, how many are new; ``aside`` is a damaged database."""

    files: int
    added: int
    aside: str = ""


def import_known(known: KnownFiles, shown: str, *, cwd: str, time: str) -> Restored:
    """Add what the export *shown* holds. A damaged database is moved aside first, and kept.

    Raises: UsageError TRU778, TRU779 with every line that cannot be taken; nothing is changed then.
    """
    from trued.core.errors import OperationalError
    from trued.proof.known.exchange import import_exchange, read_exchange, set_aside

    exchange = read_exchange(_content(os.path.join(cwd, shown), shown), file=shown)
    aside = ""
    try:
        known.files()
    except OperationalError as error:
        if error.findings[0].code != "TRU775":
            raise
        known.database.close()
        aside = set_aside(known.database.path, time=time)
    added = import_exchange(known.database, exchange, file=shown)
    return Restored(files=len(exchange.files), added=added, aside=aside)


def _content(path: str, shown: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_LARGEST_IMPORT)
    except OSError as error:
        values = {"reason": error.strerror or str(error)}
        raise UsageError(Finding(code="TRU778", subject=shown, values=values)) from error
