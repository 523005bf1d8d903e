"""BLAKE3 digests of files whose sha256 was seen to be right: what hashes everything again is quicker by them.

sha256 is what wheels state, and what everything of the store is held to. It takes 0.7 ns a byte where BLAKE3
takes 0.2. So ``verify='full'`` keeps, in the file ``blake3`` beside a manifest, the BLAKE3 digest of each
file that it compared with sha256, taken from the same bytes in the same pass; the next time it compares that.

The digests stand for one manifest, which they name by its digest, and carry their own sha256. Who can write
them can write the manifest; against such a one ``full`` is no protection with sha256 either (see
:mod:`trued.store.seal`). What cannot be read, belongs to another manifest or is not whole counts for nothing:
sha256 decides then, and where the library is missing. Files below ``SMALLEST`` bytes are quicker by sha256.
"""

from __future__ import annotations

import marshal
import os

from trued.store.rehash import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Protocol

    class _Hash(Protocol):
        def update(self, data: memoryview, /) -> object: ...

        def digest(self) -> bytes: ...


__all__ = ["Blake3Digests", "hasher", "load", "save"]

_FORMAT = 1
_OWN = 32
_PIECE = 256 * 1024


class Blake3Digests:
    """The digests of one tree: *known* by position in the manifest, empty where unknown; and ``learned``."""

    SMALLEST = 8 * 1024
    """Bytes from which on this is the quicker one."""

    __slots__ = ("_buffer", "_hasher", "_known", "learned")

    def __init__(self, known: Sequence[bytes], *, hasher: Callable[[], _Hash], buffer: memoryview) -> None:
        self.learned: dict[int, bytes] = {}
        self._known = known
        self._hasher = hasher
        self._buffer = buffer

    def is_intact(self, descriptor: int, *, size: int, sha256_hex: str, position: int) -> bool:
        """Tell whether the open file, from its start, has *size* bytes and the digests of *position*."""
        known = self._known[position] if self._known else b""
        quick = self._hasher()
        slow = None if known else sha256(usedforsecurity=False)
        left = size
        while left > 0:
            piece = self._read(descriptor)
            if not piece:
                return False
            quick.update(piece)
            if slow is not None:
                slow.update(piece)
            left -= len(piece)
        if left < 0:
            return False
        if slow is None:
            return quick.digest() == known
        if slow.hexdigest() != sha256_hex:
            return False
        self.learned[position] = quick.digest()
        return True

    def _read(self, descriptor: int) -> memoryview:
        if hasattr(os, "readv"):
            return self._buffer[: os.readv(descriptor, (self._buffer,))]
        return memoryview(os.read(descriptor, _PIECE))

    @classmethod
    def opener(cls) -> Callable[[Sequence[bytes]], Blake3Digests] | None:
        """Return what makes these of known digests, all with one buffer; ``None`` without the library."""
        found = hasher()
        if found is None:
            return None
        buffer = memoryview(bytearray(_PIECE))
        return lambda known: cls(known, hasher=found, buffer=buffer)


def hasher() -> Callable[[], _Hash] | None:
    """Return BLAKE3, or ``None`` where the library is not installed."""
    try:
        from blake3 import blake3
    except ImportError:
        return None
    return blake3


def load(path: str, *, manifest: bytes, count: int) -> tuple[bytes, ...]:
    """Return the digests kept at *path* for the manifest with this digest; empty where they do not fit."""
    try:
        with open(path, "rb", buffering=0) as file:
            data = file.read()
        if sha256(memoryview(data)[_OWN:], usedforsecurity=False).digest() != data[:_OWN]:
            return ()
        written, of, digests = marshal.loads(memoryview(data)[_OWN:])  # noqa: S302 - written by trued, as manifests are
    except (OSError, EOFError, ValueError, TypeError):
        return ()
    fits = written == _FORMAT and of == manifest and type(digests) is tuple and len(digests) == count
    return digests if fits else ()


def save(
    path: str, *, manifest: bytes, known: Sequence[bytes], learned: Mapping[int, bytes], count: int
) -> None:
    """Keep what is *known* and was *learned*. A store that cannot be written only costs time."""
    digests = list(known) or [b""] * count
    for position, digest in learned.items():
        digests[position] = digest
    content = marshal.dumps((_FORMAT, manifest, tuple(digests)), 4)
    fragment = f"{path}.new{os.getpid()}"
    try:
        with open(fragment, "xb", buffering=0) as file:
            file.write(sha256(content, usedforsecurity=False).digest() + content)
        os.replace(fragment, path)
    except OSError:
        return
