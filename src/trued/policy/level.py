"""The three named levels, and what each makes of a finding.

A finding is born with the level that ``standard`` gives it. ``permissive`` turns what pip would let pass into
warnings, ``strict`` turns warnings about weak or missing proof into errors. A file whose bytes are other than
those asked for is refused everywhere.
"""

from __future__ import annotations

from enum import Enum

from trued.core.finding import Finding, Level
from trued.core.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from trued.policy.exceptions import ExceptionBook

__all__ = ["PERMITTED_BY_PIP", "RAISED_BY_STRICT", "PolicyLevel", "refusing_rules", "weigh"]


class PolicyLevel(Enum):
    """How much proof a file needs; ordered from loose to tight."""

    PERMISSIVE = "permissive"
    STANDARD = "standard"
    STRICT = "strict"

    @property
    def tightness(self) -> int:
        """0 for the loosest; a project's file may only raise it."""
        return list(PolicyLevel).index(self)


PERMITTED_BY_PIP = frozenset(
    {
        *("TRU561", "TRU280", "TRU622", "TRU625", "TRU706", "TRU716", "TRU718"),
        *("TRU772", "TRU773", "TRU774"),
    }
)
"""Codes that ``permissive`` tells as warnings, because pip installs such a file without a word.

TRU561: nothing proves the file; TRU622 and TRU625: the same of a lock and an environment. TRU280: it holds a
startup hook. TRU706, TRU716, TRU718, TRU773, TRU774: its publisher is another than before, or none. TRU772:
it was added to an old release. A malformed wheel, and bytes other than those asked for or known, are refused
at every level.
"""

RAISED_BY_STRICT = frozenset({"TRU194", "TRU250", "TRU334", "TRU349", "TRU706", "TRU716", "TRU718", "TRU777"})
"""Codes that are warnings in ``standard`` and refuse in ``strict``.

TRU194: a weak digest alone. TRU250: tags that differ from the file name. TRU334: a host trusted without a
certificate. TRU349: a yanked file. TRU706: another publisher. TRU716: fewer attested files than before.
TRU718: no provenance any more. TRU777: a clock behind what was seen already, by which no rule about time can
be judged.
"""


def refusing_rules(level: PolicyLevel) -> frozenset[str]:
    """Return the rules about files that refuse at *level*: an exception from another is of no use there."""
    from trued.policy.exceptions import OF_FILES

    if level is PolicyLevel.STRICT:
        return OF_FILES
    return frozenset({"startup-hook", "unproven"}) if level is PolicyLevel.STANDARD else frozenset()


def weigh(
    findings: Iterable[Finding], level: PolicyLevel, exceptions: ExceptionBook | None = None
) -> tuple[Finding, ...]:
    """Return *findings* with the weight that *level* gives each; what *exceptions* let pass is a warning."""
    weighed = (_weighed(finding, level) for finding in findings)
    if exceptions is None:
        return tuple(weighed)
    return tuple(
        replace(finding, level=Level.WARNING)
        if finding.level is Level.ERROR and exceptions.excepts(finding)
        else finding
        for finding in weighed
    )


def _weighed(finding: Finding, level: PolicyLevel) -> Finding:
    if level is PolicyLevel.PERMISSIVE and finding.code in PERMITTED_BY_PIP:
        return replace(finding, level=Level.WARNING)
    if level is PolicyLevel.STRICT and finding.code in RAISED_BY_STRICT:
        return replace(finding, level=Level.ERROR)
    return finding
