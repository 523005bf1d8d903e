"""Which local database a run uses, made from an export where need be, and how it is brought up to date."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from trued.advisories.database import AdvisoryDatabase
from trued.config.directories import advisories_path
from trued.core.errors import OperationalError, UsageError
from trued.core.finding import Finding
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from trued.advisories.about import About
    from trued.advisories.bulk import Document
    from trued.operations.session import Session

__all__ = ["BULK_URL", "MAX_AGE", "Updated", "database_path", "open_database", "update_database"]

BULK_URL = "https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip"
"""Where OSV publishes all records of this ecosystem, unless the user names another place."""

MAX_AGE = timedelta(days=7)

_ARCHIVE = "all.zip"
_MODIFIED = "modified_id.csv"
_MOST_SINGLE = 2000
"""With more records than this to fetch one by one, the whole export is the smaller request."""

_SQLITE = b"SQLite format 3\x00"


def database_path(session: Session) -> str:
    """Return where the run's local database is, or will be; empty where nothing is kept and none is named.

    An export named by ``--db`` has its database in the cache; nothing is fetched or made here.
    """
    stated = session.settings.advisory_db
    if stated is None:
        cache = session.settings.cache_dir
        return advisories_path(os.path.join(session.cwd, cache)) if cache is not None else ""
    path = os.path.join(session.cwd, stated)
    if "://" in stated:
        return _kept(session, session.credentials.remember(stated))
    if not os.path.exists(path) or _is_database(path):
        return path
    return _kept(session, f"{os.path.realpath(path)} {_state(path)}")


def open_database(session: Session) -> AdvisoryDatabase:
    """Return the run's local database, made first from the export that ``--db`` names.

    Raises: OperationalError TRU800 when there is none, TRU801, TRU802, TRU804; what the network says.
    """
    path, stated = database_path(session), session.settings.advisory_db
    if not path:
        raise OperationalError(Finding(code="TRU800", subject="--no-cache-dir"))
    if stated is not None and "://" in stated:
        if not _is_fresh(session, path) and not session.settings.offline:
            _import_url(session, stated, path)
    elif stated is not None and not os.path.exists(path):
        source = os.path.join(session.cwd, stated)
        if path == source:
            raise OperationalError(Finding(code="TRU800", subject=stated))
        _import_local(source, path, shown=stated)
    return AdvisoryDatabase.open(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Updated:
    """What an update did: ``changed`` records taken in, ``whole`` when the export was imported anew."""

    path: str
    about: About
    changed: int
    whole: bool


def update_database(session: Session, source: str) -> Updated:
    """Bring the database up to date from *source*, an address, an ``all.zip`` or a folder (empty: OSV).

    From the address that it is from already, only the records that changed are fetched. On any error the
    database stays as it was.

    Raises: OperationalError; UsageError TRU817 when there is nothing to import.
    """
    path = _target(session)
    if source and "://" not in source:
        local = os.path.join(session.cwd, source)
        if not os.path.exists(local):
            values = {"reason": "there is no such file or folder"}
            raise UsageError(Finding(code="TRU817", subject=source, values=values))
        about = _import_local(local, path, shown=source)
        return Updated(path=path, about=about, changed=about.records, whole=True)
    url = source or BULK_URL
    present = _present(path)
    bare = session.credentials.remember(url)
    if present is not None and present.source == bare and bare.endswith(f"/{_ARCHIVE}"):
        synced = _synced(session, bare.removesuffix(_ARCHIVE), path)
        if synced is not None:
            return synced
    about = _import_url(session, url, path)
    return Updated(path=path, about=about, changed=about.records, whole=True)


def _target(session: Session) -> str:
    stated = session.settings.advisory_db
    if stated is not None and "://" not in stated:
        path = os.path.join(session.cwd, stated)
        if not os.path.exists(path) or _is_database(path):
            return path
        values = {"reason": "it is an export; name it behind update, and the database by --db"}
        raise UsageError(Finding(code="TRU817", subject=stated, values=values))
    path = database_path(session)
    if not path:
        values = {"reason": "with --no-cache-dir nothing is kept; name a file by --db"}
        raise UsageError(Finding(code="TRU817", subject="trued audit db update", values=values))
    return path


def _present(path: str) -> About | None:
    try:
        with AdvisoryDatabase.open(path) as database:
            return database.about
    except OperationalError:
        return None


def _synced(session: Session, base: str, path: str) -> Updated | None:
    """Take in what changed since; ``None`` where the whole export is to be taken."""
    from trued.advisories.syncing import apply_documents, outdated, read_modified
    from trued.index.transport import Request

    url = base + _MODIFIED
    answer = session.transport.fetch(
        Request(
            url=url,
            max_bytes=session.limits.advisory_answer_bytes,
            expected=frozenset({200, 404}),
            subject=url,
        )
    )
    if answer.status == 404:
        return None
    with AdvisoryDatabase.open(path) as database:
        wanted = outdated(database.modified(), read_modified(answer.body, source=url), source=url)
    if len(wanted) > _MOST_SINGLE:
        return None
    about = apply_documents(path, list(_documents(session, base, wanted)), as_of=_time(session.started))
    return Updated(path=path, about=about, changed=len(wanted), whole=False)


def _documents(session: Session, base: str, identifiers: tuple[str, ...]) -> Iterator[Document]:
    from trued.advisories.bulk import Document
    from trued.index.transport import Request

    most = session.limits.advisory_record_bytes
    requests = [
        Request(url=f"{base}{name}.json", max_bytes=most, subject=name, token=name) for name in identifiers
    ]
    failures: list[OperationalError] = []
    for request, answer in session.transport.fetch_all(requests):
        if isinstance(answer, OperationalError):
            failures.append(answer)
        else:
            yield Document(str(request.token), answer.body)
    if failures:
        raise OperationalError(*(finding for failure in failures for finding in failure.findings))


def _import_url(session: Session, url: str, path: str) -> About:
    import tempfile

    from trued.index.transport import Download, DownloadFailed

    bare = session.credentials.remember(url)
    folder = os.path.dirname(path) or "."
    os.makedirs(folder, mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".trued-export-", dir=folder) as temporary:
        download = Download(
            url=bare,
            path=os.path.join(temporary, _ARCHIVE),
            max_bytes=session.limits.advisory_unpacked_bytes,
            subject=bare,
        )
        (outcome,) = session.transport.download_all([download])
        if isinstance(outcome, DownloadFailed):
            raise outcome
        return _import_file(download.path, path, source=bare, as_of=_time(session.started))


def _import_local(source: str, path: str, *, shown: str) -> About:
    """Import an export that is at hand: what copied it may have given it a time of its own."""
    from trued.advisories.building import import_folder

    os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
    as_of = _time(datetime.fromtimestamp(_newest(source), UTC))
    if os.path.isdir(source):
        return import_folder(path, source, as_of=as_of)
    return _import_file(source, path, source=shown, as_of=as_of, is_at_hand=True)


def _import_file(archive: str, path: str, *, source: str, as_of: str, is_at_hand: bool = False) -> About:
    import mmap
    from functools import partial

    from trued.advisories.building import import_archive
    from trued.store.workers import outcomes

    try:
        with open(archive, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            in_two = partial(outcomes, workers=2)
            return import_archive(path, data, source=source, as_of=as_of, is_at_hand=is_at_hand, share=in_two)
    except (OSError, ValueError) as error:
        detail = (error.strerror if isinstance(error, OSError) else None) or "it is empty"
        raise OperationalError(Finding(code="TRU802", subject=source, values={"detail": detail})) from error


def _is_fresh(session: Session, path: str) -> bool:
    about = _present(path)
    limit = session.settings.max_db_age or MAX_AGE
    return about is not None and about.age(session.started) <= limit


def _is_database(path: str) -> bool:
    """Tell whether *path* is a SQLite file: anything else that is there is taken for an export."""
    try:
        with open(path, "rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False


def _kept(session: Session, source: str) -> str:
    import hashlib

    name = hashlib.sha256(source.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return os.path.join(session.cwd, session.cache, "advisories", f"{name}.sqlite3")


def _state(path: str) -> str:
    """Return what tells one content of an export from another: sizes and times of its files."""
    if not os.path.isdir(path):
        found = os.stat(path)
        return f"{found.st_ino} {found.st_size} {found.st_mtime_ns}"
    with os.scandir(path) as entries:
        rows = sorted((one.name, one.stat().st_size, one.stat().st_mtime_ns) for one in entries)
    return repr(rows)


def _newest(path: str) -> float:
    if not os.path.isdir(path):
        return os.stat(path).st_mtime
    with os.scandir(path) as entries:
        return max((one.stat().st_mtime for one in entries), default=os.stat(path).st_mtime)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0).isoformat()
