"""The lock: every file of every chosen release, for every environment it was made for, whatever its format.

The words are those of PEP 751 (https://packaging.python.org/specifications/pylock-toml/).
"""

from __future__ import annotations

from enum import Enum

from trued.core.distribution import is_wheel_name
from trued.core.record import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.core.digest import Digest
    from trued.core.finding import Finding, Place
    from trued.core.names import ProjectName

__all__ = ["DirectKind", "DirectSource", "Lock", "LockedDependency", "LockedFile", "LockedPackage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedFile:
    """One wheel, sdist or archive; every digest of ``digests`` must hold, and so must ``size`` (bytes).

    ``url`` carries no credentials. ``path`` is as written, relative to the lock's folder. Both are ``None``
    where the format names no place (``poetry.lock``): the index is then asked for ``filename``.
    ``upload_time`` is RFC 3339 in UTC (``2025-01-31T12:00:00Z``, microseconds where there are any).
    """

    filename: str
    url: str | None = None
    path: str | None = None
    size: int | None = None
    digests: tuple[Digest, ...]
    upload_time: str | None = None

    @property
    def is_wheel(self) -> bool:
        """Whether the file is a wheel, by its name."""
        return is_wheel_name(self.filename)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedDependency:
    """One edge: the project needed, its version where the lock holds several, and when it is needed."""

    project: ProjectName
    version: str | None = None
    marker: str | None = None


class DirectKind(Enum):
    """What a package comes from when no index offers it."""

    VCS = "vcs"
    DIRECTORY = "directory"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectSource:
    """Where a package comes from when no index offers it; an archive's file is in ``LockedPackage.files``.

    ``vcs`` is the system's name (``git``). Only an archive has a file's digest; ``tree_sha256`` is that of
    all files of a commit (:mod:`trued.build.tree_digest`).
    """

    kind: DirectKind
    url: str | None = None
    path: str | None = None
    vcs: str | None = None
    commit_id: str | None = None
    requested_revision: str | None = None
    editable: bool = False
    subdirectory: str | None = None
    tree_sha256: str | None = None

    @property
    def is_one_file(self) -> bool:
        """Whether there is one file, whose digest can be known beforehand."""
        return self.kind is DirectKind.ARCHIVE

    @property
    def has_no_digest(self) -> bool:
        """Whether it is neither one file nor a commit all of whose files are known by a digest."""
        return not self.is_one_file and self.tree_sha256 is None

    def __str__(self) -> str:
        place = self.url or self.path or ""
        if self.kind is not DirectKind.VCS:
            return place
        return f"{self.vcs}+{place}@{self.commit_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedPackage:
    """One release as the lock holds it, for the environments in which ``marker`` holds.

    ``index`` is the index's URL without credentials. ``extras`` are those of the project that are wanted.
    ``unattested`` are the names of the files about which ``attestation_identities`` say nothing. ``build``
    is what the project is built with, where it has to be built.
    ``place`` is where the entry stands, and no part of what two locks are compared by.
    """

    project: ProjectName
    version: str | None = None
    marker: str | None = None
    requires_python: str | None = None
    index: str | None = None
    files: tuple[LockedFile, ...] = ()
    dependencies: tuple[LockedDependency, ...] = ()
    extras: tuple[str, ...] = ()
    direct: DirectSource | None = None
    attestation_identities: tuple[Mapping[str, str], ...] = ()
    unattested: tuple[str, ...] = ()
    build: tuple[LockedPackage, ...] = ()
    place: Place | None = field(default=None, compare=False)

    @property
    def wheels(self) -> tuple[LockedFile, ...]:
        """The wheels among the files."""
        return tuple(file for file in self.files if file.is_wheel)

    @property
    def text(self) -> str:
        """Name and version, fit to be shown."""
        return f"{self.project} {self.version}" if self.version else str(self.project)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A whole lock. ``environments`` are markers, at least one of which must hold (empty: anywhere).

    ``tool`` is the ``[tool]`` table: nothing in it bears on what is installed. ``findings`` are the warnings
    and notes of the reading.
    """

    requires_python: str | None = None
    environments: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    dependency_groups: tuple[str, ...] = ()
    default_groups: tuple[str, ...] = ()
    packages: tuple[LockedPackage, ...] = ()
    created_by: str = "trued"
    tool: Mapping[str, object] = field(default_factory=dict)
    findings: tuple[Finding, ...] = field(default=(), compare=False)

    def canonical(self) -> Lock:
        """Return the same lock in the one order in which it is written.

        Packages stand by name and version, files by name, sdists after the wheels; of several sdists the
        ``.tar.gz`` is kept, since PEP 751 has room for one (PEP 625 allows no other).
        """
        return replace(
            self,
            extras=tuple(sorted(self.extras)),
            dependency_groups=tuple(sorted(self.dependency_groups)),
            default_groups=tuple(sorted(self.default_groups)),
            packages=tuple(sorted(map(_canonical, self.packages), key=_package_order)),
        )


def _canonical(package: LockedPackage) -> LockedPackage:
    return replace(
        package,
        files=_ordered_files(package),
        dependencies=tuple(sorted(set(package.dependencies), key=_dependency_order)),
        extras=tuple(sorted(package.extras)),
        build=tuple(sorted(map(_canonical, package.build), key=_package_order)),
    )


def _ordered_files(package: LockedPackage) -> tuple[LockedFile, ...]:
    files = [
        replace(file, digests=tuple(sorted(file.digests))) if len(file.digests) > 1 else file
        for file in package.files
    ]
    files.sort(key=lambda file: file.filename)
    wheels = [file for file in files if file.is_wheel]
    sdists = sorted((file for file in files if not file.is_wheel), key=_is_unusual_sdist)
    return tuple(wheels + sdists[:1])


def _is_unusual_sdist(file: LockedFile) -> bool:
    return not file.filename.endswith(".tar.gz")


def _dependency_order(dependency: LockedDependency) -> tuple[str, str, str]:
    return dependency.project, dependency.version or "", dependency.marker or ""


def _package_order(package: LockedPackage) -> tuple[object, ...]:
    from packaging.version import Version

    version = Version(package.version or "0")
    return package.project, version, package.marker or "", str(package.direct or "")
