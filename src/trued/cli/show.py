"""``trued show``: one installed project, its receipt and its files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trued.cli.opening import open_session
from trued.core.errors import UsageError
from trued.core.finding import Finding
from trued.core.names import normalize

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.cli.parser import ParsedCommand
    from trued.environment.installed import Installed
    from trued.report.printer import Printer

__all__ = ["run"]


def run(parsed: ParsedCommand, printer: Printer) -> int:
    """Print each named project. Raises UsageError TRU914 with every one that is not installed."""
    from trued.environment.installed import visible_distributions

    with open_session(parsed, printer) as session:
        target = session.find_target(writing=False)
        installed = visible_distributions(target.visible)
        markers = target.facts["markers"]
    by_name = {one.project: one for one in installed}
    missing = [name for name in parsed.arguments if normalize(name) not in by_name]
    if missing:
        raise UsageError(
            *(Finding(code="TRU914", subject=name, values={"where": target.prefix}) for name in missing)
        )
    wanted = [by_name[normalize(name)] for name in parsed.arguments]
    if parsed.settings.evidence:
        from trued.cli.show_evidence import tell_evidence

        with session:
            tell_evidence(wanted, session, printer)
    elif parsed.settings.json:
        printer.document([_data(one, installed, markers, files=parsed.settings.files) for one in wanted])
    else:
        shown = ("\n".join(_lines(one, installed, markers, files=parsed.settings.files)) for one in wanted)
        printer.artefact("\n---\n".join(shown))
    return 0


def _lines(
    one: Installed, installed: Sequence[Installed], markers: Mapping[str, str], *, files: bool
) -> list[str]:
    receipt = one.receipt or {}
    needed = [other.name for other in installed if _needs(other, one, markers)]
    lines = [
        f"Name: {one.name}",
        f"Version: {one.version}",
        f"Summary: {one.summary}",
        f"Location: {one.location}",
        *([f"Editable project location: {one.editable_location}"] if one.is_editable else []),
        f"Installer: {one.installer}",
        f"Requires: {', '.join(_required(one, markers))}",
        f"Required-by: {', '.join(sorted(needed))}",
    ]
    if receipt:
        source = receipt.get("source") if isinstance(receipt.get("source"), dict) else {}
        lines += [
            f"File: {receipt.get('filename', '')}",
            f"sha256: {one.sha256 or ''}",
            f"From: {source.get('url', '') if source else ''}",
            f"Asked for by: {receipt.get('requirement', '')}",
            f"Installed: {receipt.get('time', '')} by trued {receipt.get('trued', '')}",
        ]
        evidence = receipt.get("evidence")
        stated = evidence if isinstance(evidence, list) else ()
        lines += [_evidence_line(item) for item in stated if isinstance(item, dict)]
    else:
        lines.append("Proof: none; no receipt says from which file this was installed")
    if files:
        lines += ["Files:", *(f"  {path}" for path in _files(one))]
    return lines


def _evidence_line(item: dict[str, object]) -> str:
    return f"Proof: {item.get('kind', '')} by {item.get('authority', '')}: {item.get('detail', '')}"


def _required(one: Installed, markers: Mapping[str, str]) -> list[str]:
    """Return the names of the direct dependencies that need no extra, for an interpreter with *markers*."""
    from packaging.requirements import InvalidRequirement

    from trued.requirements.marker import holds
    from trued.requirements.pep508 import read_line

    names = set()
    for text in one.requires:
        try:
            requirement = read_line(text)
        except InvalidRequirement:
            continue
        if holds(requirement.marker, {**markers, "extra": ""}):
            names.add(requirement.name)
    return sorted(names, key=str.lower)


def _needs(other: Installed, one: Installed, markers: Mapping[str, str]) -> bool:
    return any(normalize(name) == one.project for name in _required(other, markers))


def _files(one: Installed) -> list[str]:
    from trued.environment.installed import recorded_paths

    try:
        paths = recorded_paths(one)
    except ValueError:
        return ["(RECORD cannot be read)"]
    if paths is None:
        return ["(there is no RECORD)"]
    return sorted(os.path.relpath(path, one.location) for path in paths)


def _data(
    one: Installed, installed: Sequence[Installed], markers: Mapping[str, str], *, files: bool
) -> dict[str, object]:
    data: dict[str, object] = {
        "name": one.name,
        "version": one.version,
        "summary": one.summary,
        "location": one.location,
        "installer": one.installer,
        "editable_project_location": one.editable_location,
        "requires": _required(one, markers),
        "required_by": sorted(other.name for other in installed if _needs(other, one, markers)),
        "receipt": dict(one.receipt) if one.receipt else None,
        "direct_url": dict(one.direct_url) if one.direct_url else None,
        "provenance": dict(one.provenance) if one.provenance else None,
    }
    if files:
        data["files"] = _files(one)
    return data
