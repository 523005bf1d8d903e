"""Bytes to the store: download, compare digests, read strictly, unpack, judge. Several files at a time.

The main thread fetches; worker threads prove and unpack what has arrived. Nothing parses a file before its
digests were compared, and a file that fails is deleted unread.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trued.core.errors import Refused, TruedError
from trued.core.finding import Finding, Level
from trued.operations.offer import Judged, Offer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from queue import SimpleQueue

    from trued.core.evidence import Evidence
    from trued.core.limits import Limits
    from trued.core.names import ProjectName
    from trued.core.verdict import Verdict
    from trued.index.transport import Download, Downloaded, Transport
    from trued.operations.watcher import FileWatcher
    from trued.policy.level import PolicyLevel
    from trued.store.manifest import Manifest

__all__ = ["Acquirer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquirer:
    """Takes offers to verdicts, and wheels to the store.

    ``unproven`` makes the finding for a file with no proof, from its offer and computed sha256. ``now`` is
    RFC 3339 UTC, ``now_ns`` the same in ns since 1970. ``workers`` is the number of proving threads.
    """

    store: str
    transport: Callable[[], Transport]
    limits: Limits
    level: PolicyLevel
    unproven: Callable[[Offer, str], Finding]
    hooks_allowed: frozenset[ProjectName]
    now: str
    now_ns: int
    trust_on_first_use: bool = False
    workers: int = 2
    keep_archives: str = ""

    def acquire(self, offers: Sequence[Offer], *, watcher: FileWatcher) -> tuple[list[Judged], list[Finding]]:
        """Fetch and judge *offers*; return what was judged, and the failures of what did not arrive.

        Raises: OSError when the disk refuses; what a worker raised is raised here.
        """
        from _queue import SimpleQueue
        from threading import Thread

        arrived: SimpleQueue[tuple[Offer, Downloaded] | None] = SimpleQueue()
        run = _Run(self, arrived, watcher)
        with tempfile.TemporaryDirectory(prefix="trued-", dir=self._arrivals()) as folder:
            threads = [Thread(target=run.work, daemon=True) for _ in range(self.workers)]
            for thread in threads:
                thread.start()
            try:
                failures = run.fetch(offers, folder)
            finally:
                for _ in threads:
                    arrived.put(None)
                for thread in threads:
                    thread.join()
        if run.errors:
            raise run.errors[0]
        order = {id(offer): number for number, offer in enumerate(offers)}
        return sorted(run.judged, key=lambda one: order[id(one.offer)]), failures

    def _arrivals(self) -> str:
        """Return a private folder on the store's device, where files wait to be proven."""
        folder = os.path.join(self.store, "arrivals")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        return folder

    def judge_archive(self, offer: Offer, path: str, digests: Mapping[str, str]) -> Judged:
        """Compare *digests* with all that is said of the file, then read, unpack and judge it."""
        evidence, findings = self._prove(offer, digests)
        verdict = self._verdict(offer, digests, evidence, findings)
        if not verdict.admitted:
            return Judged(offer=offer, verdict=verdict, digests=digests)
        try:
            manifest, entry, more = self._admit(offer, path, digests["sha256"])
        except Refused as refused:
            verdict = self._verdict(offer, digests, evidence, (*findings, *refused.findings))
            return Judged(offer=offer, verdict=verdict, digests=digests)
        verdict = self._verdict(offer, digests, evidence, (*findings, *more))
        return Judged(offer=offer, verdict=verdict, digests=digests, entry=entry, manifest=manifest)

    def judge_stored(self, offer: Offer, entry: str, manifest: Manifest) -> Judged:
        """Judge a wheel that the store has: its digest is compared, its content was verified when it came."""
        digests = {"sha256": manifest["sha256"]}
        evidence, findings = self._prove(offer, digests)
        findings = (*findings, *self._hook_findings(manifest))
        verdict = self._verdict(offer, digests, evidence, findings)
        return Judged(
            offer=offer, verdict=verdict, digests=digests, entry=entry, manifest=manifest, from_store=True
        )

    def put_away(self, path: str, sha256: str) -> None:
        """Delete an archive that is judged, or keep it where that is wanted."""
        if self.keep_archives:
            os.replace(path, os.path.join(self.keep_archives, sha256))
        else:
            os.unlink(path)

    def _prove(
        self, offer: Offer, digests: Mapping[str, str]
    ) -> tuple[tuple[Evidence, ...], tuple[Finding, ...]]:
        from trued.proof.pin import prove

        distribution = offer.distribution
        evidence, findings = prove(
            filename=distribution.filename,
            computed=digests,
            allowed=offer.wanted.allowed,
            claimed=tuple(claim for claim in distribution.digests if claim.algorithm in digests),
            place=offer.wanted.place,
            time=self.now,
        )
        refused = any(finding.level is Level.ERROR for finding in findings)
        if self.trust_on_first_use and not evidence and not refused:
            from trued.core.evidence import Evidence, Kind

            trusted = Evidence(
                sha256=digests["sha256"],
                kind=Kind.FIRST_USE,
                authority="--trust-on-first-use",
                detail=f"sha256:{digests['sha256']}",
                time=self.now,
            )
            return (trusted,), findings
        return evidence, findings

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
            unproven=self.unproven(offer, digests["sha256"]),
            level=self.level,
        )

    def _admit(self, offer: Offer, path: str, sha256: str) -> tuple[Manifest, str, tuple[Finding, ...]]:
        from trued.store.admit import admit
        from trued.store.manifest import load
        from trued.store.source import remember_source
        from trued.wheel.reader import open_wheel

        distribution = offer.distribution
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            wheel = open_wheel(data, filename=distribution.filename, limits=self.limits)
            findings = (*wheel.warnings, *self._metadata_findings(offer, wheel.metadata.raw))
            entry = admit(self.store, wheel, sha256=sha256, now_ns=self.now_ns)
        remember_source(entry, url=distribution.url, index=distribution.index)
        manifest = load(entry)
        return manifest, entry, (*findings, *self._hook_findings(manifest))

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


class _Run:
    """The state of one acquisition, shared by its threads; lists only grow, which is atomic."""

    def __init__(
        self,
        acquirer: Acquirer,
        arrived: SimpleQueue[tuple[Offer, Downloaded] | None],
        watcher: FileWatcher,
    ) -> None:
        self.judged: list[Judged] = []
        self.errors: list[BaseException] = []
        self._acquirer = acquirer
        self._arrived = arrived
        self._watcher = watcher
        self._seen: dict[str, int] = {}

    def fetch(self, offers: Sequence[Offer], folder: str) -> list[Finding]:
        """Download *offers* and pass each on when it is whole; return why some are not."""
        from trued.index.transport import DownloadFailed

        failures: list[Finding] = []
        downloads = [self._download(offer, folder, number) for number, offer in enumerate(offers)]
        for outcome in self._acquirer.transport().download_all(downloads, progress=self._progress):
            if isinstance(outcome, DownloadFailed):
                failures.extend(outcome.findings)
                self._watcher.advance(files=1)
                continue
            offer = outcome.download.token
            if not isinstance(offer, Offer):
                raise TypeError("a download comes back with its own token")
            self._arrived.put((offer, outcome))
            if self.errors:
                break
        return failures

    def _download(self, offer: Offer, folder: str, number: int) -> Download:
        from trued.index.transport import Download

        distribution = offer.distribution
        claimed = {claim.algorithm for claim in distribution.digests}
        return Download(
            url=distribution.url,
            path=os.path.join(folder, str(number)),
            max_bytes=self._acquirer.limits.file_bytes,
            algorithms=frozenset(offer.wanted.allowed.algorithms | claimed),
            expected=distribution.size,
            subject=distribution.filename,
            token=offer,
        )

    def _progress(self, download: Download, arrived: int) -> None:
        before = self._seen.get(download.path, 0)
        self._seen[download.path] = arrived
        self._watcher.advance(size=arrived - before)

    def work(self) -> None:
        """Judge what arrives until there is no more."""
        while (work := self._arrived.get()) is not None:
            offer, downloaded = work
            if self.errors:
                continue
            try:
                path = downloaded.download.path
                self.judged.append(self._acquirer.judge_archive(offer, path, downloaded.digests))
                self._acquirer.put_away(path, downloaded.digests["sha256"])
            except (TruedError, OSError, ValueError) as error:
                self.errors.append(error)
            self._watcher.advance(files=1)
