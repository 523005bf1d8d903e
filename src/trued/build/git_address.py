"""What a ``git+…`` URL names: the address that git is given, and the revision after its last ``@``.

An address reaches git's argument list, ssh's argument list and, for http, git's credential protocol. Each has
been made to run or to tell something by an address before (CVE-2017-1000117: a host that begins with ``-``;
CVE-2020-5260: a newline; ``ext::``: a command as a transport), so what could mean two things is refused here.
"""

from __future__ import annotations

import re

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.requirements.url import Credentials

__all__ = ["GitAddress", "UnfitAddress", "is_full_commit", "read_address"]

_SCHEMES = frozenset(("https", "http", "ssh", "file"))
_FULL_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+/@=-]{0,254}")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}")
_HOST = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_ENCODED_CONTROL = re.compile(r"%(?:[01][0-9A-Fa-f]|7[fF])")


class UnfitAddress(ValueError):
    """The URL is none that git is given; ``reason`` says why and shows nothing of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class GitAddress:
    """A repository and a revision of it.

    ``url`` is what git is given: no credentials, but for ssh the account's name, which every user of a forge
    shares. ``revision`` is empty where the URL names none.
    """

    url: str
    revision: str = ""

    @property
    def scheme(self) -> str:
        """``https``, ``http``, ``ssh`` or ``file``."""
        return self.url.partition("://")[0]

    @property
    def host(self) -> str:
        """Host, with its port where one is written; empty for ``file``."""
        return self.url.partition("://")[2].partition("/")[0].rpartition("@")[2]

    @property
    def commit(self) -> str:
        """The revision where it is a full commit, 40 or 64 hexadecimal digits in lower case; else empty."""
        lower = self.revision.lower()
        return lower if is_full_commit(lower) else ""


def is_full_commit(text: str) -> bool:
    """Tell whether *text* is a whole object name of git, SHA-1 or SHA-256, in lower case."""
    return _FULL_COMMIT.fullmatch(text) is not None


def read_address(url: str, credentials: Credentials | None = None) -> GitAddress:
    """Read ``git+https://host/path@revision``; *credentials* are those that stood in it.

    Raises: UnfitAddress.
    """
    bare = url.removeprefix("git+")
    scheme, separator, rest = bare.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in _SCHEMES:
        raise UnfitAddress(f"git is given https, ssh and file addresses, not {scheme[:20]!r}")
    if "::" in bare.partition("[")[0] or any(ord(sign) <= 32 or ord(sign) >= 127 for sign in bare):
        raise UnfitAddress("it holds blanks, control characters or ::, which git reads as something else")
    if _ENCODED_CONTROL.search(bare) or "\\" in bare:
        raise UnfitAddress("it holds an encoded control character or a backslash")
    if "?" in rest or "#" in rest:
        raise UnfitAddress("a repository's address has neither a query nor a fragment")
    authority, slash, path = rest.partition("/")
    path, at, revision = path.rpartition("@") if "@" in path else (path, "", "")
    if at and not _REVISION.fullmatch(revision):
        raise UnfitAddress("what stands after @ is no name of a branch, tag or commit")
    if ".." in revision or "@{" in revision or revision.endswith((".lock", "/", ".")):
        raise UnfitAddress("what stands after @ is no name of a branch, tag or commit")
    place = _place(scheme, authority, f"{slash}{path}", credentials)
    return GitAddress(url=f"{scheme}://{place}", revision=revision)


def _place(scheme: str, authority: str, path: str, credentials: Credentials | None) -> str:
    user, _, host = authority.rpartition("@")
    if not path.strip("/") or path.lstrip("/").startswith("-"):
        raise UnfitAddress("its path is missing or begins with -, as options do")
    if scheme == "file":
        if host not in ("", "localhost") or user:
            raise UnfitAddress("a file address names no other machine")
        return path
    if not _HOST.fullmatch(host):
        raise UnfitAddress("its host is missing, begins with - or is written in an unusual way")
    if scheme != "ssh":
        return f"{host}{path}"
    user = user or (credentials.username if credentials else "")
    if credentials is not None and credentials.password:
        raise UnfitAddress("ssh takes no password from an address; an ssh agent holds the key")
    if user and not _USER.fullmatch(user):
        raise UnfitAddress("the account's name is written in an unusual way")
    return f"{user}@{host}{path}" if user else f"{host}{path}"
