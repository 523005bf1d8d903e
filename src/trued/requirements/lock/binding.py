"""Whether a lock takes its files from where the index says they are.

Whoever can change a lock in review can replace URL and digest of a file together: the digest then holds for
the wrong file (uv installs it, also with ``--locked``). What they cannot change is what the index's own page
says, so each file's host must be the index's or one that the page names for that file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from trued.core.finding import Finding, Level, Place
from trued.core.record import dataclass
from trued.requirements.lock.hosts import likeness

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.core.names import ProjectName
    from trued.requirements.lock.model import Lock, LockedFile, LockedPackage

__all__ = ["Indexes", "Listed", "binding_findings"]

Indexes = Callable[["ProjectName"], Iterable[str]] | Collection[str]
"""The URLs of the indexes that a project may come from: for each, or the same for all of them."""

Listed = Callable[["ProjectName", str], Iterable[str]] | Mapping[str, Iterable[str]]
"""The URLs that the index's page gives for a file: by project and file name, or by file name alone."""

_PORTS = {"http": "80", "https": "443"}


def binding_findings(
    lock: Lock, *, indexes: Indexes | None = None, listed: Listed | None = None, file: str = ""
) -> tuple[Finding, ...]:
    """Return what speaks against the hosts that *lock* names.

    *indexes* are the URLs of the indexes that the user has chosen for a project: a package's ``index`` must
    be at one of their hosts, and they stand in where the lock names none (``None``: its word is taken).
    *listed* is what the indexes' pages say; without it only the index's own host is right. Credentials never
    appear.
    """
    findings: list[Finding] = []
    for package in lock.packages:
        if package.direct is None:
            urls = indexes(package.project) if callable(indexes) else indexes
            known = tuple(filter(None, map(_origin, urls))) if urls is not None else None
            findings += _package_findings(package, known, listed, package.place or Place(file))
    return tuple(findings)


@dataclass(frozen=True, slots=True)
class _Origin:
    """Scheme, host and port of a URL, lower-cased, the port filled in."""

    scheme: str
    host: str
    port: str

    def __str__(self) -> str:
        port = "" if self.port == _PORTS.get(self.scheme, "") else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"

    def serves_for(self, expected: _Origin) -> bool:
        """Tell whether this is the same server, asked no less safely."""
        if self == expected:
            return True
        is_safer = (self.scheme, expected.scheme) == ("https", "http")
        return is_safer and self.host == expected.host and self._has_usual_port and expected._has_usual_port

    @property
    def _has_usual_port(self) -> bool:
        return self.port == _PORTS.get(self.scheme)


def _origin(url: str) -> _Origin | None:
    scheme, separator, rest = url.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in _PORTS:
        return None
    end = min((rest.find(mark) for mark in "/?#" if mark in rest), default=len(rest))
    host = rest[:end].rpartition("@")[2].lower()
    name, colon, port = host.rpartition(":")
    if colon and "]" not in port:
        return _Origin(scheme, name.rstrip("."), port or _PORTS[scheme])
    return _Origin(scheme, host.rstrip("."), _PORTS[scheme])


def _package_findings(
    package: LockedPackage, known: tuple[_Origin, ...] | None, listed: Listed | None, place: Place
) -> Iterator[Finding]:
    index = _origin(package.index) if package.index else None
    if index is not None and known is not None and not _is_among(index, known):
        yield _foreign(package, "the index", index, known, place)
    right = (index,) if index is not None else known or ()
    for file in package.files:
        origin = _origin(file.url) if file.url else None
        if origin is None:
            if file.url and right:
                yield _foreign(package, file.filename, None, right, place)
            continue
        named = tuple(filter(None, map(_origin, _urls(listed, package, file))))
        if not (right or named):
            values = {"filename": file.filename, "host": str(origin)}
            yield Finding(
                code="TRU173", level=Level.WARNING, subject=package.text, place=place, values=values
            )
        elif not _is_among(origin, (*right, *named)):
            yield _foreign(package, file.filename, origin, (*right, *named), place)


def _urls(listed: Listed | None, package: LockedPackage, file: LockedFile) -> Iterable[str]:
    if listed is None:
        return ()
    if isinstance(listed, Mapping):
        return listed.get(file.filename, ())
    return listed(package.project, file.filename)


def _is_among(origin: _Origin, expected: Iterable[_Origin]) -> bool:
    return any(origin.serves_for(one) for one in expected)


def _foreign(
    package: LockedPackage,
    what: str,
    origin: _Origin | None,
    expected: tuple[_Origin, ...],
    place: Place,
) -> Finding:
    shown = ", ".join(dict.fromkeys(map(str, expected)))
    values = {"what": what, "host": str(origin) if origin else "a local file", "expected": shown}
    for one in expected:
        like = likeness(origin.host, one.host) if origin else None
        if like is not None:
            values |= {"like": str(one), "how": like}
            return Finding(code="TRU176", subject=package.text, place=place, values=values)
    return Finding(code="TRU175", subject=package.text, place=place, values=values)
