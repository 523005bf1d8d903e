"""Files and runs to know, in as few words as a test needs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from trued.core.names import normalize
from trued.proof.known.known_files import KnownFiles, Learned
from trued.proof.known.model import Run
from trued.proof.publisher import Publisher
from trued.proof.subject import ProofSubject

JANUARY = "2026-01-10T12:00:00Z"
JUNE = "2026-06-10T12:00:00Z"

FORGE = Publisher(kind="github", repository="example/demo", workflow="release.yml")
OTHER = Publisher(kind="github", repository="elsewhere/demo", workflow="release.yml")


def sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def run(time: str = JANUARY, *, number: int = 1) -> Run:
    return Run(id=f"run-{number}", time=time, command="install", folder="/work/site")


def subject(
    name: str = "demo", version: str = "1.0", *, content: str = "as published", tag: str = "py3-none-any"
) -> ProofSubject:
    digest = sha256(content)
    return ProofSubject(
        project=normalize(name),
        version=version,
        filename=f"{name}-{version}-{tag}.whl",
        sha256=digest,
        digests={"sha256": digest},
    )


def database(folder: Path) -> Path:
    return folder / "data" / "known.sqlite3"


def learn(
    folder: Path,
    *subjects: ProofSubject,
    time: str = JANUARY,
    publishers: tuple[Publisher, ...] = (),
    listed: Mapping[str, str] | None = None,
) -> None:
    """Accept *subjects* in a run of their own."""
    with KnownFiles(str(database(folder)), run=run(time)) as known:
        for one in subjects:
            known.remember(
                Learned(
                    subject=one,
                    accepted="--trust-on-first-use",
                    publishers=publishers,
                    listed={one.filename: one.sha256} | dict(listed or {}),
                )
            )
        known.commit()
