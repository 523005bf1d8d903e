"""Version specifiers of plain releases, decided without ``packaging``, which takes long to import.

A LEAN module. ``3.11.2`` is a plain release; what has an epoch, a letter or a local label is not, and is not
decided here. A property test holds the answers against those of ``packaging``.
"""

from __future__ import annotations

__all__ = ["admits", "clauses", "names_prerelease"]

_LONGEST = 400
_LONGEST_NUMBER = 10
_PRE, _POST = "pre", "post"
_MARKS = (("rc", _PRE), (".post", _POST), (".dev", _PRE), ("a", _PRE), ("b", _PRE))
_SIMPLE = ("<=", ">=", "==", "!=")
_OPERATORS = ("<", "<=", ">", ">=", "==", "!=", "~=")


def admits(specifier: str, version: str) -> bool | None:
    """Tell whether *specifier* (PEP 440) admits *version*; ``None`` when one of the two is not plain."""
    release = _release(version)
    if release is None:
        # Of a pre- or post-release no more is told: nothing excludes it, or it is the very one that is asked.
        return True if _stage(version) and specifier.strip() in ("", f"=={version}") else None
    if len(specifier) > _LONGEST:
        return None
    answer = True
    for clause in specifier.split(",") if specifier.strip() else ():
        holds = _holds(clause.strip(), release)
        if holds is None:
            return None
        answer = answer and holds
    return answer


def clauses(specifier: str) -> tuple[str, ...] | None:
    """Return its clauses as ``packaging`` writes and orders them; ``None`` when one is not plain.

    Beside plain releases they name others where the operator means the same for all: ``>=2.0rc1``.
    """
    if len(specifier) > _LONGEST:
        return None
    found: dict[str, tuple[str, tuple[int, ...]]] = {}
    for clause in specifier.split(",") if specifier.strip() else ():
        stripped = clause.strip()
        operator = stripped[:2] if stripped[1:2] == "=" else stripped[:1]
        stated = stripped[len(operator) :].strip()
        if operator not in _OPERATORS:
            return None
        release = _release(stated.removesuffix(".*") if operator in ("==", "!=") else stated)
        if release is None:
            stage = _stage(stated)
            if stage is None or not (operator in _SIMPLE or (operator == "<" and stage == _PRE)):
                return None
        elif operator == "~=" and len(release) < 2:
            return None
        found[operator + stated] = operator, _cut(release or ())
    # Of clauses that mean the same, ``packaging`` keeps one.
    return tuple(sorted(found)) if len(set(found.values())) == len(found) else None


def names_prerelease(clause: str) -> bool:
    """Tell whether one of :func:`clauses` asks for a pre-release by naming one."""
    return not clause.startswith("!=") and _stage(clause.lstrip("<>=~")) == _PRE


def _stage(text: str) -> str | None:
    """Return whether *text* is a release with one mark at its end, of a pre- or a post-release."""
    for mark, stage in _MARKS:
        before, found, number = text.partition(mark)
        if found:
            is_plain = _release(before) is not None and number.isascii() and number.isdigit()
            return stage if is_plain and len(number) < _LONGEST_NUMBER else None
    return None


def _release(text: str) -> tuple[int, ...] | None:
    parts = text.split(".")
    if len(text) > _LONGEST or not text.isascii() or not all(map(str.isdigit, parts)):
        return None
    return tuple([int(part) for part in parts])


def _holds(clause: str, release: tuple[int, ...]) -> bool | None:
    operator = clause[:2] if clause[1:2] == "=" else clause[:1]
    stated = clause[len(operator) :].strip()
    if stated.endswith(".*") and operator in ("==", "!="):
        prefix = _release(stated[:-2])
        return None if prefix is None else _begins(release, prefix) is (operator == "==")
    wanted = _release(stated)
    if wanted is None:
        return None
    if operator == "~=":
        return (_cut(release) >= _cut(wanted) and _begins(release, wanted[:-1])) if len(wanted) > 1 else None
    first, second = _cut(release), _cut(wanted)
    if operator in (">=", "<="):
        return first >= second if operator == ">=" else first <= second
    if operator in ("==", "!="):
        return (first == second) is (operator == "==")
    if operator in (">", "<"):
        return first > second if operator == ">" else first < second
    return None


def _cut(release: tuple[int, ...]) -> tuple[int, ...]:
    """Return *release* without the zeros at its end, so that tuples compare as versions do."""
    end = len(release)
    while end and not release[end - 1]:
        end -= 1
    return release[:end]


def _begins(release: tuple[int, ...], prefix: tuple[int, ...]) -> bool:
    return (*release, *[0] * len(prefix))[: len(prefix)] == prefix
