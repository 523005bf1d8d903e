"""RECORD of an installed distribution, read as what it is: a text that anybody may have written.

Rows are kept only where they can be believed to speak of the environment: a path that leaves it is told and
never opened, and so is one that stands twice with different digests (PEP 376, PEP 627; GHSA-pjjw-68hj-v9mw).
"""

from __future__ import annotations

import binascii
import csv
import io
import os

from trued.core.finding import Finding, Level
from trued.core.record import NamedTuple, dataclass
from trued.core.regular_file import open_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trued.environment.facts import Roots
    from trued.environment.installed import Installed

__all__ = ["Boundary", "Recorded", "Row", "read_rows"]

_ALGORITHMS = {"sha256": 32, "sha384": 48, "sha512": 64}
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_WITHOUT = ("RECORD", "RECORD.jws", "RECORD.p7s")
"""Files that cannot have a digest in RECORD."""


class Row(NamedTuple):
    """What is to be found at a path: ``size`` in bytes (-1: not stated), ``digest`` (empty: not stated)."""

    size: int
    algorithm: str
    digest: bytes


NOTHING_STATED = Row(-1, "", b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The rows by folder and name, both as on disk; and what is wrong with the list itself.

    ``is_readable`` is false where there is no list to go by.
    """

    rows: dict[str, dict[str, Row]]
    findings: tuple[Finding, ...] = ()
    is_readable: bool = True


class Boundary:
    """The folders that files of a distribution may stand in."""

    def __init__(self, roots: Roots) -> None:
        self._roots = tuple({root.rstrip(os.sep) for root in roots.values()})
        self._inside = tuple(root + os.sep for root in self._roots)

    def holds(self, folder: str) -> bool:
        """Tell whether *folder*, absolute and normal, is a root or stands below one."""
        return folder in self._roots or folder.startswith(self._inside)


def read_rows(one: Installed, *, boundary: Boundary, most_bytes: int) -> Recorded:
    """Return what RECORD of *one* says, with findings TRU545 of its faults, TRU546 where it says nothing."""
    try:
        with open_regular(os.path.join(one.folder, "RECORD")) as file:
            data = file.read(most_bytes + 1)
    except OSError as error:
        return _unreadable(one, error.strerror or str(error))
    if len(data) > most_bytes:
        return _unreadable(one, f"it has more than {most_bytes} bytes")
    reader = _Reader(one, boundary)
    try:
        # Not by splitlines(), which also ends lines at characters that names may hold.
        reader.read(csv.reader(io.StringIO(data.decode("utf-8", "surrogateescape"), newline="")))
    except csv.Error as error:
        return _unreadable(one, str(error))
    return Recorded(rows=reader.rows, findings=tuple(reader.findings()))


def _unreadable(one: Installed, reason: str) -> Recorded:
    finding = Finding(
        code="TRU546",
        subject=f"{one.name} {one.version}".strip(),
        values={"path": os.path.join(one.folder, "RECORD"), "reason": reason},
    )
    return Recorded(rows={}, findings=(finding,), is_readable=False)


class _Reader:
    """Walks the rows once, and counts each kind of fault: one finding a kind, however many rows."""

    def __init__(self, one: Installed, boundary: Boundary) -> None:
        self.rows: dict[str, dict[str, Row]] = {}
        self._one = one
        self._boundary = boundary
        self._known: dict[str, str] = {}
        self._faults: dict[str, tuple[str, int]] = {}

    def read(self, lines: Iterable[Sequence[str]]) -> None:
        for line in lines:
            if not line:
                continue
            path = line[0]
            if _is_never_there(path, line):
                continue
            folder = self._folder(path)
            if not folder:
                continue
            row = self._row(path, line)
            name = path.rpartition("/")[2]
            held = self.rows.setdefault(folder, {}).setdefault(name, row)
            if held != row:
                self._fault("listed twice, not alike", path)

    def _folder(self, path: str) -> str:
        """Return the absolute folder of *path*; empty for a path that is told and left alone."""
        parent, _, name = path.rpartition("/")
        known = self._known.get(parent)
        if known is None:
            known = os.path.normpath(os.path.join(self._one.location, parent))
            if not self._boundary.holds(known):
                known = ""
            self._known[parent] = known
        if "\0" in path or name in ("", ".", ".."):
            self._fault("no path of a file", path)
            return ""
        if not known:
            self._fault("outside the environment", path)
        return known

    def _row(self, path: str, line: Sequence[str]) -> Row:
        stated = line[1] if len(line) > 1 else ""
        size = line[2] if len(line) > 2 else ""
        algorithm, _, encoded = stated.partition("=")
        if not stated:
            if path.rpartition("/")[2] not in _WITHOUT and not _is_bytecode(path):
                self._fault("without a digest", path)
            return NOTHING_STATED
        length = _ALGORITHMS.get(algorithm)
        if length is None:
            self._fault("with a digest that proves nothing", path)
            return NOTHING_STATED
        digest = _decoded(encoded)
        if len(digest) != length or not ((size.isascii() and size.isdecimal()) or not size):
            self._fault("with a digest or size that cannot be read", path)
            return NOTHING_STATED
        return Row(int(size[:18]) if size else -1, algorithm, digest)

    def _fault(self, reason: str, path: str) -> None:
        first, count = self._faults.get(reason, (path, 0))
        self._faults[reason] = (first, count + 1)

    def findings(self) -> Iterator[Finding]:
        """Yield one finding for each kind of fault; what merely lacks a digest is a warning."""
        for reason, (first, count) in self._faults.items():
            lacks = reason == "without a digest"
            yield Finding(
                code="TRU545",
                level=Level.WARNING if lacks else Level.ERROR,
                subject=f"{self._one.name} {self._one.version}".strip(),
                values={"path": first, "reason": reason, "count": str(count)},
            )


def _is_bytecode(path: str) -> bool:
    """Tell whether it is the interpreter's own, which pip lists without digests: judged by its source."""
    return path.endswith(".pyc") and path.rpartition("/")[0].endswith("__pycache__")


def _is_never_there(path: str, line: Sequence[str]) -> bool:
    """Tell whether the row is of bytecode where none is ever written, or of its folder as if it were a file.

    virtualenv lists such paths, without digests, for the pip that it puts into an environment; Poetry makes
    its environments so. Where something stands there all the same, nobody has listed it.
    """
    name = path.rpartition("/")[2]
    if not name.endswith((".pyc", "__pycache__")) or (len(line) > 1 and line[1]):
        return False
    return name == "__pycache__" or (name.count(".") > 1 and not _is_bytecode(path))


def _decoded(text: str) -> bytes:
    """Return the digest written in URL-safe base64 without padding; empty when it is none."""
    try:
        data = text.encode("ascii").translate(_URL_SAFE)
        return binascii.a2b_base64(data + b"=" * (-len(data) % 4))
    except (UnicodeEncodeError, binascii.Error):
        return b""
