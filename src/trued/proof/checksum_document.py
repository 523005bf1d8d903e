"""The proof called checksum document: a list signed by somebody the user named has the file's digest.

The signature is verified before a byte of the list is read, and only what it covers is read. A document has a
date, which is inside what is signed; an older edition than the newest that was seen is refused, because a
list of last year vouches for last year's files.

Each policy file that has documents for a project must be satisfied by one of them: a document that a
project's own file names cannot stand in for the user's. A document that lists the file with another digest
refuses it, whatever the others say.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from trued.core.evidence import Evidence, Kind
from trued.core.finding import Finding, Level, Place
from trued.proof.checksum_list import ChecksumList, read_checksum_list
from trued.proof.minisign import MinisignRule, verify_minisign
from trued.proof.openpgp import OpenPgpRule, verify_clear_signed, verify_document
from trued.proof.signed import Signed, spelled
from trued.proof.sigstore_bundle import SigstoreRule, verify_bundle
from trued.proof.subject import Proof

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from trued.core.limits import Limits
    from trued.proof.signed import Signer
    from trued.proof.subject import ProofSubject
    from trued.proof.trusted_root import TrustedRoot

__all__ = ["ChecksumDocument", "ChecksumRule", "DocumentMemory", "KnownEdition", "open_document", "prove"]

_SUFFIXES = {
    OpenPgpRule: (".asc", ".sig", ".gpg"),
    MinisignRule: (".minisig",),
    SigstoreRule: (".sigstore.json", ".sigstore"),
}


class KnownEdition(Protocol):
    """The newest edition of a document that was seen; ``edition`` is its date, RFC 3339 UTC."""

    @property
    def edition(self) -> str:
        """The date."""

    @property
    def sha256(self) -> str:
        """The sha256 of the signed bytes."""


class DocumentMemory(Protocol):
    """Remembers the newest edition of each document, over runs."""

    def document(self, name: str) -> KnownEdition | None:
        """Return the newest edition seen of the document *name*."""

    def remember_document(self, name: str, *, edition: str, sha256: str) -> None:
        """Keep this edition, unless a newer one is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksumRule:
    """Files of *project* (a normalised name or a glob) are listed in a signed document.

    ``document`` and ``signature`` are paths or URLs; ``{project}`` and ``{version}`` in them are filled in.
    Without ``signature`` the document is clear-signed, or its signature lies beside it.
    """

    project: str
    document: str
    signer: OpenPgpRule | MinisignRule | SigstoreRule
    signature: str = ""
    place: Place | None = None

    def covers(self, project: str) -> bool:
        """Tell whether the rule is about *project*, a normalised name."""
        from fnmatch import fnmatchcase

        return fnmatchcase(project, self.project)

    def document_for(self, project: str, version: str) -> str:
        """Return where the document for a release is."""
        return _filled(self.document, project, version)

    def signatures_for(self, project: str, version: str) -> tuple[str, ...]:
        """Return where its signature may be: as stated, or else the document's address with each suffix."""
        if self.signature:
            return (_filled(self.signature, project, version),)
        document = self.document_for(project, version)
        return tuple(document + suffix for suffix in _SUFFIXES[type(self.signer)])


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksumDocument:
    """One document after its signature was looked at. ``name`` is where it came from, without credentials.

    ``edition`` is its date, RFC 3339 UTC, empty where none is signed. Where a finding refuses the document,
    ``entries`` is empty.
    """

    rule: ChecksumRule
    name: str
    signers: tuple[Signer, ...] = ()
    edition: str = ""
    sha256: str = ""
    entries: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """The findings for which nothing in the document counts."""
        return tuple(finding for finding in self.findings if finding.level is Level.ERROR)

    def remember(self, memory: DocumentMemory) -> None:
        """Have *memory* keep this edition; one that is refused or undated is not kept."""
        if self.edition and not self.refusals:
            memory.remember_document(self.name, edition=self.edition, sha256=self.sha256)


def open_document(
    rule: ChecksumRule,
    *,
    name: str,
    data: bytes,
    signature: bytes | None,
    now: datetime,
    limits: Limits,
    memory: DocumentMemory | None = None,
    roots: TrustedRoot | None = None,
) -> ChecksumDocument:
    """Verify the document *data* by *rule* and read its list; what stands against it is in ``findings``.

    *name* is where it came from. *signature* is ``None`` where no detached one was found. *roots* is needed
    for Sigstore bundles alone.
    """
    opened = ChecksumDocument(rule=rule, name=name)
    if len(data) > limits.document_bytes or len(signature or b"") > limits.signature_bytes:
        return _refused(opened, "TRU750", limit=str(limits.document_bytes), size=str(len(data)))
    signed = _verified(rule, data, signature, name, now, roots)
    if signed is None:
        return _refused(opened, "TRU765")
    if not signed.signers:
        return replace(opened, findings=signed.findings)
    listed = read_checksum_list(signed.content, file=name, max_bytes=limits.document_bytes)
    return _dated(opened, signed, listed, memory)


def prove(subject: ProofSubject, documents: Iterable[ChecksumDocument], *, now: datetime) -> Proof:
    """Compare the file with every document whose rule is about its project.

    Without one there is nothing to say. Raises :class:`ValueError` where a stated digest was not computed and
    the file is not at hand.
    """
    by_origin: dict[str, list[ChecksumDocument]] = {}
    for document in documents:
        if document.rule.covers(subject.project):
            origin = document.rule.place.file if document.rule.place is not None else ""
            by_origin.setdefault(origin, []).append(document)
    proof = Proof()
    for group in by_origin.values():
        proof += _by_group(subject, group, now)
    return proof


def _verified(
    rule: ChecksumRule,
    data: bytes,
    signature: bytes | None,
    name: str,
    now: datetime,
    roots: TrustedRoot | None,
) -> Signed | None:
    """Return what the signature covers; ``None`` where there is no signature at all."""
    signer = rule.signer
    if isinstance(signer, OpenPgpRule) and not rule.signature:
        signed = verify_clear_signed(data, signer, subject=name, now=now)
        if signed is not None:
            return signed
    if not signature:
        return None
    if isinstance(signer, OpenPgpRule):
        return verify_document(data, signature, signer, subject=name, now=now)
    if isinstance(signer, MinisignRule):
        return verify_minisign(data, signature, signer, subject=name, now=now)
    return verify_bundle(data, signature, signer, subject=name, roots=roots, now=now)


def _dated(
    opened: ChecksumDocument, signed: Signed, listed: ChecksumList, memory: DocumentMemory | None
) -> ChecksumDocument:
    """Return the document with its list, after its date was held against the newest edition seen."""
    from hashlib import sha256

    edition = max(signer.made for signer in signed.signers)
    digest = sha256(signed.content).hexdigest()
    told = _told_of_edition(opened, edition, digest, memory)
    findings = (*signed.findings, *listed.findings, *told)
    is_refused = any(finding.level is Level.ERROR for finding in findings)
    return replace(
        opened,
        signers=signed.signers,
        edition=edition,
        sha256=digest,
        entries={} if is_refused else listed.entries,
        findings=findings,
    )


def _told_of_edition(
    opened: ChecksumDocument, edition: str, digest: str, memory: DocumentMemory | None
) -> tuple[Finding, ...]:
    if not edition:
        return (_finding(opened, "TRU763", {}, level=Level.WARNING),)
    newest = memory.document(opened.name) if memory is not None else None
    if newest is None or edition > newest.edition or digest == newest.sha256:
        return ()
    code = "TRU761" if edition < newest.edition else "TRU762"
    return (_finding(opened, code, {"edition": edition, "newest": newest.edition}),)


def _by_group(subject: ProofSubject, documents: Sequence[ChecksumDocument], now: datetime) -> Proof:
    """Judge by the documents of one policy file: one must list the file, none may list it otherwise."""
    refusals = tuple(finding for document in documents for finding in document.refusals)
    listing = [one for one in documents if subject.filename in one.entries]
    wrong = [finding for one in listing for finding in _differences(subject, one)]
    if refusals or wrong:
        return Proof(findings=(*refusals, *wrong))
    told = tuple(finding for document in documents for finding in document.findings)
    if not listing:
        return Proof(findings=(*told, _not_listed(subject, documents)))
    return Proof(evidence=tuple(_evidence(subject, one, now) for one in listing), findings=told)


def _differences(subject: ProofSubject, document: ChecksumDocument) -> list[Finding]:
    stated = document.entries[subject.filename]
    computed = _computed(subject, stated)
    return [
        _finding_of_file(
            subject,
            document,
            "TRU758",
            {
                "document": document.name,
                "stated": f"{algorithm}:{value}",
                "got": f"{algorithm}:{computed[algorithm]}",
            },
        )
        for algorithm, value in stated.items()
        if computed[algorithm] != value
    ]


def _not_listed(subject: ProofSubject, documents: Sequence[ChecksumDocument]) -> Finding:
    """Tell that no document lists the file, or that one lists its bytes by another name."""
    names = ", ".join(document.name for document in documents)
    known = {**subject.digests, "sha256": subject.sha256}
    for document in documents:
        others = ChecksumList(entries=document.entries).names_of(known)
        if others:
            values = {"document": document.name, "other": ascii(others[0])[1:-1]}
            return _finding_of_file(subject, document, "TRU760", values)
    return _finding_of_file(subject, documents[0], "TRU759", {"document": names})


def _evidence(subject: ProofSubject, document: ChecksumDocument, now: datetime) -> Evidence:
    stated = document.entries[subject.filename]
    digests = " ".join(f"{algorithm}:{value}" for algorithm, value in sorted(stated.items()))
    dated = f" of {document.edition}" if document.edition else ""
    return Evidence(
        sha256=subject.sha256,
        kind=Kind.CHECKSUM_DOCUMENT,
        authority=", ".join(signer.identity for signer in document.signers),
        detail=f"{digests} in {document.name}{dated}",
        time=spelled(now),
    )


def _computed(subject: ProofSubject, stated: Iterable[str]) -> Mapping[str, str]:
    """Return the file's digests by the algorithms *stated*, computing what is missing."""
    import hashlib

    computed = {**subject.digests, "sha256": subject.sha256}
    for algorithm in stated:
        if algorithm in computed:
            continue
        if not subject.path:
            raise ValueError(f"{subject.filename}: {algorithm} was not computed")
        with open(subject.path, "rb") as file:
            computed[algorithm] = hashlib.file_digest(file, algorithm).hexdigest()
    return computed


def _filled(template: str, project: str, version: str) -> str:
    return template.replace("{project}", project).replace("{version}", version)


def _refused(document: ChecksumDocument, code: str, **values: str) -> ChecksumDocument:
    return replace(document, findings=(_finding(document, code, values),))


def _finding(
    document: ChecksumDocument, code: str, values: Mapping[str, str], *, level: Level = Level.ERROR
) -> Finding:
    return Finding(code=code, level=level, subject=document.name, place=document.rule.place, values=values)


def _finding_of_file(
    subject: ProofSubject, document: ChecksumDocument, code: str, values: Mapping[str, str]
) -> Finding:
    return Finding(code=code, subject=subject.filename, place=document.rule.place, values=values)
