"""A lock on the warm road: its text is searched for what a memo says of it, and not parsed. LEAN."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["in_file_order", "lock_terms", "stands_in_lock"]

_INDEXES = frozenset((
    "PIP_INDEX_URL", "PIP_PYPI_URL", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX", "PIP_FIND_LINKS",
    "PIP_CONFIG_FILE", "TRUED_INDEX_URL", "TRUED_EXTRA_INDEX_URL", "TRUED_NO_INDEX", "TRUED_FIND_LINKS",
))  # fmt: skip


def stands_in_lock(data: bytes, rows: Iterable[tuple[str, str]]) -> bool:
    """Tell whether each of *rows*, (project, sha256), stands in *data*: the digest in the project's entry.

    The rows are in the order of the file.
    """
    table = _table(data)
    position = 0
    for project, sha256 in rows:
        heading, digest = _heading(table, project), sha256.encode()
        while True:
            start = data.find(heading, position)
            if start < 0:
                return False
            position = start + len(heading)
            end = data.find(b"\n" + table, position)
            if data.find(digest, position, end if end >= 0 else len(data)) >= 0:
                break
    return True


def in_file_order(data: bytes, projects: Sequence[str]) -> list[int]:
    """Return the numbers of *projects* in the order in which their first entries stand in *data*."""
    table = _table(data)
    places = {project: data.find(_heading(table, project)) for project in projects}
    return sorted(range(len(projects)), key=lambda number: places[projects[number]])


def _table(data: bytes) -> bytes:
    """Return how an entry begins: PEP 751 says "packages", the locks of uv, Poetry and PDM "package"."""
    return b"[[packages]]" if b"\n[[packages]]\n" in data else b"[[package]]"


def _heading(table: bytes, project: str) -> bytes:
    return b'%s\nname = "%s"\n' % (table, project.encode())


def lock_terms(environ: Mapping[str, str], markers: Mapping[str, str]) -> str:
    """Return what decides which files of a lock are chosen, beside the interpreter's tags.

    That are its *markers*, which name the kernel too, and the indexes that variables choose: a lock of
    another one is refused.
    """
    chosen = [(name, environ[name]) for name in environ if name in _INDEXES]
    return repr((sorted(markers.items()), sorted(chosen)))
