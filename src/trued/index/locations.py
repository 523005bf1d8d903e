"""Where projects are looked for: indexes in order, folders and pages of links, and what is bound to one."""

from __future__ import annotations

import os

from trued.core.errors import UsageError
from trued.core.finding import Finding
from trued.core.names import ProjectName, normalize
from trued.core.record import dataclass
from trued.index.url import InvalidUrl, file_url_path, is_file_url, origin_of, path_to_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trued.index.credentials import CredentialSource

__all__ = ["Binding", "Index", "Locations", "find_locations"]


@dataclass(frozen=True, slots=True)
class Index:
    """One index: its address, without credentials and with a slash at its end, and the user's name for it."""

    url: str
    name: str = ""

    def page_url(self, project: ProjectName) -> str:
        """Return where the project's page is; in a folder it is a file."""
        page = f"{self.url}{project}/"
        return f"{page}index.html" if is_file_url(self.url) else page


@dataclass(frozen=True, slots=True)
class Binding:
    """Projects that are looked for in one index and nowhere else; ``pattern`` may end in ``*``."""

    pattern: str
    index: Index

    def covers(self, project: ProjectName) -> bool:
        """Tell whether *project* is bound."""
        if self.pattern.endswith("*"):
            return project.startswith(self.pattern[:-1])
        return project == self.pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Locations:
    """Indexes in order of preference, ``find_links`` (folders, files and pages, as URLs), and bindings.

    The first index that has a project wins, whatever versions the others offer: merging would let any of
    them outbid the one that was meant (CVE-2018-20225). ``merge`` asks for that all the same.
    """

    indexes: tuple[Index, ...] = ()
    find_links: tuple[str, ...] = ()
    bindings: tuple[Binding, ...] = ()
    merge: bool = False

    def indexes_for(self, project: ProjectName) -> tuple[Index, ...]:
        """Return the indexes to ask for *project*, in order; the first binding that covers it decides."""
        for binding in self.bindings:
            if binding.covers(project):
                return (binding.index,)
        return self.indexes


def find_locations(
    *,
    index_url: str | None = None,
    extra_index_urls: Sequence[str] = (),
    find_links: Sequence[str] = (),
    no_index: bool = False,
    merge: bool = False,
    named: Mapping[str, str] | None = None,
    bindings: Mapping[str, str] | None = None,
    credentials: CredentialSource,
    default_url: Callable[[], str],
) -> Locations:
    """Return the locations that the user's settings mean.

    Addresses may be URLs or local paths. ``bindings`` maps project names or ``prefix*`` to a name of *named*
    or to an address; named indexes serve only what is bound to them. With *no_index* no index is asked, a
    bound one neither. Credentials in addresses go into *credentials*. Raises :class:`UsageError` with every
    address that cannot be used and every binding to an unknown name.
    """
    problems: list[Finding] = []
    reader = _AddressReader(credentials, problems)
    indexes: tuple[Index, ...] = ()
    bound: tuple[Binding, ...] = ()
    if not no_index:
        first = index_url if index_url is not None else default_url()
        indexes = tuple(Index(reader.index(url)) for url in dict.fromkeys([first, *extra_index_urls]))
        bound = _bindings(bindings or {}, named or {}, reader, problems)
    links = tuple(reader.link(address) for address in dict.fromkeys(find_links))
    if problems:
        raise UsageError(*problems)
    return Locations(indexes=indexes, find_links=links, bindings=bound, merge=merge)


def _bindings(
    bindings: Mapping[str, str], named: Mapping[str, str], reader: _AddressReader, problems: list[Finding]
) -> tuple[Binding, ...]:
    found = []
    for pattern, target in bindings.items():
        address = named.get(target, target)
        if target not in named and not _is_url(target) and not os.path.isdir(target):
            known = ", ".join(sorted(named)) or "none"
            problems.append(Finding(code="TRU354", subject=pattern, values={"index": target, "known": known}))
            continue
        star = "*" if pattern.endswith("*") else ""
        name = target if target in named else ""
        found.append(Binding(normalize(pattern.removesuffix("*")) + star, Index(reader.index(address), name)))
    return tuple(found)


class _AddressReader:
    """Turns addresses into URLs without credentials, and gathers what is wrong with them."""

    def __init__(self, credentials: CredentialSource, problems: list[Finding]) -> None:
        self._credentials = credentials
        self._problems = problems

    def index(self, address: str) -> str:
        url = self.link(address)
        return url if url.endswith("/") else f"{url}/"

    def link(self, address: str) -> str:
        if not _is_url(address):
            return path_to_url(os.path.expanduser(address))
        bare = self._credentials.remember(address)
        try:
            if is_file_url(bare):
                file_url_path(bare)
            else:
                origin_of(bare)
        except InvalidUrl as invalid:
            self._problems.append(
                Finding(code="TRU328", subject=bare, values={"url": bare, "reason": invalid.reason})
            )
        return bare


def _is_url(address: str) -> bool:
    return "://" in address or is_file_url(address)
