"""The forked process's side of :mod:`trued.resolution.page_process`."""

from __future__ import annotations

import marshal
import os
import threading
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from trued.core.errors import TruedError
from trued.core.names import ProjectName
from trued.core.record import dataclass
from trued.resolution.errand import Crew, Errand
from trued.resolution.listing_shelf import ListedPage, listed
from trued.resolution.page_fetch import fetched_releases

if TYPE_CHECKING:
    from collections.abc import Callable

    from trued.index.client import IndexClient
    from trued.resolution.listing_shelf import ListingShelf

__all__ = ["Pages", "serve"]

_LENGTH_BYTES = 8
_PIPE_BYTES = 1 << 20
_CREDENTIALS_NEEDED = "TRU312"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pages:
    """Where the process has pages from: a client of its own, on connections of its own.

    ``held`` are objects of the process that was forked: taken apart here, they would end what it has open.
    """

    client: IndexClient
    shelf: ListingShelf | None
    connections: int
    held: object = None


def serve(requests: int, answering: int, pages: Callable[[], Pages]) -> NoReturn:
    """Answer for the projects named in the pipe *requests*, a line each, and end the process with it."""
    import signal

    # Whoever ends the run from the keyboard ends the pipe, and with it this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    server = _Server(pages(), answering)
    with open(requests, encoding="ascii") as names:
        for name in names:
            server.begin(ProjectName(name.rstrip("\n")))
    server.finish()
    os._exit(0)


class _Server:
    def __init__(self, pages: Pages, answering: int) -> None:
        self._pages = pages
        self._answering = answering
        self._turn = threading.Lock()
        self._crew = Crew(pages.connections)
        self._is_over = False
        _widen(answering)

    def begin(self, project: ProjectName) -> None:
        self._crew.begin(Errand(partial(self._answer, project)))

    def finish(self) -> None:
        """Leave what nobody waits for any more, finish what has begun, and tell which pages were read."""
        self._is_over = True
        self._crew.finish()
        read = self._pages.client.rests_on
        told = None if read is None else tuple([(one.project, one.index, *_kept(one.kept)) for one in read])
        self._send("", "read", told)

    def _answer(self, project: ProjectName) -> None:
        if self._is_over:
            return
        try:
            releases = fetched_releases(self._pages.client, project, self._pages.shelf)
        except TruedError as error:
            self._send_error(project, error)
            return
        except BaseException:  # who waits does the same, and meets the same
            self._send(project, "lost", None)
            raise
        if releases.page is None:
            self._send(project, "absent", None)
            return
        content = listed(releases)
        if content is None:
            import pickle

            self._send(project, "releases", pickle.dumps(releases))
            return
        self._send(project, "listed", content)
        if self._pages.shelf is not None and not isinstance(releases.page, ListedPage):
            self._crew.begin(Errand(partial(self._pages.shelf.write, releases, content)))

    def _send_error(self, project: ProjectName, error: TruedError) -> None:
        """Tell of *error*; where credentials are needed, only the other process may ask the user for them."""
        if any(finding.code == _CREDENTIALS_NEEDED for finding in error.findings):
            self._send(project, "lost", None)
            return
        import pickle

        self._send(project, "error", pickle.dumps(error))

    def _send(self, project: str, kind: str, content: bytes | tuple[object, ...] | None) -> None:
        message = marshal.dumps((project, kind, content))  # type: ignore[arg-type]  # tuples of plain values
        rest = memoryview(len(message).to_bytes(_LENGTH_BYTES) + message)
        with self._turn:
            while rest:
                rest = rest[os.write(self._answering, rest) :]


def _kept(kept: object) -> tuple[object, ...]:
    return tuple([getattr(kept, name) for name in ("path", "identity", "since", "until", "sent")])


def _widen(pipe: int) -> None:
    """Have room for a page of the usual size, so that a thread that has answered goes on at once."""
    import fcntl

    try:
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    except OSError:  # a user's pipes may be bounded further
        return
