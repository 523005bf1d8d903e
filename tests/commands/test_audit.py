"""``trued audit`` against the local database: what it finds, what it says, how it ends."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.advisories.conftest import DATA
from tests.commands.advisories import LOW, archive_of, flaw, malware, with_archive, with_database
from tests.commands.conftest import Index, Machine, make_wheel

FIXTURE = Path(__file__).parents[2] / ".." / "shared" / "data" / "advisories" / DATA.name


def rows(out: str) -> list[list[str]]:
    """The table without its head."""
    return [line.split() for line in out.splitlines()[2:] if line and not line.startswith(" ")]


def test_a_release_without_advisories_is_clean(machine: Machine) -> None:
    with_database(machine, flaw())
    machine.write("demo==1.2")

    done = machine.trued("audit", "-r", "requirements.txt")

    assert done.status == 0
    assert done.out == ""
    assert "1 release audited, no known advisories" in done.err


def test_an_affected_release_is_told_with_its_line_and_what_fixes_it(machine: Machine) -> None:
    with_database(machine, flaw())
    machine.write("# pinned", "demo==1.0")

    done = machine.trued("audit", "requirements.txt")

    assert done.status == 1
    assert rows(done.out) == [
        ["demo", "1.0", "PYSEC-2026-1", "high", "7.5", "1.2", "-", "requirements.txt:2"]
    ]


def test_an_empty_file_is_not_clean(machine: Machine) -> None:
    with_database(machine, flaw())
    machine.write("# nothing")

    done = machine.trued("audit", "-r", "requirements.txt")

    assert done.status == 3
    assert done.codes == ["TRU824"]


def test_without_a_database_and_without_the_network_nothing_is_audited(machine: Machine) -> None:
    machine.write("demo==1.0")

    done = machine.trued("audit", "-r", "requirements.txt", "--offline")

    assert done.status == 2
    assert done.codes == ["TRU800"]


def test_an_old_database_is_refused_unless_it_may_be_as_old(machine: Machine) -> None:
    with_database(machine, flaw(modified="2020-09-13T12:26:40Z"))
    machine.write("demo==1.2")

    refused = machine.trued("audit", "-r", "requirements.txt")
    allowed = machine.trued("audit", "-r", "requirements.txt", "--max-db-age", "99999d")

    assert (refused.status, refused.codes) == (2, ["TRU803"])
    assert "2020-09-13T12:26:40" in refused.err
    assert allowed.status == 0
    assert "as of 2020-09-13T12:26:40+00:00" in allowed.err


@pytest.mark.parametrize("form", ["archive", "folder"])
def test_an_export_at_hand_is_as_old_as_its_newest_record_whatever_copied_it_today(
    machine: Machine, form: str
) -> None:
    records = [flaw(modified="2020-09-13T12:26:40.5Z"), flaw("PYSEC-2026-2", modified="2019-01-01T00:00:00Z")]
    (machine.work / "all.zip").write_bytes(archive_of(*records))
    (machine.work / "folder").mkdir()
    for one in records:
        (machine.work / "folder" / f"{one['id']}.json").write_text(json.dumps(one))
    source = "all.zip" if form == "archive" else "folder"
    machine.write("demo==1.2")

    named = machine.trued("audit", "-r", "requirements.txt", "--db", source)
    updated = machine.trued("audit", "db", "update", source, "--json")

    assert (named.status, named.codes) == (2, ["TRU803"])
    assert updated.document["result"]["as_of"] == "2020-09-13T12:26:40+00:00"  # type: ignore[index] # JSON


def test_a_record_of_a_day_to_come_makes_an_export_no_younger_than_its_file(machine: Machine) -> None:
    """One record with a wrong year must not make old advisories new, nor all of them useless."""
    path = with_archive(machine, flaw(modified="2999-01-01T00:00:00Z"))
    os.utime(path, (1_600_000_000, 1_600_000_000))
    machine.write("demo==1.2")

    alone = machine.trued("audit", "-r", "requirements.txt", "--db", "all.zip")
    with_archive(
        machine, flaw(modified="2999-01-01T00:00:00Z"), flaw("PYSEC-2026-2", modified="2020-02-30T00:00:00Z")
    )
    fresh = machine.trued("audit", "-r", "requirements.txt", "--db", "all.zip")

    assert (alone.status, alone.codes) == (2, ["TRU803"])
    assert fresh.status == 0


@pytest.mark.parametrize(
    ("options", "status", "aside"),
    [
        ((), 1, 0),
        (("--severity", "medium"), 0, 1),
        (("--fixable",), 1, 0),
        (("--ignore", "PYSEC-2026-1"), 0, 1),
        (("--ignore-vuln", "CVE-2026-5:2999-01-01:not reachable"), 0, 1),
        (("--ignore", "PYSEC-2026-1:2020-01-01"), 1, 0),
        (("--ignore", "GHSA-aaaa-bbbb-cccc"), 1, 0),
    ],
)
def test_what_counts_is_the_users_to_say(
    machine: Machine, options: tuple[str, ...], status: int, aside: int
) -> None:
    with_database(machine, flaw(vector=LOW, aliases=["CVE-2026-5", "GHSA-aaaa-bbbb-cccc"]))
    machine.write("demo==1.0")

    done = machine.trued("audit", "-r", "requirements.txt", "-f", "json", *options)

    assert done.status == status
    assert len(json.loads(done.out)["set_aside"]) == aside


def test_what_nobody_rates_counts_as_high(machine: Machine) -> None:
    with_database(machine, flaw(vector=""))
    machine.write("demo==1.0")

    assert machine.trued("audit", "-r", "requirements.txt", "--severity", "high").status == 1
    assert machine.trued("audit", "-r", "requirements.txt", "--severity", "critical").status == 0


def test_malware_is_neither_ignored_nor_below_any_severity(machine: Machine) -> None:
    with_database(machine, malware("demo", "1.0"))
    machine.write("demo==1.0")

    done = machine.trued("audit", "-r", "requirements.txt", "--ignore", "MAL-2026-1", "--fixable")

    assert done.status == 1
    assert "malware" in done.out


def test_malware_is_found_by_the_digest_of_a_file_whatever_its_name(machine: Machine) -> None:
    wheel = make_wheel("renamed")
    with_database(machine, malware("demo", "9.9", sha256=wheel.sha256))
    machine.write(wheel.line)

    done = machine.trued("audit", "-r", "requirements.txt", "-f", "json")

    assert done.status == 1
    assert json.loads(done.out)["advisories"][0]["because"] == "digest"


def test_an_exception_for_one_malicious_file_names_its_digest(machine: Machine) -> None:
    wheel = make_wheel("demo")
    with_database(machine, malware("demo", "1.0"))
    machine.write(wheel.line)
    config = machine.home / ".config" / "trued"
    config.mkdir(parents=True)
    rule = '[[exception]]\nproject = "demo"\nrule = "malware"\nreason = "a mistake"\nuntil = 2999-01-01\n'
    (config / "trued.toml").write_text(f'{rule}sha256 = "{wheel.sha256}"\n')

    excepted = machine.trued("audit", "-r", "requirements.txt")
    (config / "trued.toml").write_text(rule)
    without_digest = machine.trued("audit", "-r", "requirements.txt")

    assert excepted.status == 0
    assert (without_digest.status, without_digest.codes) == (2, ["TRU616"])


def test_what_cannot_be_read_of_the_database_leaves_its_project_not_clean(machine: Machine) -> None:
    broken = flaw("PYSEC-2026-9", "other") | {
        "affected": [{"package": {"ecosystem": "PyPI", "name": "other"}, "ranges": 5}]
    }
    with_database(machine, flaw(), broken)
    machine.write("demo==1.2")

    assert machine.trued("audit", "-r", "requirements.txt").status == 0
    machine.write("other==1.0")
    done = machine.trued("audit", "-r", "requirements.txt")

    assert (done.status, done.codes) == (2, ["TRU818", "TRU814"])


def test_what_is_not_pinned_is_resolved_and_told_with_who_pulls_it_in(machine: Machine, index: Index) -> None:
    index.add(make_wheel("app", requires=("demo<2",)))
    index.add(make_wheel("demo", "1.0"))
    with_database(machine, flaw())
    machine.write("app")

    done = machine.trued("audit", "-r", "requirements.txt", "-f", "json")

    assert done.status == 1
    assert json.loads(done.out)["advisories"][0]["paths"] == [["app 1.0", "demo 1.0"]]


def test_offline_what_is_not_pinned_is_listed_as_not_audited(machine: Machine) -> None:
    with_database(machine, flaw())
    machine.write("demo==1.2", "app>=1")

    told = machine.trued("audit", "-r", "requirements.txt", "--offline")
    strict = machine.trued("audit", "-r", "requirements.txt", "--offline", "--strict")

    assert (told.status, told.codes) == (0, ["TRU815"])
    assert "1 not audited" in told.err
    assert strict.status == 2


def test_a_line_for_another_system_counts_too(machine: Machine) -> None:
    with_database(machine, flaw())
    machine.write('demo==1.0 ; sys_platform == "win32"')

    assert machine.trued("audit", "-r", "requirements.txt").status == 1


def test_escape_sequences_of_an_advisory_do_not_reach_the_terminal(machine: Machine) -> None:
    """Attack: a record whose summary clears the screen, or starts a workflow command on its own line."""
    with_database(machine, flaw(summary="\x1b[2Jgone\n::set-output name=x::y"))
    machine.write("demo==1.0")

    table = machine.trued("audit", "-r", "requirements.txt", "--desc")
    commands = machine.trued("audit", "-r", "requirements.txt", "-f", "github")

    assert "\x1b" not in table.out
    assert not any(line.startswith("::set-output") for line in commands.out.splitlines())


@pytest.mark.parametrize("repository", [".", "checked-out"])
def test_annotations_name_files_from_the_root_of_the_repository(machine: Machine, repository: str) -> None:
    with_database(machine, flaw())
    workspace = machine.work.parent
    folder = workspace if repository == "." else machine.work
    (folder / ".git").mkdir()
    machine.write("demo==1.0")

    ran = machine.trued("audit", "-r", "requirements.txt", "-f", "github", GITHUB_WORKSPACE=str(workspace))

    wanted = (machine.work / "requirements.txt").relative_to(folder)
    assert f"file={wanted},line=1," in ran.out


@pytest.mark.parametrize("form", ["json", "sarif", "cyclonedx", "markdown", "github", "gitlab", "openvex"])
def test_each_format_goes_to_a_file_and_leaves_the_exit_status(machine: Machine, form: str) -> None:
    with_database(machine, flaw())
    machine.write("demo==1.0")

    done = machine.trued("audit", "-r", "requirements.txt", "-f", form, "-o", "report")

    assert (done.status, done.out) == (1, "")
    assert "PYSEC-2026-1" in (machine.work / "report").read_text()


def test_pip_audits_words_are_understood(machine: Machine) -> None:
    with_database(machine, flaw(aliases=["CVE-2026-5"]))
    machine.write("demo==1.0")

    done = machine.trued(
        "audit", "-r", "requirements.txt", "-f", "columns", "--aliases", "on", "--desc", "off",
        "--progress-spinner", "off", "--disable-pip", "--no-deps",
    )  # fmt: skip

    assert done.status == 1
    assert "CVE-2026-5" in done.out
    assert "A flaw of demo" not in done.out


@pytest.mark.parametrize("name", ["-", "stdout"])
def test_standard_output_may_be_named_as_pip_audit_does(machine: Machine, name: str) -> None:
    with_database(machine, flaw())
    machine.write("demo==1.0")

    done = machine.trued("audit", "-r", "requirements.txt", "-f", "cyclonedx-xml", "-o", name)

    assert done.status == 1
    assert done.out.startswith("<?xml")
    assert not (machine.work / name).exists()


def test_variables_of_pip_audit_are_read(machine: Machine) -> None:
    with_database(machine, flaw())
    machine.write("demo==1.0")
    variables = {"PIP_AUDIT_FORMAT": "json", "PIP_AUDIT_OUTPUT": "found.json"}

    done = machine.trued("audit", "-r", "requirements.txt", **variables)

    assert (done.status, done.out) == (1, "")
    assert json.loads((machine.work / "found.json").read_text())["packages"]


def test_the_real_database_is_the_shared_one() -> None:
    assert FIXTURE.exists(), f"{FIXTURE} is missing: the tests of audits need it"
    assert FIXTURE.read_bytes() == DATA.read_bytes()


def test_the_real_database_finds_what_is_known_of_old_releases(machine: Machine) -> None:
    (machine.work / "all.zip").write_bytes(DATA.read_bytes())
    machine.write("requests==2.19.0", "django==3.2a1")

    done = machine.trued("audit", "-r", "requirements.txt", "--db", "all.zip", "--max-db-age", "9999d")

    assert done.status == 1
    assert {row[2] for row in rows(done.out)} >= {"PYSEC-2018-28", "PYSEC-2023-74", "PYSEC-2023-61"}


def test_the_database_can_be_looked_at_checked_and_written_out(machine: Machine) -> None:
    with_database(machine, flaw(), malware("bad", "1.0"))

    info = machine.trued("audit", "db", "info", "--json")
    verified = machine.trued("audit", "db", "verify")
    exported = machine.trued("audit", "db", "export", "again.zip")
    again = machine.trued("audit", "db", "update", "again.zip", "--db", "other.sqlite3")

    assert info.document["result"]["records"] == 2  # type: ignore[index] # as documented
    assert [one.status for one in (info, verified, exported, again)] == [0, 0, 0, 0]
    assert machine.trued("audit", "db", "frobnicate").codes == ["TRU911"]


def test_a_damaged_database_is_an_error_and_never_clean(machine: Machine) -> None:
    with_database(machine, flaw())
    path = machine.home / ".cache" / "trued" / "advisories" / "pypi.sqlite3"
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\0" * (len(data) - 4096))
    machine.write("demo==1.0")

    done = machine.trued("audit", "-r", "requirements.txt")

    assert done.status == 2


def test_a_vex_document_sets_an_advisory_aside_and_malware_never(machine: Machine) -> None:
    with_database(machine, flaw(), malware("bad", "1.0"))
    statement = {
        "vulnerability": {"name": "PYSEC-2026-1"},
        "products": [{"@id": "pkg:pypi/demo@1.0"}],
        "status": "not_affected",
        "justification": "vulnerable_code_not_in_execute_path",
        "timestamp": "2026-01-01T00:00:00Z",
    }
    bad = statement | {"vulnerability": {"name": "MAL-2026-1"}, "products": [{"@id": "pkg:pypi/bad@1.0"}]}
    document = {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://example.org/vex",
        "author": "us",
        "timestamp": "2026-01-01T00:00:00Z",
        "version": 1,
        "statements": [statement, bad],
    }
    machine.write(json.dumps(document), name="vex.json")
    machine.write("demo==1.0", "bad==1.0")

    done = machine.trued("audit", "-r", "requirements.txt", "--vex", "vex.json", "-f", "json")

    assert [one["id"] for one in json.loads(done.out)["advisories"]] == ["MAL-2026-1"]
    assert [one["reason"] for one in json.loads(done.out)["set_aside"]] == ["vex"]
