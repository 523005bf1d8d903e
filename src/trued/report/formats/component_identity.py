"""What names a component in every bill of materials: its package URL, and the digests of its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.report.formats.quoting import one_line, web_address
from trued.report.inventory import SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trued.report.inventory import Component

__all__ = ["component_purl", "digest_lines"]

_LOCAL = (SourceKind.DIRECTORY, SourceKind.EDITABLE)


def component_purl(one: Component) -> str:
    """Return the package URL (ECMA-427) of *one*.

    ``pypi`` for what is a release; its qualifiers say from where when that is no default index
    (``repository_url``, ``download_url``, ``vcs_url``), and which file it is (``file_name``). What stands in
    a folder of the user's own is ``generic``: a release of that name on an index is somebody else's.
    """
    from packageurl import PackageURL

    kind = "generic" if one.source.kind in _LOCAL else "pypi"
    name, version = one_line(one.project), one_line(one.version)
    return PackageURL(kind, None, name, version or None, _qualifiers(one) or None).to_string()


def _qualifiers(one: Component) -> dict[str, str]:
    source = one.source
    if source.kind in _LOCAL:
        return {}
    found = {}
    if len(one.archives) == 1 and one.archives[0].filename:
        found["file_name"] = one_line(one.archives[0].filename)
    if source.kind is SourceKind.VCS and web_address(source.address):
        found["vcs_url"] = f"{one_line(source.vcs)}+{source.address}@{one_line(source.commit)}"
    elif source.kind is SourceKind.ARCHIVE and web_address(source.address):
        found["download_url"] = source.address
    elif web_address(source.index):
        found["repository_url"] = source.index
    return found


def digest_lines(one: Component) -> Iterator[str]:
    """Yield the digests of each of several files that may be installed."""
    for archive in one.archives if len(one.archives) > 1 else ():
        for digest in archive.digests:
            yield f"{archive.filename} {digest}".strip()
