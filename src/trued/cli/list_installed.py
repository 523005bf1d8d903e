"""``trued list``: what is installed, and from which proven file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.cli.opening import open_session
from trued.core.names import normalize

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trued.cli.parser import ParsedCommand
    from trued.environment.installed import Installed
    from trued.report.printer import Printer

__all__ = ["run"]

_HEADER = ("Package", "Version", "Proof", "sha256")
_EDITABLE = "Editable project location"
_SHOWN_DIGITS = 12


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Print the installed distributions in the form that ``--format`` asks for."""
    settings = parsed.settings
    with open_session(parsed, printer) as session:
        if settings.path:
            from trued.environment.installed import installed_distributions

            found: Sequence[Installed] = installed_distributions(settings.path)
        else:
            from trued.environment.installed import visible_distributions

            found = visible_distributions(session.find_target(writing=False).visible)
    left_out = {normalize(name) for name in settings.exclude}
    listed = [one for one in found if one.project not in left_out]
    if settings.json or settings.list_format == "json":
        printer.document([_data(one) for one in listed])
    elif settings.list_format == "freeze":
        printer.artefact("\n".join(f"{one.name}=={one.version}" for one in listed))
    else:
        rows = [_HEADER, *map(_row, listed)]
        if any(one.is_editable for one in listed):
            places = (one.editable_location or "" for one in listed)
            rows = [(*row, place) for row, place in zip(rows, (_EDITABLE, *places), strict=True)]
        printer.artefact("\n".join(_table(rows)))
    return 0


def _row(one: Installed) -> tuple[str, ...]:
    proof = ", ".join(_kinds(one)) or (one.installer and f"none ({one.installer})") or "none"
    return (one.name, one.version, proof, (one.sha256 or "")[:_SHOWN_DIGITS])


def _kinds(one: Installed) -> list[str]:
    """Return the kinds of evidence that the receipt lists."""
    evidence = (one.receipt or {}).get("evidence")
    if not isinstance(evidence, list):
        return []
    return [str(item.get("kind", "")) for item in evidence if isinstance(item, dict)]


def _data(one: Installed) -> dict[str, object]:
    return {
        "name": one.name,
        "version": one.version,
        "editable_project_location": one.editable_location,
        "installer": one.installer,
        "sha256": one.sha256,
        "evidence": _kinds(one),
    }


def _table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    rows = list(rows)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rows.insert(1, tuple("-" * width for width in widths))
    return [
        " ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
