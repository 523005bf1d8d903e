"""What an earlier ``trued lock`` answered, so that the same question need not be resolved again.

A memo belongs to one command line in one folder. It names everything the answer rests on: the files that were
read, by sha256; the interpreter; each page of the index as it lies in the cache, and until when all of it
holds. Where any of that is not as it was, the memo says nothing. LEAN: read at the start of a run.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys
from binascii import crc32

from trued import __version__
from trued.config.directories import advisories_path, config_directories, config_directory, folders_upward
from trued.config.pip_paths import pip_file_paths
from trued.core.private_file import identity_of, private_bytes, write_private
from trued.environment.record import sha256
from trued.operations.memo import identity_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.core.private_file import Identity
    from trued.environment.facts import Facts

    Inputs = tuple[tuple[str, str], ...]
    """Path and sha256 of each file, empty for one that is not there."""

    Page = tuple[str, Identity, str, str, str]
    """Path in the cache, which content of it; project, index, sha256 of what the server sent."""

    Line = tuple[str, int, str]
    """A line of the report: what stands before and after an age, and when that began (0: no age)."""

    Told = tuple[str, str, str, str, int, tuple[tuple[str, str], ...]]
    """A finding: code, level, subject, file, line, values."""

    Outcome = tuple[tuple[Line, ...], tuple[Told, ...]]

__all__ = [
    "Call",
    "LockMemo",
    "call_of",
    "configuration",
    "digest",
    "facts_digest",
    "keep",
    "memos_path",
    "recall",
]

_FORMAT = 1
_CHECKSUM = 4
_FLAGS = frozenset(("--check", "-q", "--quiet"))
"""Options that do not change the answer, but what is done with it."""

_BEFORE_FLAGS = frozenset(("--upgrade", "-U", "--universal", "--pre", "--no-color", "--no-input", *_FLAGS))
"""Options after which a flag is a flag: they take no value."""

_VARIABLES = frozenset((
    "HOME", "PATH", "VIRTUAL_ENV", "CONDA_PREFIX", "NETRC", "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE", "APPDATA", "LOCALAPPDATA", "USERPROFILE", "PROGRAMDATA",
))  # fmt: skip


class Call:
    """A command line as far as a memo goes: its *key*, and what is to be done with the answer."""

    __slots__ = ("check", "key", "quiet")

    def __init__(self, key: str, *, check: bool, quiet: int) -> None:
        self.key = key
        self.check = check
        self.quiet = quiet


class LockMemo:
    """One answer.

    *output* is the file that was asked for, as the user named it, *text* its content, *counts* what is said
    of it. *outcomes* say what is to be told, by the sha256 of what stood there before (empty: nothing). Pages
    are fresh from *since* to *until*, seconds since the epoch; at *rules_until* a rule may decide anew.
    """

    __slots__ = (
        "colour", "counts", "facts", "inputs", "outcomes", "output", "pages", "python", "rules_until",
        "since", "text", "until",
    )  # fmt: skip

    def __init__(
        self,
        *,
        python: str,
        facts: str,
        inputs: Inputs,
        pages: tuple[Page, ...],
        since: float,
        until: float,
        rules_until: float,
        output: str,
        text: bytes,
        counts: str,
        colour: bool,
        outcomes: Mapping[str, Outcome],
    ) -> None:
        self.python = python
        self.facts = facts
        self.inputs = inputs
        self.pages = pages
        self.since = since
        self.until = until
        self.rules_until = rules_until
        self.output = output
        self.text = text
        self.counts = counts
        self.colour = colour
        self.outcomes = outcomes

    def is_timely(self, now: float) -> bool:
        """Tell whether every page is fresh and every rule answers at *now* as it did."""
        return self.since <= now < min(self.until, self.rules_until)

    def pages_lie_still(self) -> bool:
        """Tell whether each page in the cache is the one that was read."""
        try:
            return all(identity_of(os.stat(path)) == identity for path, identity, *_ in self.pages)
        except OSError:
            return False

    def inputs_are_alike(self, environ: Mapping[str, str], cwd: str) -> bool:
        """Tell whether every file that was read holds what it held, and no new one configures trued."""
        known = dict(self.inputs)
        configured = configuration(environ, cwd)
        return (
            configured is not None
            and all(known.get(path) == found for path, found in configured)
            and all(digest(path) == stated for path, stated in self.inputs)
        )


def call_of(argv: Sequence[str], environ: Mapping[str, str], cwd: str) -> Call | None:
    """Return what ``trued`` *argv* asks for; ``None`` where a word could be a flag or a value."""
    words: list[str] = []
    found: list[str] = []
    for number, word in enumerate(argv):
        if word not in _FLAGS:
            words.append(word)
            continue
        before = argv[number - 1] if number else ""
        if before.startswith("-") and before not in _BEFORE_FLAGS:
            return None
        found.append(word)
    variables = [
        (name, environ[name])
        for name in sorted(environ)
        if name in _VARIABLES
        or name.startswith(("TRUED_", "PIP_", "XDG_"))
        or name.lower().endswith("_proxy")
    ]
    about = repr((_FORMAT, __version__, sys.executable, sys.prefix, sys.version, words, cwd, variables))
    checks = found.count("--check")
    key = sha256(about.encode("utf-8", "surrogateescape")).hexdigest()
    return Call(key, check=checks > 0, quiet=len(found) - checks)


def configuration(environ: Mapping[str, str], cwd: str) -> list[tuple[str, str]] | None:
    """Return path and sha256 of each place that configuration is read from, as it is now.

    ``None`` where only ``platformdirs`` knows the places.
    """
    user, system = config_directory(environ, "trued"), config_directories(environ, "trued")
    if user is None or system is None:
        return None
    named = environ.get("TRUED_CONFIG_FILE", "")
    paths = [*pip_file_paths(environ, isolated=False)]
    if named != os.devnull:
        paths += [os.path.join(cwd, named)] if named else []
        paths += [os.path.join(folder, "trued.toml") for folder in (user, *system)]
        for folder in folders_upward(cwd):
            paths += [os.path.join(folder, "trued.toml"), os.path.join(folder, "pyproject.toml")]
    return [(path, digest(path)) for path in paths]


def digest(path: str) -> str:
    """Return the sha256 of the file at *path*, empty when it is none that can be read, a device for one."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError):
        return ""
    try:
        with open(descriptor, "rb", buffering=0) as file:
            data = file.read() if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
            return "" if data is None else str(sha256(data).hexdigest())
    except OSError:
        return ""


def facts_digest(facts: Facts, cache: str) -> str:
    """Return what tells the answers of one interpreter, and of the advisories in *cache*, from others."""
    advisories = identity_text(advisories_path(cache))
    about = repr(
        (facts["executable"], facts["version"], sorted(facts["markers"].items()), facts["tags"], advisories)
    )
    return str(sha256(about.encode("utf-8", "surrogateescape")).hexdigest())


def recall(cache: str, key: str) -> LockMemo | None:
    """Return the memo of that key, if there is one that is whole and this user's."""
    data = private_bytes(_path(cache, key))
    if data is None or data[:_CHECKSUM] != _checksum(memoryview(data)[_CHECKSUM:]):
        return None
    try:
        found = marshal.loads(memoryview(data)[_CHECKSUM:])  # noqa: S302 - the user's own cache, as trued wrote it
        return LockMemo(**dict(zip(LockMemo.__slots__, found, strict=True)))
    except (EOFError, ValueError, TypeError):
        return None


def keep(cache: str, key: str, memo: LockMemo) -> None:
    """Write *memo* under *key*."""
    data = marshal.dumps(tuple(getattr(memo, name) for name in LockMemo.__slots__), 4)
    write_private(_path(cache, key), (_checksum(data), data))


def memos_path(cache: str) -> str:
    """Return the folder of memos of the cache in the folder *cache*."""
    return os.path.join(cache, "locks")


def _path(cache: str, key: str) -> str:
    return os.path.join(memos_path(cache), key[:2], key[2:])


def _checksum(data: bytes | memoryview) -> bytes:
    return crc32(data).to_bytes(_CHECKSUM, "little")
