"""``trued sbom``: write a bill of materials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.cli.opening import open_session
from trued.cli.written import deliver

if TYPE_CHECKING:
    from trued.cli.parser import ParsedCommand
    from trued.report.printer import Printer

__all__ = ["run"]


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Write the document; return 0, or 3 when it lists nothing."""
    from trued.operations.sbom import bill_of_materials

    with open_session(parsed, printer) as session:
        made = bill_of_materials(session, parsed.arguments)
        return deliver(
            session,
            printer,
            made.text,
            findings=(*made.inventory.findings, *made.inventory.lacking),
            exit_status=made.exit_status,
            facts={"format": session.settings.sbom_format, "components": len(made.inventory.components)},
        )
