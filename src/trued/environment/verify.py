"""Is each installed file exactly what was proven? One pass over an environment, everything told at once.

What stands for a distribution is its proven wheel, where the caller has one; else its RECORD. See
:mod:`trued.environment.verify_plan` for what is expected, :mod:`trued.environment.verify_scan` for how it is
compared.
"""

from __future__ import annotations

import os

from trued.core.finding import Finding, Level
from trued.core.record import dataclass
from trued.environment.verify_bytecode import Agreed, bytecode_findings, jobs_of
from trued.environment.verify_plan import Plan
from trued.environment.verify_scan import scan
from trued.environment.verify_scripts import script_findings
from trued.environment.verify_startup import startup_findings
from trued.environment.verify_strangers import stranger_findings
from trued.store.manifest import load_bytecode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from trued.core.names import ProjectName
    from trued.environment.installed import Installed
    from trued.environment.target import Target
    from trued.environment.verify_bytecode import Job
    from trued.environment.verify_scan import Fault
    from trued.store.manifest import Manifest

__all__ = ["Proof", "Verification", "verify_files"]

Proof = tuple[str, "Manifest"]
"""The entry in the store and its manifest, read whole."""

_CODES = {
    "modified": "TRU525", "missing": "TRU526", "mode": "TRU529", "owner": "TRU532", "link": "TRU543",
    "changing": "TRU544", "unreadable": "TRU592",
}  # fmt: skip


_REPAIRED = frozenset({"TRU525", "TRU537", "TRU545", "TRU546"})
"""What is told of a RECORD or a script, beside the faults of files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was looked at, and what is not as it should be.

    ``faulty`` are the numbers of the distributions that findings are about, ``altered`` those of which files
    differ in content or RECORD is not to be relied on; ``files`` counts those that were
    hashed, ``bytecode`` the compiled ones.
    """

    findings: tuple[Finding, ...]
    faulty: frozenset[int]
    altered: frozenset[int]
    faulty_paths: frozenset[str]
    poisoned: tuple[str, ...]
    files: int
    bytecode: int


def verify_files(
    distributions: Sequence[Installed],
    *,
    target: Target,
    proven: Mapping[int, Proof],
    cache_folder: str | None,
    allowed_hooks: AbstractSet[ProjectName],
    most_record_bytes: int,
    workers: int,
    comparing: Callable[[int], None] | None = None,
) -> Verification:
    """Compare every file of *distributions*, and look at all that stands beside them.

    *comparing* is told how many sources have to be compiled again. *proven* maps the number of a
    distribution to the wheel that it was installed from. Nothing is written but the memory of agreeing
    bytecode in *cache_folder*. Raises: OperationalError when a worker was killed.
    """
    plan = _planned(distributions, target, proven, most_record_bytes=most_record_bytes)
    faults, strangers, compiled = scan(
        plan.folders, roots=target.roots.values(), owners=_owners(target), workers=workers
    )
    faulty = {(folder, name) for kind, folder, name, _ in faults if kind not in ("mode", "owner")}
    known = _compiled_by_store(proven, target)
    jobs, orphans = jobs_of(compiled, plan, cache_tag=target.facts["cache_tag"], faulty=faulty, known=known)
    of_bytecode = _of_bytecode(jobs, target, cache_folder, workers=workers, comparing=comparing)
    findings = [
        *plan.findings,
        *_shared(plan),
        *_told(faults, plan),
        *of_bytecode,
        *script_findings(plan, target, proven),
        *startup_findings(plan, proven=proven.keys(), faulty=faulty, allowed=allowed_hooks),
        *stranger_findings([*strangers, *(("file", folder, name, "") for folder, name in orphans)], plan),
    ]
    altered = [one for one in faults if one[0] not in ("mode", "owner")]
    return Verification(
        findings=tuple(sorted(findings, key=_order)),
        faulty=_concerned(faults, plan) | _named(findings, plan, _REPAIRED),
        altered=_concerned(altered, plan) | _named(findings, plan, _REPAIRED - {"TRU537"}),
        faulty_paths=frozenset(f"{folder}/{name}" for folder, name in faulty),
        poisoned=tuple(one.values["path"] for one in of_bytecode if one.code == "TRU538"),
        files=sum(len(folder.files) for folder in plan.folders.values()),
        bytecode=len(compiled),
    )


def _planned(
    distributions: Sequence[Installed],
    target: Target,
    proven: Mapping[int, Proof],
    *,
    most_record_bytes: int,
) -> Plan:
    """Return what is expected in each folder; proven wheels first: no RECORD has a say in what one holds."""
    plan = Plan(
        distributions,
        target.roots,
        most_record_bytes=most_record_bytes,
        owns_scripts=target.kind == "virtual",  # elsewhere the folder is shared with the system
    )
    for number in sorted(range(len(distributions)), key=lambda number: number not in proven):
        proof = proven.get(number)
        plan.add(number, proof[1] if proof else None)
    plan.finish()
    return plan


def _of_bytecode(
    jobs: Sequence[Job],
    target: Target,
    cache_folder: str | None,
    *,
    workers: int,
    comparing: Callable[[int], None] | None,
) -> tuple[Finding, ...]:
    """Compile again what has to be, tell *comparing* how much that is, and remember what agrees."""
    agreed = Agreed(cache_folder, target.facts)
    if comparing is not None:
        comparing(sum(job not in agreed for job in jobs))
    python = target.facts["executable"]
    found = tuple(bytecode_findings(jobs, agreed=agreed, python=python, processes=workers))
    agreed.save()
    return found


def _owners(target: Target) -> frozenset[int]:
    """Return whose files these may be: who runs this, the owner of the environment, the system."""
    if os.name == "nt":
        return frozenset()
    owners = {0, os.geteuid()}
    for folder in (target.prefix, target.roots["purelib"]):
        try:
            owners.add(os.stat(folder).st_uid)
        except OSError:
            continue
    return frozenset(owners)


def _compiled_by_store(proven: Mapping[int, Proof], target: Target) -> frozenset[tuple[str, str, str]]:
    """Return (folder, name, sha256) of the bytecode that the store compiled of the proven wheels."""
    found = []
    for entry, _ in proven.values():
        manifest = load_bytecode(entry, target.facts["cache_tag"])
        for scheme, _, below, files in manifest["groups"] if manifest else ():
            folder = f"{target.roots[scheme]}/{below}" if below else target.roots[scheme]
            found += [(folder, file[0], file[2]) for file in files]
    return frozenset(found)


def _told(faults: Iterable[Fault], plan: Plan) -> Iterator[Finding]:
    for kind, folder, name, detail in faults:
        wanted = plan.wanted(folder, name) if name else None
        one = plan.distributions[wanted[4]] if wanted is not None else None
        yield Finding(
            code=_CODES[kind],
            level=Level.WARNING if kind == "mode" and "others" not in detail else Level.ERROR,
            subject=f"{one.name} {one.version}" if one else os.path.basename(folder),
            values={"path": f"{folder}/{name}" if name else folder, "reason": detail or "in content"},
        )


def _shared(plan: Plan) -> Iterator[Finding]:
    for folder, name, first, second in plan.shared:
        one, other = plan.distributions[first], plan.distributions[second]
        values = {"path": f"{folder}/{name}", "other": f"{other.name} {other.version}"}
        yield Finding(code="TRU528", subject=f"{one.name} {one.version}", values=values)


def _concerned(faults: Iterable[Fault], plan: Plan) -> frozenset[int]:
    """Return the distributions of faulty files, and those with files in or below a faulty folder."""
    found = set()
    for _, folder, name, _ in faults:
        wanted = plan.wanted(folder, name) if name else None
        if wanted is not None:
            found.add(wanted[4])
        elif not name:
            inside = folder + os.sep
            held = (
                files for path, files in plan.folders.items() if path == folder or path.startswith(inside)
            )
            found.update(file[4] for one in held for file in one.files.values())
    return frozenset(found)


def _named(findings: Iterable[Finding], plan: Plan, codes: frozenset[str]) -> frozenset[int]:
    """Return the distributions that findings of *codes* name."""
    texts = {finding.subject for finding in findings if finding.code in codes}
    return frozenset(
        number
        for number, one in enumerate(plan.distributions)
        if one.name in texts or f"{one.name} {one.version}" in texts
    )


def _order(finding: Finding) -> tuple[str, str]:
    return finding.values.get("path", ""), finding.code
