"""Requires-Dist lines turned into what the solver needs, once for each text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.names import ProjectName, normalize
from trued.core.record import NamedTuple, dataclass, field
from trued.requirements.plain_dependency import read_plain
from trued.requirements.plain_specifier import clauses, names_prerelease

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.markers import Marker
    from packaging.specifiers import SpecifierSet

    from trued.requirements.plain_dependency import PlainDependency
    from trued.resolution.target import Target

__all__ = ["Dependency", "DependencyReader", "unreadable"]


class Condition:
    """The marker of a line: decided without ``packaging`` where it is plainly written."""

    __slots__ = ("_marker", "_plain", "_text")

    def __init__(self, text: str, plain: PlainDependency | None, marker: Marker | None) -> None:
        self._text = text
        self._plain = plain
        self._marker = marker

    def holds(self, environment: Mapping[str, str], extra: str) -> bool:
        """Tell whether it holds for *extra* (perhaps empty). Raises what ``Marker.evaluate`` raises."""
        try:
            answer = self._plain.applies(environment, extra) if self._plain is not None else None
        except KeyError:  # a variable that the target does not state: packaging knows what stands for it
            answer = None
        return self._read().evaluate({**environment, "extra": extra}) if answer is None else answer

    def _read(self) -> Marker:
        if self._marker is None:
            from packaging.markers import Marker

            self._marker = Marker(self._text.partition(";")[2])
        return self._marker


class _Bounds(NamedTuple):
    """A specifier: as ``packaging`` writes it, and what :class:`Dependency` tells of it."""

    text: str
    exact: bool
    names_prerelease: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """One ``Requires-Dist`` line, parsed; ``url`` is set for ``name @ url``.

    ``exact`` tells that the specifier pins one version (``==`` without wildcard, or ``===``), and
    ``names_prerelease`` that it names a pre-release: the two that PEP 592 and PEP 440 treat on their own.
    """

    text: str
    project: ProjectName
    extras: tuple[ProjectName, ...]
    specifier: str
    marker: Condition | None
    url: str | None
    exact: bool
    names_prerelease: bool


@dataclass(slots=True, eq=False)
class DependencyReader:
    """Parses requirement texts and answers their markers for one target, each text and marker once."""

    target: Target
    _parsed: dict[str, Dependency] = field(default_factory=dict)
    _answers: dict[tuple[str, str], bool] = field(default_factory=dict)
    _bounds: dict[str, _Bounds | None] = field(default_factory=dict)

    def parse(self, text: str) -> Dependency:
        """Return *text* parsed. Raises ``packaging.requirements.InvalidRequirement``."""
        known = self._parsed.get(text)
        if known is None:
            known = self._parsed[text] = self._plainly(text) or _parse(text)
        return known

    def _plainly(self, text: str) -> Dependency | None:
        """Return a line in a usual form; lines repeat each other's specifiers, so each is read once."""
        plain = read_plain(text)
        if plain is None or "===" in plain.specifier:  # which may hold commas, in a line but not by itself
            return None
        if plain.specifier not in self._bounds:
            self._bounds[plain.specifier] = _bounds(plain.specifier)
        bounds = self._bounds[plain.specifier]
        if bounds is None:
            return None
        return Dependency(
            text=text,
            project=plain.project,
            extras=plain.extras,
            specifier=bounds.text,
            marker=None if plain.marker is None else Condition(text, plain, None),
            url=None,
            exact=bounds.exact,
            names_prerelease=bounds.names_prerelease,
        )

    def applies(self, dependency: Dependency, extra: str) -> bool:
        """Return whether *dependency* holds on the target when *extra* (perhaps empty) is asked for."""
        if dependency.marker is None:
            return not extra
        key = (dependency.text, extra)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = self._evaluate(dependency.marker, extra)
        return answer

    def _evaluate(self, marker: Condition, extra: str) -> bool:
        """Extras add to the base: a marker that holds without the extra belongs to the base alone."""
        without = self._holds(marker, "")
        return without if not extra else not without and self._holds(marker, extra)

    def _holds(self, marker: Condition, extra: str) -> bool:
        return any(marker.holds(environment, extra) for environment in self.target.environments)


def unreadable() -> tuple[type[Exception], ...]:
    """Return what reading a line, or asking whether it applies, may raise.

    To be named where something was raised: importing it takes longer than reading a hundred plain lines.
    """
    from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
    from packaging.requirements import InvalidRequirement

    return InvalidRequirement, UndefinedComparison, UndefinedEnvironmentName


def _parse(text: str) -> Dependency:
    from trued.requirements.pep508 import read_line

    requirement = read_line(text)
    bounds = _told(requirement.specifier)
    return Dependency(
        text=text,
        project=normalize(requirement.name),
        extras=tuple(sorted(normalize(extra) for extra in requirement.extras)),
        specifier=bounds.text,
        marker=None if requirement.marker is None else Condition(text, None, requirement.marker),
        url=requirement.url,
        exact=bounds.exact,
        names_prerelease=bounds.names_prerelease,
    )


def _bounds(specifier: str) -> _Bounds | None:
    """Read *specifier*; ``None`` when it is none, which is told by who reads the whole line."""
    plain = clauses(specifier)
    if plain is not None:
        exact = any(clause.startswith("==") and not clause.endswith(".*") for clause in plain)
        return _Bounds(",".join(plain), exact, any(map(names_prerelease, plain)))
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return _told(SpecifierSet(specifier))
    except InvalidSpecifier:
        return None


def _told(specifier: SpecifierSet) -> _Bounds:
    exact = any(
        clause.operator == "===" or (clause.operator == "==" and not clause.version.endswith(".*"))
        for clause in specifier
    )
    return _Bounds(str(specifier), exact, bool(specifier.prereleases))
