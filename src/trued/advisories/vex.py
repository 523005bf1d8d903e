"""Statements that a flaw of a release does not matter where it is used (VEX), and what they set aside.

Sources: OpenVEX 0.2.0; CycloneDX 1.6, "Vulnerability Exploitability"; CISA, "Minimum Requirements for VEX": a
status of not affected needs a justification or an impact statement.
"""

from __future__ import annotations

from enum import Enum

from trued.advisories.outcome import AsideReason, SetAside
from trued.advisories.version_key import version_key
from trued.core.finding import Finding, Level
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trued.advisories.outcome import AuditHit
    from trued.core.finding import Place
    from trued.core.names import ProjectName

__all__ = ["VexProduct", "VexStatement", "VexStatus", "Vexed", "apply_vex"]


class VexStatus(Enum):
    """What a statement says of a flaw in a product."""

    NOT_AFFECTED = "not_affected"
    AFFECTED = "affected"
    FIXED = "fixed"
    UNDER_INVESTIGATION = "under_investigation"


@dataclass(frozen=True, slots=True, kw_only=True)
class VexProduct:
    """A release that a statement is about; every version of the project when ``version`` is empty."""

    project: ProjectName
    version: str = ""

    def covers(self, project: ProjectName, version: str) -> bool:
        """Tell whether it is this release; versions are compared as PEP 440 has it (1.0 is 1.0.0)."""
        if self.project != project:
            return False
        if not self.version or self.version == version:
            return True
        own = version_key(self.version)
        return own is not None and own == version_key(version)


@dataclass(frozen=True, slots=True, kw_only=True)
class VexStatement:
    """One statement.

    ``names`` are the flaw's id and other names, ``justification`` OpenVEX's or CycloneDX's word for why,
    ``detail`` the sentence beside it. ``time`` is RFC 3339 in UTC, or empty.
    """

    names: tuple[str, ...]
    products: tuple[VexProduct, ...]
    status: VexStatus
    justification: str = ""
    detail: str = ""
    time: str = ""
    place: Place | None = None

    @property
    def is_complete(self) -> bool:
        """Whether it says why, where it says that a product is not affected."""
        return self.status is not VexStatus.NOT_AFFECTED or bool(self.justification or self.detail)

    def covers(self, hit: AuditHit) -> bool:
        """Tell whether it is about this advisory and release.

        A CVE covers every record that goes by it, another name only the record of that id: other aliases are
        shared wrongly too often.
        """
        wanted = {name.casefold() for name in self.names}
        record = hit.match.record
        named = {record.id.casefold(), *(cve.casefold() for cve in record.cves)}
        package = hit.package
        return not wanted.isdisjoint(named) and any(
            product.covers(package.project, package.version) for product in self.products
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Vexed:
    """What the statements leave, what they set aside, and what is to be told of them."""

    kept: tuple[AuditHit, ...]
    aside: tuple[SetAside, ...] = ()
    findings: tuple[Finding, ...] = ()


def apply_vex(hits: Iterable[AuditHit], statements: Sequence[VexStatement]) -> Vexed:
    """Part *hits* by *statements*: of several the newest holds, and of equal times the one that warns.

    Malware is never set aside. A statement without a reason counts for nothing and is told (TRU841), and so
    is one that met nothing (TRU842).
    """
    if not statements:
        return Vexed(kept=tuple(hits))
    complete = [each for each in statements if each.is_complete]
    kept: list[AuditHit] = []
    aside: list[SetAside] = []
    met: set[int] = set()
    for hit in hits:
        covering = [(number, each) for number, each in enumerate(complete) if each.covers(hit)]
        met.update(number for number, _ in covering)
        holding = max((each for _, each in covering), key=_weight, default=None)
        if holding is None or hit.is_malware or holding.status not in _SETS_ASIDE:
            kept.append(hit)
        else:
            detail = ", ".join(filter(None, (holding.status.value, holding.justification, holding.detail)))
            aside.append(SetAside(hit=hit, reason=AsideReason.VEX, detail=detail, vex=holding))
    findings = [_told("TRU841", each) for each in statements if not each.is_complete]
    findings += [
        _told("TRU842", each)
        for number, each in enumerate(complete)
        if number not in met and each.status in _SETS_ASIDE
    ]
    return Vexed(kept=tuple(kept), aside=tuple(aside), findings=tuple(findings))


_SETS_ASIDE = (VexStatus.NOT_AFFECTED, VexStatus.FIXED)


def _weight(statement: VexStatement) -> tuple[str, bool]:
    return statement.time, statement.status not in _SETS_ASIDE


def _told(code: str, statement: VexStatement) -> Finding:
    products = ", ".join(f"{each.project} {each.version}".strip() for each in statement.products)
    return Finding(
        code=code,
        level=Level.WARNING,
        subject=statement.names[0],
        place=statement.place,
        values={"products": products or "no Python project", "status": statement.status.value},
    )
