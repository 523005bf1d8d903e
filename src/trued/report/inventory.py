"""What an environment or a lock holds, as data: what bills of materials and the page are made from.

Nothing here is guessed. What METADATA says is kept as its author's word; digests are computed or proven ones,
or there are none and a reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from trued.core.digest import Digest
    from trued.core.finding import Finding
    from trued.core.names import ProjectName

__all__ = [
    "Archive",
    "Component",
    "ContainedFile",
    "EmbeddedComponent",
    "EmbeddedDocument",
    "Inventory",
    "LicenseField",
    "Person",
    "ProofFact",
    "Source",
    "SourceKind",
    "StatedLicense",
]

_NOTHING_THERE = 3


class SourceKind(Enum):
    """Where a component comes from."""

    INDEX = "index"
    ARCHIVE = "archive"
    VCS = "vcs"
    DIRECTORY = "directory"
    EDITABLE = "editable"
    UNKNOWN = "unknown"
    """Another tool installed it, and left no word of its source: most often an index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a component comes from; no address carries credentials.

    ``index`` is the index's URL, empty where it is the default one or not known. ``address`` is the direct
    URL or folder; ``commit`` and ``vcs`` are there for a repository.
    """

    kind: SourceKind
    index: str = ""
    address: str = ""
    vcs: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """One wheel or sdist. ``size`` in bytes; ``uploaded`` is RFC 3339, empty where nothing says."""

    filename: str
    digests: tuple[Digest, ...]
    url: str = ""
    size: int | None = None
    uploaded: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainedFile:
    """One file that was installed; ``path`` is relative to the environment, with ``/``; digests in hex.

    ``sha1`` is there because SPDX 2.3 asks for it (clauses 7.9 and 8.4); nothing relies on it.
    """

    path: str
    sha256: str
    sha1: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFact:
    """One fact that was checked when the file was installed, as the receipt tells it.

    ``kind`` is one of :class:`trued.core.evidence.Kind`, or ``content``: the installed files equal those of
    the archive, whatever the archive is worth.
    """

    kind: str
    authority: str = ""
    detail: str = ""
    time: str = ""


class LicenseField(Enum):
    """The metadata field that speaks of the licence."""

    EXPRESSION = "License-Expression"
    """An SPDX expression (PEP 639)."""
    TEXT = "License"
    """Free text, deprecated by PEP 639."""
    CLASSIFIERS = "Classifier"
    NONE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedLicense:
    """The licence as METADATA states it: an expression, the text of the old field, or classifiers.

    ``files`` are the paths of ``License-File`` below the package's dist-info folder.
    """

    field: LicenseField = LicenseField.NONE
    values: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An author or maintainer, as METADATA names them; one of the two may be empty."""

    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedComponent:
    """What a package's own bill of materials says is inside it: that document's word."""

    name: str
    version: str = ""
    purl: str = ""
    license: str = ""
    digests: tuple[Digest, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedDocument:
    """A bill of materials inside a package (PEP 770). ``form`` is empty for one that is not read."""

    path: str
    sha256: str
    form: str = ""
    namespace: str = ""
    components: tuple[EmbeddedComponent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One distribution.

    ``archives`` is the one that is installed, or all that a lock admits; empty with ``unproven`` saying why.
    ``needs`` are the ``key`` of what it depends on. ``suppliers`` are publishers whose identity was verified;
    ``authors`` only what METADATA says. ``installed`` and ``known_since`` are RFC 3339. ``folder`` is its
    dist-info folder, relative to the environment.
    """

    key: str
    project: ProjectName
    name: str
    version: str
    source: Source
    summary: str = ""
    archives: tuple[Archive, ...] = ()
    unproven: str = ""
    proofs: tuple[ProofFact, ...] = ()
    suppliers: tuple[str, ...] = ()
    license: StatedLicense = field(default_factory=StatedLicense)
    authors: tuple[Person, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    needs: tuple[str, ...] = ()
    files: tuple[ContainedFile, ...] = ()
    documents: tuple[EmbeddedDocument, ...] = ()
    installer: str = ""
    installed: str = ""
    known_since: str = ""
    level: str = ""
    folder: str = ""
    requested: bool = False

    @property
    def digests(self) -> tuple[Digest, ...]:
        """The digests of the one archive; nothing where there are several."""
        return self.archives[0].digests if len(self.archives) == 1 else ()

    @property
    def text(self) -> str:
        """Name and version, fit to be shown."""
        return f"{self.name} {self.version}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """All components of an environment or a lock, by name and version.

    ``subject`` is what was looked at, as the user named it. ``roots`` are the keys of what nobody else needs,
    or of what was asked for. ``made`` is the time of the document; ``facts`` tell of the interpreter.
    ``lacking`` says of which components there is no digest; ``findings`` are all others.
    """

    subject: str
    is_lock: bool
    made: datetime
    components: tuple[Component, ...]
    roots: tuple[str, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    lacking: tuple[Finding, ...] = ()

    @property
    def exit_status(self) -> int:
        """3 when there was nothing to tell of, else 0: a document of it tells what was found."""
        return 0 if self.components else _NOTHING_THERE
