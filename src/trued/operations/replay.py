"""Noting down a warm run for the launcher, which carries it out again without starting Python.

The launcher (``native/``, in platform wheels) calls this program with the name under which a replay of the
very same call would lie: same arguments, folder, variables, version, kind of terminal. A warm run that went
well leaves there what it rested on and what it did. The launcher compares the one and does the other; it
decides nothing. Without a launcher nothing is noted.
"""

from __future__ import annotations

import errno
import os
import sys

from trued.operations import replay_form as form
from trued.store.seal import BOOT_ID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TextIO

    from trued.environment.target import Target
    from trued.environment.transaction import Plan
    from trued.operations.lock_memo import LockMemo
    from trued.store.tree import Tree

__all__ = ["Heard", "Noting", "ages", "replays_path"]

_MAPS = "/proc/self/maps"
_LARGEST = 4 * 1024 * 1024
"""Bytes of a file that a replay takes in whole."""


def replays_path(cache: str) -> str:
    """Return the folder of replays of the cache in the folder *cache*."""
    return os.path.join(cache, "replays")


class Heard:
    """A stream that keeps what is written to it, and passes it on unless it is only to be kept."""

    __slots__ = ("_parts", "_passes_on", "_stream")

    def __init__(self, stream: TextIO, *, passes_on: bool = True) -> None:
        self._stream = stream
        self._passes_on = passes_on
        self._parts: list[str] = []

    def write(self, text: str) -> int:
        """Keep *text*, and write it to the stream."""
        self._parts.append(text)
        return self._stream.write(text) if self._passes_on else len(text)

    def __getattr__(self, name: str) -> object:
        """Return everything else of the stream itself."""
        return getattr(self._stream, name)

    @property
    def stream(self) -> TextIO:
        """The same, as whoever writes to a stream wants it."""
        stream: TextIO = self  # type: ignore[assignment]  # all it lacks, the stream itself has
        return stream

    @property
    def heard(self) -> bytes:
        """What was written, as it left."""
        return "".join(self._parts).encode(self._stream.encoding or "utf-8")


class Noting:
    """What a run rests on, gathered as it goes, and in the end the replay.

    Begun before anything is read: what changes between that and the reading is then found changed.
    """

    __slots__ = ("_conditions", "_installing", "_place", "_roots")

    def __init__(self, place: str, cwd: str, configured: list[bytes]) -> None:
        self._place = place
        self._conditions = [_exactly(BOOT_ID), *_of_library(), *_of_folders(cwd), *configured]
        self._installing: form.Installing | None = None
        self._roots: dict[str, str] = {}

    @classmethod
    def asked_for(cls, environ: Mapping[str, str], cwd: str) -> Noting | None:
        """Return the noting that the launcher asked for, ``None`` without one."""
        place = _wanted_place()
        if not place:
            return None
        try:
            return cls(place, cwd, [_exactly(path) for path in _configuration(environ, cwd)])
        except OSError:
            return None

    @classmethod
    def of_lock(cls, memo: LockMemo, cwd: str) -> Noting | None:
        """Return a noting of the files, pages and times that *memo* rests on; ``None`` where none is wanted.

        The configuration is among the files.
        """
        place = _wanted_place()
        if not place:
            return None
        until = int(min(memo.until, memo.rules_until, 2**62))
        conditions = [
            form.between(int(memo.since), until),
            *[form.digest(path, stated) if stated else form.absent(path) for path, stated in memo.inputs],
            *[form.known(path, *identity) for path, identity, *_ in memo.pages],
        ]
        try:
            return cls(place, cwd, conditions)
        except OSError:
            return None

    def belongs_to(self, cache: str) -> bool:
        """Tell whether the launcher looks into *cache*: in another it would never find the replay."""
        return os.path.dirname(self._place) == replays_path(cache)

    def file(self, path: str, data: bytes) -> None:
        """Note that the run read *data* from *path*."""
        self._conditions.append(form.content(path, data))

    def unchanged(self, *paths: str) -> None:
        """Note files that must stay what they are, and those that are not there."""
        self._conditions += [_identity(path) for path in paths]

    def target(self, target: Target, *, cwd: str, cache: str, is_named: bool) -> bool:
        """Note what *target* was found by; tell whether the launcher can know it again.

        That is a virtual environment that was named (*is_named*), or lies in *cwd* itself.
        """
        if target.kind != "virtual" or target.is_new or target.is_own:
            return False
        if not is_named and os.path.dirname(target.prefix) != cwd:
            return False
        self._conditions.append(form.leads(target.prefix, os.path.realpath(target.prefix)))
        self._roots = dict(target.roots)
        return self.interpreter(target.python, cache)

    def interpreter(self, python: str, cache: str) -> bool:
        """Note the interpreter at path *python*; tell whether the launcher can know it again."""
        from trued.environment.interpreter import known_at

        known = known_at(python, cache) if os.path.isabs(python) else None
        if known is None:
            return False
        real, folder = os.path.realpath(python), os.path.dirname(python)
        self._conditions += [
            form.leads(python, real),
            _identity(real),
            _identity(known),
            *[_exactly(os.path.join(one, "pyvenv.cfg")) for one in (os.path.dirname(folder), folder)],
        ]
        return True

    def unprotected(self, prefix: str) -> None:
        """Note that nobody protects the environment at *prefix* from changes."""
        self._conditions.append(_unprotected(prefix))

    def standing(self, libraries: Sequence[str], folders: Iterable[str]) -> None:
        """Note what stands in *libraries*, among it the distributions of dist-info *folders*, unchanged."""
        from trued.environment.receipt import RECEIPT

        self._conditions += [form.holds(library, os.listdir(library)) for library in libraries]
        for folder in folders:
            self.unchanged(os.path.join(folder, "RECORD"), os.path.join(folder, RECEIPT))

    def planned(self, plan: Plan) -> None:
        """Note an installation as it is about to be carried out."""
        from trued.environment.transaction import topmost_missing

        if plan.removals:
            return
        journal = plan.journal()
        roots = dict(plan.roots)
        folders = {root for root in roots.values() if os.path.isdir(root)}
        folders.update(path for path in plan.footprint.listings if os.path.isdir(path))
        listings = plan.footprint.listings | {
            library: set(os.listdir(library)) for library in plan.target.libraries if os.path.isdir(library)
        }
        missing = {topmost_missing(roots[scheme]) for scheme in plan.schemes} - {""}
        self._installing = form.Installing(
            roots["purelib"],
            conditions=[
                _unprotected(plan.target.prefix),
                *[form.absent(path) for path in sorted(missing)],
                *[form.holds(path, names) for path, names in listings.items()],
                *[form.leads(path, os.path.realpath(path)) for path in sorted(folders)],
            ],
            journal=journal.content,
            undo=journal.new_paths,
            folders=[roots[scheme] for scheme in sorted(plan.schemes)],
            made=[made for of_one in plan.made for made in of_one],
            roots=roots,
        )

    def keep_installed(
        self, printed: bytes, *, store_lock: str, trees: Sequence[Tree], hashes_all: bool, workers: int
    ) -> None:
        """Keep the installation that was planned, now that it was carried out by links alone."""
        if self._installing is None:
            return
        action = self._installing.dumped(
            store_lock, trees, self._roots, hashes_all=hashes_all, workers=workers
        )
        self._keep("new", (b"", printed), action)

    def keep_standing(self, printed: bytes) -> None:
        """Keep that there was nothing to do."""
        self._keep("old", (b"", printed), form.NOTHING)

    def keep_written(
        self, printed: tuple[bytes, bytes], path: str, data: bytes, *, ages: Sequence[bytes]
    ) -> None:
        """Keep that *data* was put at *path*, where nothing was."""
        self._keep("new", printed, form.writing(path, data), also=(*ages, form.absent(path)))

    def keep_unwritten(
        self, printed: tuple[bytes, bytes], path: str, data: bytes, *, ages: Sequence[bytes]
    ) -> None:
        """Keep that *data* stood at *path* already, or was only to be shown, where *path* is empty."""
        stood = (form.content(path, data),) if path else ()
        self._keep("old", printed, form.NOTHING, also=(*ages, *stood))

    def _keep(
        self, ending: str, printed: tuple[bytes, bytes], action: bytes, *, also: Sequence[bytes] = ()
    ) -> None:
        from trued.core.private_file import write_private

        conditions = (*self._conditions, *also)
        write_private(f"{self._place}.{ending}", (form.dumped(conditions, printed, action),))


def ages(moments: Sequence[int], *, now: int) -> list[bytes]:
    """Return the condition that the ages of *moments* are told as they are *now*; in seconds since 1970."""
    from trued.core.age import seconds_until_respelled

    if not moments:
        return []
    return [form.between(now, min(now + seconds_until_respelled(now - moment) for moment in moments))]


def _wanted_place() -> str:
    """Return under which name the launcher looks for a replay of this call, empty where none asked."""
    place = sys._xoptions.get("trued_replay")
    return place if isinstance(place, str) else ""


def _configuration(environ: Mapping[str, str], cwd: str) -> list[str]:
    """Return where configuration of trued and pip is read from, or would be if it were there."""
    from trued.config.directories import config_directories, config_directory, folders_upward
    from trued.config.pip_paths import pip_file_paths

    user, system = config_directory(environ, "trued"), config_directories(environ, "trued")
    folders = [*([user] if user else []), *(system or []), *folders_upward(cwd)]
    paths = [os.path.join(cwd, path) for path in pip_file_paths(environ, isolated=False)]
    paths += [os.path.join(folder, name) for folder in folders for name in ("trued.toml", "pyproject.toml")]
    named = environ.get("TRUED_CONFIG_FILE")
    return [*dict.fromkeys(paths), *([os.path.join(cwd, named)] if named and named != os.devnull else [])]


def _of_folders(cwd: str) -> list[bytes]:
    """Return the conditions that configuration is looked for in the same folders above *cwd*."""
    from trued.config.directories import folders_upward

    above = [os.path.dirname(folder) for folder in folders_upward(cwd)]
    return [form.open_to_all(one, is_open=bool(os.stat(one).st_mode & 0o002)) for one in above]


def _of_library() -> list[bytes]:
    """Return the condition that the C library, which decides what fits, is the same."""
    with open(_MAPS, encoding="utf-8", errors="surrogateescape") as file:
        paths = {line.split(maxsplit=5)[5].rstrip("\n") for line in file if "/" in line}
    names = ("libc.so.", "libc-", "ld-musl-")
    return [_identity(path) for path in sorted(paths) if os.path.basename(path).startswith(names)]


def _exactly(path: str) -> bytes:
    """Return the condition that the file at *path* holds what it holds now, or is not there.

    Raises: OSError where it is no plain file of common size: a pipe must not hold the run up.
    """
    from trued.core.regular_file import open_regular

    try:
        with open_regular(path) as file:
            if os.fstat(file.fileno()).st_size > _LARGEST:
                raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), path)
            return form.content(path, file.read())
    except (FileNotFoundError, NotADirectoryError):
        return form.absent(path)


def _unprotected(prefix: str) -> bytes:
    from trued.environment.lock import PROTECTION_FILE

    return form.absent(os.path.join(prefix, PROTECTION_FILE))


def _identity(path: str) -> bytes:
    try:
        return form.identity(path, os.stat(path))
    except (FileNotFoundError, NotADirectoryError):
        return form.absent(path)
