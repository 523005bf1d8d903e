"""The ladder to a file's metadata: from the cheapest certain source to the dearest, no code of it ever run.

The sidecar of PEP 658 (digest compared), a range read into the wheel, the whole wheel, and for an sdist what
it states itself. Where that is not enough, the answer says that a build is needed.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trued.core.errors import OperationalError, Refused, TruedError
from trued.core.finding import Finding
from trued.index.transport import Download, Downloaded
from trued.index.url import InvalidUrl, is_file_url, origin_of
from trued.resolution.listing import Exclusion
from trued.resolution.metadata_text import read_core_metadata, unreadable

if TYPE_CHECKING:
    from trued.core.distribution import Distribution
    from trued.core.limits import Limits
    from trued.index.client import IndexClient
    from trued.index.transport import Transport
    from trued.index.url import Origin
    from trued.resolution.metadata_cache import MetadataCache
    from trued.resolution.range_read import Tails
    from trued.resolution.source import CandidateMetadata

__all__ = ["MetadataReader"]


class MetadataReader:
    """Reads the metadata of files; safe to use from several threads.

    Hosts that send no ranges are remembered, so that each is tried once.
    """

    def __init__(
        self, client: IndexClient, transport: Transport, *, cache: MetadataCache | None, limits: Limits
    ) -> None:
        self._client = client
        self._transport = transport
        self._cache = cache
        self._limits = limits
        self._without_ranges: set[Origin] = set()
        self._tails: Tails | None = None

    def is_kept(self, file: Distribution) -> bool:
        """Tell whether the cache holds an answer, so that nothing need be fetched ahead."""
        return self._cache is not None and self._cache.has(file)

    def read(self, file: Distribution) -> CandidateMetadata | Exclusion:
        """Return the metadata of *file*, or why it cannot be had.

        Raises:
            OperationalError: the server could not be reached.
            Refused: what came is not what the index states it is.

        """
        kept = self._cache.load(file) if self._cache is not None else None
        if kept is not None:
            return kept
        found = self._of_wheel(file) if file.is_wheel else self._whole(file)
        if self._cache is not None:
            self._cache.keep(file, found)
        return found

    def _of_wheel(self, file: Distribution) -> CandidateMetadata | Exclusion:
        if is_file_url(file.url):
            return self._whole(file)
        if file.metadata is not None:
            sidecar = self._sidecar(file)
            if sidecar is not None:
                return _parsed(sidecar, file, "pep658")
        member = self._member(file)
        return _parsed(member, file, "range") if member is not None else self._whole(file)

    def _sidecar(self, file: Distribution) -> bytes | None:
        """Return the sidecar; ``None`` when the index promises one that is not there, as some proxies do."""
        for _, outcome in self._client.metadata([file]):
            if not isinstance(outcome, TruedError):
                return outcome
            if not _is_absent(outcome):
                raise outcome
        return None

    def _member(self, file: Distribution) -> bytes | None:
        from trued.resolution.range_read import NoRanges, Tails, read_metadata_member

        try:
            origin = origin_of(file.url)
        except InvalidUrl:
            return None
        if origin in self._without_ranges:
            return None
        try:
            if self._tails is None:
                self._tails = Tails()
            return read_metadata_member(file, self._transport, limits=self._limits, tails=self._tails)
        except NoRanges as problem:
            if problem.of_server:
                self._without_ranges.add(origin)
            return None

    def _whole(self, file: Distribution) -> CandidateMetadata | Exclusion:
        """Fetch the file, compare every digest the index states, and only then look into it."""
        import tempfile

        with tempfile.TemporaryDirectory(prefix="trued-metadata-") as folder:
            path = os.path.join(folder, "file")
            self._download(file, path)
            if file.is_wheel:
                return self._open(file, path)
            from trued.resolution.sdist_metadata import read_sdist

            return read_sdist(path, file, limits=self._limits)

    def _download(self, file: Distribution, path: str) -> None:
        download = Download(
            url=file.url,
            path=path,
            max_bytes=self._limits.file_bytes,
            algorithms=frozenset(digest.algorithm for digest in file.digests),
            expected=file.size,
            subject=file.filename,
        )
        for outcome in self._transport.download_all([download]):
            if not isinstance(outcome, Downloaded):
                raise outcome
            _compare(file, outcome)

    def _open(self, file: Distribution, path: str) -> CandidateMetadata | Exclusion:
        from trued.wheel.file import metadata_at

        if not os.path.getsize(path):
            return unreadable(f"{file.filename} is empty")
        try:
            raw = metadata_at(path, filename=file.filename, limits=self._limits)
        except Refused as refused:
            codes = ", ".join(dict.fromkeys(finding.code for finding in refused.findings))
            return Exclusion("bad-wheel", f"{file.filename} is not well formed ({codes})")
        return _parsed(raw, file, "wheel")


def _parsed(raw: bytes, file: Distribution, source: str) -> CandidateMetadata | Exclusion:
    return read_core_metadata(raw, project=file.project, version=file.version, source=source)


def _is_absent(error: TruedError) -> bool:
    return isinstance(error, OperationalError) and all(
        finding.code == "TRU311" and finding.values.get("status") in {"404", "410"}
        for finding in error.findings
    )


def _compare(file: Distribution, arrived: Downloaded) -> None:
    """Raise :class:`Refused` when the bytes are not those that the index states."""
    differing = tuple(
        Finding(
            code="TRU380",
            subject=file.filename,
            values={
                "index": file.index,
                "stated": str(digest),
                "computed": f"{digest.algorithm}:{arrived.digests[digest.algorithm]}",
            },
        )
        for digest in file.digests
        if arrived.digests[digest.algorithm] != digest.value
    )
    if differing:
        raise Refused(*differing)
