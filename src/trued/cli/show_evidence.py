"""``trued show --evidence``: what proved an installed project's file, and since when that file is known."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.environment.installed import Installed
    from trued.operations.session import Session
    from trued.proof.known.model import KnownFile
    from trued.report.printer import Printer

__all__ = ["tell_evidence"]


def tell_evidence(wanted: Sequence[Installed], session: Session, printer: Printer) -> None:
    """Tell what the receipts of *wanted* say of proof, and what is known of their files by now."""
    known = [_known(one, session) for one in wanted]
    pairs = list(zip(wanted, known, strict=True))
    if session.settings.json:
        printer.document([_data(one, file) for one, file in pairs])
    else:
        printer.artefact("\n---\n".join("\n".join(_lines(one, file)) for one, file in pairs))


def _known(one: Installed, session: Session) -> KnownFile | None:
    """Return what is known of the file that was installed, if these very bytes are known."""
    filename = (one.receipt or {}).get("filename")
    if not isinstance(filename, str):
        return None
    known = session.known.look(one.project, filename)
    return known if known is not None and known.sha256 == one.sha256 else None


def _proofs(one: Installed) -> list[dict[str, object]]:
    found = (one.receipt or {}).get("evidence")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _lines(one: Installed, known: KnownFile | None) -> list[str]:
    from trued.proof.known.judgement import publishers_of

    lines = [
        f"Name: {one.name}",
        f"Version: {one.version}",
        f"File: {(one.receipt or {}).get('filename', '')}",
        f"sha256: {one.sha256 or ''}",
    ]
    lines += [
        f"Proof: {item.get('kind', '')} by {item.get('authority', '')}: {item.get('detail', '')}"
        f" ({item.get('time', '')})"
        for item in _proofs(one)
    ] or ["Proof: none"]
    if known is not None:
        lines.append(f"Known since: {known.first_seen}, {known.run}: {known.accepted}")
        lines += [f"Publisher: {publisher.identity}" for publisher in publishers_of(known)]
    return lines


def _data(one: Installed, known: KnownFile | None) -> dict[str, object]:
    return {
        "name": one.name,
        "version": one.version,
        "filename": (one.receipt or {}).get("filename"),
        "sha256": one.sha256,
        "evidence": _proofs(one),
        "first_seen": known.first_seen if known else None,
        "publishers": [dict(publisher) for publisher in known.publishers] if known else [],
    }
