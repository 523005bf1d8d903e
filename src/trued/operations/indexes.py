"""Which indexes a run asks: settings, then what requirement files say, as pip puts the two together."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from trued.core.names import ProjectName
    from trued.index.client import IndexClient
    from trued.index.locations import Locations
    from trued.operations.session import Session
    from trued.requirements.model import FileOptions, Location

__all__ = ["index_client", "index_urls", "index_urls_of_projects"]


def index_client(session: Session, options: FileOptions) -> IndexClient:
    """Return the client for the indexes and folders that *session* and requirement files name."""
    from trued.index.client import IndexClient
    from trued.resolution.kept_pages import KeptPages, TranscribedPages

    settings = session.settings
    kind = KeptPages if settings.offline else TranscribedPages
    cache = kind(session.cache, now=session.clock_seconds)
    return IndexClient(
        session.transport,
        _locations(session, options),
        cache=cache,
        refresh=settings.refresh,
        limits=session.limits,
        signed=session.signed.urls if session.has_signed else frozenset(),
    )


def index_urls(session: Session, options: FileOptions) -> tuple[str, ...]:
    """Return the addresses of all indexes that may be asked, those bound to projects too."""
    locations = _locations(session, options)
    bound = (binding.index for binding in locations.bindings)
    return tuple(dict.fromkeys(index.url for index in (*locations.indexes, *bound)))


def index_urls_of_projects(
    session: Session, options: FileOptions
) -> Callable[[ProjectName], tuple[str, ...]]:
    """Return what tells the indexes that one project may come from: the one that it is bound to, or all."""
    locations = _locations(session, options)
    return lambda project: tuple(index.url for index in locations.indexes_for(project))


def _locations(session: Session, options: FileOptions) -> Locations:
    """Return the locations; as in pip a file's ``--index-url`` replaces the settings', the rest adds."""
    from trued.index.default import default_index_url
    from trued.index.locations import find_locations

    settings = session.settings
    first = _address(session, options.index_url) if options.index_url else settings.index_url
    unbound = [index.url for index in settings.indexes if not index.projects]
    return find_locations(
        index_url=first,
        extra_index_urls=[
            *settings.extra_index_urls,
            *(_address(session, extra) for extra in options.extra_index_urls),
            *unbound,
        ],
        find_links=[*settings.find_links, *(_address(session, link) for link in options.find_links)],
        no_index=settings.no_index or options.no_index is not None,
        merge=settings.index_strategy == "merge",
        named={index.name: index.url for index in settings.indexes},
        bindings={project: index.name for index in settings.indexes for project in index.projects},
        credentials=session.credentials,
        default_url=default_index_url,
    )


def _address(session: Session, location: Location) -> str:
    """Return the location's address; what it carried to log in with is kept for its host."""
    if location.credentials is not None:
        session.remember_credentials(location.url, location.credentials)
    return location.url
