"""``trued report`` on real environments: what is found stands on the page, and nothing is fetched."""

from __future__ import annotations

import json
import time

import pytest

from tests.commands.advisories import flaw, with_database
from tests.commands.attested import Attested
from tests.commands.conftest import JSON, Machine, make_wheel, run_pip
from tests.index.server import Reply
from tests.report.formats.making import NASTY
from tests.report.html.test_page import Read

EPOCH = {"SOURCE_DATE_EPOCH": "1790000000"}
LEAF = make_wheel("leaf")
DEMO = make_wheel("demo", "1.0", requires=("leaf>=1",))


def settled(machine: Machine) -> Machine:
    for wheel in (DEMO, LEAF):
        machine.index.add(wheel)
    assert machine.install(DEMO.line, LEAF.line).status == 0
    return machine


def page(machine: Machine, *arguments: str) -> str:
    """What a reader of the page sees."""
    ran = machine.trued("report", *arguments, "-o", "report.html")
    assert (ran.status, ran.out) == (0, ""), ran.err
    return Read((machine.work / "report.html").read_text()).text


def test_an_environment_is_told_with_its_proofs_and_no_connection_is_opened(machine: Machine) -> None:
    settled(machine)
    with_database(machine, flaw(name="other"))
    before = len(machine.index.server.asked)

    text = page(machine)

    assert "All is as it was proven" in text
    assert "2 packages compared with the proven wheel" in text
    assert DEMO.sha256 in text
    assert len(machine.index.server.asked) == before


def test_without_a_database_of_advisories_the_page_says_that_nothing_was_looked_up(machine: Machine) -> None:
    text = page(settled(machine))

    assert "The packages were not looked up." in text
    assert "trued audit db update" in text
    assert "What was looked at is in order" in text


def test_an_advisory_is_told_with_what_mends_it(machine: Machine) -> None:
    settled(machine)
    with_database(machine, flaw())

    text = page(machine)

    assert "1 package is affected by 1 advisory" in text
    assert "A flaw of demo" in text
    assert "Update demo to 1.2." in text


def test_an_old_database_is_used_and_its_age_told(machine: Machine) -> None:
    settled(machine)
    with_database(machine, flaw())

    ran = machine.trued("report", "-o", "report.html", SOURCE_DATE_EPOCH=str(int(time.time()) + 86_400 * 40))

    text = Read((machine.work / "report.html").read_text()).text
    assert (ran.status, "40 days old" in text or "39 days old" in text) == (0, True)


@pytest.mark.parametrize(("most", "verdict"), [("7d", "open"), ("60d", "good")])
def test_nothing_found_by_old_advisories_is_not_told_as_in_order(
    machine: Machine, most: str, verdict: str
) -> None:
    settled(machine)
    with_database(machine, flaw(name="other"))

    ran = machine.trued(
        *("report", "-o", "report.html", "--json", "--max-db-age", most),
        SOURCE_DATE_EPOCH=str(int(time.time()) + 86_400 * 40),
    )

    result = ran.document["result"]
    assert isinstance(result, dict)
    assert result["verdict"] == verdict


def test_a_changed_file_is_a_fault_on_the_page(machine: Machine) -> None:
    settled(machine)
    path = machine.libraries / "leaf" / "__init__.py"
    path.unlink()
    path.write_text("evil = 1\n")

    text = page(machine)

    assert "1 fault found on disk" in text
    assert "leaf/__init__.py" in text


def test_what_another_tool_installed_is_not_proven(machine: Machine) -> None:
    machine.index.add(LEAF)
    machine.write(LEAF.line, name="by-pip.txt")
    run_pip(machine, "install", "--no-deps", "--index-url", machine.index.url, "-r", "by-pip.txt")

    text = page(machine)

    assert "1 package without proof" in text
    assert "no receipt of trued says which file was installed" in text


def test_a_verified_publisher_is_named(attested: Attested) -> None:
    attested.offer()
    attested.policy('[[publisher]]\nproject = "demo"\nkind = "github"\nrepository = "example/project"\n')
    assert attested.machine.install("demo==1.0").status == 0

    text = page(attested.machine)

    assert "example/project (GitHub, release.yml)" in text
    assert "1 Attestation" in text


def test_the_age_of_a_file_is_told_from_the_page_that_was_kept(machine: Machine) -> None:
    wheel = machine.index.add(LEAF, upload_time="2020-01-01T00:00:00Z")
    routes = machine.index.server.routes
    listed = routes["/simple/leaf/"]
    assert isinstance(listed, Reply)
    routes["/simple/leaf/"] = Reply(body=listed.body, headers={**JSON, "ETag": '"1"'})
    assert machine.install(wheel.line).status == 0
    before = len(machine.index.server.asked)

    text = page(machine)

    assert "2020-01-01T00:00:00Z, as the index says" in text
    assert len(machine.index.server.asked) == before


def test_exceptions_stand_there_with_their_end(machine: Machine) -> None:
    settled(machine)
    (machine.home / ".config" / "trued").mkdir(parents=True)
    (machine.home / ".config" / "trued" / "trued.toml").write_text(
        '[[exception]]\nproject = "leaf"\nrule = "min-age"\n'
        'reason = "a fix that cannot wait"\nuntil = 2099-01-01\n'
    )

    text = page(machine)

    assert "a fix that cannot wait" in text
    assert "2099-01-01" in text


def test_hostile_metadata_makes_no_element(machine: Machine) -> None:
    attack = f"</td></script><script>alert(1)</script> {NASTY}".replace("\r\n", " ").replace("\n", " ")
    text = f"Metadata-Version: 2.1\nName: leaf\nVersion: 1.0\nSummary: {attack}\nLicense: {attack}\n"
    wheel = machine.index.add(make_wheel("leaf", metadata=text.encode()))
    assert machine.install(wheel.line).status == 0

    page(machine)

    read = Read((machine.work / "report.html").read_text())
    assert read.count("script") == 1
    assert read.count("img") == 0


def test_the_same_environment_and_time_give_the_same_bytes(machine: Machine) -> None:
    settled(machine)
    with_database(machine, flaw())

    one, other = (machine.trued("report", "-o", "-", **EPOCH) for _ in range(2))

    assert one == other
    assert one.status == 0


def test_standard_output_has_what_a_file_has(machine: Machine) -> None:
    settled(machine)

    printed = machine.trued("report", **EPOCH)
    machine.trued("report", "-o", "report.html", **EPOCH)

    assert printed.out == (machine.work / "report.html").read_text()


def test_a_lock_is_told_by_what_it_admits(machine: Machine) -> None:
    machine.index.add(LEAF)
    machine.write("leaf", name="requirements.in")
    assert machine.trued("lock", "-r", "requirements.in").status == 0

    text = page(machine, "pylock.toml")

    assert "This page tells what a lock admits" in text
    assert LEAF.sha256 in text


def test_an_empty_environment_is_a_page_and_suspicious(machine: Machine) -> None:
    ran = machine.trued("report", "-o", "report.html")

    assert ran.status == 3
    assert "There is no package here." in Read((machine.work / "report.html").read_text()).text


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("-o", "missing/report.html"), "TRU579"),
        (("pylock.missing.toml",), "TRU575"),
        (("--ignore", "PYSEC-2026-1:soon"), "TRU805"),
    ],
)
def test_what_cannot_be_done_is_said_and_writes_nothing(
    machine: Machine, arguments: tuple[str, ...], code: str
) -> None:
    settled(machine)

    ran = machine.trued("report", *arguments)

    assert (ran.status, ran.codes, ran.out) == (2, [code], "")


def test_three_hundred_packages_are_reported_in_seconds(machine: Machine) -> None:
    for number in range(300):
        name = f"package-{number:03}"
        below = f"Requires-Dist: package-{number * 7 % 300:03}\n" if number * 7 % 300 > number else ""
        folder = machine.libraries / f"{name.replace('-', '_')}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{below}")
        (folder / "RECORD").write_text(f"{folder.name}/METADATA,,\n{folder.name}/RECORD,,\n")

    begun = time.monotonic()
    text = page(machine)

    assert time.monotonic() - begun < 30
    assert "300 packages without proof" in text


def test_steps_are_told_to_who_asks_for_them(machine: Machine) -> None:
    ran = settled(machine).trued("report", "-v", "-o", "report.html")

    assert "comparing the files on disk" in ran.err
    assert "looking the advisories up" in ran.err


def test_as_json_the_call_says_what_was_written_and_the_verdict(machine: Machine) -> None:
    settled(machine)

    into_file = machine.trued("report", "--json", "-o", "report.html", **EPOCH).document
    printed = json.loads(machine.trued("report", "--json", **EPOCH).out)

    assert into_file["result"] == {
        "output": "report.html", "text": None, "verdict": "open", "reasons": [],
    }  # fmt: skip
    assert printed["result"]["text"] == (machine.work / "report.html").read_text()
