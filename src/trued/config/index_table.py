"""``[[index]]`` tables: indexes with a name, and the projects bound to each."""

from __future__ import annotations

import os

from trued.config.origin import Origin
from trued.config.settings import IndexSetting
from trued.core.finding import Finding, Level
from trued.core.names import is_valid_name, normalize
from trued.core.tuf_paths import base_of_index

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.config.entry import Reading
    from trued.config.toml_lines import Lines

__all__ = ["KEYS", "read_indexes"]

KEYS = {"name", "url", "projects", "trust", "root"}
_KNOWN = "name, url, projects, trust and root"


def read_indexes(value: object, origin: Origin, lines: Lines, reading: Reading) -> None:
    """Add the indexes that *value*, the key ``index`` of one file, states; what is wrong is TRU607."""
    if not isinstance(value, list):
        reading.findings.append(_wrong(origin, "it is an array of tables, [[index]]"))
        return
    numbers = lines.of_tables("index")
    names: set[str] = set()
    for position, table in enumerate(value):
        line = numbers[position] if position < len(numbers) else origin.line
        place = Origin(source=origin.source, name="index", file=origin.file, line=line)
        problem = _problem(table, names)
        if problem:
            reading.findings.append(_wrong(place, problem))
        else:
            names.add(table["name"])
            reading.indexes.append(_index(table, place))


def _index(table: dict[str, object], origin: Origin) -> IndexSetting:
    projects = table.get("projects", [])
    names = projects if isinstance(projects, list) else []
    return IndexSetting(
        name=str(table["name"]),
        url=str(table["url"]),
        projects=frozenset(normalize(name) for name in names),
        trust=str(table.get("trust", "")),
        root=_beside(str(table.get("root", "")), origin),
        origin=origin,
    )


def _beside(path: str, origin: Origin) -> str:
    """Return the path of a file that a policy file names: from that file's folder."""
    return os.path.join(os.path.dirname(origin.file), os.path.expanduser(path)) if path else ""


def _problem(table: object, names: set[str]) -> str:
    """Say what is wrong with one table, nothing when it is sound."""
    if not isinstance(table, dict):
        return f"each [[index]] is a table with {_KNOWN}"
    unknown = sorted(set(table) - KEYS)
    projects = table.get("projects", [])
    if unknown:
        return f"unknown key {unknown[0]}; known are {_KNOWN}"
    if not all(isinstance(table.get(key), str) and table[key] for key in ("name", "url")):
        return "name and url are needed, both texts"
    if table["name"] in names:
        return f"the name {table['name']} is used twice"
    if not isinstance(projects, list) or not all(isinstance(name, str) for name in projects):
        return "projects is a list of project names"
    bad = [name for name in projects if not is_valid_name(name)]
    return f"{bad[0]} is not a project name" if bad else _untrusted(table)


def _untrusted(table: dict[str, object]) -> str:
    """Say what is wrong with how the index is trusted; a signed one is never taken for a plain one."""
    trust, root = table.get("trust", "plain"), table.get("root")
    if trust not in ("plain", "tuf"):
        return 'trust is "tuf", for an index that signs its metadata, or "plain"'
    if trust == "plain":
        return "" if root is None else 'root goes with trust = "tuf"'
    if not isinstance(root, str) or not root:
        return 'trust = "tuf" needs root, the file of the root that trust begins at'
    if base_of_index(str(table["url"])) is None:
        return "the address of a signed index ends in /simple/"
    return ""


def _wrong(origin: Origin, problem: str) -> Finding:
    return Finding(
        code="TRU607", level=Level.ERROR, subject="index", place=origin.place, values={"problem": problem}
    )
