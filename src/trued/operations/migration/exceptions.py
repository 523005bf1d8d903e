"""The exceptions that a project would need today, written as comments: somebody has to give the reason."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from trued.core.finding import Level
from trued.policy.exceptions import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from trued.core.finding import Finding
    from trued.requirements.lock.model import Lock

__all__ = ["exception_lines"]

_DAYS = 90
_RULE_OF = {code: rule for rule, codes in RULES.items() for code in codes}
_HEAD = """
# What is refused today. An exception belongs into your own file (`trued config debug` tells where that is),
# with the reason and the last day; or here, where your own file names its rule in project-exceptions.
"""


def exception_lines(lock: Lock, findings: Iterable[Finding], *, today: date) -> Iterator[str]:
    """Yield an exception, as comments, for each release that *findings* refuse by a rule that knows any."""
    places = {package.text: package.project for package in lock.packages}
    needed: dict[tuple[str, str], str] = {}
    for finding in findings:
        rule = _RULE_OF.get(finding.code)
        project = places.get(finding.subject)
        if rule is not None and project is not None and finding.level is Level.ERROR:
            needed.setdefault((project, rule), finding.code)
    if needed:
        yield _HEAD
    for (excepted, rule), code in sorted(needed.items()):
        yield f'# [[exception]]  # {code}\n# project = "{excepted}"\n# rule = "{rule}"\n'
        yield f'# reason = "say why"\n# until = {today + timedelta(days=_DAYS)}\n\n'
