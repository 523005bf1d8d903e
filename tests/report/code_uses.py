"""Where the source names a finding's code, and which values it supplies there. Read from the syntax tree."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
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


def code_uses() -> Iterator[Use]:
    """Yield every place of the source where a code stands as a whole string, comparisons left out."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(SOURCE.rglob("*.py"))}
    names = {path: _names_of_values(tree) for path, tree in trees.items()}
    del trees[EXPECTING]
    for path, tree in trees.items():
        station = frozenset().union(*(names[other] for other in trees if other.parent == path.parent))
        in_calls, compared = _inside(tree, ast.Call) - _inside(tree, ast.Set), _inside(tree, ast.Compare)
        for node in ast.walk(tree):
            if _is_code(node) and node not in compared:
                yield Use(
                    code=str(node.value),
                    where=f"{path.relative_to(SOURCE)}:{node.lineno}",
                    supplied=station,
                    is_told=node in in_calls,
                )


def _inside(tree: ast.AST, kind: type[ast.AST]) -> set[ast.AST]:
    return {inner for node in ast.walk(tree) if isinstance(node, kind) for inner in ast.walk(node)}


def _is_code(node: ast.AST) -> TypeGuard[ast.Constant]:
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(_CODE.fullmatch(node.value))
    )


def _names_of_values(tree: ast.AST) -> frozenset[str]:
    keywords = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg}
    dicts = [node for node in ast.walk(tree) if isinstance(node, ast.Dict)]
    keys = {str(key.value) for mapping in dicts for key in mapping.keys if isinstance(key, ast.Constant)}
    return frozenset(keywords | keys)
