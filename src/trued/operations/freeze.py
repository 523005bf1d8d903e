"""Freeze: what is installed as a requirements file or a lock, with digests that were proven or none.

A digest comes from the receipt that trued left, or from the one file of the release whose content equals what
is installed (:mod:`trued.operations.freeze_match`). For anything else there is a reason and no digest.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trued.core.digest import Digest
from trued.core.finding import Finding, Level
from trued.core.names import normalize
from trued.core.record import dataclass, replace
from trued.operations.freeze_match import MatchedFile, match_installed
from trued.operations.freeze_text import comment, in_order_of, is_one_requirement
from trued.operations.installed_source import local_path, requirement_of, source_of_installed
from trued.requirements.rewrite import hashed_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.environment.installed import Installed
    from trued.environment.target import Target
    from trued.operations.session import Session
    from trued.requirements.lock.model import DirectSource, LockedPackage

__all__ = ["Frozen", "FrozenRelease", "found_distributions", "freeze", "proven_releases", "recorded_releases"]

_SKIPPED = frozenset({"pip"})
_SKIPPED_BEFORE_3_12 = frozenset({"setuptools", "wheel", "distribute"})
"""What pip's freeze leaves out without ``--all``."""
_UNFIT = "what stands in the environment makes no requirement"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenRelease:
    """One installed distribution: ``files`` are proven to be it, or empty with the ``reason``."""

    installed: Installed
    files: tuple[MatchedFile, ...] = ()
    index: str = ""
    reason: str = ""

    @property
    def requirement(self) -> str:
        """The line that asks for it, without digests."""
        one, source = self.installed, self.source
        if source is not None:
            return requirement_of(one, source)
        pin = "===" if not one.version[:1].isdigit() else "=="
        return f"{one.name}{pin}{one.version}"

    @property
    def source(self) -> DirectSource | None:
        """Where it came from, when no index offered it."""
        return source_of_installed(self.installed)

    @property
    def is_file(self) -> bool:
        """Whether it is one file, of an index or by URL: of what was built of a folder there is none."""
        return self.source is None or self.source.is_one_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """The text, the releases it is made of, and why some have no digest (TRU596)."""

    text: str
    releases: tuple[FrozenRelease, ...]
    findings: tuple[Finding, ...]

    @property
    def exit_status(self) -> int:
        """1 when a digest was asked for and is not known."""
        return int(any(finding.level is Level.ERROR for finding in self.findings))


def freeze(session: Session) -> Frozen:
    """Carry out ``trued freeze``.

    Raises: as :meth:`Session.find_target`; UsageError for the files of ``-r``.
    """
    settings = session.settings
    target = session.find_target(writing=False)
    chosen = _chosen(session, target)
    if settings.freeze_format == "requirements" and not (settings.require_hashes or settings.all_files):
        releases = tuple(FrozenRelease(installed=one) for one in chosen)
        text = _requirements(session, releases, hashed=False)
        unfit = tuple(
            Finding(code="TRU596", level=Level.WARNING, subject=one.requirement, values={"reason": _UNFIT})
            for one in releases
            if not is_one_requirement(one.requirement)
        )
        return Frozen(text=text, releases=releases, findings=unfit)
    releases = proven_releases(session, chosen, target)
    findings = tuple(
        Finding(code="TRU596", subject=release.requirement, values={"reason": release.reason})
        for release in releases
        if not release.files and (release.is_file or settings.freeze_format != "pylock")
    )
    if settings.freeze_format == "pylock":
        text = _pylock(releases)
    else:
        text = _requirements(session, releases, hashed=True)
    return Frozen(text=text, releases=releases, findings=findings)


def found_distributions(session: Session, target: Target) -> tuple[Installed, ...]:
    """Return what stands in the folders of ``--path``, else what programs of *target* find."""
    from trued.environment.installed import installed_distributions, visible_distributions

    settings = session.settings
    if settings.path:
        return installed_distributions([os.path.join(session.cwd, path) for path in settings.path])
    return visible_distributions(target.libraries if settings.local else target.visible)


def _chosen(session: Session, target: Target) -> list[Installed]:
    settings = session.settings
    found = found_distributions(session, target)
    left_out: set[str] = {normalize(name) for name in settings.exclude}
    if not settings.freeze_all:
        left_out |= _SKIPPED
        if target.facts["version_info"] < (3, 12):
            left_out |= _SKIPPED_BEFORE_3_12
    return [
        one
        for one in found
        if one.project not in left_out and not (settings.exclude_editable and one.is_editable)
    ]


def recorded_releases(chosen: Sequence[Installed]) -> tuple[FrozenRelease, ...]:
    """Return the releases with the files that receipts name, and without looking anywhere else."""
    found = []
    for one in chosen:
        file = _of_receipt(one)
        reason = "" if file else _no_file(one) or "no receipt of trued says which file was installed"
        index = _source(one).get("index", "")
        found.append(FrozenRelease(installed=one, files=(file,) if file else (), index=index, reason=reason))
    return tuple(found)


def proven_releases(
    session: Session, chosen: Sequence[Installed], target: Target
) -> tuple[FrozenRelease, ...]:
    """Return the releases with their files; what no receipt tells is looked for among the release's files."""
    by_receipt = {number: file for number, one in enumerate(chosen) if (file := _of_receipt(one))}
    reasons = {number: reason for number, one in enumerate(chosen) if (reason := _no_file(one))}
    unknown = [one for number, one in enumerate(chosen) if number not in by_receipt and number not in reasons]
    known = [one for number, one in enumerate(chosen) if number in by_receipt]
    wants_all = session.settings.all_files
    matches = match_installed(session, unknown, target, listing=known if wants_all else ())
    releases = []
    for number, one in enumerate(chosen):
        match = matches.get(one.folder)
        if number in by_receipt:
            file = by_receipt[number]
            others = match.others if match else ()
            index = _source(one).get("index", "")
            release = FrozenRelease(installed=one, files=_joined(file, others), index=index)
        elif match is not None and match.file is not None:
            files = _joined(match.file, match.others if wants_all else ())
            release = FrozenRelease(installed=one, files=files, index=match.index)
        else:
            reason = reasons.get(number) or (match.reason if match else "")
            release = FrozenRelease(installed=one, reason=reason)
        if release.files and not is_one_requirement(release.requirement):
            release = FrozenRelease(installed=one, reason=_UNFIT)
        releases.append(release)
    return tuple(releases)


def _joined(file: MatchedFile, others: Sequence[MatchedFile]) -> tuple[MatchedFile, ...]:
    return (file, *(one for one in others if one.sha256 != file.sha256 and one.filename != file.filename))


def _no_file(one: Installed) -> str:
    """Return why no one file can stand for *one*; empty when one might."""
    if one.is_editable:
        return f"it is editable, its code stands in {one.editable_location}"
    source = source_of_installed(one)
    if source is not None and not source.is_one_file:
        return f"it was built from {source}"
    if one.form.value != "dist-info":
        return "it has no RECORD, so that its files are not known"
    return ""


def _of_receipt(one: Installed) -> MatchedFile | None:
    receipt = one.receipt or {}
    filename, size = receipt.get("filename"), receipt.get("size")
    if one.sha256 is None or _no_file(one) or not isinstance(filename, str):
        return None
    try:
        digest = Digest.checked("sha256", one.sha256)
    except ValueError:
        return None
    url = _source(one).get("url", "")
    return MatchedFile(
        filename=filename, url=url, size=size if isinstance(size, int) else None, sha256=digest.value
    )


def _source(one: Installed) -> Mapping[str, str]:
    source = (one.receipt or {}).get("source")
    return {k: v for k, v in source.items() if isinstance(v, str)} if isinstance(source, dict) else {}


def _requirements(session: Session, releases: Sequence[FrozenRelease], *, hashed: bool) -> str:
    blocks = {release.installed.project: _block(release, hashed=hashed) for release in releases}
    files = session.settings.requirements
    if files:
        return in_order_of(files, blocks, cwd=session.cwd)
    return "\n".join(blocks.values())


def _block(release: FrozenRelease, *, hashed: bool) -> str:
    if not hashed:
        text = release.requirement
        return text if is_one_requirement(text) else comment(f"{text}: {_UNFIT}")
    if not release.files:
        return comment(f"{release.requirement}: no digest is known: {release.reason}")
    digests = sorted({Digest("sha256", file.sha256) for file in release.files if file.sha256})
    return hashed_lines(release.requirement, digests)


def _pylock(releases: Sequence[FrozenRelease]) -> str:
    from trued.requirements.lock.model import Lock
    from trued.requirements.lock.pylock import write_pylock

    packages = tuple(_package(release) for release in releases if release.files or not release.is_file)
    return write_pylock(Lock(packages=packages)).decode().rstrip("\n")


def _package(release: FrozenRelease) -> LockedPackage:
    from trued.requirements.lock.model import LockedFile, LockedPackage

    one, source = release.installed, release.source
    if source is not None and not source.is_one_file:
        return LockedPackage(project=one.project, direct=_lockable(source))
    files = tuple(
        LockedFile(
            filename=file.filename,
            url=None if file.url.startswith("file://") else file.url or None,
            path=local_path(file.url),
            size=file.size,
            digests=(Digest("sha256", file.sha256),),
        )
        for file in release.files
    )
    package = LockedPackage(
        project=one.project,
        version=one.version,
        index=release.index if release.index.startswith("http") else None,
        files=files,
    )
    if source is not None:
        return replace(package, direct=source, files=files[:1])
    return package


def _lockable(source: DirectSource) -> DirectSource:
    """Return *source* as a lock may state it: of a folder no digest, since it changes."""
    return source if source.vcs is not None else replace(source, tree_sha256=None)
