"""The page as text: whole, stable, without a request, and deaf to whoever names packages."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.formats.making import outcome
from tests.report.html.subjects import MISSING, attacked, eventful, subject
from tests.report.inventories import component, every_kind, hostile, inventory, locked, many, unproven
from trued.advisories.database import Unreadable
from trued.advisories.outcome import Skipped, SkipReason
from trued.report.html.rendering import render
from trued.report.html.subject import Advisories, Comparison
from trued.report.html.tally import tally

VOID = {"meta", "link", "input", "br", "img", "hr"}
FETCHING = {"src", "srcset", "background", "poster", "data", "action", "formaction", "ping", "style"}


class Read(HTMLParser):
    """The elements of a page, with what each holds; fails on what is not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._seen: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts.setdefault(self._open[-1], []).append(data)
            if self._open[-1] not in ("style", "script"):
                self._seen.append(data)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)

    @property
    def text(self) -> str:
        """All that a reader sees."""
        return " ".join("".join(self._seen).split())


SUBJECTS = {
    "clean": subject,
    "eventful": eventful,
    "lock": lambda: subject(locked(), comparison=None),
    "empty": lambda: subject(inventory(), advisories=MISSING),
    "folders": lambda: subject(comparison=None),
    "hostile": attacked,
}


@pytest.mark.parametrize("name", SUBJECTS)
def test_every_page_is_well_formed_and_has_one_main_heading(name: str) -> None:
    read = Read(render(SUBJECTS[name]()))

    assert (read.count("h1"), read.count("main"), read.count("nav")) == (1, 1, 1)


@pytest.mark.parametrize("name", SUBJECTS)
def test_ids_are_unique_and_every_link_within_the_page_leads_somewhere(name: str) -> None:
    elements = Read(render(SUBJECTS[name]())).elements
    ids = [attrs["id"] for _, attrs in elements if "id" in attrs]
    targets = {attrs["href"] for tag, attrs in elements if tag == "a"}
    inside = {href[1:] for href in targets if href and href.startswith("#")}

    assert len(ids) == len(set(ids))
    assert inside <= set(ids)


@pytest.mark.parametrize("name", SUBJECTS)
def test_no_element_fetches_anything_or_carries_a_handler(name: str) -> None:
    elements = Read(render(SUBJECTS[name]())).elements
    risky = [
        (tag, key)
        for tag, attrs in elements
        for key in attrs
        if key in FETCHING or key.startswith("on") or tag in ("iframe", "object", "embed", "base", "img")
    ]

    assert risky == []
    assert [attrs["href"] for tag, attrs in elements if tag == "link"] == ["data:,"]


@pytest.mark.parametrize("name", SUBJECTS)
def test_the_policy_allows_this_style_and_this_script_and_nothing_else(name: str) -> None:
    text = render(SUBJECTS[name]())
    read = Read(text)
    policy = next(
        attrs["content"] or ""
        for _, attrs in read.elements
        if attrs.get("http-equiv") == "Content-Security-Policy"
    )

    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (content,) = read.texts[tag]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_style_and_script_are_plain_ascii_without_tabs_so_that_no_terminal_changes_them() -> None:
    read = Read(render(subject()))

    for tag in ("style", "script"):
        assert all(text.isascii() and "\t" not in text for text in read.texts[tag])


def test_names_that_attack_make_no_element_and_no_address() -> None:
    text = render(attacked())
    elements = Read(text).elements
    links = [attrs["href"] or "" for tag, attrs in elements if tag == "a"]

    assert Read(text).count("script") == 1
    assert all(link.startswith(("#", "https://")) for link in links)
    assert not [character for character in text if not character.isprintable() and character != "\n"]


ELEMENTS = {tag for tag, _ in Read(render(subject(every_kind()))).elements}


@given(st.text(max_size=60))
def test_whatever_a_package_calls_itself_the_elements_stay_the_same(name: str) -> None:
    fields = {"name": name, "version": name, "summary": name, "installer": name, "suppliers": (name,)}
    read = Read(render(subject(inventory(component("demo", **fields)))))

    assert {tag for tag, _ in read.elements} <= ELEMENTS
    assert read.count("script") == 1


def test_the_same_subject_gives_the_same_bytes() -> None:
    assert render(eventful()) == render(eventful())


def test_each_package_has_a_row_its_proof_and_its_digest() -> None:
    text = Read(render(subject(every_kind()))).text

    for words in ("Attestation", "Signed index", "OpenPGP", "Signed list", "Pinned digest", "First use"):
        assert words in text
    assert all(one.digests[0].value in text for one in every_kind().components if one.digests)


def test_a_verified_publisher_is_told_as_people_say_it() -> None:
    text = Read(render(subject(every_kind()))).text

    assert "example/demo GitHub, release.yml" in text
    assert "Attestation: example/demo (GitHub, release.yml), on 2026-11-01" in text


def test_a_lock_is_told_as_one_and_nothing_is_claimed_of_files_on_disk() -> None:
    text = Read(render(SUBJECTS["lock"]())).text

    assert "This page tells what a lock admits" in text
    assert "Files on disk" not in text


def test_files_that_were_not_compared_are_not_told_as_in_order() -> None:
    text = Read(render(SUBJECTS["folders"]())).text

    assert "The files were not compared." in text
    assert "The files are those that were installed" not in text


def test_advisories_that_were_not_looked_up_are_no_good_news() -> None:
    told = tally(subject(advisories=MISSING))

    assert (told.verdict, told.reasons) == ("open", ())
    assert "The packages were not looked up." in Read(render(subject(advisories=MISSING))).text


def test_a_clean_environment_is_told_as_one() -> None:
    assert tally(subject()).verdict == "good"


def test_what_is_wrong_is_said_first_and_counted() -> None:
    told = tally(eventful())

    assert told.verdict == "bad"
    assert told.reasons == (
        "3 packages are affected by 3 advisories",
        "2 packages without proof",
        "5 faults found on disk",
        "1 exception past the end",
    )


def test_the_shares_of_the_proofs_fill_the_bar_and_count_every_package() -> None:
    shares = tally(subject(every_kind())).shares

    assert sum(share.count for share in shares) == 10
    assert [share.x for share in shares[1:]] == [share.x + share.width for share in shares[:-1]]
    assert shares[-1].x + shares[-1].width == 1000


def test_a_package_that_nothing_proves_says_why() -> None:
    text = Read(render(subject(inventory(unproven("older"))))).text

    assert "Not proven" in text
    assert "no receipt of trued says which file was installed" in text


def test_an_exception_says_when_it_ends_or_that_it_did() -> None:
    text = Read(render(eventful())).text

    assert "ends in 10 days" in text
    assert "ended 20 days ago" in text
    assert "has no end" in text


def test_ages_are_reckoned_from_the_time_that_the_page_bears() -> None:
    later = replace(inventory(component()), made=datetime(2028, 11, 21, tzinfo=UTC))

    assert "installed 2 years ago" in Read(render(subject(later))).text


def test_a_hostile_inventory_without_findings_is_a_page_too() -> None:
    compared = Comparison(packages=2, proven=0, files=0)

    assert Read(render(subject(hostile(), comparison=compared))).count("script") == 1


def test_three_hundred_packages_are_a_page_of_moderate_size_in_moderate_time() -> None:
    big = subject(many(300))
    begun = time.process_time()
    text = render(big)

    assert time.process_time() - begun < 5
    assert len(text.encode()) < 1_500_000
    assert len(re.findall(r'class="package"', text)) == 300


@pytest.mark.parametrize(
    ("advisories", "lack"),
    [
        (Advisories(outcome=outcome(), is_old=True), "the data is too old to rely on"),
        (
            Advisories(outcome=outcome(unreadable=(Unreadable(record="OSV-1", project="demo", detail="x"),))),
            "not all could be looked up",
        ),
        (
            Advisories(outcome=outcome(skipped=(Skipped(name="demo", reason=SkipReason.UNREADABLE),))),
            "not all could be looked up",
        ),
    ],
)
def test_what_an_audit_would_fail_for_is_not_told_as_in_order(advisories: Advisories, lack: str) -> None:
    of = subject(advisories=advisories)

    assert tally(of).verdict == "open"
    assert f"None that counts, but {lack}." in render(of)
