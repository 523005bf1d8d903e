"""The archive as a whole: entries whose headers, places and names leave nothing to interpretation."""

from __future__ import annotations

import stat

from trued.core.record import NamedTuple
from trued.wheel.central import STORED, read_central
from trued.wheel.end_record import find_directory
from trued.wheel.inflate import Packed
from trued.wheel.local import locate_data
from trued.wheel.paths import check_paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from mmap import mmap

    from trued.core.limits import Limits
    from trued.wheel.central import CentralHeader
    from trued.wheel.faults import Faults

__all__ = ["Entry", "read_archive"]


_EXECUTABLE = stat.S_IFREG | 0o111
"""A regular file with any of these bits is to be executable: what pip and the wheel project go by."""


class Entry(NamedTuple):
    """One file of the archive: its path, whether it is to be executable, and its data."""

    path: str
    executable: bool
    packed: Packed


def read_archive(data: bytes | mmap, *, limits: Limits, faults: Faults) -> tuple[Entry, ...]:
    """Return the files of the archive in the directory's order, noting everything that is wrong with it.

    When anything was noted the entries are not to be read.
    """
    directory = find_directory(data, faults)
    if directory is None or not directory.count:
        return ()
    headers = read_central(data, directory, limits=limits, faults=faults)
    check_paths([header.path for header in headers], limits=limits, faults=faults)
    _check_sizes(headers, length=len(data), limits=limits, faults=faults)
    if faults:
        # Offsets of a directory that is wrong already would only repeat its faults.
        return ()
    starts = locate_data(data, headers, end=directory.offset, faults=faults)
    return _files(headers, starts)


def _files(headers: Sequence[CentralHeader], starts: Sequence[int]) -> tuple[Entry, ...]:
    """Return the entries that are no directories; by columns, since making a tuple at a time costs more."""
    _, paths, _, methods, crcs, packed_sizes, sizes, _, modes, _ = zip(*headers, strict=True)
    packed = map(Packed, starts, packed_sizes, sizes, methods, crcs)
    return tuple(
        Entry(path, mode & _EXECUTABLE > stat.S_IFREG, where)
        for path, mode, where in zip(paths, modes, packed, strict=True)
        if path[-1] != "/"
    )


def _check_sizes(headers: Sequence[CentralHeader], *, length: int, limits: Limits, faults: Faults) -> None:
    """Hold the stated sizes against the limits; unpacking holds the contents to the stated sizes.

    *length* is the archive's, in bytes.
    """
    total = 0
    for header in headers:
        size = header.size
        total += size
        if header.method == STORED and header.packed_size != size:
            faults.add("TRU235", path=header.path)
        if size > limits.wheel_ratio_floor_bytes:
            _check_large(header, limits=limits, faults=faults)
        elif size > limits.wheel_member_bytes:
            faults.add("TRU232", path=header.path, size=size, limit=limits.wheel_member_bytes)
        if size and header.path.endswith("/"):
            faults.add("TRU230", path=header.path)
    if total > limits.wheel_unpacked_bytes:
        faults.add("TRU233", size=total, limit=limits.wheel_unpacked_bytes)
    if total > max(limits.wheel_ratio_floor_bytes, length * limits.wheel_ratio):
        faults.add("TRU238", ratio=total // length, limit=limits.wheel_ratio)


def _check_large(header: CentralHeader, *, limits: Limits, faults: Faults) -> None:
    if header.size > limits.wheel_member_bytes:
        faults.add("TRU232", path=header.path, size=header.size, limit=limits.wheel_member_bytes)
    if header.size > header.packed_size * limits.wheel_ratio:
        ratio = header.size // max(header.packed_size, 1)
        faults.add("TRU234", path=header.path, ratio=ratio, limit=limits.wheel_ratio)
