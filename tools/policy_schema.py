"""The JSON schema of policy files (``trued.toml``, ``[tool.trued]``), made from the tables that read them.

It is for editors, which complete and check while one writes. It is looser than trued: values that need more
than a pattern (an age, an address, a fingerprint) are only told apart by type.
``tools/command_reference.py`` writes it beside the pages.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trued.config.index_table import KEYS as INDEX_KEYS
from trued.config.option import Kind, Type
from trued.config.options import OPTIONS
from trued.config.policy_tables import EXCEPTIONS
from trued.config.rule_tables import TABLES
from trued.config.settings import AGE_TABLES
from trued.policy.exceptions import RULES

if TYPE_CHECKING:
    from trued.config.option import Option
    from trued.config.table_schema import Schema

FILE = Path(__file__).parent.parent / "docs" / "reference" / "schemas" / "policy.schema.json"

_SCALAR = {"type": ["string", "number"]}
_TEXT = {"type": "string"}
_TEXTS = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_ONE_TABLE = ("trusted-root",)
_SPECIAL = {"rule": {"enum": sorted(RULES)}, "until": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}}


def text() -> str:
    """Return the schema as it stands in the file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def schema() -> dict[str, Any]:
    """Return the schema of one file; of ``pyproject.toml``, of what stands below ``tool.trued``."""
    settings = {option.name: _setting(option) for option in OPTIONS if option.configurable}
    tables = {name: _array_or_table(name, table) for name, table in TABLES.items()}
    ages = {name: {"type": "object", "additionalProperties": _TEXT} for name in AGE_TABLES}
    index = {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {key: _TEXTS if key == "projects" else _TEXT for key in sorted(INDEX_KEYS)},
            "required": ["name", "url"],
            "additionalProperties": False,
        },
    }
    exception = {"exception": {"type": "array", "items": _table(EXCEPTIONS)}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Policy file of trued",
        "type": "object",
        "properties": dict(sorted((settings | tables | ages | exception | {"index": index}).items())),
        "additionalProperties": False,
    }


def _setting(option: Option) -> dict[str, Any]:
    if option.kind in (Kind.LIST, Kind.NAMES):
        value: dict[str, Any] = dict(_TEXTS)
    elif option.kind is Kind.COUNT:
        value = {"type": ["integer", "boolean", "string"]}
    elif option.type is Type.BOOLEAN:
        value = {"type": "boolean"}
    elif option.choices:
        value = {"enum": list(option.choices)}
    else:
        value = dict(_SCALAR)
    return {"description": option.meaning, **value}


def _array_or_table(name: str, table: Schema) -> dict[str, Any]:
    return _table(table) if name in _ONE_TABLE else {"type": "array", "items": _table(table)}


def _table(table: Schema) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {key: _SPECIAL.get(key, {}) for key in table.fields},
        "required": [key for key, field in table.fields.items() if field.required],
        "additionalProperties": False,
    }
