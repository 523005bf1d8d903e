"""What is written beside an installed distribution: who installed it, from where, and what proved it.

``INSTALLER`` and ``REQUESTED`` (PEP 376, PEP 627), ``direct_url.json`` (PEP 610) or ``provenance_url.json``
(PEP 710), never both, and ``trued-receipt.json``. Digests here are computed ones, never a claim.
"""

from __future__ import annotations

from trued.environment.json_text import json_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.environment.json_text import Value

__all__ = ["INSTALLER", "RECEIPT", "direct_url", "provenance_url", "receipt", "without_credentials"]

INSTALLER = b"trued\n"
RECEIPT = "trued-receipt.json"
_FORMAT = 1


def provenance_url(url: str, hashes: Mapping[str, str]) -> bytes:
    """Return ``provenance_url.json`` of a file from an index: PEP 710 allows exactly these keys."""
    return json_text(
        {"url": without_credentials(url), "archive_info": {"hashes": dict(sorted(hashes.items()))}}
    ).encode()


def direct_url(
    url: str,
    *,
    hashes: Mapping[str, str] | None = None,
    editable: bool | None = None,
    vcs: Mapping[str, str] | None = None,
    subdirectory: str | None = None,
) -> bytes:
    """Return ``direct_url.json`` (PEP 610) of an archive (*hashes*), a folder (*editable*) or a *vcs* source.

    *vcs* has the keys ``vcs``, ``commit_id`` and perhaps ``requested_revision``. Raises: ValueError unless
    exactly one of the three is given.
    """
    given = [part for part in (hashes, editable, vcs) if part is not None]
    if len(given) != 1:
        raise ValueError("exactly one of hashes, editable and vcs")
    content: dict[str, Value] = {"url": without_credentials(url)}
    if hashes is not None:
        content["archive_info"] = {"hashes": dict(sorted(hashes.items()))}
    elif vcs is not None:
        content["vcs_info"] = dict(vcs)
    else:
        content["dir_info"] = {"editable": True} if editable else {}
    if subdirectory:
        content["subdirectory"] = subdirectory
    return json_text(content).encode()


def receipt(
    *,
    filename: str,
    sha256: str,
    size: int,
    index: str,
    url: str,
    requirement: str,
    evidence: Sequence[Mapping[str, str]],
    level: str,
    version: str,
    time: str,
    source: Mapping[str, str] | None = None,
    built: Mapping[str, Value] | None = None,
) -> bytes:
    """Return ``trued-receipt.json``.

    *size* is the archive's in bytes; *index* is empty for a direct URL or path; *requirement* is the place
    that asked (``requirements.txt:12``); each of *evidence* has ``kind``, ``authority``, ``detail`` and
    ``time``; *version* is trued's; times are RFC 3339 UTC. *source* has the ``commit`` and the ``tree``'s
    sha256 of what was built here; *built* says of source which wheel was made of it, and with what.
    """
    return json_text(
        {
            "format": _FORMAT,
            "filename": filename,
            "sha256": sha256,
            "size": size,
            "source": {
                "index": without_credentials(index),
                "url": without_credentials(url),
                **(source or {}),
            },
            **({"built": dict(built)} if built else {}),
            "requirement": requirement,
            "evidence": [dict(item) for item in evidence],
            "level": level,
            "trued": version,
            "time": time,
        }
    ).encode()


def without_credentials(url: str) -> str:
    """Return *url* without user, password and fragment (PEP 610: "sensitive data MUST NOT be stored").

    An environment variable in their place (``${NAME}``) may stay: it is no secret.
    """
    address = url.partition("#")[0]
    scheme, separator, rest = address.partition("://")
    if not separator:
        return address
    ends = [place for mark in "/?" if (place := rest.find(mark)) >= 0]
    end = min(ends, default=len(rest))
    authority = rest[:end]
    user, at, host = authority.rpartition("@")
    if not at or _are_variables(user) or (user == "git" and scheme.partition("+")[2] == "ssh"):
        return address
    return f"{scheme}://{host}{rest[end:]}"


def _are_variables(user: str) -> bool:
    return all(
        part.startswith("${") and part.endswith("}") and part[2:-1].replace("_", "").isalnum()
        for part in user.split(":")
    )
