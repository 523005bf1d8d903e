"""An environment as an inventory: receipts, metadata, and the documents that packages carry."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trued.core.digest import Digest
from trued.core.evidence import Kind
from trued.environment.receipt import without_credentials
from trued.operations.inventory.address import other_index
from trued.operations.inventory.contained import contained_files
from trued.operations.inventory.described import links_of, people_of, stated_license
from trued.operations.inventory.embedded import embedded_documents
from trued.operations.inventory.graph import needs_of_installed, unneeded
from trued.report.inventory import Archive, Component, Inventory, ProofFact, Source, SourceKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from trued.core.finding import Finding
    from trued.core.names import ProjectName
    from trued.environment.installed import Installed
    from trued.environment.target import Target
    from trued.operations.freeze import FrozenRelease
    from trued.operations.session import Session
    from trued.proof.known.model import KnownFile

__all__ = ["inventory_of_installed"]

_KINDS = frozenset(kind.value for kind in Kind)


def inventory_of_installed(
    session: Session, *, subject: str, made: datetime, is_searching: bool, with_files: bool
) -> Inventory:
    """Return what is installed in the environment that the settings name, or in the folders of ``--path``.

    With *is_searching* the files of what another tool installed are looked for as ``trued freeze`` does.
    Raises: as :meth:`Session.find_target`.
    """
    target = session.find_target(writing=False)
    chosen = _chosen(session, target)
    needs = needs_of_installed(chosen, target.facts["markers"])
    gatherer = _Gatherer(session, target, needs, with_files=with_files)
    releases = _releases(session, chosen, target, is_searching=is_searching)
    components = [gatherer.component(release) for release in releases]
    return Inventory(
        subject=subject or _shown(target.prefix, session.cwd),
        is_lock=False,
        made=made,
        components=tuple(components),
        roots=unneeded(needs),
        facts=_facts(target),
        findings=tuple(gatherer.findings),
    )


def _shown(prefix: str, cwd: str) -> str:
    """Return the environment's folder as it is named from the working folder, where it is below it."""
    below = os.path.relpath(prefix, cwd)
    return prefix if below.startswith(os.pardir) else below


def _chosen(session: Session, target: Target) -> list[Installed]:
    """Return the distributions, of each project the first that programs find."""
    from trued.core.names import normalize
    from trued.operations.freeze import found_distributions

    found = found_distributions(session, target)
    left_out: set[str] = {normalize(name) for name in session.settings.exclude}
    by_project: dict[ProjectName, Installed] = {}
    for one in found:
        if one.project not in left_out:
            by_project.setdefault(one.project, one)
    return list(by_project.values())


def _releases(
    session: Session, chosen: Sequence[Installed], target: Target, *, is_searching: bool
) -> Sequence[FrozenRelease]:
    from trued.operations.freeze import proven_releases, recorded_releases

    return proven_releases(session, chosen, target) if is_searching else recorded_releases(chosen)


def _facts(target: Target) -> dict[str, str]:
    markers = target.facts["markers"]
    return {
        "implementation": markers["implementation_name"],
        "python": markers["python_full_version"],
        "platform": f"{markers['sys_platform']} {markers['platform_machine']}".strip(),
    }


class _Gatherer:
    """Makes components of what is installed; ``findings`` are what was found on the way."""

    def __init__(
        self,
        session: Session,
        target: Target,
        needs: Mapping[ProjectName, tuple[ProjectName, ...]],
        *,
        with_files: bool,
    ) -> None:
        from trued.operations.known import known_path

        self.findings: list[Finding] = []
        self._session = session
        self._prefix = target.prefix
        self._needs = needs
        self._with_files = with_files
        self._has_known = os.path.exists(known_path(session))

    def component(self, release: FrozenRelease) -> Component:
        """Return *release* as a component."""
        one = release.installed
        known = self._known(one)
        shown = os.path.relpath(one.folder, self._prefix).replace(os.sep, "/")
        documents, findings = embedded_documents(one.folder, shown=shown, subject=f"{one.name} {one.version}")
        self.findings += findings
        proofs = _proofs(one)
        receipt = one.receipt or {}
        return Component(
            key=one.project,
            project=one.project,
            name=one.name,
            version=one.version,
            source=_source(one, release.index),
            summary=one.summary,
            archives=_archives(release),
            unproven=release.reason,
            proofs=proofs if proofs or not release.files else _by_content(release),
            suppliers=_suppliers(proofs, known),
            license=stated_license(one.metadata),
            authors=people_of(one.metadata),
            links=links_of(one.metadata),
            needs=self._needs[one.project],
            files=contained_files(one, self._prefix) if self._with_files else (),
            documents=documents,
            installer=one.installer,
            installed=_text(receipt.get("time")),
            known_since=known.first_seen if known else "",
            level=_text(receipt.get("level")),
            folder=shown,
            requested=one.requested,
        )

    def _known(self, one: Installed) -> KnownFile | None:
        """Return what is known of the file that was installed, if these very bytes are known."""
        filename = (one.receipt or {}).get("filename")
        if not self._has_known or not isinstance(filename, str):
            return None
        known = self._session.known.look(one.project, filename)
        return known if known is not None and known.sha256 == one.sha256 else None


def _archives(release: FrozenRelease) -> tuple[Archive, ...]:
    """Return the one file that is installed."""
    return tuple(
        Archive(
            filename=file.filename,
            url=without_credentials(file.url),
            size=file.size,
            digests=(Digest("sha256", file.sha256),),
        )
        for file in release.files[:1]
    )


def _by_content(release: FrozenRelease) -> tuple[ProofFact, ...]:
    file = release.files[0]
    return (ProofFact(kind="content", authority=file.filename, detail=f"sha256:{file.sha256}"),)


def _proofs(one: Installed) -> tuple[ProofFact, ...]:
    found = (one.receipt or {}).get("evidence")
    return tuple(
        ProofFact(
            kind=_text(item.get("kind")),
            authority=_text(item.get("authority")),
            detail=_text(item.get("detail")),
            time=_text(item.get("time")),
        )
        for item in (found if isinstance(found, list) else ())
        if isinstance(item, dict) and item.get("kind") in _KINDS
    )


def _suppliers(proofs: Sequence[ProofFact], known: KnownFile | None) -> tuple[str, ...]:
    """Return the publishers whose identity was verified: of the receipt, else of the known files."""
    attested = [proof.authority for proof in proofs if proof.kind == Kind.ATTESTATION.value]
    if not attested and known is not None:
        from trued.proof.known.judgement import publishers_of

        attested = [publisher.identity for publisher in publishers_of(known)]
    return tuple(dict.fromkeys(filter(None, attested)))


def _source(one: Installed, index: str) -> Source:
    if one.is_editable:
        return Source(kind=SourceKind.EDITABLE, address=one.editable_location or "")
    document = one.direct_url or {}
    address = without_credentials(_text(document.get("url")))
    vcs = document.get("vcs_info")
    if isinstance(vcs, dict):
        return Source(
            kind=SourceKind.VCS,
            address=address,
            vcs=_text(vcs.get("vcs")),
            commit=_text(vcs.get("commit_id")),
        )
    if "dir_info" in document:
        return Source(kind=SourceKind.DIRECTORY, address=address)
    if address:
        return Source(kind=SourceKind.ARCHIVE, address=address)
    stated = index or _index(one)
    return Source(kind=SourceKind.INDEX if stated else SourceKind.UNKNOWN, index=other_index(stated))


def _index(one: Installed) -> str:
    source = (one.receipt or {}).get("source")
    return _text(source.get("index")) if isinstance(source, dict) else ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
