"""The sigstore library, imported without what it would open connections with.

It signs as well as it verifies, and imports HTTP, TUF and token libraries for that before it does anything.
None of them is used to verify, and they are two fifths of the import. Placeholders stand in their place while
the library is imported: it gets names that raise when they are used, and whoever else asks meanwhile gets the
real module. So the verifier is quick to load, and has nothing to ask a network with.
"""

from __future__ import annotations

import gc
import importlib
import sys
import threading
from types import ModuleType

__all__ = ["UNUSED", "load_sigstore"]

UNUSED = ("requests", "jwt", "id", "tuf", "tuf.api", "tuf.api.exceptions", "tuf.ngclient")
"""What the library imports and verification does not use; packages before their modules."""

_IMPORTING = ("importlib._bootstrap", "_frozen_importlib", "importlib")
_LOCK = threading.Lock()


class _Unused(Exception):
    """Stands for a class of a library that is not there: it can be named, and not made."""

    def __init__(self, *_: object) -> None:
        raise RuntimeError("verification opens no connection")


class _Placeholder(ModuleType):
    """Stands for a module of :data:`UNUSED`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__ = []

    def __getattr__(self, name: str) -> object:
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        if not _is_asked_by_sigstore():
            return getattr(_real(self.__name__), name)
        if name == "__version__":
            return "none"
        return sys.modules.get(f"{self.__name__}.{name}", _Unused)


def _is_asked_by_sigstore() -> bool:
    """Tell whether the first frame below a placeholder that is not the import system's is sigstore's."""
    frame = sys._getframe(2)
    while frame.f_back and frame.f_globals.get("__name__") in _IMPORTING:
        frame = frame.f_back
    asking = str(frame.f_globals.get("__name__", ""))
    return asking == "sigstore" or asking.startswith("sigstore.")


def load_sigstore() -> None:
    """Import what verifies: ``sigstore.verify``, ``sigstore.models`` and their errors."""
    with _LOCK:
        if "sigstore.verify" in sys.modules:
            return
        collects = gc.isenabled()
        gc.disable()  # thousands of objects are made that all stay: looking for garbage costs a tenth
        try:
            _import_with_placeholders()
        finally:
            if collects:
                gc.enable()


def _import_with_placeholders() -> None:
    before = set(sys.modules)
    for name in UNUSED:
        sys.modules.setdefault(name, _Placeholder(name))
    try:
        importlib.import_module("sigstore.verify")
    except (AttributeError, ImportError, RuntimeError, TypeError, ValueError):
        # Another release of the library does more with these modules than name them: import it with them.
        _remove_placeholders()
        for name in set(sys.modules) - before:
            if name.partition(".")[0] == "sigstore":
                del sys.modules[name]
        importlib.import_module("sigstore.verify")
    finally:
        _remove_placeholders()


def _real(name: str) -> ModuleType:
    """Return the module itself, for code that is not the library's."""
    _remove_placeholders()
    return importlib.import_module(name)


def _remove_placeholders() -> None:
    for name in UNUSED:
        if isinstance(sys.modules.get(name), _Placeholder):
            del sys.modules[name]
