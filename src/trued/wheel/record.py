"""RECORD: the list of a wheel's files with digests and sizes.

"Every other file in the archive must have a correct hash in RECORD or the installation will fail"; the digest
must be sha256 or better (binary distribution format, "The .dist-info directory"). RECORD itself has none, and
its signatures ``RECORD.jws`` and ``RECORD.p7s`` are not mentioned.
"""

from __future__ import annotations

import binascii
from typing import NamedTuple

from trued.wheel.model import Member

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trued.wheel.archive import Entry
    from trued.wheel.faults import Faults

__all__ = ["Row", "compare_names", "members_of", "read_record", "unlisted_names"]

_HEX_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}
_COLUMNS = 3


class Row(NamedTuple):
    """One line of RECORD: the digest in hexadecimal (``None``: none usable) and the size in bytes."""

    algorithm: str
    digest: str | None
    size: int | None


def unlisted_names(dist_info: str) -> frozenset[str]:
    """Return the paths that RECORD cannot vouch for: itself and its signatures."""
    return frozenset(f"{dist_info}/{name}" for name in ("RECORD", "RECORD.jws", "RECORD.p7s"))


def read_record(raw: bytes, *, unlisted: frozenset[str], faults: Faults) -> dict[str, Row]:
    """Return the rows by path, noting those that are malformed, doubled or without a strong digest."""
    rows: dict[str, Row] = {}
    for number, line in enumerate(_lines(raw, faults), start=1):
        if not line:
            continue
        if len(line) != _COLUMNS:
            faults.add("TRU261", line=number)
            continue
        path, digest, size = line
        if path in rows:
            faults.add("TRU264", path=path)
        rows[path] = _row(path, digest, size, is_unlisted=path in unlisted, line=number, faults=faults)
    return rows


def compare_names(
    paths: Iterable[str], rows: dict[str, Row], *, unlisted: frozenset[str], faults: Faults
) -> None:
    """Note each file that RECORD does not list and each row without a file."""
    present = set(paths)
    for path in present - rows.keys() - unlisted:
        faults.add("TRU262", path=path)
    for path in rows.keys() - present:
        faults.add("TRU263", path=path)


def members_of(entries: Iterable[Entry], rows: dict[str, Row], *, faults: Faults) -> tuple[Member, ...]:
    """Return the archive's files with what RECORD says of each, noting sizes that differ."""
    nothing = Row("", None, None)
    members = []
    for path, executable, packed in entries:
        algorithm, digest, size = rows.get(path, nothing)
        if size is not None and size != packed.size:
            faults.add("TRU267", path=path, stated=size, actual=packed.size)
        sha256 = digest if digest is not None and algorithm == "sha256" else ""
        stated = None if digest is None else (algorithm, digest)
        members.append(Member(path, packed.size, sha256, executable, stated, packed))
    return tuple(members)


def _lines(raw: bytes, faults: Faults) -> Iterable[Sequence[str]]:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        faults.add("TRU261", line=0)
        return ()
    if '"' in text or "\r" in text:
        return _quoted_lines(text, faults)
    return [line.split(",") if line else () for line in text.split("\n")]


def _quoted_lines(text: str, faults: Faults) -> Iterable[Sequence[str]]:
    import csv

    try:
        return list(csv.reader(text.replace("\r\n", "\n").split("\n"), strict=True))
    except csv.Error:
        faults.add("TRU261", line=0)
        return ()


def _row(path: str, digest: str, size: str, *, is_unlisted: bool, line: int, faults: Faults) -> Row:
    if is_unlisted:
        if digest:
            faults.add("TRU269", path=path, digest=digest)
        return Row("", None, None)
    length = int(size) if size.isascii() and size.isdigit() and len(size) < 20 else None
    if size and length is None:
        faults.add("TRU261", line=line)
    algorithm, _, encoded = digest.partition("=")
    if not digest:
        faults.add("TRU266", path=path)
        return Row("", None, length)
    if algorithm not in _HEX_LENGTHS:
        faults.add("TRU265", path=path, algorithm=algorithm)
        return Row(algorithm, None, length)
    value = _hexadecimal(encoded)
    if value is None or len(value) != _HEX_LENGTHS[algorithm]:
        faults.add("TRU269", path=path, digest=digest)
        return Row(algorithm, None, length)
    return Row(algorithm, value, length)


def _hexadecimal(encoded: str) -> str | None:
    """Decode URL-safe base64 without padding, the one spelling of a digest that RECORD allows."""
    if "+" in encoded or "/" in encoded:
        return None
    padded = (encoded.replace("-", "+").replace("_", "/") + "=" * (-len(encoded) % 4)).encode()
    try:
        value = binascii.a2b_base64(padded, strict_mode=True)
    except ValueError:
        return None
    # A last character with bits to spare has other spellings of the same digest.
    return value.hex() if binascii.b2a_base64(value, newline=False) == padded else None
