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

    from trued.core.names import ProjectName

__all__ = ["PlainDependency", "read_plain"]

_VERSIONS = frozenset(("python_version", "python_full_version"))
_TEXTS = frozenset((
    "os_name", "sys_platform", "platform_system", "platform_machine", "implementation_name",
    "platform_python_implementation",
))  # fmt: skip
_KNOWN_TEXTS = frozenset((
    "win32", "linux", "linux2", "darwin", "cygwin", "emscripten", "wasi", "android", "ios", "Windows",
    "Linux", "Darwin", "Java", "Emscripten", "nt", "posix", "java", "cpython", "pypy", "CPython", "PyPy",
    "x86_64", "aarch64", "arm64", "AMD64", "amd64", "armv7l", "i386", "i686", "ppc64le", "s390x", "riscv64",
))  # fmt: skip
"""Values that are no versions, so that equal is what is spelled the same."""

Comparison = tuple[str, str, str]


class PlainDependency(NamedTuple):
    """One dependency; ``marker`` holds alternatives, each of comparisons that must all hold."""

    project: ProjectName
    extras: tuple[ProjectName, ...]
    specifier: str
    marker: tuple[tuple[Comparison, ...], ...]

    def applies(self, environment: Mapping[str, str], extra: str) -> bool | None:
        """Tell whether the marker holds for *extra* (normalised; empty for none); ``None`` if not plain."""
        holds = not self.marker
        for alternative in self.marker:
            found = [_holds(comparison, environment, extra) for comparison in alternative]
            if None in found:
                return None
            holds = holds or all(found)
        return holds


def read_plain(text: str) -> PlainDependency | None:
    """Return the dependency that *text* states, or ``None`` when it is not plainly written."""
    stated, semicolon, condition = text.partition(";")
    marker = _marker(condition) if semicolon else ()
    name, extras, specifier = _parted(stated.strip())
    if marker is None or not is_valid_name(name) or not all(map(is_valid_name, extras)):
        return None
    return PlainDependency(normalize(name), tuple(sorted(map(normalize, extras))), specifier, marker)


def _parted(stated: str) -> tuple[str, list[str], str]:
    """Part name, extras and specifier; the name is empty when they cannot be."""
    end = next((at for at, sign in enumerate(stated) if sign in "[(<>=!~ "), len(stated))
    name, rest = stated[:end], stated[end:].strip()
    extras: list[str] = []
    if rest.startswith("["):
        inside, bracket, rest = rest[1:].partition("]")
        extras = [extra.strip() for extra in inside.split(",")] if bracket else [""]
        rest = rest.strip()
    if rest.startswith("("):
        rest = rest[1:-1].strip() if rest.endswith(")") else "("
    is_plain = not rest or (rest[0] in "<>=!~" and not rest.endswith(","))
    return name if is_plain else "", extras, rest


def _marker(text: str) -> tuple[tuple[Comparison, ...], ...] | None:
    words = text.split()
    alternatives: list[tuple[Comparison, ...]] = []
    comparisons: list[Comparison] = []
    while words:
        comparison = _comparison(words[:3])
        joint = words[3] if len(words) > 3 else ""
        if comparison is None or joint not in ("", "and", "or") or len(words) == 4:
            return None
        comparisons.append(comparison)
        if joint != "and":
            alternatives.append(tuple(comparisons))
            comparisons = []
        words = words[4:]
    return tuple(alternatives) or None


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
    if variable in _TEXTS and value in _KNOWN_TEXTS:
        return variable, operator, value
    # A letter and a letter: what begins so is no version, and is compared as text.
    if variable == "extra" and is_valid_name(value) and value[:2].isalpha() and len(value) > 1:
        return variable, operator, normalize(value)
    return None


def _holds(comparison: Comparison, environment: Mapping[str, str], extra: str) -> bool | None:
    variable, operator, value = comparison
    if variable in _VERSIONS:
        return admits(operator + value, environment[variable])
    actual = extra if variable == "extra" else environment[variable]
    return (actual == value) is (operator == "==")
