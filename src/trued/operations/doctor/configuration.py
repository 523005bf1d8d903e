"""The settings: understood, and only the user can change them."""

from __future__ import annotations

import os
import stat

from trued.core.finding import Finding, Level
from trued.operations.doctor.check import fine, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trued.operations.doctor.check import Check
    from trued.operations.session import Session

__all__ = ["configuration_checks"]

_PIP_ENDINGS = ("pip.conf", "pip.ini")


def configuration_checks(session: Session, findings: Iterable[Finding]) -> Iterator[Check]:
    """Yield what *findings*, of the settings, tell; which files were read; who else can write them."""
    from trued.config.listing import debug_rows

    found = list(findings)
    files = [
        one.name
        for one in debug_rows(session.environ, session.cwd)
        if one.exists and os.path.isfile(one.name)
    ]
    if found:
        yield from told("settings.values", found)
    else:
        yield fine("settings.values", f"{len(files)} files{': ' if files else ''}{', '.join(files)}")
    open_ = list(_open_to_others(files))
    if open_:
        yield from told("settings.owner", open_)
    else:
        yield fine("settings.owner")
    trusted = [
        Finding(code="TRU941", level=Level.WARNING, subject=host, values={"origin": _origin(session)})
        for host in session.settings.trusted_hosts
    ]
    if trusted:
        yield from told("settings.trusted-hosts", trusted)


def _open_to_others(files: Iterable[str]) -> Iterator[Finding]:
    """Yield TRU940 for files of pip that others can write; those of trued are told with the settings."""
    for path in files:
        if os.name == "nt" or not path.endswith(_PIP_ENDINGS):
            continue
        for place in (path, os.path.dirname(path)):
            seen = os.stat(place)
            if seen.st_uid not in (0, os.geteuid()):
                reason = f"{place} belongs to another user"
            elif seen.st_mode & stat.S_IWOTH and not seen.st_mode & stat.S_ISVTX:
                reason = f"everybody may write to {place}"
            else:
                continue
            yield Finding(code="TRU940", subject=path, values={"reason": reason})
            break


def _origin(session: Session) -> str:
    return str(session.settings.origins.get("trusted-host", "a setting"))
