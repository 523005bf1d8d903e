"""RECORD: the list of a wheel's files with digests and sizes.

"Every other file in the archive must have a correct hash in RECORD or the installation will fail"; the digest
must be sha256 or better (binary distribution format, "The .dist-info directory"). RECORD itself has none, and
its signatures ``RECORD.jws`` and ``RECORD.p7s`` are not mentioned.
"""

from __future__ import annotations

import binascii
import re
from itertools import repeat

from trued.wheel.model import Member

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trued.wheel.archive import Entry
    from trued.wheel.faults import Faults

__all__ = ["Row", "compare_names", "members_of", "read_record", "unlisted_names"]

_SHA256_LENGTH = 64
_HEX_LENGTHS = {"sha256": _SHA256_LENGTH, "sha384": 96, "sha512": 128}
_COLUMNS = 3
_FOREIGN = frozenset("+/=")
_PLAIN_LINE = re.compile(r"^([^,\"\r\n]+),sha256=([A-Za-z0-9_-]{43}),([0-9]{1,19})$", re.MULTILINE)
_LONGEST_SIZE = 20


Row = tuple[str, str | None, int | None]
"""One line of RECORD: algorithm, digest in hexadecimal (``None``: none usable), size in bytes or ``None``."""


def unlisted_names(dist_info: str) -> frozenset[str]:
    """Return the paths that RECORD cannot vouch for: itself and its signatures."""
    return frozenset(f"{dist_info}/{name}" for name in ("RECORD", "RECORD.jws", "RECORD.p7s"))


def read_record(raw: bytes, *, unlisted: frozenset[str], faults: Faults) -> dict[str, Row]:
    """Return the rows by path, noting those that are malformed, doubled or without a strong digest."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        faults.add("TRU255", file="RECORD")
        return {}
    rows = _plain_rows(text, unlisted)
    return _checked_rows(text, unlisted=unlisted, faults=faults) if rows is None else rows


def _plain_rows(text: str, unlisted: frozenset[str]) -> dict[str, Row] | None:
    """Return the rows when none needs a second look, as in most wheels; a third of the time of looking."""
    found = _PLAIN_LINE.findall(text)
    rest = [line for line in _PLAIN_LINE.sub("", text).split("\n") if line]
    if not found or any(line[-2:] != ",," or line[:-2] not in unlisted for line in rest):
        return None
    paths, encoded, sizes = zip(*found, strict=True)
    if not unlisted.isdisjoint(paths):
        return None
    # With an "A" after each, 43 characters end on a byte, and that byte tells whether bits were left over.
    decoded = binascii.a2b_base64("A".join((*encoded, "")).replace("-", "+").replace("_", "/"))
    if any(decoded[_SHA256_LENGTH // 2 :: _SHA256_LENGTH // 2 + 1]):
        return None
    text = decoded.hex()
    step = _SHA256_LENGTH + 2
    digests = [text[at : at + _SHA256_LENGTH] for at in range(0, len(text), step)]
    rows: dict[str, Row] = dict(zip(paths, zip(repeat("sha256"), digests, map(int, sizes)), strict=True))
    rows.update((line[:-2], ("", None, None)) for line in rest)
    return rows if len(rows) == len(found) + len(rest) else None


def _checked_rows(text: str, *, unlisted: frozenset[str], faults: Faults) -> dict[str, Row]:
    """Return the rows, each looked at."""
    rows: dict[str, Row] = {}
    for number, line in enumerate(_lines(text, faults), start=1):
        if not line:
            continue
        if len(line) != _COLUMNS:
            faults.add("TRU261", line=number)
            continue
        path, digest, size = line
        if path in rows:
            faults.add("TRU264", path=path)
        value = _value(path, digest, is_unlisted=path in unlisted, faults=faults)
        rows[path] = (digest.partition("=")[0], value, _size(size, number, faults) if size else None)
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
    nothing: Row = ("", None, None)
    members = []
    for path, executable, packed in entries:
        algorithm, digest, size = rows.get(path, nothing)
        if size is not None and size != packed.size:
            faults.add("TRU267", path=path, stated=size, actual=packed.size)
        sha256 = digest if digest is not None and algorithm == "sha256" else ""
        stated = None if digest is None else (algorithm, digest)
        members.append(Member(path, packed.size, sha256, executable, stated, packed))
    return tuple(members)


def _lines(text: str, faults: Faults) -> Iterable[Sequence[str]]:
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


def _size(text: str, line: int, faults: Faults) -> int | None:
    if len(text) < _LONGEST_SIZE and text.isascii() and text.isdigit():
        return int(text)
    faults.add("TRU261", line=line)
    return None


def _value(path: str, digest: str, *, is_unlisted: bool, faults: Faults) -> str | None:
    """Return the value of a row's digest in hexadecimal, noting why it cannot be used."""
    if is_unlisted:
        if digest:
            faults.add("TRU269", path=path, digest=digest)
        return None
    if not digest:
        faults.add("TRU266", path=path)
        return None
    algorithm, _, encoded = digest.partition("=")
    if algorithm not in _HEX_LENGTHS:
        faults.add("TRU265", path=path, algorithm=algorithm)
        return None
    value = _hexadecimal(encoded)
    if value is None or len(value) != _HEX_LENGTHS[algorithm]:
        faults.add("TRU269", path=path, digest=digest)
        return None
    return value


def _hexadecimal(encoded: str) -> str | None:
    """Decode URL-safe base64 without padding, the one spelling of a digest that RECORD allows."""
    if not _FOREIGN.isdisjoint(encoded):
        return None
    padded = (encoded.replace("-", "+").replace("_", "/") + "=" * (-len(encoded) % 4)).encode()
    try:
        value = binascii.a2b_base64(padded, strict_mode=True)
    except ValueError:
        return None
    # A last character with bits to spare has other spellings of the same digest.
    return value.hex() if binascii.b2a_base64(value, newline=False) == padded else None
