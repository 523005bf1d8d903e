"""The formats of ``trued audit --format`` by their names; only the one that is wanted is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trued.advisories.outcome import AuditOutcome
    from trued.report.formats.checkout import Checkout

__all__ = ["MACHINE_FORMATS", "formatted"]

MACHINE_FORMATS = ("json", "sarif", "cyclonedx", "cyclonedx-xml", "markdown", "github", "gitlab", "openvex")


def formatted(name: str, outcome: AuditOutcome, *, checkout: Checkout | None = None) -> str:
    """Return *outcome* in the format *name*, one of MACHINE_FORMATS. Raises ``KeyError`` for another."""
    match name:
        case "json":
            from trued.report.formats.audit_json import json_report

            return json_report(outcome)
        case "sarif":
            from trued.report.formats.sarif import sarif_report

            return sarif_report(outcome, checkout=checkout)
        case "cyclonedx":
            from trued.report.formats.cyclonedx import cyclonedx_report

            return cyclonedx_report(outcome)
        case "cyclonedx-xml":
            from trued.report.formats.cyclonedx import cyclonedx_report

            return cyclonedx_report(outcome, xml=True)
        case "markdown":
            from trued.report.formats.markdown import markdown_report

            return markdown_report(outcome)
        case "github":
            from trued.report.formats.github import workflow_commands

            return workflow_commands(outcome, checkout=checkout)
        case "gitlab":
            from trued.report.formats.gitlab import gitlab_report

            return gitlab_report(outcome, checkout=checkout)
        case "openvex":
            from trued.report.formats.openvex import openvex_report

            return openvex_report(outcome)
    raise KeyError(name)
