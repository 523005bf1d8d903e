"""Package URLs (purl): the names that other programs' documents give to releases.

Source: ECMA-427 and its type definition of ``pypi``: the name is normalised, there is no namespace.
"""

from __future__ import annotations

from trued.core.names import is_valid_name, normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.core.names import ProjectName

__all__ = ["package_url", "python_release"]


def package_url(project: ProjectName, version: str = "") -> str:
    """Return the package URL of a release, or of a project."""
    from packageurl import PackageURL

    return PackageURL("pypi", None, project, version or None).to_string()


def python_release(text: str) -> tuple[ProjectName, str] | None:
    """Return project and version (perhaps empty) that a package URL names, ``None`` unless it is Python's."""
    from packageurl import PackageURL

    try:
        read = PackageURL.from_string(text)
    except ValueError:
        return None
    if read.type != "pypi" or read.namespace or not is_valid_name(read.name):
        return None
    return normalize(read.name), read.version or ""
