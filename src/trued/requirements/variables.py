"""``${NAME}`` in a requirements file, by pip's rule: upper case, digits and underscores, braces required."""

from __future__ import annotations

import re

from trued.core.record import dataclass
from trued.requirements.url import without_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Expanded", "expand"]

_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")


@dataclass(frozen=True, slots=True, repr=False)
class Expanded:
    """A text with its variables replaced; knows how to show itself without their values."""

    text: str
    values: tuple[tuple[str, str], ...] = ()
    unset: tuple[str, ...] = ()

    def hide(self, text: str) -> str:
        """Return *text* with the variables' values put back as ``${NAME}``, and without URL credentials."""
        for name, value in self.values:
            text = text.replace(value, f"${{{name}}}")
        return without_credentials(text)


def expand(text: str, environ: Mapping[str, str]) -> Expanded:
    """Replace each variable that has a value; one that is unset or empty stays as it is written.

    A value is not searched for variables again, unlike pip's, where the result depends on their order.
    """
    if "${" not in text:
        return Expanded(text)
    names = dict.fromkeys(_VARIABLE.findall(text))
    values = tuple((name, environ[name]) for name in names if environ.get(name))
    return Expanded(
        _VARIABLE.sub(lambda match: environ.get(match.group(1)) or match.group(0), text),
        tuple(sorted(values, key=lambda pair: -len(pair[1]))),
        tuple(name for name in names if not environ.get(name)),
    )
