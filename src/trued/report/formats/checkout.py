"""File names as a code host knows them: relative to the root of the repository, with ``/``."""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Checkout", "checkout_around"]


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


def checkout_around(folder: str, environ: Mapping[str, str]) -> Checkout:
    """Return the repository that *folder* of a job lies in, by the variables of GitHub and GitLab.

    A job may check out its repository into a folder of its workspace; annotations count from there. The
    outermost repository counts, since what lies in it is a submodule.
    """
    stated = environ.get("GITHUB_WORKSPACE") or environ.get("CI_PROJECT_DIR") or ""
    folder = os.path.realpath(folder)
    if not stated:
        return Checkout(folder=folder)
    workspace = os.path.realpath(stated)
    parts = os.path.relpath(folder, workspace).split(os.sep) if folder.startswith(workspace + os.sep) else []
    within = [os.path.join(workspace, *parts[:count]) for count in range(len(parts) + 1)]
    root = next((one for one in within if os.path.lexists(os.path.join(one, ".git"))), workspace)
    return Checkout(root=root, folder=folder)


def _with_slashes(path: str) -> str:
    """Return a path of Windows with slashes; elsewhere a backslash is a character like any other."""
    return path.replace("\\", "/") if os.name == "nt" else path


def _is_absolute(path: str) -> bool:
    return path.startswith("/") or (len(path) > 2 and path[1:3] == ":/" and path[0].isalpha())
