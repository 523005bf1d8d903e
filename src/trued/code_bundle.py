"""The compiled code of the warm road in one file, so that a run of milliseconds opens one and not forty.

Python looks for each module by itself: a folder, the source, the compiled file, a comparison of times, some
65 µs. A bundle keeps what was compiled of all modules that a warm run had loaded in one file beside Python's
own, in ``trued/__pycache__``, under the same rules: written by whoever may write there and unless Python is
told to write no bytecode (``-B``); used by this version of the interpreter alone, and only while every source
has the size and time that it had. What a bundle does not hold is looked for as always.
"""

from __future__ import annotations

import _frozen_importlib_external as external
import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

    Part = tuple[str, int, int, CodeType]
    """Path of the source, its modification time in ns, its size, its code."""

__all__ = ["CodeBundle", "bundle_path", "keep_bundle", "use_bundle"]

_FORMAT = 1
_PACKAGE = __name__.partition(".")[0]
_LOADED_BEFORE = (__name__, f"{_PACKAGE}.__main__")


class CodeBundle:
    """Finds the modules of a bundle (PEP 451)."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self._parts = parts

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - the protocol's
        target: ModuleType | None = None,  # noqa: ARG002 - the protocol's
    ) -> ModuleSpec | None:
        """Return where module *name* comes from; ``None`` when the bundle does not hold it."""
        part = self._parts.get(name)
        if part is None:
            return None
        return external.spec_from_file_location(name, part[0], loader=_Loader(name, part[0], part[3]))


class _Loader(external.SourceFileLoader):
    """Loads a module as its source would be loaded, with code that is at hand."""

    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - the protocol's
        """Return the code."""
        return self._code


def use_bundle() -> bool:
    """Have imports look into the bundle first; tell whether there is one that fits."""
    try:
        with open(bundle_path(), "rb", buffering=0) as file:
            written, magic, parts = marshal.loads(file.read())  # noqa: S302 - lies beside Python's own compiled files
        if written != _FORMAT or magic != _magic():
            return False
        for path, mtime, size, _ in parts.values():
            source = os.stat(path)
            if source.st_mtime_ns != mtime or source.st_size != size:
                return False
    except (OSError, EOFError, ValueError, TypeError, AttributeError):
        return False
    sys.meta_path.insert(0, CodeBundle(parts))
    return True


def keep_bundle() -> None:
    """Keep the code of this package's modules that are loaded now, where Python keeps its own."""
    path = bundle_path()
    if sys.dont_write_bytecode or not os.access(os.path.dirname(path), os.W_OK):
        return
    fragment = f"{path}.{os.getpid()}"
    try:
        parts = {
            name: part
            for name, module in tuple(sys.modules.items())
            if name.startswith(f"{_PACKAGE}.")
            and name not in _LOADED_BEFORE
            and (part := _part(name, module))
        }
        content = marshal.dumps((_FORMAT, _magic(), parts))
        with open(fragment, "xb", buffering=0) as file:
            file.write(content)
        os.replace(fragment, path)
    except OSError:  # as with compiled files: the next run takes a moment longer
        return


def bundle_path() -> str:
    """Return where the bundle for this interpreter lies."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "__pycache__")
    return os.path.join(folder, f"warm.{sys.implementation.cache_tag}.bundle")


def _magic() -> bytes:
    """Return what names the form of compiled code, which ``-O`` changes too."""
    return external.MAGIC_NUMBER + bytes((sys.flags.optimize,))


def _part(name: str, module: ModuleType) -> Part | None:
    """Return what is kept of a loaded *module*; ``None`` where its source is no file of its own."""
    loader = module.__spec__.loader if module.__spec__ else None
    if not isinstance(loader, external.SourceFileLoader):
        return None
    source = os.stat(loader.path)
    code = loader.get_code(name)
    return (loader.path, source.st_mtime_ns, source.st_size, code) if code else None
