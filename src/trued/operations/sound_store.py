"""Work that links from the store, carried on when some of the store turns out to be damaged."""

from __future__ import annotations

from trued.core.finding import Finding, Level
from trued.core.record import replace
from trued.store.damage import StoreDamaged
from trued.store.lock import using

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    _Result = TypeVar("_Result")

__all__ = ["with_sound_store"]


def with_sound_store(store: str, work: Callable[[], _Result]) -> tuple[_Result, tuple[Finding, ...]]:
    """Do *work* while the store is in use; return its result, and warnings of what was damaged.

    What is damaged is thrown away, and *work* is done once more, which acquires those wheels anew.

    Raises: StoreDamaged when the second time meets damage too; whatever *work* raises.
    """
    try:
        with using(store):
            return work(), ()
    except StoreDamaged as damage:
        from trued.store.discard import discard

        discard(store, damage)
        told = tuple(replace(finding, level=Level.WARNING) for finding in damage.findings)
    with using(store):
        return work(), told
