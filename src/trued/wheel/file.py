"""A wheel in a file: mapped into memory rather than read, since it may be of any size."""

from __future__ import annotations

import mmap
import os
from contextlib import contextmanager

from trued.wheel.reader import open_wheel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from trued.core.limits import Limits

__all__ = ["mapped", "metadata_at"]


@contextmanager
def mapped(path: str) -> Iterator[bytes | mmap.mmap]:
    """Give the content of the file at *path* for as long as it is in use. Raises: OSError."""
    with open(path, "rb") as file:
        if not os.fstat(file.fileno()).st_size:
            yield b""  # which cannot be mapped
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data


def metadata_at(path: str, *, filename: str, limits: Limits) -> bytes:
    """Return METADATA of the wheel at *path*, whose digest was compared. Raises: OSError; Refused."""
    with mapped(path) as data:
        return open_wheel(data, filename=filename, limits=limits).metadata.raw
