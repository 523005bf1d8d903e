import os
import subprocess
import sys

import pytest

from tests.report.streams import Stream
from trued.cli.explain import run
from trued.cli.parser import ParsedCommand, parse
from trued.core.errors import UsageError
from trued.report.page import codes, load_page
from trued.report.printer import Printer


def explained(*words: str) -> str:
    stdout = Stream()
    parsed = parse(["explain", *words], {}, os.getcwd())
    assert isinstance(parsed, ParsedCommand)
    assert run(parsed, Printer(stdout=stdout, stderr=Stream(), environ={})) == 0
    return stdout.getvalue()


def test_a_code_is_explained_by_its_page() -> None:
    page = load_page("TRU980")
    assert page is not None

    text = explained("TRU980")

    assert text.startswith("TRU980: There is no finding with this code\n\n")
    assert page.body in text
    assert text.endswith(
        "\nWhat to do: The nearest is <nearest>. `trued explain` without a code lists all of them.\n"
    )


def test_a_code_may_be_written_in_lower_case() -> None:
    assert explained("tru980") == explained("TRU980")


def test_several_codes_are_explained_in_the_order_asked() -> None:
    text = explained("TRU980", codes()[0])

    assert text.index("TRU980: ") < text.index(f"{codes()[0]}: ")


def test_without_a_code_every_code_is_listed_with_its_title() -> None:
    lines = explained().splitlines()

    assert [line.split()[0] for line in lines] == list(codes())
    assert "TRU980  There is no finding with this code" in lines


def test_unknown_codes_are_told_all_together_with_the_nearest_known() -> None:
    with pytest.raises(UsageError) as caught:
        explained("TRU989", "TRU980", "nonsense")

    assert [(finding.code, finding.subject) for finding in caught.value.findings] == [
        ("TRU980", "TRU989"),
        ("TRU980", "NONSENSE"),
    ]
    assert caught.value.findings[0].values["nearest"] in codes()


def test_the_command_line_explains_too() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "trued", "explain", "TRU980"], capture_output=True, text=True, check=False
    )

    assert told.returncode == 0, told.stderr
    assert told.stdout == explained("TRU980")
