"""The strict wheel reader: from bytes to a wheel whose parts agree, and on to verified files.

Follows the binary distribution format and APPNOTE 6.3 for ZIP, and refuses whatever two readers could take
differently. :func:`open_wheel` checks everything that can be known without the contents, :func:`unpack`
verifies the contents while writing them; :func:`hook_findings` and :func:`compare_metadata` answer what
depends on the policy and the index.
"""

from __future__ import annotations

from functools import partial

from trued.core.errors import Refused
from trued.core.filenames import parse_wheel_name
from trued.wheel.archive import read_archive
from trued.wheel.dist_info import check_dist_info, find_dist_info
from trued.wheel.entry_points import read_entry_points
from trued.wheel.faults import Faults
from trued.wheel.hooks import hook_candidates, hook_findings
from trued.wheel.inflate import DamagedMember, content
from trued.wheel.metadata import compare_metadata, read_metadata
from trued.wheel.model import EntryPoint, Member, OpenWheel, StartupHook, VerifiedWheel, WheelMetadata
from trued.wheel.record import compare_names, members_of, read_record, unlisted_names
from trued.wheel.schemes import check_placed, place
from trued.wheel.unpacking import DAMAGE_CODES, MemberWriter, Sink, unpack
from trued.wheel.wheel_file import read_wheel_file, tag_warning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from mmap import mmap
    from typing import TypeVar

    from trued.core.limits import Limits
    from trued.wheel.archive import Entry

    Parsed = TypeVar("Parsed")

__all__ = [
    "EntryPoint",
    "Member",
    "MemberWriter",
    "OpenWheel",
    "Sink",
    "StartupHook",
    "VerifiedWheel",
    "WheelMetadata",
    "compare_metadata",
    "hook_findings",
    "open_wheel",
    "unpack",
]


def open_wheel(data: bytes | mmap, *, filename: str, limits: Limits) -> OpenWheel:
    """Check structure, names, metadata and RECORD of the wheel in *data*, whose digest was compared already.

    Raises:
        Refused: with every fault found. Faults of the archive end the reading, since nothing that is read
            from such an archive can be relied on; all others are told at once.

    """
    faults = Faults(filename)
    name = parse_wheel_name(filename)
    if name is None:
        faults.add("TRU240")
        raise Refused(*faults.findings)
    entries = read_archive(data, limits=limits, faults=faults)
    faults.raise_if_any()
    dist_info = find_dist_info([entry.path for entry in entries], name=name, faults=faults)
    if dist_info is None:
        raise Refused(*faults.findings)
    files = _DistInfoFiles(data, entries, dist_info=dist_info, limits=limits, faults=faults)
    metadata = _parsed(files.content("METADATA"), partial(read_metadata, name=name, faults=faults))
    wheel_file = _parsed(files.content("WHEEL"), partial(read_wheel_file, faults=faults))
    entry_points = _parsed(files.content("entry_points.txt"), partial(read_entry_points, faults=faults)) or ()
    members = _listed_members(entries, files, faults)
    placed = place(files.paths, data_directory=f"{dist_info.removesuffix('.dist-info')}.data", faults=faults)
    check_placed(placed, dist_info=dist_info, entry_points=entry_points, faults=faults)
    faults.raise_if_any()
    if metadata is None or wheel_file is None:
        raise AssertionError("a file that could not be read is a fault")
    return OpenWheel(
        filename=filename,
        project=name.project,
        version=name.version,
        tags=name.tags,
        root_is_purelib=wheel_file.root_is_purelib,
        dist_info=dist_info,
        metadata=metadata,
        entry_points=entry_points,
        members=members,
        warnings=tag_warning(wheel_file, tags=name.tags, filename=filename),
        hook_candidates=hook_candidates(placed),
        data=data,
    )


class _DistInfoFiles:
    """The files of the ``.dist-info`` directory, read before anything is unpacked."""

    def __init__(
        self, data: bytes | mmap, entries: Sequence[Entry], *, dist_info: str, limits: Limits, faults: Faults
    ) -> None:
        self.dist_info = dist_info
        self.paths = {entry.path: entry.packed for entry in entries}
        self._data = data
        self._limits = limits
        self._faults = faults
        check_dist_info(self.paths, dist_info=dist_info, faults=faults)

    def content(self, name: str) -> bytes | None:
        """Return the file's content, or ``None`` when it is missing or a fault was noted about it."""
        path = f"{self.dist_info}/{name}"
        packed = self.paths.get(path)
        if packed is None:
            return None
        most = self._limits.record_bytes if name == "RECORD" else self._limits.wheel_metadata_bytes
        if packed.size > most:
            self._faults.add("TRU232", path=path, size=packed.size, limit=most)
            return None
        try:
            return content(self._data, packed)
        except DamagedMember as damage:
            self._faults.add(DAMAGE_CODES[damage.reason], path=path)
            return None


def _parsed(raw: bytes | None, parse: Callable[[bytes], Parsed | None]) -> Parsed | None:
    return None if raw is None else parse(raw)


def _listed_members(entries: Sequence[Entry], files: _DistInfoFiles, faults: Faults) -> tuple[Member, ...]:
    """Return the members with what RECORD says of them, both directions compared."""
    raw = files.content("RECORD")
    if raw is None:
        # Missing or unreadable, which is told already: a fault for each file would hide that.
        return ()
    unlisted = unlisted_names(files.dist_info)
    rows = read_record(raw, unlisted=unlisted, faults=faults)
    compare_names(files.paths, rows, unlisted=unlisted, faults=faults)
    return members_of(entries, rows, faults=faults)
