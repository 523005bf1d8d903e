"""A wheel that was built of the user's folder or repository, taken to the store and judged.

It has no digest that anybody chose before: what stands behind it is the user's own folder, or the commit
whose full name the user (or a lock, with the digest of the tree) wrote down.
"""

from __future__ import annotations

import os
from shutil import copyfile

from trued.core.distribution import Distribution
from trued.core.evidence import Evidence
from trued.core.evidence import Kind as Proof
from trued.operations.offer import Judged, Offer
from trued.requirements.lock.model import DirectKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.core.finding import Finding
    from trued.core.verdict import Verdict
    from trued.operations.acquire import Acquirer
    from trued.operations.direct import BuiltSource
    from trued.operations.session import Session
    from trued.requirements.lock.model import DirectSource
    from trued.requirements.wanted import Wanted
    from trued.store.manifest import Manifest

__all__ = ["address_of", "direct_url_data", "direct_url_text", "judge_source"]

_NO_PROOF = "TRU497"
"""A name that leads to a commit today: what ``permissive`` lets pass as it lets pass a file without proof."""


def judge_source(session: Session, acquirer: Acquirer, wanted: Wanted, one: BuiltSource) -> Judged:
    """Put the wheel of *one* into the store, and return its verdict. The store is in use.

    Raises: OSError; StoreUnusable.
    """
    from trued.operations.source_distribution import admit_built
    from trued.store.manifest import load

    built = one.built
    admission = admit_built(acquirer, built)
    manifest = load(admission.entry) if admission.entry else None
    if acquirer.keep_archives:
        copyfile(built.path, os.path.join(acquirer.keep_archives, built.sha256))
    distribution = Distribution(
        project=one.release.project,
        version=str(one.release.version),
        filename=built.filename,
        url=address_of(one.tree.direct),
        size=manifest["archive_bytes"] if manifest else None,
    )
    findings = (*one.tree.findings, *built.findings, *admission.findings, *_hooks(session, one, manifest))
    return Judged(
        offer=Offer(wanted=wanted, distribution=distribution, is_direct=True),
        verdict=_verdict(session, wanted, one, findings),
        digests={"sha256": built.sha256},
        entry=admission.entry,
        manifest=manifest,
        from_store=built.from_cache,
        built=built,
        direct=one.tree.direct,
    )


def address_of(direct: DirectSource) -> str:
    """Return the URL of a source as ``direct_url.json`` has it (PEP 610): of a folder its ``file:`` URL."""
    from urllib.request import pathname2url

    if direct.path is not None and direct.url is None:
        return f"file://{pathname2url(direct.path)}"
    return direct.url or ""


def direct_url_text(direct: DirectSource) -> bytes:
    """Return ``direct_url.json`` of a folder or repository (PEP 610)."""
    from trued.environment.receipt import direct_url

    url = address_of(direct)
    if direct.vcs is None:
        return direct_url(url, editable=direct.editable, subdirectory=direct.subdirectory)
    vcs = {"vcs": direct.vcs, "commit_id": direct.commit_id or ""}
    if direct.requested_revision:
        vcs["requested_revision"] = direct.requested_revision
    return direct_url(url, vcs=vcs, subdirectory=direct.subdirectory)


def direct_url_data(judged: Judged) -> dict[str, object] | None:
    """Return the same as data; ``None`` for what is a file."""
    import json

    if judged.direct is None:
        return None
    data: dict[str, object] = json.loads(direct_url_text(judged.direct))
    return data


def _hooks(session: Session, one: BuiltSource, manifest: Manifest | None) -> tuple[Finding, ...]:
    """Tell of startup hooks; an editable wheel is one by its nature (PEP 660), and the user asked for it."""
    from trued.core.names import normalize
    from trued.wheel.hooks import hook_findings
    from trued.wheel.model import StartupHook

    if manifest is None or one.tree.direct.editable:
        return ()
    return hook_findings(
        [
            StartupHook(path=path, sha256=sha256, kind=kind, known=known)
            for path, sha256, kind, known in manifest["hooks"]
        ],
        filename=manifest["filename"],
        project=one.release.project,
        allowed_projects=frozenset(normalize(name) for name in session.settings.allow_startup_hooks),
    )


def _verdict(session: Session, wanted: Wanted, one: BuiltSource, findings: tuple[Finding, ...]) -> Verdict:
    from trued.policy.judge import judge

    weak = [finding for finding in findings if finding.code == _NO_PROOF]
    evidence = () if weak else (_evidence(session, wanted, one),)
    return judge(
        one.built.filename,
        evidence=evidence,
        findings=[finding for finding in findings if finding.code != _NO_PROOF],
        unproven=lambda: weak[0],
        level=session.settings.level,
        exceptions=session.exceptions,
    )


def _evidence(session: Session, wanted: Wanted, one: BuiltSource) -> Evidence:
    direct, line = one.tree.direct, wanted.source
    tree = f"tree-sha256:{one.tree.content}" if one.tree.content else ""
    if direct.kind is not DirectKind.VCS:
        kind, detail = Proof.OWN_SOURCE, tree
    elif line.tree_sha256 is not None:
        kind, detail = Proof.TREE, tree
    else:
        kind, detail = Proof.COMMIT, f"git:{direct.commit_id} {tree}"
    return Evidence(
        sha256=one.built.sha256,
        kind=kind,
        authority=str(line.place),
        detail=detail,
        time=session.now,
    )
