"""Which file of a pinned release to take: from the store when it is there, else from what an index offers.

A file whose digest the user listed is preferred to a better one that is not listed: pip takes the best file
and then calls it tampered with.
"""

from __future__ import annotations

from trued.core.distribution import Distribution, is_sdist_name
from trued.core.filenames import parse_wheel_name
from trued.core.finding import Finding
from trued.core.record import dataclass
from trued.requirements.requires_python import admits_python

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from trued.config.format_control import FormatControl
    from trued.requirements.wanted import Wanted

__all__ = ["ANYTHING", "Fit", "choose_offered", "rank_of", "wants_version"]


class _Anything:
    """Holds every name."""

    def __contains__(self, name: object) -> bool:
        return True


ANYTHING = _Anything()
"""For :attr:`Fit.builds` where files are only looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What a file has to fit: the target's tags with their rank (0 is best), and its Python.

    ``python`` is a full version (``3.11.7``), or empty when ``Requires-Python`` is to be ignored. ``builds``
    are the projects that may be built from source.
    """

    ranks: Mapping[str, int]
    python: str
    formats: FormatControl
    builds: Container[str] = frozenset()


def rank_of(tags: Iterable[str], ranks: Mapping[str, int]) -> int | None:
    """Return the best rank of *tags* on the target, or ``None`` when none fits."""
    known = [ranks[tag] for tag in tags if tag in ranks]
    return min(known) if known else None


def choose_offered(wanted: Wanted, files: Sequence[Distribution], *, fit: Fit) -> Distribution | Finding:
    """Return the best of *files* that the requirement, its digests and the target admit, or why none does.

    A yanked file is taken only because it is pinned (PEP 592). Files that the index's own claims show to be
    unlisted are left out; those of which it states no comparable digest come last. A source distribution
    comes after the wheels, and only where its project may be built: where it alone is listed it is taken
    although a wheel fits, as in pip.
    """
    of_version = [file for file in files if wants_version(wanted, file.version)]
    if not of_version:
        return _finding("TRU550", wanted, offered=_versions(files))
    fitting = [(rank, file) for file in of_version if (rank := _rank(file, fit)) is not None]
    if not fitting:
        return _nothing_fits(wanted, of_version, fit)
    judged = [(wanted.allowed.may_admit(file.digests), rank, file) for rank, file in fitting]
    possible = [entry for entry in judged if entry[0] is not False]
    if not possible:
        closed = _only_source_listed(wanted, of_version, [file for _, file in fitting], fit)
        if closed is not None:
            return closed
        listed = "\n".join(f"  {digest}" for digest in wanted.allowed.digests)
        return _finding("TRU551", wanted, listed=listed, offered=_claims([file for _, file in fitting]))
    return min(possible, key=lambda entry: (entry[0] is None, entry[1], _build_order(entry[2])))[2]


def wants_version(wanted: Wanted, stated: str) -> bool:
    """Tell whether the requirement's specifier admits the version *stated* by a file or an index."""
    if not wanted.specifier or (stated == wanted.pinned_version and "," not in wanted.specifier):
        return True
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        version = Version(stated)
    except InvalidVersion:
        return wanted.specifier == f"==={stated}"
    return SpecifierSet(wanted.specifier).contains(version, prereleases=True)


def _rank(file: Distribution, fit: Fit) -> int | None:
    """Return how well *file* fits, 0 best; a source distribution comes after every wheel."""
    if not file.is_wheel:
        fits = file.project in fit.builds and _is_usable_source(file, fit)
        return len(fit.ranks) + (not file.filename.endswith(".tar.gz")) if fits else None
    name = parse_wheel_name(file.filename)
    if name is None or not fit.formats.allows_wheel(file.project):
        return None
    if fit.python and file.requires_python and not admits_python(file.requires_python, fit.python):
        return None
    return rank_of(name.tags, fit.ranks)


def _build_order(file: Distribution) -> tuple[int, str]:
    """Order higher build numbers first (binary distribution format: build number breaks ties)."""
    name = parse_wheel_name(file.filename)
    build = name.build if name else ""
    digits = build[: len(build) - len(build.lstrip("0123456789"))]
    return (-int(digits or -1), file.filename)


def _is_usable_source(file: Distribution, fit: Fit) -> bool:
    """Tell whether *file* is a source distribution that nothing but a closed build keeps from being taken."""
    if file.is_wheel or not is_sdist_name(file.filename) or not fit.formats.allows_source(file.project):
        return False
    return not (fit.python and file.requires_python) or admits_python(file.requires_python, fit.python)


def _only_source_listed(
    wanted: Wanted, files: Sequence[Distribution], unlisted: Sequence[Distribution], fit: Fit
) -> Finding | None:
    """Return that the listed digest is that of a source distribution which may not be built, if so.

    The wheels that fit and are *unlisted* are named too: a build is seldom what was meant.
    """
    listed = [
        file
        for file in files
        if _is_usable_source(file, fit) and wanted.allowed.may_admit(file.digests) is not False
    ]
    return _closed(wanted, listed, unlisted) if listed else None


def _closed(wanted: Wanted, files: Sequence[Distribution], unlisted: Sequence[Distribution] = ()) -> Finding:
    offered = "\n".join(f"  {file.filename}" for file in files)
    if unlisted:
        offered += f"\n{_claims(unlisted)} (not listed)"
    return _finding(
        "TRU553",
        wanted,
        why="has a listed digest" if unlisted else "fits",
        offered=offered,
        project=str(files[0].project),
        otherwise="list the wheel's digest, from a source you trust"
        if unlisted
        else "choose a release that has a wheel",
    )


def _nothing_fits(wanted: Wanted, files: Sequence[Distribution], fit: Fit) -> Finding:
    sources = [file for file in files if _is_usable_source(file, fit) and file.project not in fit.builds]
    if sources:
        return _closed(wanted, sources)
    offered = "\n".join(f"  {file.filename}{_other_python(file, fit)}" for file in files)
    project = files[0].project
    if not (fit.formats.allows_source(project) or any(file.is_wheel for file in files)):
        return _finding("TRU471", wanted, offered=offered, project=str(project))
    return _finding("TRU552", wanted, offered=offered)


def _other_python(file: Distribution, fit: Fit) -> str:
    """Return what tells that *file* is for other Pythons than this, empty where it is not for that."""
    if not (fit.python and file.requires_python) or admits_python(file.requires_python, fit.python):
        return ""
    return f" (needs Python {file.requires_python}, this is {fit.python})"


def _versions(files: Iterable[Distribution]) -> str:
    names = dict.fromkeys(file.version for file in files if file.is_wheel or is_sdist_name(file.filename))
    shown = list(names)[-8:]
    return ", ".join(shown) if shown else "none"


def _claims(files: Iterable[Distribution]) -> str:
    lines = (f"  {file.filename} {digest}" for file in files for digest in file.digests or ("no digest",))
    return "\n".join(lines)


def _finding(code: str, wanted: Wanted, **values: str) -> Finding:
    return Finding(code=code, subject=wanted.text, place=wanted.place, values=values)
