"""Rows of RECORD for files of the store, ready to be written into environments (PEP 376, PEP 427)."""

from __future__ import annotations

from binascii import a2b_hex, b2a_base64

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trued.store.manifest import Group

__all__ = ["record_rows"]

_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_LIBRARY = ("purelib", "platlib")
_QUOTED = ',"\r\n'


def record_rows(groups: Iterable[Group]) -> bytes:
    """Return the rows of all files of *groups* that go to purelib or platlib, each with digest and size."""
    paths, sizes, digests = [], [], []
    for scheme, _, target, files in groups:
        if scheme not in _LIBRARY:
            continue
        prefix = f"{target}/" if target else ""
        for name, size, sha256, _ in files:
            paths.append(f"{prefix}{name}")
            sizes.append(size)
            digests.append(sha256)
    together = "".join(paths)
    if any(character in together for character in _QUOTED):
        paths = [_field(path) for path in paths]
    rows = zip(paths, _encoded(digests), sizes, strict=True)
    return "".join([f"{path},sha256={digest},{size}\n" for path, digest, size in rows]).encode()


def _encoded(digests: Sequence[str]) -> list[str]:
    """Return *digests* (hexadecimal sha256) in URL-safe base64 without padding, all encoded at once.

    With a zero byte after each, 32 bytes end on a character: the last of 44, which stands for the zero alone.
    """
    together = b2a_base64(a2b_hex("".join([f"{digest}00" for digest in digests])), newline=False)
    text = together.translate(_URL_SAFE).decode("ascii")
    return [text[at : at + 43] for at in range(0, len(text), 44)]


def _field(path: str) -> str:
    """Return *path* as one field of CSV."""
    if any(character in path for character in _QUOTED):
        return '"' + path.replace('"', '""') + '"'
    return path
