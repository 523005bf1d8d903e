"""What may be built: ``--allow-build``, ``--no-sandbox`` and ``[[build]]`` put together."""

from __future__ import annotations

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trued.config.settings import Settings
    from trued.core.names import ProjectName

__all__ = ["BuildRules", "allowed_builds", "config_settings_of"]


def allowed_builds(settings: Settings) -> frozenset[str]:
    """Return the projects of an index that may be built.

    None where files are chosen for a machine that is only described (``--platform``): nothing runs there.
    """
    if not (settings.allow_build or settings.rules):
        return frozenset()
    if settings.platforms or settings.python_version or settings.implementation or settings.abis:
        return frozenset()
    return BuildRules.of(settings).allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRules:
    """The projects that may be built, and how far each one's sandbox is open."""

    allowed: frozenset[str] = frozenset()
    unconfined: frozenset[str] = frozenset()
    hosts: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, settings: Settings) -> BuildRules:
        """Return what *settings* say; of several ``[[build]]`` tables for one project the strongest holds."""
        from trued.config.rule_settings import BuildSetting

        tables = {one.project: one for one in reversed(settings.rules) if isinstance(one, BuildSetting)}
        unconfined = {one.project for one in tables.values() if one.no_sandbox}
        return cls(
            allowed=frozenset((*_names(settings.allow_build), *tables)),
            unconfined=frozenset((*_names(settings.no_sandbox), *unconfined)),
            hosts={name: one.hosts for name, one in tables.items() if one.hosts},
        )

    def allows(self, project: ProjectName) -> bool:
        """Tell whether somebody opened builds of *project*."""
        return project in self.allowed

    def hosts_of(self, project: str) -> tuple[str, ...]:
        """Return the hosts that builds of *project* may reach."""
        return self.hosts.get(project, ())


def config_settings_of(stated: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return each ``KEY=VALUE`` as a pair, in order."""
    pairs = (one.partition("=") for one in stated)
    return tuple((key.strip(), value) for key, _, value in pairs)


def _names(items: Iterable[str]) -> list[str]:
    return [name for item in items for name in item.split(",")]
