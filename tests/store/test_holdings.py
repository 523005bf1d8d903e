"""Looking up which wheels a store holds."""

from __future__ import annotations

from tests.store.wheels import Store, wheel
from trued.store.holdings import held


def test_only_what_is_there_is_held(store: Store) -> None:
    one, other = wheel(), wheel(version="2.0")
    store.admit(one)

    assert held(store.path, [other.sha256, one.sha256, "0" * 64]) == {one.sha256}


def test_a_store_that_does_not_exist_yet_holds_nothing(store: Store) -> None:
    assert held(store.path, ["0" * 64]) == frozenset()
