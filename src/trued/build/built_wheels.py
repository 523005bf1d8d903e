"""The cache of built wheels: each with its origin, hashed again whenever it is taken.

``<folder>/<key[:2]>/<key>/`` holds ``origin.json`` and the wheel under its sha256. Both are written beside
and renamed, the wheel first, so that an origin never names a wheel that is not there.
"""

from __future__ import annotations

import os
from contextlib import suppress

from trued.build.origin import InvalidOrigin, Origin, read_origin
from trued.core.private_file import private_bytes, write_private
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from trued.build.origin import BuildRequest

__all__ = ["BuiltWheels", "KeptWheel"]

_ORIGIN = "origin.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptWheel:
    """What the cache has for a request; with a ``fault`` (in words) nothing of it is to be used."""

    path: str
    origin: Origin | None
    fault: str = ""


class BuiltWheels:
    """Keeps built wheels below *folder*. What cannot be written is not kept."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def load(self, request: BuildRequest) -> KeptWheel | None:
        """Return what is kept for *request*, its digest compared; ``None`` where nothing is."""
        folder = self._of(request.key)
        data = private_bytes(os.path.join(folder, _ORIGIN))
        if data is None:
            return None
        try:
            origin = read_origin(data)
        except InvalidOrigin:
            return KeptWheel(path=folder, origin=None, fault="its origin cannot be read")
        if origin.request != request:
            return KeptWheel(path=folder, origin=None, fault="it was built from something else")
        path = os.path.join(folder, f"{origin.sha256}.whl")
        computed = _sha256(path)
        if computed != origin.sha256:
            fault = f"it has sha256 {computed}" if computed else "the file is gone"
            return KeptWheel(path=path, origin=None, fault=fault)
        with suppress(OSError):  # so that housekeeping knows what is still used
            os.utime(path)
            os.utime(os.path.join(folder, _ORIGIN))
        return KeptWheel(path=path, origin=origin)

    def keep(self, origin: Origin, wheel: str) -> None:
        """Keep the file *wheel*, whose digest *origin* states; what was kept for the request goes."""
        folder = self._of(origin.request.key)
        kept = f"{origin.sha256}.whl"
        with open(wheel, "rb") as file:
            write_private(os.path.join(folder, kept), iter(lambda: file.read(1 << 20), b""))
        write_private(os.path.join(folder, _ORIGIN), (origin.text(),))
        self._drop(folder, but=(kept, _ORIGIN))

    def discard(self, request: BuildRequest) -> None:
        """Delete what is kept for *request*."""
        folder = self._of(request.key)
        self._drop(folder)
        with suppress(OSError):  # another run keeps something there just now
            os.rmdir(folder)

    def _of(self, key: str) -> str:
        return os.path.join(self._folder, key[:2], key)

    def _drop(self, folder: str, but: tuple[str, ...] = ()) -> None:
        for name in _names(folder):
            if name not in but:
                try:
                    os.unlink(os.path.join(folder, name))
                except OSError:
                    continue  # another run was quicker


def _names(folder: str) -> Iterator[str]:
    try:
        yield from os.listdir(folder)
    except OSError:
        return


def _sha256(path: str) -> str:
    from hashlib import file_digest

    try:
        with open(path, "rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
