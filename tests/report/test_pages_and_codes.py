"""What holds codes, pages and the sentences made of them together."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from tests.report.code_uses import SOURCE, code_uses
from trued.report.page import Page, codes, load_page

PAGES = SOURCE / "report" / "pages"
STATIONS = {
    "1": ("requirements", "proof", "operations"),
    "2": ("wheel", "operations"),
    "3": ("index", "resolution", "operations"),
    "4": ("store", "build", "operations"),
    "5": ("environment", "operations"),
    "6": ("config", "policy", "operations"),
    "7": ("proof", "index", "operations"),
    "8": ("advisories", "proof", "repository", "operations"),
    "9": ("cli", "operations"),
}
"""The first digit of a code says which station it comes from."""

KNOWN_HOSTS = {
    "example.org",
    "127.0.0.1",
    "docs.python.org",
    "packaging.python.org",
    "peps.python.org",
}


@cache
def page(code: str) -> Page:
    loaded = load_page(code)
    assert loaded is not None
    return loaded


def placeholders(template: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(template) if name is not None]


def asked_for(code: str) -> set[str]:
    """Return the names of the values that the page of *code* shows."""
    return {*placeholders(page(code).message), *placeholders(page(code).mend)} - {"subject", "place"}


def of(digit: str) -> list[str]:
    """Return the codes of one station: thousands of tests of a line would take longer than what they do."""
    return [code for code in codes() if code[3] == digit]


def test_every_code_of_the_source_has_a_page() -> None:
    with_page = set(codes())
    missing = {use.code: use.where for use in code_uses() if use.code not in with_page}

    assert not missing


def test_every_page_is_of_a_code_that_the_source_tells() -> None:
    unused = set(codes()) - {use.code for use in code_uses()}

    assert not unused


def test_the_folder_holds_nothing_but_pages() -> None:
    strangers = [path.name for path in PAGES.iterdir() if not re.fullmatch(r"TRU\d{3}\.md", path.name)]

    assert strangers == []


def test_no_two_pages_have_one_title() -> None:
    titles = Counter(page(code).title for code in codes())

    assert [title for title, count in titles.items() if count > 1] == []


@pytest.mark.parametrize("digit", STATIONS)
def test_a_template_has_only_plain_placeholders(digit: str) -> None:
    templates = [(code, text) for code in of(digit) for text in (page(code).message, page(code).mend)]
    fields = [(code, *field[1:]) for code, text in templates for field in Formatter().parse(text)]

    assert [
        (code, name, form, conversion)
        for code, name, form, conversion in fields
        if (name is not None and not re.fullmatch(r"[a-z][a-z0-9_]*", name))
        or form
        or conversion not in (None, "r")
    ] == []


@pytest.mark.parametrize("digit", STATIONS)
def test_a_title_is_one_sentence_without_placeholders(digit: str) -> None:
    titles = {code: page(code).title for code in of(digit)}

    assert {code: title for code, title in titles.items() if placeholders(title)} == {}
    assert {code: title for code, title in titles.items() if title.endswith(".")} == {}
    assert {code: title for code, title in titles.items() if len(title) > 90} == {}


@pytest.mark.parametrize("digit", STATIONS)
def test_a_page_says_what_to_do_and_why(digit: str) -> None:
    mends = {code: page(code).mend for code in of(digit)}

    assert {code: mend for code, mend in mends.items() if not (mend[0].isupper() or mend[0] in "`{")} == {}
    assert [code for code in mends if len(page(code).body) <= 40] == []


@pytest.mark.parametrize("digit", STATIONS)
def test_every_value_a_page_asks_for_is_supplied(digit: str) -> None:
    told = [use for use in code_uses() if use.is_told and use.code[3] == digit]
    lacking = {(use.code, use.where): asked_for(use.code) - use.supplied for use in told}

    assert {use: names for use, names in lacking.items() if names} == {}


@pytest.mark.parametrize("digit", STATIONS)
def test_a_page_names_no_host_but_examples_and_specifications(digit: str) -> None:
    texts = {code: (PAGES / f"{code}.md").read_text(encoding="utf-8") for code in of(digit)}
    named = {
        (code, host.lower())
        for code, text in texts.items()
        for host in re.findall(r"://(?:[^\s/@]*@)?([\w.-]+)", text)
    }

    foreign = {(code, host) for code, host in named if not host.endswith(".example.org")}
    assert {(code, host) for code, host in foreign if host not in KNOWN_HOSTS} == set()


@pytest.mark.parametrize("digit", STATIONS)
def test_a_page_speaks_of_facts_and_blames_nobody(digit: str) -> None:
    texts = {code: page(code).title + page(code).message + page(code).mend for code in of(digit)}
    blaming = re.compile(r"(?i)tamper|hacker|your fault|stupid|illegal")

    assert {code: text for code, text in texts.items() if blaming.search(text)} == {}


LISTS = ("policy/level.py", "policy/exceptions.py")
"""What weighs findings names codes of others."""


@pytest.mark.parametrize("digit", STATIONS)
def test_a_code_comes_from_the_station_of_its_number(digit: str) -> None:
    told = [use for use in code_uses() if use.code[3] == digit and not use.where.startswith(LISTS)]
    may_tell = {*STATIONS[digit], "cli", "operations", "config", "core"}

    assert told
    assert {(use.code, use.where) for use in told if Path(use.where).parts[0] not in may_tell} == set()


def test_every_code_is_of_a_station() -> None:
    assert {code[3] for code in (*codes(), *(use.code for use in code_uses()))} == set(STATIONS)
