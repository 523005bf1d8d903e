"""The warm road: an install or sync whose wheels are all in the store, in a process of milliseconds.

It answers only where everything is plain (a pinned and hashed requirements file or a lock, settings that
change nothing, a known interpreter, a memo of an earlier run) and otherwise says so, having changed nothing;
then the full road decides. It opens no socket and imports neither ``packaging`` nor anything of the network;
a test holds it to that.
"""

from __future__ import annotations

import os
import sys

from trued.config.quick import quick_settings
from trued.config.quick_arguments import quick_arguments
from trued.store.owner import is_trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.environment.made import Coming, Prepared
    from trued.environment.target import Target
    from trued.operations.memo import Memo
    from trued.operations.replay import Noting
    from trued.store.tree import Tree

    Line = tuple[str, tuple[str, ...]]
    """A project and the digests that its file may have."""

__all__ = ["install_warm"]


def install_warm(argv: Sequence[str], environ: Mapping[str, str], cwd: str) -> int | None:
    """Carry out ``trued`` *argv* and return 0, or return ``None`` for the full road, with nothing changed."""
    arguments = quick_arguments(argv)
    if arguments is None:
        return None
    noting = None
    if "trued_replay" in sys._xoptions:
        from trued.operations.replay import Noting

        noting = Noting.asked_for(environ, cwd)  # before anything is read
    settings = quick_settings(environ, cwd, arguments)
    if settings is None:
        return None
    files = arguments["requirements"]
    if type(files) is not list or len(files) != 1 or not is_trusted(str(settings["cache_dir"])):
        return None
    from trued.core.errors import TruedError
    from trued.requirements.lock.lock_name import is_lock_name
    from trued.store.damage import StoreDamaged

    if is_lock_name(files[0]) and "index_url" in arguments:
        return None  # the full road compares it with the lock's
    try:
        run = _WarmRun(files[0], settings, environ, cwd, syncs=argv[0] == "sync", noting=noting)
        return run.carry_out() if run.is_plain else None
    except (TruedError, StoreDamaged, OSError):
        return None


class _WarmRun:
    """One warm install: what was read so far. ``is_plain`` tells whether this road can take it."""

    def __init__(
        self,
        file: str,
        settings: Mapping[str, object],
        environ: Mapping[str, str],
        cwd: str,
        *,
        syncs: bool,
        noting: Noting | None,
    ) -> None:
        cache = str(settings["cache_dir"])
        self._settings = settings
        self._syncs = syncs
        self._noting = noting if noting is not None and noting.belongs_to(cache) else None
        self.is_plain = False
        from trued.operations.memo import plain_bytes, recall
        from trued.requirements.lock.lock_name import is_lock_name

        is_lock = is_lock_name(file)
        data = plain_bytes(os.path.join(cwd, file))
        lines = _lines_of(data) if data and not is_lock else None
        target = self._find_target(environ, cwd) if data and (is_lock or lines) else None
        if not data or target is None:
            return
        self._note(os.path.join(cwd, file), data, target, environ, cwd)
        self._store = os.path.join(cache, "store")
        key = self._key(data, file, target, environ)
        memo = recall(self._store, key, tag=target.facts["cache_tag"])
        if memo is None:
            return
        if lines is None:
            lines = _lines_of_lock(data, memo)
        self._target = target
        self._lines = lines
        self._memo = memo
        self.is_plain = 0 < len(lines) == len(memo.rows) and all(
            row[1] == project and f"sha256:{row[0]}" in digests
            for (project, digests), row in zip(lines, memo.rows, strict=True)
        )

    def _note(self, path: str, data: bytes, target: Target, environ: Mapping[str, str], cwd: str) -> None:
        """Note what this run rests on, or nothing more where the launcher could not know it again."""
        if self._noting is None:
            return
        from trued.config.directories import advisories_path, known_files_path

        settings, cache = self._settings, str(self._settings["cache_dir"])
        python = settings["python"]
        is_named = bool(settings["venv"] or environ.get("VIRTUAL_ENV") or (python and os.sep in str(python)))
        if (python and not is_named) or not self._noting.target(
            target, cwd=cwd, cache=cache, is_named=is_named
        ):
            self._noting = None
            return
        self._noting.unprotected(target.prefix)
        self._noting.file(path, data)
        self._noting.unchanged(advisories_path(cache), known_files_path(environ) or "")

    def _key(self, data: bytes, file: str, target: Target, environ: Mapping[str, str]) -> str:
        from trued.config.directories import advisories_path, known_files_path
        from trued.operations.memo import identity_text, judged_by, memo_key

        settings = self._settings
        level = str(settings["level"])
        advisories = identity_text(advisories_path(str(settings["cache_dir"])))
        return memo_key(
            data,
            file=file,
            target=target,
            environ=environ,
            compiled=bool(settings["compile"]),
            level=level,
            require_hashes=bool(settings["require_hashes"]) or self._syncs,
            no_deps=bool(settings["no_deps"]),
            judged_by=judged_by(level, known_files_path(environ) or "", advisories),
        )

    def _find_target(self, environ: Mapping[str, str], cwd: str) -> Target | None:
        from trued.environment.target import find_target

        settings = self._settings
        venv = settings["venv"]
        if venv and not os.path.exists(os.path.join(cwd, str(venv), "pyvenv.cfg")):
            return None
        python, folder = settings["python"], settings["target"]
        return find_target(
            python=str(python) if python else None,
            venv=str(venv) if venv else None,
            target=str(folder) if folder else None,
            environ=environ,
            cwd=cwd,
            cache_folder=str(settings["cache_dir"]),
        )

    def carry_out(self) -> int | None:
        """Install what is not there yet; ``None`` when something else of a wanted project is."""
        from trued.environment.listing import has_older_forms, installed_folders, recorded_sha256
        from trued.environment.transaction import finish_leftovers

        finish_leftovers(self._target)
        installed = installed_folders(self._target.libraries)
        coming = []
        standing = []
        for number, (project, digests) in enumerate(self._lines):
            there = installed.pop(project, None)
            if there is None:
                coming.append(self._memo.prepared(number))
            elif len(there) != 1 or f"sha256:{recorded_sha256(there[0][1])}" not in digests:
                return None
            else:
                standing.append(there[0][1])
        if self._syncs and (installed or has_older_forms(self._target.libraries)):
            return None
        if coming and standing:
            self._noting = None  # the launcher does the whole, or finds it done
        if self._noting is not None and not coming:
            self._noting.standing(self._target.libraries, standing)
        trees = self._install(coming) if coming else []
        self._tell(len(coming), trees)
        return 0

    def _install(self, coming: Sequence[Prepared]) -> Sequence[Tree]:
        """Install *coming*; return what was laid out, nothing where not all of it was linked."""
        from trued.environment.transaction import change
        from trued.store.damage import StoreDamaged
        from trued.store.link import lay_out
        from trued.store.lock import using

        settings, memo = self._settings, self._memo
        laid: list[Tree] = []

        def lay(additions: Sequence[Coming], roots: Mapping[str, str]) -> None:
            trees = memo.trees(frozenset([one.sha256 for one in additions]))
            used = lay_out(
                trees,
                roots,
                mode=str(settings["link_mode"]),
                verify="full" if settings["verify_store"] == "full" else "seal",
                workers=self._workers,
            )
            if used == ("hardlink",) and len(additions) == len(coming):
                laid.extend(trees)

        planned = self._noting.planned if self._noting is not None else None
        with using(self._store):
            try:
                change(self._target, additions=coming, lay_out=lay, planned=planned)
            except StoreDamaged as damage:
                if memo.folder in damage.entries:
                    from trued.operations.memo import forget

                    forget(self._store, memo.key)
                raise
        return laid

    @property
    def _workers(self) -> int:
        threads = self._settings["threads"]
        return threads if type(threads) is int else 2

    def _tell(self, installed: int, trees: Sequence[Tree]) -> None:
        """Tell how it ended, and leave a replay of it where the launcher wants one."""
        noting = self._noting
        printed = b""
        if not self._settings["quiet"]:
            printed = self._print(installed)
        if noting is None:
            return
        if not installed:
            noting.keep_standing(printed)
        elif trees:
            from trued.store.layout import lock_path

            noting.keep_installed(
                printed,
                store_lock=lock_path(self._store),
                trees=trees,
                hashes_all=self._settings["verify_store"] == "full",
                workers=self._workers,
            )

    def _print(self, installed: int) -> bytes:
        """Print the last line; return what was printed, where it is to be noted."""
        from trued.report.printer import Printer
        from trued.report.summary import installed_line

        line = installed_line(installed=installed, kept=len(self._lines) - installed, stored=installed)
        if self._noting is None:
            Printer(colour=not self._settings["no_color"]).done(line)
            return b""
        from trued.operations.replay import Heard

        heard = Heard(sys.stderr)
        Printer(stderr=heard.stream, colour=not self._settings["no_color"]).done(line)
        return heard.heard


def _lines_of(data: bytes) -> list[Line] | None:
    from trued.requirements.simple_lines import read_simple

    lines = read_simple(data)
    return [(line[0], line[3]) for line in lines] if lines else None


def _lines_of_lock(data: bytes, memo: Memo) -> list[Line]:
    """Return what the memo says of the lock, nothing where the lock does not say it."""
    from trued.operations.plain_lock import stands_in_lock

    if not stands_in_lock(data, [(row[1], row[0]) for row in memo.rows]):
        return []
    return [(row[1], (f"sha256:{row[0]}",)) for row in memo.rows]
