"""Signed checksum documents of a run: fetched or read, each once, with the signature that lies beside it."""

from __future__ import annotations

import os

from trued.core.errors import OperationalError
from trued.core.finding import Finding, Place
from trued.core.record import dataclass
from trued.core.regular_file import open_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from trued.core.limits import Limits
    from trued.index.transport import Request, Transport
    from trued.operations.session import Session
    from trued.proof.checksum_document import ChecksumDocument, ChecksumRule, DocumentMemory
    from trued.proof.trusted_root import TrustedRoot

__all__ = ["DocumentReader", "document_reader"]

_ABSENT = frozenset({404, 410})
_CLEAR_SIGNED = b"-----BEGIN PGP SIGNED MESSAGE-----"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReader:
    """Reads documents by their rules. ``transport`` and ``root`` are asked when first needed.

    Paths are taken from ``cwd``. ``memory`` knows the newest edition of each document. ``bare`` returns a URL
    without its credentials, after having them kept for requests.
    """

    transport: Callable[[], Transport]
    limits: Limits
    now: datetime
    cwd: str = ""
    memory: DocumentMemory | None = None
    root: Callable[[], TrustedRoot] | None = None
    bare: Callable[[str], str] | None = None

    def open_all(
        self, rules: Iterable[ChecksumRule], releases: Iterable[tuple[str, str]]
    ) -> tuple[ChecksumDocument, ...]:
        """Return the documents of *rules* for the *releases* (project, version), each once.

        A document that cannot be had is among them, with what stands against it and no entries.
        """
        wanted = {
            (rule.document_for(project, version), number): (rule, project, version)
            for project, version in releases
            for number, rule in enumerate(rules)
            if rule.covers(project)
        }
        return tuple(self.open(rule, project, version) for rule, project, version in wanted.values())

    def open(self, rule: ChecksumRule, project: str = "", version: str = "") -> ChecksumDocument:
        """Return the document of *rule* for one release."""
        from trued.proof.checksum_document import ChecksumDocument, open_document
        from trued.proof.sigstore_bundle import SigstoreRule

        name = self._name(rule.document_for(project, version))
        try:
            data = self._content(name, rule, self.limits.document_bytes)
            signature = self._signature(data, rule, project, version)
        except OperationalError as error:
            return ChecksumDocument(rule=rule, name=name, findings=error.findings)
        needs_root = isinstance(rule.signer, SigstoreRule) and self.root is not None
        return open_document(
            rule,
            name=name,
            data=data,
            signature=signature,
            now=self.now,
            limits=self.limits,
            memory=self.memory,
            roots=self.root() if needs_root and self.root is not None else None,
        )

    def _name(self, location: str) -> str:
        """Return where a document is, as it is told and remembered: absolute, and without credentials."""
        if "://" not in location:
            return os.path.normpath(os.path.join(self.cwd, location))
        from trued.requirements.url import without_credentials

        return (self.bare or without_credentials)(location)

    def _content(self, location: str, rule: ChecksumRule, most: int) -> bytes:
        found = self._found([location], rule, most)
        if found is None:
            raise _missing(location, rule, "there is no such file")
        return found

    def _signature(self, data: bytes, rule: ChecksumRule, project: str, version: str) -> bytes | None:
        if not rule.signature and _CLEAR_SIGNED in data:
            return None
        places = [self._name(place) for place in rule.signatures_for(project, version)]
        return self._found(places, rule, self.limits.signature_bytes)

    def _found(self, locations: Sequence[str], rule: ChecksumRule, most: int) -> bytes | None:
        """Return what is at the first of *locations* where there is anything."""
        for location in locations:
            found = self._fetched(location, most) if "://" in location else _read(location, rule, most)
            if found is not None:
                return found
        return None

    def _fetched(self, url: str, most: int) -> bytes | None:
        answer = self.transport().fetch(_request(url, most))
        return None if answer.status in _ABSENT else answer.body


def _request(url: str, most: int) -> Request:
    from trued.index.transport import Request

    return Request(url=url, max_bytes=most, subject=url, expected=frozenset({200, *_ABSENT}))


def _read(path: str, rule: ChecksumRule, most: int) -> bytes | None:
    """Return the file, one byte more than *most* at most, so that its size is noticed."""
    try:
        with open_regular(path) as file:
            return file.read(most + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _missing(path, rule, error.strerror or "it cannot be read") from error


def _missing(location: str, rule: ChecksumRule, reason: str) -> OperationalError:
    place = rule.place or Place(location)
    return OperationalError(Finding(code="TRU594", subject=location, place=place, values={"reason": reason}))


def document_reader(session: Session) -> DocumentReader:
    """Return what reads the signed checksum documents of the run *session*."""
    return DocumentReader(
        transport=lambda: session.transport,
        limits=session.limits,
        now=session.started,
        cwd=session.cwd,
        memory=session.known,
        root=lambda: session.proof_rules.root,
        bare=session.credentials.remember,
    )
