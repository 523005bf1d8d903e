"""A project page as releases, packed: a line of bytes for each release, read where a release is looked at.

A page names thousands of files, of which a resolution reads some twenty. What decides about the others are
their kinds: tags and ``Requires-Python``, which repeat from release to release. So a page is kept as its
versions in rising order, which kinds of files each has, and the rest of each file's entry as bytes.
"""

from __future__ import annotations

import marshal
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from trued.core.distribution import is_wheel_name
from trued.core.names import normalize
from trued.index.filename import version_in_filename

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trued.core.names import ProjectName

__all__ = ["LOOK", "Kind", "PackedPage", "PackedRow", "entry_of", "pack", "unpacked"]

LOOK = -1
"""In place of a kind: whether such a file can be chosen is only told by its entry."""

Kind: TypeAlias = tuple[str, str | None, int]
"""Tags of a wheel (empty for an sdist), ``Requires-Python``, and the number of the source."""

PackedRow: TypeAlias = tuple[int, str, tuple[object, ...]]
"""Number of the source, tags, and the values of the entry in the order of :data:`_KEYS`."""

_KEYS = (
    "filename", "requires-python", "yanked", "upload-time", "url", "hashes", "size", "core-metadata",
    "dist-info-metadata", "provenance",
)  # fmt: skip
"""All keys of a file's entry that are ever read (:mod:`trued.index.entry`); the first four are judged."""


_LONG = 400
"""Longer texts are left to ``packaging`` to read or refuse."""


_Key: TypeAlias = tuple[int, tuple[int, ...], tuple[int, int], int, float, tuple[tuple[int, int, str], ...]]
"""Epoch, release, stage, post (-1: none), dev (infinite: none) and local label of a version."""

_STAGES = {"a": 1, "b": 2, "rc": 3}
_ONLY_DEV = (0, 0)
_NOT_PRE = (4, 0)
_INFINITE = float("inf")


class PackedPage(NamedTuple):
    """The releases of a page, rising.

    ``texts`` are their versions as first written, ``finals`` which of them are no pre-releases. ``mixes``
    holds sets of kinds, ``mix_of`` the number of each release's; ``rows`` are its files, for
    :func:`unpacked`.
    """

    texts: tuple[str, ...]
    finals: bytes
    kinds: tuple[Kind, ...]
    mixes: tuple[tuple[int, ...], ...]
    mix_of: tuple[int, ...]
    rows: tuple[bytes, ...]


class _Bucket:
    """The files of one release while a page is read."""

    __slots__ = ("add_kind", "add_row", "is_final", "kinds", "rows", "text")

    def __init__(self, text: str, *, is_final: bool) -> None:
        self.text = text
        self.is_final = is_final
        self.rows: list[PackedRow] = []
        self.kinds: set[int] = set()
        self.add_row = self.rows.append
        self.add_kind = self.kinds.add


def pack(project: ProjectName, sources: Sequence[Iterable[object]]) -> PackedPage:
    """Group the entries of the *sources* of a page by version, in the page's order.

    Files that are neither wheel nor sdist of the project, and versions that are none (PEP 440), are left out,
    as pip does.
    """
    read = _Names(project).read
    kinds: dict[Kind, int] = {}
    of_key: dict[_Key, _Bucket] = {}
    of_text = _Texts(of_key)
    for number, entries in enumerate(sources):
        for entry in entries:
            if type(entry) is not dict:
                continue
            row = tuple(map(entry.get, _KEYS))
            text, tags = read(row[0])
            bucket = of_text[text] if text else None
            if bucket is None:
                continue
            bucket.add_row((number, tags, row))
            stated = row[1]
            if row[2] or not (stated is None or type(stated) is str):
                bucket.add_kind(LOOK)
                continue
            kind = (tags, stated, number)
            known = kinds.get(kind)
            if known is None:
                known = kinds[kind] = len(kinds)
            bucket.add_kind(known)
    return _page([of_key[key] for key in sorted(of_key)], kinds)


def unpacked(row: bytes) -> list[PackedRow]:
    """Return the files of one release."""
    found: list[PackedRow] = marshal.loads(row)  # noqa: S302 - written by :func:`pack`, kept privately
    return found


def entry_of(values: tuple[object, ...]) -> dict[str, object]:
    """Return the entry of a file as its page had it, without what nobody reads."""
    return {key: value for key, value in zip(_KEYS, values, strict=True) if value is not None}


def _page(in_order: Sequence[_Bucket], kinds: dict[Kind, int]) -> PackedPage:
    mixes: dict[tuple[int, ...], int] = {}
    mix_of = [mixes.setdefault(tuple(sorted(bucket.kinds)), len(mixes)) for bucket in in_order]
    texts = tuple([bucket.text for bucket in in_order])
    return PackedPage(
        texts=texts,
        finals=bytes([bucket.is_final for bucket in in_order]),
        kinds=tuple(kinds),
        mixes=tuple(mixes),
        mix_of=tuple(mix_of),
        rows=tuple([marshal.dumps(bucket.rows) for bucket in in_order]),
    )


class _Texts(dict[str, "_Bucket | None"]):
    """Releases by the text of their version, each text read once; ``1.0`` and ``1.0.0`` are one release."""

    def __init__(self, of_key: dict[_Key, _Bucket]) -> None:
        super().__init__()
        self._of_key = of_key

    def __missing__(self, text: str) -> _Bucket | None:
        found = self[text] = self._bucket(text)
        return found

    def _bucket(self, text: str) -> _Bucket | None:
        numbers = text.split(".")
        if len(text) < _LONG and text.isascii() and all(map(str.isdigit, numbers)):
            key, is_final = _plain_key(numbers), True
        else:
            known = _key_of(text)
            if known is None:
                return None
            key, is_final = known
        found = self._of_key.get(key)
        if found is None:
            found = self._of_key[key] = _Bucket(text, is_final=is_final)
        return found


def _plain_key(numbers: Iterable[str]) -> _Key:
    """Return what sorts as a version of these numbers and nothing else does."""
    release = tuple(map(int, numbers))
    while release and not release[-1]:
        release = release[:-1]  # 1.0 equals 1
    return 0, release, _NOT_PRE, -1, _INFINITE, ()


def _key_of(text: str) -> tuple[_Key, bool] | None:
    """Return what sorts as the version *text* does (PEP 440, "Summary"), and whether it is final."""
    from packaging.version import Version

    try:
        version = Version(text)
    except ValueError:  # InvalidVersion is one; so are more digits than Python converts
        return None
    epoch, release, *_ = _plain_key(map(str, version.release))
    pre, post, dev = version.pre, version.post, version.dev
    if pre is not None:
        stage = (_STAGES[pre[0]], pre[1])
    else:
        stage = _ONLY_DEV if post is None and dev is not None else _NOT_PRE
    local = tuple(
        (1, int(part), "") if part.isdigit() else (0, 0, part)
        for part in (version.local or "").split(".")
        if part
    )
    key = (
        version.epoch + epoch, release, stage,
        -1 if post is None else post, _INFINITE if dev is None else dev, local,
    )  # fmt: skip
    return key, not version.is_prerelease


class _Names:
    """Finds version and tags in the names of one project's files.

    Most of a page's names begin and end alike, so whether a beginning is the project's name and whether an
    end is tags is worked out once each.
    """

    def __init__(self, project: ProjectName) -> None:
        self._project = project
        self._beginnings: dict[str, bool] = {}
        self._ends: dict[str, str] = {}

    def read(self, filename: object) -> tuple[str, str]:
        """Return the version that *filename* states, empty when it is not the project's, and its tags."""
        if type(filename) is not str:
            return "", ""
        beginning, _, rest = filename.partition("-")
        is_ours = self._beginnings.get(beginning)
        if is_ours is None:
            is_ours = self._beginnings[beginning] = normalize(beginning) == self._project
        if is_ours:
            version, dash, end = rest.partition("-")
            if not dash and rest.endswith(".tar.gz"):
                return rest[:-7], ""
            tags = self._ends.get(end)
            if tags is None:
                is_tags = end.count("-") == 2 and end.endswith(".whl") and "--" not in end and end[0] != "-"
                tags = self._ends[end] = end[:-4] if is_tags else ""
            if tags and version:
                return version.replace("_", "-") if "_" in version else version, tags
        return version_in_filename(filename, self._project) or "", _tags(filename)


def _tags(filename: str) -> str:
    if not is_wheel_name(filename):
        return ""
    beginning = filename[:-4].rsplit("-", 3)[0]
    return filename[len(beginning) + 1 : -4]
