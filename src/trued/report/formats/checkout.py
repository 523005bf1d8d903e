"""File names as a code host knows them: relative to the root of the repository, with ``/``."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

__all__ = ["Checkout"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """Where the repository is (``root``) and where the run was started (``folder``), both absolute or empty.

    GitHub names the root in ``GITHUB_WORKSPACE``, GitLab in ``CI_PROJECT_DIR``. Without a root the folder is
    taken for it; without both, names stay as they are.
    """

    root: str = ""
    folder: str = ""

    def path(self, file: str) -> str:
        """Return *file*, named as the user did, relative to the root; absolute when it lies elsewhere."""
        path = _with_slashes(file)
        if not _is_absolute(path):
            path = posixpath.join(_with_slashes(self.folder), path)
        path = posixpath.normpath(path)
        root = posixpath.normpath(_with_slashes(self.root or self.folder)).rstrip("/") + "/"
        return path.removeprefix(root) if _is_absolute(root) else path

    def uri(self, file: str) -> str:
        """Return *file* as a URI reference: relative inside the repository, else ``file:``."""
        from urllib.parse import quote

        path = self.path(file)
        if _is_absolute(path):
            return "file://" + quote(path if path.startswith("/") else f"/{path}", safe="/:")
        return quote(path)


def _with_slashes(path: str) -> str:
    """Return a path of Windows with slashes; elsewhere a backslash is a character like any other."""
    import os

    return path.replace("\\", "/") if os.name == "nt" else path


def _is_absolute(path: str) -> bool:
    return path.startswith("/") or (len(path) > 2 and path[1:3] == ":/" and path[0].isalpha())
