"""When files were uploaded, as far as the pages of the index that were kept tell; nothing is fetched."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trued.core.errors import TruedError
from trued.report.inventory import SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trued.core.names import ProjectName
    from trued.operations.session import Session
    from trued.report.inventory import Archive, Component, Inventory

__all__ = ["with_upload_times"]


def with_upload_times(session: Session, inventory: Inventory) -> Inventory:
    """Return *inventory* with the time of each archive that a kept page lists by the same sha256.

    The run has to be offline. What no page tells, or what cannot be read, stays without a time: it is the
    index's word, and nothing rests on it.
    """
    wanted: dict[str, list[ProjectName]] = {}
    for one in inventory.components:
        if _may_be_told(one):
            wanted.setdefault(one.source.index, []).append(one.project)
    times: dict[str, str] = {}
    for index, projects in wanted.items():
        times |= _times(session, index, projects)
    return replace(inventory, components=tuple(_dated(one, times) for one in inventory.components))


def _may_be_told(one: Component) -> bool:
    is_released = one.source.kind is SourceKind.INDEX
    return is_released and any(not archive.uploaded for archive in one.archives)


def _times(session: Session, index: str, projects: Iterable[ProjectName]) -> dict[str, str]:
    """Return the upload times by sha256, from the pages of *index* (empty: the default one)."""
    from trued.operations.indexes import index_client
    from trued.requirements.model import FileOptions

    settings = session.settings
    # The receipts say which index it was; what the settings name today may be another.
    session.settings = replace(
        settings, index_url=index or None, extra_index_urls=(), indexes=(), find_links=(), no_index=False
    )
    found: dict[str, str] = {}
    try:
        for _, page in index_client(session, FileOptions()).iter_pages(sorted(set(projects))):
            if page is None or isinstance(page, TruedError):
                continue
            found |= {
                digest.value: file.upload_time
                for file in page.files
                for digest in file.digests
                if file.upload_time and digest.algorithm == "sha256"
            }
    except TruedError:
        return found
    finally:
        session.settings = settings
    return found


def _dated(one: Component, times: Mapping[str, str]) -> Component:
    return replace(one, archives=tuple(_with_time(archive, times) for archive in one.archives))


def _with_time(archive: Archive, times: Mapping[str, str]) -> Archive:
    stated = next((times[each.value] for each in archive.digests if each.value in times), "")
    return replace(archive, uploaded=stated) if stated and not archive.uploaded else archive
