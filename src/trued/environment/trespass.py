"""Files that go where no package's files belong, though inside the scheme roots.

A wheel's ``scripts`` and ``data`` may land anywhere below the environment: over its interpreter, its
activation scripts, its ``pyvenv.cfg``, or beside other projects' modules, where a ``.pth`` runs at every
start.
"""

from __future__ import annotations

from trued.environment.scripts import is_reserved, is_safe_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trued.environment.facts import Roots

__all__ = ["trespasses"]


def trespasses(
    groups: Iterable[tuple[str, str, Sequence[str]]], roots: Roots, stdlib: str
) -> Iterator[tuple[str, str, str]]:
    """Yield (code, scheme, path) of every file among *groups* that does not belong where it goes.

    TRU514: over the interpreter's or the environment's own files. TRU516: data among packages or the standard
    library. TRU517: a script whose name leaves the scripts folder or cannot be one.
    """
    for scheme, folder, names in groups:
        if scheme == "scripts":
            for name in names:
                if folder or not is_safe_name(name):
                    yield "TRU517", scheme, f"{folder}/{name}" if folder else name
                elif is_reserved(name):
                    yield "TRU514", scheme, name
        elif scheme == "data":
            path = f"{roots['data']}/{folder}" if folder else roots["data"]
            yield from _data(path, folder, names, roots, stdlib)


def _data(
    path: str, folder: str, names: Sequence[str], roots: Roots, stdlib: str
) -> Iterator[tuple[str, str, str]]:
    prefix = f"{folder}/" if folder else ""
    if roots["data"] not in (roots["purelib"], roots["platlib"]):
        for library in (roots["purelib"], roots["platlib"], stdlib):
            if path == library or path.startswith(library + "/"):
                for name in names:
                    yield "TRU516", "data", prefix + name
                return
    if path == roots["scripts"]:
        for name in names:
            if is_reserved(name):
                yield "TRU514", "data", prefix + name
    elif not folder and "pyvenv.cfg" in names:
        yield "TRU514", "data", "pyvenv.cfg"
