"""Markers as trees of ``and`` and ``or``, so that parts of them can be decided, joined and written again.

``packaging`` parses and evaluates markers, and offers no public view of what one consists of.
"""

from __future__ import annotations

import re

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = [
    "ALWAYS",
    "NEVER",
    "Condition",
    "all_of",
    "any_of",
    "decided",
    "invalid_marker",
    "membership",
    "parse_condition",
]

_TOKEN = re.compile(r"""\(|\)|"[^"]*"|'[^']*'|[^\s()"'<>=!~]+|[<>=!~]+""")

_MEMBERSHIP = re.compile(
    r"""(["'])(?P<name>[^"']*)\1 (?P<negated>not )?in (?P<set>extras|dependency_groups)"""
)
_SET_NAME = re.compile(r"\b(?:extras|dependency_groups)$|^(?:extras|dependency_groups)\b")

_TRIAL = {
    "implementation_name": "cpython",
    "implementation_version": "3.12.0",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "6.1",
    "platform_system": "Linux",
    "platform_version": "1",
    "python_full_version": "3.12.0",
    "python_version": "3.12",
    "sys_platform": "linux",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison (``joiner`` is empty and ``text`` is it), or ``parts`` joined by ``and`` or ``or``.

    ``and`` of no parts always holds, ``or`` of none never.
    """

    joiner: str
    text: str = ""
    parts: tuple[Condition, ...] = ()

    def __str__(self) -> str:
        if not self.joiner:
            return self.text
        return f" {self.joiner} ".join(
            f"({part})" if self.joiner == "and" and part.joiner == "or" else str(part) for part in self.parts
        )

    @property
    def marker(self) -> str | None:
        """The marker's text; ``None`` for what always holds."""
        return None if self == ALWAYS else str(self)


ALWAYS = Condition("and")
NEVER = Condition("or")


def all_of(parts: Iterable[Condition]) -> Condition:
    """Return what holds when all of *parts* do."""
    return _joined("and", parts, absorbing=NEVER)


def any_of(parts: Iterable[Condition]) -> Condition:
    """Return what holds when any of *parts* does."""
    return _joined("or", parts, absorbing=ALWAYS)


def _joined(joiner: str, parts: Iterable[Condition], *, absorbing: Condition) -> Condition:
    flat: dict[Condition, None] = {}
    for part in parts:
        if part == absorbing:
            return absorbing
        flat.update(dict.fromkeys(part.parts if part.joiner == joiner else (part,)))
    return next(iter(flat)) if len(flat) == 1 else Condition(joiner, parts=tuple(flat))


def parse_condition(marker: str | None) -> Condition:
    """Read a marker that is known to be valid; ``None`` and an empty one always hold."""
    if not marker:
        return ALWAYS
    from packaging.markers import Marker

    return _Parser(_TOKEN.findall(str(Marker(marker)))).whole()


def decided(condition: Condition, decide: Callable[[str], bool | None]) -> Condition:
    """Return *condition* with each comparison that *decide* can answer taken out."""
    if condition.joiner:
        join = all_of if condition.joiner == "and" else any_of
        return join(decided(part, decide) for part in condition.parts)
    answer = decide(condition.text)
    if answer is None:
        return condition
    return ALWAYS if answer else NEVER


def invalid_marker(marker: str) -> str | None:
    """Return why *marker* cannot be used in a lock; ``None`` when it can.

    It is evaluated once, since some comparisons (of an order between texts) only fail there.
    """
    from packaging.markers import InvalidMarker, Marker

    nothing = frozenset[str]()
    environment: dict[str, str | frozenset[str]] = {**_TRIAL, "extras": nothing, "dependency_groups": nothing}
    try:
        Marker(marker).evaluate(environment, context="lock_file")
    except InvalidMarker as error:
        return str(error).partition("\n")[0]
    except RecursionError:
        return "it is nested too deeply"
    except KeyError as error:
        return f"{error.args[0]} has no meaning in a lock"
    except (ValueError, TypeError, AttributeError):
        # packaging compares a set with an order as if it were text, which ends in any of these.
        return "one of its comparisons cannot be decided"
    if any(
        _SET_NAME.search(text) and membership(text) is None for text in _comparisons(parse_condition(marker))
    ):
        return "extras and dependency_groups are only asked with 'name' in"
    return None


def membership(comparison: str) -> tuple[str, str, bool] | None:
    """Return the set, the name and whether it is in it, of ``'name' in extras`` and its like."""
    match = _MEMBERSHIP.fullmatch(comparison)
    return None if match is None else (match["set"], match["name"], not match["negated"])


def _comparisons(condition: Condition) -> Iterator[str]:
    if not condition.joiner:
        yield condition.text
    for part in condition.parts:
        yield from _comparisons(part)


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._next = 0

    def whole(self) -> Condition:
        alternatives = [self._conjunction()]
        while self._peek() == "or":
            self._next += 1
            alternatives.append(self._conjunction())
        return any_of(alternatives)

    def _conjunction(self) -> Condition:
        parts = [self._factor()]
        while self._peek() == "and":
            self._next += 1
            parts.append(self._factor())
        return all_of(parts)

    def _factor(self) -> Condition:
        if self._peek() == "(":
            self._next += 1
            inner = self.whole()
            self._next += 1
            return inner
        words: list[str] = []
        while self._peek() not in ("and", "or", "(", ")", None):
            words.append(self._tokens[self._next])
            self._next += 1
        return Condition("", " ".join(words))

    def _peek(self) -> str | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None
