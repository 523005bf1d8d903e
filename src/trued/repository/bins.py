"""Which bin a target belongs to, and a bin's metadata as bytes (TAP 15)."""

from __future__ import annotations

import hashlib
from collections import defaultdict

from trued.core.record import NamedTuple
from trued.core.tuf_paths import BIN_PREFIX, is_target_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["BinScheme", "Target", "bin_payload", "targets_in"]


class Target(NamedTuple):
    """What a signature says of one file: its length in bytes and its sha256 in hexadecimal."""

    length: int
    sha256: str


class BinScheme(NamedTuple):
    """The bins of one delegation: the first ``bits`` of the SHA-256 of a target's path choose one."""

    bits: int

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all bins, in order."""
        return tuple(self.name(number) for number in range(2**self.bits))

    def name(self, number: int) -> str:
        """Return the name of the bin of this number: hexadecimal, as long as the last one's."""
        digits = (self.bits + 3) // 4
        return f"{BIN_PREFIX}-{number:0{digits}x}"

    def number_for(self, path: str) -> int:
        """Return the number of the bin that *path* belongs to."""
        return int.from_bytes(hashlib.sha256(path.encode()).digest()[:4], "big") >> (32 - self.bits)

    def name_for(self, path: str) -> str:
        """Return the name of the bin that *path* belongs to."""
        return self.name(self.number_for(path))

    def grouped(self, paths: Iterable[str]) -> dict[str, list[str]]:
        """Return *paths* by the names of their bins. Raises :class:`ValueError` at one that no target has."""
        groups: dict[int, list[str]] = defaultdict(list)
        sha256, number, shift = hashlib.sha256, int.from_bytes, 32 - self.bits
        for path in paths:
            if not is_target_path(path):
                raise ValueError(f"{path!r} cannot be the path of a target")
            groups[number(sha256(path.encode()).digest()[:4], "big") >> shift].append(path)
        return {self.name(bin_number): group for bin_number, group in groups.items()}


def bin_payload(
    targets: Mapping[str, Target], *, name: str, version: int, expires: str, spec_version: str
) -> bytes:
    """Return what is signed of the bin *name*, in canonical JSON.

    The bin says its own name. All bins have one key and the snapshot states their versions only: a mirror
    could else hand out an empty bin in place of another of that version, and have a project not be there.

    It is put together as text, since an index has a million such entries: no character of a target's path, a
    digest or a number needs escaping, which :meth:`BinScheme.grouped` and :class:`Target` see to.
    """
    entries = ",".join(
        [
            f'"{path}":{{"hashes":{{"sha256":"{target[1]}"}},"length":{target[0]}}}'
            for path, target in sorted(targets.items())
        ]
    )
    return (
        f'{{"_type":"targets","bin":"{name}","expires":"{expires}","spec_version":"{spec_version}",'
        f'"targets":{{{entries}}},"version":{version}}}'
    ).encode()


def targets_in(signed: Mapping[str, object]) -> dict[str, Target]:
    """Return the targets that verified bin metadata names. Raises :class:`ValueError` when it is no bin."""
    entries = signed.get("targets")
    if signed.get("_type") != "targets" or not isinstance(entries, dict):
        raise ValueError("no metadata of a bin")
    return {path: Target(entry["length"], entry["hashes"]["sha256"]) for path, entry in entries.items()}
