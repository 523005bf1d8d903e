"""A requirements file: its name, where its includes lead, its bytes (path, ``file:`` URL, network)."""

from __future__ import annotations

import os
from collections.abc import Callable

from trued.core.record import dataclass
from trued.requirements.url import scheme_of, without_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.core.limits import Limits

__all__ = ["OpenUrl", "Source", "SourceError", "check_chain", "named", "nested", "read"]

OpenUrl = Callable[[str], bytes]
"""Fetches a URL's body; raises :class:`~trued.core.errors.TruedError` when it cannot."""

_NETWORK = ("http", "https")


class SourceError(Exception):
    """A file cannot be had; carries the finding's code and values."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One requirements or constraints file: ``name`` to open it, ``shown`` to speak of it."""

    name: str
    shown: str

    @property
    def is_remote(self) -> bool:
        """Whether it comes over the network."""
        return scheme_of(self.name) in _NETWORK

    @property
    def identity(self) -> str:
        """The same for two names of one file, so that circles are seen."""
        return self.name if self.is_remote else os.path.realpath(_path_of(self.name))


def named(name: str) -> Source:
    """Return the source that the user calls *name*."""
    return Source(name=name, shown=without_credentials(name))


def nested(parent: Source, name: str, *, shown: str) -> Source:
    """Return the source that *name*, written in *parent*, means: relative to *parent*, as in pip.

    Raises :class:`SourceError` when a file from the network names one of this machine.
    """
    if parent.is_remote:
        from urllib.parse import urljoin

        joined = Source(name=urljoin(parent.name, name), shown=urljoin(parent.shown, shown))
        if not joined.is_remote:
            raise SourceError("TRU106")
        return joined
    if scheme_of(name):
        return Source(name=name, shown=shown)
    folder = os.path.dirname(_path_of(parent.name))
    beside = os.path.normpath(os.path.join(folder, name))
    return Source(name=beside, shown=beside)


def check_chain(source: Source, chain: tuple[str, ...], limits: Limits, *, read_before: int) -> None:
    """Raise :class:`SourceError` when *source* closes a circle, or lies too deep, or is one too many."""
    if source.identity in chain:
        raise SourceError("TRU102")
    limit = limits.requirements_depth
    if len(chain) > limit:
        raise SourceError("TRU104", what="files that include each other", limit=str(limit))
    if read_before >= limits.requirements_files:
        raise SourceError("TRU104", what="files", limit=str(limits.requirements_files))


def read(source: Source, *, open_url: OpenUrl | None, limits: Limits) -> bytes:
    """Return the file's bytes.

    Raises :class:`SourceError`, and what *open_url* raises.
    """
    limit = limits.requirements_bytes
    if source.is_remote:
        if open_url is None:
            raise SourceError("TRU107")
        data = open_url(source.name)
    else:
        try:
            with open(_path_of(source.name), "rb") as file:
                data = file.read(limit + 1)
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or "its name cannot be opened"
            raise SourceError("TRU101", reason=reason) from error
    if len(data) > limit:
        raise SourceError("TRU104", what="bytes in a file", limit=str(limit))
    return data


def _path_of(name: str) -> str:
    if scheme_of(name) != "file":
        return name
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    return url2pathname(urlsplit(name).path)
