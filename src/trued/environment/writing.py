"""Write the files that an installation makes itself.

Making a file costs fifteen times what linking one costs, and each distribution needs three to five. So files
that are always the same are made once and linked, and many are shared between two workers.
"""

from __future__ import annotations

import os

from trued.store.workers import outcomes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trued.environment.facts import Roots
    from trued.environment.made import Made

    Failure = tuple[int, str, str] | None

__all__ = ["write_files"]

_ALIKE = ("INSTALLER", "REQUESTED")
_WORTH_A_WORKER = 150
"""Files from which on a second worker pays for its own start (1 ms)."""

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def write_files(distributions: Sequence[Sequence[Made]], roots: Roots) -> None:
    """Write the made files of each of *distributions* below *roots*; none may stand there yet.

    Raises: OSError with the path that could not be made; FileExistsError when one stands there.
    """
    distributions = [made for made in distributions if made]
    if not distributions:
        return
    writer = _Writer(roots)
    first, rest = distributions[:1], distributions[1:]
    found = [writer.work(first)]  # alone: it makes what the others link
    if rest:
        found += outcomes(writer.work, rest, workers=2 if sum(map(len, rest)) >= _WORTH_A_WORKER else 1)
    for failure in found:
        if failure:
            raise OSError(*failure)


class _Writer:
    """Writes files, and remembers those that can be linked again."""

    def __init__(self, roots: Roots) -> None:
        self._roots = roots
        self._alike: dict[tuple[str, bytes], str] = {}

    def work(self, distributions: Iterable[Sequence[Made]]) -> Failure:
        """Write everything; return the first failure as (errno, text, path)."""
        try:
            for made in distributions:
                self._write(made)
        except OSError as error:
            return error.errno or 0, error.strerror or str(error), str(error.filename or "")
        return None

    def _write(self, made: Sequence[Made]) -> None:
        known = ""
        for scheme, folder, name, content, executable in made:
            path = f"{self._roots[scheme]}/{folder}" if folder else self._roots[scheme]
            if folder and path != known:
                os.makedirs(path, exist_ok=True)
                known = path
            path = f"{path}/{name}"
            if name in _ALIKE:
                self._link(path, name, content)
            else:
                _write_file(path, content, 0o777 if executable else 0o666)

    def _link(self, path: str, name: str, content: bytes) -> None:
        source = self._alike.get((name, content))
        if source:
            try:
                os.link(source, path)
            except FileExistsError:
                raise
            except OSError:  # a file system without links, or too many of them
                pass
            else:
                return
        _write_file(path, content, 0o444)
        self._alike[name, content] = path


def _write_file(path: str, content: bytes, mode: int) -> None:
    descriptor = os.open(path, _FLAGS, mode)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except OSError as error:
        error.filename = path
        raise
    finally:
        os.close(descriptor)
