"""What files have to fit: the target's interpreter, or the one that ``--platform`` and its kin describe."""

from __future__ import annotations

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.config.settings import Settings
    from trued.environment.facts import Facts
    from trued.environment.target import Target

__all__ = ["Interpreter", "interpreter_for"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """Tags (best first), markers and full version of the interpreter that files are chosen for.

    ``described`` tells that options describe it: it need not be the target's.
    """

    tags: Sequence[str]
    markers: Mapping[str, str]
    python: str
    described: bool = False


def interpreter_for(settings: Settings, target: Target) -> Interpreter:
    """Return the interpreter that files have to fit; what the options leave open is the target's."""
    if not (settings.platforms or settings.python_version or settings.implementation or settings.abis):
        return _own(target.facts)
    from trued.environment.tags import describe

    found = describe(
        target.facts,
        platforms=settings.platforms,
        python_version=".".join(map(str, settings.python_version)) if settings.python_version else None,
        implementation=settings.implementation,
        abis=settings.abis,
    )
    return Interpreter(tags=found.tags, markers=found.markers, python=found.version, described=True)


def _own(facts: Facts) -> Interpreter:
    return Interpreter(
        tags=facts["tags"], markers=facts["markers"], python=facts["markers"]["python_full_version"]
    )
