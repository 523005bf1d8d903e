"""Dependencies of a project that stand where trued does not look: elsewhere in its file, or in a program.

A lock without them would be one of nothing, and look like one of everything.
"""

from __future__ import annotations

import os

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Unread", "unread_dependencies"]

_BACKEND = (
    "run `trued lock .`, which asks the build backend in a sandbox, or write them into [project] dependencies"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Where the dependencies are, a word that is near to them in the file, and what to do."""

    where: str
    near: str
    todo: str


def unread_dependencies(document: Mapping[str, object], folder: str) -> Unread | None:
    """Return where the dependencies of the ``pyproject.toml`` *document* in *folder* are, if not in it.

    PEP 621 has them in ``[project] dependencies``, and calls those dynamic that a build backend finds.
    """
    project, tool = document.get("project"), _table(document.get("tool"))
    if isinstance(project, dict) and "dependencies" in project:
        return None
    dynamic = project.get("dynamic") if isinstance(project, dict) else None
    is_dynamic = isinstance(dynamic, list) and "dependencies" in dynamic
    found = _of_poetry(tool, folder) or _of_flit(tool)
    if found is not None or (isinstance(project, dict) and not is_dynamic):
        return found
    files = _setuptools_files(tool) if is_dynamic else ()
    if files:
        options = " ".join(f"-r {name}" for name in files)
        todo = f"run `trued lock {options}`"
        return Unread(where=f"in {', '.join(files)}, which setuptools reads", near="dynamic", todo=todo)
    if is_dynamic:
        return Unread(
            where="what only its build backend knows, since they are dynamic", near="dynamic", todo=_BACKEND
        )
    return _of_setuptools(folder) or _of_nothing(document)


def _of_poetry(tool: Mapping[str, object], folder: str) -> Unread | None:
    stated = _table(_table(tool.get("poetry")).get("dependencies"))
    if not set(stated) - {"python"}:
        return None
    todo = "run `poetry lock` and then `trued migrate`, or write them into [project] dependencies"
    if os.path.isfile(os.path.join(folder, "poetry.lock")):
        todo = "run `trued migrate`, which reads poetry.lock, or install that: `trued sync poetry.lock`"
    near = "[tool.poetry.dependencies]"
    return Unread(where=f"in {near}, which Poetry reads", near=near, todo=todo)


def _of_flit(tool: Mapping[str, object]) -> Unread | None:
    near = "[tool.flit.metadata]"
    if not _table(_table(tool.get("flit")).get("metadata")).get("requires"):
        return None
    return Unread(where=f"in {near}, which flit reads", near=near, todo=_BACKEND)


def _of_setuptools(folder: str) -> Unread | None:
    from trued.operations.migration.setup_cfg import states_requirements

    if states_requirements(folder):
        todo = "run `trued migrate`, which reads setup.cfg, or write them into [project] dependencies"
        return Unread(where="in setup.cfg, which setuptools reads", near="", todo=todo)
    if os.path.isfile(os.path.join(folder, "setup.py")):
        return Unread(where="in setup.py, which is a program", near="", todo=_BACKEND)
    return None


def _of_nothing(document: Mapping[str, object]) -> Unread | None:
    """Return that it says nothing of dependencies, unless it holds groups of them (PEP 735)."""
    if "dependency-groups" in document:
        return None
    todo = "write a [project] table with dependencies, or name requirements, or a file of them with -r"
    return Unread(where="nowhere in it: it has no [project] table", near="", todo=todo)


def _setuptools_files(tool: Mapping[str, object]) -> tuple[str, ...]:
    """Return the files of ``[tool.setuptools.dynamic] dependencies = {file = …}``."""
    dynamic = _table(_table(_table(tool.get("setuptools")).get("dynamic")).get("dependencies"))
    stated = dynamic.get("file")
    names = [stated] if isinstance(stated, str) else stated
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()


def _table(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
