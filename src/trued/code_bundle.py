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

    Part = tuple[str, int, int, bytes]
    """Path of the source, its modification time in ns, its size, its code as ``marshal`` writes it."""

__all__ = ["CodeBundle", "bundle_path", "keep_bundle", "use_bundle"]

_FORMAT = 2
_PACKAGE = f"{__name__.partition('.')[0]}."
_LOADED_BEFORE = frozenset((__name__, *sys.modules))
_FEW = 8
"""So many modules may be looked for elsewhere before a bundle is worth writing again."""


class CodeBundle:
    """Finds the modules of a bundle (PEP 451), and notes what it lacks."""

    __slots__ = ("_lacking", "_parts", "_stale")

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self._parts = parts
        self._stale = not parts
        self._lacking = 0

    @property
    def serves(self) -> bool:
        """Whether all that was found was as it had been, and little else was looked for."""
        return not self._stale and self._lacking <= _FEW

    @property
    def fitting(self) -> Mapping[str, Part]:
        """What another run may want; nothing once a source has changed."""
        return {} if self._stale else self._parts

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - the protocol's
        target: ModuleType | None = None,  # noqa: ARG002 - the protocol's
    ) -> ModuleSpec | None:
        """Return where module *name* comes from; ``None`` when the bundle does not hold it as it is now."""
        part = self._parts.get(name)
        if part is None:
            self._lacking += name.startswith(_PACKAGE)
            return None
        try:
            file, mtime, size, code = part
            source = os.stat(file)
            if source.st_mtime_ns == mtime and source.st_size == size:
                loader = _Loader(self, name, file, marshal.loads(code))  # noqa: S302 - see :func:`use_bundle`
                return external.spec_from_file_location(name, file, loader=loader)
        except (OSError, EOFError, ValueError, TypeError):
            pass
        self._stale = True
        return None


class _Loader(external.SourceFileLoader):
    """Loads a module as its source would be loaded, with code that is at hand."""

    def __init__(self, bundle: CodeBundle, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self.bundle = bundle
        self._code = code

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - the protocol's
        """Return the code."""
        return self._code


def use_bundle(road: str) -> CodeBundle:
    """Have imports look first into the bundle of *road*, which is returned; it is empty where none fits."""
    parts: Mapping[str, Part] = {}
    try:
        with open(bundle_path(road), "rb", buffering=0) as file:
            written = marshal.loads(file.read())  # noqa: S302 - lies beside Python's own compiled files
        if type(written) is tuple and written[:3] == _form() and type(written[3]) is dict:
            parts = written[3]
    except (OSError, EOFError, ValueError, TypeError, IndexError):
        pass
    bundle = CodeBundle(parts)
    sys.meta_path.insert(0, bundle)
    return bundle


def keep_bundle(road: str, bundle: CodeBundle) -> None:
    """Keep the code that is loaded now for the next run of *road*, unless *bundle* served this one."""
    path = bundle_path(road)
    if bundle.serves or sys.dont_write_bytecode or not os.access(os.path.dirname(path), os.W_OK):
        return
    fragment = f"{path}.{os.getpid()}"
    try:
        parts = dict(bundle.fitting)
        for name, module in tuple(sys.modules.items()):
            if name not in _LOADED_BEFORE and name not in parts and (part := _part(name, module, bundle)):
                parts[name] = part
        content = marshal.dumps((*_form(), parts))
        with open(fragment, "xb", buffering=0) as file:
            file.write(content)
        os.replace(fragment, path)
    except OSError:  # as with compiled files: the next run takes a moment longer
        return


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


def _part(name: str, module: ModuleType, bundle: CodeBundle) -> Part | None:
    """Return what is kept of a loaded *module*; ``None`` where it is of no concern, or of another bundle."""
    spec = getattr(module, "__spec__", None)  # ``typing.io`` is a class among the modules
    loader = spec.loader if spec else None
    if not isinstance(loader, external.SourceFileLoader) or getattr(loader, "bundle", bundle) is not bundle:
        return None
    below = loader.path.removeprefix(_library())
    is_library = below != loader.path and not below.startswith(("site-packages", "dist-packages"))
    if not (is_library or name.startswith(_PACKAGE)):
        return None
    source = os.stat(loader.path)
    code = loader.get_code(name)
    return (loader.path, source.st_mtime_ns, source.st_size, marshal.dumps(code)) if code else None
