"""Annotations and the step summary of GitHub Actions.

Source: GitHub, "Workflow commands for GitHub Actions": a command is one line,
``::error file=…,line=…::text``. Ten of a kind are shown for a step, so that the worst come first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.report.formats.advisory import (
    action,
    counted,
    pulled_in_by,
    sentence,
    severity_word,
    skipped_text,
    source_text,
    told,
)
from trued.report.formats.checkout import Checkout
from trued.report.formats.markdown import markdown_report
from trued.report.formats.quoting import command_data, command_property, one_line

if TYPE_CHECKING:
    from trued.advisories.outcome import AuditHit, AuditOutcome
    from trued.core.finding import Place

__all__ = ["step_summary", "workflow_commands"]

_SUMMARY_BYTES = 1_048_576
_CUT = "\n\nThe rest is left out: a step summary ends at 1 MiB.\n"


def workflow_commands(outcome: AuditOutcome, *, checkout: Checkout | None = None) -> str:
    """Return a workflow command for each line that asks for an affected release, and one for the whole."""
    where = checkout or Checkout()
    lines = [
        _annotation(one.hit, place, where)
        for one in told(outcome.hits)
        for place in one.hit.package.places or (None,)
    ]
    lines += [
        _command(
            "warning",
            f"{one_line(each.name)} was not audited: {skipped_text(each)}",
            heading="Not audited",
            place=each.place,
            where=where,
        )
        for each in outcome.skipped
    ]
    lines += [
        _command(
            "error",
            f"The advisory {each.record} cannot be read: {one_line(each.detail)}",
            heading="trued audit",
        )
        for each in outcome.unreadable
    ]
    lines.append(_command("notice", _whole(outcome), heading="trued audit"))
    return "\n".join(lines) + "\n"


def step_summary(outcome: AuditOutcome) -> str:
    """Return the Markdown to append to the file that ``GITHUB_STEP_SUMMARY`` names, at most 1 MiB."""
    text = markdown_report(outcome)
    data = text.encode()
    if len(data) <= _SUMMARY_BYTES:
        return text
    kept = data[: _SUMMARY_BYTES - len(_CUT)].decode(errors="ignore")
    return kept.rpartition("\n")[0] + _CUT


def _annotation(hit: AuditHit, place: Place | None, where: Checkout) -> str:
    way = pulled_in_by(hit.package)
    message = f"{sentence(hit)}\n{action(hit)}"
    if way:
        message += f"\nPulled in by {way}."
    is_error = hit.match.is_affected and severity_word(hit) not in ("low", "medium")
    kind = "error" if is_error or hit.is_malware else "warning"
    return _command(kind, message, heading=f"{hit.package}: {hit.id}", place=place, where=where)


def _command(
    kind: str, message: str, *, heading: str, place: Place | None = None, where: Checkout | None = None
) -> str:
    properties = []
    if place is not None:
        path = (where or Checkout()).path(place.file)
        properties.append(f"file={command_property(path)}")
        if place.line:
            properties.append(f"line={place.line}")
    properties.append(f"title={command_property(heading)}")
    return f"::{kind} {','.join(properties)}::{command_data(message)}"


def _whole(outcome: AuditOutcome) -> str:
    text = f"{counted(len(outcome.hits), 'advisory')} for {counted(len(outcome.affected), 'release')}"
    text += f" of {len(outcome.packages)} audited"
    if outcome.skipped:
        text += f", {len(outcome.skipped)} not audited"
    return f"{text}. {source_text(outcome)}."
