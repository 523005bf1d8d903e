"""JSON as trued writes it into files: readable, ASCII only, the same bytes for the same data."""

from __future__ import annotations

__all__ = ["json_text"]


def json_text(value: object) -> str:
    """Return *value* as JSON; in ASCII, nothing in it moves a cursor or turns the reading direction."""
    import json

    return json.dumps(value, indent=2, ensure_ascii=True) + "\n"
