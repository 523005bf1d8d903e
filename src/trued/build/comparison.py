"""Two wheels compared member by member: where a build is not reproducible, and what differs."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["differing_members"]


def differing_members(one: str, other: str) -> tuple[str, ...]:
    """Return what differs between the wheels at two paths, in words; empty when they are byte for byte equal.

    Both were read strictly before.
    """
    from hashlib import file_digest

    with open(one, "rb") as first, open(other, "rb") as second:
        if file_digest(first, "sha256").digest() == file_digest(second, "sha256").digest():
            return ()
    mine, theirs = _members(one), _members(other)
    found = [f"{name}: only in the first" for name in sorted(mine.keys() - theirs.keys())]
    found += [f"{name}: only in the second" for name in sorted(theirs.keys() - mine.keys())]
    for name in sorted(mine.keys() & theirs.keys()):
        aspects = [aspect for aspect, value in mine[name].items() if theirs[name][aspect] != value]
        if aspects:
            found.append(f"{name}: {', '.join(aspects)}")
    if list(mine) != list(theirs):
        found.append("the order of the members")
    return tuple(found) or ("the archive itself, in none of its members",)


def _members(path: str) -> Mapping[str, Mapping[str, object]]:
    from hashlib import sha256
    from zipfile import ZipFile

    with ZipFile(path) as archive:
        return {
            info.filename: {
                "content": sha256(archive.read(info)).digest(),
                "time": info.date_time,
                "mode": info.external_attr,
                "compression": (info.compress_type, info.compress_size),
            }
            for info in archive.infolist()
        }
