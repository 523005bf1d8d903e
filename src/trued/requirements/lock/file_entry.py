"""What the lock formats say of one file, checked: digests, size, address, and the name that must fit."""

from __future__ import annotations

import re

from trued.core.digest import HEX_LENGTHS, STRONG, WEAK, Digest, InvalidDigest
from trued.core.distribution import is_wheel_name
from trued.requirements.url import filename_of, split_credentials, without_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trued.core.names import ProjectName
    from trued.requirements.lock.document import Table

__all__ = ["check_name", "clean_url", "file_name", "hash_text", "read_digests", "read_hash", "read_size"]

_UNFIT = re.compile(r"[\s\\\x00-\x1f\x7f-\xa0\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_SCHEMES = ("https://", "http://", "file://")


def read_digests(table: Table, hashes: Mapping[str, object], *, subject: str) -> tuple[Digest, ...]:
    """Read ``hashes``; an empty tuple comes back with what is wrong told.

    Every digest that trued can compute is kept and must hold; one of them must be collision resistant.
    """
    digests = [
        digest
        for algorithm, value in hashes.items()
        if (digest := _digest(table, algorithm, value, subject=subject)) is not None
    ]
    if not hashes:
        table.error("TRU153", subject=subject)
    elif not any(digest.is_strong for digest in digests) and not _has_strong_name(hashes):
        table.error("TRU155", "hashes", subject=subject, algorithms=", ".join(sorted(hashes)))
    return tuple(sorted(digests))


def read_hash(table: Table, *, subject: str) -> tuple[Digest, ...]:
    """Read the one ``hash = "sha256:…"`` of the other formats; as :func:`read_digests`."""
    text = table.text("hash")
    if not text:
        if not isinstance(table.content.get("hash"), str | None):
            return ()
        table.error("TRU153", subject=subject)
        return ()
    return hash_text(table, "hash", text, subject=subject)


def hash_text(table: Table, key: str, text: str, *, subject: str) -> tuple[Digest, ...]:
    """Read one ``sha256:…``, which stands at *key*; an empty tuple comes back with what is wrong told."""
    algorithm, colon, value = text.partition(":")
    if not colon:
        _bad_digest(table, key, text, "it has not the form algorithm:hexadecimal", subject=subject)
        return ()
    digest = _digest(table, algorithm, value, subject=subject, key=key)
    if digest is not None and not digest.is_strong:
        table.error("TRU155", key, subject=subject, algorithms=algorithm)
    return (digest,) if digest is not None else ()


def _has_strong_name(hashes: Iterable[str]) -> bool:
    return any(algorithm in STRONG for algorithm in hashes)


def _digest(
    table: Table, algorithm: str, value: object, *, subject: str, key: str = "hashes"
) -> Digest | None:
    if algorithm not in (*STRONG, *WEAK):
        place = table.document.place((*table.path, key))
        what = f"a digest by {algorithm}, which is not compared"
        table.document.problems.warning("TRU172", place, subject, what=what)
        return None
    if not isinstance(value, str):
        _bad_digest(table, key, algorithm, "it is not a string", subject=subject)
        return None
    try:
        return Digest.checked(algorithm, value)
    except InvalidDigest as error:
        wanted = HEX_LENGTHS[algorithm]
        reason = (
            "it holds more than hexadecimal digits"
            if error.reason == "hex"
            else f"it has {len(value)} digits where {algorithm} has {wanted}"
        )
        _bad_digest(table, key, algorithm, reason, subject=subject)
        return None


def _bad_digest(table: Table, key: str, digest: str, reason: str, *, subject: str) -> None:
    table.error("TRU154", key, subject=subject, digest=digest, reason=reason)


def read_size(table: Table, *, subject: str) -> int | None:
    """Read ``size``, in bytes."""
    size = table.content.get("size")
    if size is None:
        return None
    if isinstance(size, bool) or not isinstance(size, int) or size < 0:
        table.error("TRU156", "size", subject=subject, size=str(size)[:40])
        return None
    return size


def clean_url(table: Table, key: str, *, subject: str) -> str | None:
    """Return the URL at *key* without credentials and fragment; one with credentials is told (TRU199)."""
    text = table.text(key)
    if text is None:
        return None
    if _UNFIT.search(text) or not text.lower().startswith(_SCHEMES):
        table.malformed(key, "it is no https, http or file URL")
        return None
    url, credentials = split_credentials(text.partition("#")[0])
    if credentials is not None:
        place = table.document.place((*table.path, key))
        table.document.problems.warning("TRU199", place, subject, key=key, url=without_credentials(url))
    return url


def file_name(*, name: str | None, url: str | None, path: str | None) -> str:
    """Return the file's name: as it is given, or the last part of its path or URL (PEP 751)."""
    if name:
        return name
    if path:
        return path.replace("\\", "/").rpartition("/")[2]
    return filename_of(url) if url else ""


def check_name(filename: str, *, project: ProjectName, version: str | None) -> str | None:
    """Return why *filename* is no file of *project* in *version*; ``None`` when it is one.

    The formats name a release and its files apart; a file of another project under a well-known name would
    otherwise pass with its own, right digest.
    """
    from packaging.utils import (
        InvalidSdistFilename,
        InvalidWheelFilename,
        parse_sdist_filename,
        parse_wheel_filename,
    )
    from packaging.version import Version

    if "/" in filename or "\\" in filename or _UNFIT.search(filename):
        return "it is a path, not a name"
    try:
        if is_wheel_name(filename):
            named, found, _, _ = parse_wheel_filename(filename)
        else:
            named, found = parse_sdist_filename(_as_modern_sdist(filename))
    except (InvalidWheelFilename, InvalidSdistFilename, ValueError):
        return "it is no name of a wheel or sdist"
    if str(named) != project:
        return f"it is a file of {named}"
    if version is not None and found != Version(version):
        return f"it is a file of version {found}"
    return None


def _as_modern_sdist(filename: str) -> str:
    """Return the name with the one ending that is read; older sdists have others."""
    for ending in (".tar.bz2", ".tar.xz", ".tgz"):
        if filename.endswith(ending):
            return f"{filename.removesuffix(ending)}.tar.gz"
    return filename
