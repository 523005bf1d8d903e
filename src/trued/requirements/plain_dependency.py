"""Lines of Requires-Dist in their usual forms, read without ``packaging``.

A LEAN module. It answers for ``name[extra]>=1,<2 ; python_version < "3.9" and extra == "test"`` and its like,
with versions that are plain releases; for everything else it says ``None``, and ``packaging`` decides. A
property test holds the answers against those of ``packaging``.
"""

from __future__ import annotations

from trued.core.names import is_valid_name, normalize
from trued.core.record import NamedTuple
from trued.requirements.plain_specifier import admits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from trued.core.names import ProjectName

    Comparison: TypeAlias = tuple[str, str, str]
    """Variable, operator and value."""

    Condition: TypeAlias = Comparison | tuple[str, tuple["Condition", ...]]
    """A comparison; or ``and``, ``or`` and what it joins."""

__all__ = ["PlainDependency", "read_plain"]

_VERSIONS = frozenset(("python_version", "python_full_version"))
_TEXTS = frozenset((
    "os_name", "sys_platform", "platform_system", "platform_machine", "implementation_name",
    "platform_python_implementation",
))  # fmt: skip
_OPERATORS = "<>=!~"
_WORDS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.")
_MOST_TOKENS = 100


class PlainDependency(NamedTuple):
    """One dependency; ``marker`` is the condition under which it is one, ``None`` for always."""

    project: ProjectName
    extras: tuple[ProjectName, ...]
    specifier: str
    marker: Condition | None

    def applies(self, environment: Mapping[str, str], extra: str) -> bool | None:
        """Tell whether the marker holds for *extra* (normalised; empty for none); ``None`` if not plain."""
        return True if self.marker is None else _holds(self.marker, environment, extra)


def read_plain(text: str) -> PlainDependency | None:
    """Return the dependency that *text* states, or ``None`` when it is not plainly written."""
    stated, semicolon, condition = text.partition(";")
    marker = _marker(condition) if semicolon else None
    name, extras, specifier = _parted(stated.strip())
    if (semicolon and marker is None) or not is_valid_name(name) or not all(map(is_valid_name, extras)):
        return None
    return PlainDependency(normalize(name), tuple(sorted(map(normalize, extras))), specifier, marker)


def _parted(stated: str) -> tuple[str, list[str], str]:
    """Part name, extras and specifier; the name is empty when they cannot be."""
    name = stated
    for sign in "[(<>=!~ ":
        name = name.partition(sign)[0]
    rest = stated[len(name) :].strip()
    extras: list[str] = []
    if rest.startswith("["):
        inside, bracket, rest = rest[1:].partition("]")
        extras = [extra.strip() for extra in inside.split(",")] if bracket else [""]
        rest = rest.strip()
    if rest.startswith("("):
        rest = rest[1:-1].strip() if rest.endswith(")") else "("
    is_plain = not rest or (rest[0] in "<>=!~" and not rest.endswith(","))
    return name if is_plain else "", extras, rest


def _marker(text: str) -> Condition | None:
    """Return the condition that *text* states, or ``None``."""
    words = text.split()
    single = _comparison(words) if len(words) == 3 else None
    if single is not None:
        return single
    tokens = _tokens(text)
    if not tokens:
        return None
    condition = _alternatives(tokens)
    return condition if not tokens else None


def _tokens(text: str) -> list[str]:
    """Return the words, operators, quoted values and parentheses of *text*, the last first; or nothing."""
    found = []
    at = 0
    while at < len(text):
        end = at + 1
        if text[at] in "\"'":
            end = text.find(text[at], end) + 1
        elif text[at] not in "() \t":
            kind = _OPERATORS if text[at] in _OPERATORS else _WORDS
            while end < len(text) and text[end] in kind:
                end += 1
        if not end:
            return []
        if not text[at].isspace():
            found.append(text[at:end])
        at = end
    return found[::-1] if len(found) < _MOST_TOKENS else []


def _alternatives(tokens: list[str]) -> Condition | None:
    """Read comparisons joined by ``or``, and by ``and`` more tightly, up to a closing parenthesis."""
    joined: list[Condition] = []
    while True:
        together: list[Condition] = []
        while True:
            one = _one(tokens)
            if one is None:
                return None
            together.append(one)
            if not tokens or tokens[-1] != "and":
                break
            tokens.pop()
        joined.append(("and", tuple(together)))
        if not tokens or tokens[-1] != "or":
            return "or", tuple(joined)
        tokens.pop()


def _one(tokens: list[str]) -> Condition | None:
    if tokens and tokens[-1] == "(":
        tokens.pop()
        inside = _alternatives(tokens)
        return inside if inside is not None and tokens and tokens.pop() == ")" else None
    words, tokens[-3:] = tokens[:-4:-1], []
    return _comparison(words)


def _comparison(words: list[str]) -> Comparison | None:
    if len(words) != 3:
        return None
    variable, operator, quoted = words
    value = quoted[1:-1]
    if quoted != f'"{value}"' and quoted != f"'{value}'":
        return None
    if '"' in value or "'" in value or not value:
        return None
    if variable in _VERSIONS and operator in ("<", "<=", ">", ">=", "==", "!=", "~="):
        return variable, operator, value
    if operator not in ("==", "!="):
        return None
    if variable in _TEXTS:
        return variable, operator, value
    if variable == "extra" and is_valid_name(value):
        return variable, operator, normalize(value)
    return None


def _holds(condition: Condition, environment: Mapping[str, str], extra: str) -> bool | None:
    if len(condition) == 3:
        return _compared(condition, environment, extra)
    joint, parts = condition
    found = [_holds(part, environment, extra) for part in parts]
    if None in found:
        return None
    return all(found) if joint == "and" else any(found)


def _compared(comparison: Comparison, environment: Mapping[str, str], extra: str) -> bool | None:
    variable, operator, value = comparison
    if variable in _VERSIONS:
        return admits(operator + value, environment[variable])
    actual = extra if variable == "extra" else environment[variable]
    return (actual == value) is (operator == "==")
