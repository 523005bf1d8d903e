"""METADATA: what a wheel says about itself, compared with its file name and with the index's copy."""

from __future__ import annotations

from trued.core.names import is_valid_name, normalize
from trued.wheel.faults import Faults
from trued.wheel.headers import read_headers
from trued.wheel.model import WheelMetadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.core.filenames import WheelName
    from trued.core.finding import Finding
    from trued.wheel.model import OpenWheel

__all__ = ["compare_metadata", "read_metadata", "same_version"]

_SUPPORTED_MAJOR = ("1", "2")
_DECIDING = ("name", "version", "requires-dist", "requires-python", "provides-extra")


def read_metadata(raw: bytes, *, name: WheelName, faults: Faults) -> WheelMetadata | None:
    """Return the fields, noting what is unreadable or says another name or version than the file name."""
    try:
        headers = read_headers(raw)
    except UnicodeDecodeError:
        faults.add("TRU255", file="METADATA")
        return None
    single = {key: _single(headers, key, faults) for key in ("metadata-version", "name", "version")}
    if single["metadata-version"].partition(".")[0] not in _SUPPORTED_MAJOR:
        faults.add("TRU256", version=single["metadata-version"])
    if not is_valid_name(single["name"]) or normalize(single["name"]) != name.project:
        faults.add("TRU246", field="Name", stated=single["name"], expected=name.project)
    if not same_version(single["version"], name.version):
        faults.add("TRU246", field="Version", stated=single["version"], expected=name.version)
    return WheelMetadata(
        name=single["name"],
        version=single["version"],
        summary=headers.get("summary", [""])[0].partition("\n")[0],
        requires_dist=tuple(headers.get("requires-dist", ())),
        requires_python=_single(headers, "requires-python", faults, is_required=False),
        provides_extra=tuple(headers.get("provides-extra", ())),
        raw=raw,
    )


def _single(headers: dict[str, list[str]], key: str, faults: Faults, *, is_required: bool = True) -> str:
    """Return the one value of *key*: of two, one parser takes the first and another the last."""
    values = headers.get(key, [])
    if len(values) > 1:
        faults.add("TRU245", field=key, count=len(values))
    if is_required and not values:
        faults.add("TRU245", field=key, count=0)
    return values[0] if values else ""


def same_version(first: str, second: str) -> bool:
    """Tell whether two spellings are one version (PEP 440); what is no version must be the same text."""
    if first == second:
        return True
    from packaging.version import InvalidVersion, Version

    try:
        return Version(first) == Version(second)
    except InvalidVersion:
        return False


def compare_metadata(wheel: OpenWheel, sidecar: bytes) -> tuple[Finding, ...]:
    """Compare METADATA with the copy that the index serves beside the wheel (PEP 658: the same bytes).

    A resolver decides by the copy, an installer by the file; where they differ, something else is installed
    than was resolved.
    """
    if sidecar == wheel.metadata.raw:
        return ()
    faults = Faults(wheel.filename)
    faults.add("TRU247", fields=", ".join(_differing(wheel.metadata.raw, sidecar)) or "-")
    return faults.findings


def _differing(inside: bytes, beside: bytes) -> list[str]:
    try:
        first, second = read_headers(inside), read_headers(beside)
    except UnicodeDecodeError:
        return []
    return [key for key in _DECIDING if first.get(key) != second.get(key)]
