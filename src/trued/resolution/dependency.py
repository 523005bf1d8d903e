"""Requires-Dist lines turned into what the solver needs, once for each text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.names import ProjectName, normalize
from trued.core.record import dataclass, field

if TYPE_CHECKING:
    from packaging.markers import Marker

    from trued.resolution.target import Target

__all__ = ["Dependency", "DependencyReader"]


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
    marker: Marker | None
    url: str | None
    exact: bool
    names_prerelease: bool


@dataclass(slots=True, eq=False)
class DependencyReader:
    """Parses requirement texts and answers their markers for one target, each text and marker once."""

    target: Target
    _parsed: dict[str, Dependency] = field(default_factory=dict)
    _answers: dict[tuple[str, str], bool] = field(default_factory=dict)

    def parse(self, text: str) -> Dependency:
        """Return *text* parsed. Raises ``packaging.requirements.InvalidRequirement``."""
        known = self._parsed.get(text)
        if known is None:
            known = self._parsed[text] = _parse(text)
        return known

    def applies(self, dependency: Dependency, extra: str) -> bool:
        """Return whether *dependency* holds on the target when *extra* (perhaps empty) is asked for."""
        if dependency.marker is None:
            return not extra
        key = (dependency.text, extra)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = self._evaluate(dependency.marker, extra)
        return answer

    def _evaluate(self, marker: Marker, extra: str) -> bool:
        """Extras add to the base: a marker that holds without the extra belongs to the base alone."""
        without = self._holds(marker, "")
        return without if not extra else not without and self._holds(marker, extra)

    def _holds(self, marker: Marker, extra: str) -> bool:
        return any(
            marker.evaluate({**environment, "extra": extra}) for environment in self.target.environments
        )


def _parse(text: str) -> Dependency:
    from packaging.requirements import Requirement

    requirement = Requirement(text)
    clauses = tuple(requirement.specifier)
    return Dependency(
        text=text,
        project=normalize(requirement.name),
        extras=tuple(sorted(normalize(extra) for extra in requirement.extras)),
        specifier=str(requirement.specifier),
        marker=requirement.marker,
        url=requirement.url,
        exact=any(
            clause.operator == "===" or (clause.operator == "==" and not clause.version.endswith(".*"))
            for clause in clauses
        ),
        names_prerelease=bool(requirement.specifier.prereleases),
    )
