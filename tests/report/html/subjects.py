"""What pages are made of: a clean environment, one with every kind of finding, a hostile one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from tests.report.formats.making import NASTY, everything, hit, outcome, package, statement
from tests.report.formats.making import hostile as hostile_outcome
from tests.report.inventories import component, every_kind, hostile, inventory
from trued.advisories.ignoring import IgnoreRule
from trued.advisories.outcome import AsideReason, SetAside
from trued.core.finding import Finding, Level
from trued.core.names import ProjectName
from trued.policy.exceptions import PolicyException
from trued.report.html.subject import Advisories, Comparison, PageSubject
from trued.report.inventory import Inventory

MISSING = Advisories(reason="There is no local database.", mend="Run trued audit db update.")


def subject(of: Inventory | None = None, **fields: Any) -> PageSubject:
    """A clean environment of one proven package, unless told otherwise."""
    of = of or inventory(component())
    known: dict[str, Any] = {
        "inventory": of,
        "level": "standard",
        "advisories": Advisories(outcome=outcome()),
        "comparison": Comparison(packages=len(of.components), proven=len(of.components), files=1234),
    }
    return PageSubject(**(known | fields))


def eventful() -> PageSubject:
    """Every kind of finding, exceptions that hold, end and have ended."""
    web = package("web", "4.2", paths=(("web 4.2",),))
    native = package("native", "3.1", paths=(("web 4.2", "native 3.1"),))
    found = outcome(
        hit("PYSEC-2026-7", of=web, summary="Anyone can read files outside the folder that is served"),
        hit("GHSA-aaaa-bbbb-cccc", of=native, aliases=["CVE-2026-2"], severity=[], fixed_in=()),
        hit("MAL-2026-1", of=package("older", "1.0"), severity=[], aliases=[], fixed_in=(),
            summary="Malicious code in older", database_specific={}),
        packages=(web, native, package("text", "1.0")),
        aside=(SetAside(hit=hit(of=web), reason=AsideReason.VEX, vex=statement()),),
        skipped=everything().skipped,
    )  # fmt: skip
    faults = tuple(
        Finding(
            code="TRU525",
            subject="web 4.2",
            values={"path": f"lib/web/{name}.py", "reason": "its sha256 differs"},
        )
        for name in ("views", "models", "urls", "forms", "admin")
    )
    needs = Finding(
        code="TRU547",
        level=Level.WARNING,
        subject="web 4.2",
        values={"wants": "missing>=2", "reason": "not installed"},
    )
    return subject(
        every_kind(),
        advisories=Advisories(outcome=found),
        comparison=Comparison(packages=10, proven=8, files=4321, findings=(*faults, needs)),
        exceptions=(
            _exception("web", "min-age", "a fix that cannot wait", date(2026, 12, 1)),
            _exception("text", "startup-hook", "it sets the locale", None),
            _exception("older", "unproven", "moved from the old machine", date(2026, 11, 1)),
        ),
        ignored=(IgnoreRule(identifier="CVE-2026-9", until=date(2027, 1, 1), reason="no such path here"),),
    )


def _exception(project: str, rule: str, reason: str, until: date | None) -> PolicyException:
    return PolicyException(project=ProjectName(project), rule=rule, reason=reason, until=until)


def attacked() -> PageSubject:
    """Every text on the page is an attack."""
    finding = Finding(code="TRU525", subject=NASTY, values={"path": NASTY, "reason": NASTY})
    return subject(
        hostile(),
        level=NASTY,
        advisories=Advisories(outcome=replace(hostile_outcome(), packages=(package("demo", NASTY),))),
        comparison=Comparison(packages=1, proven=0, files=1, findings=(finding,)),
        judged=(Finding(code="TRU000", subject=NASTY, values={"x": NASTY}),),
        exceptions=(_exception(NASTY, NASTY, NASTY, None),),
        ignored=(IgnoreRule(identifier=NASTY, reason=NASTY),),
    )
