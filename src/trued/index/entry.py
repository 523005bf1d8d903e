"""One file's entry on a page, read into a :class:`~trued.core.distribution.Distribution` or a finding."""

from __future__ import annotations

from collections.abc import Mapping

from trued.core.digest import HEX_LENGTHS, Digest, InvalidDigest
from trued.core.distribution import Distribution, is_sdist_name, is_wheel_name
from trued.core.finding import Finding, Level
from trued.core.record import dataclass, field
from trued.index.filename import is_safe_filename, version_in_filename
from trued.index.url import InvalidUrl, digests_in_fragment, is_file_url, join, sendable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.core.names import ProjectName

__all__ = ["Source", "entry_filename", "read_entry"]

_SHOWN = 200
_PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+!/%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where entries come from: the address relative URLs start at, and the index or folder's name.

    ``names_project`` says that every entry must be a file of the one project asked for, as on an index page;
    a find-links folder holds files of many. ``heads`` are beginnings of addresses that were made absolute
    before: those of a page's files mostly begin alike.
    """

    url: str
    index: str
    entries: tuple[object, ...]
    names_project: bool = True
    heads: dict[str, str] = field(default_factory=dict, compare=False, repr=False)


def entry_filename(entry: object) -> str | None:
    """Return the file name an entry states, when it states one."""
    name = entry.get("filename") if isinstance(entry, Mapping) else None
    return name if isinstance(name, str) else None


def read_entry(entry: object, *, source: Source, project: ProjectName) -> Distribution | Finding | None:
    """Return the file, a finding saying why the entry is left out, or ``None`` when it is of no interest.

    Files that are neither wheel nor sdist (eggs, installers, signatures) are of no interest.
    """
    if not isinstance(entry, Mapping):
        return _dropped("TRU347", "", source, reason="the entry is no JSON object")
    filename = entry_filename(entry)
    if filename is None:
        return _dropped("TRU347", "", source, reason="the entry states no file name")
    if not (is_wheel_name(filename) or is_sdist_name(filename)):
        return None
    if not is_safe_filename(filename):
        return _dropped("TRU346", filename, source) if source.names_project else None
    version = version_in_filename(filename, project)
    if version is None:
        return _foreign(filename, source, project)
    try:
        return _distribution(entry, filename, version, source=source, project=project)
    except InvalidUrl as invalid:
        return _dropped("TRU347", filename, source, reason=f"its address is unusable: {invalid.reason}")
    except InvalidDigest as invalid:
        return _dropped("TRU347", filename, source, reason=f"its digest {invalid.text!r:.80} is none")


def _foreign(filename: str, source: Source, project: ProjectName) -> Finding | None:
    return _dropped("TRU345", filename, source, project=project) if source.names_project else None


def _dropped(code: str, filename: str, source: Source, **values: str) -> Finding:
    shown = filename.encode("ascii", "backslashreplace").decode()
    subject = shown if shown.isprintable() else ascii(shown)
    return Finding(
        code=code, level=Level.WARNING, subject=subject[:_SHOWN], values={"index": source.index, **values}
    )


def _distribution(
    entry: Mapping[str, object], filename: str, version: str, *, source: Source, project: ProjectName
) -> Distribution:
    url, fragment = _address(entry, source)
    return Distribution(
        project=project,
        version=version,
        filename=filename,
        url=url,
        size=_size(entry.get("size")),
        digests=_digests(_mapping(entry.get("hashes")) | digests_in_fragment(fragment)),
        requires_python=_text(entry.get("requires-python")),
        upload_time=_text(entry.get("upload-time")),
        yanked=_yanked(entry.get("yanked")),
        metadata=_metadata(entry),
        provenance_url=_provenance(entry, source),
        index=source.index,
    )


def _address(entry: Mapping[str, object], source: Source) -> tuple[str, str]:
    """Return the absolute address without credentials, and its fragment."""
    stated = entry.get("url")
    if not isinstance(stated, str):
        raise InvalidUrl("the entry states none")
    reference, _, fragment = stated.partition("#")
    plain = _plain_address(reference, source)
    if plain:
        return plain, fragment
    joined, _, fragment = join(source.url, stated).partition("#")
    if is_file_url(joined):
        if not is_file_url(source.url):
            raise InvalidUrl("a page from the network may not name a local file")
        url = joined
    else:
        url = sendable(joined)
    return url, fragment


def _plain_address(reference: str, source: Source) -> str:
    """Return the absolute address of a *reference* in which nothing has to be looked at but where it begins.

    Empty where it has. What follows the beginning are characters that stay as they are wherever they stand.
    """
    is_absolute = reference.startswith(("https://", "http://"))
    cut = reference.find("/", 8) if is_absolute else reference.rfind("/") + 1
    head, tail = reference[:cut], reference[cut:]
    if cut < 0 or tail.strip(_PLAIN) or tail in ("", ".", ".."):
        return ""
    known = source.heads.get(head)
    if known is None:
        known = source.heads[head] = _head(head, source, is_absolute=is_absolute)
    return known and known + tail


def _head(head: str, source: Source, *, is_absolute: bool) -> str:
    if is_absolute:
        return sendable(f"{head}/")[:-1]
    if is_file_url(source.url) or head.startswith("//") or head.strip(_PLAIN):
        return ""
    return sendable(join(source.url, f"{head}x"))[:-1]


def _mapping(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    return {name: text for name, text in value.items() if isinstance(name, str) and isinstance(text, str)}


def _digests(stated: Mapping[str, str]) -> tuple[Digest, ...]:
    """Return every digest of a known algorithm; unknown ones say nothing (PEP 691)."""
    return tuple(
        Digest.checked(algorithm, value)
        for algorithm, value in sorted(stated.items())
        if algorithm in HEX_LENGTHS
    )


def _metadata(entry: Mapping[str, object]) -> tuple[Digest, ...] | None:
    """Return the sidecar's digests: PEP 714's key before PEP 658's, ``()`` when it exists without digest."""
    for key in ("core-metadata", "dist-info-metadata"):
        value = entry.get(key)
        if isinstance(value, Mapping):
            return _digests(_mapping(value))
        if value is True:
            return ()
        if value is False:
            return None
    return None


def _yanked(value: object) -> str | None:
    """Return ``None``, or the reason (PEP 592; PEP 691: a boolean or a text)."""
    if value is True:
        return ""
    return value if isinstance(value, str) and value else None


def _provenance(entry: Mapping[str, object], source: Source) -> str | None:
    value = entry.get("provenance")
    return sendable(join(source.url, value)) if isinstance(value, str) and value else None


def _size(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
