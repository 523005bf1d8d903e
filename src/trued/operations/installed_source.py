"""Where an installed distribution came from, when no index offered it: ``direct_url.json`` read (PEP 610).

Anybody may have written that file. It is what the environment says of itself, and no proof.
"""

from __future__ import annotations

from trued.requirements.lock.model import DirectKind, DirectSource
from trued.requirements.model import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from trued.environment.installed import Installed
    from trued.requirements.model import Requirement

__all__ = ["difference", "local_path", "requirement_of", "source_of_installed"]


def source_of_installed(one: Installed) -> DirectSource | None:
    """Return the folder, repository or archive that *one* was installed from; ``None`` for an index's file.

    A folder's path is absolute; the digest of a repository's tree is the receipt's, where trued built it.
    """
    document = one.direct_url or {}
    url, subdirectory = document.get("url"), _text(document, "subdirectory")
    if one.is_editable:
        return DirectSource(
            kind=DirectKind.DIRECTORY,
            path=one.editable_location,
            editable=True,
            subdirectory=subdirectory,
        )
    if not isinstance(url, str) or not url:
        return None
    vcs = document.get("vcs_info")
    if isinstance(vcs, dict):
        return DirectSource(
            kind=DirectKind.VCS,
            url=url,
            vcs=_text(vcs, "vcs") or "git",
            commit_id=_text(vcs, "commit_id") or "",
            requested_revision=_text(vcs, "requested_revision"),
            subdirectory=subdirectory,
            tree_sha256=_tree(one),
        )
    path = local_path(url)
    kind = DirectKind.DIRECTORY if isinstance(document.get("dir_info"), dict) else DirectKind.ARCHIVE
    return DirectSource(kind=kind, url=None if path else url, path=path, subdirectory=subdirectory)


def requirement_of(one: Installed, source: DirectSource) -> str:
    """Return the line that asks for it again, as ``pip freeze`` writes it."""
    if source.editable:
        return f"-e {source.path}"
    fragment = f"#subdirectory={source.subdirectory}" if source.subdirectory else ""
    place = f"file://{_quoted(source.path)}" if source.path else source.url or ""
    if source.kind is DirectKind.VCS:
        return f"{one.name} @ {source.vcs}+{place}@{source.commit_id}{fragment}"
    return f"{one.name} @ {place}{fragment}"


def difference(one: Installed, line: Requirement) -> str:
    """Return in words how *one* came from elsewhere than *line* of a lock says; empty when it did not."""
    source = source_of_installed(one)
    if source is None:
        return f"the lock takes it from {line.text}, and it was installed from an index"
    if line.path is not None:
        is_same = source.path == line.path and source.editable is (line.kind is Kind.EDITABLE)
    else:
        is_same = line.url == f"{source.vcs}+{source.url}@{source.commit_id}" and line.tree_sha256 in (
            None,
            source.tree_sha256,
        )
    is_same = is_same and source.subdirectory == line.subdirectory
    return "" if is_same else f"the lock takes it from {line.text}, and it was built from {source}"


def _text(table: Mapping[str, Any], key: str) -> str | None:
    value = table.get(key)
    return value if isinstance(value, str) and value else None


def _tree(one: Installed) -> str | None:
    source = (one.receipt or {}).get("source")
    return _text(source, "tree") if isinstance(source, dict) else None


def local_path(url: str) -> str | None:
    """Return the path that a ``file:`` URL names; ``None`` for any other."""
    if not url.startswith("file://"):
        return None
    from urllib.request import url2pathname

    return url2pathname(url.removeprefix("file://"))


def _quoted(path: str) -> str:
    from urllib.request import pathname2url

    return pathname2url(path)
