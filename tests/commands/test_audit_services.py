"""``trued audit`` over services: right answers, and all that must never be taken for clean."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.commands.advisories import OsvService, flaw
from tests.commands.conftest import Index, Machine, Ran
from tests.index.server import Reply


@pytest.fixture
def osv(index: Index) -> OsvService:
    return OsvService(index.server, flaw(), flaw("PYSEC-2026-2"), flaw("GHSA-aaaa-bbbb-cccc"), page=1)


def audit(machine: Machine, osv: OsvService, *lines: str, options: tuple[str, ...] = ()) -> Ran:
    machine.write(*lines)
    return machine.trued(
        "audit", "-r", "requirements.txt", "-s", "osv", "--osv-url", osv.url, "--retries", "0",
        "--public-index", machine.index.url, *options,
    )  # fmt: skip


def test_every_page_of_an_answer_is_read(machine: Machine, osv: OsvService) -> None:
    done = audit(machine, osv, "demo==1.0", "other==2", options=("-f", "json"))

    assert done.status == 1
    found = {one["id"] for one in json.loads(done.out)["advisories"]}
    assert found == {"PYSEC-2026-1", "PYSEC-2026-2", "GHSA-aaaa-bbbb-cccc"}


def test_a_release_that_the_service_knows_nothing_of_is_clean(machine: Machine, osv: OsvService) -> None:
    assert audit(machine, osv, "demo==1.2").status == 0


SHORT = Reply(body=b'{"results": []}')
ATTACKS = {
    "fewer results than questions": ("/osv/v1/querybatch", SHORT),
    "cut off in the middle": ("/osv/v1/querybatch", Reply(body=b'{"results": [{')),
    "a connection that ends early": ("/osv/v1/querybatch", Reply(body=b'{"results"', announced=900)),
    "not found": ("/osv/v1/querybatch", Reply(status=404)),
    "a server error": ("/osv/v1/querybatch", Reply(status=500)),
    "a page of a portal": ("/osv/v1/querybatch", Reply(body=b"<html>please log in</html>")),
    "a redirect that drops the question": (
        "/osv/v1/querybatch",
        Reply(status=302, headers={"Location": "/osv/empty"}),
    ),
    "no record": ("/osv/v1/vulns/PYSEC-2026-1", Reply(status=404)),
    "another record": ("/osv/v1/vulns/PYSEC-2026-1", Reply(body=json.dumps(flaw("PYSEC-1-1")).encode())),
    "an unreadable record": (
        "/osv/v1/vulns/PYSEC-2026-1",
        Reply(body=b'{"id": "PYSEC-2026-1", "affected": 5}'),
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_answer_that_cannot_be_believed_is_an_error_and_never_clean(
    machine: Machine, osv: OsvService, index: Index, attack: str
) -> None:
    path, reply = ATTACKS[attack]
    index.server.routes["/osv/empty"] = Reply(body=b'{"results": [{}]}')
    osv.bend = lambda asked, right: reply if asked == path else right

    done = audit(machine, osv, "demo==1.0")

    assert done.status == 2
    assert done.out == ""


def test_an_answer_is_kept_for_a_while_and_its_age_is_told(
    machine: Machine, osv: OsvService, index: Index
) -> None:
    audit(machine, osv, "demo==1.0")
    before = len(index.server.asked)

    again = audit(machine, osv, "demo==1.0", options=("-f", "json"))
    between = len(index.server.asked)
    fresh = audit(machine, osv, "demo==1.0", options=("--disable-cache",))

    assert (again.status, fresh.status) == (1, 1)
    assert between == before
    assert len(index.server.asked) > between
    assert "age_seconds" in json.loads(again.out)["source"]


def test_an_answer_that_was_not_understood_is_not_kept(machine: Machine, osv: OsvService) -> None:
    osv.bend = lambda asked, right: SHORT if asked.endswith("querybatch") else right
    assert audit(machine, osv, "demo==1.0").status == 2
    osv.bend = lambda _asked, right: right

    assert audit(machine, osv, "demo==1.0").status == 1


def test_names_that_are_private_are_never_sent(machine: Machine, osv: OsvService) -> None:
    done = audit(
        machine, osv, "demo==1.2", "acme-core==1", "acme-web==2", "secret==3",
        options=("--private-project", "acme-*", "--private-project", "Secret"),
    )  # fmt: skip

    assert osv.names_sent == {"demo"}
    assert done.status == 0
    assert done.err.count("warning[TRU815]") == 3


def test_names_from_an_index_that_is_not_public_are_never_sent(machine: Machine, osv: OsvService) -> None:
    machine.write("demo==1.0")

    done = machine.trued("audit", "-r", "requirements.txt", "-s", "osv", "--osv-url", osv.url)

    assert osv.names_sent == set()
    assert done.status == 3


def test_a_lock_says_which_index_a_release_is_from(machine: Machine, osv: OsvService) -> None:
    package = (
        '[[packages]]\nname = "{}"\nversion = "1.2"\nindex = "{}"\n'
        'sdist = {{name = "{}-1.2.tar.gz", url = "{}x", hashes = {{sha256 = "{}"}}}}\n'
    )
    text = 'lock-version = "1.0"\ncreated-by = "test"\n'
    text += package.format("demo", machine.index.url, "demo", machine.index.url, "0" * 64)
    text += package.format(
        "inner", "https://own.example.org/simple/", "inner", "https://own.example.org/", "0" * 64
    )
    machine.write(text, name="pylock.toml")

    machine.trued(
        "audit", "pylock.toml", "-s", "osv", "--osv-url", osv.url, "--public-index", machine.index.url
    )

    assert osv.names_sent == {"demo"}


def release(name: str, version: str, *listed: Mapping[str, object]) -> Reply:
    body = {"info": {"name": name, "version": version}, "vulnerabilities": list(listed)}
    return Reply(body=json.dumps(body).encode())


def by_index(machine: Machine, *lines: str) -> Ran:
    machine.write(*lines)
    return machine.trued("audit", "-r", "requirements.txt", "-s", "pypi", "--retries", "0")


def test_the_index_tells_of_its_own_releases(machine: Machine, index: Index) -> None:
    known = {
        "id": "PYSEC-2026-1",
        "aliases": [],
        "details": "",
        "fixed_in": ["1.2"],
        "link": "",
        "withdrawn": None,
    }
    index.server.routes["/pypi/demo/1.0/json"] = release("demo", "1.0", known)
    index.server.routes["/pypi/demo/1.2/json"] = release("demo", "1.2")

    assert by_index(machine, "demo==1.0").status == 1
    assert by_index(machine, "demo==1.2").status == 0


def test_a_release_that_the_index_does_not_know_may_be_in_quarantine_and_fails(
    machine: Machine, index: Index
) -> None:
    index.server.routes["/pypi/demo/1.2/json"] = release("demo", "1.2")

    done = by_index(machine, "demo==1.2", "gone==1.0")

    assert done.status == 2
    assert "gone 1.0" in done.err


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=500),
        Reply(body=b'{"info": {"name": "demo", "version": "1.0"}}'),
        Reply(body=b'{"info": {"name": "demo"'),
        release("other", "1.0"),
        release("demo", "2.0"),
    ],
)
def test_an_answer_of_the_index_that_cannot_be_believed_is_an_error(
    machine: Machine, index: Index, reply: Reply
) -> None:
    index.server.routes["/pypi/demo/1.0/json"] = reply

    assert by_index(machine, "demo==1.0").status == 2


def test_a_database_follows_its_source_by_what_changed(machine: Machine, index: Index) -> None:
    from tests.commands.advisories import archive_of

    routes, base = index.server.routes, "/export/"
    routes[f"{base}all.zip"] = Reply(body=archive_of(flaw(), flaw("PYSEC-2026-2")))
    first = machine.trued("audit", "db", "update", index.server.url(f"{base}all.zip"), "--json")
    newer = flaw("PYSEC-2026-3", "late") | {"modified": "2026-02-02T00:00:00Z"}
    routes[f"{base}modified_id.csv"] = Reply(
        body=b"2026-02-02T00:00:00Z,PYSEC-2026-3\n2026-01-01T00:00:00Z,PYSEC-2026-1\n2026-01-01T00:00:00Z,PYSEC-2026-2\n"
    )
    routes[f"{base}PYSEC-2026-3.json"] = Reply(body=json.dumps(newer).encode())

    second = machine.trued("audit", "db", "update", index.server.url(f"{base}all.zip"), "--json")
    machine.write("late==1.0")

    assert (first.status, second.status) == (0, 0)
    assert second.document["result"]["changed"] == 1  # type: ignore[index] # as documented
    assert index.server.count(f"{base}all.zip") == 1
    assert machine.trued("audit", "-r", "requirements.txt").status == 1


def test_an_export_that_is_cut_off_leaves_the_database_as_it_was(machine: Machine, index: Index) -> None:
    from tests.commands.advisories import archive_of, with_database

    with_database(machine, flaw())
    whole = archive_of(flaw(), flaw("PYSEC-2026-2"))
    index.server.routes["/export/all.zip"] = Reply(body=whole[:-30])

    done = machine.trued("audit", "db", "update", index.server.url("/export/all.zip"))
    machine.write("demo==1.0")

    assert (done.status, done.codes) == (2, ["TRU802"])
    assert machine.trued("audit", "-r", "requirements.txt").status == 1
