"""Writing a lock as a requirements file that pip's hash-checking mode accepts, and trued's.

A requirements file has neither extras nor groups of its own: those asked for are decided while writing.
"""

from __future__ import annotations

from trued.core.errors import UsageError
from trued.core.finding import Finding, Level
from trued.core.record import dataclass
from trued.requirements.lock.condition import NEVER, decided, membership, parse_condition
from trued.requirements.lock.model import DirectKind
from trued.requirements.url import without_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from trued.core.digest import Digest
    from trued.core.names import ProjectName
    from trued.requirements.lock.model import DirectSource, Lock, LockedFile, LockedPackage

__all__ = ["unhashed_findings", "write_requirements"]


def write_requirements(
    lock: Lock,
    *,
    extras: Iterable[str] = (),
    groups: Iterable[str] | None = None,
    command: str = "",
    via: bool = True,
    origins: Mapping[ProjectName, Sequence[str]] | None = None,
    index_urls: Sequence[str] = (),
) -> str:
    """Return *lock* as a requirements file, one entry a package with a ``--hash`` for each of its files.

    *extras* and *groups* are what is taken (groups: the lock's default ones when ``None``). *command* stands
    in the header. *via* writes who needs each package, *origins* adds what the user's own files ask for
    (``-r requirements.in``). *index_urls* are written only when given, and never with credentials.

    A folder or repository stands there without ``--hash``; :func:`unhashed_findings` tells of those.

    Raises :class:`UsageError` for packages of which the lock has no file (TRU198).
    """
    lock = lock.canonical()
    choice = _Choice(frozenset(extras), frozenset(lock.default_groups if groups is None else groups))
    taken = [
        (package, marker) for package in lock.packages if (marker := choice.marker(package)) is not _LEFT_OUT
    ]
    findings = [finding for package, _ in taken for finding in _unfit(package)]
    if findings:
        raise UsageError(*findings)
    parents = _parents([package for package, _ in taken], origins or {}) if via else {}
    lines = [*_header(command), *_index_lines(index_urls)]
    for package, marker in taken:
        lines += _entry(package, marker)
        lines += _via(parents.get(package.project, ()))
    return "".join(f"{line}\n" for line in lines)


_LEFT_OUT = "\0"
"""Stands for the marker of a package that the chosen extras and groups do not need."""


@dataclass(frozen=True, slots=True)
class _Choice:
    extras: frozenset[str]
    groups: frozenset[str]

    def marker(self, package: LockedPackage) -> str | None:
        left = decided(parse_condition(package.marker), self._decide)
        return _LEFT_OUT if left == NEVER else left.marker

    def _decide(self, comparison: str) -> bool | None:
        asked = membership(comparison)
        if asked is None:
            return None
        kind, name, wanted = asked
        return (name in (self.extras if kind == "extras" else self.groups)) is wanted


def _unfit(package: LockedPackage) -> Iterator[Finding]:
    direct = package.direct
    if direct is not None and not _makes_one_line(direct, package.files):
        reason = "where it comes from would be read as something else in a requirements file"
    elif direct is not None and not direct.is_one_file:
        return
    elif direct is None and package.version is None:
        reason = "the lock does not tell its version"
    elif not package.files:
        reason = "the lock holds no file of it"
    else:
        return
    yield Finding(code="TRU198", subject=package.text, place=package.place, values={"reason": reason})


_READ_AS_MORE = (" -", " @ ", " #", " ;")
"""What begins an option, an address, a comment or a marker in a requirements file."""


def _makes_one_line(direct: DirectSource, files: Sequence[LockedFile]) -> bool:
    """Tell whether nothing of *direct*, as its lock has it, would be a line or an option of its own."""
    words = (direct.url, direct.commit_id, direct.subdirectory, *(file.url for file in files))
    paths = (direct.path, *(file.path for file in files))
    texts = [*filter(None, words), *filter(None, paths)]
    return (
        all(text.isprintable() and not text.endswith("\\") for text in texts)
        and not any(" " in word for word in words if word)
        and not any(mark in f"{path} " for path in paths if path for mark in _READ_AS_MORE)
    )


def unhashed_findings(lock: Lock) -> tuple[Finding, ...]:
    """Return a warning for each package of *lock* that a requirements file has without a hash."""
    return tuple(
        Finding(
            code="TRU187",
            level=Level.WARNING,
            subject=str(package.project),
            place=package.place,
            values={"source": str(package.direct)},
        )
        for package in lock.packages
        if package.direct is not None and not package.direct.is_one_file
    )


def _header(command: str) -> Iterator[str]:
    yield "# Made by trued. Each --hash stands for one file of the release; do not edit by hand."
    if command:
        yield f"#    {without_credentials(' '.join(command.split()))}"


def _index_lines(urls: Sequence[str]) -> Iterator[str]:
    for number, url in enumerate(urls):
        yield f"{'--extra-index-url' if number else '--index-url'} {without_credentials(url)}"


def _entry(package: LockedPackage, marker: str | None) -> Iterator[str]:
    if package.direct is not None and not package.direct.is_one_file:
        yield "# No --hash can stand behind the next line: where hashes are required, it is refused."
    digests = sorted({_one_digest(file) for file in package.files})
    is_editable = package.direct is not None and package.direct.editable
    condition = f" ; {marker}" if marker and not is_editable else ""
    parts = [_named(package) + condition, *(f"    --hash={one}" for one in digests)]
    yield from (f"{part} \\" for part in parts[:-1])
    yield parts[-1]


def _one_digest(file: LockedFile) -> Digest:
    """Return one strong digest: of several ``--hash`` for a file any one would be enough for pip."""
    strong = [digest for digest in file.digests if digest.is_strong]
    return next((digest for digest in strong if digest.algorithm == "sha256"), strong[0])


def _named(package: LockedPackage) -> str:
    extras = f"[{','.join(package.extras)}]" if package.extras else ""
    direct = package.direct
    if direct is None:
        return f"{package.project}{extras}=={package.version}"
    subdirectory = f"#subdirectory={direct.subdirectory}" if direct.subdirectory else ""
    if direct.kind is DirectKind.VCS:
        return f"{package.project}{extras} @ {direct}{subdirectory}"
    if direct.kind is DirectKind.DIRECTORY:
        return f"{'-e ' if direct.editable else ''}{_spelled(direct.path or '.')}{extras}"
    place = direct.url or package.files[0].url
    if place is not None:
        return f"{package.project}{extras} @ {place}{subdirectory}"
    path = direct.path or package.files[0].path or ""
    return f"{_spelled(path)}{extras}"


def _spelled(path: str) -> str:
    """Return a path as one that is read as a path, whatever it holds."""
    return path if path == "." or path.startswith(("./", "../", "/")) or path == ".." else f"./{path}"


def _parents(
    packages: Sequence[LockedPackage], origins: Mapping[ProjectName, Sequence[str]]
) -> dict[ProjectName, list[str]]:
    parents: dict[ProjectName, set[str]] = {}
    for package in packages:
        for edge in package.dependencies:
            parents.setdefault(edge.project, set()).add(package.project)
    names = parents.keys() | origins.keys()
    return {name: [*origins.get(name, ()), *sorted(parents.get(name, ()))] for name in names}


def _via(parents: Sequence[str]) -> Iterator[str]:
    if len(parents) == 1:
        yield f"    # via {without_credentials(parents[0])}"
    elif parents:
        yield "    # via"
        yield from (f"    #   {without_credentials(parent)}" for parent in parents)
