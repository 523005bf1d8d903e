"""Findings as people read them: grouped by weight, the errors last, each with its place and its mend."""

from __future__ import annotations

from trued.core.finding import Finding, Level
from trued.core.record import replace
from trued.report.escape import escaped, escaped_lines
from trued.report.page import Sentence, sentences
from trued.report.terminal import painted
from trued.report.wrapping import wrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["finding_lines", "summary_line"]

_ORDER = (Level.NOTE, Level.WARNING, Level.ERROR)


def finding_lines(findings: Iterable[Finding], *, colour: bool = False, width: int = 0) -> list[str]:
    """Return the lines that tell *findings*: notes, warnings, errors; those of one code stand together.

    A mend that is the same for several findings in a row is shown once, after the last of them.
    """
    told = _grouped(findings)
    lines: list[str] = []
    for index, (finding, sentence) in enumerate(told):
        lines += _head(finding, sentence, colour=colour, width=width)
        if sentence.mend and not _same_mend_follows(told, index):
            lines += _mend(sentence.mend, colour=colour, width=width)
    return lines


def summary_line(findings: Iterable[Finding], *, colour: bool = False) -> str:
    """Return the counts, and the command that explains the gravest code; empty without findings."""
    told = list(findings)
    counts = [(level, sum(finding.level is level for finding in told)) for level in reversed(_ORDER)]
    parts = [
        painted(f"{count} {level.value}{'s' if count > 1 else ''}", level.value, colour=colour)
        for level, count in counts
        if count
    ]
    if not parts:
        return ""
    gravest = max(told, key=lambda finding: _ORDER.index(finding.level))
    return f"{', '.join(parts)}. For more: trued explain {escaped(gravest.code)}"


def _grouped(findings: Iterable[Finding]) -> list[tuple[Finding, Sentence]]:
    """Sort, and make the sentences. A value may span lines; a subject, being a name, may not."""
    told = [replace(finding, subject=escaped(finding.subject)) for finding in findings]
    first_seen: dict[str, int] = {}
    for index, finding in enumerate(told):
        first_seen.setdefault(finding.code, index)
    told.sort(key=lambda finding: (_ORDER.index(finding.level), first_seen[finding.code]))
    return list(zip(told, sentences(told), strict=True))


def _same_mend_follows(told: Sequence[tuple[Finding, Sentence]], index: int) -> bool:
    if index + 1 == len(told):
        return False
    (finding, sentence), (following, following_sentence) = told[index], told[index + 1]
    return finding.code == following.code and sentence.mend == following_sentence.mend


def _head(finding: Finding, sentence: Sentence, *, colour: bool, width: int) -> list[str]:
    tag = f"{finding.level.value}[{escaped(finding.code)}]"
    first, *rest = wrapped(f"{tag}: {escaped_lines(sentence.message)}", width=width, following="  ")
    lines = [painted(tag, finding.level.value, colour=colour) + first[len(tag) :], *rest]
    if finding.place is not None:
        lines.append(f"  {painted('-->', 'faint', colour=colour)} {escaped(str(finding.place))}")
    return lines


def _mend(mend: str, *, colour: bool, width: int) -> list[str]:
    first, *rest = wrapped(escaped_lines(mend), width=width, first="  help: ", following="        ")
    return [f"  {painted('help:', 'strong', colour=colour)}{first[7:]}", *rest]
