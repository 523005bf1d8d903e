"""What holds codes, pages and the sentences made of them together."""

import re
from collections import Counter
from pathlib import Path
from string import Formatter

import pytest

from tests.report.code_uses import SOURCE, code_uses
from trued.report.page import Page, codes, load_page

USES = tuple(code_uses())
TOLD = [use for use in USES if use.is_told]
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


def page(code: str) -> Page:
    loaded = load_page(code)
    assert loaded is not None
    return loaded


def placeholders(template: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(template) if name is not None]


def test_every_code_of_the_source_has_a_page() -> None:
    missing = {use.code: use.where for use in USES if use.code not in codes()}

    assert not missing


def test_every_page_is_of_a_code_that_the_source_tells() -> None:
    unused = set(codes()) - {use.code for use in USES}

    assert not unused


def test_the_folder_holds_nothing_but_pages() -> None:
    strangers = [path.name for path in PAGES.iterdir() if not re.fullmatch(r"TRU\d{3}\.md", path.name)]

    assert strangers == []


def test_no_two_pages_have_one_title() -> None:
    titles = Counter(page(code).title for code in codes())

    assert [title for title, count in titles.items() if count > 1] == []


@pytest.mark.parametrize("code", codes())
def test_a_template_has_only_plain_placeholders(code: str) -> None:
    for template in (page(code).message, page(code).mend):
        for _, name, form, conversion in Formatter().parse(template):
            assert name is None or re.fullmatch(r"[a-z][a-z0-9_]*", name), name
            assert not form
            assert conversion in (None, "r")


@pytest.mark.parametrize("code", codes())
def test_a_title_is_one_sentence_without_placeholders(code: str) -> None:
    title = page(code).title

    assert not placeholders(title)
    assert not title.endswith(".")
    assert len(title) <= 90


@pytest.mark.parametrize("code", codes())
def test_a_page_says_what_to_do_and_why(code: str) -> None:
    assert page(code).mend[0].isupper() or page(code).mend[0] in "`{"
    assert len(page(code).body) > 40


@pytest.mark.parametrize("code", codes())
def test_every_value_a_page_asks_for_is_supplied(code: str) -> None:
    asked = {*placeholders(page(code).message), *placeholders(page(code).mend)} - {"subject", "place"}
    lacking = {use.where: asked - use.supplied for use in TOLD if use.code == code}

    assert {where: names for where, names in lacking.items() if names} == {}


@pytest.mark.parametrize("code", codes())
def test_a_page_names_no_host_but_examples_and_specifications(code: str) -> None:
    text = (PAGES / f"{code}.md").read_text(encoding="utf-8")

    hosts = {host.lower() for host in re.findall(r"://(?:[^\s/@]*@)?([\w.-]+)", text)}
    assert {host for host in hosts if not host.endswith(".example.org")} <= KNOWN_HOSTS


@pytest.mark.parametrize("code", codes())
def test_a_page_speaks_of_facts_and_blames_nobody(code: str) -> None:
    told = page(code)

    assert not re.search(
        r"(?i)tamper|hacker|your fault|stupid|illegal", told.title + told.message + told.mend
    )


LISTS = ("policy/level.py", "policy/exceptions.py")
"""What weighs findings names codes of others."""


@pytest.mark.parametrize("code", sorted({use.code for use in USES}))
def test_a_code_comes_from_the_station_of_its_number(code: str) -> None:
    told = [use for use in USES if use.code == code and not use.where.startswith(LISTS)]
    stations = {Path(use.where).parts[0] for use in told}
    shared = {"cli", "operations", "config", "core"}

    assert stations <= {*STATIONS[code[3]], *shared}, f"{code} is told by {stations}"
