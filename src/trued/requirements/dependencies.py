"""Whether the chosen files are complete: every dependency listed, at a version that all others accept.

In hash-checking mode nothing is installed that is not listed, so that a dependency somebody adds to a release
later cannot slip in. Requires-Dist follows PEP 508 and the core metadata specification.
"""

from __future__ import annotations

from trued.core.names import ProjectName, normalize
from trued.core.record import dataclass
from trued.requirements.marker import VARIABLES
from trued.requirements.plain_dependency import PlainDependency, read_plain
from trued.requirements.plain_specifier import admits
from trued.requirements.problems import Problems
from trued.requirements.url import split_credentials, split_fragment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from packaging.requirements import Requirement as Pep508

    from trued.core.finding import Finding, Place

__all__ = ["ChosenFile", "check_dependencies"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenFile:
    """One file that is to be installed, with its metadata.

    ``extras`` are those that requirement lines ask for, ``provides_extra`` those that the file has;
    ``requires_dist`` and ``requires_python`` are the metadata's text. ``url`` is that of a direct
    requirement, without credentials and fragment, ``None`` for a file from an index. ``place`` is the
    requirement's line.
    """

    project: ProjectName
    version: str
    requires_dist: tuple[str, ...] = ()
    requires_python: str = ""
    provides_extra: tuple[str, ...] = ()
    extras: frozenset[str] = frozenset()
    url: str | None = None
    place: Place | None = None


def check_dependencies(
    chosen: Sequence[ChosenFile], *, environment: Mapping[str, str], ignore_requires_python: bool = False
) -> tuple[Finding, ...]:
    """Return a finding for each dependency that is not listed, or not at an acceptable version.

    *environment* holds the target's marker variables. An extra that one file asks of another is followed as
    if the line had asked for it.
    """
    missing = VARIABLES - environment.keys()
    if missing:
        raise ValueError(f"the target's environment does not tell {', '.join(sorted(missing))}")
    check = _Check(chosen, environment)
    if not ignore_requires_python:
        for one in chosen:
            check.python(one)
    check.walk()
    return check.problems.findings


class _Check:
    """One walk over all files and the extras asked of them."""

    def __init__(self, chosen: Sequence[ChosenFile], environment: Mapping[str, str]) -> None:
        self.problems = Problems()
        self._environment = environment
        self._chosen = {one.project: one for one in chosen}
        self._parsed: dict[str, Pep508 | None] = {}
        self._plain: dict[str, PlainDependency | None] = {}
        self._unlisted: dict[ProjectName, dict[str, tuple[str, Place | None]]] = {}

    def python(self, one: ChosenFile) -> None:
        if not one.requires_python:
            return
        python = self._environment["python_full_version"]
        if admits(one.requires_python, python):
            return
        from packaging.specifiers import InvalidSpecifier, SpecifierSet

        subject = f"{one.project} {one.version}"
        try:
            accepts = SpecifierSet(one.requires_python).contains(python, prereleases=True)
        except InvalidSpecifier:
            self.problems.warning("TRU186", one.place, subject, requires=one.requires_python)
            return
        if not accepts:
            self.problems.error("TRU183", one.place, subject, requires=one.requires_python, python=python)

    def walk(self) -> None:
        """Visit each pair of a file and an extra once, the base (extra ``""``) first."""
        waiting = [(one, extra) for one in self._chosen for extra in ("", *sorted(self._chosen[one].extras))]
        seen = set()
        while waiting:
            pair = waiting.pop(0)
            if pair not in seen:
                seen.add(pair)
                waiting.extend(self._visit(self._chosen[pair[0]], pair[1]))
        for project, needs in self._unlisted.items():
            wants = "; ".join(f"{wanted} (for {needer})" for wanted, (needer, _) in needs.items())
            place = next(iter(needs.values()))[1]
            self.problems.error("TRU180", place, project, wants=wants)

    def _visit(self, one: ChosenFile, extra: str) -> Iterator[tuple[ProjectName, str]]:
        """Check what *one* needs for *extra*; yield the files and extras that this asks for."""
        if extra and extra not in {normalize(provided) for provided in one.provides_extra}:
            self.problems.warning("TRU184", one.place, f"{one.project} {one.version}", extra=extra)
        needer = f"{one.project}[{extra}] {one.version}" if extra else f"{one.project} {one.version}"
        for text in one.requires_dist:
            met = self._plainly_met(text, extra)
            if met is not None:
                yield from met
                continue
            dependency = self._dependency(text, one)
            if dependency is None or not self._applies(dependency, extra, text, one):
                continue
            project = normalize(dependency.name)
            listed = self._chosen.get(project)
            if listed is None:
                needs = self._unlisted.setdefault(project, {})
                needs.setdefault(_shown(dependency), (needer, one.place))
            else:
                self._compare(listed, dependency, needer)
                yield from ((project, normalize(wanted)) for wanted in sorted(dependency.extras))

    def _plainly_met(self, text: str, extra: str) -> Sequence[tuple[ProjectName, str]] | None:
        """Return the extras that a dependency asks for which does not apply or is met, as nearly all are.

        ``None`` is for :class:`packaging.requirements.Requirement` to decide, and to tell of.
        """
        if _is_for_another_extra(text, extra):
            return ()
        if text not in self._plain:
            self._plain[text] = read_plain(text)
        plain = self._plain[text]
        if plain is None:
            return None
        applies = plain.applies(self._environment, extra)
        if applies and extra:
            of_base = plain.applies(self._environment, "")
            applies = None if of_base is None else not of_base
        if not applies:
            return None if applies is None else ()
        listed = self._chosen.get(plain.project)
        if listed is None or not admits(plain.specifier, listed.version):
            return None
        return [(plain.project, wanted) for wanted in plain.extras]

    def _applies(self, dependency: Pep508, extra: str, text: str, one: ChosenFile) -> bool:
        from packaging.markers import UndefinedComparison

        marker = dependency.marker
        if marker is None:
            return not extra
        try:
            holds = marker.evaluate({**self._environment, "extra": extra})
            return holds and not (extra and marker.evaluate({**self._environment, "extra": ""}))
        except UndefinedComparison as error:
            self._parsed[text] = None
            self._unreadable(text, str(error), one)
            return False

    def _unreadable(self, text: str, reason: str, one: ChosenFile) -> None:
        subject = f"{one.project} {one.version}"
        self.problems.error("TRU185", one.place, subject, text=text, reason=reason)

    def _compare(self, listed: ChosenFile, dependency: Pep508, needer: str) -> None:
        values = {"wants": _shown(dependency), "needer": needer, "version": listed.version}
        if dependency.url is not None:
            if _bare(dependency.url) != listed.url:
                self.problems.error("TRU182", listed.place, listed.project, **values)
        elif not dependency.specifier.contains(listed.version, prereleases=True):
            self.problems.error("TRU181", listed.place, listed.project, **values)

    def _dependency(self, text: str, one: ChosenFile) -> Pep508 | None:
        from packaging.requirements import InvalidRequirement

        from trued.requirements.pep508 import read_line

        if text not in self._parsed:
            try:
                self._parsed[text] = read_line(text.strip())
            except InvalidRequirement as error:
                self._parsed[text] = None
                self._unreadable(text, str(error).partition("\n")[0], one)
        return self._parsed[text]


def _is_for_another_extra(text: str, extra: str) -> bool:
    """Tell without parsing that a dependency's marker demands another extra; parsing each takes too long.

    Only where ``extra ==`` stands once, joined to the rest by nothing but ``and``.
    """
    marker = text.partition(";")[2]
    if marker.count("extra") != 1 or "or" in marker or "not" in marker or "@" in text:
        return False
    operator, quote, rest = marker.partition("extra")[2].lstrip().partition('"' if '"' in marker else "'")
    return operator.strip() == "==" and bool(quote) and normalize(rest.partition(quote)[0]) != extra


def _shown(dependency: Pep508) -> str:
    """Return name, extras and versions (or URL) of a dependency, without its marker and credentials."""
    extras = f"[{','.join(sorted(dependency.extras))}]" if dependency.extras else ""
    where = f" @ {split_credentials(dependency.url)[0]}" if dependency.url else str(dependency.specifier)
    return f"{dependency.name}{extras}{where}"


def _bare(url: str) -> str:
    return split_credentials(split_fragment(url)[0])[0]
