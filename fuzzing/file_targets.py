"""The targets for files from an index: pages, wheels and their parts, sdists, metadata."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

from fuzzing.target import Target
from trued.core.errors import TruedError
from trued.core.limits import Limits
from trued.core.names import normalize

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trued.wheel.model import Member

__all__ = ["METADATA", "TIGHT", "targets", "wheel_bytes"]

DEMO = normalize("demo")
FILENAME = "demo-1.0-py3-none-any.whl"
METADATA = (
    b"Metadata-Version: 2.4\nName: demo\nVersion: 1.0\nSummary: A demonstration\nLicense-Expression: MIT\n"
    b"Requires-Python: >=3.8\nProvides-Extra: x\nRequires-Dist: other[y]>=1,<2 ; extra == 'x'\n\nText\n"
)
WHEEL = b"Wheel-Version: 1.0\nGenerator: demo 1\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
ENTRY_POINTS = b"[console_scripts]\ndemo = demo.main:run [x]\n\n[gui_scripts]\nshow=demo:show\n"
TIGHT = Limits(
    wheel_unpacked_bytes=8 << 20,
    wheel_member_bytes=4 << 20,
    wheel_ratio_floor_bytes=1 << 20,
    wheel_metadata_bytes=1 << 20,
    record_bytes=1 << 20,
    metadata_bytes=1 << 20,
)
"""Limits of a size that the fuzzer can reach."""

JSON_PAGE = (
    b'{"meta": {"api-version": "1.4", "project-status": {"status": "archived", "reason": "old"}}, "name":'
    b' "demo", "versions": ["1.0"], "files": [{"filename": "demo-1.0-py3-none-any.whl", "url":'
    b' "../files/demo-1.0-py3-none-any.whl", "hashes": {"sha256": "' + b"ab" * 32 + b'"}, "requires-python":'
    b' ">=3.8", "size": 7, "upload-time": "2024-01-02T03:04:05.678Z", "yanked": "broken", "core-metadata":'
    b' {"sha256": "' + b"cd" * 32 + b'"}, "provenance": "https://example.org/p", "gpg-sig": true}]}'
)
HTML_PAGE = (
    b'<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.1"><base href="/files/">'
    b'</head><body><a href="demo-1.0.tar.gz#sha256=' + b"ab" * 32 + b'" data-requires-python="&gt;=3.8"'
    b' data-yanked="" data-core-metadata="sha256=' + b"cd" * 32 + b'" data-gpg-sig="true">demo-1.0.tar.gz</a>'
)


def record_of(members: Mapping[str, bytes]) -> bytes:
    """Return the RECORD of *members*."""
    rows = []
    for path, content in members.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append(f"{path},sha256={digest},{len(content)}\n")
    return "".join([*rows, "demo-1.0.dist-info/RECORD,,\n"]).encode()


def wheel_bytes(method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a small wheel that trued takes."""
    members = {
        "demo/__init__.py": b"x = 1\n" * 20,
        "demo-1.0.data/scripts/demo-tool": b"#!python\nprint()\n",
        "demo-1.0.dist-info/METADATA": METADATA,
        "demo-1.0.dist-info/WHEEL": WHEEL,
        "demo-1.0.dist-info/entry_points.txt": ENTRY_POINTS,
    }
    members["demo-1.0.dist-info/RECORD"] = record_of(members)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for path, content in members.items():
            archive.writestr(zipfile.ZipInfo(path), content, method)
    return buffer.getvalue()


def sdist_bytes() -> bytes:
    """Return a small sdist, as the tar archive before it is compressed."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, content in {
            "demo-1.0/PKG-INFO": METADATA,
            "demo-1.0/pyproject.toml": b'[project]\nname = "demo"\nversion = "1.0"\ndependencies = ["a>1"]\n',
        }.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


class _Nowhere:
    """A sink that keeps nothing."""

    def put(self, member: Member, content: bytes, /) -> object:
        if len(content) != member.size:
            raise AssertionError("another size than the member has")
        return None

    def begin(self, _: Member, /) -> io.BytesIO:
        return io.BytesIO()


def wheel(data: bytes) -> None:
    """Read and unpack a wheel; every path of one that is taken stays inside."""
    from trued.wheel.reader import open_wheel, unpack

    try:
        verified = unpack(open_wheel(data, filename=FILENAME, limits=TIGHT), _Nowhere())
    except TruedError:
        return
    for member in verified.members:
        if member.path.startswith("/") or ".." in member.path.split("/") or "\\" in member.path:
            raise AssertionError(f"{member.path!r} leaves the environment")


def wheel_record(data: bytes) -> None:
    """Read a wheel's RECORD."""
    from trued.wheel.faults import Faults
    from trued.wheel.record import read_record

    read_record(data, unlisted=frozenset({"demo-1.0.dist-info/RECORD"}), faults=Faults(FILENAME))


def wheel_metadata(data: bytes) -> None:
    """Read METADATA, WHEEL and entry points as a wheel's, and METADATA as an index gives it."""
    from trued.resolution.metadata_text import read_core_metadata, read_pkg_info, read_pyproject
    from trued.wheel.entry_points import read_entry_points
    from trued.wheel.faults import Faults
    from trued.wheel.wheel_file import read_wheel_file

    read_wheel_file(data, faults=Faults(FILENAME))
    read_entry_points(data, faults=Faults(FILENAME))
    read_core_metadata(data, project=DEMO, version="1.0", source="pep658")
    read_pkg_info(data, project=DEMO, version="1.0")
    read_pyproject(data, project=DEMO)


def sdist(data: bytes) -> None:
    """Read the metadata of an sdist; the input is compressed here, so that what is made of it still opens."""
    import os
    import tempfile

    from trued.core.digest import Digest
    from trued.core.distribution import Distribution
    from trued.resolution.sdist_metadata import read_sdist

    file = Distribution(
        project=DEMO,
        version="1.0",
        filename="demo-1.0.tar.gz",
        url="https://example.org/demo-1.0.tar.gz",
        index="https://example.org/simple/",
        digests=(Digest("sha256", "ab" * 32),),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, file.filename)
        with open(path, "wb") as out:
            out.write(gzip.compress(data, 1, mtime=0))
        read_sdist(path, file, limits=TIGHT)


def page(content_type: str) -> Callable[[bytes], None]:
    """Return the reader of pages of one form."""

    def run(data: bytes) -> None:
        from trued.index.page import parse_page

        try:
            parse_page(
                data,
                content_type=content_type,
                url="https://example.org/simple/demo/",
                project=DEMO,
                index="https://example.org/simple/",
            )
        except TruedError:
            return

    return run


def targets() -> tuple[Target, ...]:
    """Return the targets of this module."""
    vendor = "application/vnd.pypi.simple.v1"
    return (
        Target(name="wheel", run=wheel, seeds=(wheel_bytes(), wheel_bytes(zipfile.ZIP_STORED))),
        Target(
            name="wheel-record",
            run=wheel_record,
            seeds=(record_of({"a.py": b"", 'b"c,.py': b"x"}), b'"a\n.py",sha512=AA,1\r\n,,\n'),
        ),
        Target(name="wheel-metadata", run=wheel_metadata, seeds=(METADATA, WHEEL, ENTRY_POINTS)),
        Target(name="sdist", run=sdist, seeds=(sdist_bytes(),), most_bytes=16384),
        Target(name="page-json", run=page(f"{vendor}+json"), seeds=(JSON_PAGE,)),
        Target(name="page-html", run=page(f"{vendor}+html; charset=utf-8"), seeds=(HTML_PAGE,)),
    )
