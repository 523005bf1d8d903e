"""Records of the local database that are read as far as they are asked for."""

from __future__ import annotations

import dataclasses
import json
import zlib

import pytest

from tests.advisories.making import affected, document
from trued.advisories.database import AdvisoryDatabase
from trued.advisories.document import parse_record
from trued.advisories.kept_record import KeptRecord
from trued.advisories.reading_archive import pack
from trued.advisories.record import Record
from trued.core.errors import OperationalError

DATA = json.dumps(
    document(summary="A flaw", aliases=["CVE-1"], affected=[affected(versions=("1.0",))])
).encode()


def kept(body: bytes) -> KeptRecord:
    return KeptRecord(
        "PYSEC-2026-1",
        modified="2026-01-01T00:00:00",
        withdrawn="",
        aliases=("CVE-1",),
        is_malware=False,
        body=body,
        path="advisories.sqlite3",
    )


def test_it_is_the_record_that_its_text_is() -> None:
    whole = parse_record(DATA)

    assert kept(pack(DATA)) == whole
    assert whole == kept(pack(DATA))
    assert kept(pack(DATA)) != dataclasses.replace(whole, summary="Another")
    assert kept(pack(DATA)) != "PYSEC-2026-1"


def test_what_an_audit_counts_by_is_at_hand_without_the_text() -> None:
    record = kept(b"damaged")

    assert (record.id, record.aliases) == ("PYSEC-2026-1", ("CVE-1",))
    assert record.cves == {"CVE-1"}
    assert not record.is_malware


@pytest.mark.parametrize("body", [b"damaged", pack(b"{"), pack(DATA)[:-3]])
def test_a_damaged_text_is_told_as_a_damaged_database(body: bytes) -> None:
    with pytest.raises(OperationalError) as told:
        _ = kept(body).summary

    assert [(each.code, each.subject) for each in told.value.findings] == [("TRU801", "advisories.sqlite3")]


def test_a_field_that_no_record_has_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError):
        _ = kept(pack(DATA)).nothing


def test_it_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        kept(pack(DATA)).id = "another"  # type: ignore[misc] # that is what is tried


def test_every_record_of_the_database_is_the_one_of_its_text(real: AdvisoryDatabase) -> None:
    for identifier, data, body in real.documents():
        record = real.record(identifier)

        assert isinstance(record, Record)
        assert zlib.decompress(body, -15) == data
        assert record == parse_record(data)
