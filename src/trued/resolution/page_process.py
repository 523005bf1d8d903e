"""Pages fetched and read by a forked process, so that a resolution has a second processor.

Reading pages is half of the work of a resolution with an empty cache, and threads of one interpreter take
turns. The process is handed names of projects and answers with releases, each as soon as it is there. It only
spares time: a page that it cannot answer for, or all of them when it is gone, are fetched by who needs them.
"""

from __future__ import annotations

import marshal
import os
import threading
from typing import TYPE_CHECKING, Any

from trued.index.client import PageRead
from trued.index.page_cache import KeptPage
from trued.resolution.listing_shelf import releases_of
from trued.resolution.releases import read_releases

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BufferedReader

    from trued.core.errors import TruedError
    from trued.core.names import ProjectName
    from trued.resolution.page_server import Pages
    from trued.resolution.releases import Releases

__all__ = ["PageProcess", "start"]

_LENGTH_BYTES = 8
_KILL = 9


def start(pages: Callable[[], Pages]) -> PageProcess | None:
    """Fork a process that asks *pages*, which is called there; ``None`` where that cannot be done safely.

    A forked process has one thread, so that whatever the others held would be held for ever.
    """
    import _thread
    import sys

    if sys.platform != "linux" or _thread._count():
        return None
    from trued.resolution.page_server import serve

    requests, requesting = os.pipe()
    answers, answering = os.pipe()
    try:
        child = os.fork()
    except OSError:  # no more processes, or no more memory
        for end in (requests, requesting, answers, answering):
            os.close(end)
        return None
    if child == 0:
        try:
            os.close(requesting)
            os.close(answers)
            serve(requests, answering, pages)
        finally:
            os._exit(1)
    os.close(requests)
    os.close(answering)
    return PageProcess(child, requesting, answers)


class PageProcess:
    """The process, from the side of who asks; safe to be used from several threads."""

    def __init__(self, child: int, requesting: int, answers: int) -> None:
        self._child = child
        self._requesting: int | None = requesting
        self._turn = threading.Lock()
        self._waiting: dict[ProjectName, _Answer] = {}
        self._is_gone = False
        self._read: tuple[PageRead, ...] | None = None
        self._answers = answers
        self._reader: threading.Thread | None = None

    def begin(self, project: ProjectName) -> None:
        """Ask for the page of *project*, once."""
        self._asked(project)

    def releases(self, project: ProjectName) -> Releases | None:
        """Wait for the releases of *project*; ``None`` when somebody else has to fetch them.

        Raises: what fetching them raised.
        """
        answer = self._asked(project)
        self._read_on()
        answer.done.wait()
        if answer.error is not None:
            raise answer.error
        return answer.releases

    def after(self, project: ProjectName, work: Callable[[], None]) -> None:
        """Call *work*, which is short, once the process has answered for *project*."""
        answer = self._asked(project)
        self._read_on()
        with self._turn:
            if not answer.done.is_set():
                answer.works.append(work)
                return
        work()

    def finish(self) -> None:
        """Ask for nothing further; what is known goes into the caches while nobody waits for it."""
        with self._turn:
            requesting, self._requesting = self._requesting, None
        if requesting is not None:
            os.close(requesting)

    def pages_read(self) -> tuple[PageRead, ...] | None:
        """Return the kept pages that the answers rest on, ``None`` when one rests on something else.

        It ends the asking.
        """
        self.finish()
        self._read_on().join()
        return self._read

    def close(self, *, at_once: bool = False) -> None:
        """Wait for the process; *at_once* whatever it has left to write is left."""
        self.finish()
        if at_once:
            os.kill(self._child, _KILL)
        self._read_on().join()
        os.waitpid(self._child, 0)

    def _read_on(self) -> threading.Thread:
        """Have answers taken from now on; until then there is no thread, so that another may fork as well."""
        with self._turn:
            if self._reader is None:
                self._reader = threading.Thread(target=self._receive, daemon=True)
                self._reader.start()
            return self._reader

    def _asked(self, project: ProjectName) -> _Answer:
        with self._turn:
            answer = self._waiting.get(project)
            if answer is not None:
                return answer
            answer = self._waiting[project] = _Answer()
            if self._is_gone or self._requesting is None:
                answer.done.set()
                return answer
            try:
                os.write(self._requesting, f"{project}\n".encode())
            except OSError:
                self._is_gone = True
                answer.done.set()
        return answer

    def _receive(self) -> None:
        """Take answers until the process ends; who waits for others is told to do without."""
        try:
            with open(self._answers, "rb") as file:
                while (answer := _next(file)) is not None:
                    self._take(*answer)
        except (OSError, EOFError, ValueError, TypeError):
            pass
        finally:
            with self._turn:
                self._is_gone = True
                left = [answer for answer in self._waiting.values() if not answer.done.is_set()]
            for unanswered in left:
                self._tell(unanswered)

    def _take(self, project: ProjectName, kind: str, content: Any) -> None:
        if kind == "read":
            self._read = _pages_of(content)
            return
        answer = self._waiting[project]
        if kind == "listed":
            answer.releases = releases_of(content, project)
        elif kind == "absent":
            answer.releases = read_releases(project, None)
        elif kind in ("releases", "error"):
            import pickle

            found = pickle.loads(content)  # noqa: S301 - the own forked process wrote it
            if kind == "error":
                answer.error = found
            else:
                answer.releases = found
        self._tell(answer)

    def _tell(self, answer: _Answer) -> None:
        with self._turn:
            answer.done.set()
            works, answer.works = answer.works, []
        for work in works:
            work()


class _Answer:
    """What the process says of one project, and what waits for it."""

    __slots__ = ("done", "error", "releases", "works")

    def __init__(self) -> None:
        self.done = threading.Event()
        self.error: TruedError | None = None
        self.releases: Releases | None = None
        self.works: list[Callable[[], None]] = []


def _next(file: BufferedReader) -> tuple[ProjectName, str, Any] | None:
    size = file.read(_LENGTH_BYTES)
    if len(size) < _LENGTH_BYTES:
        return None
    answer: tuple[ProjectName, str, Any] = marshal.loads(  # noqa: S302 - the own forked process wrote it
        file.read(int.from_bytes(size))
    )
    return answer


def _pages_of(content: tuple[Any, ...] | None) -> tuple[PageRead, ...] | None:
    if content is None:
        return None
    return tuple(
        PageRead(
            project=project,
            index=index,
            kept=KeptPage(path=path, identity=identity, since=since, until=until, sent=sent),
        )
        for project, index, path, identity, since, until, sent in content
    )
