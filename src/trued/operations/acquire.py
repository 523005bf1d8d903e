"""Bytes to the store: download, compare digests, read strictly, unpack, judge. Several files at a time.

This process fetches and compares digests; the workers of a crew read and unpack what was admitted. Nothing
parses a file before its digests were compared, and a file that fails is deleted unread.
"""

from __future__ import annotations

import os

from trued.core.errors import OperationalError, Refused, TruedError
from trued.core.finding import Finding, Level
from trued.core.record import dataclass, replace
from trued.operations.offer import Judged, Offer
from trued.policy.level import PolicyLevel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from trued.core.evidence import Evidence
    from trued.core.limits import Limits
    from trued.core.names import ProjectName
    from trued.core.verdict import Verdict
    from trued.index.transport import Download, Downloaded, Transport
    from trued.operations.building import Builder
    from trued.operations.crew import Crew
    from trued.operations.joined import Joined
    from trued.operations.prover import Prover
    from trued.operations.watcher import FileWatcher
    from trued.policy.exceptions import ExceptionBook
    from trued.store.manifest import Manifest

__all__ = ["Acquirer"]

_SHA256_BYTES = 32
_PICKLED = b"\x80"
"""Begins what was pickled, and no path in ASCII."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquirer:
    """Takes offers to verdicts, and wheels to the store.

    ``unproven`` makes the finding for a file with no proof, from its offer and computed sha256. ``now_ns`` is
    in ns since 1970. ``workers`` is how many unpack. Without ``builder`` no source is built.
    """

    store: str
    transport: Callable[[], Transport]
    limits: Limits
    level: PolicyLevel
    exceptions: ExceptionBook
    unproven: Callable[[Offer, str], Finding]
    prover: Prover
    hooks_allowed: frozenset[ProjectName]
    now_ns: int
    workers: int = 2
    keep_archives: str = ""
    builder: Callable[[], Builder] | None = None

    def acquire(self, offers: Sequence[Offer], *, watcher: FileWatcher) -> tuple[list[Judged], list[Finding]]:
        """Fetch and judge *offers*; return what was judged, and the failures of what did not arrive.

        Files wait in a private folder on the store's device until they are proven; what a killed run leaves
        there, a later one removes. Raises: OSError when the disk refuses; what a worker raised comes here.
        """
        from trued.store.staging import Staging

        with Staging(self.store, now_ns=self.now_ns) as staging:
            run = _Run(self, offers, staging.path, watcher)
            failures = run.fetch()
        order = {id(offer): number for number, offer in enumerate(offers)}
        return sorted(run.judged, key=lambda one: order[id(one.offer)]), failures

    def compare(self, offer: Offer, digests: Mapping[str, str], path: str = "") -> Compared:
        """Compare a file with all that is said of it; it is not parsed before that is admitted.

        *path* is the archive, where it is in hand.
        """
        return self._compared(self.prover.prove(offer, digests, path))

    def compare_again(self, compared: Compared) -> Compared:
        """Return what *compared* comes to after the user was asked about files that nothing proves."""
        return self._compared(self.prover.accepted(compared.joined))

    def _compared(self, joined: Joined) -> Compared:
        proof, digests = joined.proof, joined.subject.digests
        verdict = self._verdict(joined.offer, digests, proof.evidence, proof.findings)
        return Compared(
            judged=Judged(offer=joined.offer, verdict=verdict, digests=digests),
            joined=joined,
            evidence=proof.evidence,
            findings=proof.findings,
        )

    def judge_content(self, compared: Compared, admission: Admission) -> Judged:
        """Judge a file whose digests were admitted, by what the strict reader and the store said of it."""
        from trued.store.manifest import load

        judged = compared.judged
        manifest = load(admission.entry) if admission.entry else None
        hooks = self._hook_findings(manifest) if manifest else ()
        findings = (*compared.findings, *admission.findings, *hooks)
        verdict = self._verdict(judged.offer, judged.digests, compared.evidence, findings)
        return replace(judged, verdict=verdict, entry=admission.entry, manifest=manifest)

    def judge_stored(self, compared: Compared, entry: str, manifest: Manifest) -> Judged:
        """Judge a wheel that the store has: its digest was compared, its content verified when it came."""
        judged = compared.judged
        findings = (*compared.findings, *self._hook_findings(manifest))
        if self.level is PolicyLevel.STRICT:
            findings = (*findings, *_tag_findings(entry, manifest))
        verdict = self._verdict(judged.offer, judged.digests, compared.evidence, findings)
        return replace(judged, verdict=verdict, entry=entry, manifest=manifest, from_store=True)

    def put_away(self, path: str, sha256: str) -> None:
        """Delete an archive that is judged, or keep it where that is wanted."""
        if self.keep_archives:
            os.replace(path, os.path.join(self.keep_archives, sha256))
        else:
            os.unlink(path)

    def _verdict(
        self,
        offer: Offer,
        digests: Mapping[str, str],
        evidence: Iterable[Evidence],
        findings: Sequence[Finding],
    ) -> Verdict:
        from trued.policy.judge import judge

        return judge(
            offer.distribution.filename,
            evidence=evidence,
            findings=findings,
            unproven=lambda: self.unproven(offer, digests["sha256"]),
            level=self.level,
            exceptions=self.exceptions,
        )

    def admit(self, offer: Offer, path: str, sha256: str) -> Admission:
        """Read and unpack the archive at *path*, whose digests were admitted, into the store.

        A wheel that is not well formed has the faults as findings, and no entry. Raises: StoreUnusable.
        """
        from trued.store.admit import admit
        from trued.store.source import remember_source
        from trued.wheel.file import mapped
        from trued.wheel.reader import open_wheel

        distribution = offer.distribution
        with mapped(path) as data:
            try:
                wheel = open_wheel(data, filename=distribution.filename, limits=self.limits)
                findings = (*wheel.warnings, *self._metadata_findings(offer, wheel.metadata.raw))
                if any(finding.level is Level.ERROR for finding in findings):
                    return Admission(entry="", findings=findings)  # the store is not asked about it again
                entry = admit(self.store, wheel, sha256=sha256, now_ns=self.now_ns)
            except Refused as refused:
                return Admission(entry="", findings=refused.findings)
        remember_source(entry, url=distribution.url, index=distribution.index)
        return Admission(entry=entry, findings=findings)

    def _metadata_findings(self, offer: Offer, metadata: bytes) -> tuple[Finding, ...]:
        """Compare METADATA with the digest that the index states of its copy (PEP 658)."""
        from hashlib import new

        wrong = [
            claim
            for claim in offer.distribution.metadata or ()
            if new(claim.algorithm, metadata, usedforsecurity=False).hexdigest() != claim.value
        ]
        subject = offer.distribution.filename
        return tuple(Finding(code="TRU554", subject=subject, values={"stated": str(one)}) for one in wrong)

    def _hook_findings(self, manifest: Manifest) -> tuple[Finding, ...]:
        from trued.core.names import normalize
        from trued.wheel.hooks import hook_findings
        from trued.wheel.model import StartupHook

        hooks = [
            StartupHook(path=path, sha256=sha256, kind=kind, known=known)
            for path, sha256, kind, known in manifest["hooks"]
        ]
        return hook_findings(
            hooks,
            filename=manifest["filename"],
            project=normalize(manifest["project"]),
            allowed_projects=self.hooks_allowed,
        )


def _tag_findings(entry: str, manifest: Manifest) -> tuple[Finding, ...]:
    """Read WHEEL again: what another level let pass with a warning is in the store too.

    The content is what was verified, or else it is not linked.
    """
    from trued.store.layout import tree_path
    from trued.wheel.faults import Faults
    from trued.wheel.wheel_file import read_wheel_file, tag_warning

    filename = manifest["filename"]
    try:
        with open(os.path.join(tree_path(entry), manifest["dist_info"], "WHEEL"), "rb") as file:
            wheel_file = read_wheel_file(file.read(), faults=Faults(filename))
    except OSError:  # found to be missing when it is linked
        return ()
    return tag_warning(wheel_file, tags=tuple(manifest["tags"]), filename=filename) if wheel_file else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A file whose digests were compared: the verdict so far, and what it is made of."""

    judged: Judged
    joined: Joined
    evidence: tuple[Evidence, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What the strict reader and the store say of an archive; ``entry`` is empty when it was refused."""

    entry: str
    findings: tuple[Finding, ...]


def _admission(answer: bytes) -> Admission:
    """Return what a worker's answer says: mostly nothing but the entry. Raises what the worker raised."""
    if answer[:1] != _PICKLED:
        return Admission(entry=answer.decode(), findings=())
    import pickle

    told: Admission | Exception = pickle.loads(answer)  # noqa: S301 - from our own process
    if isinstance(told, Exception):
        raise told
    return told


class _Run:
    """One acquisition: this process fetches and compares digests, the crew reads and unpacks."""

    def __init__(
        self, acquirer: Acquirer, offers: Sequence[Offer], folder: str, watcher: FileWatcher
    ) -> None:
        self.judged: list[Judged] = []
        self._acquirer = acquirer
        self._offers = offers
        self._folder = folder
        self._watcher = watcher
        self._compared: dict[int, Compared] = {}
        self._open: dict[int, Compared] = {}
        self._sources: dict[int, Compared] = {}
        self._seen: dict[str, int] = {}

    def fetch(self) -> list[Finding]:
        """Download everything, and judge each file when it is whole; return why some did not arrive."""
        from trued.index.transport import DownloadFailed
        from trued.operations.crew import CrewLost, crew_of

        failures: list[Finding] = []
        transport = self._acquirer.transport()
        downloads = [self._download(offer, number) for number, offer in enumerate(self._offers)]
        workers = min(self._acquirer.workers, len(downloads))
        try:
            with crew_of(self._admitted, workers=workers, note=_SHA256_BYTES) as crew:
                # The largest first: what is long to unpack is not to begin last.
                downloads.sort(key=lambda download: download.expected or 0, reverse=True)
                for outcome in transport.download_all(downloads, progress=self._progress):
                    if isinstance(outcome, DownloadFailed):
                        failures.extend(outcome.findings)
                        self._watcher.advance(files=1)
                    else:
                        self._arrived(outcome, crew)
                    for number, answer in crew.ready():
                        self._answered(number, answer)
                self._ask(crew)
                for number, answer in crew.rest():
                    self._answered(number, answer)
        except CrewLost as error:
            raise OperationalError(Finding(code="TRU402", subject="store")) from error
        return failures + self._build(is_sound=not failures)

    def _build(self, *, is_sound: bool) -> list[Finding]:
        """Build what came as source, now that every file was judged; nothing where one of them is refused."""
        from trued.operations.source_distribution import built_sdist

        failures: list[Finding] = []
        is_sound = is_sound and all(one.verdict.admitted for one in self.judged)
        for number, compared in self._sources.items():
            if not is_sound:
                self.judged.append(compared.judged)
                continue
            judged, failed = built_sdist(self._acquirer, compared, self._path(number))
            self.judged.append(judged)
            failures += failed
        return failures

    def _arrived(self, downloaded: Downloaded, crew: Crew) -> None:
        """Compare the digests of a whole file, and give it to the crew when they are admitted."""
        number = downloaded.download.token
        if not isinstance(number, int):
            raise TypeError("a download comes back with its own token")
        path = downloaded.download.path
        compared = self._acquirer.compare(self._offers[number], downloaded.digests, path)
        if compared.joined.is_open and not compared.judged.verdict.admitted:
            self._open[number] = compared
        else:
            self._decided(number, compared, crew)

    def _ask(self, crew: Crew) -> None:
        """Ask about the files that nothing proves, once all have arrived, and go on with them."""
        self._acquirer.prover.ask()
        for number, compared in self._open.items():
            self._decided(number, self._acquirer.compare_again(compared), crew)

    def _decided(self, number: int, compared: Compared, crew: Crew) -> None:
        """Have an admitted file unpacked; delete any other unread."""
        sha256 = compared.judged.digests["sha256"]
        is_source = not self._offers[number].distribution.is_wheel
        if compared.judged.verdict.admitted and is_source and self._acquirer.builder is not None:
            self._sources[number] = compared
            self._watcher.advance(files=1)
        elif compared.judged.verdict.admitted and not is_source:
            self._compared[number] = compared
            crew.give(number, bytes.fromhex(sha256))
        else:
            self._acquirer.put_away(self._path(number), sha256)
            self.judged.append(compared.judged)
            self._watcher.advance(files=1)

    def _admitted(self, number: int, digest: bytes) -> bytes:
        """Take one archive to the store, in a process or thread of the crew; what it raises is the answer."""
        path = self._path(number)
        told: Admission | Exception
        try:
            told = self._acquirer.admit(self._offers[number], path, digest.hex())
            self._acquirer.put_away(path, digest.hex())
        except TruedError as error:
            told = OperationalError(*error.findings)
        except (OSError, ValueError) as error:
            told = error
        if isinstance(told, Admission) and not told.findings and told.entry.isascii():
            return told.entry.encode()
        import pickle

        return pickle.dumps(told)

    def _answered(self, number: int, answer: bytes) -> None:
        admission = _admission(answer)
        self.judged.append(self._acquirer.judge_content(self._compared.pop(number), admission))
        self._watcher.advance(files=1)

    def _path(self, number: int) -> str:
        return os.path.join(self._folder, str(number))

    def _download(self, offer: Offer, number: int) -> Download:
        from trued.index.transport import Download

        distribution = offer.distribution
        claimed = {claim.algorithm for claim in distribution.digests}
        return Download(
            url=distribution.url,
            path=self._path(number),
            max_bytes=self._acquirer.limits.file_bytes,
            algorithms=frozenset(offer.wanted.allowed.algorithms | claimed),
            expected=distribution.size,
            subject=distribution.filename,
            token=number,
        )

    def _progress(self, download: Download, arrived: int) -> None:
        before = self._seen.get(download.path, 0)
        self._seen[download.path] = arrived
        self._watcher.advance(size=arrived - before)
