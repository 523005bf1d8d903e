"""``trued selftest``: bad files sent through the stations that an installation passes, each to be blocked.

The stations are the real ones, in the order of an installation: the requirements file, hash-checking mode,
the pin, the wheel's structure, its contents, its startup hooks. Nothing is installed and nothing is run.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from trued.core.errors import Refused, TruedError
from trued.core.finding import Finding, Level
from trued.operations.specimen import FILENAME, Specimen, specimens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from trued.core.limits import Limits
    from trued.requirements.allowed import Allowed
    from trued.wheel.reader import Member

__all__ = ["Outcome", "run_selftest", "try_specimen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one specimen: the findings that stopped it, none when it passed."""

    specimen: Specimen
    findings: tuple[Finding, ...]

    @property
    def is_right(self) -> bool:
        """Whether the bad was blocked for the reason it is bad for, or the good passed."""
        told = {finding.code for finding in self.findings}
        return self.specimen.code in told if self.specimen.code else not told


def run_selftest(folder: str, *, limits: Limits) -> tuple[Outcome, ...]:
    """Try every specimen inside *folder*, which must exist; files are left in it."""
    return tuple(
        try_specimen(specimen, _made(os.path.join(folder, f"{number:02}")), limits=limits)
        for number, specimen in enumerate(specimens(), start=1)
    )


def try_specimen(specimen: Specimen, folder: str, *, limits: Limits) -> Outcome:
    """Send one specimen through the stations; its files are written into *folder*."""
    try:
        _pass_stations(specimen, folder, limits)
    except TruedError as error:
        return Outcome(specimen=specimen, findings=error.findings)
    return Outcome(specimen=specimen, findings=())


def _pass_stations(specimen: Specimen, folder: str, limits: Limits) -> None:
    """Return when every station let it pass; :class:`TruedError` comes from the first that did not."""
    from trued.requirements.files import read_requirements
    from trued.requirements.hashmode import check, hash_mode
    from trued.requirements.wanted import gather

    path = os.path.join(folder, FILENAME)
    _write(path, specimen.wheel)
    listing = os.path.join(folder, "requirements.txt")
    _write(listing, _lines(specimen, path).encode())
    read = read_requirements([listing], environ={}, limits=limits)
    gathered = gather(read, environment={})
    _refuse_errors((*gathered.findings, *check(gathered.wanted, hash_mode(read))))
    for one in gathered.wanted:
        if one.project == "trued-selftest":
            _prove(one.allowed, specimen.wheel)
    _read_wheel(specimen.wheel, limits)


def _prove(allowed: Allowed, data: bytes) -> None:
    import hashlib

    from trued.proof.pin import prove

    computed = {name: hashlib.new(name, data).hexdigest() for name in {"sha256", *allowed.algorithms}}
    evidence, findings = prove(
        filename=FILENAME, computed=computed, allowed=allowed, claimed=(), place=None, time=""
    )
    _refuse_errors(findings)
    if not evidence:
        raise AssertionError("a file was neither proven nor refused")


def _read_wheel(data: bytes, limits: Limits) -> None:
    from trued.wheel.reader import hook_findings, open_wheel, unpack

    verified = unpack(open_wheel(data, filename=FILENAME, limits=limits), _Nowhere())
    wheel = verified.wheel
    _refuse_errors(
        hook_findings(
            verified.hooks, filename=wheel.filename, project=wheel.project, allowed_projects=frozenset()
        )
    )


def _refuse_errors(findings: Iterable[Finding]) -> None:
    errors = [finding for finding in findings if finding.level is Level.ERROR]
    if errors:
        raise Refused(*errors)


class _Nowhere:
    """A sink that keeps nothing."""

    def put(self, member: Member, content: bytes, /) -> None:
        """Forget a small member."""

    def begin(self, _member: Member, /) -> _Nowhere:
        """Forget a large one."""
        return self

    def write(self, piece: bytes, /) -> None:
        """Forget a piece of it."""

    def close(self) -> None:
        """Have nothing to finish."""


def _lines(specimen: Specimen, path: str) -> str:
    import hashlib
    from pathlib import Path

    md5 = hashlib.md5(specimen.wheel, usedforsecurity=False).hexdigest()
    sha256 = hashlib.sha256(specimen.wheel).hexdigest()
    return specimen.lines.format(url=Path(path).as_uri(), md5=md5, sha256=sha256) + "\n"


def _made(folder: str) -> str:
    os.mkdir(folder, 0o700)
    return folder


def _write(path: str, content: bytes) -> None:
    with open(path, "xb") as file:
        file.write(content)
