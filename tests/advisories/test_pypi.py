"""The JSON interface of an index: what it lists, and what is no answer."""

import json
from typing import Any

import pytest

from tests.advisories.making import codes, subject
from trued.advisories.matching import Affected, How, Indeterminate, Reason
from trued.advisories.pypi import IndexAnswer, index_request, read_index_answer
from trued.core.errors import OperationalError

URL = "https://index.example.org/pypi/demo/1.0/json"
FLAW = {
    "id": "PYSEC-2026-1",
    "aliases": ["CVE-2026-1"],
    "details": "It is bad.",
    "summary": None,
    "fixed_in": ["0.9.5", "1.10", "1.2", "not-a-version"],
    "link": "https://example.org/PYSEC-2026-1",
    "source": "osv",
    "withdrawn": None,
}


def answer(*flaws: Any, version: str = "1.0", status: int = 200, **fields: Any) -> IndexAnswer:
    document = {"info": {"name": "Demo", "version": version}, "vulnerabilities": list(flaws)} | fields
    return read_index_answer(subject(), url=URL, status=status, body=json.dumps(document).encode())


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        ("https://index.example.org/simple", URL),
        ("https://index.example.org/simple/", URL),
        ("http://127.0.0.1:8080/root/mirror/simple/", "http://127.0.0.1:8080/root/mirror/pypi/demo/1.0/json"),
    ],
)
def test_the_interface_lies_beside_the_simple_api(index: str, expected: str) -> None:
    request = index_request(index, subject())

    assert request is not None
    assert (request.url, request.method, request.expected) == (expected, "GET", frozenset({200, 404}))


@pytest.mark.parametrize(
    "index", ["https://index.example.org/", "file:///wheels", "https://example.org/simple/?a=b"]
)
def test_an_index_at_another_kind_of_address_has_no_such_interface(index: str) -> None:
    assert index_request(index, subject()) is None


def test_a_version_cannot_lead_elsewhere() -> None:
    """The attack: a version such as ``../../other`` in a requirement."""
    request = index_request("https://index.example.org/simple", subject(version="../../x?y#z"))

    assert request is not None
    assert request.url == "https://index.example.org/pypi/demo/..%2F..%2Fx%3Fy%23z/json"


def test_a_listed_flaw_is_a_match_with_its_later_fixes() -> None:
    (match,) = answer(FLAW).matches

    assert (match.record.id, match.record.aliases, match.verdict) == (
        "PYSEC-2026-1",
        ("CVE-2026-1",),
        Affected(How.SERVICE),
    )
    assert match.fixed_in == ("1.2", "1.10")


def test_a_release_without_flaws_is_known_and_clean() -> None:
    assert answer() == IndexAnswer(subject=subject(), is_known=True)


def test_not_found_is_not_audited() -> None:
    """An index answers so for projects in quarantine too: malware."""
    assert not answer(status=404).is_known


def test_a_withdrawn_flaw_is_left_out() -> None:
    assert answer(FLAW | {"withdrawn": "2026-02-01T00:00:00Z"}).matches == ()


def test_the_same_version_may_be_written_otherwise() -> None:
    assert answer(version="1.0.0").is_known


def test_a_flaw_of_the_public_version_is_undecided_for_a_local_build() -> None:
    local = subject(version="1.0+cu117")
    request = index_request("https://index.example.org/simple", local)
    body = json.dumps({"info": {"name": "demo", "version": "1.0"}, "vulnerabilities": [FLAW]}).encode()

    (match,) = read_index_answer(local, url=URL, status=200, body=body).matches

    assert request is not None
    assert request.url == URL
    assert match.verdict == Indeterminate(Reason.LOCAL)


def test_malware_is_told_apart() -> None:
    (match,) = answer(FLAW | {"aliases": ["MAL-2026-1"]}).matches

    assert match.record.is_malware


@pytest.mark.parametrize("status", [204, 301, 403, 429, 500, 502])
def test_another_status_is_no_answer(status: int) -> None:
    with pytest.raises(OperationalError) as caught:
        answer(status=status)

    assert codes(caught.value.findings) == ["TRU821"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b"<html>not found</html>"])
def test_what_is_no_document_is_no_answer(body: bytes) -> None:
    with pytest.raises(OperationalError):
        read_index_answer(subject(), url=URL, status=200, body=body)


@pytest.mark.parametrize(
    "fields",
    [
        {"info": None},
        {"info": {}},
        {"info": {"name": "other", "version": "1.0"}},
        {"info": {"name": "demo", "version": "2.0"}},
        {"info": {"name": "demo", "version": None}},
        {"vulnerabilities": None},
        {"vulnerabilities": {}},
        {"vulnerabilities": ["PYSEC-2026-1"]},
        {"vulnerabilities": [{}]},
        {"vulnerabilities": [FLAW | {"id": 7}]},
        {"vulnerabilities": [FLAW | {"fixed_in": "1.1"}]},
        {"vulnerabilities": [FLAW | {"aliases": [7]}]},
        {"vulnerabilities": [FLAW | {"withdrawn": "perhaps"}]},
        {"vulnerabilities": [FLAW | {"withdrawn": True}]},
    ],
)
def test_an_answer_about_something_else_or_without_its_list_is_none(fields: dict[str, Any]) -> None:
    with pytest.raises(OperationalError) as caught:
        answer(**fields)

    assert codes(caught.value.findings) == ["TRU821"]
