"""What signed metadata says of one target, and of the root that everything hangs from."""

from __future__ import annotations

from trued.core.record import dataclass
from trued.core.tuf_paths import hashed_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["Role", "RootFacts", "State", "Target", "fingerprint"]


_COMPUTED = frozenset(
    {"sha256", "sha384", "sha512", "blake2b", "blake2s", "sha3_256", "sha3_384", "sha3_512"}
)
"""Hashes of one length that collide for nobody; a target that states another as well cannot be compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A target as the signed metadata has it; every length and hash must hold.

    ``roles`` is the chain of who vouches, from ``targets`` on, each with its version (``bins-0a 12``).
    ``expires`` is the first day of the whole chain. ``is_hashed`` tells that its name on the server begins
    with its hash (consistent snapshots).
    """

    path: str
    length: int
    hashes: Mapping[str, str]
    root_version: int
    roles: tuple[str, ...]
    expires: datetime
    is_hashed: bool = True

    @property
    def is_computable(self) -> bool:
        """Whether every hash that is stated is of a kind that can be compared."""
        return self.hashes.keys() <= _COMPUTED

    @property
    def address(self) -> str:
        """Where it lies below the base: by its first hash (specification, 5.7.3), or by its path alone."""
        return hashed_path(self.path, next(iter(self.hashes.values()))) if self.is_hashed else self.path

    def admits(self, digests: Mapping[str, str]) -> bool:
        """Tell whether *digests*, computed, are these; an algorithm that is missing there does not hold."""
        return (
            self.is_computable
            and bool(self.hashes)
            and all(digests.get(name) == value for name, value in self.hashes.items())
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What holds after a refresh: version and expiry of each top-level role, and the root's bytes."""

    versions: Mapping[str, int]
    expiries: Mapping[str, datetime]
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role of a root: how many of how many keys sign it."""

    name: str
    threshold: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RootFacts:
    """One version of a root: its number, what to compare, when it ends, and who signs what."""

    version: int
    fingerprint: str
    expires: datetime
    roles: tuple[Role, ...]


def fingerprint(root: bytes) -> str:
    """Return what people compare: the sha256 of the root file's bytes, as ``sha256sum`` prints it."""
    import hashlib

    return hashlib.sha256(root).hexdigest()
