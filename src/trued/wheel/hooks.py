"""Startup hooks: files that make the interpreter run a wheel's code at every start, imported or not.

``site`` runs the ``.pth`` lines that begin with ``import``, then imports ``sitecustomize`` and
``usercustomize``; from Python 3.15 on it also reads ``.start`` files (PEP 829). Several of the releases
hijacked in 2026 lived from this, so a wheel that holds one is refused unless the hook is known by its digest
or its project is allowed.
"""

from __future__ import annotations

import os
import posixpath

from trued.core.finding import Level
from trued.core.record import replace
from trued.wheel.faults import Faults
from trued.wheel.model import StartupHook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trued.core.finding import Finding
    from trued.core.names import ProjectName
    from trued.wheel.schemes import Placed

__all__ = ["LARGEST_LINES_FILE", "hook_candidates", "hook_findings", "hooks_among", "known_hooks"]

LARGEST_LINES_FILE = 1024 * 1024
"""Bytes up to which a ``.pth`` file is read; a larger one is a hook whatever is in it."""

_CUSTOM = frozenset({"sitecustomize", "usercustomize"})


def hook_candidates(placed: Iterable[Placed]) -> tuple[Placed, ...]:
    """Return the members that can be hooks by where they are installed.

    In the library folder ``.pth`` and ``.start`` count at the root, the customize modules at the root or in a
    folder that a ``.pth`` adds to the path. The data scheme can reach any folder of the environment, so there
    the name alone decides.
    """
    found = []
    for member in placed:
        lowered = member.target.lower()
        if lowered.endswith((".pth", ".start")):
            if member.scheme == "data" or (member.scheme == "library" and "/" not in lowered):
                found.append(member)
        elif "customize" in lowered and member.scheme in ("library", "data") and _customization(lowered):
            found.append(member)
    return tuple(found)


def _customization(target: str) -> tuple[str, str] | None:
    """Return module and folder of a ``sitecustomize`` or ``usercustomize``, as a file or as a package."""
    folder, _, name = target.lower().rpartition("/")
    stem = name.partition(".")[0]
    if stem == "__init__":
        folder, _, stem = folder.rpartition("/")
    return (stem, folder) if stem in _CUSTOM else None


def hooks_among(
    members: Iterable[Placed],
    *,
    project: ProjectName,
    sha256s: Mapping[str, str],
    contents: Mapping[str, bytes],
) -> tuple[StartupHook, ...]:
    """Return the hooks among the candidates of *project*; both mappings are by path in the archive.

    *contents* holds the ``.pth`` files of at most :data:`LARGEST_LINES_FILE` bytes.
    """
    members = tuple(members)
    if not members:
        return ()
    lines = {path: _lines(content) for path, content in contents.items()}
    added = frozenset(
        posixpath.normpath(line.lower()) for found in lines.values() for line in found if not _is_import(line)
    )
    known = known_hooks(project)
    hooks = []
    for member in members:
        kind = _kind(member, lines.get(member.path), added)
        if kind:
            sha256 = sha256s[member.path]
            hooks.append(StartupHook(path=member.path, sha256=sha256, kind=kind, known=known.get(sha256)))
    return tuple(hooks)


def _kind(member: Placed, lines: tuple[str, ...] | None, added: frozenset[str]) -> str | None:
    lowered = member.target.lower()
    if lowered.endswith(".start"):
        return "start"
    if lowered.endswith(".pth"):
        if lines is None or any(_is_import(line) for line in lines):
            return "pth-import"
        return "pth-outside" if any(_is_outside(line) for line in lines) else None
    module, folder = _customization(lowered) or ("", "")
    return module if member.scheme == "data" or not folder or folder in added else None


def _lines(content: bytes) -> tuple[str, ...]:
    """Return the lines that some version of ``site`` acts on, backslashes turned.

    Python up to 3.12 decodes by locale and ends lines at CR and LF, later ones read UTF-8 with a signature
    first and end lines as ``str.splitlines`` does; what any of them would run has to be seen.
    """
    texts = (content.decode("utf-8-sig", "replace"), content.decode("latin-1"))
    lines = (line.strip().replace("\\", "/") for text in texts for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def _is_import(line: str) -> bool:
    return line.startswith("import") and line[6:7].isspace()


def _is_outside(line: str) -> bool:
    path = posixpath.normpath(line)
    return path.startswith(("/", "../")) or path == ".." or path[1:2] == ":"


def known_hooks(project: ProjectName) -> dict[str, str]:
    """Return what each known good hook that *project* may hold is for, by the sha256 of its content.

    Most hooks import a module of their own project: in another one the same line runs other code. Only what
    needs nothing but the standard library is known for every project (``project`` is ``null``).
    """
    import json

    rows = json.loads(_known_text())
    return {row["sha256"]: row["why"] for row in rows if row["project"] in (None, project)}


def _known_text() -> bytes:
    """Return the list that lies beside this module.

    From a folder it is read as a file: importing ``importlib.resources`` takes longer than most wheels.
    """
    try:
        with open(f"{os.path.dirname(__file__)}/known_hooks.json", "rb") as file:
            return file.read()
    except OSError:
        from importlib.resources import files

        return files("trued.wheel").joinpath("known_hooks.json").read_bytes()


def hook_findings(
    hooks: Iterable[StartupHook],
    *,
    filename: str,
    project: ProjectName,
    allowed_projects: frozenset[ProjectName],
) -> tuple[Finding, ...]:
    """Return an error for each of a wheel's *hooks* that is not known by its digest, a note where allowed."""
    is_allowed = project in allowed_projects
    code = "TRU281" if is_allowed else "TRU280"
    faults = Faults(filename)
    for hook in hooks:
        if hook.known is None:
            faults.add(code, path=hook.path, sha256=hook.sha256, kind=hook.kind, project=project)
    if not is_allowed:
        return faults.findings
    return tuple(replace(one, level=Level.NOTE) for one in faults.findings)
