"""The quick reader answers as the full one does, or not at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trued.cli.arguments import read_arguments
from trued.config.option import Kind
from trued.config.quick_arguments import quick_arguments


def by_the_full_reader(argv: list[str]) -> dict[str, object]:
    arguments = read_arguments(argv, {})
    assert arguments.findings == []
    assert arguments.positionals == []
    assert not arguments.help
    given_options: dict[str, object] = {}
    for flag in arguments.flags:
        field, value = flag.option.field, flag.value
        if flag.option.kind is Kind.LIST:
            assert isinstance(value, tuple)
            value = [*given_options.get(field, []), *value]  # type: ignore[misc]
        elif flag.option.kind is Kind.COUNT:
            value = given_options.get(field, 0) + value  # type: ignore[operator]
        given_options[field] = value
    return given_options


WORDS = st.sampled_from(
    [
        "-r", "--requirement", "--requirement=a.txt", "-ra.txt", "-q", "--quiet", "-qq", "--python",
        "--venv", "--venv=v", "-t", "--target", "-t=x", "--require-hashes", "--no-deps",
        "--verify-store", "full", "seal", "--verify-store=full", "--compile", "--no-compile",
        "--cache-dir", "--cache-dir=", "--link-mode", "copy", "--threads", "2", "--threads=x",
        "--no-input", "--no-color", "--level", "strict", "--level=lax", "a.txt", "~/b", "-", "--",
        "-x", "--help", "--json", "--quiet=1", "name==1.0", "٣",
    ]
)  # fmt: skip


@given(st.lists(WORDS, max_size=8))
@settings(max_examples=800, deadline=None)
def test_an_answer_is_that_of_the_full_reader(words: list[str]) -> None:
    argv = ["install", "-r", "first.txt", *words]

    answer = quick_arguments(argv)

    if answer is not None:
        assert answer == by_the_full_reader(argv)


@given(st.lists(WORDS, max_size=4))
def test_an_answer_always_has_requirements_from_a_file(words: list[str]) -> None:
    answer = quick_arguments(["install", *words])

    assert answer is None or answer["requirements"]


def test_all_of_its_options_are_answered() -> None:
    argv = [
        "install", "-r", "a", "--requirement", "b", "--requirement=c", "-q", "--quiet", "--python", "p",
        "--venv", "v", "--target", "t", "--require-hashes", "--no-deps", "--verify-store", "full",
        "--no-compile", "--cache-dir", "d", "--link-mode", "copy", "--threads", "3", "--no-input",
        "--no-color", "--level", "strict",
    ]  # fmt: skip

    answer = quick_arguments(argv)

    assert answer == by_the_full_reader(argv)
    assert answer is not None
    assert len(answer) == 15


@pytest.mark.parametrize(
    "argv",
    [[], ["install"], ["-q", "install", "-r", "a"], ["download", "-r", "a"], ["install", "-r", "a", "name"]],
)
def test_everything_else_is_left_to_the_full_reader(argv: list[str]) -> None:
    assert quick_arguments(argv) is None
