"""One index's signed metadata for one run: refreshed once, asked for many targets together.

python-tuf's ``Updater`` carries out the client workflow (TUF specification, section 5). Around it stands what
it leaves to its caller: one process at a time in the folder, roles fetched in parallel, bounds on time and
bytes, marks that outlive a power cut, the time of the run, use offline as long as nothing has expired.
"""

from __future__ import annotations

import threading

from trued.core.errors import OperationalError
from trued.core.limits import Limits
from trued.proof.tuf.library import without_collecting
from trued.proof.tuf.port import Answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from trued.proof.tuf.folder import Marks, MetadataFolder
    from trued.proof.tuf.port import Fetch, Wanted
    from trued.proof.tuf.target import RootFacts, State, Target
    from trued.proof.tuf.updating import Updating

__all__ = ["TufClient", "read_root"]


class TufClient:
    """The signed metadata of the index *name*, whose files lie below *address* (with a slash at its end).

    Trust begins at *root*, the bytes of a root file; ``None`` takes the one that the folder holds. *now* has
    a time zone. With *offline* the folder answers as long as nothing in it has expired. Safe in threads.
    """

    def __init__(
        self,
        name: str,
        *,
        address: str,
        folder: MetadataFolder,
        root: bytes | None,
        fetch: Fetch,
        now: datetime,
        limits: Limits | None = None,
        offline: bool = False,
    ) -> None:
        self.name = name
        self._address = address
        self._folder = folder
        self._root = root
        self._fetch = _Kept(folder, fetch) if offline else fetch
        self._now = now
        self._limits = limits or Limits()
        self._is_offline = offline
        self._turn = threading.RLock()
        self._run: Updating | None = None
        self._failure: Exception | None = None
        self._found: dict[str, Target | None] = {}
        self._queued: list[str] = []

    def begin(self) -> None:
        """Keep the root in the folder, where trust begins. Raises: OperationalError TRU864, TRU865."""
        with self._turn, self._folder.alone():
            self._opened(self._folder.marks())

    def refresh(self) -> State:
        """Bring root, timestamp, snapshot and targets up to date; once, however often it is called.

        Raises: IndexUnproven (an OperationalError) TRU850-TRU860 when the metadata does not hold,
        OperationalError when it cannot be had.
        """
        with self._turn:
            if self._run is None:
                if self._failure is not None:
                    raise self._failure
                try:
                    with self._folder.alone():
                        self._run = self._refreshed()
                except OperationalError as error:
                    self._failure = error  # asked again, it would be fetched again
                    raise
            return self._run.state()

    def targets(self, paths: Iterable[str]) -> dict[str, Target | None]:
        """Return what the metadata says of each path; ``None`` where nobody vouches for it.

        Raises as :meth:`refresh`.
        """
        wanted = list(dict.fromkeys(paths))
        missing = [path for path in wanted if path not in self._found]
        if missing or self._run is None:
            self._queued.extend(missing)
            with self._turn:
                self.refresh()
                self._look_up([path for path in missing if path not in self._found])
        return {path: self._found[path] for path in wanted}

    def _look_up(self, own: list[str]) -> None:
        """Look for *own* paths, and for those of the threads that wait: all their roles come together."""
        if not own or self._run is None:
            return
        queued, self._queued = self._queued, []
        batch = list(dict.fromkeys((*own, *(path for path in queued if path not in self._found))))
        with self._folder.alone(), without_collecting():
            try:
                self._found |= self._run.look_up(batch)
            except OperationalError:
                if len(batch) == len(own):
                    raise
                self._found |= self._run.look_up(own)  # what is wrong with another's is told to that one

    def root(self, version: int) -> bytes:
        """Return the bytes of a kept root, of the chain that a refresh has followed; empty for any other."""
        return self._folder.kept(f"{version}.root.json") or b""

    def knows(self, path: str) -> bool:
        """Tell whether *path* was looked up already."""
        return path in self._found

    def _refreshed(self) -> Updating:
        marks = self._folder.marks()
        run = self._opened(marks)
        with without_collecting():
            run.refresh()
        run.compare(marks)
        if not self._is_offline:
            try:
                self._folder.set_marks(run.marks())
            except OSError as error:
                raise self._folder.unusable(error) from error
        return run

    def _opened(self, marks: Marks) -> Updating:
        from trued.proof.tuf.library import load_tuf

        load_tuf()
        from trued.proof.tuf.fetching import Fetcher
        from trued.proof.tuf.updating import Updating

        return Updating(
            self.name,
            fetcher=Fetcher(self._fetch, base=self._address, limits=self._limits),
            address=self._address,
            folder=self._folder,
            root=self._root,
            now=_latest(self._now, marks),
            limits=self._limits,
        )


def _latest(now: datetime, marks: Marks) -> datetime:
    """Return the time by which metadata expires: a clock that was set back makes nothing last longer."""
    from datetime import UTC, datetime

    return max(now, datetime.fromtimestamp(marks.seconds, UTC))


class _Kept:
    """Answers from the folder where there is no network; what it lacks is asked for, and fails as it must."""

    def __init__(self, folder: MetadataFolder, fetch: Fetch) -> None:
        self._folder = folder
        self._fetch = fetch

    def __call__(self, wanted: Sequence[Wanted], seconds: float) -> dict[str, Answer]:
        answers, missing = {}, []
        for one in wanted:
            body = self._folder.kept(one.name)
            if body is not None:
                answers[one.name] = Answer(body=body)
            elif one.name.endswith(".root.json"):
                answers[one.name] = Answer(is_absent=True)
            else:
                missing.append(one)
        return answers | (dict(self._fetch(missing, seconds)) if missing else {})


def read_root(data: bytes, *, subject: str) -> RootFacts:
    """Return what a root file says of itself; its own keys must have signed it.

    Raises: OperationalError TRU865 when it is no such file.
    """
    from trued.proof.tuf.library import load_tuf

    load_tuf()
    from trued.proof.tuf.updating import root_facts

    return root_facts(data, subject=subject)
