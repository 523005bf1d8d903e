"""What an earlier run found out about a requirements file, so that the next one need not ask again.

A memo says which wheel was chosen for each line on one interpreter, that these wheels are complete, fit the
interpreter and own no path twice, and where they go; beside it lie the receipts, which are the same in every
environment, ready to be linked. It proves nothing: each digest it names must stand in the requirement's own
line, the store vouches for the bytes, and manifests other than those it was made from are not used. LEAN:
read at the start of a warm install.
"""

from __future__ import annotations

import marshal
import os
import stat
from binascii import crc32

from trued import __version__
from trued.environment.record import relative_folder, sha256
from trued.operations.plain_lock import lock_terms
from trued.requirements.lock.lock_name import is_lock_name
from trued.store.layout import bytecode_path, entry_path, manifest_path, prepared_path
from trued.store.tree import Tree, cuts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.environment.footprint import Group
    from trued.environment.made import Addition, Prepared, Scripts
    from trued.environment.target import Target
    from trued.store.manifest import Group as StoredGroup
    from trued.store.manifest import Scheme
    from trued.store.tree import Cut

    Part = tuple[bytes, tuple[Cut, ...]]
    """A manifest's digest, and how its groups are cut."""

    Row = tuple[str, str, Part, Part | None, str, str, tuple[Group, ...], Scripts, bytes | None]
    """sha256, project; the wheel; its bytecode; library, dist-info; outline; scripts; RECORD without them."""

__all__ = ["Memo", "forget", "identity_text", "judged_by", "memo_key", "plain_bytes", "recall", "remember"]

_FORMAT = 5
_CHECKSUM = 4
_LARGEST_PLAIN = 16 * 1024 * 1024


class Memo:
    """A memo as it was read: *rows* in line order, and *receipts*, a row's in the group of its number."""

    __slots__ = ("_cuts", "_receipts", "_store", "_tag", "key", "rows")

    def __init__(
        self, store: str, key: str, *, tag: str, rows: Sequence[Row], receipts: bytes, cuts: Sequence[Cut]
    ) -> None:
        self.key = key
        self.rows = rows
        self._store = store
        self._tag = tag
        self._receipts = receipts
        self._cuts = cuts

    @property
    def folder(self) -> str:
        """Where the memo lies."""
        return prepared_path(self._store, self.key)

    def prepared(self, number: int) -> Prepared:
        """Return row *number* as the environment takes it."""
        from trued.environment.made import Prepared

        sha, project, _, _, library, dist_info, outline, scripts, record = self.rows[number]
        return Prepared(
            project=project,
            sha256=sha,
            entry=entry_path(self._store, sha),
            library=library,
            dist_info=dist_info,
            outline=outline,
            scripts=scripts,
            record=record,
        )

    def trees(self, wanted: frozenset[str]) -> list[Tree]:
        """Return what the store lays out for the rows whose sha256 is *wanted*; nothing of it is read yet."""
        trees = []
        cuts = []
        for number, (sha, _, wheel, compiled, *_) in enumerate(self.rows):
            if sha not in wanted:
                continue
            entry = entry_path(self._store, sha)
            if wheel[1]:
                trees.append(Tree(entry, entry, digest=wheel[0], cuts=wheel[1]))
            if compiled is not None and compiled[1]:
                folder = bytecode_path(entry, self._tag)
                trees.append(Tree(entry, folder, digest=compiled[0], cuts=compiled[1]))
            cuts.append(self._cuts[number])
        folder = self.folder
        return [*trees, Tree(folder, folder, digest=self._receipts, cuts=cuts)]


def plain_bytes(path: str) -> bytes | None:
    """Return the content of the requirements file at *path*; ``None`` where it is not plainly one.

    A pipe can be read once only, a device has no end: both are for the full reader.
    """
    try:
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_size > _LARGEST_PLAIN:
            return None
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except (OSError, ValueError):
        return None


def memo_key(
    data: bytes,
    *,
    file: str,
    target: Target,
    environ: Mapping[str, str],
    compiled: bool,
    level: str,
    require_hashes: bool,
    no_deps: bool,
    judged_by: str,
) -> str:
    """Return the name of the memo of a requirements file or lock *file*, as the user named it, of *data*.

    The settings are those of the run; another interpreter, kind of target, level or trued has another memo,
    and a lock also another for what else decides which of its files are chosen. *judged_by* is
    :func:`judged_by` of what the run judged the files by beside their pins.
    """
    facts, roots = target.facts, target.roots
    is_lock = is_lock_name(file)
    about = (
        _FORMAT,
        __version__,
        facts["executable"],
        facts["version"],
        facts["tags"][:1],
        target.kind,
        tuple([relative_folder(roots, scheme, roots["purelib"]) for scheme in sorted(roots)]),
        compiled,
        level,
        require_hashes or is_lock,
        no_deps,
        judged_by,
        lock_terms(environ, facts["markers"]) if is_lock else "",
        file,
        sha256(data).digest(),
    )
    # Not marshal: there the same text has other bytes when it is interned, a constant and not a word read.
    key: str = sha256(repr(about).encode()).hexdigest()
    return key


def judged_by(level: str, known_files: str, advisories: str) -> str:
    """Return what stands for the judgement of pinned files where no policy file has rules about proofs.

    That is their digests and the local *advisories* (:func:`identity_text`), but ``strict`` also asks
    *known_files* who published a project before: once one of these databases changes, nothing that was judged
    by the former counts.
    """
    known = identity_text(known_files) or "nothing known" if level == "strict" else ""
    return f"{known};{advisories}"


def identity_text(path: str) -> str:
    """Return what tells one content of the file at *path* from another; empty when there is none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return ""
    return f"{found.st_ino} {found.st_size} {found.st_mtime_ns}"


def recall(store: str, key: str, *, tag: str) -> Memo | None:
    """Return the memo of that name, if there is one that is whole; *tag* is that of the bytecode."""
    try:
        with open(f"{prepared_path(store, key)}{os.sep}memo", "rb", buffering=0) as file:
            data = file.read()
        if data[:_CHECKSUM] != _checksum(memoryview(data)[_CHECKSUM:]):
            return None
        found = marshal.loads(memoryview(data)[_CHECKSUM:])  # noqa: S302 - the user's own cache, as trued wrote it
        receipts, cuts, rows = found
    except (OSError, EOFError, ValueError, TypeError):
        return None
    return Memo(store, key, tag=tag, rows=rows, receipts=receipts, cuts=cuts)


def remember(store: str, key: str, additions: Sequence[Addition], *, target: Target, now_ns: int) -> None:
    """Keep a memo of *additions*, in line order. A cache that cannot be written only costs time."""
    from trued.environment.made import prepared_record
    from trued.store.prepared import keep_prepared

    rows = []
    contents: list[tuple[Scheme, str, Mapping[str, bytes]]] = []
    for addition in additions:
        record: bytes | None = prepared_record(addition, target.roots)
        written = dict(addition.written)
        if not any(addition.scripts):
            written["RECORD"] = record or b""
            record = None
        rows.append(_row(addition, record))
        contents.append((addition.library, addition.manifest["dist_info"], written))

    def memo(digest: bytes, groups: Sequence[StoredGroup]) -> bytes:
        content = marshal.dumps((digest, cuts_of(groups, files=1), tuple(rows)), 4)  # type: ignore[arg-type] # of tuples
        return _checksum(content) + content

    try:
        keep_prepared(store, key, contents=contents, memo=memo, now_ns=now_ns)
    except OSError:
        return


def forget(store: str, key: str) -> None:
    """Throw the memo away."""
    from trued.store.discard import remove_whole

    remove_whole(store, prepared_path(store, key))


def _row(addition: Addition, record: bytes | None) -> Row:
    from trued.environment.made import outline_of
    from trued.store.manifest import digest_of

    entry, manifest, compiled = addition.entry, addition.manifest, addition.bytecode
    part = None
    if compiled is not None:
        folder = bytecode_path(entry, compiled["cache_tag"])
        part = (digest_of(manifest_path(folder)), cuts_of(compiled["groups"]))
    return (
        manifest["sha256"],
        manifest["project"],
        (digest_of(manifest_path(entry)), cuts_of(manifest["groups"])),
        part,
        addition.library,
        manifest["dist_info"],
        outline_of(addition),
        addition.scripts,
        record,
    )


def _checksum(data: bytes | memoryview) -> bytes:
    return crc32(data).to_bytes(_CHECKSUM, "little")
