"""What trued works with: libraries, git, the sandbox of builds."""

from __future__ import annotations

import shutil
import sys

from trued.core.errors import TruedError
from trued.core.finding import Finding, Level
from trued.core.record import replace
from trued.operations.doctor.check import fine, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from trued.operations.doctor.check import Check
    from trued.operations.session import Session

__all__ = ["library_findings", "tool_checks"]

_CURL = (8, 4, 0)
"""Before it a SOCKS proxy's answer could overflow a buffer (CVE-2023-38545)."""
_OPENSSL = (3, 0, 0)
"""What is older gets no corrections any more."""


def tool_checks(session: Session) -> Iterator[Check]:
    """Yield the versions of what trued stands on, and whether it can build."""
    from trued.index.libcurl import pycurl

    known = pycurl.version_info()
    curl, tls = str(known[1]), str(known[5])
    findings = library_findings(curl=curl, tls=tls)
    yield from told("libraries", findings)
    if not findings:
        import sqlite3

        python = ".".join(map(str, sys.version_info[:3]))
        yield fine("libraries", f"Python {python}, libcurl {curl}, {tls}, SQLite {sqlite3.sqlite_version}")
    yield _git(session)
    yield from _sandbox(session)


def library_findings(*, curl: str, tls: str) -> list[Finding]:
    """Return TRU972 for what is too old; *tls* as libcurl says it (``OpenSSL/3.0.15``)."""
    name, _, version = tls.partition("/")
    rules = [("libcurl", curl, _CURL)]
    if name == "OpenSSL":
        rules.append((name, version, _OPENSSL))
    return [
        Finding(
            code="TRU972",
            level=Level.WARNING,
            subject=library,
            values={"version": found, "least": ".".join(map(str, least))},
        )
        for library, found, least in rules
        if _numbers(found) < least
    ]


def _numbers(version: str) -> tuple[int, ...]:
    """Return the leading numbers of *version*, letters behind them left out (``1.1.1w``)."""
    found = []
    for part in version.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        found.append(int(digits))
    return tuple(found)


def _git(session: Session) -> Check:
    path = shutil.which("git", path=session.environ.get("PATH"))
    if path is None:
        return next(told("git", [Finding(code="TRU973", level=Level.WARNING, subject="git")]))
    return fine("git", path)


def _sandbox(session: Session) -> Iterator[Check]:
    """Yield whether wheels can be built in a sandbox; without one nothing is built."""
    from trued.build.sandbox import find_sandbox

    try:
        found = find_sandbox(session.environ, platform=sys.platform)
    except TruedError as error:
        yield from told("sandbox", [replace(one, level=Level.WARNING) for one in error.findings])
    else:
        yield fine("sandbox", f"{found.name} {found.version}")
