"""The packages as the solver sees them: positions in listings, and what each position needs on one target.

Knows nothing of the solver's own types but :class:`VersionSet`; ``engine`` stands between the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from trued.core.record import dataclass, field
from trued.resolution.dependency import unreadable
from trued.resolution.listing import Exclusion, Listing, positions
from trued.resolution.package import Package, packages_of
from trued.resolution.read_ahead import ReadAhead
from trued.resolution.version_set import VersionSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from packaging.version import Version

    from trued.core.finding import Place
    from trued.core.names import ProjectName
    from trued.resolution.admission import Admission
    from trued.resolution.dependency import Dependency, DependencyReader
    from trued.resolution.source import CandidateMetadata, PackageSource

__all__ = ["DeadEnd", "Demand", "PackageProvider", "Root"]


@dataclass(frozen=True, slots=True)
class Root:
    """One requirement or constraint of the user: its PEP 508 text, and where it was written.

    ``scope`` is the marker of a lock under which a root counts (``'dev' in dependency_groups``); empty for
    what is always wanted.
    """

    text: str
    place: Place
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Demand:
    """A root or constraint that holds on the target, parsed."""

    root: Root
    dependency: Dependency


@dataclass(frozen=True, slots=True)
class DeadEnd:
    """Positions of a package that each need another at one of ``versions``, none of which can be chosen."""

    package: Package
    positions: int
    needed: Package
    versions: int


_Shape: TypeAlias = tuple[Package, tuple[tuple[Package, int], ...]]
"""What a release needs, as a key: releases of one shape share a clause."""

_PATIENCE = 2
"""How many releases of a project are tried before each is looked into ahead."""


@dataclass(eq=False, slots=True)
class PackageProvider:
    """Answers the solver from a :class:`PackageSource`, for one target and one :class:`Admission`.

    ``preferences`` are versions to keep when they are allowed (an existing lock). ``constraints`` restrict
    projects that something else needs. ``urls`` are what the user listed as ``name @ url``.
    """

    source: PackageSource
    reader: DependencyReader
    admission: Admission
    constraints: Sequence[Demand] = ()
    preferences: Mapping[ProjectName, Version] = field(default_factory=dict)
    order: Mapping[ProjectName, int] = field(default_factory=dict)
    urls: Mapping[ProjectName, str] = field(default_factory=dict)
    _listings: dict[ProjectName, Listing] = field(default_factory=dict)
    _admissible: dict[ProjectName, int] = field(default_factory=dict)
    _open: dict[Package, int] = field(default_factory=dict)
    _late: dict[Package, dict[int, Exclusion]] = field(default_factory=dict)
    _needed: dict[tuple[Package, int], dict[Package, VersionSet]] = field(default_factory=dict)
    _alike: dict[_Shape, int] = field(default_factory=dict)
    _shapes: dict[tuple[Package, int], _Shape] = field(default_factory=dict)
    _dead_ends: dict[tuple[Package, Package], DeadEnd] = field(default_factory=dict)
    _all_ends: dict[Package, list[DeadEnd]] = field(default_factory=dict)
    _roots: tuple[Demand, ...] = ()
    _ahead: ReadAhead = field(init=False)

    def __post_init__(self) -> None:
        self._ahead = ReadAhead(self.source)

    def listing(self, project: ProjectName) -> Listing:
        """Return the project's listing, asked of the source once."""
        listing = self._listings.get(project)
        if listing is None:
            listing = self._listings[project] = self.source.listing(project)
            bits = self.admission.usable(listing)
            for demand in self.constraints:
                if demand.dependency.project == project:
                    bits &= self.admission.matching(listing, demand.dependency, bits)
            self._admissible[project] = bits
        return listing

    def open(self, package: Package) -> int:
        """Return the positions that policy, target, constraints, metadata and dead ends leave."""
        bits = self._open.get(package)
        if bits is None:
            self.listing(package.project)
            bits = self._open[package] = self._admissible[package.project]
        return bits

    def matching(self, dependency: Dependency) -> int:
        """Return the positions that *dependency* admits."""
        listing = self.listing(dependency.project)
        return self.admission.matching(listing, dependency, self._admissible[dependency.project])

    def begin(self, roots: Sequence[Demand]) -> None:
        """Note that every solution satisfies *roots*, so that nothing else is ever tried; begin to fetch."""
        self._roots = tuple(roots)
        self.expect(demand.dependency for demand in roots)
        wanted: dict[Package, VersionSet] = {}
        for demand in roots:
            bits = self.matching(demand.dependency)
            for package in packages_of(demand.dependency):
                self._open[package] = self.open(package) & bits
                wanted[package] = VersionSet(self._open[package])
        self._ask_for_best(wanted)

    def exclusions(self, package: Package) -> dict[int, Exclusion]:
        """Return why positions of *package* cannot be chosen."""
        listing = self.listing(package.project)
        lifted = self.admission.usable(listing)
        listed = {
            position: exclusion
            for position in positions(listing.all_bits & ~lifted)
            if (exclusion := listing.candidates[position].exclusion) is not None
        }
        return listed | self._late.get(Package(package.project), {}) | self._late.get(package, {})

    def forbidden(self, project: ProjectName) -> list[tuple[Demand, int]]:
        """Return each constraint on *project* with the listed positions that it rules out."""
        listing = self.listing(project)
        usable = self.admission.usable(listing)
        return [
            (demand, listing.all_bits & ~self.admission.matching(listing, demand.dependency, usable))
            for demand in self.constraints
            if demand.dependency.project == project
        ]

    def choose(self, package: Package, bits: int, decided: int | None) -> int | None:
        """Return the preferred position in *bits*, else the newest, finals first; ``None`` if there is none.

        *decided* is where the project stands already, through its base or another extra.
        """
        while left := bits & self.open(package):
            if decided is not None and left >> decided & 1:
                position = decided
            else:
                position = self._best(self._listings[package.project], left)
            if self._leads_on(package, position, left, look=self._ahead.tries(package.project) > _PATIENCE):
                return position
        return None

    def _leads_on(self, package: Package, position: int, bits: int, *, look: bool) -> bool:
        """Tell whether a release may be part of a solution; note the reason for good if it may not.

        A release is a dead end when something that it needs has no version left. With *look*, the versions
        left are looked into as well: where thousands of releases each need their own few of another project
        that all fail alike, the solver need not be led through each of them.
        """
        self._ahead.trying(self._listings[package.project], bits, position, others=self.open(package))
        exclusion = self._unfit(package, position)
        if exclusion is not None:
            self._late.setdefault(package, {})[position] = exclusion
            self._open[package] &= ~(1 << position)
            return False
        for needed, versions in self.dependencies(package, position).items():
            if needed == package:
                continue
            if not versions.bits & self.open(needed) or (look and not self._has_open(needed, versions.bits)):
                self._end(package, position, needed, versions.bits)
                return False
        return True

    def _has_open(self, package: Package, bits: int) -> bool:
        while left := bits & self.open(package):
            if self._leads_on(package, self._best(self._listings[package.project], left), left, look=False):
                return True
        return False

    def _end(self, package: Package, position: int, needed: Package, versions: int) -> None:
        self._open[package] &= ~(1 << position)
        self._all_ends.setdefault(package, []).append(DeadEnd(package, 1 << position, needed, versions))
        known = self._dead_ends.get((package, needed), DeadEnd(package, 0, needed, 0))
        self._dead_ends[package, needed] = DeadEnd(
            package, known.positions | 1 << position, needed, known.versions | versions
        )

    def take_dead_ends(self) -> list[DeadEnd]:
        """Return and forget the dead ends met since the last call."""
        ends = list(self._dead_ends.values())
        self._dead_ends.clear()
        return ends

    def dead_ends(self, package: Package) -> Sequence[DeadEnd]:
        """Return every dead end of *package* met in this run, one a release."""
        return self._all_ends.get(package, ())

    def asked(self, package: Package) -> list[tuple[Demand, int]]:
        """Return each root that asks for *package*, with the positions that it admits."""
        return [
            (demand, self.matching(demand.dependency))
            for demand in self._roots
            if package in packages_of(demand.dependency)
        ]

    def _best(self, listing: Listing, bits: int) -> int:
        preferred = self.preferences.get(listing.project)
        if preferred is not None:
            position = listing.position(preferred)
            if position is not None and bits >> position & 1:
                return position
        if self.admission.admitted.prefers_final(listing.project):
            bits = bits & listing.final_bits or bits
        return bits.bit_length() - 1

    def _unfit(self, package: Package, position: int) -> Exclusion | None:
        """Return why the metadata of a release rules it out, if it does."""
        if (package, position) in self._needed:
            return None
        version = self._listings[package.project].version(position)
        metadata = self.source.metadata(package.project, version)
        if isinstance(metadata, Exclusion):
            return metadata
        answer = self.applicable(metadata, package.extra)
        if isinstance(answer, Exclusion):
            return answer
        for dependency in answer:
            if dependency.url is not None and self.urls.get(dependency.project) != dependency.url:
                return Exclusion(
                    "url",
                    f"it needs {dependency.project} from a URL, which only a requirement of yours may name",
                )
        return None

    def applicable(self, metadata: CandidateMetadata, extra: str) -> list[Dependency] | Exclusion:
        """Return the requirements that hold on this target for *extra* (empty: the base), if readable."""
        reader = self.reader
        try:
            parsed = map(reader.parse, metadata.requires_dist)
            return [dependency for dependency in parsed if reader.applies(dependency, extra)]
        except unreadable() as error:
            return Exclusion("metadata", f"its metadata cannot be read: {str(error).partition(chr(10))[0]}")

    def dependencies(self, package: Package, position: int) -> Mapping[Package, VersionSet]:
        """Return what *position* of *package*, which was chosen, needs on this target."""
        key = (package, position)
        known = self._needed.get(key)
        if known is None:
            known = self._needed[key] = self._read_dependencies(package, position)
            shape = (package, tuple((needed, versions.bits) for needed, versions in known.items()))
            self._shapes[key] = shape
            self._alike[shape] = self._alike.get(shape, 0) | 1 << position
        return known

    def alike(self, package: Package, position: int) -> int:
        """Return all positions known to need exactly what *position* needs."""
        return self._alike[self._shapes[package, position]]

    def known_metadata(self, project: ProjectName, version: Version) -> CandidateMetadata:
        """Return the metadata of a release that was chosen, which therefore is known."""
        match self.source.metadata(project, version):
            case Exclusion(text=text):
                raise LookupError(f"{project} {version} was chosen and yet excluded: {text}")
            case metadata:
                return metadata

    def needs(self, package: Package, position: int) -> list[Dependency]:
        """Return the requirements of a chosen release, as its metadata writes them."""
        version = self.listing(package.project).version(position)
        match self.applicable(self.known_metadata(package.project, version), package.extra):
            case Exclusion(text=text):
                raise LookupError(f"{package} {version} was chosen and yet excluded: {text}")
            case wanted:
                return wanted

    def _read_dependencies(self, package: Package, position: int) -> dict[Package, VersionSet]:
        wanted = self.needs(package, position)
        needed: dict[Package, VersionSet] = {}
        if package.extra:
            needed[Package(package.project)] = VersionSet.singleton(position)
        self.expect(wanted)
        for dependency in wanted:
            versions = VersionSet(self.matching(dependency))
            for one in packages_of(dependency):
                known = needed.get(one)
                needed[one] = versions if known is None else known & versions
        self._ask_for_best(needed)
        return needed

    def expect(self, wanted: Iterable[Dependency]) -> None:
        """Begin to fetch the listings that *wanted* will be looked up in."""
        unknown = {
            dependency.project: None for dependency in wanted if dependency.project not in self._listings
        }
        if unknown:
            self.source.prefetch(unknown)

    def _ask_for_best(self, needed: Mapping[Package, VersionSet]) -> None:
        wanted = []
        for package, versions in needed.items():
            bits = versions.bits & self.open(package)
            if bits:
                listing = self._listings[package.project]
                wanted.append((listing, self._best(listing, bits)))
        self._ahead.wanted(wanted)

    def priority(self, package: Package, bits: int, conflicts: int) -> tuple[int, int, int, int]:
        """Decide first what has no choice, extras before bases, then what conflicts most, then as written."""
        choices = (bits & self.open(package)).bit_count()
        return (
            0 if choices <= 1 or package.extra else 1,
            -conflicts if conflicts >= 3 else 0,
            self.order.get(package.project, len(self.order)),
            choices,
        )
