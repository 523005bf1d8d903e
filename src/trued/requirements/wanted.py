"""One project with everything that is asked of it: all lines and constraints that apply, put together.

pip verifies a file against the first line's digests alone and lets the others only filter; here every line
and every constraint must be satisfied, and lines that exclude each other are told with both places.
"""

from __future__ import annotations

from itertools import combinations, pairwise

from trued.core.record import dataclass
from trued.requirements.allowed import NOTHING_STATED, Allowed
from trued.requirements.marker import evaluate
from trued.requirements.model import Kind, Requirement, RequirementSet
from trued.requirements.problems import Problems

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.core.finding import Finding, Place
    from trued.core.names import ProjectName
    from trued.requirements.url import Credentials

__all__ = ["Gathered", "Wanted", "gather"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One project to be installed: its ``lines`` (at least one requirement) and its constraints.

    ``project`` is ``None`` where the file alone can tell it; then ``lines`` has one entry.
    """

    project: ProjectName | None
    lines: tuple[Requirement, ...]
    constraints: tuple[Requirement, ...] = ()

    @property
    def place(self) -> Place:
        """Where the first of the lines stands."""
        return self.lines[0].place

    @property
    def text(self) -> str:
        """What the first of the lines asks for, fit to be shown."""
        return self.lines[0].text

    @property
    def source(self) -> Requirement:
        """The line that says where the file comes from: one with a URL or path before a mere name."""
        return next((line for line in self.all if line.kind is not Kind.NAMED), self.lines[0])

    @property
    def kind(self) -> Kind:
        """Where the file comes from."""
        return self.source.kind

    @property
    def url(self) -> str | None:
        """The direct URL, without credentials and fragment."""
        return self.source.url

    @property
    def credentials(self) -> Credentials | None:
        """What the direct URL carried."""
        return self.source.credentials

    @property
    def path(self) -> str | None:
        """The absolute path of a local file or folder."""
        return self.source.path

    @property
    def all(self) -> tuple[Requirement, ...]:
        """Lines and constraints."""
        return (*self.lines, *self.constraints)

    @property
    def extras(self) -> frozenset[str]:
        """The extras that any line asks for."""
        return frozenset().union(*(line.extras for line in self.lines))

    @property
    def specifier(self) -> str:
        """Every line's and constraint's specifier, all to be met, as one PEP 440 set."""
        return ",".join(dict.fromkeys(line.specifier for line in self.all if line.specifier))

    @property
    def pinned_version(self) -> str | None:
        """The version that a line or constraint pins."""
        return next((line.pinned_version for line in self.all if line.pinned_version), None)

    @property
    def allowed(self) -> Allowed:
        """The digests of all lines and constraints together."""
        together = NOTHING_STATED
        for line in self.all:
            together = together.merged(line.allowed)
        return together

    @property
    def config_settings(self) -> tuple[tuple[str, str], ...]:
        """What the lines pass to the build backend, in order."""
        return tuple(setting for line in self.lines for setting in line.config_settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What is wanted, which lines a marker leaves out, and where lines exclude each other."""

    wanted: tuple[Wanted, ...]
    ignored: tuple[Requirement, ...] = ()
    findings: tuple[Finding, ...] = ()


def gather(read: RequirementSet, *, environment: Mapping[str, str]) -> Gathered:
    """Put the lines of each project together, for a target with the marker *environment*.

    Constraints of projects that nobody asks for are left out. The findings are errors: a version, a URL or
    lists of digests of which no file can satisfy all.
    """
    applying = [line for line in read.requirements if evaluate(line.marker, environment)]
    ignored = [line for line in read.requirements if line not in applying]
    constraints: dict[ProjectName | None, list[Requirement]] = {}
    for line in read.constraints:
        if evaluate(line.marker, environment):
            constraints.setdefault(line.project, []).append(line)
    groups: dict[object, list[Requirement]] = {}
    for number, line in enumerate(applying):
        groups.setdefault(line.project or number, []).append(line)
    wanted = tuple(
        Wanted(
            project=lines[0].project,
            lines=tuple(lines),
            constraints=tuple(constraints.get(lines[0].project, ())),
        )
        for lines in groups.values()
    )
    problems = Problems()
    for one in wanted:
        _check_sources(one, problems)
        _check_versions(one, problems)
        _check_digests(one, problems)
    return Gathered(wanted=wanted, ignored=tuple(ignored), findings=problems.findings)


def _check_sources(wanted: Wanted, problems: Problems) -> None:
    """Tell where two lines name two places to take the file from."""
    direct = [line for line in wanted.all if line.kind is not Kind.NAMED]
    for one, other in pairwise(direct):
        if (one.url, one.path, one.subdirectory) != (other.url, other.path, other.subdirectory):
            _conflict("TRU168", wanted, one, other, problems)


def _check_versions(wanted: Wanted, problems: Problems) -> None:
    """Tell where a line pins a version that another line excludes."""
    if len({line.specifier for line in wanted.all if line.specifier}) < 2:
        return
    for one, other in combinations(wanted.all, 2):
        if _excludes(one, other) or _excludes(other, one):
            _conflict("TRU166", wanted, one, other, problems)


def _excludes(pinned: Requirement, other: Requirement) -> bool:
    version = pinned.pinned_version
    if version is None or not other.specifier or other.specifier == pinned.specifier:
        return False
    from packaging.specifiers import SpecifierSet

    return not SpecifierSet(other.specifier).contains(version, prereleases=True)


def _check_digests(wanted: Wanted, problems: Problems) -> None:
    """Tell where no file can satisfy all that is stated."""
    for line in wanted.all:
        if line.allowed.is_contradictory:
            _conflict("TRU167", wanted, line, line, problems)
    for one, other in combinations(wanted.all, 2):
        alone = one.allowed.is_contradictory or other.allowed.is_contradictory
        if not alone and one.allowed.merged(other.allowed).is_contradictory:
            _conflict("TRU167", wanted, one, other, problems)


def _conflict(code: str, wanted: Wanted, one: Requirement, other: Requirement, problems: Problems) -> None:
    problems.error(
        code,
        other.place,
        str(wanted.project or wanted.text),
        here=other.text,
        other=one.text,
        above=str(one.place),
    )
