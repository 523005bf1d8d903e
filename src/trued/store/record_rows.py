"""Rows of RECORD for files of the store, ready to be written into environments (PEP 376, PEP 427)."""

from __future__ import annotations

from binascii import a2b_hex, b2a_base64

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from trued.store.manifest import Group

__all__ = ["record_rows"]

_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_LIBRARY = ("purelib", "platlib")


def record_rows(groups: Iterable[Group]) -> bytes:
    """Return the rows of all files of *groups* that go to purelib or platlib, each with digest and size."""
    rows = []
    for scheme, _, target, files in groups:
        if scheme not in _LIBRARY:
            continue
        for name, size, sha256, _ in files:
            path = _field(f"{target}/{name}" if target else name).encode()
            rows.append(b"%s,sha256=%s,%d\n" % (path, _encoded(sha256), size))
    return b"".join(rows)


def _encoded(sha256: str) -> bytes:
    return b2a_base64(a2b_hex(sha256), newline=False).rstrip(b"=").translate(_URL_SAFE)


def _field(path: str) -> str:
    """Return *path* as one field of CSV."""
    if any(character in path for character in ',"\r\n'):
        return '"' + path.replace('"', '""') + '"'
    return path
