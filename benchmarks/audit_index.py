"""An index with a wheel for each pin of an audit: nothing but metadata, and nothing that is needed besides.

pip-audit, as it is called, has pip fetch every file of a requirements file. The releases themselves are old
and large, and some were deleted; with empty ones it is faster than it would be with them.
"""

from __future__ import annotations

import ensurepip
import hashlib
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import Version

from benchmarks.pages import write_index

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["write_audit_index"]

_INSTALLS_FIRST = "wheel==0"
"""pip-audit begins with ``pip install --upgrade pip wheel setuptools`` in an environment of its own."""


def write_audit_index(root: Path, pins: Sequence[str]) -> str:
    """Write an index for *pins* (``name==version``) below *root*; return them with digests, a line each."""
    files = root / "files"
    files.mkdir(parents=True)
    for bundled in (Path(ensurepip.__file__).parent / "_bundled").glob("*.whl"):
        shutil.copy(bundled, files)
    _write_empty_wheel(files, _INSTALLS_FIRST)
    lines = [f"{pin} --hash=sha256:{_write_empty_wheel(files, pin)}\n" for pin in pins]
    write_index(root)
    return "".join(lines)


def _write_empty_wheel(folder: Path, pin: str) -> str:
    """Write a wheel of nothing but metadata; return its sha256."""
    project, _, stated = pin.partition("==")
    name, version = canonicalize_name(project).replace("-", "_"), Version(stated)
    stem = f"{name}-{version}"
    path = folder / f"{stem}-py3-none-any.whl"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    tags = "Wheel-Version: 1.0\nGenerator: benchmarks\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in (("METADATA", metadata), ("WHEEL", tags), ("RECORD", "")):
            archive.writestr(f"{stem}.dist-info/{member}", content)
    return hashlib.sha256(path.read_bytes()).hexdigest()
