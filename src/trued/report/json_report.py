"""What ``--json`` prints: plan, evidence, findings, verdicts and result, as plain data.

The schema stands in ``docs/reference/json.md``. Within one format version keys are only added; text is given
as it is, since JSON escapes it.
"""

from __future__ import annotations

from trued.report.page import sentences

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trued.core.distribution import Distribution
    from trued.core.evidence import Evidence
    from trued.core.finding import Finding, Place
    from trued.core.verdict import Verdict

__all__ = [
    "FORMAT_VERSION",
    "distribution_data",
    "document",
    "evidence_data",
    "finding_data",
    "findings_data",
    "verdict_data",
]

FORMAT_VERSION = 1


def document(
    *,
    command: str,
    exit_status: int,
    plan: Iterable[Mapping[str, object]] = (),
    verdicts: Iterable[Verdict] = (),
    findings: Iterable[Finding] = (),
    result: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """Return the whole document of one run.

    *findings* are those of the run; those of a verdict stand with the verdict. *plan* holds what each step
    would change, *result* what was changed, in the terms of the command.
    """
    from trued import __version__

    return {
        "format": FORMAT_VERSION,
        "trued": __version__,
        "command": command,
        "ok": exit_status == 0,
        "exit_status": exit_status,
        "plan": [dict(step) for step in plan],
        "verdicts": [verdict_data(verdict) for verdict in verdicts],
        "findings": findings_data(findings),
        "result": dict(result or {}),
    }


def findings_data(findings: Iterable[Finding]) -> list[dict[str, object]]:
    """Return *findings*, in their order, with the sentences of their pages."""
    told = list(findings)
    return [
        {
            "code": finding.code,
            "level": finding.level.value,
            "subject": finding.subject,
            "place": _place_data(finding.place),
            "title": sentence.title,
            "message": sentence.message,
            "mend": sentence.mend,
            "values": dict(finding.values),
        }
        for finding, sentence in zip(told, sentences(told), strict=True)
    ]


def finding_data(finding: Finding) -> dict[str, object]:
    """Return one finding."""
    return findings_data((finding,))[0]


def evidence_data(evidence: Evidence) -> dict[str, object]:
    """Return one checked fact."""
    return {
        "sha256": evidence.sha256,
        "kind": evidence.kind.value,
        "authority": evidence.authority,
        "detail": evidence.detail,
        "time": evidence.time,
    }


def verdict_data(verdict: Verdict) -> dict[str, object]:
    """Return one file's verdict with what led to it."""
    return {
        "filename": verdict.filename,
        "admitted": verdict.admitted,
        "evidence": [evidence_data(evidence) for evidence in verdict.evidence],
        "findings": findings_data(verdict.findings),
    }


def distribution_data(distribution: Distribution) -> dict[str, object]:
    """Return one file on offer. Its digests are the index's claims."""
    return {
        "project": distribution.project,
        "version": distribution.version,
        "filename": distribution.filename,
        "url": distribution.url,
        "size": distribution.size,
        "claimed_digests": {digest.algorithm: digest.value for digest in distribution.digests},
        "requires_python": distribution.requires_python,
        "upload_time": distribution.upload_time,
        "yanked": distribution.yanked,
        "index": distribution.index,
    }


def _place_data(place: Place | None) -> dict[str, object] | None:
    return None if place is None else {"file": place.file, "line": place.line}
