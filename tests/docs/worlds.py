"""What single pages take for granted beyond what every reader has."""

from __future__ import annotations

from collections.abc import Callable

from tests.docs.reader import Reader

__all__ = ["WORLDS"]

WORLDS: dict[str, Callable[[Reader], None]] = {}
