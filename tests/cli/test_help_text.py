import pytest

from trued.cli.commands import COMMANDS, GROUPS
from trued.cli.examples import EXAMPLES
from trued.cli.help_text import help_text
from trued.config.options import of_command


def test_the_help_of_trued_fits_one_screen() -> None:
    lines = help_text("", width=80).splitlines()

    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80


def test_the_help_of_all_commands_tells_what_each_is_for() -> None:
    text = help_text("commands", width=80)

    assert [name for name, one in COMMANDS.items() if one.summary not in text] == []
    assert max(map(len, text.splitlines())) <= 80


def test_it_names_every_command_once_by_task() -> None:
    grouped = [name for _, names in GROUPS for name in names]

    assert sorted(grouped) == sorted(COMMANDS)


def test_every_example_is_of_a_command_that_is_there() -> None:
    assert list(EXAMPLES) == list(COMMANDS)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_begins_with_examples(command: str) -> None:
    lines = help_text(command).splitlines()

    assert lines[2] == "Examples:"
    assert lines[3].startswith("  trued ")


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_option_that_is_not_hidden_stands_in_the_help(command: str) -> None:
    text = help_text(command)
    shown = [option for option in of_command(command) if not option.hidden]

    assert [option.name for option in shown if not any(word in text for word in option.spellings)] == []


@pytest.mark.parametrize("command", list(COMMANDS))
@pytest.mark.parametrize("width", [60, 80, 120])
def test_help_fits_the_width(command: str, width: int) -> None:
    body = help_text(command, width=width).split("Usage:")[1]

    assert max(map(len, body.splitlines())) <= width


@pytest.mark.parametrize("command", list(COMMANDS))
def test_the_examples_fit_an_old_terminal(command: str) -> None:
    assert max(map(len, help_text(command, width=80).splitlines())) <= 80


def test_actions_are_shown_with_their_arguments() -> None:
    assert "  trued config set [options] KEY VALUE\n" in help_text("config")


@pytest.mark.parametrize(("width", "as_if"), [(0, 100), (200, 100), (10, 60)])
def test_help_is_readable_without_a_terminal_and_on_odd_ones(width: int, as_if: int) -> None:
    assert help_text("install", width=width) == help_text("install", width=as_if)
