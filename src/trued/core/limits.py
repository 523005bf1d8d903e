"""Every limit on foreign bytes and time, in one class, so that a reader finds them all."""

from __future__ import annotations

from trued.core.record import dataclass

__all__ = ["Limits"]

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds past which an input is refused. Bytes, counts and seconds; ratios are plain numbers."""

    wheel_members: int = 200_000
    wheel_unpacked_bytes: int = 20 * 1024 * _MIB
    wheel_member_bytes: int = 8 * 1024 * _MIB
    wheel_ratio: int = 200
    wheel_ratio_floor_bytes: int = 16 * _MIB
    """Below this unpacked size the ratio of a member is not judged: small texts compress without bound."""
    wheel_path_bytes: int = 1024
    wheel_metadata_bytes: int = 16 * _MIB
    record_bytes: int = 64 * _MIB

    page_bytes: int = 64 * _MIB
    metadata_bytes: int = 16 * _MIB
    file_bytes: int = 20 * 1024 * _MIB
    requirements_bytes: int = 16 * _MIB
    requirements_depth: int = 32
    requirements_files: int = 1000
    """Read in one call: some lines that include each other twice would be read without end."""
    provenance_bytes: int = _MIB
    """One attestation takes about 10 kB; an index keeps two of each file."""
    provenance_bundles: int = 8
    provenance_attestations: int = 8
    provenance_log_entries: int = 4

    signature_bytes: int = _MIB // 4
    document_bytes: int = 4 * _MIB
    """A signed list of digests: some forty thousand files."""

    tuf_seconds: float = 300.0
    """All metadata of one signed index in one run; a file of it has this long, and more by its length."""
    tuf_bytes: int = 64 * _MIB
    tuf_least_bytes_per_second: int = 4096
    tuf_root_rotations: int = 256
    tuf_delegations: int = 32
    tuf_root_bytes: int = 512_000
    tuf_timestamp_bytes: int = 16_384
    tuf_snapshot_bytes: int = 4 * _MIB
    """65,536 bins take 2 MB."""
    tuf_targets_bytes: int = 5_000_000

    advisory_records: int = 500_000
    advisory_record_bytes: int = 8 * _MIB
    advisory_unpacked_bytes: int = 4 * 1024 * _MIB
    advisory_answer_bytes: int = 32 * _MIB

    redirects: int = 10
    retries: int = 5
    connect_seconds: float = 15.0
    low_speed_bytes_per_second: int = 1024
    low_speed_seconds: int = 30
    connections: int = 8
