"""The installation report of pip, format 1 (``pip install --report``), for tools that read it.

Differs from pip's in one thing: the hashes are those of the bytes that were proven, never an index's claim.
"""

from __future__ import annotations

from dataclasses import dataclass

from trued.report.json_report import evidence_data

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trued.core.evidence import Evidence

__all__ = ["ReportItem", "metadata_data", "pip_report", "pip_version"]

_MULTIPLE = frozenset(
    (
        "classifier",
        "dynamic",
        "import_name",
        "import_namespace",
        "license_file",
        "obsoletes_dist",
        "platform",
        "project_url",
        "provides_dist",
        "provides_extra",
        "requires_dist",
        "requires_external",
        "supported_platform",
    )
)
"""Fields that may occur more than once (core metadata specification, "Multiple use")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportItem:
    """One file to be installed.

    ``metadata`` is the wheel's METADATA as it stands in the file. ``url`` carries no credentials, ``hashes``
    maps algorithm to hexadecimal value. ``requested`` is true for what the user listed. ``evidence`` is what
    proved the file; pip knows no such thing, so it stands under a name of its own. ``source`` is the
    ``direct_url.json`` of what was built of a folder or repository.
    """

    metadata: bytes
    url: str
    hashes: Mapping[str, str]
    is_direct: bool = False
    is_yanked: bool = False
    requested: bool = True
    requested_extras: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    source: Mapping[str, object] | None = None


def pip_report(items: Iterable[ReportItem], *, environment: Mapping[str, str]) -> dict[str, object]:
    """Return the report. *environment* holds the target's marker variables (PEP 508)."""
    return {
        "version": "1",
        "pip_version": pip_version(),
        "install": [_item(item) for item in items],
        "environment": dict(environment),
    }


def pip_version() -> str:
    """Return the version of the pip beside trued, which such reports name; empty when there is none."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("pip")
    except PackageNotFoundError:
        return ""


def metadata_data(metadata: bytes) -> dict[str, object]:
    """Return METADATA as PEP 566 turns it into JSON: lower-case keys, lists for fields of multiple use."""
    from email import message_from_string

    message = message_from_string(metadata.decode("utf-8", "replace"))
    data: dict[str, object] = {}
    for field in dict.fromkeys(name.lower() for name in message):
        key = field.replace("-", "_")
        values = [str(value) for value in message.get_all(field, [])]
        data[key] = values if key in _MULTIPLE else values[0]
    if isinstance(keywords := data.get("keywords"), str):
        data["keywords"] = [word.strip() for word in keywords.split("," if "," in keywords else None)]
    body = message.get_payload()
    if isinstance(body, str) and body:
        data["description"] = body
    return data


def _item(item: ReportItem) -> dict[str, object]:
    archive: dict[str, object] = {"hashes": dict(item.hashes)}
    if "sha256" in item.hashes:
        archive["hash"] = f"sha256={item.hashes['sha256']}"
    data: dict[str, object] = {
        "download_info": item.source or {"url": item.url, "archive_info": archive},
        "is_direct": item.is_direct,
        "is_yanked": item.is_yanked,
        "requested": item.requested,
        "metadata": metadata_data(item.metadata),
    }
    if item.evidence:
        data["trued_evidence"] = [evidence_data(one) for one in item.evidence]
    if item.requested and item.requested_extras:
        data["requested_extras"] = sorted(item.requested_extras)
    return data
