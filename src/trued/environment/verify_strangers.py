"""What stands in an environment and belongs to no distribution: told by what it can do.

A module that nobody lists is imported like any other, and before a listed one of the same name where the
import system prefers its kind: a package before an extension module, that before a source file
(``importlib.machinery``, ``FileFinder``).
"""

from __future__ import annotations

import os

from trued.core.finding import Finding, Level
from trued.environment.scripts import is_reserved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trued.environment.verify_plan import Plan

    Stranger = tuple[str, str, str, str]

__all__ = ["is_startup", "stranger_findings"]

_NATIVE = (".so", ".pyd", ".dll", ".dylib")
_CODE = (".py", ".pyc", ".pyw", *_NATIVE)
_OWN = (".trued-",)
_CUSTOM = ("sitecustomize", "usercustomize")
_BESIDE_PROGRAMS = ("activate_this.py", "pydoc.bat")
"""What makers of virtual environments leave beside the interpreter."""
_BESIDE_PACKAGES = ("_virtualenv.py",)
"""What they leave among packages; looked at as a startup hook, as ``_virtualenv.pth`` imports it."""
_MOST_WALKED = 20_000


def is_startup(name: str) -> bool:
    """Tell whether a file of that name in a folder of packages is read when the interpreter starts."""
    lowered = name.lower()
    return lowered.endswith((".pth", ".start")) or lowered.partition(".")[0] in _CUSTOM


def stranger_findings(strangers: Iterable[Stranger], plan: Plan) -> Iterator[Finding]:
    """Yield TRU527 (belongs to nobody) or TRU540 (and is imported before what somebody installed)."""
    scripts, libraries = plan.roots["scripts"], plan.libraries
    for kind, folder, name, detail in strangers:
        path = f"{folder}/{name}"
        if folder == scripts and folder not in libraries:
            if not (is_reserved(name) or name in _BESIDE_PROGRAMS):
                yield _finding("TRU527", Level.ERROR, path, _reason(kind, detail, "a program"))
            continue
        if folder in libraries and (name.startswith(_OWN) or is_startup(name) or name in _BESIDE_PACKAGES):
            continue
        if (folder, name) in plan.claimed:
            owner = plan.distributions[plan.claimed[folder, name]]
            told = f"RECORD of {owner.name} lists it, and the wheel does not hold it"
            yield _finding("TRU527", Level.ERROR, path, told)
            continue
        yield from _judged(kind, folder, name, detail, plan)


def _judged(kind: str, folder: str, name: str, detail: str, plan: Plan) -> Iterator[Finding]:
    path = f"{folder}/{name}"
    files: Sequence[str] = _walked(path) if kind == "dir" else (name,)
    if kind == "dir" and not files:
        return
    is_code = kind in ("link", "other") or any(file.endswith(_CODE) for file in files)
    hidden = _hidden(kind, folder, name, files, plan) if is_code else ""
    if hidden:
        yield Finding(code="TRU540", subject=name, values={"path": path, "hidden": hidden})
        return
    what = f"a folder with {len(files)} files" if kind == "dir" else "code" if is_code else "data"
    yield _finding("TRU527", Level.ERROR if is_code else Level.WARNING, path, _reason(kind, detail, what))


def _hidden(kind: str, folder: str, name: str, files: Sequence[str], plan: Plan) -> str:
    """Return the listed module that is imported no longer because of what stands at *name*."""
    held = plan.folders.get(folder)
    stem = name.partition(".")[0]
    rank = _rank(name, is_package=kind in ("dir", "link") and (kind == "link" or "__init__.py" in files))
    if held is None or rank is None:
        return ""
    others = [
        (_rank(other, is_package=False), other) for other in held.files if other.partition(".")[0] == stem
    ]
    if stem in held.folders and stem != name:
        others.append((0, stem))
    hidden = sorted((place, other) for place, other in others if place is not None and place > rank)
    return hidden[0][1] if hidden else ""


def _rank(name: str, *, is_package: bool) -> int | None:
    """Return the place of a module of that file name in the order of importing."""
    if is_package:
        return 0
    if name.endswith(_NATIVE):
        return 1
    return 2 if name.endswith(".py") else 3 if name.endswith(".pyc") else None


def _walked(path: str) -> list[str]:
    """Return the files below *path*, relative to it, links as such; no more than are worth counting."""
    found: list[str] = []
    for folder, folders, names in os.walk(path):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        found += [os.path.relpath(os.path.join(folder, name), path) for name in (*names, *links)]
        if len(found) > _MOST_WALKED:
            break
    return found


def _reason(kind: str, detail: str, what: str) -> str:
    if kind == "link":
        return f"a link to {detail}"
    return "no file and no folder" if kind == "other" else what


def _finding(code: str, level: Level, path: str, reason: str) -> Finding:
    return Finding(
        code=code, level=level, subject=os.path.basename(path), values={"path": path, "reason": reason}
    )
