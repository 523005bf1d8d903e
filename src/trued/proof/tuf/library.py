"""The tuf library's client, imported without the HTTP library that it would fetch with.

Every byte comes through trued's own transport, so that its rules about hosts, redirects, certificates, size
and time hold. The library imports urllib3 all the same, which is half of its import; a placeholder stands in
that one module's place meanwhile.
"""

from __future__ import annotations

import gc
import importlib
import sys
import threading
from contextlib import contextmanager
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["load_tuf", "without_collecting"]

_CLIENT = "tuf.ngclient"
_FETCHER = "tuf.ngclient.urllib3_fetcher"
_LOCK = threading.Lock()


class _Urllib3Fetcher:
    """Stands for the library's own fetcher: it can be named, and not made."""

    def __init__(self, *_: object, **__: object) -> None:
        raise RuntimeError("metadata is fetched by trued's own transport")


def load_tuf() -> None:
    """Import ``tuf.ngclient``."""
    with _LOCK:
        if _CLIENT in sys.modules or _FETCHER in sys.modules:
            importlib.import_module(_CLIENT)
            return
        placeholder = ModuleType(_FETCHER)
        vars(placeholder)["Urllib3Fetcher"] = _Urllib3Fetcher
        sys.modules[_FETCHER] = placeholder
        with without_collecting():
            try:
                importlib.import_module(_CLIENT)
            finally:
                sys.modules.pop(_FETCHER, None)


@contextmanager
def without_collecting() -> Iterator[None]:
    """Look for no garbage meanwhile: thousands of objects are made that all stay."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
