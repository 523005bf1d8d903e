"""A ground for each test: empty, or with one signed release."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.repository.ground import Ground


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    """Nothing yet."""
    return Ground(tmp_path)


@pytest.fixture
def signed(ground: Ground) -> Ground:
    """An index with ``demo`` 1.0, signed after a ceremony of two out of three."""
    ground.add()
    ground.begin()
    ground.collect("alice", "bob")
    ground.publish()
    return ground
