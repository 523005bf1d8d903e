"""The targets for sources that are built: archives that are unpacked, commits, what hooks answer."""

from __future__ import annotations

import gzip
import io
import os
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

from fuzzing.file_targets import METADATA, sdist_bytes
from fuzzing.target import Target
from trued.core.errors import TruedError

__all__ = ["targets"]

HEADS = (
    b"100644 blob 0123456789abcdef0123456789abcdef01234567      12\t",
    b"120000 blob 89abcdef0123456789abcdef0123456789abcdef       3\t",
    b"160000 commit 89abcdef0123456789abcdef0123456789abcdef       -\t",
)
PATHS = b"demo/__init__.py\0link\0module\0a/.git/config\0../x"
PYPROJECT = b'[build-system]\nrequires = ["a>=1"]\nbuild-backend = "a.b:c"\nbackend-path = ["."]\n'
ANSWER = b'{"return_val": ["setuptools>=40", "wheel"], "hook_missing": false, "traceback": "x"}'


def unpack(ending: str, data: bytes) -> None:
    """Unpack an archive as an sdist; nothing appears beside the folder that it goes into."""
    from trued.build.limits import UnpackLimits
    from trued.build.unpack import unpack_sdist

    limits = UnpackLimits(members=500, unpacked_bytes=8 << 20, member_bytes=4 << 20)
    with tempfile.TemporaryDirectory() as folder:
        archive = os.path.join(folder, f"demo-1.0{ending}")
        Path(archive).write_bytes(data)
        into = os.path.join(folder, "into")
        os.mkdir(into)
        with suppress(TruedError):
            unpack_sdist(archive, filename=os.path.basename(archive), into=into, limits=limits)
        if sorted(os.listdir(folder)) != sorted(("into", os.path.basename(archive))):
            raise AssertionError("an archive reached outside of its folder")


def tar(data: bytes) -> None:
    """Unpack a tar archive; it is compressed here, so that what is made of it still opens."""
    unpack(".tar.gz", gzip.compress(data, 1, mtime=0))


def zipped(data: bytes) -> None:
    """Unpack a ZIP archive."""
    unpack(".zip", data)


def listing(data: bytes) -> None:
    """Read the listing of a commit's tree, which git writes and whose paths are a stranger's."""
    from trued.build.git_tree import read_listing

    paths = data.split(b"\0")
    read = read_listing(b"\0".join(HEADS[number % 3] + path for number, path in enumerate(paths)))
    for file in read.files if not read.faults else ():
        if file.path.startswith("/") or ".." in file.path.split("/"):
            raise AssertionError(f"{file.path!r} leaves the tree")


def source_tree(data: bytes) -> None:
    """Read the build system of a ``pyproject.toml``."""
    from trued.build.source_tree import read_build_system

    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pyproject.toml").write_bytes(data)
        try:
            read_build_system(folder)
        except TruedError:
            return


def hook_answer(data: bytes) -> None:
    """Read what a hook answered."""
    from trued.build.hook_result import read_hook_result, requirement_list
    from trued.build.limits import BuildLimits

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "output.json")
        path.write_bytes(data)
        hook = "get_requires_for_build_wheel"
        try:
            answer = read_hook_result(str(path), hook=hook, limits=BuildLimits())
            requirement_list(hook, answer["return_val"])
        except TruedError:
            return


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("demo-1.0/PKG-INFO", METADATA)
        archive.writestr("demo-1.0/pyproject.toml", PYPROJECT)
    return buffer.getvalue()


def targets() -> tuple[Target, ...]:
    """Return the targets of this module."""
    return (
        Target(name="unpack-tar", run=tar, seeds=(sdist_bytes(),), most_bytes=16384),
        Target(name="unpack-zip", run=zipped, seeds=(_zip(),)),
        Target(
            name="commit-listing",
            run=listing,
            seeds=(b"demo/__init__.py\0link\0module\0a/.git/config\0../x",),
        ),
        Target(name="build-system", run=source_tree, seeds=(PYPROJECT,)),
        Target(name="hook-answer", run=hook_answer, seeds=(ANSWER,)),
    )
