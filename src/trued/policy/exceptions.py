"""Exceptions from a rule: which project, which rule, why, and until when.

An exception can do for one project what another level, or a looser rule of choosing, does for all; nothing
more. A malformed wheel and bytes other than those asked for stand under no rule of this list, so nothing lets
them pass. An exception that has expired no longer holds, and one that nothing needed is a hole kept open for
nobody; both are told, and so is each that was used.
"""

from __future__ import annotations

from trued.core.filenames import parse_wheel_name
from trued.core.finding import Finding, Level
from trued.core.names import normalize
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from trued.core.finding import Place
    from trued.core.names import ProjectName

__all__ = ["OF_ADVISORIES", "OF_FILES", "OF_PROJECTS", "RULES", "ExceptionBook", "PolicyException"]

RULES: Mapping[str, frozenset[str]] = {
    "late-file": frozenset({"TRU772"}),
    "look-alike": frozenset({"TRU652"}),
    "malware": frozenset(),
    "min-age": frozenset(),
    "provenance": frozenset({"TRU706", "TRU716", "TRU718", "TRU773", "TRU774"}),
    "quarantined": frozenset({"TRU348"}),
    "startup-hook": frozenset({"TRU280"}),
    "unproven": frozenset({"TRU561", "TRU622", "TRU625"}),
    "uploaded-prior-to": frozenset(),
    "weak-digest": frozenset({"TRU194"}),
    "wheel-tags": frozenset({"TRU250"}),
    "yanked": frozenset({"TRU349"}),
}
"""The rules that an exception can be from, and the findings that it takes the edge off.

Rules without a finding are asked while releases are chosen (:mod:`trued.policy.candidates`).
"""

OF_PROJECTS = frozenset({"look-alike", "quarantined"})
"""Rules about a project as a whole: an exception from them names no version."""

OF_ADVISORIES = frozenset({"malware"})
"""Rules that are asked where there are advisories. An exception from them names one file by its sha256."""

OF_FILES = frozenset({"late-file", "provenance", "startup-hook", "unproven", "weak-digest", "wheel-tags"})
"""Rules that every file is judged by, wherever it comes from; the others are asked of an index's pages."""

_RULE_OF = {code: rule for rule, codes in RULES.items() for code in codes}
_SDIST_ENDINGS = (".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyException:
    """What the user admits against a rule.

    ``rule`` is one of ``RULES``. ``version`` is one release, empty for all. ``until`` is the last day on
    which it holds; ``None`` for no end. ``sha256`` is the one file that it is about, for rules of
    ``OF_ADVISORIES``.
    """

    project: ProjectName
    rule: str
    reason: str
    until: date | None = None
    version: str = ""
    sha256: str = ""
    place: Place | None = None


class ExceptionBook:
    """The exceptions of one run, and which of them were needed. *today* is the date of the run, in UTC."""

    def __init__(self, exceptions: Iterable[PolicyException] = (), *, today: date) -> None:
        entries = tuple(dict.fromkeys(exceptions))
        self._expired = tuple(one for one in entries if one.until is not None and one.until < today)
        self._holding: dict[tuple[ProjectName, str], list[PolicyException]] = {}
        for one in entries:
            if one not in self._expired:
                self._holding.setdefault((one.project, one.rule), []).append(one)
        self._used: dict[PolicyException, None] = {}
        self._examined: set[tuple[ProjectName, str]] = set()

    def admits(self, project: ProjectName, rule: str, version: str = "") -> bool:
        """Tell whether *project*, or its release *version*, is excepted from *rule*.

        To be asked only when the rule would refuse.
        """
        for one in self._holding.get((project, rule), ()):
            if not one.version or _same_version(one.version, version):
                self._used[one] = None
                return True
        return False

    def reason_for_files(self, project: ProjectName, rule: str, sha256s: Iterable[str]) -> str:
        """Return why all of *sha256s* are excepted from *rule*; empty when one is not, or none is given.

        To be asked only when the rule would refuse.
        """
        covering = []
        for sha256 in sha256s:
            holding = self._holding.get((project, rule), ())
            found = next((one for one in holding if one.sha256 == sha256), None)
            if found is None:
                return ""
            covering.append(found)
        self._used |= dict.fromkeys(covering)
        return "; ".join(dict.fromkeys(one.reason for one in covering))

    def excepts(self, finding: Finding) -> bool:
        """Tell whether an exception lets pass what *finding* says of its subject, a file or a project."""
        rule = _RULE_OF.get(finding.code)
        if rule is None or not self._holding:
            return False
        project, version = _about(finding.subject)
        return self.admits(project, rule, version)

    def note_examined(self, projects: Iterable[ProjectName], rules: Iterable[str]) -> None:
        """Take note that this run asked *rules* of *projects*: only then can an exception be needless."""
        asked = tuple(rules)
        self._examined.update((project, rule) for project in projects for rule in asked)

    def findings(self, projects: Iterable[ProjectName] | None = None) -> tuple[Finding, ...]:
        """Return what is to be told of exceptions for *projects* (``None``: all of them).

        A warning for each that has expired, and for each that this run examined and nothing needed; a note
        for each that was used.
        """
        wanted = None if projects is None else frozenset(projects)
        return tuple(finding for finding in self._findings() if wanted is None or finding.subject in wanted)

    def _findings(self) -> Iterator[Finding]:
        for one in self._expired:
            yield _finding("TRU650", one)
        for key, several in self._holding.items():
            for one in several:
                if one in self._used:
                    yield _finding("TRU653", one, Level.NOTE)
                elif key in self._examined:
                    yield _finding("TRU651", one)


def _same_version(stated: str, version: str) -> bool:
    if not version:
        return False
    from packaging.version import InvalidVersion, Version

    try:
        return Version(stated) == Version(version)
    except InvalidVersion:
        return stated == version


def _about(subject: str) -> tuple[ProjectName, str]:
    """Return the project and version that a finding's subject names: a file, ``name==version`` or a name."""
    wheel = parse_wheel_name(subject)
    if wheel is not None:
        return wheel.project, wheel.version
    for ending in _SDIST_ENDINGS:
        if subject.endswith(ending):
            name, _, version = subject.removesuffix(ending).rpartition("-")
            return normalize(name), version
    name, _, version = subject.replace(" ", "==", 1).partition("==")
    return normalize(name.partition("[")[0].strip()), version.strip()


def _finding(code: str, exception: PolicyException, level: Level = Level.WARNING) -> Finding:
    return Finding(
        code=code,
        level=level,
        subject=exception.project,
        place=exception.place,
        values={
            "rule": exception.rule,
            "reason": exception.reason,
            "until": exception.until.isoformat() if exception.until is not None else "no end",
        },
    )
