"""Prepared folders: files that are the same in every environment, made once, sealed as entries are, linked.

Making a file costs ten times what linking one costs. A folder lies at ``<store>/prepared/<key>/`` with
``tree/``, ``manifest`` and ``seal``, and beside them ``memo``, whatever its maker wants to know of it.
"""

from __future__ import annotations

import os

from trued.store import manifest as manifests
from trued.store import seal as seals
from trued.store.discard import remove_whole
from trued.store.layout import manifest_path, prepared_path, seal_path, tree_path
from trued.store.rehash import sha256
from trued.store.staging import Staging
from trued.store.tree_sink import write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trued.store.manifest import Group, Scheme

    Contents = Sequence[tuple[Scheme, str, Mapping[str, bytes]]]

__all__ = ["MEMO", "keep_prepared"]

MEMO = "memo"


def keep_prepared(
    store: str,
    key: str,
    *,
    contents: Contents,
    memo: Callable[[bytes, Sequence[Group]], bytes],
    now_ns: int,
) -> None:
    """Keep the files of *contents*, (scheme, directory, content by name), in place of an older folder.

    *memo* makes the memo from the manifest's digest and groups. The caller holds the store's lock, shared.
    Raises: OSError.
    """
    path = prepared_path(store, key)
    boot = seals.boot_id()
    mtime = now_ns // 10**9 * 10**9
    with Staging(store, now_ns=now_ns) as staging:
        made = f"{staging.path}{os.sep}{key}"
        groups: list[Group] = []
        inodes: list[int] = []
        for scheme, directory, files in contents:
            folder = f"{tree_path(made)}{os.sep}{directory}"
            os.makedirs(folder)
            for name, content in files.items():
                place = f"{folder}{os.sep}{name}"
                inodes.append(write_file(place, content, mtime=mtime, synchronise=not boot))
            described = [
                (name, len(content), sha256(content).hexdigest(), False) for name, content in files.items()
            ]
            groups.append((scheme, directory, directory, tuple(described)))
        manifest = manifests.dump(
            {"format": manifests.FORMAT, "cache_tag": "", "groups": tuple(groups), "record": b""}
        )
        write_file(manifest_path(made), manifest, mtime=mtime, synchronise=not boot)
        write_file(f"{made}{os.sep}{MEMO}", memo(manifest[: manifests.DIGEST], groups))
        seals.write(seal_path(made), inodes=inodes, mtime=mtime, boot=boot)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        remove_whole(store, path)
        os.rename(made, path)
