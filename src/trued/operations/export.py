"""Export: a lock of whatever format written as ``pylock.toml`` or as a requirements file with hashes."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trued.core.errors import Refused
from trued.core.finding import Finding, Place
from trued.operations.lock import output_format
from trued.operations.lock_text import read_lock
from trued.operations.whole_file import write_whole
from trued.requirements.lock.lock_name import is_lock_name
from trued.requirements.lock.pylock import write_pylock
from trued.requirements.lock.requirements_text import unhashed_findings, write_requirements
from trued.requirements.model import FileOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.core.distribution import Distribution
    from trued.core.names import ProjectName
    from trued.index.project_page import ProjectPage
    from trued.operations.session import Session
    from trued.requirements.lock.model import Lock, LockedFile, LockedPackage

__all__ = ["Exported", "export"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A lock in another format; ``output`` is where it was written (``-``: standard output)."""

    lock: Lock
    text: str
    output: str


def export(session: Session, shown: str) -> Exported:
    """Write the lock *shown* in the format asked for.

    Groups and extras go into a requirements file only where they are asked for. Files whose place the lock
    does not tell (``poetry.lock``, a requirements file) are looked up by digest on the index's pages.

    Raises: UsageError when the lock cannot be understood; Refused TRU578 for files that no page has.
    """
    settings = session.settings
    output = settings.output or "-"
    form = output_format(output, settings.lock_format or ("requirements" if output == "-" else None))
    lock = _named(session, read_lock(session, shown), shown)
    if form == "pylock":
        text = write_pylock(lock).decode()
    else:
        text = write_requirements(
            lock,
            extras=settings.extras,
            groups=(*lock.default_groups, *settings.groups),
            command=f"trued export {os.path.basename(shown)}",
        )
        lock = replace(lock, findings=(*lock.findings, *unhashed_findings(lock)))
    if output != "-":
        write_whole(os.path.join(session.cwd, output), text.encode(), shown=output)
    return Exported(lock=lock, text=text, output=output)


def _named(session: Session, lock: Lock, shown: str) -> Lock:
    """Return *lock* with the place of every file, as the index's pages tell it for the file's digests."""
    wanting = [one for one in lock.packages if one.direct is None and any(map(_lacks_place, one.files))]
    if not wanting or (session.settings.lock_format == "requirements" and is_lock_name(shown)):
        return lock
    pages = session.client(FileOptions()).pages(dict.fromkeys(one.project for one in wanting))
    findings: list[Finding] = []
    packages = [
        _placed(package, pages, findings, shown) if package in wanting else package
        for package in lock.packages
    ]
    if findings:
        raise Refused(*findings)
    return replace(lock, packages=tuple(packages))


def _lacks_place(file: LockedFile) -> bool:
    return not (file.url or file.path)


def _placed(
    package: LockedPackage, pages: Mapping[ProjectName, ProjectPage], findings: list[Finding], shown: str
) -> LockedPackage:
    page = pages.get(package.project)
    offered = page.release(package.version).files if page and package.version else ()
    files = []
    for file in package.files:
        found = next((one for one in offered if _is_same(file, one)), None)
        if found is None:
            values = {"filename": file.filename}
            place = package.place or Place(shown)
            findings.append(Finding(code="TRU578", subject=package.text, place=place, values=values))
            continue
        files.append(
            replace(
                file, filename=found.filename, url=found.url, size=found.size, upload_time=found.upload_time
            )
        )
    index = package.index or next((one.index for one in offered if one.index.startswith("http")), None)
    return replace(package, files=tuple(files), index=index)


def _is_same(file: LockedFile, offered: Distribution) -> bool:
    return any(digest in offered.digests for digest in file.digests if digest.is_strong)
