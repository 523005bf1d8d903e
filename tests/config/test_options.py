"""The table of options holds together, and with Settings, pip and the pages."""

from collections import Counter
from dataclasses import fields

from pip._internal.commands import create_command

from trued.config.option import EVERY_COMMAND, Kind
from trued.config.options import NOT_YET, OPTIONS, by_key, of_command
from trued.config.settings import Settings

NOT_OPTIONS = {"rules", "origins", "exceptions", "indexes", "min_ages", "format_control"}


def test_every_setting_has_an_option_and_every_option_a_setting() -> None:
    of_settings = {field.name for field in fields(Settings)} - NOT_OPTIONS
    of_options = {option.field for option in OPTIONS if option.field} - {"format_control", "no_cache_dir"}

    assert of_settings == of_options


def test_keys_are_unique() -> None:
    assert [name for name, count in Counter(option.name for option in OPTIONS).items() if count > 1] == []


def test_no_spelling_means_two_things_in_one_command() -> None:
    for command in EVERY_COMMAND:
        words = Counter(word for option in of_command(command) for word in option.spellings + option.off)
        assert [word for word, count in words.items() if count > 1] == []


def test_no_supported_option_is_also_called_unsupported() -> None:
    assert {word for option in OPTIONS for word in option.spellings} & set(NOT_YET) == set()


def test_choices_hold_the_default() -> None:
    assert all(option.default in (None, (), *option.choices) for option in OPTIONS if option.choices)


def test_every_option_has_a_meaning_that_fits_a_line() -> None:
    assert all(0 < len(option.meaning) <= 90 for option in OPTIONS)


def test_keys_never_hide_that_of_the_index_tables() -> None:
    assert "index" not in by_key()


def pip_options(command: str) -> dict[str, bool]:
    """Spellings of pip's command, and whether each takes a value."""
    parser = create_command(command).parser
    return {
        word: option.takes_value()
        for option in parser.option_list_all
        for word in option._short_opts + option._long_opts
    }


def test_each_option_of_pip_install_is_known_with_the_same_arity() -> None:
    ours = {
        word: option.takes_value for option in of_command("install") for word in option.spellings + option.off
    }
    theirs = {word: takes for word, takes in pip_options("install").items() if word not in ("-h", "--help")}

    assert {word for word in theirs if word not in ours} <= set(NOT_YET)
    assert {word: takes for word, takes in theirs.items() if word in ours} == {
        word: ours[word] for word in theirs if word in ours
    }


def test_each_option_of_pip_download_is_known() -> None:
    ours = {word for option in of_command("download") for word in option.spellings + option.off}

    assert set(pip_options("download")) - ours - {"-h", "--help"} <= set(NOT_YET)


def test_options_with_pips_names_are_pips() -> None:
    commands = ("install", "download", "wheel", "hash", "list", "show", "uninstall", "cache", "freeze")
    theirs = {word for command in commands for word in pip_options(command)}
    claimed = {f"--{name}" for option in OPTIONS for name in option.pip}

    assert claimed - theirs == set()


def test_values_that_pip_takes_from_a_list_are_a_list_here() -> None:
    parser = create_command("install").parser
    appending = {
        word for option in parser.option_list_all if option.action == "append" for word in option._long_opts
    }
    ours = {option.spellings[-1]: option.kind for option in of_command("install")}

    assert {ours[word] for word in appending if word in ours} == {Kind.LIST}
