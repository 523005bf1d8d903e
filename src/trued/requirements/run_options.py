"""Options of the whole run, gathered from the lines of requirement files in the order they are read."""

from __future__ import annotations

import os

from trued.requirements.model import FileOptions, Location, OptionValue
from trued.requirements.url import scheme_of, split_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.core.finding import Place
    from trued.requirements.problems import Problems

__all__ = ["RunOptions"]


class RunOptions:
    """Collects options; :meth:`result` is what they come to."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._index_url: Location | None = None
        self._extra_index_urls: list[Location] = []
        self._find_links: list[Location] = []
        self._values: list[OptionValue] = []

    def add(self, name: str, value: str, place: Place, *, folder: str | None) -> None:
        """Take one option; *folder* is that of the file it stands in, ``None`` for one from the network."""
        if name == "--index-url":
            self._set_index(_location(value, place))
        elif name == "--extra-index-url":
            self._extra_index_urls.append(_location(value, place))
        elif name == "--find-links":
            self._find_links.append(_location(_beside(value, folder), place))
        else:
            self._values.append(OptionValue(name=name, value=value, place=place))
            if name == "--use-feature":
                self._problems.note("TRU124", place, subject=value)

    def result(self) -> FileOptions:
        """Return the options so far."""
        return FileOptions(
            index_url=self._index_url,
            extra_index_urls=tuple(self._extra_index_urls),
            find_links=tuple(self._find_links),
            no_index=self._first("--no-index"),
            prefer_binary=self._first("--prefer-binary"),
            pre=self._first("--pre"),
            require_hashes=self._first("--require-hashes"),
            no_require_hashes=self._first("--no-require-hashes"),
            trusted_hosts=self._all("--trusted-host"),
            features=self._all("--use-feature"),
            formats=self._all("--only-binary", "--no-binary"),
            releases=self._all("--all-releases", "--only-final"),
        )

    def _set_index(self, location: Location) -> None:
        """As in pip the last one holds; that another one stood before is told."""
        if self._index_url is not None and self._index_url.url != location.url:
            self._problems.warning(
                "TRU125",
                location.place,
                location.url,
                other=self._index_url.url,
                above=str(self._index_url.place),
            )
        self._index_url = location

    def _first(self, name: str) -> OptionValue | None:
        return next(iter(self._all(name)), None)

    def _all(self, *names: str) -> tuple[OptionValue, ...]:
        return tuple(value for value in self._values if value.name in names)


def _location(value: str, place: Place) -> Location:
    url, credentials = split_credentials(value)
    return Location(url=url, credentials=credentials, place=place)


def _beside(value: str, folder: str | None) -> str:
    """Return the path beside the requirements file when something is there, as pip does, else *value*."""
    if folder is None or scheme_of(value):
        return value
    beside = os.path.join(os.path.abspath(folder), value)
    return beside if os.path.exists(beside) else value
