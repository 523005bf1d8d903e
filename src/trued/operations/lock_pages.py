"""When a lock's pages are had from a process of their own, and what that process works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.requirements.plain_dependency import read_plain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from trued.core.names import ProjectName
    from trued.operations.roots import Roots
    from trued.operations.session import Session
    from trued.resolution.page_process import PageProcess
    from trued.resolution.page_server import Pages

__all__ = ["LockPages"]


class LockPages:
    """A process that has the pages of one lock, from :meth:`begin` until this context ends, if it can be."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.process: PageProcess | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self.process is not None:
            self.process.close(at_once=kind is not None)

    def begin(self, roots: Roots) -> None:
        """Begin with the pages of *roots*, unless each that is known to be needed is fresh."""
        session = self._session
        if not _may_be_apart(session, roots):
            return
        client = session.client(roots.options)
        missing = [project for project in _projects(roots) if not client.is_kept(project)]
        if not missing:
            return
        from trued.resolution.page_process import start

        self.process = start(lambda: _pages(session, roots))
        if self.process is not None:
            client.is_read_elsewhere(self.process.pages_read)
            for project in missing:
                self.process.begin(project)


def _may_be_apart(session: Session, roots: Roots) -> bool:
    """Tell whether a project's page is one answer to one question, which any process may ask."""
    settings = session.settings
    return not (
        settings.offline
        or session.has_signed
        or settings.index_strategy == "merge"
        or settings.find_links
        or roots.options.find_links
    )


def _projects(roots: Roots) -> Iterable[ProjectName]:
    """Yield the projects that are asked for in the plainest way; the others are met a moment later."""
    direct = {line.project for line in roots.direct}
    for root in roots.roots:
        plain = read_plain(root.text)
        if plain is not None and plain.marker is None and plain.project not in direct:
            yield plain.project


def _pages(session: Session, roots: Roots) -> Pages:
    """Return what the forked process works with: connections are its own, and it asks the user nothing."""
    from trued.operations.indexes import index_client
    from trued.resolution.listing_shelf import ListingShelf
    from trued.resolution.page_server import Pages

    session.credentials.leave_keyring()
    held = [session.__dict__.pop(name, None) for name in ("network", "transport")]
    client = index_client(session, roots.options)
    shelf = ListingShelf(session.cache)
    return Pages(client=client, shelf=shelf, connections=session.limits.connections, held=held)
