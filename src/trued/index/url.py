"""URLs as this station reads them: the host they really name, joining, and the file name at their end.

A URL is taken apart here once, strictly, and what is sent is put together again from these parts, so that
no two readers can see two different hosts in one text. Percent-encoding is undone once only: a name decoded
twice can leave its folder (CVE-2026-13346).
"""

from __future__ import annotations

from trued.core.record import dataclass
from trued.requirements.url import split_credentials

__all__ = [
    "InvalidUrl",
    "Origin",
    "bare",
    "digests_in_fragment",
    "file_url_path",
    "is_file_url",
    "join",
    "name_in_url",
    "origin_of",
    "path_to_url",
    "sendable",
    "shown",
]

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-_")
_ADDRESS_CHARACTERS = frozenset("0123456789abcdef:.")
_PLAIN_PATH = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+!/")
_SHOWN_LENGTH = 500
_CONTROL = frozenset(map(chr, (*range(32), 127)))
_UNSAFE_IN_PATHS = frozenset(' "<>^`{|}')


class InvalidUrl(ValueError):
    """The text is no URL that trued asks for; ``reason`` says why, the text itself may hold secrets."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, lower-case host (IPv6 without brackets) and port: the unit that credentials belong to."""

    scheme: str
    host: str
    port: int

    @property
    def netloc(self) -> str:
        """Host and, when it is not the scheme's own, port, as a URL writes them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if _DEFAULT_PORTS[self.scheme] == self.port else f"{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine by definition (RFC 6761, RFC 5735, RFC 4291)."""
        if self.host in {"localhost", "::1"}:
            return True
        numbers = self.host.split(".")
        return (
            len(numbers) == 4 and numbers[0] == "127" and all(n.isdigit() and int(n) < 256 for n in numbers)
        )


def origin_of(url: str) -> Origin:
    """Return the origin of an ``http`` or ``https`` URL. Raises :class:`InvalidUrl`."""
    scheme, authority, _ = _parts(url)
    return _origin(scheme, authority)


def _origin(scheme: str, authority: str) -> Origin:
    host, port = _host_and_port(authority)
    return Origin(scheme, host, _DEFAULT_PORTS[scheme] if port is None else port)


def sendable(url: str) -> str:
    """Return *url* rebuilt from its parts, without user information and fragment. Raises :class:`InvalidUrl`.

    Characters that a path may not hold are percent-encoded; what is percent-encoded already stays as it is.
    """
    scheme, authority, rest = _parts(url)
    origin = _origin(scheme, authority)
    path = rest.partition("#")[0]
    if not path.isascii() or not _UNSAFE_IN_PATHS.isdisjoint(path):
        from urllib.parse import quote

        path = quote(path, safe="/%?&=+:;,@!$'()*~[]-._")
    return f"{origin.scheme}://{origin.netloc}{path if path.startswith('/') else '/' + path}"


def bare(url: str) -> str:
    """Return *url* without user information and fragment. Raises :class:`InvalidUrl` when ambiguous."""
    _check_characters(url)
    return split_credentials(url)[0].partition("#")[0]


def shown(url: str) -> str:
    """Return *url* fit for a message: without user information, query and fragment, which may hold secrets.

    The query of a signed address is a key to the file; what cannot be printed is escaped.
    """
    address, mark, _ = split_credentials(url)[0].partition("#")[0].partition("?")
    text = f"{address}?…" if mark else address
    return (text if text.isprintable() else ascii(text)[1:-1])[:_SHOWN_LENGTH]


def _parts(url: str) -> tuple[str, str, str]:
    """Split into scheme, authority without user information, and the rest."""
    _check_characters(url)
    scheme, separator, rest = split_credentials(url)[0].partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in _DEFAULT_PORTS:
        raise InvalidUrl("it is neither http nor https")
    end = min((rest.find(mark) for mark in "/?#" if mark in rest), default=len(rest))
    return scheme, rest[:end], rest[end:]


def _check_characters(url: str) -> None:
    if not _CONTROL.isdisjoint(url):
        raise InvalidUrl("it holds a control character")
    if "\\" in url:
        # RFC 3986 has no such character, WHATWG readers take it for a slash: they would see two hosts.
        raise InvalidUrl("it holds a backslash")


def _host_and_port(authority: str) -> tuple[str, int | None]:
    if authority.startswith("["):
        host, bracket, tail = authority[1:].lower().partition("]")
        if not bracket or not host or not set(host) <= _ADDRESS_CHARACTERS or (tail and tail[0] != ":"):
            raise InvalidUrl("its IPv6 address cannot be read")
        return host, _port(tail[1:])
    name, _, port = authority.partition(":")
    host = _ascii_host(name)
    if not host or not set(host) <= _HOST_CHARACTERS:
        raise InvalidUrl("its host name cannot be read")
    return host, _port(port)


def _ascii_host(name: str) -> str:
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            raise InvalidUrl("its host name cannot be read") from None
    return name.lower().removesuffix(".")


def _port(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536):
        raise InvalidUrl("its port is no number from 1 to 65535")
    return int(text)


def join(base: str, reference: str) -> str:
    """Return *reference* made absolute against the page's *base* (RFC 3986, section 5)."""
    if reference.startswith(("https://", "http://")):
        return reference
    plainly = _joined_plainly(base, reference)
    if plainly is not None:
        return plainly
    from urllib.parse import urljoin

    try:
        return urljoin(base, reference)
    except ValueError:
        raise InvalidUrl("it cannot be joined with the page's address") from None


def _joined_plainly(base: str, reference: str) -> str | None:
    """Return what :func:`join` returns where both are nothing but plain paths, as most are; else ``None``."""
    scheme, separator, rest = base.partition("://")
    authority, slash, path = rest.partition("/")
    folders, parts = path.split("/")[:-1], reference.split("/")
    segments = folders if parts[0] else []
    named = [part for part in parts[not parts[0] :] if part not in (".", "..")]
    if (
        not (separator and slash and authority and scheme in _DEFAULT_PORTS)
        or not _HOST_CHARACTERS.issuperset(authority.replace(":", ""))
        or not _PLAIN_PATH.issuperset(reference)
        or not _PLAIN_PATH.issuperset(path)
        or not {"", ".", ".."}.isdisjoint((*folders, *named))
        or parts[-1] in (".", "..")
        or not named
    ):
        return None
    for part in parts:
        if part == "..":
            del segments[-1:]
        elif part not in ("", "."):
            segments.append(part)
    return f"{scheme}://{authority}/{'/'.join(segments)}"


def name_in_url(url: str) -> str:
    """Return the last part of the URL's path, percent-decoded exactly once."""
    raw = url.partition("#")[0].partition("?")[0].rpartition("/")[2]
    if "%" not in raw:
        return raw
    from urllib.parse import unquote

    return unquote(raw, errors="surrogateescape")


def digests_in_fragment(fragment: str) -> dict[str, str]:
    """Return every ``algorithm=value`` pair of a URL's fragment, the algorithm in lower case (PEP 503).

    All of them, where pip reads the first only: each one stated must hold.
    """
    if "&" not in fragment:
        algorithm, equals, value = fragment.partition("=")
        return {algorithm.lower(): value} if equals else {}
    stated: dict[str, str] = {}
    for pair in fragment.split("&"):
        algorithm, equals, value = pair.partition("=")
        if equals:
            stated.setdefault(algorithm.lower(), value)
    return stated


def is_file_url(url: str) -> bool:
    """Tell whether *url* names a local file."""
    return url[:5].lower() == "file:"


def file_url_path(url: str) -> str:
    """Return the path that a ``file:`` URL names, percent-decoded once. Raises :class:`InvalidUrl`.

    Only the empty host and ``localhost`` are local (RFC 8089).
    """
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc not in {"", "localhost"}:
        raise InvalidUrl("a file: URL must name this machine")
    path = url2pathname(parts.path)
    if not path or "\0" in path:
        raise InvalidUrl("it names no path")
    return path


def path_to_url(path: str) -> str:
    """Return the ``file:`` URL of a local path, made absolute."""
    from pathlib import Path

    return Path(path).absolute().as_uri()
