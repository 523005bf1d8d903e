"""From a lock to the exact files for one target: the installation steps of PEP 751, every problem told.

``packaging.pylock.Pylock.select`` is the model; it stops at the first problem, and of two wheels with the
same tags takes the first, where the build number decides here (binary distribution format, "Build tag").
"""

from __future__ import annotations

from trued.core.errors import Refused
from trued.core.finding import Place
from trued.requirements.lock.model import DirectKind
from trued.requirements.marker import VARIABLES
from trued.requirements.problems import Problems

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from trued.core.names import ProjectName
    from trued.requirements.lock.model import Lock, LockedFile, LockedPackage

    Usable = Callable[[ProjectName, LockedFile], bool]
    _Environment = dict[str, str | frozenset[str]]

__all__ = ["select"]


def _any_file(_project: ProjectName, _file: LockedFile) -> bool:
    return True


def select(
    lock: Lock,
    *,
    marker_environment: Mapping[str, str],
    tags: Sequence[str],
    extras: Iterable[str] = (),
    groups: Iterable[str] | None = None,
    usable: Usable = _any_file,
    file: str = "",
) -> tuple[tuple[LockedPackage, LockedFile | None], ...]:
    """Return what to install from *lock*: each package with its file, ``None`` for a folder or checkout.

    *marker_environment* maps the eleven marker variables to the target's values; *tags* are its tags, best
    first (``cp312-cp312-linux_x86_64``). *groups* are the lock's default ones when ``None``. *usable* tells
    which files may be taken (``--only-binary``, ``--no-binary``). *file* names the lock in findings.

    Raises :class:`Refused` with every reason why the lock does not serve, :class:`ValueError` when the
    environment lacks a variable.
    """
    missing = VARIABLES - marker_environment.keys()
    if missing:
        raise ValueError(f"the target's environment does not tell {', '.join(sorted(missing))}")
    problems = Problems()
    chosen = _Selection(lock, marker_environment, problems, file)
    chosen.check_lock(extras, groups)
    packages = chosen.packages(extras, lock.default_groups if groups is None else groups)
    ranks = {tag.lower(): rank for rank, tag in reversed(tuple(enumerate(tags)))}
    selected = [(package, _file(package, ranks, usable, problems)) for package in packages]
    if problems.findings:
        raise Refused(*problems.findings)
    return tuple(selected)


class _Selection:
    def __init__(self, lock: Lock, environment: Mapping[str, str], problems: Problems, file: str) -> None:
        self._lock = lock
        self._environment = environment
        self._problems = problems
        self._file = file
        self._python = _pep440(environment["python_full_version"])

    def check_lock(self, extras: Iterable[str], groups: Iterable[str] | None) -> None:
        """Tell when the lock was not made for what is asked."""
        lock = self._lock
        if not self._admits(lock.requires_python):
            self._unfit(f"it is for Python {lock.requires_python}; the target has {self._python}")
        if lock.environments and not any(self._holds(marker, (), ()) for marker in lock.environments):
            self._unfit("none of the environments it was made for is the target's")
        for extra in sorted(set(extras) - set(lock.extras)):
            self._unfit(f"it has no extra {extra}")
        for group in sorted(set(groups or ()) - {*lock.dependency_groups, *lock.default_groups}):
            self._unfit(f"it has no dependency group {group}")

    def packages(self, extras: Iterable[str], groups: Iterable[str]) -> list[LockedPackage]:
        """Return the packages whose markers hold; two of one project are told (TRU159)."""
        extras, groups = tuple(extras), tuple(groups)
        found: dict[str, LockedPackage] = {}
        for package in self._lock.packages:
            if package.marker and not self._holds(package.marker, extras, groups):
                continue
            if not self._admits(package.requires_python):
                reason = (
                    f"{package.text} is for Python {package.requires_python}; the target has {self._python}"
                )
                self._unfit(reason, place=package.place)
            other = found.setdefault(package.project, package)
            if other is not package:
                self._problems.error(
                    "TRU159",
                    package.place,
                    package.text,
                    other=other.text,
                    above=str(other.place or "the lock"),
                    environment="the target",
                )
        return list(found.values())

    def _admits(self, specifier: str | None) -> bool:
        from packaging.specifiers import SpecifierSet

        return not specifier or SpecifierSet(specifier).contains(self._python, prereleases=True)

    def _holds(self, marker: str, extras: Iterable[str], groups: Iterable[str]) -> bool:
        from packaging.markers import Marker, UndefinedComparison

        environment: _Environment = {
            **self._environment,
            "extras": frozenset(extras),
            "dependency_groups": frozenset(groups),
        }
        try:
            return Marker(marker).evaluate(environment, context="lock_file")
        except UndefinedComparison as error:
            self._unfit(f"the marker {marker} cannot be decided: {error}")
            return False

    def _unfit(self, reason: str, *, place: Place | None = None) -> None:
        here = place or (Place(self._file) if self._file else None)
        self._problems.error("TRU177", here, self._file or "the lock", reason=reason)


def _pep440(python: str) -> str:
    """Return the version of a Python that was built from a checkout (``3.14.0a1+``) in a readable form."""
    return f"{python}local" if python.endswith("+") else python


def _file(
    package: LockedPackage, ranks: Mapping[str, int], usable: Usable, problems: Problems
) -> LockedFile | None:
    direct = package.direct
    if direct is not None and direct.kind is not DirectKind.ARCHIVE:
        return None
    if direct is not None:
        return package.files[0]
    files = [file for file in package.files if usable(package.project, file)]
    best = _best_wheel([file for file in files if file.is_wheel], ranks)
    if best is not None:
        return best
    sdist = next((file for file in files if not file.is_wheel), None)
    if sdist is None:
        listed = ", ".join(file.filename for file in package.files)
        problems.error("TRU179", package.place, package.text, files=listed or "none")
    return sdist


def _best_wheel(wheels: Sequence[LockedFile], ranks: Mapping[str, int]) -> LockedFile | None:
    from packaging.utils import parse_wheel_filename

    best: tuple[tuple[int, tuple[int, str]], LockedFile] | None = None
    for wheel in wheels:
        _, _, build, tags = parse_wheel_filename(wheel.filename)
        fitting = [ranks[str(tag)] for tag in tags if str(tag) in ranks]
        if not fitting:
            continue
        number, rest = build or (-1, "")
        order = (-min(fitting), (number, rest))
        if best is None or order > best[0]:
            best = (order, wheel)
    return best[1] if best else None
