"""Source archives built member by member, good and bad."""

import io
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

_MODES = {".tar.gz": "w:gz", ".tar.bz2": "w:bz2", ".tar.xz": "w:xz", ".tgz": "w:gz"}
PYPROJECT = ("demo-1.0/pyproject.toml", b"[project]\nname = 'demo'\n")


def member(
    name: str, data: bytes = b"", *, kind: bytes = tarfile.REGTYPE, target: str = "", mode: int = 0o644
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname, info.mode = len(data), kind, target, mode
    info.mtime = 1_600_000_000
    return info, data


def folder(name: str) -> tuple[tarfile.TarInfo, bytes]:
    return member(name, kind=tarfile.DIRTYPE, mode=0o755)


def link(name: str, target: str, *, kind: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    return member(name, kind=kind, target=target)


def tar(path: Path, members: Iterable[tuple[tarfile.TarInfo, bytes]]) -> Path:
    ending = next(ending for ending in _MODES if path.name.endswith(ending))
    with tarfile.open(path, _MODES[ending]) as archive:  # type: ignore[call-overload]
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return path


def zipped(path: Path, members: Iterable[tuple[str, bytes, int]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data, attributes in members:
            info = zipfile.ZipInfo(name, (2020, 9, 13, 12, 26, 40))
            info.external_attr = attributes << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return path
