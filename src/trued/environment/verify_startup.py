"""What an interpreter runs at its start in this environment, and whether anything stands for it.

``site`` reads every ``.pth`` file of a folder of packages and imports ``sitecustomize``; from Python 3.15
on it reads ``.start`` files (PEP 829). RECORD lists such a file when its wheel held it, and says nothing of
whether that was ever looked at; a wheel that trued proved was judged when it came.
"""

from __future__ import annotations

import os

from trued.core.finding import Finding, Level
from trued.core.names import normalize
from trued.environment.verify_strangers import is_startup
from trued.store.rehash import sha256
from trued.wheel.hooks import LARGEST_LINES_FILE, hooks_among
from trued.wheel.schemes import Placed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from trued.core.names import ProjectName
    from trued.environment.verify_plan import Plan

__all__ = ["startup_findings"]

_NOBODY = ""
_VIRTUALENV = frozenset(
    {
        "69ac3d8f27e679c81b94ab30b3b56e9cd138219b1ba94a1fa3606d5a76a1433d",  # _virtualenv.pth
        "0f20351ea7e90039c46d3fabdef991f28b1e3ff33eb13ee6f0d5cd21ea0e8b14",  # _virtualenv.py of 20.26
        "07584d2a5d13e0811eb567d78ed2aca0fb60e7defff59a01ca7a48d907bdea51",  # _virtualenv.py of 2026
    }
)
"""What virtualenv puts into each environment, and no RECORD lists: it keeps distutils from leaving it."""


def startup_findings(
    plan: Plan,
    *,
    proven: AbstractSet[int],
    faulty: AbstractSet[tuple[str, str]],
    allowed: AbstractSet[ProjectName],
) -> Iterator[Finding]:
    """Yield TRU539 for what runs at the start and is neither proven, nor known by its digest, nor *allowed*.

    *proven* are the numbers of distributions whose files are compared with a proven wheel; *faulty* are the
    (folder, name) of files that are not what they should be.
    """
    for library in plan.libraries:
        for name in _names(library):
            if not (is_startup(name) or name == "_virtualenv.py"):
                continue
            wanted = plan.wanted(library, name)
            if wanted is None:
                yield from _judged(library, name, normalize(_NOBODY), "")
                continue
            number, is_intact = wanted[4], (library, name) not in faulty
            owner = plan.distributions[number]
            if not (owner.is_editable or (is_intact and (number in proven or owner.project in allowed))):
                yield from _judged(library, name, owner.project, owner.name)


def _judged(library: str, name: str, project: ProjectName, owner: str) -> Iterator[Finding]:
    path = os.path.join(library, name)
    content = _content(path)
    digest = sha256(content, usedforsecurity=False).hexdigest() if content is not None else ""
    if digest in _VIRTUALENV:
        return
    hooks = hooks_among(
        (Placed(path=name, scheme="library", target=name),),
        project=project,
        sha256s={name: digest},
        contents={name: content} if content is not None and name.lower().endswith(".pth") else {},
    )
    kinds = [hook.kind for hook in hooks if hook.known is None]
    is_known = any(hook.known is not None for hook in hooks)
    if name == "_virtualenv.py":
        kinds = ["imported by _virtualenv.pth"]
    if os.path.isdir(path) and not kinds:
        kinds = ["package"]
    if not (owner or kinds or is_known):
        kinds = ["path"]  # what it adds to the path is imported from, though it runs nothing itself
    for kind in kinds:
        values = {"path": path, "kind": kind, "sha256": digest or "not read", "owner": owner or "nobody"}
        level = Level.WARNING if kind == "path" else Level.ERROR
        yield Finding(code="TRU539", level=level, subject=name, values=values)


def _content(path: str) -> bytes | None:
    """Return the content; ``None`` for what is no plain file or too large to be read as lines."""
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > LARGEST_LINES_FILE:
            return None
        with open(path, "rb") as file:
            return file.read(LARGEST_LINES_FILE)
    except OSError:
        return None


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
