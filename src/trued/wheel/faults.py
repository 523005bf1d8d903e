"""The faults found in one wheel, gathered so that they are raised together."""

from __future__ import annotations

from trued.core.errors import Refused
from trued.core.finding import Finding

__all__ = ["Faults", "shown"]

_SHOWN_LENGTH = 200
_MOST_OF_ONE_CODE = 50


def shown(text: str) -> str:
    """Return foreign *text* fit for a terminal: what cannot be printed is escaped, what is long is cut."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in text)
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}…"


class Faults:
    """Gathers the findings about one file.

    Of each code the first fifty are kept and the others counted, so that an archive made of nothing but
    faults cannot fill the memory; the count is itself a finding (``TRU299``).
    """

    def __init__(self, subject: str) -> None:
        self._subject = shown(subject)
        self._findings: list[Finding] = []
        self._counts: dict[str, int] = {}

    def add(self, code: str, **values: object) -> None:
        """Note one fault; *values* fill the page's message and are made printable here."""
        count = self._counts.get(code, 0) + 1
        self._counts[code] = count
        if count <= _MOST_OF_ONE_CODE:
            self._findings.append(_finding(code, self._subject, values))

    def __bool__(self) -> bool:
        return bool(self._findings)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, in the order of finding, and how many more there are of a code that repeats."""
        unlisted = tuple(
            _finding("TRU299", self._subject, {"count": count - _MOST_OF_ONE_CODE, "code": code})
            for code, count in self._counts.items()
            if count > _MOST_OF_ONE_CODE
        )
        return (*self._findings, *unlisted)

    def raise_if_any(self) -> None:
        """Raise :class:`Refused` with everything found so far, if anything was."""
        if self._findings:
            raise Refused(*self.findings)


def _finding(code: str, subject: str, values: dict[str, object]) -> Finding:
    return Finding(
        code=code, subject=subject, values={key: shown(str(value)) for key, value in values.items()}
    )
