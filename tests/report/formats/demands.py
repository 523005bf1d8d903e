"""What published schemas demand of the fields that trued writes, stated anew; unknown fields are refused.

GitLab: security report schemas, dependency scanning, 15.0.7 without ``dependency_files`` (gone in 15.1).
OpenVEX: the JSON schema of 0.2.0, but for ``minItems`` of ``statements``.
"""

from __future__ import annotations

from typing import Any

__all__ = ["GITLAB", "OPENVEX"]

TEXT = {"type": "string", "minLength": 1}
ANY_TEXT = {"type": "string"}
WEB = {"type": "string", "pattern": r"^https?://.+"}
SECONDS = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$"}
UTC = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$"}
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def thing(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": required | optional,
        "required": list(required),
        "additionalProperties": False,
    }


def many(item: dict[str, Any], **limits: Any) -> dict[str, Any]:
    return {"type": "array", "items": item} | limits


V2 = r"^(AV:[NAL]|AC:[LMH]|Au:[MSN]|[CIA]:[NPC])(/(AV:[NAL]|AC:[LMH]|Au:[MSN]|[CIA]:[NPC]))*$"
V3 = r"^CVSS:3[.][01](/(AV:[NALP]|AC:[LH]|PR:[NLH]|UI:[NR]|S:[UC]|[CIA]:[NLH]))+$"

_TOOL = thing({"id": TEXT, "name": TEXT, "version": TEXT, "vendor": thing({"name": TEXT})})
_DETAILS = {
    "line": thing(
        {
            "name": TEXT,
            "type": {"const": "file-location"},
            "file_name": TEXT,
            "line_start": {"type": "integer"},
        }
    ),
    "way": thing({"name": TEXT, "type": {"const": "text"}, "value": ANY_TEXT}),
    "certainty": thing({"name": TEXT, "type": {"const": "text"}, "value": ANY_TEXT}),
}
_DEPENDENCY = thing({"package": thing({"name": ANY_TEXT}), "version": ANY_TEXT}, direct={"type": "boolean"})
_IDENTIFIER = thing({"type": TEXT, "name": TEXT, "value": TEXT}, url=WEB)
_VECTOR = thing({"vendor": TEXT, "vector": {"anyOf": [{"pattern": V2}, {"pattern": V3}]}})
_VULNERABILITY = thing(
    {
        "id": TEXT,
        "identifiers": many(_IDENTIFIER, minItems=1, maxItems=20),
        "location": thing({"file": TEXT, "dependency": _DEPENDENCY}),
    },
    name={"type": "string", "maxLength": 255},
    description={"type": "string", "maxLength": 1_048_576},
    severity={"enum": ["Info", "Unknown", "Low", "Medium", "High", "Critical"]},
    solution={"type": "string", "maxLength": 7_000},
    links=many(thing({"url": WEB})),
    cvss_vectors=many(_VECTOR, minItems=1, maxItems=10),
    details={"type": "object", "properties": _DETAILS, "additionalProperties": False},
)
GITLAB = {
    "$schema": DRAFT,
    **thing(
        {
            "version": {"const": "15.2.1"},
            "scan": thing(
                {
                    "analyzer": _TOOL,
                    "scanner": _TOOL,
                    "type": {"const": "dependency_scanning"},
                    "status": {"enum": ["success", "failure"]},
                    "start_time": SECONDS,
                    "end_time": SECONDS,
                },
                messages=many(thing({"level": {"enum": ["info", "warn", "fatal"]}, "value": TEXT})),
            ),
            "vulnerabilities": many(_VULNERABILITY),
        },
        remediations=many(
            thing(
                {
                    "fixes": many(thing({"id": TEXT})),
                    "summary": TEXT,
                    "diff": {"type": "string", "minLength": 1, "pattern": r"^[A-Za-z0-9+/]+=*$"},
                }
            )
        ),
    ),
}

_JUSTIFICATIONS = [
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
]
_HASHES = {"type": "object", "propertyNames": {"enum": ["md5", "sha1", "sha-256", "sha-384", "sha-512"]}}
_URI = {"type": "string", "pattern": r"^[a-z][a-z0-9+.-]*:\S+$"}
_FLAW = thing({"name": ANY_TEXT}, description=ANY_TEXT, aliases=many(ANY_TEXT, uniqueItems=True))
_STATEMENT = thing(
    {
        "vulnerability": _FLAW,
        "status": {"enum": ["not_affected", "affected", "fixed", "under_investigation"]},
    },
    products=many(
        thing({}, **{"@id": _URI, "identifiers": thing({}, purl=ANY_TEXT), "hashes": _HASHES}),
        uniqueItems=True,
    ),
    status_notes=ANY_TEXT,
    justification={"enum": _JUSTIFICATIONS},
    impact_statement=ANY_TEXT,
    action_statement=ANY_TEXT,
)
_RULES = [
    {
        "if": {"properties": {"status": {"const": "not_affected"}}},
        "then": {"oneOf": [{"required": ["justification"]}, {"required": ["impact_statement"]}]},
    },
    {
        "if": {"properties": {"status": {"const": "affected"}}},
        "then": {"required": ["action_statement"]},
    },
]
OPENVEX = {
    "$schema": DRAFT,
    **thing(
        {
            "@context": _URI,
            "@id": _URI,
            "author": ANY_TEXT,
            "timestamp": UTC,
            "version": {"type": "integer", "minimum": 1},
            "statements": many(_STATEMENT | {"allOf": _RULES}, uniqueItems=True),
        },
        tooling=ANY_TEXT,
    ),
}
