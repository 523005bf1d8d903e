"""One file of a release, as an index, a folder or a URL offers it."""

from __future__ import annotations

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.core.digest import Digest
    from trued.core.names import ProjectName

__all__ = ["Distribution", "is_sdist_name", "is_wheel_name"]

_SDIST_ENDINGS = (".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz")


def is_wheel_name(filename: str) -> bool:
    """Tell whether *filename* ends as a wheel's does."""
    return filename.endswith(".whl")


def is_sdist_name(filename: str) -> bool:
    """Tell whether *filename* ends as a source distribution's does."""
    return filename.endswith(_SDIST_ENDINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """One wheel or sdist file on offer; everything here is a claim of who offers it.

    ``url`` carries no credentials (``file://`` for a local file). ``size`` is in bytes. ``upload_time`` is
    RFC 3339 as the index wrote it. ``yanked`` is ``None``, or the reason (perhaps empty, PEP 592).
    ``metadata`` holds the digests of the PEP 658 sidecar, empty when one exists without, ``None`` when there
    is none. ``index`` names the index or folder; empty for a direct URL or path.
    """

    project: ProjectName
    version: str
    filename: str
    url: str
    size: int | None = None
    digests: tuple[Digest, ...] = ()
    requires_python: str | None = None
    upload_time: str | None = None
    yanked: str | None = None
    metadata: tuple[Digest, ...] | None = None
    provenance_url: str | None = None
    index: str = ""

    @property
    def is_wheel(self) -> bool:
        """Whether the file is a wheel, by its name."""
        return is_wheel_name(self.filename)
