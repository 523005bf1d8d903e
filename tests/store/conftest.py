"""A store, and a place to lay its entries out, on one device."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.store.wheels import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "environment"
