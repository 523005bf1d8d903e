"""Which files and releases may be chosen: facts about a file and the user's rules in, the reason against out.

Rules are asked in the order in which they would be told: what the user's formats, the target and its Python
rule out, then policy (age, yanked). The words in ``reason`` are stable; exceptions name them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from trued.core.record import dataclass, field
from trued.policy.cooldown import Cooldown, read_upload_time, spelled_age
from trued.policy.level import PolicyLevel
from trued.requirements.requires_python import admits_python

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from packaging.version import Version

    from trued.core.names import ProjectName
    from trued.policy.exceptions import ExceptionBook

__all__ = ["CandidateRules", "FileFacts", "FileJudge", "Formats", "Ruling", "TargetFit", "most_telling"]

_SHOWN = 300
_CLOSED = (
    "has only a source distribution that fits, and {project} may not be built "
    "(--allow-build {project} lets it, in a sandbox; for every call: allow-build in your own trued.toml)"
)


class FileFacts(NamedTuple):
    """What the rules need to know of one file, as its index states it. A named tuple: pages have thousands.

    ``tags`` is the compressed tag set of a wheel's name (``py2.py3-none-any``), empty for an sdist.
    ``upload_time`` is empty when the index states none; ``yanked`` is ``None`` or the reason; ``location`` is
    the index or folder.
    """

    filename: str
    tags: str
    requires_python: str
    upload_time: str
    yanked: str | None
    location: str


class Ruling(NamedTuple):
    """Why a file cannot be chosen: a stable word, and the fact. The higher ``stage``, the nearer it came."""

    stage: int
    reason: str
    text: str


class _Bound(NamedTuple):
    """The moment before which files must have been uploaded, the rule that says so, and how it is told.

    ``moves`` tells that the moment goes on with the clock.
    """

    rule: str
    moment: datetime
    wanted: str
    moves: bool


class Formats(Protocol):
    """pip's ``--only-binary`` and ``--no-binary``."""

    def allows_wheel(self, project: ProjectName, /) -> bool:
        """Tell whether wheels of *project* may be chosen."""

    def allows_source(self, project: ProjectName, /) -> bool:
        """Tell whether source distributions of *project* may be chosen."""


class TargetFit:
    """What files have to fit: supported tags with their rank (0 is best), and the full Python version.

    Without *ranks* every wheel fits; with an empty *python* ``Requires-Python`` is ignored. Projects repeat
    each other's tags and specifiers, so one is kept for all projects of a target.
    """

    def __init__(self, *, ranks: Mapping[str, int] | None = None, python: str = "") -> None:
        self._known_ranks = ranks or {}
        self._python = python
        self._ranks: dict[str, int | None] = {"": 0}
        self._pythons: dict[str, Ruling | None] = {"": None}

    def rank(self, tags: str) -> int | None:
        """Return the best rank of a compressed tag set on the target, ``None`` when none of it fits."""
        if tags not in self._ranks:
            self._ranks[tags] = self._best_rank(tags)
        return self._ranks[tags]

    def ruling(self, file: FileFacts) -> Ruling | None:
        """Return why *file* does not fit the target, or ``None``."""
        if self.rank(file.tags) is None:
            return Ruling(1, "no-wheel", f"{file.filename} does not fit the target")
        stated = file.requires_python
        if stated not in self._pythons:
            self._pythons[stated] = self._of_python(stated)
        return self._pythons[stated]

    def _best_rank(self, tags: str) -> int | None:
        if not self._known_ranks:
            return 0
        pythons, abis, platforms = tags.split("-")
        expanded = (
            f"{python}-{abi}-{platform}"
            for python in pythons.split(".")
            for abi in abis.split(".")
            for platform in platforms.split(".")
        )
        return min((self._known_ranks[tag] for tag in expanded if tag in self._known_ranks), default=None)

    def _of_python(self, stated: str) -> Ruling | None:
        """Judge ``Requires-Python``; what cannot be read admits every Python, as in pip."""
        if not self._python or admits_python(stated, self._python):
            return None
        return Ruling(2, "requires-python", f"needs Python {stated[:_SHOWN]}, the target has {self._python}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateRules:
    """The user's rules; ``now`` is the time of the run.

    ``pinned`` holds the versions that a requirement of the user names with ``==`` or ``===`` and without a
    wildcard: only they reach yanked files (PEP 592). ``uploaded_before`` is pip's ``--uploaded-prior-to``,
    ``only_final`` and ``all_releases`` its options of those names: projects, or ``:all:``, which a project
    in the other set goes before. ``builds`` are the projects that may be built, ``None`` where that plays no
    part: a release of any other project needs a wheel that fits.
    """

    now: datetime
    exceptions: ExceptionBook
    level: PolicyLevel = PolicyLevel.STANDARD
    formats: Formats | None = None
    uploaded_before: datetime | None = None
    uploaded_before_moves: bool = False
    cooldown: Cooldown = field(default_factory=Cooldown)
    pinned: Mapping[ProjectName, frozenset[Version]] = field(default_factory=dict)
    ignore_requires_python: bool = False
    builds: frozenset[str] | None = None
    only_final: frozenset[str] = frozenset()
    all_releases: frozenset[str] = frozenset()


class FileJudge:
    """Judges the files of one project for one target; what repeats from file to file is worked out once.

    ``holds_until`` is when the first of the answers so far changes, ``None`` when none does by itself.
    """

    def __init__(self, project: ProjectName, rules: CandidateRules, fit: TargetFit) -> None:
        self._project = project
        self._rules = rules
        self._fit = fit
        self.holds_until: datetime | None = None
        self._latest: dict[str, tuple[_Bound, ...]] = {}
        self._fitting: set[tuple[str, str]] = set()
        self._free: set[tuple[str, bool]] = set()
        self._wants_finals = project in rules.only_final or (
            ":all:" in rules.only_final and project not in rules.all_releases
        )

    def ruling(self, file: FileFacts, version: Version) -> Ruling | None:
        """Return why *file* of *version* cannot be chosen for the target, or ``None``."""
        key = (file.tags, file.requires_python)
        if key not in self._fitting:
            found = self._fit.ruling(file)
            if found is not None and not self._is_ignored(found):
                return found
            if not file.tags and not self._builds():
                return Ruling(2, "source-only", _CLOSED.format(project=self._project))
            self._fitting.add(key)
        return self.by_policy(file, version)

    def is_by_kind(self, location: str) -> bool:
        """Tell whether files from *location* alike in tags and ``Requires-Python`` are ruled on alike.

        That is so where neither upload times nor pre-releases matter, and no yank.
        """
        return not self._wants_finals and not self._bounds(location)

    def by_policy(self, file: FileFacts, version: Version) -> Ruling | None:
        """Return why *file* can be chosen for no target at all, or ``None``."""
        key = (file.location, bool(file.tags))
        if key not in self._free:
            found = self._of_format(file) or self._of_time(file, version)
            if found is not None:
                return found
            if not self._bounds(file.location):
                self._free.add(key)
        if version.is_prerelease and self._wants_finals:
            return Ruling(0, "only-final", "a pre-release, ruled out by only-final")
        return self._of_yank(file, version) if file.yanked is not None else None

    def _builds(self) -> bool:
        return self._rules.builds is None or self._project in self._rules.builds

    def _is_ignored(self, ruling: Ruling) -> bool:
        return self._rules.ignore_requires_python and ruling.reason == "requires-python"

    def _of_format(self, file: FileFacts) -> Ruling | None:
        formats = self._rules.formats
        if file.tags:
            if formats is None or formats.allows_wheel(self._project):
                return None
            return Ruling(0, "no-binary", "its wheels are ruled out by no-binary")
        if formats is not None and not formats.allows_source(self._project):
            return Ruling(0, "only-binary", "its source distributions are ruled out by only-binary")
        return None

    def _of_time(self, file: FileFacts, version: Version) -> Ruling | None:
        bounds = self._bounds(file.location)
        if not bounds:
            return None
        uploaded = read_upload_time(file.upload_time)
        for bound in bounds:
            if uploaded is not None and uploaded < bound.moment:
                continue
            if self._rules.exceptions.admits(self._project, bound.rule, str(version)):
                continue
            self._note_change(uploaded, bound)
            return self._too_late(file, uploaded, bound)
        return None

    def _note_change(self, uploaded: datetime | None, bound: _Bound) -> None:
        """Note when a file that is too young today will be old enough."""
        if uploaded is None or not bound.moves:
            return
        moment = uploaded + (self._rules.now - bound.moment)
        if self.holds_until is None or moment < self.holds_until:
            self.holds_until = moment

    def _bounds(self, index: str) -> tuple[_Bound, ...]:
        """Return the moments before which files of *index* must have been uploaded."""
        if index not in self._latest:
            self._latest[index] = self._bounds_of(index)
        return self._latest[index]

    def _bounds_of(self, index: str) -> tuple[_Bound, ...]:
        if index.startswith("file:"):
            return ()  # the user's own folder: nobody uploads to it, so it has no upload times (as in pip)
        rules = self._rules
        bounds = []
        age = rules.cooldown.age_for(self._project, index)
        if age:
            bounds.append(
                _Bound("min-age", rules.now - age, f"min-age asks for {spelled_age(age)}", moves=True)
            )
        if rules.uploaded_before is not None:
            wanted = f"uploaded-prior-to is {rules.uploaded_before.isoformat()}"
            moves = rules.uploaded_before_moves
            bounds.append(_Bound("uploaded-prior-to", rules.uploaded_before, wanted, moves=moves))
        return tuple(bounds)

    def _too_late(self, file: FileFacts, uploaded: datetime | None, bound: _Bound) -> Ruling:
        """Word the refusal; a file whose upload time is unknown may be a minute old, so it is refused too."""
        if uploaded is None:
            place = file.location or "its location"
            text = f"{place} states no upload time, which {bound.rule} needs; exempt the project or the index"
            return Ruling(3, "no-upload-time", text)
        age = spelled_age(self._rules.now - uploaded)
        return Ruling(4, bound.rule, f"uploaded {age} ago ({file.upload_time[:_SHOWN]}), {bound.wanted}")

    def _of_yank(self, file: FileFacts, version: Version) -> Ruling | None:
        if version in self._rules.pinned.get(self._project, ()):
            return None
        if self._rules.exceptions.admits(self._project, "yanked", str(version)):
            return None
        return Ruling(5, "yanked", f"yanked: {(file.yanked or '')[:_SHOWN] or 'no reason given'}")


def most_telling(rulings: Iterable[Ruling]) -> Ruling:
    """Return what to tell of a release none of whose files can be chosen: the reason that came nearest."""
    found = list(rulings)
    best = max(found, key=lambda ruling: ruling.stage)
    if best.reason != "no-wheel":
        return best
    names = [ruling.text.partition(" ")[0] for ruling in found if ruling.reason == "no-wheel"]
    others = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return best._replace(text=f"no wheel fits the target: it has {names[0]}{others}")
