"""The distributions of an environment, as any installer left them.

Read by the "Recording installed projects" specification (PEP 376, 610, 627, 660, 710); older forms
(``.egg-info``, ``.egg-link``) are told apart, because their files cannot always be known.
"""

from __future__ import annotations

import csv
import errno
import io
import json
import os
from enum import Enum

from trued.core.names import ProjectName, normalize
from trued.core.record import dataclass, field
from trued.core.regular_file import open_regular
from trued.environment.receipt import RECEIPT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

__all__ = [
    "Form",
    "Installed",
    "installed_distributions",
    "owners_of_paths",
    "recorded_paths",
    "visible_distributions",
]

_MOST_TEXT_BYTES = 16 * 1024 * 1024
"""Of METADATA and the JSON documents beside it: longer ones are none that anybody wrote."""


class Form(Enum):
    """How a distribution is written down."""

    DIST_INFO = "dist-info"
    EGG_INFO = "egg-info"
    EGG_LINK = "egg-link"
    DISTUTILS = "distutils"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """One installed distribution. Paths are absolute.

    ``folder`` is the dist-info or egg-info folder, or the file of older forms. ``installer`` and the
    documents are as they stand, and prove nothing: anybody may have written them. A ``receipt`` beside an
    empty RECORD counts for nothing: a power cut leaves that.
    """

    project: ProjectName
    name: str
    version: str
    form: Form
    location: str
    folder: str
    installer: str = ""
    requested: bool = False
    editable_location: str | None = None
    direct_url: Mapping[str, Any] | None = None
    provenance: Mapping[str, Any] | None = None
    receipt: Mapping[str, Any] | None = None
    metadata: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_editable(self) -> bool:
        """Whether the code stands elsewhere, in the project's own folder."""
        return self.editable_location is not None

    @property
    def built_sha256(self) -> str | None:
        """The digest of the wheel that was built of the source, where the receipt says that it was."""
        built = (self.receipt or {}).get("built")
        digest = built.get("sha256") if isinstance(built, dict) else None
        return digest if isinstance(digest, str) else None

    @property
    def sha256(self) -> str | None:
        """The digest of the archive, by trued's receipt."""
        digest = (self.receipt or {}).get("sha256")
        return digest if isinstance(digest, str) else None

    @property
    def summary(self) -> str:
        """The one-line description."""
        return next(iter(self.metadata.get("summary", ())), "")

    @property
    def requires(self) -> tuple[str, ...]:
        """The dependencies, as METADATA states them (PEP 508)."""
        return self.metadata.get("requires-dist", ())


def installed_distributions(libraries: Sequence[str]) -> tuple[Installed, ...]:
    """Return what is installed in *libraries*, sorted by project. Missing folders hold nothing."""
    found = [one for library in libraries for one in _in_library(library)]
    return tuple(sorted(found, key=lambda one: (one.project, one.folder)))


def visible_distributions(folders: Sequence[str]) -> tuple[Installed, ...]:
    """Return what programs find in *folders*, sorted by project: an earlier folder hides the later."""
    seen: dict[str, str] = {}
    found: list[Installed] = []
    for folder in dict.fromkeys(folders):
        found += [one for one in _in_library(folder) if seen.setdefault(one.project, folder) == folder]
    return tuple(sorted(found, key=lambda one: (one.project, one.folder)))


def recorded_paths(one: Installed) -> tuple[str, ...] | None:
    """Return the absolute paths that RECORD lists, as it lists them; ``None`` when there is no RECORD.

    Nothing is checked: a path may lead anywhere. Raises: ValueError when RECORD is no CSV in UTF-8.
    """
    try:
        with io.TextIOWrapper(
            open_regular(os.path.join(one.folder, "RECORD")), encoding="utf-8", newline=""
        ) as file:
            rows = [row[0] for row in csv.reader(file) if row]
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno == errno.EINVAL:
            raise ValueError(one.folder) from error
        raise
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(one.folder) from error
    return tuple(os.path.normpath(os.path.join(one.location, path)) for path in rows)


def owners_of_paths(distributions: Sequence[Installed]) -> dict[str, tuple[ProjectName, ...]]:
    """Return which projects list each path. What cannot be read owns nothing."""
    owners: dict[str, tuple[ProjectName, ...]] = {}
    for one in distributions:
        try:
            paths = recorded_paths(one) or ()
        except ValueError:
            continue
        for path in paths:
            owners[path] = (*owners.get(path, ()), one.project)
    return owners


def _in_library(library: str) -> Iterator[Installed]:
    try:
        names = os.listdir(library)
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        path = os.path.join(library, name)
        stem, ending = os.path.splitext(name)
        if ending == ".dist-info" and os.path.isdir(path):
            yield _dist_info(path, stem, library)
        elif ending == ".egg-info":
            form = Form.EGG_INFO if os.path.isdir(path) else Form.DISTUTILS
            yield _older(path, stem, library, form)
        elif ending == ".egg-link":
            yield _egg_link(path, stem, library)


def _dist_info(path: str, stem: str, library: str) -> Installed:
    metadata = _metadata(os.path.join(path, "METADATA"))
    folder_name, _, folder_version = stem.rpartition("-")
    name = _first(metadata, "name") or folder_name or stem
    direct_url = _document(path, "direct_url.json")
    return Installed(
        project=normalize(name),
        name=name,
        version=_first(metadata, "version") or folder_version,
        form=Form.DIST_INFO,
        location=library,
        folder=path,
        installer=_text(os.path.join(path, "INSTALLER")).strip(),
        requested=os.path.lexists(os.path.join(path, "REQUESTED")),
        editable_location=_editable_location(direct_url),
        direct_url=direct_url,
        provenance=_document(path, "provenance_url.json"),
        receipt=_document(path, RECEIPT) if _has_record(path) else None,
        metadata=metadata,
    )


def _older(path: str, stem: str, library: str, form: Form) -> Installed:
    metadata = _metadata(os.path.join(path, "PKG-INFO") if form is Form.EGG_INFO else path)
    parts = stem.split("-")
    name = _first(metadata, "name") or parts[0]
    version = _first(metadata, "version") or (parts[1] if len(parts) > 1 else "")
    return Installed(
        project=normalize(name),
        name=name,
        version=version,
        form=form,
        location=library,
        folder=path,
        metadata=metadata,
    )


def _egg_link(path: str, stem: str, library: str) -> Installed:
    lines = _text(path).splitlines()
    source = lines[0].strip() if lines else ""
    try:
        inside = [one for one in _in_library(source) if one.form is Form.EGG_INFO] if source else []
    except (OSError, ValueError):  # any text may stand there: no path, or one that cannot be opened
        inside = []
    named = next((one for one in inside if one.project == normalize(stem)), None)
    return Installed(
        project=normalize(stem),
        name=named.name if named else stem,
        version=named.version if named else "",
        form=Form.EGG_LINK,
        location=library,
        folder=path,
        editable_location=source,
        metadata=named.metadata if named else {},
    )


def _metadata(path: str) -> Mapping[str, tuple[str, ...]]:
    """Return the header fields of METADATA, lower-cased; repeated ones keep their order."""
    from email.parser import HeaderParser

    fields: dict[str, tuple[str, ...]] = {}
    for key, value in HeaderParser().parsestr(_text(path)).items():
        fields[key.lower()] = (*fields.get(key.lower(), ()), str(value))
    return fields


def _first(metadata: Mapping[str, tuple[str, ...]], key: str) -> str:
    return " ".join(next(iter(metadata.get(key, ())), "").split())  # a folded field is one line (RFC 822)


def _text(path: str) -> str:
    """Return the text of a file, of a long one its beginning; empty where there is none, or no plain file."""
    try:
        with open_regular(path) as file:
            data = file.read(_MOST_TEXT_BYTES)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return ""
    except OSError as error:
        if error.errno == errno.EINVAL:
            return ""
        raise
    return data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _has_record(folder: str) -> bool:
    try:
        return os.stat(os.path.join(folder, "RECORD")).st_size > 0
    except OSError:
        return False


def _document(folder: str, name: str) -> Mapping[str, Any] | None:
    """Return a JSON object that stands in *folder*; ``None`` for none, or for what is no JSON object."""
    text = _text(os.path.join(folder, name))
    if not text:
        return None
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _editable_location(direct_url: Mapping[str, Any] | None) -> str | None:
    """Return the folder that an editable installation leads to (PEP 610 ``dir_info.editable``)."""
    if not direct_url:
        return None
    info, url = direct_url.get("dir_info"), direct_url.get("url")
    if not (isinstance(info, dict) and info.get("editable") is True and isinstance(url, str)):
        return None
    if not url.startswith("file://"):
        return url
    from urllib.request import url2pathname

    return url2pathname(url.removeprefix("file://"))
