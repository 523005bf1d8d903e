"""Where the source names a finding's code, and which values it supplies there. Read from the syntax tree."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeGuard

import trued

SOURCE = Path(trued.__file__).parent
EXPECTING = SOURCE / "operations" / "specimen.py"
"""The one module that names codes which others have to tell."""

_CODE = re.compile(r"TRU\d{3}")


@dataclass(frozen=True)
class Use:
    """One literal code. ``supplied`` holds every name that its station gives to a value.

    Those are the keywords of all calls and the keys of all mappings in its folder: a small function often
    adds what several findings share. ``is_told`` is false for a code outside of any call, or in a set.
    """

    code: str
    where: str
    supplied: frozenset[str]
    is_told: bool


@cache
def code_uses() -> tuple[Use, ...]:
    """Return every place of the source where a code stands as a whole string, comparisons left out."""
    return tuple(_uses())


def _uses() -> Iterator[Use]:
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(SOURCE.rglob("*.py"))}
    del trees[EXPECTING]
    names: dict[Path, set[str]] = {}
    for path, tree in trees.items():
        names.setdefault(path.parent, set()).update(_names_of_values(tree))
    stations = {folder: frozenset(found) for folder, found in names.items()}
    for path, tree in trees.items():
        if "TRU" not in path.read_text(encoding="utf-8"):
            continue
        in_calls, compared = _inside(tree, ast.Call) - _inside(tree, ast.Set), _inside(tree, ast.Compare)
        for node in ast.walk(tree):
            if _is_code(node) and node not in compared:
                yield Use(
                    code=str(node.value),
                    where=f"{path.relative_to(SOURCE)}:{node.lineno}",
                    supplied=stations[path.parent],
                    is_told=node in in_calls,
                )


def _inside(tree: ast.AST, kind: type[ast.AST]) -> set[ast.AST]:
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, kind) and node not in found:  # what is inside of another came with that
            found.update(ast.walk(node))
    return found


def _is_code(node: ast.AST) -> TypeGuard[ast.Constant]:
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(_CODE.fullmatch(node.value))
    )


def _names_of_values(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.Dict):
            yield from (str(key.value) for key in node.keys if isinstance(key, ast.Constant))
