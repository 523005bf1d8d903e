"""Resolution with the settings of a run: targets, policy, catalogue and caches put together."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from trued.config.build_rules import allowed_builds
from trued.config.format_control import ALL
from trued.config.settings import AGE_TABLES, STRICT_MIN_AGE_HOURS
from trued.core.names import normalize
from trued.core.record import dataclass, field
from trued.policy.exceptions import OF_ADVISORIES, OF_FILES, RULES
from trued.policy.level import PolicyLevel
from trued.resolution.source import CandidateMetadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from packaging.version import Version

    from trued.config.settings import AgeSetting
    from trued.core.distribution import Distribution
    from trued.core.finding import Finding
    from trued.core.names import ProjectName
    from trued.operations.fitting import Interpreter
    from trued.operations.roots import Roots
    from trued.operations.session import Session
    from trued.policy.candidates import CandidateRules
    from trued.policy.cooldown import Cooldown
    from trued.resolution.candidates import Advice
    from trued.resolution.catalogue import IndexSource
    from trued.resolution.dependency import DependencyReader
    from trued.resolution.direct import DirectRelease
    from trued.resolution.listing import Exclusion, Listing
    from trued.resolution.page_process import PageProcess
    from trued.resolution.source import PackageSource
    from trued.resolution.target import Target
    from trued.resolution.universal import UniversalSolution

__all__ = ["Resolution", "Resolver", "nearest_release", "target_of"]

_STRICT_MIN_AGE = timedelta(hours=STRICT_MIN_AGE_HOURS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What was chosen for all targets, the sources that know the files, and what is to be told."""

    solution: UniversalSolution
    sources: Mapping[str, IndexSource]
    findings: tuple[Finding, ...]
    direct: Mapping[ProjectName, DirectRelease] = field(default_factory=dict)
    """The projects that no index was asked for."""

    def files(self, project: ProjectName, version: Version) -> tuple[Distribution, ...]:
        """Return every file of the release that policy admits, for whatever platform."""
        if project in self.direct:
            return ()
        source = next(iter(self.sources.values()))
        listing = source.listing(project)
        position = listing.position(version)
        return () if position is None else listing.candidates[position].files

    def exclusion(self, project: ProjectName, version: Version) -> Exclusion | None:
        """Return why the release cannot be chosen on the first target, if so."""
        if project in self.direct:
            return None
        listing = next(iter(self.sources.values())).listing(project)
        position = listing.position(version)
        return None if position is None else listing.candidates[position].exclusion


class Resolver:
    """Resolves roots by the settings of *session*; *own_names* count as known beside the most used ones.

    With *wheels_only* a release that offers nothing but source code can be chosen only where its project may
    be built; unless *advised*, what
    the advisory database says of releases plays no part, but for *advice* that is given. *pages* serve the
    one call of :meth:`resolve`.
    """

    def __init__(
        self,
        session: Session,
        roots: Roots,
        *,
        own_names: Iterable[ProjectName] = (),
        wheels_only: bool = False,
        dependencies: bool = True,
        advised: bool = True,
        advice: Advice | None = None,
        direct: Mapping[ProjectName, DirectRelease] | None = None,
        pages: PageProcess | None = None,
    ) -> None:
        self._pages = pages
        self._session = session
        self._roots = roots
        self._own_names = tuple(own_names)
        self._wheels_only = wheels_only
        self._dependencies = dependencies
        self._advised = advised
        self._made_advice = advice
        self._direct = direct or {}
        self.rules = self._rules()

    def resolve(
        self, targets: Sequence[Target], kept: Callable[[Target], Mapping[ProjectName, Version]]
    ) -> Resolution:
        """Choose versions for *targets*; those that *kept* names for a target stay where they may.

        Raises: NoSolution, GaveUp, UsageError, OperationalError as
        :func:`trued.resolution.universal.solve_universal`.
        """
        from trued.index.client import yanked_findings
        from trued.resolution.dependency import DependencyReader
        from trued.resolution.universal import Case, solve_universal

        options = self._roots.options
        with self.catalogue(self._pages) as catalogue:
            readers = {target.name: DependencyReader(target) for target in targets}
            sources = {
                target.name: self.source(catalogue, target, readers[target.name]) for target in targets
            }
            cases = [
                Case(
                    target=target,
                    source=self._joined(sources[target.name], target),
                    preferences=kept(target),
                    reader=readers[target.name],
                )
                for target in targets
            ]
            solution = solve_universal(
                self._roots.roots,
                cases,
                constraints=self._roots.constraints,
                all_prereleases=self._session.settings.pre or ALL in options.all_releases,
                prereleases=frozenset(normalize(name) for name in options.all_releases if name != ALL)
                | self._direct.keys(),
            )
            packages = [package for package in solution.packages if package.project not in self._direct]
            projects = dict.fromkeys(package.project for package in packages)
            noticed = next(iter(sources.values())).findings(projects)
        self._rest_advice()
        resolution = Resolution(solution=solution, sources=sources, findings=())
        chosen = [resolution.files(package.project, package.version)[:1] for package in packages]
        findings = (
            *solution.findings,
            *noticed,
            *yanked_findings(file for files in chosen for file in files),
        )
        self.rules.exceptions.note_examined(projects, RULES.keys() - OF_FILES - OF_ADVISORIES)
        return Resolution(solution=solution, sources=sources, findings=findings, direct=self._direct)

    def _joined(self, source: PackageSource, target: Target) -> PackageSource:
        """Return *source* with the direct releases in it, and without dependencies where none are wanted."""
        if self._direct or self._roots.elsewhere:
            from trued.resolution.direct import WithDirect

            ignored = self._session.settings.ignore_requires_python
            source = WithDirect(
                source,
                self._direct,
                target=target,
                elsewhere=self._roots.elsewhere,
                ignore_requires_python=ignored,
            )
        return source if self._dependencies else _Alone(source)

    def preferred(
        self, kept: Mapping[ProjectName, Version], target: Target, *, nearest: bool
    ) -> Mapping[ProjectName, Version]:
        """Return *kept*; with *nearest* a version that may not stay gives way to the lowest that may."""
        if not nearest or not kept:
            return kept
        moved = dict(kept)
        with self.catalogue() as catalogue:
            source = self.source(catalogue, target)
            source.prefetch(kept)
            for project, version in kept.items():
                found = nearest_release(source.listing(project), version)
                if found is not None:
                    moved[project] = found
        return moved

    def catalogue(self, pages: PageProcess | None = None) -> Catalogue:
        """Return the catalogue of the run, a context manager; *pages* is asked for pages, if given."""
        from trued.resolution.catalogue import Catalogue
        from trued.resolution.listing_shelf import ListingShelf
        from trued.resolution.metadata_cache import MetadataCache

        session = self._session
        return Catalogue(
            session.client(self._roots.options),
            session.transport,
            cache=MetadataCache(session.cache),
            shelf=ListingShelf(session.cache),
            limits=session.limits,
            process=pages,
        )

    def source(
        self, catalogue: Catalogue, target: Target, reader: DependencyReader | None = None
    ) -> IndexSource:
        """Return what *catalogue* offers to *target* by the run's rules; *reader* is that of the target."""
        from trued.policy.look_alike import KnownNames
        from trued.resolution.catalogue import IndexSource
        from trued.resolution.popular_names import popular_names

        known = KnownNames(popular_names(), self._own_names)
        builds = allowed_builds(self._session.settings) if self._wheels_only else frozenset()
        return IndexSource(
            catalogue,
            target=target,
            rules=self.rules,
            known_names=known,
            advice=self._advice(),
            built=self._built if builds else None,
            reader=reader,
        )

    def _built(self, file: Distribution) -> CandidateMetadata | Exclusion:
        """Return what the backend of the sdist *file* says of it, where its project may be built."""
        from trued.operations.built_metadata import built_metadata
        from trued.requirements.allowed import NOTHING_STATED

        return built_metadata(self._session, file, self._roots.allowed.get(file.project, NOTHING_STATED))

    def _rest_advice(self) -> None:
        """Close the database of advisories; who asks again opens it again."""
        from trued.operations.advisory_gate import ReleaseAdvice

        if isinstance(self._made_advice, ReleaseAdvice):
            self._made_advice.close()

    def _advice(self) -> Advice | None:
        """Return what keeps releases with advisories from being chosen, one for all targets."""
        from trued.operations.advisory_gate import ReleaseAdvice, has_database

        if self._made_advice is None and self._advised and has_database(self._session):
            self._made_advice = ReleaseAdvice(self._session, pinned=self.rules.pinned)
        return self._made_advice

    def _rules(self) -> CandidateRules:
        from trued.operations.roots import pinned_versions
        from trued.policy.candidates import CandidateRules

        session, options = self._session, self._roots.options
        age = session.settings.min_age
        cutoff = session.settings.uploaded_prior_to
        if age is None:
            strict = session.settings.level is PolicyLevel.STRICT
            age = _STRICT_MIN_AGE if strict else timedelta(0)
        return CandidateRules(
            now=session.started,
            exceptions=session.exceptions,
            level=session.settings.level,
            formats=session.formats(options),
            uploaded_before=session.cutoff,
            uploaded_before_moves=cutoff is not None and cutoff.moment is None,
            cooldown=_cooldown(age, session.settings.min_ages),
            ignore_requires_python=session.settings.ignore_requires_python,
            builds=allowed_builds(session.settings) if self._wheels_only else None,
            only_final=options.only_final,
            all_releases=options.all_releases,
            pinned=pinned_versions((*self._roots.roots, *self._roots.constraints)),
        )


def _cooldown(age: timedelta, settings: Iterable[AgeSetting]) -> Cooldown:
    from trued.policy.cooldown import Cooldown
    from trued.requirements.url import split_credentials

    ages: dict[str, dict[str, timedelta]] = {table: {} for table in AGE_TABLES}
    for one in settings:
        key = one.key if one.table == "min-age-for" else f"{split_credentials(one.key)[0].rstrip('/')}/"
        ages[one.table][key] = one.age
    return Cooldown(min_age=age, by_project=ages["min-age-for"], by_index=ages["min-age-for-index"])


if TYPE_CHECKING:
    from trued.resolution.catalogue import Catalogue


def nearest_release(listing: Listing, version: Version) -> Version | None:
    """Return *version*, or the lowest above it, that nothing rules out; ``None`` when there is none.

    A pre-release counts only where *version* is one.
    """
    for position, candidate in enumerate(listing.candidates):
        found = candidate.version
        if found < version or not listing.usable_bits >> position & 1:
            continue
        if version.is_prerelease or not found.is_prerelease:
            return found
    return None


class _Alone:
    """A source whose releases need nothing: ``--no-deps``."""

    def __init__(self, source: PackageSource) -> None:
        self._source = source

    def listing(self, project: ProjectName) -> Listing:
        return self._source.listing(project)

    def metadata(self, project: ProjectName, version: Version) -> CandidateMetadata | Exclusion:
        match self._source.metadata(project, version):
            case CandidateMetadata(provides_extra=extras, requires_python=python, source=source):
                return CandidateMetadata(provides_extra=extras, requires_python=python, source=source)
            case exclusion:
                return exclusion

    def prefetch(self, projects: Iterable[ProjectName]) -> None:
        self._source.prefetch(projects)

    def prefetch_metadata(self, wanted: Iterable[tuple[ProjectName, Version]]) -> None:
        self._source.prefetch_metadata(wanted)


def target_of(interpreter: Interpreter) -> Target:
    """Return the one target that is *interpreter*."""
    from trued.resolution.target import Target

    markers = interpreter.markers
    name = f"{markers['sys_platform']}-{markers['platform_machine']} {markers['python_full_version']}"
    return Target(name=name, markers=markers, tags=tuple(interpreter.tags))
