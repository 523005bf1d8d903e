"""Source archives unpacked so that nothing of them lies outside of one new folder.

The rules are those of the data filter (PEP 721). Its implementation is not used: it had ways out
(CVE-2024-12718, CVE-2025-4138, CVE-2025-4330, CVE-2025-4517) in Pythons that trued runs on, stops at the
first bad member, and leaves ZIP archives, sizes and counts out. Here all members are judged by their names
before one is written, what is wrong is told together, and links are made last, so that nothing goes through
them.
"""

from __future__ import annotations

import os

from trued.build.archive_members import Unreadable, archive_faults, contents_of, members_of
from trued.build.member_faults import MemberFaults
from trued.core.errors import Refused
from trued.core.finding import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trued.build.archive_members import Member, Readable
    from trued.build.limits import UnpackLimits

__all__ = ["unpack_sdist"]

_ENDINGS = (".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tar", ".zip")
_PIECE = 256 * 1024


def unpack_sdist(
    archive: str, *, filename: str, into: str, limits: UnpackLimits, is_release: bool = True
) -> str:
    """Unpack *archive* below the folder *into* and return the path of its one top folder.

    Its digest must have been compared before. *filename* tells the kind; with *is_release* it also tells the
    top folder's name (PEP 625), which archives made by a forge do not keep to.

    Raises:
        Refused: It cannot be read (TRU451), or a member leaves its folder (452), links out (453), is a device
            or such (454), is set-user-ID (455), is there twice (456); it has not one top folder (457), goes
            past *limits* (458) or has another release's folder (459). On an error *into* is as it was.

    """
    faults = MemberFaults(filename, archive_bytes=os.path.getsize(archive), limits=limits)
    members = []
    try:
        for member in members_of(archive, filename, stream_bytes=faults.stream_bytes):
            members.append(member)
            if not faults.take(member):
                break
    except Unreadable as error:
        raise Refused(*_unreadable(filename, error)) from error
    findings = faults.findings()
    if not findings and is_release:
        findings = _misnamed(filename, next(iter(faults.tops)))
    if findings:
        raise Refused(*findings)
    return _written(archive, filename, members, into=into, top=next(iter(faults.tops)))


def _unreadable(filename: str, error: Exception) -> tuple[Finding, ...]:
    return (
        Finding(
            code="TRU451",
            subject=filename,
            values={"reason": (ascii(str(error))[1:-1] or type(error).__name__)[:300]},
        ),
    )


def _written(archive: str, filename: str, members: Sequence[Member], *, into: str, top: str) -> str:
    from trued.build.discard import discard

    folder = os.path.join(into, top)
    os.mkdir(folder, 0o700)
    faults: tuple[type[Exception], ...] = (Unreadable, *archive_faults())
    try:
        for path in _folders(members, into):
            os.makedirs(path, mode=0o755, exist_ok=True)
        files = [member for member in members if member.kind == "file"]
        for member, content in contents_of(archive, filename, files):
            _write(member, content, into)
        for member in members:
            if member.kind in ("symlink", "hardlink"):
                _link(member, into)
    except faults as error:
        discard(folder)
        raise Refused(*_unreadable(filename, error)) from error
    except BaseException:
        discard(folder)
        raise
    return folder


def _path(into: str, name: str) -> str:
    return os.path.join(into, *(part for part in name.split("/") if part not in ("", ".")))


def _folders(members: Sequence[Member], into: str) -> Iterable[str]:
    """Return each folder that is a member or holds one."""
    paths = (_path(into, member.path) for member in members)
    found = (
        path if member.kind == "folder" else os.path.dirname(path)
        for member, path in zip(members, paths, strict=True)
    )
    return dict.fromkeys(found)


def _write(member: Member, content: Readable, into: str) -> None:
    path = _path(into, member.path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags, 0o755 if member.mode & 0o100 else 0o644), "wb") as file:
        while piece := content.read(_PIECE):
            file.write(piece)
    os.utime(path, (member.modified, member.modified))


def _link(member: Member, into: str) -> None:
    path = _path(into, member.path)
    if member.kind == "symlink":
        os.symlink(member.target, path)
        return
    import shutil

    shutil.copy2(_path(into, member.target), path, follow_symlinks=False)


def _misnamed(filename: str, top: str) -> tuple[Finding, ...]:
    """Compare *top* with ``{name}-{version}`` of the file's name, as releases of any age write it."""
    ending = next(ending for ending in _ENDINGS if filename.endswith(ending))
    stem = filename[: -len(ending)]
    if _identity(stem) == _identity(top):
        return ()
    return (Finding(code="TRU459", subject=filename, values={"folder": top, "expected": stem}),)


def _identity(stem: str) -> tuple[str, object]:
    from packaging.version import InvalidVersion, Version

    from trued.core.names import normalize

    name, _, version = stem.rpartition("-")
    try:
        return normalize(name), Version(version)
    except InvalidVersion:
        return normalize(name), version
