"""Source distributions: bytes that are proven, unpacked only then, built in a sandbox, and read as any wheel.

The verdict stays one about the source: its digest is what a pin names and what the receipt keeps. The wheel
that was made of it has to pass the strict reader, and goes to the store with its origin.
"""

from __future__ import annotations

import os

from trued.core.errors import OperationalError, TruedError
from trued.core.finding import Finding, Level
from trued.core.record import replace
from trued.operations.acquire import Admission
from trued.operations.building import Source
from trued.operations.sdist_name import parse_sdist_name
from trued.operations.sources import inside
from trued.store.source import remember_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.operations.acquire import Acquirer, Compared
    from trued.operations.building import Builder, Built
    from trued.operations.offer import Judged, Offer
    from trued.requirements.model import Requirement

__all__ = ["admit_built", "archive_identity", "built_sdist", "sdist_source", "unpacked"]


def built_sdist(acquirer: Acquirer, compared: Compared, path: str) -> tuple[Judged, list[Finding]]:
    """Return the judged wheel of the source distribution at *path*, and the failures of its build.

    *compared* was admitted by its digests. What stands against the build is part of the verdict.
    """
    offer = compared.judged.offer
    if acquirer.builder is None:
        raise LookupError(offer.distribution.filename)
    builder = acquirer.builder()
    try:
        built = _built(builder, offer, path, compared.judged.digests["sha256"])
        admission = admit_built(acquirer, built)
        if admission.entry:
            remember_source(admission.entry, url=offer.distribution.url, index=offer.distribution.index)
    except OperationalError as error:
        return compared.judged, list(error.findings)
    except TruedError as error:
        return acquirer.judge_content(compared, Admission(entry="", findings=error.findings)), []
    findings = (*built.findings, *_note(built), *admission.findings)
    judged = acquirer.judge_content(compared, replace(admission, findings=findings))
    return replace(judged, built=built, from_store=built.from_cache), []


def _built(builder: Builder, offer: Offer, path: str, sha256: str) -> Built:
    source = sdist_source(offer, sha256)
    known = builder.kept(source)
    if known is not None:
        return known
    builder.check(source)  # before it is unpacked
    tree = unpacked(builder, path, offer.distribution.filename)
    inner = inside(tree, offer.wanted.source)
    return builder.build(replace(source, tree=inner, size=os.path.getsize(path)))


def sdist_source(offer: Offer, sha256: str, *, tree: str = "") -> Source:
    """Return the source distribution of *offer* as something to be built, from *tree* once it is unpacked."""
    file, line = offer.distribution, offer.wanted.source
    return Source(
        project=file.project,
        version=file.version or None,
        tree=tree,
        shown=f"{file.project} {file.version}" if file.version else offer.wanted.text,
        place=offer.wanted.place,
        identity=archive_identity(sha256, line),
        config_settings=offer.wanted.config_settings,
        is_users_own=offer.is_direct and not line.constraint,
        names_itself=offer.is_direct and (line.names_itself or line.is_locked),
        filename=file.filename,
    )


def archive_identity(sha256: str, line: Requirement) -> dict[str, str]:
    """Return what binds a build to an archive: its digest, and the folder in it that *line* names."""
    return {"sha256": sha256, **({"subdirectory": line.subdirectory} if line.subdirectory else {})}


def unpacked(builder: Builder, path: str, filename: str) -> str:
    """Unpack the proven archive at *path* into a folder of the run's own; return its one top folder.

    Raises: Refused with what is wrong with the archive; OperationalError TRU490 where there is no room.
    """
    from tempfile import mkdtemp

    from trued.build.limits import UnpackLimits
    from trued.build.unpack import unpack_sdist

    into = mkdtemp(prefix="sdist-", dir=builder.scratch)
    is_release = parse_sdist_name(filename) is not None
    try:
        return unpack_sdist(path, filename=filename, into=into, limits=UnpackLimits(), is_release=is_release)
    except OSError as error:
        values = {"path": filename, "reason": error.strerror or str(error)}
        raise OperationalError(Finding(code="TRU490", subject=filename, values=values)) from error


def admit_built(acquirer: Acquirer, built: Built) -> Admission:
    """Read the wheel that was built as strictly as any other, and put it into the store with its origin.

    A wheel that is not well formed has the faults as findings, and no entry. Raises: StoreUnusable.
    """
    from trued.core.errors import Refused
    from trued.store.admit import admit
    from trued.store.layout import entry_path, manifest_path
    from trued.wheel.file import mapped
    from trued.wheel.reader import open_wheel

    entry = entry_path(acquirer.store, built.sha256)
    if os.path.exists(manifest_path(entry)):
        return Admission(entry=entry, findings=())
    with mapped(built.path) as data:
        try:
            wheel = open_wheel(data, filename=built.filename, limits=acquirer.limits)
            entry = admit(
                acquirer.store,
                wheel,
                sha256=built.sha256,
                now_ns=acquirer.now_ns,
                origin=built.origin.text(),
            )
        except Refused as refused:
            return Admission(entry="", findings=refused.findings)
    return Admission(entry=entry, findings=wheel.warnings)


def _note(built: Built) -> tuple[Finding, ...]:
    if built.from_cache:
        return ()
    values = {"filename": built.filename, "sha256": built.sha256}
    subject = f"{built.origin.project} {built.origin.version}"
    return (Finding(code="TRU468", level=Level.NOTE, subject=subject, values=values),)
