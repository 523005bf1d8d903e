"""The OSV service: batches, pages and records, against a service in memory that counts what it is asked."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.advisories.making import affected, codes, document, subject
from trued.advisories.matching import Affected, How, Indeterminate, Reason
from trued.advisories.osv import DEFAULT_OSV_URL, QUERIES_A_BATCH, OsvAudit
from trued.advisories.service import ServiceRequest
from trued.core.errors import OperationalError

URL = "https://osv.example.org"
LISTED = document(affected=[affected(versions=("1.0",), events="introduced=0 fixed=1.1")])


class Service:
    """Answers as OSV documents: by name and version, a page of ``page`` ids at a time."""

    def __init__(self, *documents: dict[str, Any], page: int = 1000) -> None:
        self.documents = {each["id"]: each for each in documents}
        self.page = page
        self.asked: list[str] = []

    def answer(self, request: ServiceRequest) -> bytes:
        self.asked.append(request.url.removeprefix(URL))
        if request.body is None:
            return json.dumps(self.documents[request.url.rpartition("/")[2]]).encode()
        queries = json.loads(request.body)["queries"]
        return json.dumps({"results": [self.result(query) for query in queries]}).encode()

    def result(self, query: Mapping[str, Any]) -> dict[str, Any]:
        named = [
            {"id": identifier, "modified": each["modified"]}
            for identifier, each in self.documents.items()
            for entry in each["affected"]
            if entry["package"]["name"] == query["package"]["name"]
        ]
        start = int(query.get("page_token", "0"))
        more = {"next_page_token": str(start + self.page)} if len(named) > start + self.page else {}
        return {"vulns": named[start : start + self.page], **more} if named else {}


def run(audit: OsvAudit, service: Service) -> None:
    while requests := audit.requests():
        for request in requests:
            audit.take(request, status=200, body=service.answer(request))


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/query", "/v1/query/", "/v1/querybatch"])
def test_the_service_may_be_named_as_pip_audit_names_it(path: str) -> None:
    (request,) = OsvAudit([subject()], url=f"{URL}/mirror{path}").requests()

    assert request.url == f"{URL}/mirror/v1/querybatch"


def test_releases_are_asked_in_one_batch_and_each_record_once() -> None:
    service = Service(LISTED)
    audit = OsvAudit([subject(), subject("other"), subject(version="0.5")], url=URL + "/")

    run(audit, service)

    assert service.asked == ["/v1/querybatch", "/v1/vulns/PYSEC-2026-1"]
    assert [(m.subject.version, m.verdict, m.fixed_in) for m in audit.matches()] == [
        ("1.0", Affected(How.LISTED), ("1.1",)),
        ("0.5", Affected(How.RANGE), ("1.1",)),
    ]


def test_a_batch_is_what_the_service_documents() -> None:
    (request,) = OsvAudit([subject("Zope.Interface", "5.0")], url=URL).requests()

    assert (request.method, request.url) == ("POST", "https://osv.example.org/v1/querybatch")
    assert dict(request.headers)["Content-Type"] == "application/json"
    assert json.loads(request.body or b"") == {
        "queries": [{"package": {"name": "zope-interface", "ecosystem": "PyPI"}, "version": "5.0"}]
    }


def test_many_releases_are_asked_in_batches_of_a_thousand() -> None:
    requests = OsvAudit([subject(f"project-{n}") for n in range(2001)], url=URL).requests()

    sizes = [len(json.loads(each.body or b"")["queries"]) for each in requests]
    assert sizes == [QUERIES_A_BATCH, QUERIES_A_BATCH, 1]


def test_all_pages_are_followed() -> None:
    service = Service(*(LISTED | {"id": f"A-{n}"} for n in range(7)), page=3)
    audit = OsvAudit([subject()], url=URL)

    run(audit, service)

    assert len(audit.matches()) == 7
    assert service.asked.count("/v1/querybatch") == 3


def test_a_local_version_is_asked_with_its_public_one() -> None:
    service = Service(document(affected=[affected(versions=("1.0",))]))
    audit = OsvAudit([subject(version="1.0+cu117")], url=URL)
    (request,) = audit.requests()

    run(audit, service)

    assert [query["version"] for query in json.loads(request.body or b"")["queries"]] == ["1.0+cu117", "1.0"]
    assert [match.verdict for match in audit.matches()] == [Indeterminate(Reason.LOCAL)]


def test_a_record_named_for_a_local_version_itself_is_told_though_it_speaks_of_another() -> None:
    audit = OsvAudit([subject(version="9.0+cu117")], url=URL)

    run(audit, Service(LISTED))

    assert [match.verdict for match in audit.matches()] == [Indeterminate(Reason.SERVICE)]


def test_for_what_is_no_version_all_records_are_asked_and_judged_here() -> None:
    service = Service(LISTED, document("A-2", affected=[affected(versions=("2.0",))]))
    audit = OsvAudit([subject(version="0.7.10p1")], url=URL)
    (request,) = audit.requests()

    run(audit, service)

    assert "version" not in json.loads(request.body or b"")["queries"][0]
    assert [(m.record.id, m.verdict) for m in audit.matches()] == [
        ("PYSEC-2026-1", Indeterminate(Reason.VERSION))
    ]


def test_a_record_that_by_itself_does_not_affect_the_release_is_told_as_undecided() -> None:
    audit = OsvAudit([subject(version="9.0")], url=URL)

    run(audit, Service(LISTED))

    assert [match.verdict for match in audit.matches()] == [Indeterminate(Reason.SERVICE)]


def test_a_withdrawn_record_is_left_out() -> None:
    audit = OsvAudit([subject()], url=URL)

    run(audit, Service(LISTED | {"withdrawn": "2026-02-01T00:00:00Z"}))

    assert audit.matches() == ()


def test_no_result_is_given_while_an_answer_is_missing() -> None:
    with pytest.raises(ValueError, match="without an answer"):
        OsvAudit([subject()], url=URL).matches()


def test_nothing_is_asked_for_no_release() -> None:
    assert OsvAudit([], url=URL).requests() == ()


@pytest.mark.parametrize("status", [204, 301, 400, 404, 429, 500, 503])
def test_another_status_is_no_answer(status: int) -> None:
    audit = OsvAudit([subject()], url=URL)

    with pytest.raises(OperationalError) as caught:
        audit.take(audit.requests()[0], status=status, body=b'{"results": [{}]}')

    assert codes(caught.value.findings) == ["TRU820"]
    assert audit.requests()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b'{"results": {}}',
        b'{"results": []}',
        b'{"results": [{}]}',
        b'{"results": [{}, {}, {}]}',
        b'{"results": [{}, null]}',
        b'{"results": [{}, {"vulns": {}}]}',
        b'{"results": [{}, {"vulns": ["A-1"]}]}',
        b'{"results": [{}, {"vulns": [{"id": ""}]}]}',
        b'{"results": [{}, {"vulns": [{"id": "../../x"}]}]}',
        b'{"results": [{}, {"vulns": [{"id": 7}]}]}',
        b'{"results": [{}, {"next_page_token": 7}]}',
    ],
)
def test_a_short_strange_or_cut_off_answer_is_none(body: bytes) -> None:
    """The attack: an answer with fewer results than releases would shift them, or call the rest clean."""
    audit = OsvAudit([subject(), subject("other")], url=URL)

    with pytest.raises(OperationalError):
        audit.take(audit.requests()[0], status=200, body=body)


def test_pages_without_end_are_no_answer() -> None:
    audit = OsvAudit([subject()], url=URL)

    def follow() -> None:
        for number in range(1000):
            body = json.dumps({"results": [{"next_page_token": str(number)}]}).encode()
            audit.take(audit.requests()[0], status=200, body=body)

    with pytest.raises(OperationalError):
        follow()


def test_the_same_page_again_is_no_answer() -> None:
    audit = OsvAudit([subject()], url=URL)
    body = b'{"results": [{"next_page_token": "x"}]}'
    audit.take(audit.requests()[0], status=200, body=body)

    with pytest.raises(OperationalError):
        audit.take(audit.requests()[0], status=200, body=body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        json.dumps(LISTED | {"id": "A-9"}).encode(),
        json.dumps(LISTED)[:-9].encode(),
        b'{"id": "PYSEC-2026-1", "affected": 7}',
    ],
)
def test_a_record_that_is_cut_off_or_another_one_is_no_answer(body: bytes) -> None:
    audit = OsvAudit([subject()], url=URL)
    audit.take(audit.requests()[0], status=200, body=Service(LISTED).answer(audit.requests()[0]))

    with pytest.raises(OperationalError) as caught:
        audit.take(audit.requests()[0], status=200, body=body)

    assert codes(caught.value.findings) == ["TRU820"]


def test_the_default_address_is_one_setting() -> None:
    (request,) = OsvAudit([subject()]).requests()

    assert request.url == f"{DEFAULT_OSV_URL}/v1/querybatch"
