"""The compiled code of a road in one file, so that a run of milliseconds opens one and not two hundred.

Python looks for each module by itself: a folder, the source, the compiled file, a comparison of times, some
65 µs. A bundle keeps what was compiled of all modules that a run had loaded in one file beside Python's own,
in ``trued/__pycache__``, under the same rules: written by whoever may write there and unless Python is told
to write no bytecode (``-B``); used by this version of the interpreter alone, and each module's code only
while its source has the size and time that it had. What a bundle does not hold is looked for as always.

The warm road has a bundle of its own, which is read in a run of milliseconds; commands that go the full road
have one each. Of what is not trued's they hold modules of the interpreter's own library.
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

    Part = tuple[str, int, int, int, int]
    """Path of the source, its modification time in ns and its size; where in the bundle its code lies."""

__all__ = ["CodeBundle", "bundle_path", "use_bundle"]

_FORMAT = 2
_PACKAGE = f"{__name__.partition('.')[0]}."
_LOADED_BEFORE = frozenset((__name__, *sys.modules))


class CodeBundle:
    """Finds the modules of the bundle of *road* (PEP 451), and notes what it lacks.

    Its file is read when the first module of this package is looked for: a warm run with a bundle of its own
    opens no other.
    """

    __slots__ = ("_codes", "_is_whole", "_parts", "path")

    def __init__(self, road: str) -> None:
        self.path = bundle_path(road)
        self._parts: Mapping[str, Part] | None = None
        self._codes = memoryview(b"")
        self._is_whole = True

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - the protocol's
        target: ModuleType | None = None,  # noqa: ARG002 - the protocol's
    ) -> ModuleSpec | None:
        """Return where module *name* comes from; ``None`` when the bundle does not hold it as it is now."""
        if self._parts is None:
            if not name.startswith(_PACKAGE):
                return None
            self._parts = self._read()
        part = self._parts.get(name)
        if part is None:
            if name.startswith(_PACKAGE):
                self._is_whole = False
            return None
        code = self._code(part)
        if code is None:
            self._parts, self._is_whole = {}, False
            return None
        return external.spec_from_file_location(name, part[0], loader=_Loader(name, part, code))

    def _read(self) -> Mapping[str, Part]:
        """Return what the file holds: nothing where it cannot be read, or is of another form."""
        try:
            with open(self.path, "rb", buffering=0) as file:
                content = file.read()
            *form, parts, size = marshal.loads(content)  # noqa: S302 - lies beside Python's own compiled files
            self._codes = memoryview(content)[len(content) - size :]
            return parts if tuple(form) == _form() and type(parts) is dict else {}
        except (OSError, EOFError, ValueError, TypeError):
            return {}

    def _code(self, part: Part) -> CodeType | None:
        """Return the code of a module, ``None`` where its source has changed, or nothing can be read."""
        try:
            file, mtime, size, start, end = part
            source = os.stat(file)
            if source.st_mtime_ns == mtime and source.st_size == size:
                code: CodeType = marshal.loads(self._codes[start:end])  # noqa: S302 - see :meth:`_read`
                return code
        except (OSError, EOFError, ValueError, TypeError):
            pass
        return None

    def keep(self) -> None:
        """Keep the code that is loaded now, and what was kept before, unless this bundle served the run."""
        folder = os.path.dirname(self.path)
        if self._is_whole or sys.dont_write_bytecode or not os.access(folder, os.W_OK):
            return
        fragment = f"{self.path}.{os.getpid()}"
        try:
            content = self._content()
            with open(fragment, "xb", buffering=0) as file:
                file.write(content)
            os.replace(fragment, self.path)
        except OSError:  # as with compiled files: the next run takes a moment longer
            return

    def _content(self) -> bytes:
        parts: dict[str, Part] = {}
        codes = bytearray()

        def add(name: str, path: str, mtime: int, size: int, code: bytes | memoryview) -> None:
            start = len(codes)
            codes.extend(code)
            parts[name] = (path, mtime, size, start, len(codes))

        for name, (path, mtime, size, start, end) in (self._parts or {}).items():
            add(name, path, mtime, size, self._codes[start:end])
        for name, module in tuple(sys.modules.items()):
            if name not in _LOADED_BEFORE and name not in parts and (found := _found(name, module)):
                add(name, *found)
        return marshal.dumps((*_form(), parts, len(codes))) + codes


class _Loader(external.SourceFileLoader):
    """Loads a module as its source would be loaded, with code that is at hand."""

    def __init__(self, name: str, part: Part, code: CodeType) -> None:
        super().__init__(name, part[0])
        self.source = part[:3]
        self._code = code

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - the protocol's
        """Return the code."""
        return self._code


def use_bundle(road: str) -> CodeBundle:
    """Have imports look first into the bundle of *road*, and return it."""
    bundle = CodeBundle(road)
    sys.meta_path.insert(0, bundle)
    return bundle


def bundle_path(road: str) -> str:
    """Return where the bundle of *road* for this interpreter lies."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "__pycache__")
    return os.path.join(folder, f"{road}.{sys.implementation.cache_tag}.bundle")


def _form() -> tuple[int, bytes, str]:
    """Return what names the form of compiled code, which ``-O`` changes too, and whose library it is of."""
    return _FORMAT, external.MAGIC_NUMBER + bytes((sys.flags.optimize,)), _library()


def _library() -> str:
    """Return the folder of the interpreter's own modules, with a separator at its end."""
    return os.path.join(os.path.dirname(os.__file__), "")


def _found(name: str, module: ModuleType) -> tuple[str, int, int, bytes] | None:
    """Return path, time, size and code of what is kept of a loaded *module*; ``None`` for all else."""
    spec = getattr(module, "__spec__", None)  # ``typing.io`` is a class among the modules
    loader = spec.loader if spec else None
    if not isinstance(loader, external.SourceFileLoader):
        return None
    below = loader.path.removeprefix(_library())
    is_library = below != loader.path and not below.startswith(("site-packages", "dist-packages"))
    if not (is_library or name.startswith(_PACKAGE)):
        return None
    if isinstance(loader, _Loader):  # of the source as it was when it was loaded
        return (*loader.source, marshal.dumps(loader.get_code(name)))
    source = os.stat(loader.path)
    code = loader.get_code(name)
    return (loader.path, source.st_mtime_ns, source.st_size, marshal.dumps(code)) if code else None
