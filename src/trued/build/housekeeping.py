"""Room made where builds leave something: wheels that were built, and what their builds printed."""

from __future__ import annotations

import os

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BuildTraces", "build_traces", "prune_builds"]

_FOLDERS = ("built", os.path.join("logs", "build"))


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildTraces:
    """How many built wheels and logs there are, or were removed, and their bytes together."""

    wheels: int = 0
    logs: int = 0
    size: int = 0


def build_traces(cache: str) -> BuildTraces:
    """Return what builds have left below *cache*."""
    return _counted(list(_files(cache)))


def prune_builds(cache: str, *, before_ns: int) -> BuildTraces:
    """Remove what was last written or taken before *before_ns* (ns since 1970); return what was removed.

    Safe beside other runs: a wheel that goes while it is looked for is built again.
    """
    removed = []
    for path, status in _files(cache):
        if status.st_mtime_ns >= before_ns:
            continue
        try:
            os.unlink(path)
        except OSError:
            continue  # another run was quicker, or it is not ours
        removed.append((path, status))
        _drop_empty(os.path.dirname(path), cache)
    return _counted(removed)


def _files(cache: str) -> Iterator[tuple[str, os.stat_result]]:
    for name in _FOLDERS:
        for folder, _, names in os.walk(os.path.join(cache, name)):
            for file in sorted(names):
                path = os.path.join(folder, file)
                try:
                    yield path, os.lstat(path)
                except OSError:
                    continue  # gone meanwhile


def _counted(found: list[tuple[str, os.stat_result]]) -> BuildTraces:
    return BuildTraces(
        wheels=sum(path.endswith(".whl") for path, _ in found),
        logs=sum(path.endswith(".log") for path, _ in found),
        size=sum(status.st_size for _, status in found),
    )


def _drop_empty(folder: str, cache: str) -> None:
    while os.path.dirname(folder) not in ("", cache) and folder != cache:
        try:
            os.rmdir(folder)
        except OSError:
            return  # something lies there
        folder = os.path.dirname(folder)
