"""How the operator names files: a project, a release of it, or one file."""

from __future__ import annotations

from trued.core.distribution import is_sdist_name, is_wheel_name
from trued.core.names import ProjectName, normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from trued.repository.project_record import FileRecord

__all__ = ["choose"]


def choose(text: str) -> tuple[ProjectName, Callable[[FileRecord], bool]]:
    """Return the project that ``NAME``, ``NAME==VERSION`` or a file name is of, and what tells its files."""
    if is_wheel_name(text):
        return normalize(text.partition("-")[0]), lambda file: file.filename == text
    if is_sdist_name(text):
        return normalize(text.rpartition("-")[0]), lambda file: file.filename == text
    name, equals, version = text.partition("==")
    if not equals:
        return normalize(name.strip()), lambda _: True
    from trued.index.version_text import satisfies_pin

    return normalize(name.strip()), lambda file: satisfies_pin(file.version, version.strip())
