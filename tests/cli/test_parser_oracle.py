"""Any command line that optparse accepts by the same table is read here as optparse, and so pip, reads it."""

import optparse
from typing import NoReturn

from hypothesis import given, settings
from hypothesis import strategies as st

from trued.cli.arguments import read_arguments
from trued.config.option import Option
from trued.config.options import by_spelling, of_command

INSTALL = of_command("install")
TABLE = by_spelling(INSTALL)


class NotAccepted(Exception):
    pass


class Oracle(optparse.OptionParser):
    def error(self, msg: str) -> NoReturn:
        raise NotAccepted(msg)

    def _match_long_opt(self, opt: str) -> str:
        """Without abbreviations."""
        if opt not in self._long_opt:
            raise optparse.BadOptionError(opt)
        return opt


Seen = list[tuple[str, str | None]]


def recorded(option: Option, seen: Seen) -> optparse.Option:
    def record(_: optparse.Option, __: str, value: str | None, ___: optparse.OptionParser) -> None:
        seen.append((option.name, value))

    words = [*option.spellings, *option.off]
    if option.takes_value:
        return optparse.Option(*words, action="callback", callback=record, type="string")
    return optparse.Option(*words, action="callback", callback=record)


def by_optparse(words: list[str]) -> tuple[Seen, list[str]]:
    seen: Seen = []
    parser = Oracle(add_help_option=False)
    for option in INSTALL:
        parser.add_option(recorded(option, seen))
    return seen, parser.parse_args(words)[1]


SPELLINGS = st.sampled_from(sorted(TABLE))
TEXTS = st.sampled_from(["a", "b.txt", "", "-", "-x", "--no-deps", "1", "auto", "a=b", "https://example.org"])
WORDS = st.one_of(
    SPELLINGS,
    TEXTS,
    st.tuples(SPELLINGS, TEXTS).map("=".join),
    st.lists(st.sampled_from("qvUIrcfti"), min_size=1, max_size=4).map(
        lambda letters: "-" + "".join(letters)
    ),
    st.just("--"),
)


@given(st.lists(WORDS, max_size=6))
@settings(max_examples=600, deadline=None)
def test_flags_values_and_positionals_are_those_of_optparse(words: list[str]) -> None:
    try:
        seen, positionals = by_optparse(words)
    except NotAccepted:
        assert read_arguments(["install", *words], {}).findings
        return

    ours = read_arguments(["install", *words], {})

    wrong_values = {finding.subject for finding in ours.findings}
    assert {finding.code for finding in ours.findings} <= {"TRU905"}
    assert ours.positionals == positionals
    assert [(flag.option.name, flag.text if flag.option.takes_value else None) for flag in ours.flags] == [
        (name, value) for name, value in seen if keeps(name, wrong_values, value)
    ]


def keeps(name: str, wrong: set[str], value: str | None) -> bool:
    """Whether the option is kept: it has an effect, and its value fits its type."""
    option = next(one for one in INSTALL if one.name == name)
    if not option.field:
        return False
    if value is None or not wrong & set(option.spellings):
        return True
    checked = read_arguments(["install", f"{option.spellings[-1]}={value}"], {})
    return not checked.findings


def test_the_oracle_knows_switches() -> None:
    assert by_optparse(["--no-compile"]) == ([("compile", None)], [])
