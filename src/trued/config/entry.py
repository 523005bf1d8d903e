"""One value of one option, as one source states it; and what reading a source yields."""

from __future__ import annotations

from trued.core.finding import Finding, Level
from trued.core.record import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.config.option import Option
    from trued.config.origin import Origin
    from trued.config.rule_settings import RuleSetting
    from trued.config.settings import AgeSetting, IndexSetting
    from trued.policy.exceptions import PolicyException

__all__ = ["Entry", "Reading", "invalid", "nearest"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entry:
    """A value read into the option's type; ``text`` is how it was written."""

    option: Option
    origin: Origin
    value: object
    text: str = field(repr=False)


@dataclass(slots=True, kw_only=True, eq=False)
class Reading:
    """What one or several sources state, the weakest first, and what was wrong with them."""

    entries: list[Entry] = field(default_factory=list)
    indexes: list[IndexSetting] = field(default_factory=list)
    exceptions: list[PolicyException] = field(default_factory=list)
    ages: list[AgeSetting] = field(default_factory=list)
    rules: list[RuleSetting] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(self, other: Reading) -> None:
        """Append what a stronger source states."""
        self.entries += other.entries
        self.indexes += other.indexes
        self.exceptions += other.exceptions
        self.ages += other.ages
        self.rules += other.rules
        self.findings += other.findings


def invalid(option: Option, origin: Origin, text: str) -> Finding:
    """Return the finding for a value that is none of its option's type (TRU602)."""
    from trued.config.mask import masked
    from trued.config.value import expected

    return Finding(
        code="TRU602",
        level=Level.ERROR,
        subject=origin.name,
        place=origin.place,
        values={"value": masked(text), "expected": expected(option)},
    )


def nearest(name: str, known: list[str]) -> str:
    """Return the known name most like *name*, or ``none`` when nothing resembles it."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, known, n=1, cutoff=0.5)), "none")
