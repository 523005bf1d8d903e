"""Where the parts of a wheel go: the roots of the five schemes for each kind of target.

The rules are pip's: a virtual environment has its headers below ``include/site/pythonX.Y``, ``--target``
takes packages into the folder itself, ``--root`` puts every path below another root.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.environment.facts import Facts, Roots

__all__ = [
    "below_root",
    "folder_roots",
    "interpreter_roots",
    "prefix_roots",
    "user_roots",
    "virtual_headers",
    "virtual_roots",
]


def virtual_roots(facts: Facts, prefix: str) -> Roots:
    """Return the roots of the virtual environment at *prefix*."""
    roots = _filled(facts["templates"]["venv"], prefix)
    roots["headers"] = virtual_headers(facts, prefix)
    return _merged(roots)


def virtual_headers(facts: Facts, prefix: str) -> str:
    """Return the folder of headers below *prefix* as virtual environments have it."""
    major, minor = facts["version_info"][:2]
    return os.path.join(prefix, "include", "site", f"python{major}.{minor}")


def interpreter_roots(facts: Facts) -> Roots:
    """Return the roots of the interpreter itself, outside any virtual environment."""
    return _merged(dict(facts["paths"]))


def prefix_roots(facts: Facts, prefix: str) -> Roots:
    """Return the roots below ``--prefix``."""
    return _merged(_filled(facts["templates"]["prefix"], prefix))


def user_roots(facts: Facts, environ: Mapping[str, str]) -> Roots:
    """Return the roots of ``--user``: ``PYTHONUSERBASE``, else the interpreter's own user folder."""
    base = environ.get("PYTHONUSERBASE") or facts["user_base"]
    if base.startswith("~"):
        base = environ.get("HOME", os.path.expanduser("~")) + base[1:]
    base = base.replace("%APPDATA%", environ.get("APPDATA", "%APPDATA%"))
    return _merged(_filled(facts["templates"]["user"], os.path.abspath(base)))


def folder_roots(folder: str) -> Roots:
    """Return the roots of ``--target``: packages in *folder* itself, the rest below it."""
    return {
        "purelib": folder,
        "platlib": folder,
        "scripts": os.path.join(folder, "Scripts" if os.name == "nt" else "bin"),
        "headers": os.path.join(folder, "include", "python"),
        "data": folder,
    }


def below_root(roots: Roots, root: str) -> Roots:
    """Return *roots*, each below ``--root``: the drive and the leading separator are dropped."""
    return {
        scheme: os.path.join(root, os.path.splitdrive(path)[1].lstrip("/\\"))
        for scheme, path in roots.items()
    }


def _filled(template: Roots, prefix: str) -> Roots:
    return {scheme: prefix + path[1:] for scheme, path in template.items()}


def _merged(roots: Roots) -> Roots:
    """Name one folder once: ``lib64`` is a link to ``lib`` where distributions keep the two apart."""
    if roots["platlib"] != roots["purelib"]:
        try:
            if os.path.samefile(roots["platlib"], roots["purelib"]):
                roots["platlib"] = roots["purelib"]
        except OSError:
            pass
    return roots
