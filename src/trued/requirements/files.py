"""Requirement and constraint files, with everything they include, read into one :class:`RequirementSet`.

The grammar is pip's ("Requirements File Format"). What pip drops without a word is an error here, and all
errors of all files are raised together.
"""

from __future__ import annotations

import os

from trued.core.digest import Digest
from trued.core.errors import TruedError
from trued.core.finding import Place
from trued.core.limits import Limits
from trued.core.record import dataclass, replace
from trued.requirements.digests import listed_digests
from trued.requirements.encoding import UndecodableText, decode
from trued.requirements.line_options import (
    OF_A_REQUIREMENT,
    GivenOption,
    OptionError,
    options_of,
    split_requirement,
)
from trued.requirements.logical_line import LogicalLine, logical_lines
from trued.requirements.model import Kind, Requirement, RequirementSet
from trued.requirements.problems import Problems
from trued.requirements.requirement_text import AskedLine, read_editable, read_requirement
from trued.requirements.run_options import RunOptions
from trued.requirements.simple_lines import read_plainly
from trued.requirements.source import OpenUrl, Source, SourceError, check_chain, named, nested, read
from trued.requirements.url import without_credentials
from trued.requirements.variables import Expanded, expand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["COMMAND_LINE", "read_requirements"]

COMMAND_LINE = Place("command line")
"""The place of a requirement that is given as an argument."""

_INCLUDES = ("--requirement", "--constraint")
_ONCE_A_LINE = (*_INCLUDES, "--editable", "--find-links", "--index-url")
"""Of these pip reads one a line and drops the others."""


def read_requirements(
    files: Sequence[str],
    *,
    constraints: Sequence[str] = (),
    pins: Sequence[str] = (),
    arguments: Sequence[str] = (),
    editables: Sequence[str] = (),
    environ: Mapping[str, str],
    open_url: OpenUrl | None = None,
    limits: Limits | None = None,
    seen: Callable[[str, bytes], None] | None = None,
) -> RequirementSet:
    """Read everything that one call asks for, in pip's order: constraints, arguments, ``-e``, files.

    *files* and *constraints* are paths, ``file:`` URLs or, when *open_url* can fetch them, http(s) URLs.
    Variables in files are looked up in *environ*. Relative paths of requirements start at the working
    directory, those of included files at the including file. *seen* is told name and content of each file.
    *pins* are requirements files that an earlier choice of versions was written to, read as constraints.

    Raises :class:`UsageError` with every finding, warnings included, as soon as one of them is an error.
    """
    reader = _Reader(environ=environ, open_url=open_url, limits=limits or Limits(), seen=seen)
    for name in constraints:
        reader.file(named(name), constraint=True)
    for name in pins:
        reader.pins(named(name))
    for text in arguments:
        reader.argument(text, read_requirement)
    for text in editables:
        reader.argument(text, read_editable)
    for name in files:
        reader.file(named(name), constraint=False)
    return reader.result()


@dataclass(frozen=True, slots=True)
class _Line:
    """One logical line on its way: where it stands, and its text with the variables put in."""

    source: Source
    logical: LogicalLine
    expanded: Expanded
    constraint: bool
    chain: tuple[str, ...]

    def place(self, fragment: str = "") -> Place:
        """Return the physical line on which *fragment* stands; the first without."""
        number = self.logical.line_of(fragment) if fragment else self.logical.first
        return Place(self.source.shown, number)

    def place_of(self, option: GivenOption) -> Place:
        return self.place(self.expanded.hide(option.value) or option.name)


class _Reader:
    """Walks over the files and gathers what they say."""

    def __init__(
        self,
        *,
        environ: Mapping[str, str],
        open_url: OpenUrl | None,
        limits: Limits,
        seen: Callable[[str, bytes], None] | None,
    ) -> None:
        self._seen = seen
        self._environ = environ
        self._open_url = open_url
        self._limits = limits
        self._problems = Problems()
        self._options = RunOptions(self._problems)
        self._read: list[Requirement] = []
        self._files_read = 0

    def result(self) -> RequirementSet:
        self._problems.raise_if_errors()
        return RequirementSet(
            requirements=tuple(line for line in self._read if not line.constraint),
            constraints=tuple(line for line in self._read if line.constraint),
            options=self._options.result(),
            findings=self._problems.findings,
        )

    def argument(self, text: str, parse: Callable[[AskedLine, Problems], Requirement | None]) -> None:
        line = AskedLine(text=text.strip(), place=COMMAND_LINE, hide=without_credentials)
        self._keep(parse(line, self._problems))

    def file(
        self, source: Source, *, constraint: bool, chain: tuple[str, ...] = (), place: Place | None = None
    ) -> None:
        """Read one file and what it includes; *chain* leads here, *place* is the line that names it."""
        here = place or Place(source.shown)
        data = self._data(source, chain, here)
        if data is None or self._plainly(data, source, constraint=constraint):
            return
        text = self._text(data, source)
        if text is None:
            return
        above: int | None = None
        for logical in logical_lines(text, file=source.shown, problems=self._problems):
            expanded = expand(logical.text, self._environ)
            line = _Line(source, logical, expanded, constraint, (*chain, source.identity))
            for name in expanded.unset:
                self._problems.warning("TRU123", line.place(f"${{{name}}}"), subject=name)
            above = self._line(line, above)

    def pins(self, source: Source) -> None:
        """Read a file of chosen versions as constraints, without what no constraint can say.

        That is extras, which pip-compile writes, and editables, which ``pip freeze`` writes as well.
        """
        before = len(self._read)
        self.file(source, constraint=False)
        self._read[before:] = [
            replace(line, extras=frozenset(), constraint=True)
            for line in self._read[before:]
            if line.project is not None and line.kind is not Kind.EDITABLE
        ]

    def _data(self, source: Source, chain: tuple[str, ...], place: Place) -> bytes | None:
        try:
            check_chain(source, chain, self._limits, read_before=self._files_read)
            self._files_read += 1
            data = read(source, open_url=self._open_url, limits=self._limits)
            if self._seen is not None:
                self._seen(source.name, data)
            return data
        except SourceError as error:
            self._problems.error(error.code, place, source.shown, **error.values)
        except TruedError as error:
            self._problems.extend(error.findings)
        return None

    def _plainly(self, data: bytes, source: Source, *, constraint: bool) -> bool:
        """Read a file that holds nothing but pinned names with digests; tell whether it is one."""
        plain = read_plainly(data)
        if plain is None:
            return False
        for line, text in zip(plain[0], plain[1], strict=True):
            listed = frozenset([Digest(*digest.split(":")) for digest in line[3]])
            place = Place(source.shown, line[4])
            asked = AskedLine(text=text, place=place, hide=str, listed=listed, constraint=constraint)
            self._keep(read_requirement(asked, self._problems))
        for number in plain[2]:
            self._options.add("--require-hashes", "", Place(source.shown, number), folder=None)
        return True

    def _text(self, data: bytes, source: Source) -> str | None:
        try:
            return decode(data)
        except UndecodableText as error:
            here = Place(source.shown)
            self._problems.error("TRU103", here, source.shown, encoding=error.encoding, reason=error.reason)
        return None

    def _line(self, line: _Line, above: int | None) -> int | None:
        """Read one line; takes and returns the last line of the requirement above, if that is what it is."""
        text, rest = split_requirement(line.expanded.text)
        options = self._given(options_of(rest), line)
        text = text.strip()
        if text:
            self._requirement(text, options, line)
        elif any(option.name == "--editable" for option in options):
            self._editable(options, line)
        elif any(option.name in OF_A_REQUIREMENT for option in options):
            self._orphan(options, line, above)
            return above
        else:
            self._run_options(options, line)
            return None
        return line.logical.last

    def _given(self, options: Iterable[GivenOption | OptionError], line: _Line) -> list[GivenOption]:
        given: list[GivenOption] = []
        for option in options:
            if isinstance(option, OptionError):
                token = line.expanded.hide(option.token)
                self._problems.error(option.code, line.place(token), subject=token)
            elif option.name in _ONCE_A_LINE and any(option.name == other.name for other in given):
                self._problems.error("TRU120", line.place_of(option), subject=option.name)
            else:
                given.append(option)
        return given

    def _requirement(self, text: str, options: list[GivenOption], line: _Line) -> None:
        for option in options:
            if option.name not in OF_A_REQUIREMENT:
                self._problems.error("TRU117", line.place_of(option), subject=option.name)
        hashes = [(option.value, line.place_of(option)) for option in options if option.name == "--hash"]
        asked = AskedLine(
            text=text,
            place=line.place(),
            hide=line.expanded.hide,
            listed=listed_digests(
                hashes, subject=line.expanded.hide(text), hide=line.expanded.hide, problems=self._problems
            ),
            config_settings=self._config_settings(options, line),
            constraint=line.constraint,
        )
        self._keep(read_requirement(asked, self._problems))

    def _editable(self, options: list[GivenOption], line: _Line) -> None:
        for option in options:
            if option.name not in ("--editable", "--config-settings"):
                code = "TRU121" if option.name == "--hash" else "TRU117"
                self._problems.error(code, line.place_of(option), subject=option.name)
        asked = AskedLine(
            text=next(option.value for option in options if option.name == "--editable"),
            place=line.place(),
            hide=line.expanded.hide,
            config_settings=self._config_settings(options, line),
            constraint=line.constraint,
        )
        self._keep(read_editable(asked, self._problems))

    def _config_settings(self, options: list[GivenOption], line: _Line) -> tuple[tuple[str, str], ...]:
        settings: list[tuple[str, str]] = []
        for option in options:
            if option.name == "--config-settings":
                key, equals, value = option.value.partition("=")
                settings.append((key, value))
                if not equals:
                    shown = line.expanded.hide(option.value)
                    self._problems.error("TRU122", line.place_of(option), subject=shown)
        return tuple(settings)

    def _orphan(self, options: list[GivenOption], line: _Line, above: int | None) -> None:
        name = next(option.name for option in options if option.name in OF_A_REQUIREMENT)
        if above is None:
            self._problems.error("TRU113", line.place(), subject=name)
        else:
            self._problems.error("TRU112", line.place(), subject=name, above=str(above))

    def _run_options(self, options: list[GivenOption], line: _Line) -> None:
        include = next((option for option in options if option.name in _INCLUDES), None)
        if include is not None:
            for option in options:
                if option is not include:
                    self._problems.error("TRU120", line.place_of(option), subject=option.name)
            self._include(include, line)
            return
        folder = None if line.source.is_remote else os.path.dirname(line.source.name)
        for option in options:
            self._options.add(option.name, option.value, line.place_of(option), folder=folder)

    def _include(self, option: GivenOption, line: _Line) -> None:
        shown = line.expanded.hide(option.value)
        try:
            source = nested(line.source, option.value, shown=shown)
        except SourceError as error:
            self._problems.error(error.code, line.place(), shown, **error.values)
            return
        # As in pip a file that a constraints file includes with -r holds requirements.
        is_constraint = option.name == "--constraint"
        self.file(source, constraint=is_constraint, chain=line.chain, place=line.place_of(option))

    def _keep(self, requirement: Requirement | None) -> None:
        if requirement is not None:
            self._read.append(requirement)
