"""A project page as releases, packed: a line of bytes for each release, read where a release is looked at.

A page names thousands of files, of which a resolution reads some twenty. What decides about the others are
their kinds: tags and ``Requires-Python``, which repeat from release to release. So a page is kept as its
versions in rising order, which kinds of files each has, and the rest of each file's entry as bytes.
"""

from __future__ import annotations

import marshal
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from trued.advisories.version_key import version_key
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

    __slots__ = ("is_final", "kinds", "rows", "text")

    def __init__(self, text: str, *, is_final: bool) -> None:
        self.text = text
        self.is_final = is_final
        self.rows: list[PackedRow] = []
        self.kinds: set[int] = set()


def pack(project: ProjectName, sources: Sequence[Iterable[object]]) -> PackedPage:
    """Group the entries of the *sources* of a page by version, in the page's order.

    Files that are neither wheel nor sdist of the project, and versions that are none (PEP 440), are left out,
    as pip does.
    """
    names = _Names(project)
    kinds: dict[Kind, int] = {}
    buckets = _Buckets()
    for number, entries in enumerate(sources):
        for entry in entries:
            if type(entry) is not dict:
                continue
            row = tuple(map(entry.get, _KEYS))
            text, tags = names.read(row[0])
            bucket = buckets.of_text[text] if text else None
            if bucket is None:
                continue
            stated = row[1]
            bucket.rows.append((number, tags, row))
            if row[2] or not (stated is None or type(stated) is str):
                bucket.kinds.add(LOOK)
            else:
                kind = (tags, stated, number)
                bucket.kinds.add(kinds.setdefault(kind, len(kinds)))
    return _page(buckets, kinds)


def unpacked(row: bytes) -> list[PackedRow]:
    """Return the files of one release."""
    found: list[PackedRow] = marshal.loads(row)  # noqa: S302 - written by :func:`pack`, kept privately
    return found


def entry_of(values: tuple[object, ...]) -> dict[str, object]:
    """Return the entry of a file as its page had it, without what nobody reads."""
    return {key: value for key, value in zip(_KEYS, values, strict=True) if value is not None}


def _page(buckets: _Buckets, kinds: dict[Kind, int]) -> PackedPage:
    in_order = [buckets.of_key[key] for key in sorted(buckets.of_key)]
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

    def __init__(self, of_key: dict[str, _Bucket]) -> None:
        super().__init__()
        self._of_key = of_key

    def __missing__(self, text: str) -> _Bucket | None:
        found = self[text] = self._bucket(text)
        return found

    def _bucket(self, text: str) -> _Bucket | None:
        if len(text) < _LONG and text.isascii() and text.replace(".", "").isdigit():
            key, is_final = version_key(text), True
        else:
            key, is_final = _key_of(text)
        if key is None:
            return None
        found = self._of_key.get(key)
        if found is None:
            found = self._of_key[key] = _Bucket(text, is_final=is_final)
        return found


def _key_of(text: str) -> tuple[str | None, bool]:
    """Return what sorts as the version *text* does (``None``: it is none), and whether it is final."""
    from packaging.version import Version

    try:
        version = Version(text)
    except ValueError:  # InvalidVersion is one; so are more digits than Python converts
        return None, False
    return version_key(str(version)), not version.is_prerelease


class _Buckets:
    def __init__(self) -> None:
        self.of_key: dict[str, _Bucket] = {}
        self.of_text = _Texts(self.of_key)


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
