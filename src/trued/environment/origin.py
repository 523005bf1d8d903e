"""How trued made a virtual environment: its own files, and the interpreter that they lead to.

No RECORD speaks of ``pyvenv.cfg``, of the link to the interpreter or of the scripts that shells read, and
each of them decides what runs. ``.trued-environment.json`` is written once, when trued makes an environment;
of environments that others made nothing is known.
"""

from __future__ import annotations

import os

from trued.core.finding import Finding, Level
from trued.core.regular_file import open_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ORIGIN_FILE", "origin_findings", "python_in", "write_origin"]

ORIGIN_FILE = ".trued-environment.json"
_FORMAT = 1
_MOST = 1024 * 1024


def write_origin(prefix: str) -> None:
    """Write down what stands in the new environment at *prefix*. Raises: OSError."""
    import json

    files, links = _standing(prefix)
    python = os.path.realpath(python_in(prefix))
    document = {
        "format": _FORMAT,
        "files": files,
        "links": links,
        "interpreter": {"path": python, "sha256": _digest(python)},
    }
    path = os.path.join(prefix, ORIGIN_FILE)
    with open(path, "x", encoding="ascii") as file:
        json.dump(document, file, indent=1)
        file.write("\n")


def origin_findings(prefix: str) -> Iterator[Finding]:
    """Yield TRU568 for each of the environment's own files that is not as it was made.

    And TRU569 for the interpreter, which an update of the system changes too. Nothing is told of what others
    made.
    """
    import json

    path = os.path.join(prefix, ORIGIN_FILE)
    try:
        with open_regular(path) as file:
            document = json.loads(file.read(_MOST))
        files, links = dict(document["files"]), dict(document["links"])
        python, sha256 = str(document["interpreter"]["path"]), document["interpreter"]["sha256"]
    except FileNotFoundError:
        return
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        yield _changed(prefix, ORIGIN_FILE, "it is not what trued wrote")
        return
    for name, digest in files.items():
        found = _digest(_inside(prefix, name))
        if found != digest:
            yield _changed(prefix, name, "it has other content" if found else "it is gone, or no file")
    for name, destination in links.items():
        found = _link(_inside(prefix, name))
        if found != destination:
            yield _changed(
                prefix, name, f"it leads to {found}" if found else f"it was a link to {destination}"
            )
    if _digest(python) != sha256:
        values = {"path": python}
        yield Finding(code="TRU569", level=Level.NOTE, subject=os.path.basename(python), values=values)


def _standing(prefix: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the files with their digests, and the links with where they lead, by paths below *prefix*."""
    files, links = {}, {}
    for folder, folders, names in os.walk(prefix):
        for name in (*folders, *names):
            path = os.path.join(folder, name)
            inside = os.path.relpath(path, prefix)
            if os.path.islink(path):
                links[inside] = os.readlink(path)
            elif name in names:
                files[inside] = _digest(path)
    return files, links


def _inside(prefix: str, name: object) -> str:
    """Return the path of *name*, which cannot lead out of the environment."""
    path = os.path.normpath(os.path.join(prefix, str(name)))
    return path if path.startswith(prefix + os.sep) else os.path.join(prefix, "\N{REPLACEMENT CHARACTER}")


def _digest(path: str) -> str:
    """Return the sha256 of a plain file, empty when there is none that can be read."""
    import hashlib

    try:
        if os.path.islink(path):
            return ""
        with open_regular(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):  # any text may stand there as a path
        return ""


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except (OSError, ValueError):
        return ""


def python_in(prefix: str) -> str:
    """Return the path of the interpreter in the environment at *prefix*."""
    return os.path.join(prefix, "Scripts", "python.exe") if os.name == "nt" else f"{prefix}/bin/python"


def _changed(prefix: str, name: str, reason: str) -> Finding:
    path = os.path.join(prefix, name)
    return Finding(code="TRU568", subject=os.path.basename(name), values={"path": path, "reason": reason})
