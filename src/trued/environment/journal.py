"""The journal of a transaction: what is about to change, kept on disk until it has, or has not, happened.

The folder ``.trued-journal`` stands beside the packages and holds ``journal``, written and synced before the
first change, and ``old``, where replaced files wait. The order of the steps carries the whole meaning:

1. every file that goes is renamed into ``old``, in the journal's order;
2. new folders and files are made;
3. ``journal`` is renamed to ``done``: from here on the transaction has happened, and only ``old`` is deleted.

Undoing reads the same order backwards. While a file of step 1 is still in its place, step 2 cannot have
begun, so nothing is deleted that was there before. All paths are kept relative to the scheme roots and never
leave them: an environment may be moved, and a journal that came with a copied folder deletes nothing outside
it.
"""

from __future__ import annotations

import marshal
import os
from binascii import crc32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from trued.environment.facts import Roots

    Located = tuple[str, str]
    Move = tuple[str, str, str]

__all__ = ["FOLDER", "Journal", "recover"]

FOLDER = ".trued-journal"
_FORMAT = 2
_CHECKSUM_BYTES = 4


def _nothing(_: str) -> None:
    """Do nothing at a checkpoint."""


class Journal:
    """One transaction's journal.

    *moves* are ``(scheme, path, aside)``: what goes; *aside* is empty for the journal's own ``old`` folder,
    or the name beside the original where that is another device. *directories* are new and wholly the
    transaction's; *files* are new in folders that stay.
    """

    def __init__(
        self,
        roots: Roots,
        *,
        moves: Sequence[Move] = (),
        directories: Sequence[Located] = (),
        files: Sequence[Located] = (),
    ) -> None:
        self._roots = roots
        self._moves = moves
        self._directories = directories
        self._files = files
        self.folder = os.path.join(roots["purelib"], FOLDER)

    @property
    def content(self) -> bytes:
        """What stands in the file."""
        content = marshal.dumps((_FORMAT, tuple(self._moves), tuple(self._directories), tuple(self._files)))
        return _checksum(content) + content

    @property
    def new_paths(self) -> list[str]:
        """What undoing deletes, absolute: new files in folders that stay, and new folders."""
        return [self._path(located) for located in (*self._files, *self._directories)]

    def write(self) -> None:
        """Put the journal on disk, whole and synced. Nothing may change before this returns."""
        os.mkdir(self.folder, 0o700)
        draft = os.path.join(self.folder, "draft")
        try:
            with open(draft, "xb") as file:
                file.write(self.content)
                file.flush()
                os.fsync(file.fileno())
            if self._moves:
                os.mkdir(os.path.join(self.folder, "old"), 0o700)
            os.rename(draft, os.path.join(self.folder, "journal"))
            _sync_folder(self.folder)
            _sync_folder(self._roots["purelib"])
        except BaseException:
            _delete(self.folder)
            raise

    def move_aside(self, checkpoint: Callable[[str], None] = _nothing) -> None:
        """Rename everything that goes into its waiting place."""
        for number, move in enumerate(self._moves):
            path, aside = self._places(number, move)
            os.rename(path, aside)
            checkpoint(f"moved {move[1]}")
        if self._moves:
            _sync_folder(os.path.join(self.folder, "old"))

    def commit(self) -> None:
        """Make the transaction have happened."""
        os.rename(os.path.join(self.folder, "journal"), os.path.join(self.folder, "done"))
        _sync_folder(self.folder)

    def clean(self, checkpoint: Callable[[str], None] = _nothing) -> None:
        """Delete what waited in ``old``, then the journal itself."""
        for number, move in enumerate(self._moves):
            _delete(self._places(number, move)[1])
            checkpoint(f"deleted {move[1]}")
        _delete(self.folder)

    def undo(
        self, checkpoint: Callable[[str], None] = _nothing, *, spared: frozenset[str] = frozenset()
    ) -> None:
        """Put everything back as it was; may be interrupted and called again.

        *spared* are paths that somebody else has made since: they stay, and nothing is put in their place.
        """
        if os.path.lexists(os.path.join(self.folder, "done")):  # the commit was not carried to the disk
            os.rename(os.path.join(self.folder, "done"), os.path.join(self.folder, "journal"))
        places = [self._places(number, move) for number, move in enumerate(self._moves)]
        if all(os.path.lexists(aside) for _, aside in places):
            for path in self.new_paths:
                _delete(path, spared)
                checkpoint(f"undone {path}")
        for path, aside in reversed(places):
            if os.path.lexists(aside) and not os.path.lexists(path):
                os.rename(aside, path)
                checkpoint(f"restored {path}")
            else:
                _delete(aside)
        _delete(self.folder)

    def _path(self, located: Located) -> str:
        return os.path.join(self._roots[located[0]], located[1])

    def _places(self, number: int, move: Move) -> tuple[str, str]:
        path = self._path(move[:2])
        beside = move[2]
        aside = (
            os.path.join(os.path.dirname(path), beside)
            if beside
            else os.path.join(self.folder, "old", str(number))
        )
        return path, aside


def recover(roots: Roots, checkpoint: Callable[[str], None] = _nothing) -> str:
    """Finish or undo what an interrupted run left; return ``""``, ``"finished"`` or ``"undone"``.

    The caller holds the environment's lock. Raises: OperationalError TRU523 when the journal cannot be read.
    """
    folder = os.path.join(roots["purelib"], FOLDER)
    if not os.path.isdir(folder):
        return ""
    for name, outcome in (("done", "finished"), ("journal", "undone")):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            journal = _read(path, roots)
            if name == "done":
                journal.clean(checkpoint)
            else:
                journal.undo(checkpoint, spared=_of_others(roots))
            return outcome
    _delete(folder)  # only a draft: nothing had changed
    return "undone"


def _of_others(roots: Roots) -> frozenset[str]:
    """Return the files of distributions that another tool installed, perhaps after the interruption."""
    from trued.environment.installed import installed_distributions, owners_of_paths

    installed = installed_distributions(tuple({roots["purelib"], roots["platlib"]}))
    return frozenset(owners_of_paths([one for one in installed if one.installer not in ("", "trued")]))


def _read(path: str, roots: Roots) -> Journal:
    with open(path, "rb") as file:
        data = file.read()
    content = _content(data)
    if not _is_sound(content, roots):
        from trued.core.errors import OperationalError
        from trued.core.finding import Finding

        raise OperationalError(Finding(code="TRU523", subject=path))
    _, moves, directories, files = content
    return Journal(roots, moves=moves, directories=directories, files=files)


def _content(data: bytes) -> Any:
    """Return what *data* says, ``None`` where it is damaged."""
    content = data[_CHECKSUM_BYTES:]
    if data[:_CHECKSUM_BYTES] != _checksum(content):
        return None
    try:
        return marshal.loads(content)  # noqa: S302 - stands beside code that runs in the environment anyway
    except (EOFError, ValueError, TypeError):
        return None


def _checksum(content: bytes) -> bytes:
    """Return what stands before *content*: damage could have it ask for any amount of memory."""
    return crc32(content).to_bytes(_CHECKSUM_BYTES, "big")


def _is_sound(content: object, roots: Roots) -> bool:
    """Tell whether *content* is a journal whose every path stays below the roots, by links too."""
    if not (isinstance(content, tuple) and len(content) == 4 and content[0] == _FORMAT):
        return False
    parts = content[1:]
    if not all(isinstance(part, tuple) for part in parts):
        return False
    moves, directories, files = parts
    is_sound = all(_is_located(move, 3, roots) and _is_aside(move[2]) for move in moves) and all(
        _is_located(located, 2, roots) for located in (*directories, *files)
    )
    return is_sound and _no_link_leads_out([*moves, *directories, *files], roots)


def _no_link_leads_out(paths: Iterable[Sequence[str]], roots: Roots) -> bool:
    """Tell whether the folders of *paths* are below the roots where links lead, as ``lib64`` does to ``lib``.

    A journal may have come with a copied environment, beside a link to a folder of the user.
    """
    below = tuple(os.path.realpath(root).rstrip(os.sep) + os.sep for root in roots.values())
    folders = {os.path.dirname(os.path.join(roots[one[0]], one[1])) for one in paths}
    folders.add(os.path.join(roots["purelib"], FOLDER, "old"))
    return all((os.path.realpath(folder) + os.sep).startswith(below) for folder in folders)


def _is_located(located: object, length: int, roots: Roots) -> bool:
    return (
        isinstance(located, tuple)
        and len(located) == length
        and all(isinstance(part, str) for part in located)
        and located[0] in roots
        and _stays_inside(located[1])
    )


def _is_aside(name: str) -> bool:
    return not name or (name.startswith(FOLDER + "-") and os.path.basename(name) == name)


def _stays_inside(path: str) -> bool:
    parts = path.replace(os.sep, "/").split("/")
    return not os.path.isabs(path) and "\0" not in path and not {"", ".", ".."}.intersection(parts)


def _delete(path: str, spared: frozenset[str] = frozenset()) -> bool:
    """Delete a file, a link or a whole folder, but for what is *spared*; tell whether nothing is left."""
    if path in spared:
        return False
    try:
        os.unlink(path)
    except FileNotFoundError:
        return True
    except (IsADirectoryError, PermissionError):
        if os.path.islink(path) or not os.path.isdir(path):
            raise
        left = [name for name in os.listdir(path) if not _delete(os.path.join(path, name), spared)]
        if left:
            return False
        os.rmdir(path)
    return True


def _sync_folder(path: str) -> None:
    if os.name != "nt":
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
