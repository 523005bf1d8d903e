"""Admitting a wheel: verified, unpacked, sealed, and moved into the store as a whole.

The entry is made in a private folder and renamed into place, so it is whole or absent whatever happens; two
processes may admit one wheel at once, and the first rename wins. What is synchronised to the disk, and why
that is enough, is told in :mod:`trued.store.seal`.
"""

from __future__ import annotations

import errno
import os

from trued.store import manifest as manifests
from trued.store import seal as seals
from trued.store.damage import StoreUnusable
from trued.store.helper import Helper, can_help
from trued.store.layout import entry_path, manifest_path, origin_path, seal_path, tree_path
from trued.store.placement import Placement, rewrites_of
from trued.store.record_rows import record_rows
from trued.store.staging import Staging
from trued.store.tree_sink import TreeSink, write_file
from trued.wheel.reader import unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from trued.store.manifest import Manifest
    from trued.wheel.reader import OpenWheel, VerifiedWheel
    from trued.wheel.unpacking import Half, Share

__all__ = ["admit"]

_SPREAD_SECONDS = 4096


def admit(
    store: str,
    wheel: OpenWheel,
    *,
    sha256: str,
    now_ns: int,
    origin: bytes | None = None,
    threads: int = 1,
    checkpoint: Callable[[str], object] = lambda _: None,
) -> str:
    """Verify and unpack *wheel* into *store*, and return its entry; at once when it is there already.

    The caller has compared *sha256* with the archive in ``wheel.data``, and holds the store's lock, shared.
    *now_ns* is the time in ns since 1970. *origin* says what a locally built wheel was built from (JSON).
    *checkpoint* is called with the name of each step when it is done: ``staged``, ``unpacked``,
    ``described``, ``sealed``, ``renamed``.

    Raises:
        Refused: the content is not what RECORD says; nothing is kept.
        StoreUnusable: the system refused (disk full, permission); nothing is kept.

    """
    entry = entry_path(store, sha256)
    if os.path.exists(manifest_path(entry)):
        return entry
    try:
        with Staging(store, now_ns=now_ns) as staging:
            checkpoint("staged")
            made = f"{staging.path}{os.sep}{sha256}"
            mtime = _mtime(sha256, now_ns)
            boot = seals.boot_id()
            placement = Placement(wheel)
            sink = TreeSink(tree_path(made), placement, mtime=mtime, synchronise=not boot)
            verified = unpack(wheel, sink, threads=threads, share=_share(sink) if can_help() else None)
            checkpoint("unpacked")
            if origin is not None:
                write_file(origin_path(made), origin)
            manifest = _manifest(verified, placement, sink.rewritten, sha256=sha256)
            write_file(manifest_path(made), manifests.dump(manifest), mtime=mtime, synchronise=not boot)
            checkpoint("described")
            seals.write(seal_path(made), inodes=sink.inodes(manifest["groups"]), mtime=mtime, boot=boot)
            checkpoint("sealed")
            _move(made, entry)
            checkpoint("renamed")
    except OSError as error:
        raise StoreUnusable(store, error) from error
    return entry


def _share(sink: TreeSink) -> Share:
    """Return what has half of a wheel unpacked by a helper, into the same tree."""

    def share(work: Callable[[], Half | None]) -> Callable[[], Half | None]:
        helper = Helper(lambda: (work(), *sink.noted()))

        def result() -> Half | None:
            half, inodes, rewritten = helper.result(tuple)
            sink.note(inodes, rewritten)
            found: Half | None = half
            return found

        return result

    return share


def _mtime(sha256: str, now_ns: int) -> int:
    """Return the modification time of the files: now, in whole seconds, set apart by the digest.

    The interpreter takes a compiled file for current when second and size of its source agree. Two versions
    admitted in one second must not look alike to one that stayed behind.
    """
    return (now_ns // 10**9 - int(sha256[:8], 16) % _SPREAD_SECONDS) * 10**9


def _manifest(
    verified: VerifiedWheel, placement: Placement, rewritten: Collection[str], *, sha256: str
) -> Manifest:
    wheel = verified.wheel
    groups = placement.groups_of(verified.members, rewritten=rewritten)
    return {
        "format": manifests.FORMAT,
        "sha256": sha256,
        "filename": wheel.filename,
        "project": wheel.project,
        "version": wheel.version,
        "archive_bytes": len(wheel.data),
        "dist_info": wheel.dist_info,
        "tags": wheel.tags,
        "root_is_purelib": wheel.root_is_purelib,
        "summary": wheel.metadata.summary,
        "requires": wheel.metadata.requires_dist,
        "requires_python": wheel.metadata.requires_python,
        "extras": wheel.metadata.provides_extra,
        "hooks": tuple((hook.path, hook.sha256, hook.kind, hook.known) for hook in verified.hooks),
        "entry_points": tuple(
            (point.group, point.name, point.module, point.attribute) for point in wheel.entry_points
        ),
        "groups": groups,
        "rewrites": rewrites_of(verified.members, rewritten=rewritten),
        "record": record_rows(groups),
    }


def _move(made: str, entry: str) -> None:
    """Rename the finished entry into place; one that somebody else finished first is as good."""
    os.makedirs(os.path.dirname(entry), exist_ok=True)
    try:
        os.rename(made, entry)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.EACCES) or not os.path.exists(entry):
            raise
