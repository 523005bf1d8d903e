"""One process of the ``attestations`` benchmark: verifies the files of a folder, or only reads them.

Called with the mode, the folder, the number of files and the database of what was verified before.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trued.proof.subject import ProofSubject

NOW = "2026-11-21T12:00:00Z"


def main(mode: str, folder: str, count: str, database: str) -> None:
    """Do what *mode* says: ``bare``, ``cold``, or ``warm``; the first ``warm`` fills the database."""
    pairs = list(_pairs(Path(folder), int(count)))
    if mode == "bare":
        import trued.proof.pin  # what every run imports
        import trued.proof.subject  # noqa: F401

        return
    from trued.proof.attestation import verify_provenance
    from trued.proof.known.database import Database
    from trued.proof.known.verified import Verified
    from trued.proof.publisher import PublisherRule
    from trued.proof.trusted_root import shipped_root

    store = Database(database)
    memory = Verified(store, now=NOW) if mode == "warm" else None
    rules = [
        PublisherRule(project="project", kind="github", repository=repository)
        for repository in ("woodruffw/abi3info", "pypa/sampleproject", "trailofbits/pypi-attestations")
    ]
    root = shipped_root()
    for subject, provenance in pairs:
        result = verify_provenance(
            subject, provenance, rules=rules, known=(), roots=root, remembered=memory, now=NOW
        )
        if not result.proof.evidence:
            raise SystemExit(f"{subject.filename}: {result.proof.findings}")
    if memory and memory.is_changed:
        with store.writing() as connection:
            memory.write(connection)


def _pairs(folder: Path, count: int) -> Iterator[tuple[ProofSubject, bytes]]:
    """Yield *count* files: those of the folder in turn, each time with other white space behind."""
    from trued.core.names import normalize
    from trued.proof.subject import ProofSubject

    lines = (folder / "files").read_text(encoding="ascii").splitlines()
    documents = [line.split(" ") for line in lines]
    for number in range(count):
        filename, sha256 = documents[number % len(documents)]
        data = (folder / f"{filename}.provenance").read_bytes() + b"\n" * (number // len(documents))
        subject = ProofSubject(project=normalize("project"), version="1", filename=filename, sha256=sha256)
        yield subject, data


if __name__ == "__main__":
    main(*sys.argv[1:])
