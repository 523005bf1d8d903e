"""What a source distribution's file name says: project and version (PEP 625)."""

from __future__ import annotations

from trued.core.names import ProjectName, is_valid_name, normalize

__all__ = ["parse_sdist_name"]

_ENDINGS = (".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz")


def parse_sdist_name(filename: str) -> tuple[ProjectName, str] | None:
    """Return project and version of ``name-version.tar.gz``; ``None`` for any other name.

    Older names may have hyphens in both parts; the version is what stands behind the last one, and whether
    that holds the metadata tells once the archive is built.
    """
    from packaging.version import InvalidVersion, Version

    stem = next((filename[: -len(end)] for end in _ENDINGS if filename.endswith(end)), "")
    name, hyphen, version = stem.rpartition("-")
    if not hyphen or not is_valid_name(name):
        return None
    try:
        Version(version)
    except InvalidVersion:
        return None
    return normalize(name), version
