"""URLs as text: scheme, credentials and fragment taken apart without decoding what stands between them.

Credentials leave a URL as soon as it is read, so that no finding, lock or receipt can show them.
"""

from __future__ import annotations

import re

from trued.core.record import dataclass

__all__ = [
    "VCS_SCHEMES",
    "Credentials",
    "filename_of",
    "scheme_of",
    "split_credentials",
    "split_fragment",
    "without_credentials",
]

VCS_SCHEMES = frozenset(
    (
        "bzr+http",
        "bzr+https",
        "bzr+ssh",
        "bzr+sftp",
        "bzr+ftp",
        "bzr+lp",
        "bzr+file",
        "git+http",
        "git+https",
        "git+ssh",
        "git+git",
        "git+file",
        "hg+file",
        "hg+http",
        "hg+https",
        "hg+ssh",
        "hg+static-http",
        "svn+ssh",
        "svn+http",
        "svn+https",
        "svn+svn",
        "svn+file",
    )
)
"""The schemes that pip hands to a version control system."""

_PLAIN_SCHEMES = frozenset(("http", "https", "file", "ftp"))
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_USER_INFO = re.compile(r"(://)[^/?#\s]*@")
_BROKEN_USER_INFO = re.compile(r"(://)[^/?#\s@]*:(?!\d*(?:[/?#\s]|$))\S*@")


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user name and a password, percent-decoded; neither appears in ``repr``."""

    username: str
    password: str

    def __repr__(self) -> str:
        return "Credentials(hidden)"


def scheme_of(text: str) -> str | None:
    """Return the scheme, in lower case, when *text* is a URL that pip knows; else ``None``."""
    match = _SCHEME.match(text)
    if match is None:
        return None
    scheme = match.group(1).lower()
    return scheme if scheme in _PLAIN_SCHEMES or scheme in VCS_SCHEMES else None


def split_fragment(url: str) -> tuple[str, str]:
    """Return *url* without its fragment, and the fragment without its ``#``."""
    base, _, fragment = url.partition("#")
    return base, fragment


def split_credentials(url: str) -> tuple[str, Credentials | None]:
    """Return *url* without its user information, and that information when there is any."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url, None
    end = min((rest.find(mark) for mark in "/?#" if mark in rest), default=len(rest))
    user_info, at, host = rest[:end].rpartition("@")
    if not at:
        return url, None
    username, _, password = user_info.partition(":")
    return f"{scheme}://{host}{rest[end:]}", Credentials(_decoded(username), _decoded(password))


def without_credentials(text: str) -> str:
    """Return *text* with the user information of every URL in it removed, malformed ones included."""
    if "://" not in text:
        return text
    return _BROKEN_USER_INFO.sub(r"\1", _USER_INFO.sub(r"\1", text))


def filename_of(url: str) -> str:
    """Return the last part of the URL's path, percent-decoded."""
    path = split_fragment(url)[0].partition("?")[0]
    return _decoded(path.rpartition("/")[2])


def _decoded(text: str) -> str:
    if "%" not in text:
        return text
    from urllib.parse import unquote

    return unquote(text)
