"""What an earlier run found out about a requirements file, so that the next one need not ask again.

A memo says which wheel was chosen for each line on one interpreter, and that these wheels are complete, fit
the interpreter and own no path twice. It proves nothing: each digest it names must stand in the requirement's
own line, and the store vouches for the bytes. LEAN: read at the start of a warm install.
"""

from __future__ import annotations

import marshal
import os

from trued import __version__
from trued.environment.record import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.environment.facts import Facts

    Row = tuple[str, str, str]

__all__ = ["memo_path", "recall", "remember"]

_FORMAT = 1


def memo_path(
    data: bytes, *, facts: Facts, cache_dir: str, level: str, require_hashes: bool, no_deps: bool
) -> str:
    """Return where the memo lies for a requirements file with the content *data*.

    The settings are those of the run; another interpreter, level or trued has another memo.
    """
    about = (
        _FORMAT,
        __version__,
        facts["executable"],
        facts["version"],
        facts["tags"][:1],
        level,
        require_hashes,
        no_deps,
        sha256(data).digest(),
    )
    return os.path.join(cache_dir, "memos", sha256(marshal.dumps(about, 4)).hexdigest())


def recall(path: str) -> Sequence[Row] | None:
    """Return the rows (sha256, URL, index) of the memo at *path* in line order, if there is one."""
    try:
        with open(path, "rb", buffering=0) as file:
            rows = marshal.loads(file.read())  # noqa: S302 -- the user's own cache, as trued wrote it
    except (OSError, EOFError, ValueError, TypeError):
        return None
    if type(rows) is not tuple or not all(type(row) is tuple and len(row) == 3 for row in rows):
        return None
    return rows


def remember(path: str, rows: Sequence[Row]) -> None:
    """Keep *rows*; a cache that cannot be written only costs the next run its time."""
    draft = f"{path}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(draft, "wb") as file:
            file.write(marshal.dumps(tuple(rows), 4))
        os.replace(draft, path)
    except OSError:
        pass
