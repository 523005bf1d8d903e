"""What vouches for the folders, repositories and URLs of a lock: something that is not the lock itself.

A file of an index is bound to its index's host. For a URL of its own there is no index, so a lock could be
changed by turning a release of an index into an archive, or a commit, from somewhere else: a hash stands
beside it, and locks are long and seldom read. So the address has to be written where people write, among the
dependencies in ``pyproject.toml`` or in a requirements file beside the lock, or be that of an index or of a
host of ``commit-is-proof``. A full commit that is written there has to be the lock's: a forge shows the
commits of every fork below the address of the project that it was forked from.
"""

from __future__ import annotations

import os
import tomllib

from trued.core.finding import Finding, Place
from trued.requirements.lock.model import DirectKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trued.operations.session import Session
    from trued.requirements.lock.model import DirectSource, LockedPackage

__all__ = ["direct_findings"]

_MOST_BYTES = 4 * 1024 * 1024
_BEFORE = frozenset(("", "+", ":", " ", "\t"))
_AFTER = frozenset(("", "@", "#", ";", "[", "/", " ", "\t"))
"""What stands around an address in a requirement: it is no part of a longer one."""
_DEPENDENCIES = (
    ("project", "dependencies"),
    ("project", "optional-dependencies"),
    ("dependency-groups",),
    ("tool", "uv"),
    ("tool", "pdm"),
    ("tool", "hatch", "envs"),
    ("tool", "poetry", "dependencies"),
    ("tool", "poetry", "dev-dependencies"),
    ("tool", "poetry", "group"),
)
"""Where ``pyproject.toml`` says what is needed. The project's own addresses (``urls``) ask for nothing."""
_COMMIT_LENGTHS = (40, 64)
_HEXADECIMAL = frozenset("0123456789abcdef")


def direct_findings(
    session: Session, packages: Iterable[LockedPackage], *, shown: str
) -> tuple[Finding, ...]:
    """Return a finding for each direct source of the lock *shown* that nothing but the lock vouches for."""
    direct = [(package, package.direct) for package in packages if package.direct is not None]
    if not direct:
        return ()
    folder = os.path.dirname(os.path.join(session.cwd, shown))
    texts = list(_texts(folder))
    return tuple(
        Finding(
            code="TRU499",
            subject=str(package.project),
            place=package.place or Place(shown),
            values={"source": str(source)},
        )
        for package, source in direct
        if not (
            _is_at_home(source, folder)
            or _is_of_known_host(session, source)
            or _is_named(source, texts)
            or _is_named_as_file(source, texts, folder)
        )
    )


def _is_at_home(source: DirectSource, folder: str) -> bool:
    """Tell whether the source lies below the lock's own folder, by its path and by where links lead."""
    if source.path is None or source.url is not None or os.path.isabs(source.path):
        return False
    home = os.path.realpath(folder)
    path = os.path.realpath(os.path.join(home, source.path))
    return path == home or path.startswith(home + os.sep)


def _is_of_known_host(session: Session, source: DirectSource) -> bool:
    from trued.index.url import InvalidUrl, origin_of
    from trued.operations.git_access import commit_is_proof
    from trued.operations.indexes import index_urls
    from trued.requirements.model import FileOptions

    if source.url is None:
        return False
    if source.kind is DirectKind.VCS:
        return commit_is_proof(session, source.url)
    try:
        own = origin_of(source.url)
        return any(own == origin_of(url) for url in index_urls(session, FileOptions()) if "://" in url)
    except InvalidUrl:
        return False


def _is_named(source: DirectSource, texts: Iterable[str]) -> bool:
    """Tell whether one of *texts* holds the source's address, as a whole word of it."""
    address = (source.url or source.path or "").removeprefix("git+")
    return bool(address) and any(_holds(text, address, source.commit_id) for text in texts)


def _is_named_as_file(source: DirectSource, texts: Iterable[str], folder: str) -> bool:
    """Tell whether one of *texts* holds the ``file:`` URL of the source's folder or archive.

    Poetry and PDM write a path of their lock that way into ``[project] dependencies``, PDM below
    ``${PROJECT_ROOT}``.
    """
    from trued.index.url import InvalidUrl, file_url_path, path_to_url

    if source.path is None or source.url is not None:
        return False
    wanted = os.path.realpath(os.path.join(folder, source.path))
    home = path_to_url(folder)
    for text in texts:
        _, scheme, rest = text.partition("file:///")
        words = rest.partition("#")[0].split()
        if not (scheme and words):
            continue
        root, mark, below = words[0].partition("${PROJECT_ROOT}")
        try:
            path = file_url_path(f"{home}{below}" if mark and not root else f"file:///{words[0]}")
        except InvalidUrl:
            continue
        if os.path.realpath(path) == wanted:
            return True
    return False


def _holds(text: str, address: str, commit: str | None) -> bool:
    at = text.find(address)
    while at >= 0:
        before, rest = text[at - 1 : at] if at else "", text[at + len(address) :]
        if before in _BEFORE and rest[:1] in _AFTER and _stated_commit(rest) in ("", commit):
            return True
        at = text.find(address, at + 1)
    return False


def _stated_commit(rest: str) -> str:
    """Return the full commit that follows an address, in small letters; empty for a name or nothing."""
    if not rest.startswith("@"):
        return ""
    words = rest[1:].replace("#", " ").replace(";", " ").split()
    word = words[0].lower() if words else ""
    return word if len(word) in _COMMIT_LENGTHS and set(word) <= _HEXADECIMAL else ""


def _texts(folder: str) -> Iterator[str]:
    """Yield each dependency of ``pyproject.toml``, and each line of the requirements files, in *folder*."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        path = os.path.join(folder, name)
        if name == "pyproject.toml":
            document = _toml(path)
            for keys in _DEPENDENCIES:
                yield from _strings(_below(document, keys))
        elif name.endswith((".in", ".txt")) and os.path.isfile(path):
            yield from (f" {line}".partition(" #")[0].strip() for line in _read(path).splitlines())


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_MOST_BYTES)
    except OSError:
        return ""


def _toml(path: str) -> object:
    try:
        return tomllib.loads(_read(path))
    except (ValueError, RecursionError):
        return {}


def _below(document: object, keys: Iterable[str]) -> object:
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        revision = value.get("rev", value.get("ref"))  # a table of uv, Poetry or PDM
        for key, one in value.items():
            yield from _strings(f"{one}@{revision}" if key == "git" and revision else one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)
