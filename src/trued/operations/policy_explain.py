"""``trued policy explain``: why one file or requirement would be admitted or refused."""

from __future__ import annotations

from trued.core.record import dataclass
from trued.policy.level import weigh

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.core.finding import Finding
    from trued.operations.offer import Judged
    from trued.operations.session import Session

__all__ = ["Explained", "explain_policy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """The judged files, the rules of the policy about each project, and what stands beside the verdicts."""

    judged: tuple[Judged, ...]
    rules: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]

    @property
    def is_admitted(self) -> bool:
        """Whether every file would be installed."""
        from trued.core.finding import Level

        refused = any(finding.level is Level.ERROR for finding in self.findings)
        return bool(self.judged) and not refused and all(one.verdict.admitted for one in self.judged)


def explain_policy(session: Session, arguments: Sequence[str]) -> Explained:
    """Judge what *arguments* (wheel files, requirements) ask for, as ``trued install`` would.

    Nothing is installed, nobody is asked, nothing is remembered as known, and dependencies are left out.

    Raises: as :func:`trued.operations.install.install` where nothing can be judged.
    """
    from dataclasses import replace

    from trued.config.rule_settings import (
        BuildSetting,
        RootSetting,
        TransportPinSetting,
        overlap,
        rule_text,
    )
    from trued.operations.asked import ask_for
    from trued.operations.fitting import interpreter_for
    from trued.operations.prove import prove_all
    from trued.operations.sound_store import with_sound_store

    session.settings = replace(session.settings, no_deps=True, fix=False, dry_run=True)
    target = session.find_target(writing=False)
    interpreter = interpreter_for(session.settings, target)
    asked = ask_for(session, arguments, interpreter)
    proven, told = with_sound_store(
        session.store, lambda: prove_all(session, asked, interpreter=interpreter, builds=False)
    )
    weighed = weigh((*told, *proven.findings), session.settings.level, session.exceptions)
    projects = {one.offer.distribution.project for one in proven.judged}
    rules = [
        (rule_text(rule), str(rule.origin))
        for rule in session.settings.rules
        if not isinstance(rule, (RootSetting, TransportPinSetting, BuildSetting))
        and any(overlap(rule.project, project) for project in projects)
    ]
    return Explained(
        judged=proven.judged,
        rules=tuple(rules),
        findings=(*weighed, *session.exceptions.findings(projects)),
    )
