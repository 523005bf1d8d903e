"""What the solver decides: a project, or one extra of it.

``project[extra]`` is a package of its own that needs the very same version of ``project`` and adds the
extra's requirements (the usual encoding of extras for PubGrub).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from trued.core.names import ProjectName
    from trued.resolution.dependency import Dependency

__all__ = ["Package", "packages_of"]


class Package(NamedTuple):
    """A project or one extra of it; a plain tuple, since the solver hashes it millions of times."""

    project: ProjectName
    extra: str = ""

    def __str__(self) -> str:
        return f"{self.project}[{self.extra}]" if self.extra else self.project


def packages_of(dependency: Dependency) -> list[Package]:
    """Return the solver's packages that *dependency* asks for: the base, and each extra."""
    return [Package(dependency.project), *(Package(dependency.project, extra) for extra in dependency.extras)]
