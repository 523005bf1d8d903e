"""Whether a wheel that was built before may be taken: by the lock, by digests, by advisories of today."""

from __future__ import annotations

from trued.core.finding import Finding, Level
from trued.core.names import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.build.origin import BuildDependency, Origin
    from trued.operations.build_dependencies import BuildPins
    from trued.operations.building import Builder, Source

__all__ = ["damaged", "is_of", "still_holds"]


def damaged(source: Source, fault: str) -> Finding:
    """Return the warning that what was kept of *source* is not what it was; *fault* says how, in words."""
    values = {"reason": fault}
    return Finding(
        code="TRU478", level=Level.WARNING, subject=source.shown, place=source.place, values=values
    )


def still_holds(builder: Builder, source: Source, origin: Origin) -> bool:
    """Tell whether what *origin* was built with may build today; where not, it is built anew.

    With a lock it is exactly what the lock names. In hash-checking mode each needs a digest from a
    ``--build-constraint`` file. An advisory that came since (malware, above all) speaks against it too.
    """
    if not is_of(source, origin):
        return False
    pins = builder.pins(source.project)
    if pins is not None:
        if not all(_is_locked(one, pins) for one in origin.dependencies):
            return False
    elif not _are_listed(builder, source, origin):
        return False
    return not (_is_ruled(builder, origin) or _is_advised_against(builder, origin))


def is_of(source: Source, origin: Origin) -> bool:
    """Tell whether the wheel of *origin* is of the release that *source* states, as far as it states one."""
    from trued.wheel.metadata import same_version

    if source.project not in (None, origin.project):
        return False
    return source.version is None or same_version(origin.version, source.version)


def _is_locked(dependency: BuildDependency, pins: BuildPins) -> bool:
    return any(
        package.project == dependency.project
        and any(
            digest.algorithm == "sha256" and digest.value == dependency.sha256
            for file in package.files
            for digest in file.digests
        )
        for package in pins.packages
    )


def _are_listed(builder: Builder, source: Source, origin: Origin) -> bool:
    """Tell whether constraints admit all build dependencies, version and digest."""
    settings = builder.session.settings
    if not origin.dependencies:
        return True
    if not builder.mode.is_on and not settings.build_constraints:
        return True
    from packaging.specifiers import SpecifierSet

    from trued.operations.build_dependencies import build_roots

    roots = build_roots(
        builder.session, origin.requires, shown=source.shown, mode=builder.mode, options=builder.options
    )
    for one in origin.dependencies:
        project = normalize(one.project)
        allowed = roots.allowed(project)
        if roots.mode.is_on if allowed.is_empty else not allowed.admits({"sha256": one.sha256}):
            return False
        specifiers = [line.specifier for line in roots.constraints if line.project == project]
        if not all(SpecifierSet(text).contains(one.version, prereleases=True) for text in specifiers):
            return False
    return True


def _is_ruled(builder: Builder, origin: Origin) -> bool:
    """Tell whether a rule about proofs is about a build dependency: whether it holds, a build finds out."""
    rules = builder.session.proof_rules
    return not rules.is_empty and any(rules.bind(normalize(one.project)) for one in origin.dependencies)


def _is_advised_against(builder: Builder, origin: Origin) -> bool:
    from trued.operations.advisory_gate import release_findings
    from trued.policy.level import weigh

    session = builder.session
    if not origin.dependencies:
        return False
    releases = [(normalize(one.project), one.version, [one.sha256]) for one in origin.dependencies]
    found = weigh(release_findings(session, releases), session.settings.level, session.exceptions)
    return any(one.level is Level.ERROR for one in found)
