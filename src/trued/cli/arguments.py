"""The command line, read by the option tables.

The rules are those of ``optparse``, which pip reads with, so that a command line means here what it means
there: a value is the next word whatever it begins with, short options may be bundled, options and positionals
may be mixed, ``--`` ends the options. Unlike ``optparse`` nothing is abbreviated, and all problems are
collected.
"""

from __future__ import annotations

from trued.cli.commands import COMMANDS, ONLY_IN_PIP
from trued.config.entry import Entry, nearest
from trued.config.mask import masked
from trued.config.option import Kind
from trued.config.option_general import GENERAL
from trued.config.options import NOT_YET, OPTIONS, by_spelling, of_command
from trued.config.origin import Origin, Source
from trued.config.value import InvalidValue, expected, from_argument
from trued.core.finding import Finding, Level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.config.option import Option

__all__ = ["HELP", "VERSION", "Arguments", "read_arguments"]

HELP = ("-h", "--help")
VERSION = ("-V", "--version")

_INSTEAD = {
    "check": "`trued verify` says it too",
    "debug": "`trued config debug` shows every setting and where it comes from",
}
"""What of trued comes closest to a command that only pip has."""

_ELSEWHERE = {"pip": "install", "add": "lock", "update": "lock", "upgrade": "lock", "remove": "uninstall"}
"""What of trued comes closest to a command of another tool, whose name resembles nothing here."""


class Arguments:
    """A command line as read: the command (empty when none stands there), flags in order, positionals."""

    def __init__(self) -> None:
        self.command = ""
        self.flags: list[Entry] = []
        self.positionals: list[str] = []
        self.help = False
        self.version = False
        self.findings: list[Finding] = []


def read_arguments(argv: Sequence[str], environ: Mapping[str, str]) -> Arguments:
    """Read *argv* (without the program's name); problems are in ``findings``, nothing is raised."""
    reader = _Reader(list(argv), environ)
    reader.read()
    return reader.result


class _Reader:
    """Walks the words once; the table of options changes when the command is met."""

    def __init__(self, words: list[str], environ: Mapping[str, str]) -> None:
        self.result = Arguments()
        self._words = words
        self._environ = environ
        self._table = by_spelling(GENERAL)

    def read(self) -> None:
        while self._words:
            word = self._words.pop(0)
            if word == "--":
                self._take_rest()
            elif word.startswith("--"):
                self._long(word)
            elif word.startswith("-") and word != "-":
                self._short(word)
            else:
                self._positional(word)

    def _take_rest(self) -> None:
        rest, self._words = self._words, []
        for word in rest:
            self._positional(word)

    def _positional(self, word: str) -> None:
        if self.result.command:
            self.result.positionals.append(word)
            return
        self.result.command = word
        if word in COMMANDS:
            self._table = by_spelling(of_command(word))
        elif word != "help":
            self._tell(_unknown_command(word))

    def _long(self, word: str) -> None:
        spelling, equals, value = word.partition("=")
        option = self._known(spelling)
        if option is None:
            return
        if not option.takes_value:
            if equals:
                self._tell(_finding("TRU904", spelling, value=masked(value)))
            else:
                self._flag(option, spelling)
        elif equals:
            self._value(option, spelling, value)
        else:
            self._next_word(option, spelling)

    def _short(self, word: str) -> None:
        """Read ``-qq``, ``-rFILE`` or ``-qr FILE``: flags, then at most one option with a value."""
        letters = word[1:]
        while letters:
            spelling, letters = "-" + letters[0], letters[1:]
            option = self._known(spelling)
            if option is None:
                return
            if not option.takes_value:
                self._flag(option, spelling)
            elif letters:
                self._value(option, spelling, letters)
                return
            else:
                self._next_word(option, spelling)

    def _known(self, spelling: str) -> Option | None:
        """Return the option, or note a call for help, or tell that there is no such option."""
        option = self._table.get(spelling)
        if option is not None:
            return option
        if spelling in HELP:
            self.result.help = True
        elif self.result.command not in ("", "help", *COMMANDS):
            pass  # what the options of an unknown command are, nobody can say
        elif spelling in VERSION and not self.result.command:
            self.result.version = True
        elif spelling in NOT_YET:
            self._tell(_finding("TRU908", spelling, needs=NOT_YET[spelling]))
        else:
            self._misplaced(spelling)
        return None

    def _misplaced(self, spelling: str) -> None:
        """Tell of an option that this command does not take; its value, if it has one, is passed over."""
        elsewhere = by_spelling(OPTIONS).get(spelling)
        if elsewhere is None:
            near = nearest(spelling, [word for word in self._table if word.startswith("--")])
            self._tell(_finding("TRU901", spelling, command=self._caller, nearest=near))
            return
        holders = [one for one in OPTIONS if spelling in one.spellings + one.off]
        commands = sorted({name for one in holders for name in one.commands})
        self._tell(_finding("TRU902", spelling, command=self._caller, commands=", ".join(commands)))
        if elsewhere.takes_value and self._words and not self._words[0].startswith("-"):
            self._words.pop(0)

    @property
    def _caller(self) -> str:
        return f"trued {self.result.command}".rstrip()

    def _flag(self, option: Option, spelling: str) -> None:
        value: object = spelling not in option.off
        self._keep(option, spelling, 1 if option.kind is Kind.COUNT else value, "")

    def _next_word(self, option: Option, spelling: str) -> None:
        if not self._words:
            self._tell(_finding("TRU903", spelling, expected=expected(option)))
            return
        self._value(option, spelling, self._words.pop(0))

    def _value(self, option: Option, spelling: str, text: str) -> None:
        try:
            value = from_argument(option, text, self._environ)
        except InvalidValue:
            self._tell(_finding("TRU905", spelling, value=masked(text), expected=expected(option)))
            return
        self._keep(option, spelling, (value,) if option.kind is Kind.LIST else value, text)

    def _keep(self, option: Option, spelling: str, value: object, text: str) -> None:
        if option.field:
            origin = Origin(source=Source.FLAG, name=spelling)
            self.result.flags.append(Entry(option=option, origin=origin, value=value, text=text))

    def _tell(self, finding: Finding) -> None:
        self.result.findings.append(finding)


def _unknown_command(word: str) -> Finding:
    if word in ONLY_IN_PIP:
        return _finding("TRU910", word, instead=_INSTEAD.get(word, "`trued --help` shows what trued does"))
    return _finding("TRU906", word, nearest=_ELSEWHERE.get(word) or nearest(word, list(COMMANDS)))


def _finding(code: str, subject: str, **values: str) -> Finding:
    return Finding(code=code, level=Level.ERROR, subject=subject, values=values)
