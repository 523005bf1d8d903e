"""A lock as an inventory: the files that it admits, and nothing that only a file inside them would say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.evidence import Kind
from trued.environment.receipt import without_credentials
from trued.operations.inventory.address import other_index
from trued.report.inventory import Archive, Component, Inventory, ProofFact, Source, SourceKind
from trued.requirements.lock.model import DirectKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from trued.operations.session import Session
    from trued.requirements.lock.model import LockedFile, LockedPackage

__all__ = ["inventory_of_lock"]


def inventory_of_lock(session: Session, shown: str, *, made: datetime) -> Inventory:
    """Return what the lock *shown* holds. Raises: as :func:`trued.operations.lock_text.read_lock`."""
    from trued.core.names import normalize
    from trued.operations.lock_text import read_lock
    from trued.operations.tree import graph_of_lock

    lock = read_lock(session, shown)
    left_out: set[str] = {normalize(name) for name in session.settings.exclude}
    packages = sorted(
        (one for one in lock.packages if one.project not in left_out),
        key=lambda one: (one.project, one.version or "", one.marker or "", str(one.direct or "")),
    )
    keys = _keys(packages)
    graph = graph_of_lock(lock, shown)
    roots = {(node.project, node.version) for node in graph.roots}
    components = tuple(_component(one, keys) for one in packages)
    return Inventory(
        subject=shown,
        is_lock=True,
        made=made,
        components=components,
        roots=tuple(keys[id(one)] for one in packages if (one.project, one.version or "") in roots),
        facts={"requires-python": lock.requires_python} if lock.requires_python else {},
    )


def _keys(packages: list[LockedPackage]) -> dict[int, str]:
    """Return a name of its own for each entry: a lock may hold one release twice, for other markers."""
    taken: dict[str, int] = {}
    keys = {}
    for one in packages:
        base = f"{one.project}@{one.version}" if one.version else str(one.project)
        taken[base] = taken.get(base, 0) + 1
        keys[id(one)] = base if taken[base] == 1 else f"{base}#{taken[base]}"
    return keys


def _component(one: LockedPackage, keys: Mapping[int, str]) -> Component:
    digests = [file for file in one.files if file.digests]
    return Component(
        key=keys[id(one)],
        project=one.project,
        name=one.project,
        version=one.version or "",
        source=_source(one),
        archives=tuple(_archive(file) for file in digests),
        unproven="" if digests else _reason(one),
        proofs=(ProofFact(kind=Kind.PIN.value, authority=_place(one)),) if digests else (),
        suppliers=_publishers(one),
        needs=_needs(one, keys),
    )


def _needs(one: LockedPackage, keys: Mapping[int, str]) -> tuple[str, ...]:
    wanted = {(dependency.project, dependency.version) for dependency in one.dependencies}
    found = []
    for key in keys.values():
        project, _, version = key.partition("#")[0].partition("@")
        if (project, None) in wanted or (project, version) in wanted:
            found.append(key)
    return tuple(sorted(set(found) - {keys[id(one)]}))


def _archive(file: LockedFile) -> Archive:
    return Archive(
        filename="" if file.filename == str(file.digests[0]) else file.filename,
        url=without_credentials(file.url or ""),
        size=file.size,
        digests=file.digests,
        uploaded=file.upload_time or "",
    )


def _source(one: LockedPackage) -> Source:
    direct = one.direct
    if direct is None:
        return Source(kind=SourceKind.INDEX, index=other_index(one.index or ""))
    address = without_credentials(direct.url or direct.path or "")
    if direct.kind is DirectKind.VCS:
        return Source(
            kind=SourceKind.VCS, address=address, vcs=direct.vcs or "git", commit=direct.commit_id or ""
        )
    if direct.kind is DirectKind.ARCHIVE:
        return Source(kind=SourceKind.ARCHIVE, address=address)
    return Source(kind=SourceKind.EDITABLE if direct.editable else SourceKind.DIRECTORY, address=address)


def _reason(one: LockedPackage) -> str:
    if one.direct is None:
        return "the lock has no digest of it"
    kind = "repository" if one.direct.kind is DirectKind.VCS else "folder"
    return f"it comes from a {kind}, which has no digest"


def _place(one: LockedPackage) -> str:
    return str(one.place) if one.place is not None else ""


def _publishers(one: LockedPackage) -> tuple[str, ...]:
    from trued.proof.publisher import Publisher, UnknownPublisher

    found = []
    for identity in one.attestation_identities:
        try:
            found.append(Publisher.from_identity(identity).identity)
        except UnknownPublisher:
            continue
    return tuple(dict.fromkeys(found))
