"""A wheel or sdist on its way into an index: read strictly, and told with all its faults."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from trued.core.distribution import Distribution, is_sdist_name, is_wheel_name
from trued.core.errors import Refused
from trued.core.names import ProjectName, is_valid_name, normalize
from trued.core.record import dataclass, replace
from trued.index.filename import is_safe_filename
from trued.repository.faults import fault, refused
from trued.repository.file_content import digest_of, read_if_there
from trued.repository.project_record import FileRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.core.limits import Limits
    from trued.wheel.reader import Member, MemberWriter

__all__ = ["ReleaseFile", "read_release_file", "rfc3339"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFile:
    """One file that was read and found good: where it lies, its record, and what stands beside it.

    ``metadata`` is the METADATA of a wheel, byte for byte; ``provenance`` the PEP 740 document, when given.
    """

    path: str
    project: ProjectName
    record: FileRecord
    metadata: bytes | None
    provenance: bytes | None


def rfc3339(moment: datetime) -> str:
    """Return *moment* in UTC as PEP 700 wants it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_release_file(path: str, *, limits: Limits, uploaded: datetime | None = None) -> ReleaseFile:
    """Read the wheel or sdist at *path*, its contents too, and ``PATH.provenance`` when it is there.

    *uploaded* is the upload time to state; without one the file's own time is, so that a folder gives the
    same index wherever it is built.

    Raises:
        Refused: with every fault found.

    """
    filename = os.path.basename(path)
    if not is_safe_filename(filename):
        raise refused("TRU880", filename, reason="its name has characters that no file of an index may have")
    if is_wheel_name(filename):
        file = _read_wheel(path, filename, limits)
    elif is_sdist_name(filename):
        file = _read_sdist(path, filename, limits)
    else:
        raise refused("TRU880", filename, reason="its name is neither a wheel's nor an sdist's")
    moment = uploaded or datetime.fromtimestamp(int(os.stat(path).st_mtime), UTC)
    provenance = read_if_there(f"{path}.provenance")
    if provenance is not None:
        _check_provenance(filename, provenance, sha256=file.record.sha256, limits=limits)
    return replace(
        file,
        provenance=provenance,
        record=replace(file.record, upload_time=rfc3339(moment), provenance=provenance is not None),
    )


def _read_wheel(path: str, filename: str, limits: Limits) -> ReleaseFile:
    import hashlib

    from trued.wheel.file import mapped
    from trued.wheel.reader import compare_metadata, open_wheel, unpack

    if not os.path.getsize(path):
        raise refused("TRU880", filename, reason="it is empty")
    with mapped(path) as data:
        wheel = open_wheel(data, filename=filename, limits=limits)
        unpack(wheel, _Nowhere())
        sha256 = hashlib.sha256(data).hexdigest()
        size = len(data)
    metadata = wheel.metadata.raw
    beside = read_if_there(f"{path}.metadata")
    if beside is not None:
        problems = compare_metadata(wheel, beside)
        if problems:
            raise Refused(*problems)
    record = FileRecord(
        filename=filename,
        version=wheel.version,
        sha256=sha256,
        size=size,
        upload_time="",
        requires_python=wheel.metadata.requires_python,
        metadata_sha256=hashlib.sha256(metadata).hexdigest(),
    )
    return ReleaseFile(path=path, project=wheel.project, record=record, metadata=metadata, provenance=None)


def _read_sdist(path: str, filename: str, limits: Limits) -> ReleaseFile:
    from trued.resolution.sdist_metadata import read_sdist
    from trued.resolution.source import CandidateMetadata

    project, version = _sdist_parts(filename)
    file = Distribution(project=project, version=version, filename=filename, url="")
    stated = read_sdist(path, file, limits=limits)
    requires_python = stated.requires_python if isinstance(stated, CandidateMetadata) else ""
    size, sha256 = digest_of(path)
    record = FileRecord(
        filename=filename,
        version=version,
        sha256=sha256,
        size=size,
        upload_time="",
        requires_python=requires_python,
    )
    return ReleaseFile(path=path, project=project, record=record, metadata=None, provenance=None)


def _sdist_parts(filename: str) -> tuple[ProjectName, str]:
    """Return name and version: PEP 625 leaves one dash, between the two."""
    if not filename.endswith(".tar.gz"):
        raise refused("TRU880", filename, reason="a new sdist is a .tar.gz (PEP 625)")
    name, dash, version = filename.removesuffix(".tar.gz").rpartition("-")
    if not dash or not version[:1].isdigit() or not is_valid_name(name):
        raise refused("TRU880", filename, reason="its name is not NAME-VERSION.tar.gz (PEP 625)")
    return normalize(name), version


def _check_provenance(filename: str, provenance: bytes, *, sha256: str, limits: Limits) -> None:
    """Refuse what is plainly no provenance of this file; who signed it is for the client to judge."""
    import base64
    import json

    reason = ""
    try:
        document = json.loads(provenance)
        statements = [
            json.loads(base64.b64decode(attestation["envelope"]["statement"]))
            for bundle in document["attestation_bundles"]
            for attestation in bundle["attestations"]
        ]
        digests = {subject["digest"]["sha256"] for one in statements for subject in one["subject"]}
        if document["version"] != 1 or not statements:
            reason = "it holds no attestation of version 1"
        elif digests != {sha256}:
            reason = "its attestations are about another file"
    except (ValueError, KeyError, TypeError, AttributeError):
        reason = "it is no PEP 740 document"
    if len(provenance) > limits.provenance_bytes:
        reason = f"it has more than {limits.provenance_bytes} bytes"
    if reason:
        raise Refused(fault("TRU891", f"{filename}.provenance", reason=reason))


class _Nowhere:
    """A sink that keeps nothing: the contents are only compared with RECORD."""

    def put(self, member: Member, content: bytes, /) -> None:
        """Keep nothing."""

    def begin(self, _: Member, /) -> MemberWriter:
        """Return itself: a writer that keeps nothing."""
        return self

    def write(self, piece: bytes, /) -> None:
        """Keep nothing."""

    def close(self) -> None:
        """Do nothing."""
