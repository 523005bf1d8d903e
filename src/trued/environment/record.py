"""RECORD, the list of an installed distribution's files (PEP 376, PEP 427, PEP 627).

Every file is listed with its sha256 and size: those of the wheel, and those the installation makes (scripts,
bytecode, receipts). Only RECORD itself stands without.
"""

from __future__ import annotations

import binascii
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from trued.environment.facts import Roots

try:
    from _sha2 import sha256  # type: ignore[import-not-found]  # Python 3.12 and later
except ImportError:
    try:
        from _sha256 import sha256  # type: ignore[import-not-found]  # Python 3.11
    except ImportError:  # an interpreter that has only OpenSSL's (FIPS)
        from hashlib import sha256

__all__ = ["hashed_row", "listed_row", "relative_folder", "row", "sha256"]


def row(path: str, sha256_hex: str, size: int) -> bytes:
    """Return RECORD's row of one file; *path* is relative to the folder of the packages, with ``/``."""
    digest = binascii.b2a_base64(binascii.a2b_hex(sha256_hex), newline=False)
    encoded = digest.rstrip(b"=").translate(_URL_SAFE).decode("ascii")
    return f"{_quoted(path)},sha256={encoded},{size}\n".encode("utf-8", "surrogateescape")


def hashed_row(path: str, content: bytes) -> bytes:
    """Return RECORD's row of a file with *content*."""
    return row(path, sha256(content).hexdigest(), len(content))


def listed_row(path: str) -> bytes:
    """Return the row of RECORD itself: its digest cannot stand in it."""
    return f"{_quoted(path)},,\n".encode("utf-8", "surrogateescape")


def relative_folder(roots: Roots, scheme: str, library: str) -> str:
    """Return the prefix of RECORD paths for files of *scheme*, for a distribution in *library*.

    Empty for the library itself; otherwise it ends in ``/``. On another drive the path is absolute.
    """
    root = roots[scheme]
    if root == library:
        return ""
    try:
        relative = os.path.relpath(root, library)
    except ValueError:  # Windows: another drive
        relative = root
    return relative.replace(os.sep, "/") + "/"


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def _quoted(path: str) -> str:
    """Return *path* as one CSV field."""
    if "," in path or '"' in path or "\n" in path or "\r" in path:
        escaped = path.replace('"', '""')
        return f'"{escaped}"'
    return path


def joined(rows: Iterable[bytes]) -> bytes:
    """Return RECORD as bytes."""
    return b"".join(rows)
