"""Target paths of a signed index: what each page and file is called in its TUF metadata.

One rule for all of them: a target's path is its address relative to the *base* of the index, decoded
(``docs/reference/signed-index.md``). PEP 458 gives no literal format; the TUF specification asks for a path
relative to the base URL of targets (section 4.5, TARGETPATH). LEAN.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from trued.core.names import ProjectName

    PageKind = Literal["json", "html"]

__all__ = [
    "BIN_PREFIX",
    "FILES",
    "METADATA",
    "PAGES",
    "base_of_index",
    "file_path",
    "hashed_path",
    "is_target_path",
    "list_path",
    "metadata_base",
    "metadata_path",
    "page_path",
    "path_of_url",
    "provenance_path",
]

PAGES = "simple"
"""Folder of the pages below the base; an index's own address is ``BASE/simple/``."""

FILES = "files"
"""Folder of wheels and sdists below the base, one folder a project in it."""

METADATA = "metadata"
"""Folder of the TUF metadata below the base."""

BIN_PREFIX = "bins"
"""Begin of the names of the delegated roles (TAP 15): ``bins-00``, ``bins-01``, …"""

_PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._+!~/"
_WITHOUT_PLAIN = dict.fromkeys(map(ord, _PLAIN))
"""What takes every character out of a path that a target's path may have; a million are looked at."""


def page_path(project: ProjectName, kind: PageKind) -> str:
    """Return the target path of a project's page; *project* is normalised."""
    return f"{PAGES}/{project}/index.{kind}"


def list_path(kind: PageKind) -> str:
    """Return the target path of the list of all projects."""
    return f"{PAGES}/index.{kind}"


def file_path(project: ProjectName, filename: str) -> str:
    """Return the target path that ``trued index`` gives to a wheel or sdist.

    A client does not build it but takes :func:`path_of_url` of the address that the signed page names.
    """
    return f"{FILES}/{project}/{filename}"


def metadata_path(file: str) -> str:
    """Return the target path of the PEP 658 sidecar of the wheel whose target path is *file*."""
    return f"{file}.metadata"


def provenance_path(file: str) -> str:
    """Return the target path of the PEP 740 provenance of the file whose target path is *file*."""
    return f"{file}.provenance"


def base_of_index(index_url: str) -> str | None:
    """Return the base (with a slash at its end) of the index at *index_url*, ``…/simple/`` by convention.

    ``None`` when the address has no such end: the base must then be told apart.
    """
    trimmed = index_url.rstrip("/")
    return trimmed[: -len(PAGES)] if trimmed.endswith(f"/{PAGES}") else None


def metadata_base(base: str) -> str:
    """Return the address below which the TUF metadata lies."""
    return f"{base.rstrip('/')}/{METADATA}/"


def path_of_url(url: str, *, base: str) -> str | None:
    """Return the target path of what lies at the absolute address *url*.

    ``None`` when it does not lie below *base*, or when its path is none that a target can have: such a
    thing is vouched for by nobody. Fragment and query are the caller's to remove.
    """
    if not base.endswith("/"):
        base += "/"
    if not url.startswith(base):
        return None
    tail = url[len(base) :]
    if "%" in tail:
        tail = _decoded(tail)
    return tail if is_target_path(tail) else None


def is_target_path(path: str) -> bool:
    """Tell whether *path* can be a target's: plain ASCII, relative, no empty, ``.`` or ``..`` part."""
    between = f"/{path}/"
    return (
        "//" not in between
        and "/./" not in between
        and "/../" not in between
        and not path.translate(_WITHOUT_PLAIN)
    )


def hashed_path(path: str, sha256: str) -> str:
    """Return where the target lies on the server: ``HASH.NAME`` (TUF specification, consistent snapshots)."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{sha256}.{name}"


def _decoded(text: str) -> str:
    from urllib.parse import unquote

    return unquote(text, errors="replace")
