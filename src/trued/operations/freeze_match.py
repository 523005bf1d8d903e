"""Which file of a release was installed, when no receipt says: the one that holds what is on disk.

The files of a package are first compared with its own RECORD; then RECORD is compared with that of each wheel
of the release that fits the interpreter, the best first, after the wheel was verified against its own RECORD
byte by byte. A wheel is unpacked nowhere, and nothing of it is kept or trusted but its digest.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trued.core.errors import TruedError
from trued.core.filenames import parse_wheel_name
from trued.core.record import dataclass
from trued.operations.choose import rank_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trued.core.distribution import Distribution
    from trued.environment.installed import Installed
    from trued.environment.target import Target
    from trued.index.project_page import ProjectPage
    from trued.operations.session import Session
    from trued.store.manifest import Manifest
    from trued.wheel.model import Member

    Contents = dict[str, str]
    """sha256 by path below the folder of packages, with ``/``."""

__all__ = ["Match", "MatchedFile", "match_installed"]

_MOST_CANDIDATES = 12
_DOCUMENTS = frozenset(
    ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "provenance_url.json", "uv_cache.json")
)
_SIGNATURES = ("RECORD.jws", "RECORD.p7s")


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedFile:
    """One file of a release; ``sha256`` in hexadecimal, ``url`` without credentials."""

    filename: str
    url: str
    size: int | None
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The ``file`` that was installed, or the ``reason`` why none is known.

    ``others`` are the release's other files with the digests that the index states.
    """

    file: MatchedFile | None = None
    index: str = ""
    others: tuple[MatchedFile, ...] = ()
    reason: str = ""


def match_installed(
    session: Session, unknown: Sequence[Installed], target: Target, *, listing: Sequence[Installed] = ()
) -> dict[str, Match]:
    """Return a match for each of *unknown*, by dist-info folder; of *listing* only the release's files."""
    if not (unknown or listing):
        return {}
    from trued.requirements.model import FileOptions

    matcher = _Matcher(session, target)
    faulty = matcher.faulty(unknown)
    found = {one.folder: Match(reason="its files are not those that its RECORD lists") for one in faulty}
    left = [one for one in unknown if one.folder not in found]
    projects = list(dict.fromkeys(one.project for one in (*left, *listing)))
    if not projects:
        return found
    try:
        pages = session.client(FileOptions()).pages(projects)
    except TruedError as error:
        reason = f"the index did not answer ({error.findings[0].code})" if error.findings else "no index"
        return {**found, **{one.folder: Match(reason=reason) for one in left}}
    for one in left:
        found[one.folder] = matcher.match(one, pages.get(one.project))
    for one in listing:
        found[one.folder] = Match(others=_stated(_files(one, pages.get(one.project))))
    return found


class _Matcher:
    """What is needed to compare candidates with one environment."""

    def __init__(self, session: Session, target: Target) -> None:
        self._session = session
        self._target = target
        self._ranks = {tag: rank for rank, tag in enumerate(target.facts["tags"])}

    def faulty(self, unknown: Sequence[Installed]) -> list[Installed]:
        """Return those whose files on disk differ from their RECORD."""
        from trued.environment.verify import verify_files

        if not unknown:
            return []
        verification = verify_files(
            unknown,
            target=self._target,
            proven={},
            cache_folder=self._session.settings.cache_dir,
            allowed_hooks=frozenset(one.project for one in unknown),
            most_record_bytes=self._session.limits.record_bytes,
            workers=self._session.settings.threads or 2,
            comparing=self._session.watcher.comparing,
        )
        return [unknown[number] for number in sorted(verification.altered)]

    def match(self, one: Installed, page: ProjectPage | None) -> Match:
        """Return the first wheel of the release that holds exactly what is installed."""
        files = _files(one, page)
        wheels = sorted(
            (rank, file.filename, file)
            for file in files
            if (name := parse_wheel_name(file.filename)) is not None
            and (rank := rank_of(name.tags, self._ranks)) is not None
        )
        if not files:
            return Match(reason="no index that was asked has this release")
        if not wheels:
            return Match(reason="its release has no wheel for this interpreter: it was built somewhere")
        installed = _installed_contents(one)
        tried = 0
        for _, _, file in wheels[:_MOST_CANDIDATES]:
            matched = self._try(one, file, installed)
            if isinstance(matched, MatchedFile):
                return Match(file=matched, index=file.index, others=_stated(files))
            tried += 1
        return Match(reason=f"none of the {tried} wheels of its release that fit holds these files")

    def _try(self, one: Installed, file: Distribution, installed: Contents) -> MatchedFile | None:
        claimed = {claim.algorithm: claim.value for claim in file.digests}
        stored = self._stored(claimed.get("sha256", ""))
        if stored is not None:
            is_equal = _is_equal(_manifest_contents(stored), installed, one)
            return _matched(file, stored["sha256"], stored["archive_bytes"]) if is_equal else None
        return self._fetched(one, file, claimed, installed)

    def _stored(self, sha256: str) -> Manifest | None:
        from trued.store.layout import entry_path, manifest_path
        from trued.store.manifest import is_whole, load

        entry = entry_path(self._session.store, sha256) if sha256 else ""
        return load(entry) if entry and is_whole(manifest_path(entry)) else None

    def _fetched(
        self, one: Installed, file: Distribution, claimed: Mapping[str, str], installed: Contents
    ) -> MatchedFile | None:
        """Fetch a candidate, and compare it; what the index claims of it has to hold first."""
        from trued.index.transport import Download, DownloadFailed

        limits = self._session.limits
        from trued.operations.download import kept_archives

        with kept_archives(self._session) as folder:
            path = os.path.join(folder, "candidate")
            download = Download(
                url=file.url,
                path=path,
                max_bytes=limits.file_bytes,
                algorithms=frozenset(claimed),
                expected=file.size,
                subject=file.filename,
            )
            for outcome in self._session.transport.download_all([download]):
                if isinstance(outcome, DownloadFailed):
                    return None
                digests = outcome.digests
                if any(digests.get(name) != value for name, value in claimed.items()):
                    return None
                contents = self._contents(path, file.filename)
                if contents is not None and _is_equal(contents, installed, one):
                    return _matched(file, digests["sha256"], outcome.size)
        return None

    def _contents(self, path: str, filename: str) -> Contents | None:
        """Return what the wheel at *path* holds, each byte verified; ``None`` when it is not well formed."""
        from trued.wheel.file import mapped
        from trued.wheel.reader import open_wheel, unpack

        with mapped(path) as data:
            try:
                wheel = open_wheel(data, filename=filename, limits=self._session.limits)
                members = unpack(wheel, _Nowhere()).members
            except TruedError:
                return None
        data_folder = wheel.dist_info.removesuffix(".dist-info") + ".data/"
        found = {}
        for member in members:
            place = _place(member.path, data_folder)
            if place:
                found[place] = member.sha256
        return found


class _Nowhere:
    """A sink that keeps nothing: only the digests are wanted."""

    def put(self, member: Member, content: bytes, /) -> None:
        """Let go of a small member."""

    def begin(self, member: Member, /) -> _Nowhere:  # noqa: ARG002 - of every member alike
        """Return what lets go of a large one."""
        return self

    def write(self, piece: bytes, /) -> None:
        """Let go of a piece."""

    def close(self) -> None:
        """Do nothing."""


def _place(path: str, data_folder: str) -> str:
    """Return where a member goes below the folder of packages; empty for what goes elsewhere."""
    if not path.startswith(data_folder):
        return path
    scheme, _, rest = path[len(data_folder) :].partition("/")
    return rest if scheme in ("purelib", "platlib") else ""


def _manifest_contents(manifest: Manifest) -> Contents:
    return {
        f"{below}/{file[0]}" if below else file[0]: file[2]
        for scheme, _, below, files in manifest["groups"]
        if scheme in ("purelib", "platlib")
        for file in files
    }


def _installed_contents(one: Installed) -> Contents:
    """Return what RECORD says of files below the folder of packages, without what installers add."""
    from trued.environment.verify_record import Boundary, read_rows

    library = one.location
    everything = Boundary(
        dict.fromkeys(("purelib", "platlib", "scripts", "headers", "data"), os.path.dirname(library))
    )
    recorded = read_rows(one, boundary=everything, most_bytes=64 * 1024 * 1024)
    found = {}
    for folder, rows in recorded.rows.items():
        if folder != library and not folder.startswith(library + os.sep):
            continue
        below = os.path.relpath(folder, library).replace(os.sep, "/")
        for name, row in rows.items():
            if not name.endswith(".pyc"):
                found[name if below == "." else f"{below}/{name}"] = row.digest.hex()
    return found


def _is_equal(contents: Contents, installed: Contents, one: Installed) -> bool:
    """Tell whether wheel and installation hold the same files, but for what each installer writes itself."""
    info = os.path.basename(one.folder)
    own = {f"{info}/{name}" for name in (*_DOCUMENTS, *_SIGNATURES)}
    ours = {path: digest for path, digest in installed.items() if path not in own}
    theirs = {
        path: digest for path, digest in contents.items() if path not in own and not path.endswith(".pyc")
    }
    return ours == theirs


def _files(one: Installed, page: ProjectPage | None) -> tuple[Distribution, ...]:
    return page.release(one.version).files if page is not None else ()


def _stated(files: Iterable[Distribution]) -> tuple[MatchedFile, ...]:
    found = []
    for file in files:
        sha256 = next((claim.value for claim in file.digests if claim.algorithm == "sha256"), "")
        if sha256:
            found.append(_matched(file, sha256, file.size))
    return tuple(found)


def _matched(file: Distribution, sha256: str, size: int | None) -> MatchedFile:
    from trued.requirements.url import split_fragment

    return MatchedFile(filename=file.filename, url=split_fragment(file.url)[0], size=size, sha256=sha256)
