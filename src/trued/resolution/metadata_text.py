"""Core metadata and pyproject tables, read into what the solver needs, or the reason why they cannot be.

No code of a project is run to learn what it requires: where its own files do not say it for certain, it
needs a build, and that is the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from trued.core.names import normalize
from trued.resolution.listing import Exclusion
from trued.resolution.source import CandidateMetadata
from trued.wheel.headers import read_headers
from trued.wheel.metadata import same_version

if TYPE_CHECKING:
    from trued.core.names import ProjectName

__all__ = [
    "NEEDS_BUILD",
    "needs_build",
    "read_core_metadata",
    "read_pkg_info",
    "read_pyproject",
    "unreadable",
]

_DECIDING = frozenset({"requires-dist", "requires-python", "provides-extra"})
_DECIDING_KEYS = frozenset({"dependencies", "optional-dependencies", "requires-python"})
_FIRST_STATIC = (2, 2)
NEEDS_BUILD = "needs-build"
"""The reason word of what :func:`needs_build` returns."""
_SHOWN = 200


def read_core_metadata(
    raw: bytes, *, project: ProjectName, version: str, source: str
) -> CandidateMetadata | Exclusion:
    """Return what METADATA says, if it is the metadata of *project* and *version*."""
    try:
        headers = read_headers(raw)
    except UnicodeDecodeError:
        return unreadable("its metadata is not UTF-8")
    return _of_headers(headers, project=project, version=version, source=source)


def read_pkg_info(raw: bytes, *, project: ProjectName, version: str) -> CandidateMetadata | Exclusion | None:
    """Return what an sdist's PKG-INFO says, or ``None`` when it is not binding.

    It is from version 2.2 on, for every field that ``Dynamic`` does not name (PEP 643).
    """
    try:
        headers = read_headers(raw)
    except UnicodeDecodeError:
        return None
    dynamic = {value.lower() for value in headers.get("dynamic", ())}
    stated = headers.get("metadata-version", [""])[0]
    if not _is_static(stated) or dynamic & _DECIDING:
        return None
    return _of_headers(headers, project=project, version=version, source="sdist")


def read_pyproject(raw: bytes, *, project: ProjectName) -> CandidateMetadata | None:
    """Return what a ``[project]`` table states for certain, or ``None`` when a build would add to it.

    A key that ``dynamic`` does not name may not be changed by the backend (PEP 621).
    """
    import tomllib

    try:
        table = tomllib.loads(raw.decode()).get("project")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        return None
    if not isinstance(table, Mapping) or not isinstance(table.get("name"), str):
        return None
    if normalize(table["name"]) != project or not _DECIDING_KEYS.isdisjoint(_texts(table.get("dynamic"))):
        return None
    requires_python = table.get("requires-python", "")
    if not isinstance(requires_python, str):
        return None
    optional = table.get("optional-dependencies", {})
    extras = optional if isinstance(optional, Mapping) else {}
    lines: list[str | None] = [*_texts(table.get("dependencies"))]
    for extra, wanted in extras.items():
        lines += [_for_extra(line, normalize(extra)) for line in _texts(wanted)]
    known = [line for line in lines if line is not None]
    if len(known) != len(lines):
        return None
    return CandidateMetadata(
        requires_dist=tuple(known),
        provides_extra=frozenset(normalize(extra) for extra in extras),
        requires_python=requires_python,
        source="sdist",
    )


def needs_build(filename: str, why: str) -> Exclusion:
    """Return that only a build of *filename* would tell its metadata."""
    return Exclusion(NEEDS_BUILD, f"{filename} must be built to learn what it requires: {why}")


def unreadable(why: str) -> Exclusion:
    """Return that the metadata cannot be believed or read."""
    return Exclusion("bad-metadata", why)


def _of_headers(
    headers: Mapping[str, list[str]], *, project: ProjectName, version: str, source: str
) -> CandidateMetadata | Exclusion:
    name = headers.get("name", [""])[0]
    if normalize(name) != project:
        return unreadable(f"its metadata is that of {name[:_SHOWN]!a}")
    stated = headers.get("version", [""])[0]
    if not same_version(stated, version):
        return unreadable(f"its metadata is that of version {stated[:_SHOWN]!a}")
    pythons = headers.get("requires-python", [])
    return CandidateMetadata(
        requires_dist=tuple(headers.get("requires-dist", ())),
        provides_extra=frozenset(normalize(extra) for extra in headers.get("provides-extra", ())),
        requires_python=pythons[0] if pythons else "",
        source=source,
    )


def _is_static(metadata_version: str) -> bool:
    major, _, minor = metadata_version.partition(".")
    if not (major.isdecimal() and minor.isdecimal() and metadata_version.isascii()):
        return False
    return (int(major), int(minor)) >= _FIRST_STATIC


def _for_extra(line: str, extra: str) -> str | None:
    """Return the ``Requires-Dist`` line of an optional dependency, ``None`` when it cannot be read."""
    from packaging.markers import Marker
    from packaging.requirements import InvalidRequirement

    from trued.requirements.pep508 import read_line

    try:
        requirement = read_line(line)
    except InvalidRequirement:
        return None
    condition = f'extra == "{extra}"'
    own = requirement.marker
    requirement.marker = Marker(f"({own}) and {condition}" if own is not None else condition)
    return str(requirement)


def _texts(value: object) -> Sequence[str]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return [one for one in value if isinstance(one, str)]
