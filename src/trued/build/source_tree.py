"""What ``pyproject.toml`` says about building a tree (PEP 518, PEP 517)."""

from __future__ import annotations

import os

from trued.core.errors import UsageError
from trued.core.finding import Finding, Place
from trued.core.record import dataclass
from trued.core.regular_file import open_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LEGACY_BACKEND", "LEGACY_REQUIRES", "BuildSystem", "read_build_system"]

LEGACY_BACKEND = "setuptools.build_meta:__legacy__"
"""What stands for a backend where none is named (PEP 517, "Source trees")."""
LEGACY_REQUIRES = ("setuptools>=40.8.0",)
"""The first release with that backend, as pip asks for it."""

_BYTES = 4 * 1024 * 1024
_KEYS = ("requires", "build-backend", "backend-path")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSystem:
    """The ``[build-system]`` table, or what stands for it where there is none (``is_legacy``)."""

    requires: tuple[str, ...]
    backend: str
    backend_path: tuple[str, ...] = ()
    is_legacy: bool = False


def read_build_system(folder: str, *, shown: str = "") -> BuildSystem:
    """Return how the source tree in *folder* is built; *shown* is what the user calls the folder.

    Raises:
        UsageError: It is no source tree (TRU450), its table is not what PEP 518 says (TRU448), or
            ``backend-path`` leads out of it (TRU449); all that is wrong is told together.

    """
    path = os.path.join(folder, "pyproject.toml")
    table = _Table(os.path.join(shown or folder, "pyproject.toml"))
    if not os.path.lexists(path):
        if not os.path.isfile(os.path.join(folder, "setup.py")):
            raise UsageError(Finding(code="TRU450", subject=shown or folder))
        return BuildSystem(requires=LEGACY_REQUIRES, backend=LEGACY_BACKEND, is_legacy=True)
    system = table.read(path, folder)
    if table.findings or system is None:
        raise UsageError(*table.findings)
    return system


class _Table:
    """Reads one ``pyproject.toml`` and collects what is wrong with it."""

    def __init__(self, shown: str) -> None:
        self.findings: list[Finding] = []
        self._shown = shown
        self._lines: list[str] = []

    def read(self, path: str, folder: str) -> BuildSystem | None:
        document = self._document(path)
        if document is None:
            return None
        if "build-system" not in document:
            return BuildSystem(requires=LEGACY_REQUIRES, backend=LEGACY_BACKEND, is_legacy=True)
        table = document["build-system"]
        if not isinstance(table, dict):
            self._fault("build-system", "it is no table")
            return None
        for key in sorted(set(table) - set(_KEYS)):
            self._fault(key, "the table has no such key")
        requires = self._requires(table)
        backend = self._backend(table)
        return BuildSystem(
            requires=requires,
            backend=backend or LEGACY_BACKEND,
            backend_path=self._backend_path(table, folder),
            is_legacy=not backend,
        )

    def _document(self, path: str) -> Mapping[str, object] | None:
        import tomllib

        try:
            with open_regular(path) as file:  # a hook that ran before may have put a pipe there
                data = file.read(_BYTES + 1)
        except OSError as error:
            self._fault("", f"it cannot be read: {error.strerror}")
            return None
        if len(data) > _BYTES:
            self._fault("", f"it has more than {_BYTES} bytes")
            return None
        try:
            text = data.decode()
            self._lines = text.splitlines()
            return tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            self._not_toml(str(error))
            return None

    def _not_toml(self, said: str) -> None:
        line = said.partition("(at line ")[2].partition(",")[0]
        last = len(self._lines) if "(at end of document)" in said else 0
        self._fault("", f"it is not TOML: {said}", line=int(line) if line.isdecimal() else last)

    def _requires(self, table: Mapping[str, object]) -> tuple[str, ...]:
        from packaging.requirements import InvalidRequirement

        from trued.requirements.pep508 import read_line

        if "requires" not in table:
            self._fault(
                "requires", "it is missing, and PEP 518 demands it", line=self._line("[build-system]")
            )
        for text in (known := self._texts(table, "requires")):
            try:
                read_line(text)
            except InvalidRequirement as error:
                self._fault("requires", f"{text!r} is no requirement: {str(error).splitlines()[0]}")
        return known

    def _backend(self, table: Mapping[str, object]) -> str:
        backend = table.get("build-backend", "")
        if not isinstance(backend, str):
            self._fault("build-backend", "it is no text")
            return ""
        module, colon, attribute = backend.partition(":")
        parts = [*module.split("."), *(attribute.split(".") if colon else [])]
        if "build-backend" in table and not all(part.isidentifier() for part in parts):
            self._fault("build-backend", f"{backend!r} names no object: module.name or module.name:object")
        return backend

    def _backend_path(self, table: Mapping[str, object], folder: str) -> tuple[str, ...]:
        root = os.path.realpath(folder)
        paths = self._texts(table, "backend-path")
        for path in paths:
            real = os.path.realpath(os.path.join(root, path))
            leads_up = os.path.normpath(path).split(os.sep)[0] == ".."
            if os.path.isabs(path) or leads_up or "\\" in path or os.path.commonpath([root, real]) != root:
                place = Place(self._shown, self._line("backend-path"))
                self.findings.append(
                    Finding(code="TRU449", subject=self._shown, place=place, values={"path": path})
                )
        if paths and "build-backend" not in table:
            self._fault("backend-path", "it stands without build-backend")
        return paths

    def _texts(self, table: Mapping[str, object], key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self._fault(key, "it is no list of texts")
            return ()
        return tuple(value)

    def _fault(self, key: str, reason: str, *, line: int = 0) -> None:
        place = Place(self._shown, line or (self._line(key) if key else 0))
        told = f"{key}: {reason}" if key else reason
        self.findings.append(
            Finding(code="TRU448", subject=self._shown, place=place, values={"reason": told})
        )

    def _line(self, start: str) -> int:
        """Return the first line that begins with *start*, counted from 1; 0 when none does."""
        for number, line in enumerate(self._lines, 1):
            if line.strip().strip("[]\"'").startswith(start.strip("[]")):
                return number
        return 0
