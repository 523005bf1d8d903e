"""Outcomes of audits as tests of formats need them: usual ones, and one whose every text is an attack."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from tests.advisories.making import affected, record
from trued.advisories.database import Unreadable
from trued.advisories.ignoring import IgnoreRule
from trued.advisories.matching import Affected, How, Indeterminate, Match, Reason
from trued.advisories.outcome import (
    AsideReason,
    AuditedFile,
    AuditedPackage,
    AuditHit,
    AuditOutcome,
    AuditSource,
    FixStep,
    SetAside,
    Skipped,
    SkipReason,
)
from trued.advisories.severity import rate
from trued.advisories.subject import AuditSubject
from trued.advisories.vex import VexProduct, VexStatement, VexStatus
from trued.core.digest import Digest
from trued.core.finding import Place
from trued.core.names import ProjectName

LINE = Place("reqs/lock.txt", 7)
STARTED = datetime(2026, 11, 21, 9, 30, 5, tzinfo=UTC)
SHA256 = "ab" * 32
VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"
SOURCE = AuditSource(
    service="db",
    address="/home/user/advisories.sqlite3",
    as_of="2026-11-20T09:30:05+00:00",
    age_seconds=86_400,
    records=2661,
    content="cd" * 32,
)

NASTY = "x\n::error::owned\r\n| a | <img src=x onerror=y> [l](javascript:1) @all #1 `{0}` \x1b[31m\u202e %0A"
"""A text that ends lines, commands, cells and links, pings people, moves a cursor and turns the writing."""


def package(
    name: str = "demo",
    version: str = "1.0",
    *,
    places: tuple[Place, ...] = (LINE,),
    **fields: Any,
) -> AuditedPackage:
    return AuditedPackage(project=ProjectName(name), version=version, places=places, **fields)


def one_file(filename: str = "demo-1.0-py3-none-any.whl") -> tuple[AuditedFile, ...]:
    return (AuditedFile(filename=filename, digests=(Digest("sha256", SHA256),)),)


def hit(
    identifier: str = "PYSEC-2026-1",
    *,
    of: AuditedPackage | None = None,
    undecided: bool = False,
    fixed_in: tuple[str, ...] = ("1.2",),
    **fields: Any,
) -> AuditHit:
    of = of or package()
    fields = {
        "aliases": ["CVE-2026-1"],
        "summary": "Anyone can read files",
        "details": "A path is not checked.\n\nGive none.",
        "published": "2026-01-01T00:00:00Z",
        "severity": [{"type": "CVSS_V3", "score": VECTOR}],
        "references": [{"type": "FIX", "url": "https://example.org/fix"}],
        "database_specific": {"cwe_ids": ["CWE-22"]},
    } | fields
    read = record(affected(of.project, events="introduced=0 fixed=1.2"), id=identifier, **fields)
    verdict = Indeterminate(Reason.VERSION) if undecided else Affected(How.RANGE)
    subject = AuditSubject(project=of.project, version=of.version)
    match = Match(subject=subject, record=read, verdict=verdict, fixed_in=fixed_in)
    return AuditHit(package=of, match=match, rating=rate(read, of.project))


def outcome(*hits: AuditHit, **fields: Any) -> AuditOutcome:
    packages = tuple({id(each.package): each.package for each in hits}.values())
    known: dict[str, Any] = {
        "inputs": ("reqs/lock.txt",),
        "started": STARTED,
        "source": SOURCE,
        "packages": packages or (package(),),
    }
    return AuditOutcome(hits=hits, **(known | fields))


def statement(status: VexStatus = VexStatus.NOT_AFFECTED, **fields: Any) -> VexStatement:
    known: dict[str, Any] = {
        "names": ("CVE-2026-1",),
        "products": (VexProduct(project=ProjectName("demo"), version="1.0"),),
        "justification": "vulnerable_code_not_in_execute_path",
    }
    return VexStatement(status=status, **(known | fields))


def everything() -> AuditOutcome:
    """Make an outcome with one of each that an outcome can hold."""
    demo = package(files=one_file(), paths=(("app 2.0", "demo 1.0"),))
    both = (Place("reqs/lock.txt", 3), Place("pyproject.toml", 12))
    app = package("app", "2.0", places=both, paths=(("app 2.0",),))
    bare = package("bare", "3.0+local", places=(), files=(*one_file("a.whl"), *one_file("b.whl")))
    malware = hit("MAL-2026-1", of=bare, fixed_in=(), severity=[], aliases=[], database_specific={})
    unsure = hit("GHSA-aaaa-bbbb-cccc", of=app, undecided=True, severity=[])
    rule = IgnoreRule(identifier="CVE-2026-9", until=date(2027, 1, 1), reason="no such path here")
    v4 = [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"}]
    aside = (
        SetAside(hit=hit("PYSEC-2026-9", of=demo), reason=AsideReason.IGNORED, rule=rule),
        SetAside(hit=hit("PYSEC-2026-10", of=demo), reason=AsideReason.SEVERITY, detail="medium"),
        SetAside(hit=hit("PYSEC-2026-11", of=demo, severity=v4), reason=AsideReason.NO_FIX),
        SetAside(hit=malware, reason=AsideReason.EXCEPTION, detail="studied in a sandbox"),
        SetAside(hit=hit("PYSEC-2026-12", of=demo), reason=AsideReason.VEX, vex=statement()),
        SetAside(hit=hit("PYSEC-2026-13", of=demo), reason=AsideReason.VEX, vex=statement(VexStatus.FIXED)),
        SetAside(
            hit=hit("PYSEC-2026-14", of=demo),
            reason=AsideReason.VEX,
            vex=statement(justification="code_not_reachable", detail="never called"),
        ),
    )
    return outcome(
        hit(of=demo),
        malware,
        unsure,
        aside=aside,
        skipped=(
            Skipped(name="loose", reason=SkipReason.UNPINNED, place=Place("reqs/lock.txt", 9)),
            Skipped(name="tool", version="1", reason=SkipReason.DIRECT, detail="git repository"),
        ),
        unreadable=(Unreadable(record="GHSA-zzzz", project="", detail="not JSON"),),
        fixes=(
            FixStep(project=ProjectName("demo"), old="1.0", new="1.2", ids=("PYSEC-2026-1",)),
            FixStep(project=ProjectName("app"), old="2.0", blocked_by="demo 1.2 needs Python 3.12"),
        ),
        diff="--- a\n+++ b\n-demo==1.0\n+demo==1.2\n",
    )


def hostile() -> AuditOutcome:
    """Make an outcome in which every text that someone else writes is NASTY."""
    bad = package("demo", NASTY, places=(Place(NASTY, 7),), paths=((NASTY, f"demo {NASTY}"),))
    found = hit(
        of=bad,
        summary=NASTY,
        details=NASTY + "\n\n" + NASTY,
        aliases=[NASTY, "CVE-2026-1"],
        references=[{"type": "WEB", "url": url} for url in (f"https://example.org/{NASTY}", "javascript:1")],
        fixed_in=(NASTY,),
        database_specific={"cwe_ids": ["CWE-22", NASTY, 7, "CWE-9999999999999"]},
    )
    rule = IgnoreRule(identifier="PYSEC-2026-1", reason=NASTY)
    skipped = Skipped(
        name=NASTY, version=NASTY, reason=SkipReason.DIRECT, detail=NASTY, place=Place(NASTY, 2)
    )
    vexed = statement(justification=NASTY, detail=NASTY, place=Place(NASTY, 1))
    return outcome(
        found,
        inputs=(NASTY,),
        source=replace(SOURCE, address=NASTY, origin=NASTY),
        aside=(
            SetAside(hit=found, reason=AsideReason.VEX, vex=vexed, detail=NASTY),
            SetAside(hit=found, reason=AsideReason.IGNORED, rule=rule),
        ),
        skipped=(skipped,),
        unreadable=(Unreadable(record=NASTY, project=NASTY, detail=NASTY),),
        fixes=(FixStep(project=ProjectName("demo"), old=NASTY, new=NASTY, ids=("PYSEC-2026-1",)),),
        diff=NASTY,
    )
