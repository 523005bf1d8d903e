"""What METADATA says of licence, people and links, taken as it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trued.operations.inventory.described import links_of, people_of, stated_license
from trued.report.inventory import LicenseField, Person

CLASSIFIER = "License :: OSI Approved :: MIT License"


def test_the_newest_field_that_says_something_counts() -> None:
    fields = {"license-expression": ("MIT",), "license": ("Apache",), "classifier": (CLASSIFIER,)}

    assert stated_license(fields).values == ("MIT",)
    assert stated_license({**fields, "license-expression": ("",)}).field is LicenseField.TEXT
    assert stated_license({**fields, "license-expression": (), "license": ("UNKNOWN",)}).values == (
        CLASSIFIER,
    )


def test_other_classifiers_are_no_licence() -> None:
    assert stated_license({"classifier": ("Topic :: Security",)}).field is LicenseField.NONE


def test_licence_files_are_kept_without_repetition() -> None:
    assert stated_license({"license-file": ("LICENSE", "NOTICE", "LICENSE")}).files == ("LICENSE", "NOTICE")


@pytest.mark.parametrize(
    ("fields", "people"),
    [
        ({"author": ("Ann",)}, (Person(name="Ann"),)),
        ({"author-email": ("ann@example.org",)}, (Person(email="ann@example.org"),)),
        (
            {"author": ("Ann",), "author-email": ("ann@example.org",)},
            (Person(name="Ann", email="ann@example.org"),),
        ),
        (
            {"author-email": ("Ann <ann@example.org>, Bob <bob@example.org>",), "maintainer": ("Cy",)},
            (
                Person(name="Ann", email="ann@example.org"),
                Person(name="Bob", email="bob@example.org"),
                Person(name="Cy"),
            ),
        ),
        ({"author": ("UNKNOWN",), "author-email": ("no address",)}, ()),
    ],
)
def test_people_are_those_that_the_fields_name(
    fields: dict[str, tuple[str, ...]], people: tuple[Person, ...]
) -> None:
    assert people_of(fields) == people


def test_links_have_their_labels() -> None:
    fields = {
        "home-page": ("https://example.org",),
        "project-url": ("Source, https://example.org/git", "no address"),
    }

    assert links_of(fields) == (("Homepage", "https://example.org"), ("Source", "https://example.org/git"))


@given(
    st.dictionaries(
        st.sampled_from(["author", "author-email", "license", "project-url"]), st.tuples(st.text())
    )
)
def test_no_text_of_metadata_is_a_reason_to_stop(fields: dict[str, tuple[str, ...]]) -> None:
    stated_license(fields)
    people_of(fields)
    links_of(fields)
