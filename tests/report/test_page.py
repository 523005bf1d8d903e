import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trued
from trued.core.finding import Finding, Level, Place
from trued.report.page import InvalidPage, codes, load_page, outline, parse_page, sentence, sentences

PAGE = """---
title: A title: with a colon
message: "{subject}: {what} is so"
mend: Do {this}.
---
The body.

A second paragraph.
"""


def test_a_page_is_read_into_its_parts() -> None:
    page = parse_page("TRU999", PAGE)

    assert page.code == "TRU999"
    assert page.title == "A title: with a colon"
    assert page.message == "{subject}: {what} is so"
    assert page.mend == "Do {this}."
    assert page.body == "The body.\n\nA second paragraph.\n"


def test_line_ends_of_windows_are_read_too() -> None:
    assert parse_page("TRU999", PAGE.replace("\n", "\r\n")) == parse_page("TRU999", PAGE)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("plain: with a colon", "plain: with a colon"),
        (r'"two\nlines"', "two\nlines"),
        (r'"a \"quoted\" word"', 'a "quoted" word'),
        (r'"a backslash \\ and \\n"', r"a backslash \ and \n"),
        ("'it''s so'", "it's so"),
        (r"'no \n here'", r"no \n here"),
    ],
)
def test_a_field_is_quoted_as_in_yaml(written: str, read: str) -> None:
    assert parse_page("TRU999", PAGE.replace("Do {this}.", written)).mend == read


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("front matter", PAGE.removeprefix("---\n")),
        ("front matter", PAGE.replace("\n---\n", "\n")),
        ("missing", PAGE.replace("mend: Do {this}.\n", "")),
        ("missing", PAGE.replace("Do {this}.", "")),
        ("unknown", PAGE.replace("mend:", "also: this\nmend:")),
        ("name: value", PAGE.replace("mend:", "a line\nmend:")),
        ("body is empty", PAGE.partition("The body")[0]),
    ],
)
def test_a_page_that_lacks_something_is_no_page(fault: str, text: str) -> None:
    with pytest.raises(InvalidPage, match=fault):
        parse_page("TRU999", text)


def test_a_code_without_a_page_has_none() -> None:
    assert load_page("TRU000") is None


@pytest.mark.parametrize("code", ["../page", "TRU980/..", "", "TRU980.md", "TRU\x00"])
def test_a_code_cannot_lead_out_of_the_folder(code: str) -> None:
    assert load_page(code) is None


def test_the_sentence_is_made_of_the_findings_values() -> None:
    finding = Finding(code="TRU980", subject="TRU000", values={"nearest": "TRU101"})

    told = sentence(finding)

    assert told.title == "There is no finding with this code"
    assert told.message == "TRU000: no finding has this code"
    assert told.mend == "The nearest is TRU101. `trued explain` without a code lists all of them."


def test_a_missing_value_shows_what_there_is_instead_of_failing() -> None:
    told = sentence(Finding(code="TRU980", subject="TRU000", values={"other": "fact"}))

    assert told.message == "TRU000: no finding has this code"
    assert "{nearest}" in told.mend


def test_a_finding_without_a_page_shows_its_values() -> None:
    told = sentence(Finding(code="TRU000", subject="six", values={"path": "a.py", "size": "3"}))

    assert told.title == "TRU000"
    assert told.message == "six · path: a.py, size: 3"
    assert told.mend == ""


def test_several_findings_are_told_in_their_order() -> None:
    findings = [
        Finding(code="TRU980", subject=subject, level=Level.NOTE, values={"nearest": ""}) for subject in "cab"
    ]

    assert [told.message[0] for told in sentences(findings)] == ["c", "a", "b"]


@given(
    code=st.sampled_from(codes()),
    subject=st.text(),
    values=st.dictionaries(st.text(), st.text(), max_size=3),
    place=st.none() | st.builds(Place, st.text(), st.integers(min_value=0)),
)
def test_no_finding_whatever_it_carries_fails_to_be_told(
    code: str, subject: str, values: dict[str, str], place: Place | None
) -> None:
    told = sentence(Finding(code=code, subject=subject, values=values, place=place))

    assert told.message
    assert told.mend


def test_without_a_finding_placeholders_read_as_words() -> None:
    assert outline("Pin {project} to {version}.") == "Pin <project> to <version>."


def test_pages_are_found_inside_a_zip_application(tmp_path: Path) -> None:
    root = Path(trued.__file__).parent
    archive = tmp_path / "trued.pyz"
    with zipfile.ZipFile(archive, "w") as packed:
        for folder in ("", "core", "report", "report/pages"):
            for file in sorted((root / folder).iterdir()):
                if file.suffix in (".py", ".md"):
                    packed.write(file, os.path.join("trued", folder, file.name))
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from trued.report import page\n"
        "assert sys.argv[1] in page.__file__, page.__file__\n"
        "print(page.load_page('TRU980').title, len(page.codes()), page.load_page('TRU000'))\n"
    )

    told = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, str(archive)], capture_output=True, text=True, check=True
    )

    assert told.stdout == f"There is no finding with this code {len(codes())} None\n"
