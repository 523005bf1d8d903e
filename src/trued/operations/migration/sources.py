"""What a project's folder holds that says which releases it uses, and which of these files is believed.

A tool's lock tells most: every file with its digest. Pinned requirements come next, then what is only asked
for. Of several, the one that its tool's own table in ``pyproject.toml`` speaks for is taken, else the first
in the order below; the rest are told.
"""

from __future__ import annotations

import os
import re
from enum import Enum

from trued.core.errors import UsageError
from trued.core.finding import Finding, Level, Place
from trued.core.record import dataclass
from trued.operations.lock_text import PYLOCK
from trued.operations.migration.setup_cfg import states_requirements
from trued.operations.project_file import PROJECT_FILE
from trued.requirements.lock.lock_name import PIPFILE_LOCK, is_pylock_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Chosen", "Source", "SourceKind", "choose_source", "find_sources"]

_TOOLS = {"uv.lock": "uv", "poetry.lock": "poetry", "pdm.lock": "pdm", PIPFILE_LOCK: "pipenv"}
"""The locks of other tools, in the order in which they are believed, each with the tool's table."""

_REQUIREMENTS = re.compile(r"(.+[-_.])?(requirements|reqs)([-_.].+)?\.(txt|in)", re.IGNORECASE)
_CONSTRAINTS = re.compile(r"(.+[-_.])?constraints?([-_.].+)?\.(txt|in)", re.IGNORECASE)
_FOLDER = "requirements"
_CREATED_BY_TRUED = re.compile(rb"""^created-by\s*=\s*["']trued["']""", re.MULTILINE)
_READ_AT_MOST = 4096
_SETUP_CFG = "setup.cfg"
_PROJECT_TABLES = re.compile(r"^\s*\[(project|tool\.poetry\.dependencies)\]", re.MULTILINE)


class SourceKind(Enum):
    """What a file tells; stronger ones first."""

    LOCK = "a lock"
    REQUIREMENTS = "requirements"
    PROJECT = "a project's own file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file: its name in the folder, what it is, and the tool that keeps it (empty: no one's)."""

    name: str
    kind: SourceKind
    tool: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The source that is believed, why, the files that say more of it, and what is told of the others.

    ``pins`` are requirement files that hold the versions of ``source``, which only asks for projects;
    ``constraints`` narrow it.
    """

    source: Source
    because: str
    others: tuple[Source, ...]
    pins: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def find_sources(folder: str) -> tuple[Source, ...]:
    """Return every source in *folder*, the strongest first; of subfolders only ``requirements`` is read."""
    names = set(_files(folder, ""))
    found = [
        Source(name=name, kind=SourceKind.LOCK, tool=tool) for name, tool in _TOOLS.items() if name in names
    ]
    pylocks = sorted(name for name in names if is_pylock_name(name))
    found += [
        Source(name=name, kind=SourceKind.LOCK, tool="pylock")
        for name in sorted(pylocks, key=lambda name: name != PYLOCK)
        if not _is_ours(os.path.join(folder, name))
    ]
    lists = sorted((*names, *_files(folder, _FOLDER)), key=_order_of_lists)
    found += [
        Source(name=name, kind=SourceKind.REQUIREMENTS, tool="pip")
        for name in lists
        if _is_requirements(name)
    ]
    found += [
        Source(name=name, kind=SourceKind.PROJECT)
        for name in (PROJECT_FILE, _SETUP_CFG)
        if name in names and _asks(os.path.join(folder, name))
    ]
    return tuple(found)


def choose_source(folder: str, *, asked: str | None = None) -> Chosen:
    """Return the source to take in *folder*: *asked*, or the one that is believed.

    Raises: UsageError TRU923 when there is none, TRU924 where nothing says which of several is meant.
    """
    sources = find_sources(folder)
    if asked is not None:
        return _asked(folder, asked, sources)
    if not sources:
        raise UsageError(Finding(code="TRU923", subject=_shown(folder)))
    source, because = _believed(folder, sources)
    return _with_companions(folder, source, because, sources)


def _asked(folder: str, asked: str, sources: Sequence[Source]) -> Chosen:
    name = os.path.relpath(os.path.join(folder, asked), folder)
    known = next((one for one in sources if one.name == name), None)
    if not os.path.isfile(os.path.join(folder, name)):
        values = {"reason": "there is no such file"}
        raise UsageError(Finding(code="TRU575", subject=asked, place=Place(asked), values=values))
    kind = SourceKind.LOCK if is_pylock_name(os.path.basename(name)) else SourceKind.REQUIREMENTS
    source = known or Source(name=name, kind=kind)
    return _with_companions(folder, source, "it was asked for", sources)


def _believed(folder: str, sources: Sequence[Source]) -> tuple[Source, str]:
    locks = [one for one in sources if one.kind is SourceKind.LOCK]
    if locks:
        tables = _tool_tables(os.path.join(folder, PROJECT_FILE))
        spoken = [one for one in locks if one.tool in tables]
        if len(locks) > 1 and len(spoken) == 1:
            return spoken[0], f"{PROJECT_FILE} has [tool.{spoken[0].tool}]"
        return locks[0], "it is the only lock" if len(locks) == 1 else "it tells most of the locks here"
    lists = [one for one in sources if one.kind is SourceKind.REQUIREMENTS]
    main = [one for one in lists if os.path.basename(one.name).partition(".")[0] == "requirements"]
    pinned = [one for one in main or lists if one.name.endswith(".txt")] or main or lists
    if pinned:
        stems = {os.path.splitext(one.name)[0] for one in pinned}
        if not main and len(stems) > 1:
            values = {"files": ", ".join(one.name for one in pinned), "first": pinned[0].name}
            raise UsageError(Finding(code="TRU924", subject=_shown(folder), values=values))
        return pinned[0], "it is the project's main requirements file" if main else "it is the only one"
    return sources[0], "no file pins versions, so this one says what is wanted"


def _with_companions(folder: str, source: Source, because: str, sources: Sequence[Source]) -> Chosen:
    """Join what belongs to *source*: the ``.in`` that it was compiled from, and constraints."""
    pins: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    taken = source
    names = {one.name for one in sources}
    if source.kind is SourceKind.REQUIREMENTS:
        stem, ending = os.path.splitext(source.name)
        if ending == ".txt" and f"{stem}.in" in names:
            pins = (source.name,)
            taken = Source(name=f"{stem}.in", kind=source.kind, tool=source.tool)
        elif ending == ".in" and f"{stem}.txt" in names:
            pins = (f"{stem}.txt",)
    if source.kind is not SourceKind.LOCK and not pins:
        constraints = tuple(name for name in sorted(_files(folder, "")) if _CONSTRAINTS.fullmatch(name))
    used = {taken.name, *pins}
    others = tuple(one for one in sources if one.name not in used)
    return Chosen(
        source=taken,
        because=because,
        others=others,
        pins=pins,
        constraints=constraints,
        findings=tuple(_told(taken, because, others, constraints)),
    )


def _told(
    source: Source, because: str, others: Sequence[Source], constraints: Sequence[str]
) -> Iterator[Finding]:
    for name in constraints:
        values = {"what": "it is taken as constraints, as if pip were called with -c"}
        yield Finding(code="TRU927", level=Level.NOTE, subject=name, values=values)
    for one in others:
        if one.kind is SourceKind.PROJECT and source.kind is not SourceKind.PROJECT:
            continue  # it says what is wanted, and the lock or the pins what that came to
        values = {"taken": source.name, "because": because}
        yield Finding(code="TRU925", level=Level.NOTE, subject=one.name, values=values)


def _files(folder: str, below: str) -> Iterator[str]:
    try:
        with os.scandir(os.path.join(folder, below)) as entries:
            for entry in entries:
                if entry.is_file():
                    yield f"{below}/{entry.name}" if below else entry.name
    except (FileNotFoundError, NotADirectoryError):
        return


def _is_requirements(name: str) -> bool:
    base = os.path.basename(name)
    if _CONSTRAINTS.fullmatch(base):
        return False
    inside = os.path.dirname(name) == _FOLDER and base.endswith((".txt", ".in"))
    return inside or bool(_REQUIREMENTS.fullmatch(base))


def _order_of_lists(name: str) -> tuple[bool, bool, str]:
    base = os.path.basename(name).lower()
    return not base.startswith("requirements."), not base.endswith(".txt"), name


def _is_ours(path: str) -> bool:
    return bool(_CREATED_BY_TRUED.search(_beginning(path)))


def _beginning(path: str) -> bytes:
    """Return how the file begins; nothing of one that cannot be read, which is told when it is chosen."""
    try:
        with open(path, "rb") as file:
            return file.read(_READ_AT_MOST)
    except OSError:
        return b""


def _asks(path: str) -> bool:
    """Tell whether a project's file states dependencies, those for Poetry too."""
    if path.endswith(_SETUP_CFG):
        return states_requirements(os.path.dirname(path))
    try:
        with open(path, "rb") as file:
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return True  # what it says is asked of its reader, who tells why that is not to be had
    return bool(_PROJECT_TABLES.search(text))


def _tool_tables(path: str) -> frozenset[str]:
    """Return the names of the ``[tool.*]`` tables; of a file that cannot be read, none."""
    import tomllib

    try:
        with open(path, "rb") as file:
            tool = tomllib.load(file).get("tool", {})
    except (OSError, ValueError):
        return frozenset()
    return frozenset(tool) if isinstance(tool, dict) else frozenset()


def _shown(folder: str) -> str:
    return os.path.basename(os.path.abspath(folder)) or folder
