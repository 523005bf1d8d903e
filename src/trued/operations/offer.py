"""One file about to be judged: what asked for it, where it is, and in the end what it turned out to be."""

from __future__ import annotations

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.core.distribution import Distribution
    from trued.core.verdict import Verdict
    from trued.operations.building import Built
    from trued.requirements.lock.model import DirectSource
    from trued.requirements.wanted import Wanted
    from trued.store.manifest import Manifest

__all__ = ["Judged", "Offer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A file chosen for a requirement; ``is_direct`` tells a URL or path of the user from an index's file."""

    wanted: Wanted
    distribution: Distribution
    is_direct: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A file with its verdict.

    ``digests`` are computed from its bytes. ``entry`` and ``manifest`` are set when it is in the store: then
    it is whole and well formed, whatever the verdict. ``from_store`` tells that it was there before. Of
    source that was ``built`` the digests are the source's, and entry and manifest the wheel's; of a folder or
    repository, which is ``direct`` and has no digest, the digests are the wheel's too.
    """

    offer: Offer
    verdict: Verdict
    digests: Mapping[str, str]
    entry: str = ""
    manifest: Manifest | None = None
    from_store: bool = False
    built: Built | None = None
    direct: DirectSource | None = None
