"""One acquisition: this process fetches files and compares digests, a crew unpacks what was admitted.

A file may be begun before it is known what the rest is: then it is downloaded, compared and unpacked while
pages are still being fetched. All others are fetched together, the largest first.
"""

from __future__ import annotations

import marshal
import os
from contextlib import ExitStack

from trued.core.errors import OperationalError, TruedError
from trued.core.finding import Finding
from trued.core.record import replace
from trued.operations.acquire import Acquirer, Admission, Compared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self

    from trued.core.distribution import Distribution
    from trued.index.transport import Download, Downloaded, DownloadFailed, Downloads
    from trued.operations.crew import Crew
    from trued.operations.offer import Judged, Offer
    from trued.operations.watcher import FileWatcher, Watcher

__all__ = ["Acquisition"]

_PICKLED = b"\x80"
"""Begins what was pickled, and no path in ASCII."""


class Acquisition:
    """Used as a context manager: leaving it early ends what is under way, and deletes what has come.

    Files wait in a private folder on the store's device until they are proven; what a killed run leaves
    there, a later one removes.
    """

    def __init__(self, acquirer: Acquirer, watcher: Watcher) -> None:
        self._acquirer = acquirer
        self._watcher = watcher
        self._all = ExitStack()
        self._offers: list[Offer] = []
        self._begun: dict[int, int] = {}
        self._judged: list[Judged] = []
        self._failures: list[Finding] = []
        self._compared: dict[int, Compared] = {}
        self._open: dict[int, Compared] = {}
        self._sources: dict[int, Compared] = {}
        self._seen: dict[str, int] = {}
        self._folder = ""
        self._crew: Crew
        self._told: FileWatcher
        self._downloads: Downloads

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._all.close()
        if kind is not None and self._folder:
            from trued.store.staging import sweep

            sweep(self._acquirer.store, now_ns=self._acquirer.now_ns)  # what workers that were ended left

    # While pages arrive

    def open(self, most: int) -> None:
        """Prepare for at most so many files to be begun, while nothing else is under way."""
        self._start(most)
        opened = self._acquirer.network().downloads(arrived=self._go_on, progress=self._progress)
        self._downloads = self._all.enter_context(opened)

    def begin(self, offer: Offer) -> None:
        """Begin to fetch a file of which the digests alone decide, and go on with those that have arrived."""
        self._begun[id(offer)] = len(self._offers)
        download = self._download(offer)
        self._downloads.give(download, weight=download.expected or 0)
        self._go_on()

    def _go_on(self) -> None:
        self._take(self._downloads.ready())

    def has_begun(self, offer: Offer) -> bool:
        """Tell whether that very offer was begun."""
        return id(offer) in self._begun

    # Once all is chosen

    def finish(self, offers: Sequence[Offer], *, builds: bool) -> tuple[list[Judged], list[Finding]]:
        """Judge *offers*, begun or not; return them in order, and the failures of what did not arrive.

        Unless it *builds*, source is judged as it is. Raises: OSError when the disk refuses; what a worker
        raised comes here.
        """
        from trued.operations.crew import CrewLost

        if not builds:
            self._acquirer = replace(self._acquirer, builder=None)
        try:
            self._fetch([offer for offer in offers if not self.has_begun(offer)])
            self._ask()
            for number, answer in self._crew.rest():
                self._answered(number, answer)
        except CrewLost as error:
            raise OperationalError(Finding(code="TRU402", subject="store")) from error
        self._build()
        order = {id(offer): number for number, offer in enumerate(offers)}
        return sorted(self._judged, key=lambda one: order[id(one.offer)]), self._failures

    def _fetch(self, others: Sequence[Offer]) -> None:
        if not self._folder:
            self._start(len(others))
        if self._begun:
            self._take(self._downloads.rest())
        if others:
            downloads = [self._download(offer) for offer in others]
            # The largest first: what is long to unpack is not to begin last.
            downloads.sort(key=lambda download: download.expected or 0, reverse=True)
            self._take(self._acquirer.transport().download_all(downloads, progress=self._progress))

    def _start(self, most: int) -> None:
        """Make the private folder, and the crew, which is forked before there is any other thread.

        A single file is unpacked here: nothing else is to be done meanwhile.
        """
        from trued.operations.crew import crew_of
        from trued.store.staging import Staging

        acquirer = self._acquirer
        self._folder = self._all.enter_context(Staging(acquirer.store, now_ns=acquirer.now_ns)).path
        self._told = self._all.enter_context(self._watcher.files(0, 0))
        workers = min(acquirer.workers, most) if most > 1 else 0
        self._crew = self._all.enter_context(crew_of(self._admitted, workers=workers))

    def _take(self, outcomes: Iterable[Downloaded | DownloadFailed]) -> None:
        from trued.index.transport import DownloadFailed

        for outcome in outcomes:
            if isinstance(outcome, DownloadFailed):
                self._failures.extend(outcome.findings)
                self._told.advance(files=1)
            else:
                self._arrived(outcome)
            for number, answer in self._crew.ready():
                self._answered(number, answer)

    def _arrived(self, downloaded: Downloaded) -> None:
        """Compare the digests of a whole file, and give it to the crew when they are admitted."""
        number = downloaded.download.token
        if not isinstance(number, int):
            raise TypeError("a download comes back with its own token")
        path = downloaded.download.path
        compared = self._acquirer.compare(self._offers[number], downloaded.digests, path)
        if compared.joined.is_open and not compared.judged.verdict.admitted:
            self._open[number] = compared
        else:
            self._decided(number, compared)

    def _ask(self) -> None:
        """Ask about the files that nothing proves, once all have arrived, and go on with them."""
        self._acquirer.prover.ask()
        for number, compared in self._open.items():
            self._decided(number, self._acquirer.compare_again(compared))

    def _decided(self, number: int, compared: Compared) -> None:
        """Have an admitted file unpacked; delete any other unread."""
        sha256 = compared.judged.digests["sha256"]
        distribution = self._offers[number].distribution
        is_source = not distribution.is_wheel
        if compared.judged.verdict.admitted and is_source and self._acquirer.builder is not None:
            self._sources[number] = compared
            self._told.advance(files=1)
        elif compared.judged.verdict.admitted and not is_source:
            self._compared[number] = compared
            self._crew.give(number, _note(distribution, sha256))
        else:
            self._acquirer.put_away(self._path(number), sha256)
            self._judged.append(compared.judged)
            self._told.advance(files=1)

    def _admitted(self, number: int, note: bytes) -> bytes:
        """Take one archive to the store, in a process or thread of the crew; what it raises is the answer."""
        path = self._path(number)
        distribution, sha256 = _noted(note)
        told: Admission | Exception
        try:
            told = self._acquirer.admit(distribution, path, sha256)
            self._acquirer.put_away(path, sha256)
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
        self._judged.append(self._acquirer.judge_content(self._compared.pop(number), admission))
        self._told.advance(files=1)

    def _build(self) -> None:
        """Build what came as source, now that every file was judged; nothing where one of them is refused."""
        if not self._sources:
            return
        from trued.operations.source_distribution import built_sdist

        is_sound = not self._failures and all(one.verdict.admitted for one in self._judged)
        for number, compared in self._sources.items():
            if not is_sound:
                self._judged.append(compared.judged)
                continue
            judged, failed = built_sdist(self._acquirer, compared, self._path(number))
            self._judged.append(judged)
            self._failures += failed

    def _path(self, number: int) -> str:
        return os.path.join(self._folder, str(number))

    def _download(self, offer: Offer) -> Download:
        from trued.index.transport import Download

        number, distribution = len(self._offers), offer.distribution
        self._offers.append(offer)
        self._told.expect(files=1, size=distribution.size or 0)
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
        self._told.advance(size=arrived - before)


def _note(distribution: Distribution, sha256: str) -> bytes:
    """Return what a worker has to know of a file, of which there was nothing when it was forked."""
    metadata = distribution.metadata
    claims = None if metadata is None else tuple((one.algorithm, one.value) for one in metadata)
    one = distribution
    return marshal.dumps((one.project, one.version, one.filename, one.url, one.index, claims, sha256))


def _noted(note: bytes) -> tuple[Distribution, str]:
    from trued.core.digest import Digest
    from trued.core.distribution import Distribution

    project, version, filename, url, index, claims, sha256 = marshal.loads(note)  # noqa: S302 - of our parent
    distribution = Distribution(
        project=project,
        version=version,
        filename=filename,
        url=url,
        index=index,
        metadata=None if claims is None else tuple(Digest(*claim) for claim in claims),
    )
    return distribution, sha256


def _admission(answer: bytes) -> Admission:
    """Return what a worker's answer says: mostly nothing but the entry. Raises what the worker raised."""
    if answer[:1] != _PICKLED:
        return Admission(entry=answer.decode(), findings=())
    import pickle

    told: Admission | Exception = pickle.loads(answer)  # noqa: S301 - from our own process
    if isinstance(told, Exception):
        raise told
    return told
