"""Records as they arrive: what is tolerated, and what makes a record one that cannot be read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.advisories.making import affected, document
from trued.advisories.document import parse_indexed, parse_record, record_of
from trued.advisories.record import InvalidRecord, Reference, SeverityVector
from trued.advisories.timestamp import InvalidTimestamp, sortable_time


def test_a_record_is_read_with_what_is_shown_and_what_is_evaluated() -> None:
    made = record_of(
        document(
            "GHSA-1",
            published="2025-12-31T23:00:00Z",
            aliases=["CVE-2026-1"],
            related=["CVE-2026-2"],
            upstream=["CVE-2026-3"],
            summary="A flaw",
            details="It is bad.",
            severity=[{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"}],
            references=[{"type": "FIX", "url": "https://example.org/fix"}],
            database_specific={"severity": "HIGH"},
            affected=[affected("Demo", versions=("1.0",), events="introduced=0 fixed=1.1")],
        )
    )

    assert (made.id, made.aliases, made.related, made.upstream) == (
        "GHSA-1",
        ("CVE-2026-1",),
        ("CVE-2026-2",),
        ("CVE-2026-3",),
    )
    assert (made.modified, made.published) == ("2026-01-01T00:00:00", "2025-12-31T23:00:00")
    assert made.severity == (SeverityVector("CVSS_V3", "CVSS:3.1/AV:N"),)
    assert made.references == (Reference("FIX", "https://example.org/fix"),)
    assert made.database_specific == {"severity": "HIGH"}
    assert made.affected[0].project == "demo"
    assert [event.version for event in made.affected[0].ranges[0].events] == ["0", "1.1"]
    assert made.cves == {"CVE-2026-1"}


def test_every_record_of_the_real_database_is_read(real_documents: dict[str, dict[str, Any]]) -> None:
    records = [record_of(each) for each in real_documents.values()]

    assert len(records) == 2661
    assert all(each.affected for each in records)


def test_unknown_fields_are_left_out() -> None:
    assert record_of(document(mood="gloomy")) == record_of(document())


@pytest.mark.parametrize("version", ["1.0.0", "1.7.5", "1.99.0", None])
def test_a_minor_version_of_the_schema_is_read(version: str | None) -> None:
    assert record_of(document(schema_version=version)).id == "PYSEC-2026-1"


def test_an_affected_entry_without_a_package_is_about_no_project() -> None:
    assert record_of(document(affected=[{"ranges": [{"type": "GIT", "events": []}]}])).affected == ()


def test_two_kinds_of_event_in_one_object_are_two_events() -> None:
    """Newer schemas forbid it, old records have it."""
    entry = affected() | {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0", "fixed": "2"}]}]}

    (each,) = record_of(document(affected=[entry])).affected[0].ranges

    assert [(event.kind.value, event.version) for event in each.events] == [
        ("introduced", "0"),
        ("fixed", "2"),
    ]


@pytest.mark.parametrize("field", ["severity", "references", "related", "summary", "credits"])
@pytest.mark.parametrize("value", ["text", 7, [7, None], {"a": 1}])
def test_what_is_only_shown_may_be_of_any_type(field: str, value: object) -> None:
    assert record_of(document() | {field: value}).id == "PYSEC-2026-1"


@pytest.mark.parametrize(
    "fields",
    [
        {"id": None},
        {"id": ""},
        {"id": 7},
        {"id": "../../etc/passwd"},
        {"id": "A" * 300},
        {"schema_version": "2.0.0"},
        {"schema_version": 1},
        {"aliases": "CVE-2026-1"},
        {"aliases": [7]},
        {"affected": {}},
        {"affected": ["demo"]},
        {"affected": [{"package": "demo"}]},
        {"affected": [{"package": {"name": "demo"}}]},
        {"affected": [affected("de mo")]},
        {"affected": [affected() | {"versions": "1.0"}]},
        {"affected": [affected() | {"versions": [1.0]}]},
        {"affected": [affected() | {"ranges": {}}]},
        {"affected": [affected() | {"ranges": [{"events": []}]}]},
        {"affected": [affected() | {"ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": 1.5}]}]}]},
        {"affected": [affected() | {"ranges": [{"type": "ECOSYSTEM", "events": [{"mended": "1.5"}]}]}]},
        {"affected": [affected() | {"ranges": [{"type": "ECOSYSTEM", "events": ["1.5"]}]}]},
        {"withdrawn": True},
        {"withdrawn": "soon"},
        {"withdrawn": ""},
    ],
)
def test_what_is_evaluated_must_be_of_its_type(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidRecord):
        record_of(document(**fields))


def test_an_invalid_record_still_says_whom_it_is_about() -> None:
    made = document(schema_version="2.0", affected=[affected("Demo"), affected("other")])

    with pytest.raises(InvalidRecord) as caught:
        record_of(made)

    assert (caught.value.identifier, caught.value.projects) == ("PYSEC-2026-1", ("demo", "other"))


def test_a_time_that_cannot_be_read_only_makes_a_record_the_oldest() -> None:
    assert record_of(document(modified="yesterday", published=7)).modified == ""


@pytest.mark.parametrize(
    "data", [b"", b"{", b'{"id": "X"', b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b"1e999999"]
)
def test_what_is_no_document_is_no_record(data: bytes) -> None:
    with pytest.raises(InvalidRecord):
        parse_record(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ("package", "ecosystem", "name", "versions", "ranges", "type", "events", "fixed")
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(fields=st.dictionaries(st.sampled_from(("id", "affected", "aliases", "database_specific")), JSON))
def test_any_json_is_a_record_or_invalid_and_for_both_readers_the_same(fields: dict[str, Any]) -> None:
    data = json.dumps(document() | fields).encode()

    try:
        whole = parse_record(data)
    except InvalidRecord as error:
        with pytest.raises(InvalidRecord, match=error.detail):
            parse_indexed(data)
    else:
        assert parse_indexed(data).affected == whole.affected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05"),
        ("2026-01-02T03:04:05.120Z", "2026-01-02T03:04:05.12"),
        ("2026-01-02T03:04:05.000000000Z", "2026-01-02T03:04:05"),
        ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05"),
        ("2026-01-01T23:30:00-01:00", "2026-01-02T00:30:00"),
        ("1-01-01T00:00:00Z", "0001-01-01T00:00:00"),
    ],
)
def test_times_are_brought_to_one_form(text: str, expected: str) -> None:
    assert sortable_time(text) == expected


@pytest.mark.parametrize(
    "text", ["", "2026-01-02", "2026-13-02T03:04:05Z", "2026-01-02T03:04:05", "9999-12-31T23:59:59-01:00"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidTimestamp):
        sortable_time(text)


def test_times_sort_as_they_follow_each_other() -> None:
    times = [
        "2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05.05Z",
        "2026-01-02T03:04:05.5Z",
        "2026-01-02T03:04:06Z",
    ]

    assert [sortable_time(each) for each in times] == sorted(sortable_time(each) for each in times)
