"""Small wheels, and stores to put them in."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from trued.core.limits import Limits
from trued.store.admit import admit
from trued.store.link import LayOut, lay_out
from trued.store.manifest import load, load_bytecode
from trued.wheel.reader import OpenWheel, open_wheel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.store.manifest import Manifest

SCHEMES = ("purelib", "platlib", "scripts", "headers", "data")
NOW_NS = 1_800_000_000_123_456_789
FILES: Mapping[str, bytes] = {
    "demo/__init__.py": b"VALUE = 1\n",
    "demo/deep/er/module.py": b"def answer():\n    return 42\n",
    "demo/data.bin": bytes(range(256)) * 20,
    "demo/empty.txt": b"",
    "top.py": b"import demo\n",
}


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """An archive and its name."""

    filename: str
    data: bytes

    @property
    def sha256(self) -> str:
        """The archive's digest."""
        return hashlib.sha256(self.data).hexdigest()

    def opened(self) -> OpenWheel:
        """Return the wheel as the reader sees it."""
        return open_wheel(self.data, filename=self.filename, limits=Limits())


def wheel(
    files: Mapping[str, bytes] = FILES,
    *,
    name: str = "demo",
    version: str = "1.0",
    executable: Collection[str] = (),
    entry_points: str = "",
    lies: Mapping[str, bytes] | None = None,
    purelib: bool = True,
) -> Wheel:
    """Build a wheel of *files*. ``lies`` are contents that go into the archive but not into RECORD."""
    dist_info = f"{name}-{version}.dist-info"
    contents = {
        **files,
        f"{dist_info}/METADATA": (
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: A demonstration\n"
            "Requires-Python: >=3.8\nRequires-Dist: other>=2\nProvides-Extra: more\n\n"
        ).encode(),
        f"{dist_info}/WHEEL": (
            f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: {str(purelib).lower()}\n"
            "Tag: py3-none-any\n"
        ).encode(),
    }
    if entry_points:
        contents[f"{dist_info}/entry_points.txt"] = entry_points.encode()
    record = "".join(_row(path, content) for path, content in contents.items()) + f"{dist_info}/RECORD,,\n"
    contents[f"{dist_info}/RECORD"] = record.encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in (contents | dict(lies or {})).items():
            member = zipfile.ZipInfo(path)
            member.external_attr = (0o100755 if path in executable else 0o100644) << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return Wheel(filename=f"{name}-{version}-py3-none-any.whl", data=buffer.getvalue())


def many_files(count: int) -> dict[str, bytes]:
    """Return so many modules in directories of thirty."""
    return {f"demo/part{number // 30}/m{number}.py": b"N = %d\n" % number for number in range(count)}


def _row(path: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    quoted = path.replace('"', '""')
    return f'"{quoted}",sha256={digest},{len(content)}\n'


class Store:
    """A store in a folder, with the few things that most tests do to it."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def admit(self, one: Wheel, *, threads: int = 1) -> str:
        """Admit a wheel and return its entry."""
        return admit(self.path, one.opened(), sha256=one.sha256, now_ns=NOW_NS, threads=threads)

    def lay_out(
        self, target: Path, *entries: str, mode: str = "hardlink", full: bool = False
    ) -> tuple[str, ...]:
        """Lay out entries below one folder."""
        found = [LayOut(entry, load(entry)) for entry in entries]
        return lay_out(found, roots(target), mode=mode, verify="full" if full else "seal")


def roots(target: Path) -> dict[str, str]:
    """Return roots that all lie below *target*: packages in ``lib``, the rest in a folder of its name."""
    return {
        scheme: str(target / ("lib" if scheme in ("purelib", "platlib") else scheme)) for scheme in SCHEMES
    }


def compiled(entry: str, cache_tag: str) -> LayOut:
    """Return the entry with what was compiled of it."""
    return LayOut(entry, load(entry), load_bytecode(entry, cache_tag))


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below *folder* by its relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def tree_file(entry: str, path: str) -> Path:
    """Return a file of the unpacked wheel."""
    return Path(entry, "tree", path)


def overwrite(path: Path, content: bytes, *, keep_time: bool = False) -> None:
    """Write through to the file's own inode as an editor that insists does: make it writable first."""
    seen = path.stat()
    path.chmod(0o644)
    path.write_bytes(content)
    path.chmod(0o444)
    if keep_time:
        os.utime(path, ns=(seen.st_mtime_ns, seen.st_mtime_ns))


def leftovers(store: Store) -> list[str]:
    """Return what lies in the folder where entries are made."""
    folder = Path(store.path, "tmp")
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def names(manifest: Manifest, scheme: str) -> list[str]:
    """Return the target paths of a scheme's files."""
    return [
        f"{target}/{file[0]}" if target else file[0]
        for found, _, target, files in manifest["groups"]
        for file in files
        if found == scheme
    ]
