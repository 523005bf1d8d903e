"""What a source distribution requires, told by its backend where its own files do not: for the resolver.

Before it is unpacked, the file is compared with the digests that its index states, and with all that the
provers know of it: what contradicts them is refused. The hook runs in the sandbox as any build does. Its
answer decides versions and nothing else: what is chosen has to be proven.
"""

from __future__ import annotations

import os

from trued.core.errors import OperationalError, Refused, TruedError
from trued.core.finding import Finding, Level, Place
from trued.operations.building import Source
from trued.operations.direct import metadata_of
from trued.operations.offer import Offer
from trued.operations.source_distribution import unpacked
from trued.requirements.allowed import NOTHING_STATED
from trued.requirements.hashmode import HashMode
from trued.requirements.model import Kind, Requirement
from trued.requirements.wanted import Wanted
from trued.resolution.listing import Exclusion
from trued.resolution.metadata_text import read_core_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.core.digest import Digest
    from trued.core.distribution import Distribution
    from trued.operations.building import Builder
    from trued.operations.session import Session
    from trued.requirements.allowed import Allowed
    from trued.resolution.source import CandidateMetadata

__all__ = ["built_metadata", "fetched_source"]


def built_metadata(session: Session, file: Distribution, allowed: Allowed) -> CandidateMetadata | Exclusion:
    """Return the metadata of the source distribution *file*, or why its release cannot be chosen.

    Nothing of a file runs that the digests *allowed* by the requirements do not admit.

    Asked once a run, however many targets are resolved for.

    Raises: Refused when the file differs from what its index states; OperationalError when there is no
    sandbox, or the file does not arrive. An archive that cannot be unpacked, and a build that fails, rule the
    release out.
    """
    builder = session.builder
    if builder.may(file.project) is not None:
        return Exclusion("source-only", f"{file.filename} must be built to learn what it requires")
    known = builder.answers.get((file.url, file.filename))
    if known is None:
        known = builder.answers[(file.url, file.filename)] = _answer(session, file, allowed)
    return known


def _answer(session: Session, file: Distribution, allowed: Allowed) -> CandidateMetadata | Exclusion:
    unlisted = Exclusion(
        "digest-not-listed", f"{file.filename} has none of the digests that are listed for it"
    )
    if allowed.may_admit(file.digests) is False:
        return unlisted
    try:
        source = fetched_source(session, file, allowed)
        if source is None:
            return unlisted
        raw = _raw(session.builder, source)
    except TruedError as error:
        failures = [finding for finding in error.findings if finding.level is Level.ERROR]
        if not all(finding.code in _OF_THE_PROJECT for finding in failures):
            raise
        codes = ", ".join(dict.fromkeys(finding.code for finding in failures))
        detail = "; ".join(_last_words(finding) for finding in failures)[:300]
        return Exclusion(
            "build-failed", f"{file.filename} could not tell what it requires ({codes}): {detail}"
        )
    return read_core_metadata(raw, project=file.project, version=file.version, source="build")


_OF_THE_PROJECT = frozenset(
    {
        *("TRU441", "TRU442", "TRU444", "TRU445", "TRU447", "TRU448", "TRU449", "TRU450"),
        *("TRU451", "TRU452", "TRU453", "TRU454", "TRU455", "TRU456", "TRU457", "TRU458", "TRU459"),
    }
)
"""What is wrong with one release, so that another may do: all else stops the run, and is told."""


def _last_words(finding: Finding) -> str:
    lines = finding.values.get("lines", "").strip().splitlines()
    log = finding.values.get("log", "")
    said = lines[-1].strip() if lines else finding.subject
    return f"{said} (log: {log})" if log else said


def _raw(builder: Builder, source: Source) -> bytes:
    kept = builder.kept(source)
    if kept is None:
        return builder.metadata(source)
    return metadata_of(builder.session, kept)


def fetched_source(session: Session, file: Distribution, allowed: Allowed = NOTHING_STATED) -> Source | None:
    """Fetch *file*, compare it with every digest that its index states, and unpack it for a build.

    ``None`` where digests are *allowed*, and its own are not among them.

    Raises: Refused TRU380 when it differs, or with what is wrong with the archive; OperationalError.
    """
    from tempfile import mkdtemp

    from trued.index.transport import Download, Downloaded

    builder = session.builder
    path = os.path.join(mkdtemp(prefix="fetched-", dir=builder.scratch), "file")
    download = Download(
        url=file.url,
        path=path,
        max_bytes=session.limits.file_bytes,
        algorithms=allowed.algorithms.union(
            ("sha256",),
            (digest.algorithm for digest in (*file.digests, *builder.locked.get(file.filename, ()))),
        ),
        expected=file.size,
        subject=file.filename,
    )
    for outcome in session.transport.download_all([download]):
        if not isinstance(outcome, Downloaded):
            raise outcome
        _compare(file, outcome)
        _compare_with_lock(file, outcome, builder.locked.get(file.filename, ()))
        if not allowed.is_empty and not allowed.admits(outcome.digests):
            return None
        _refuse_contradicted(session, file, outcome.digests, path)
        return Source(
            project=file.project,
            version=file.version,
            tree=unpacked(builder, path, file.filename),
            shown=f"{file.project} {file.version}",
            place=Place(file.index or file.url),
            identity={"sha256": outcome.digests["sha256"]},
            filename=file.filename,
            size=outcome.size,
        )
    raise OperationalError(Finding(code="TRU311", subject=file.url, values={"status": "no answer"}))


def _compare_with_lock(file: Distribution, arrived: Downloaded, stated: Sequence[Digest]) -> None:
    """Refuse a file that is not the one of this name in the lock: a comparison of locks comes too late."""
    differing = [digest for digest in stated if arrived.digests[digest.algorithm] != digest.value]
    if differing:
        new = ", ".join(f"{one.algorithm}:{arrived.digests[one.algorithm]}" for one in differing)
        values = {"filename": file.filename, "old": ", ".join(map(str, differing)), "new": new}
        raise Refused(Finding(code="TRU197", subject=str(file.project), values=values))


def _refuse_contradicted(session: Session, file: Distribution, digests: Mapping[str, str], path: str) -> None:
    """Refuse a file that a rule, a signature or what is known of it speaks against; unproven ones pass."""
    from trued.operations.asked import Asked

    line = Requirement(
        place=Place(file.index or file.url),
        text=f"{file.project}=={file.version}",
        kind=Kind.NAMED,
        project=file.project,
        specifier=f"=={file.version}",
    )
    offer = Offer(wanted=Wanted(project=file.project, lines=(line,)), distribution=file, is_direct=False)
    mode = HashMode(is_on=False)
    asked = Asked(wanted=(offer.wanted,), options=session.builder.options, mode=mode, findings=())
    acquirer = session.acquirer(asked, _OneFile())
    acquirer.prover.fetch_companions([offer])
    verdict = acquirer.compare(offer, digests, path).judged.verdict
    against = [finding for finding in verdict.refusals if finding.code not in _UNPROVEN]
    if against:
        raise Refused(*against)


_UNPROVEN = frozenset({"TRU165", "TRU561"})


class _OneFile:
    """A release of which nothing but one file is looked at."""

    def remedy(self, offer: Offer, sha256: str) -> str:
        return f"{offer.wanted.text} --hash=sha256:{sha256}"

    def listed(self, offer: Offer) -> dict[str, str]:
        return {offer.distribution.filename: ""}


def _compare(file: Distribution, arrived: Downloaded) -> None:
    differing = [one for one in file.digests if arrived.digests[one.algorithm] != one.value]
    if differing:
        raise Refused(
            *(
                Finding(
                    code="TRU380",
                    subject=file.filename,
                    values={
                        "index": file.index,
                        "stated": str(one),
                        "computed": f"{one.algorithm}:{arrived.digests[one.algorithm]}",
                    },
                )
                for one in differing
            )
        )


if TYPE_CHECKING:
    from trued.index.transport import Downloaded
