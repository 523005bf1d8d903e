"""Builds wheels for the tests, well formed unless told to lie about one thing."""

from __future__ import annotations

import base64
import hashlib
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from trued.core.errors import Refused
from trued.core.limits import Limits
from trued.wheel.reader import Member, OpenWheel, VerifiedWheel, open_wheel, unpack

FILENAME = "demo-1.0-py3-none-any.whl"
DIST_INFO = "demo-1.0.dist-info"
METADATA = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nSummary: A demonstration\n\nLong text\n"
WHEEL = b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"

LOCAL = "<4s5H3L2H"
CENTRAL = "<4s6H3L5H2L"
END = "<4s4H2LH"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One entry. ``local`` and ``central`` replace header fields; ``before`` stands in front."""

    path: str | bytes
    content: bytes = b""
    method: int = 8
    flags: int | None = None
    mode: int = 0o100644
    system: int = 3
    before: bytes = b""
    packed: bytes | None = None
    descriptor: bytes | None = None
    local_name: bytes | None = None
    local_extra: bytes = b""
    central_extra: bytes = b""
    local: Mapping[str, int] = field(default_factory=dict)
    central: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> bytes:
        """The raw name."""
        return self.path if isinstance(self.path, bytes) else self.path.encode()

    @property
    def data(self) -> bytes:
        """The packed content."""
        if self.packed is not None:
            return self.packed
        if self.method != 8:
            return self.content
        deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
        return deflater.compress(self.content) + deflater.flush()

    @property
    def fields(self) -> dict[str, int]:
        """The true header fields."""
        flags = (0 if self.name.isascii() else 0x800) | (0 if self.descriptor is None else 8)
        return {
            "flags": flags if self.flags is None else self.flags,
            "method": self.method,
            "crc": zlib.crc32(self.content),
            "packed_size": len(self.data),
            "size": len(self.content),
        }


def _fixed(fields: Mapping[str, int], name: bytes, extra: bytes) -> tuple[int, ...]:
    return (
        fields.get("needed", 20), fields["flags"], fields["method"], fields.get("time", 0), 0x21,
        fields["crc"], fields["packed_size"], fields["size"],
        fields.get("name_length", len(name)), len(extra),
    )  # fmt: skip


def local_entry(item: Item) -> bytes:
    """Return local header, data and descriptor."""
    fields = item.fields
    if item.descriptor is not None:
        fields |= {"crc": 0, "packed_size": 0, "size": 0}
    fields |= item.local
    name = item.name if item.local_name is None else item.local_name
    header = struct.pack(LOCAL, b"PK\x03\x04", *_fixed(fields, name, item.local_extra))
    return header + name + item.local_extra + item.data + (item.descriptor or b"")


def central_entry(item: Item, offset: int) -> bytes:
    """Return the central directory's entry."""
    fields = item.fields | dict(item.central)
    fixed = _fixed(fields, item.name, item.central_extra)
    header = struct.pack(
        CENTRAL, b"PK\x01\x02", item.system << 8 | 20, *fixed, 0, fields.get("disk", 0), 0,
        fields.get("attributes", item.mode << 16), fields.get("offset", offset),
    )  # fmt: skip
    return header + item.name + item.central_extra


def descriptor(item: Item, *, signature: bool = True, wide: bool = False) -> bytes:
    """Return a true data descriptor for *item*."""
    sizes = struct.pack("<QQ" if wide else "<LL", len(item.data), len(item.content))
    return (b"PK\x07\x08" if signature else b"") + struct.pack("<L", zlib.crc32(item.content)) + sizes


def end_record(count: int, size: int, offset: int, comment: bytes = b"") -> bytes:
    """Return the record that ends an archive."""
    return struct.pack(END, b"PK\x05\x06", 0, 0, count, count, size, offset, len(comment)) + comment


def end_record_64(count: int, size: int, offset: int, position: int) -> bytes:
    """Return the ZIP64 record, said to stand at *position*, and its locator."""
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    return record + struct.pack("<4sLQL", b"PK\x06\x07", 0, position, 1)


@dataclass(frozen=True, kw_only=True)
class Parts:
    """An archive in pieces: the entries, the central directory, and how many there are."""

    body: bytes
    directory: bytes
    count: int

    @property
    def end(self) -> bytes:
        """The true end record."""
        return end_record(self.count, len(self.directory), len(self.body))

    def whole(self) -> bytes:
        """Return the archive."""
        return self.body + self.directory + self.end


def parts(items: Iterable[Item]) -> Parts:
    """Return the pieces of the archive of *items*."""
    body, directory, count = b"", b"", 0
    for item in items:
        body += item.before
        directory += central_entry(item, len(body))
        body += local_entry(item)
        count += 1
    return Parts(body=body, directory=directory, count=count)


def row(path: str, content: bytes, algorithm: str = "sha256") -> str:
    """Return a true line of RECORD."""
    digest = base64.urlsafe_b64encode(hashlib.new(algorithm, content).digest()).rstrip(b"=").decode()
    return f"{path},{algorithm}={digest},{len(content)}\n"


def record_of(files: Mapping[str, bytes], dist_info: str = DIST_INFO) -> bytes:
    """Return a true RECORD of *files*."""
    rows = "".join(row(f'"{path}"' if "," in path else path, content) for path, content in files.items())
    return f"{rows}{dist_info}/RECORD,,\n".encode()


def wheel_files(
    files: Mapping[str, bytes] | None = None,
    *,
    dist_info: str = DIST_INFO,
    metadata: bytes = METADATA,
    wheel: bytes = WHEEL,
    record: bytes | None = None,
    entry_points: str | None = None,
) -> dict[str, bytes]:
    """Return the files of a wheel: *files*, and a dist-info directory that fits unless told otherwise."""
    found = {"demo/__init__.py": b"value = 1\n"} if files is None else dict(files)
    found |= {f"{dist_info}/METADATA": metadata, f"{dist_info}/WHEEL": wheel}
    if entry_points is not None:
        found[f"{dist_info}/entry_points.txt"] = entry_points.encode()
    found[f"{dist_info}/RECORD"] = record_of(found, dist_info) if record is None else record
    return found


def items_of(files: Mapping[str, bytes]) -> list[Item]:
    """Return a plain entry for each file."""
    return [Item(path=path, content=content) for path, content in files.items()]


def build(
    files: Mapping[str, bytes] | None = None, *, extra: Iterable[Item] = (), **options: object
) -> bytes:
    """Return a wheel; *extra* entries are added to the archive as they are, RECORD not knowing them."""
    complete = wheel_files(files, **options)  # type: ignore[arg-type] # passed on by name, checked there
    return parts([*items_of(complete), *extra]).whole()


def with_item(item: Item) -> bytes:
    """Return a wheel that holds *item* and lists it truly in RECORD."""
    path = item.name.decode("utf-8", "replace")
    files = wheel_files({path: item.content})
    return parts([item, *items_of({name: text for name, text in files.items() if name != path})]).whole()


class Memory:
    """A sink that keeps everything."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def put(self, member: Member, content: bytes, /) -> None:
        """Keep a small member."""
        self.files[member.path] = content

    def begin(self, member: Member, /) -> MemoryWriter:
        """Begin a large one."""
        return MemoryWriter(self.files, member.path)


class MemoryWriter:
    """Collects the pieces of one member."""

    def __init__(self, files: dict[str, bytes], path: str) -> None:
        self._files = files
        self._path = path
        self._pieces: list[bytes] = []

    def write(self, piece: bytes, /) -> None:
        """Keep a piece."""
        self._pieces.append(piece)

    def close(self) -> None:
        """Keep the whole."""
        self._files[self._path] = b"".join(self._pieces)


def read(data: bytes, filename: str = FILENAME, limits: Limits | None = None) -> OpenWheel:
    """Open a wheel with the usual limits."""
    return open_wheel(data, filename=filename, limits=limits or Limits())


def verify(
    data: bytes, filename: str = FILENAME, *, threads: int = 1
) -> tuple[VerifiedWheel, dict[str, bytes]]:
    """Open and unpack a wheel into memory."""
    sink = Memory()
    return unpack(read(data, filename), sink, threads=threads), sink.files


def refusal(data: bytes, filename: str = FILENAME, limits: Limits | None = None) -> list[str]:
    """Return the codes for which a wheel is refused, in order, each once; empty when it is read."""
    sink = Memory()
    try:
        unpack(read(data, filename, limits), sink)
    except Refused as refused:
        return list(dict.fromkeys(finding.code for finding in refused.findings))
    return []
