"""The store: where it should be, writable, whole, and on the device of the environments."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time

from trued.core.errors import TruedError
from trued.core.finding import Finding, Level
from trued.operations.doctor.check import fine, skipped, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from trued.environment.target import Target
    from trued.operations.doctor.check import Check
    from trued.operations.session import Session

__all__ = ["storage_checks"]

_LEAST_FREE = 1024**3
_LOOK_SECONDS = 2.0
_LEFT_SECONDS = 3600


def storage_checks(session: Session, target: Target | TruedError) -> Iterator[Check]:
    """Yield how cache and store stand."""
    cache = session.settings.cache_dir
    if cache is None:
        yield skipped("store", "--no-cache-dir keeps nothing")
        return
    cache = os.path.join(session.cwd, cache)
    problems = list(_folder(cache))
    yield from told("store.folder", problems)
    if problems:
        return
    yield fine("store.folder", cache)
    yield from _space(cache)
    yield _links(session, cache, target)
    yield from _whole(session)
    yield from _leftovers(session)


def _folder(cache: str) -> Iterator[Finding]:
    """Yield what keeps the cache from being used; nothing is left in it."""
    from trued.store.owner import is_trusted

    if not is_trusted(cache):
        yield Finding(code="TRU405", level=Level.WARNING, subject=cache)
        return
    nearest = _nearest(cache)
    seen = os.stat(nearest)
    if os.name != "nt" and seen.st_mode & stat.S_IWOTH and not seen.st_mode & stat.S_ISVTX:
        yield Finding(code="TRU955", subject=nearest)
    try:
        with tempfile.TemporaryFile(dir=nearest):
            return
    except OSError as error:
        yield Finding(code="TRU956", subject=nearest, values={"reason": error.strerror or str(error)})


def _nearest(path: str) -> str:
    """Return *path*, or the nearest folder above it that is there."""
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return path


def _space(cache: str) -> Iterator[Check]:
    free = shutil.disk_usage(_nearest(cache)).free
    shown = f"{free / 1024**3:.1f} GiB"
    if free < _LEAST_FREE:
        values = {"free": shown}
        yield from told(
            "store.space", [Finding(code="TRU957", level=Level.WARNING, subject=cache, values=values)]
        )
    else:
        yield fine("store.space", f"{shown} free")


def _links(session: Session, cache: str, target: Target | TruedError) -> Check:
    """Return how files will come out of the store, found by trying in the cache itself."""
    name = "store.links"
    if isinstance(target, TruedError):
        return skipped(name, "there is no environment to link into")
    there = _nearest(target.roots["purelib"])
    here = _nearest(cache)
    if os.stat(here).st_dev != os.stat(there).st_dev and session.settings.link_mode != "copy":
        values = {"cache": cache, "environment": target.prefix}
        finding = Finding(code="TRU958", level=Level.WARNING, subject=cache, values=values)
        return next(told(name, [finding]))
    return fine(name, f"{_way(session.settings.link_mode, here)}, on the device of {target.prefix}")


def _way(mode: str, folder: str) -> str:
    """Return the first of the ways of *mode* that works in *folder*; what it makes goes again."""
    from trued.store.directory import closed, opened
    from trued.store.transfer import ways

    with tempfile.TemporaryDirectory(dir=folder, prefix="trued-doctor-") as made:
        with open(os.path.join(made, "file"), "wb") as file:
            file.write(b"file\n")
        source = opened(made)
        try:
            for way in ways(mode):
                into = os.path.join(made, way.__name__)
                os.mkdir(into)
                destination = opened(into)
                try:
                    way("file", source, destination, False)  # noqa: FBT003 - see trued.store.transfer.Transfer
                except OSError:
                    continue
                finally:
                    closed(destination)
                return way.__name__
        finally:
            closed(source)
    return "copy"


def _whole(session: Session) -> Iterator[Check]:
    from trued.store.lock import using
    from trued.store.quick_check import is_being_emptied, quick_look

    if not os.path.isdir(session.store):
        yield fine("store.seals", "nothing is stored yet")
        return
    if is_being_emptied(session.store):
        yield skipped("store.seals", "another run is removing wheels")
        return
    deadline = time.monotonic() + _LOOK_SECONDS
    with using(session.store):
        looked, left, changed = quick_look(session.store, is_over=lambda: time.monotonic() > deadline)
    findings = [
        Finding(
            code="TRU959",
            subject=os.path.basename(entry)[:12],
            values={"path": os.path.join(entry, paths[0]), "count": str(len(paths))},
        )
        for entry, paths in changed.items()
    ]
    yield from told("store.seals", findings)
    if not findings:
        rest = f", {left} not looked at" if left else ""
        yield fine("store.seals", f"{looked} wheels by size and date{rest}")


def _leftovers(session: Session) -> Iterator[Check]:
    """Yield what runs left that were killed; the next one that stores a wheel removes it."""
    from trued.store.layout import temporary_path

    folder = temporary_path(session.store)
    try:
        with os.scandir(folder) as entries:
            old = [
                one.name for one in entries if session.clock_seconds() - one.stat().st_mtime > _LEFT_SECONDS
            ]
    except OSError:
        old = []
    if old:
        values = {"count": str(len(old))}
        finding = Finding(code="TRU960", level=Level.WARNING, subject=folder, values=values)
        yield from told("store.leftovers", [finding])
    else:
        yield fine("store.leftovers")
