"""Whether a file is for a Python, by what its metadata or its index states. LEAN."""

from __future__ import annotations

from trued.requirements.plain_specifier import admits

__all__ = ["admits_python"]


def admits_python(stated: str, python: str) -> bool:
    """Tell whether ``Requires-Python`` as *stated* admits *python*; what cannot be read admits, as in pip."""
    plainly = admits(stated, python)
    if plainly is not None:
        return plainly
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(stated).contains(python, prereleases=True)
    except InvalidSpecifier:
        return True
