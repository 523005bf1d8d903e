"""Which projects may come as wheels only, or as source only: pip's ``--only-binary`` and ``--no-binary``."""

from __future__ import annotations

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.core.names import ProjectName

__all__ = ["ALL", "NONE", "FormatControl", "split_names"]

ALL = ":all:"
NONE = ":none:"


def split_names(text: str) -> tuple[str, ...]:
    """Return the names in *text*, normalised, with ``:all:`` and ``:none:`` as they stand."""
    from trued.core.names import normalize

    words = (word.strip() for word in text.split(","))
    return tuple(word if word in (ALL, NONE) else normalize(word) for word in words if word)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatControl:
    """The two sets; a name stands in one of them at most, and beats ``:all:`` (pip ``FormatControl``)."""

    only_binary: frozenset[str] = frozenset()
    no_binary: frozenset[str] = frozenset()

    def with_only_binary(self, names: Sequence[str]) -> FormatControl:
        """Return the control after one more ``--only-binary``."""
        only, no = _added(names, self.only_binary, self.no_binary)
        return FormatControl(only_binary=only, no_binary=no)

    def with_no_binary(self, names: Sequence[str]) -> FormatControl:
        """Return the control after one more ``--no-binary``."""
        no, only = _added(names, self.no_binary, self.only_binary)
        return FormatControl(only_binary=only, no_binary=no)

    def allows_wheel(self, project: ProjectName) -> bool:
        """Tell whether a wheel of *project* may be chosen."""
        return project in self.only_binary or not self._names(self.no_binary, project)

    def allows_source(self, project: ProjectName) -> bool:
        """Tell whether a source distribution of *project* may be chosen."""
        return project in self.no_binary or not self._names(self.only_binary, project)

    @staticmethod
    def _names(names: frozenset[str], project: ProjectName) -> bool:
        return project in names or ALL in names


def _added(
    names: Sequence[str], target: frozenset[str], other: frozenset[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return both sets after *names* are added to *target*: the last ``:all:`` empties both first."""
    chosen, rest = set(target), set(other)
    for name in names:
        if name == ALL:
            chosen, rest = {ALL}, set()
        elif name == NONE:
            chosen.clear()
        else:
            rest.discard(name)
            chosen.add(name)
    return frozenset(chosen), frozenset(rest)
