r"""Lists of digests as ``sha256sum`` and ``shasum`` write them (GNU coreutils, "cksum output modes").

    <hex>  name            GNU, also with ``*`` for the second space (binary mode)
    SHA256 (name) = <hex>  BSD, what ``--tag`` writes; SHA384 and SHA512 too
    \<hex>  na\nme         either with a backslash before it: the name has ``\\``, ``\n``, ``\r`` escaped

A list is read whole or not at all: a line with a second meaning could be the one that matters. Names are
compared byte by byte with the name of a distribution, which is ASCII and has no folder; entries with other
names are left aside and told. They never stand for a file with a similar name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trued.core.digest import HEX_LENGTHS, STRONG, Digest
from trued.core.finding import Finding, Level, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ChecksumList", "read_checksum_list", "write_checksum_list"]

_GNU = re.compile(r"(\\?)([0-9A-Fa-f]+) [ *](.+)")
_BSD = re.compile(r"(\\?)([A-Z][A-Z0-9/-]*) \((.+)\) = ([0-9A-Fa-f]+)")
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"\\": "\\", "n": "\n", "r": "\r"}
_BY_LENGTH = {length: name for name, length in HEX_LENGTHS.items()}
_SHOWN = 80
_NAMED = 3
_MAX_TOLD = 20
"""Lines told of one problem; a file of another kind has nothing but such lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksumList:
    """What a list says: for each name its digests, by algorithm; and what there is to tell of it."""

    entries: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def is_readable(self) -> bool:
        """Whether nothing refuses the list."""
        return all(finding.level is not Level.ERROR for finding in self.findings)

    def names_of(self, digests: Mapping[str, str]) -> tuple[str, ...]:
        """Return the names under which one of *digests* stands."""
        return tuple(
            name
            for name, stated in self.entries.items()
            if any(digests.get(algorithm) == value for algorithm, value in stated.items())
        )


def read_checksum_list(data: bytes, *, file: str, max_bytes: int) -> ChecksumList:
    """Read a whole list; *file* names it in findings. Nothing raises, whatever the bytes."""
    reading = _Reading(file)
    if len(data) > max_bytes:
        reading.tell("TRU750", 0, size=str(len(data)), limit=str(max_bytes))
        return reading.result()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        reading.tell("TRU752", 0, problem="bytes that are not UTF-8")
        return reading.result()
    if text.startswith("\ufeff"):
        reading.tell("TRU753", 1, level=Level.WARNING, mark="a byte order mark")
        text = text[1:]
    if "\r\n" in text:
        reading.tell("TRU753", 1, level=Level.WARNING, mark="line endings of Windows")
    for number, line in enumerate(text.split("\n"), start=1):
        reading.line(line.removesuffix("\r"), number)
    if not reading.entries and reading.is_sound:
        reading.tell("TRU751", 0)
    return reading.result()


def write_checksum_list(entries: Mapping[str, str]) -> str:
    """Return the GNU form of *entries*, sha256 by name, escaped where a name needs it."""
    return "".join(_written(name, value) for name, value in entries.items())


def _written(name: str, value: str) -> str:
    escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    mark = "\\" if escaped != name else ""
    return f"{mark}{value}  {escaped}\n"


class _Reading:
    """One list being read."""

    def __init__(self, file: str) -> None:
        self.entries: dict[str, dict[str, str]] = {}
        self.is_sound = True
        self._file = file
        self._findings: list[Finding] = []
        self._told: dict[str, int] = {}
        self._aside: dict[tuple[str, str], list[tuple[int, str]]] = {}

    def result(self) -> ChecksumList:
        """Return what was read; nothing of it where a finding refuses the list."""
        for (code, reason), lines in self._aside.items():
            key = "algorithm" if code == "TRU755" else "problem"
            self.tell(code, lines[0][0], level=Level.WARNING, **{"names": _together(lines), key: reason})
        entries = self.entries if self.is_sound else {}
        return ChecksumList(entries=entries, findings=tuple(self._findings))

    def line(self, line: str, number: int) -> None:
        """Read one line without its end."""
        if not line.strip() or line.startswith("#"):
            return
        parsed = self._bsd(line, number) if "(" in line and _BSD.fullmatch(line) else self._gnu(line, number)
        if parsed is not None:
            name, digest = parsed
            self._add(name, digest, number)

    def tell(self, code: str, line: int, *, level: Level = Level.ERROR, **values: str) -> None:
        """Add a finding; errors are counted in full and told up to a number."""
        self.is_sound = self.is_sound and level is not Level.ERROR
        self._told[code] = self._told.get(code, 0) + 1
        if self._told[code] <= _MAX_TOLD:
            place = Place(self._file, line)
            self._findings.append(
                Finding(code=code, level=level, subject=self._file, place=place, values=values)
            )

    def _leave_aside(self, code: str, reason: str, name: str, number: int) -> None:
        """Keep an entry that does not count, to be told with all others of its kind."""
        self._aside.setdefault((code, reason), []).append((number, name))

    def _gnu(self, line: str, number: int) -> tuple[str, Digest] | None:
        match = _GNU.fullmatch(line)
        if match is None:
            self._unreadable(line, number)
            return None
        mark, value, name = match.groups()
        algorithm = _BY_LENGTH.get(len(value))
        if algorithm is None:
            self.tell("TRU754", number, name=_shown(name), length=str(len(value)))
            return None
        return self._entry(mark, name, algorithm, value, number)

    def _bsd(self, line: str, number: int) -> tuple[str, Digest] | None:
        match = _BSD.fullmatch(line)
        if match is None:
            return None
        mark, tag, name, value = match.groups()
        algorithm = tag.lower().replace("-", "")
        if algorithm in STRONG and len(value) != HEX_LENGTHS[algorithm]:
            self.tell("TRU754", number, name=_shown(name), length=str(len(value)))
            return None
        return self._entry(mark, name, algorithm, value, number)

    def _entry(
        self, mark: str, name: str, algorithm: str, value: str, number: int
    ) -> tuple[str, Digest] | None:
        if algorithm not in STRONG:
            self._leave_aside("TRU755", algorithm, name, number)
            return None
        plain = _unescaped(name) if mark else name
        if plain is None:
            self._unreadable(name, number)
            return None
        return plain.removeprefix("./"), Digest.checked(algorithm, value)

    def _add(self, name: str, digest: Digest, number: int) -> None:
        known = self.entries.setdefault(name, {}).setdefault(digest.algorithm, digest.value)
        if known != digest.value:
            self.tell("TRU756", number, name=_shown(name), algorithm=digest.algorithm)
        problem = _problem_of(name)
        if problem:
            self._leave_aside("TRU757", problem, name, number)

    def _unreadable(self, line: str, number: int) -> None:
        self.tell("TRU752", number, problem=f"a line that is no entry: {_shown(line)}")


def _unescaped(name: str) -> str | None:
    """Return *name* without its escapes; ``None`` for an escape that coreutils does not write."""
    rest = _ESCAPE.sub("", name)
    if "\\" in rest or any(one not in _ESCAPED for one in _ESCAPE.findall(name)):
        return None
    return _ESCAPE.sub(lambda match: _ESCAPED[match.group(1)], name)


def _problem_of(name: str) -> str:
    """Return why *name* is the name of no distribution, or nothing."""
    if "/" in name or "\\" in name:
        return "for a folder in the name"
    if not name.isascii():
        return "for letters that no distribution's name has, which may look like others"
    is_plain = name.isprintable() and " " not in name
    return "" if is_plain else "for spaces or control characters in the name"


def _together(lines: list[tuple[int, str]]) -> str:
    names = [_shown(name) for _, name in lines]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _shown(text: str) -> str:
    return ascii(text[:_SHOWN])[1:-1]
