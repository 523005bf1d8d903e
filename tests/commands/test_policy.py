"""``trued policy`` from the outside: show, init, check and explain."""

from __future__ import annotations

import json
import os
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.commands.conftest import Machine, make_wheel
from tests.index.server import Reply, Server, redirect

PUBLISHER = '[[publisher]]\nproject = "demo"\nkind = "github"\nrepository = "{owner}/demo"\n'
IDENTITY = (
    '\n[[packages.attestation-identities]]\nkind = "GitHub"\nrepository = "owner/demo"\nworkflow = "r.yml"\n'
)

FOLDER = '\n[[packages]]\nname = "own"\ndirectory = { path = "own" }\n'


def configure(machine: Machine, text: str) -> Path:
    folder = machine.home / ".config" / "trued"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "trued.toml"
    path.write_text(text)
    return path


def project(machine: Machine, text: str) -> Path:
    path = machine.work / "trued.toml"
    path.write_text(text)
    return path


@pytest.fixture
def locked(machine: Machine) -> Machine:
    """A lock of demo 1.0, which the index offers as a wheel and has had for long."""
    machine.index.add(make_wheel("demo"), upload_time="2024-03-01T12:00:00Z")
    assert machine.trued("lock", "demo").status == 0
    return machine


def host(machine: Machine) -> str:
    return machine.index.url.split("/")[2]


# show


def test_show_tells_each_setting_and_its_origin(machine: Machine) -> None:
    path = configure(machine, 'level = "strict"\n' + PUBLISHER.format(owner="owner"))

    told = {line.split()[0]: line for line in machine.trued("policy", "show").out.splitlines()}

    assert f"level in {path}:1" in told["level"]
    assert f"publisher in {path}:2" in told["publisher.demo"]
    assert "repository=owner/demo" in told["publisher.demo"]
    assert "3d" in told["min-age"]
    assert "level strict" in told["min-age"]
    assert ":all:" in told["only-binary"]
    assert told["offline"].endswith("default")


def test_show_tells_what_a_projects_file_tried(machine: Machine) -> None:
    project(machine, 'trusted-host = ["evil.example.org"]\n')

    ran = machine.trued("policy", "show")

    assert "TRU603" in ran.codes
    assert "evil" not in ran.out


def test_show_gives_the_same_as_data(machine: Machine) -> None:
    path = configure(machine, 'allowed-hosts = ["a.example.org"]\n')

    document = machine.trued("policy", "show", "--json").document

    result = document["result"]
    assert isinstance(result, dict)
    rows = {row["key"]: row for row in result["settings"]}
    assert rows["allowed-hosts"] == {
        "key": "allowed-hosts",
        "value": "a.example.org",
        "origin": f"allowed-hosts in {path}:1",
    }


# init


def test_init_writes_what_the_lock_satisfies_and_check_agrees(locked: Machine) -> None:
    lock = locked.work / "pylock.toml"
    lock.write_text(lock.read_text() + IDENTITY)

    assert locked.trued("policy", "init").status == 0

    made = tomllib.loads((locked.work / "trued.toml").read_text())
    assert made == {
        "level": "strict",
        "allowed-hosts": [host(locked), "api.osv.dev"],
        "publisher": [{"project": "demo", "kind": "github", "repository": "owner/demo", "workflow": "r.yml"}],
    }
    assert locked.trued("policy", "check").status == 0


def test_init_prints_to_standard_output_and_never_writes_over_a_file(locked: Machine) -> None:
    project(locked, "# mine\n")

    ran = locked.trued("policy", "init")
    shown = locked.trued("policy", "init", "-o", "-")

    assert (ran.status, ran.codes) == (2, ["TRU621"])
    assert (locked.work / "trued.toml").read_text() == "# mine\n"
    assert tomllib.loads(shown.out)["level"] == "strict"


def test_init_of_an_environment_reads_its_receipts(locked: Machine) -> None:
    assert locked.trued("sync").status == 0
    (locked.work / "pylock.toml").unlink()

    made = tomllib.loads(locked.trued("policy", "init", "-o", "-").out)

    assert made == {"level": "standard", "allowed-hosts": [host(locked), "api.osv.dev"]}


def test_init_asks_for_no_level_that_what_is_there_does_not_pass(locked: Machine) -> None:
    lock = locked.work / "pylock.toml"
    lock.write_text(lock.read_text() + FOLDER)

    made = locked.trued("policy", "init", "-o", "-").out

    assert '# level = "permissive"' in made


def test_init_asks_for_no_age_of_files_whose_upload_nobody_tells(machine: Machine) -> None:
    """At strict the next lock would find no release at all on such an index."""
    machine.index.add(make_wheel("demo"))
    assert machine.trued("lock", "demo").status == 0

    assert machine.trued("policy", "init").status == 0

    assert 'level = "standard"' in (machine.work / "trued.toml").read_text()
    assert machine.trued("lock", "demo", "--check").status == 0


def test_names_of_a_lock_cannot_write_settings_into_the_template(locked: Machine) -> None:
    """Attack: a lock of a clone whose publisher's name closes the text and opens a key of its own."""
    lock = locked.work / "pylock.toml"
    evil = IDENTITY.replace("owner/demo", 'o/d\\"\\nlevel = \\"permissive\\"\\nx = \\"')
    lock.write_text(lock.read_text() + evil)

    made = tomllib.loads(locked.trued("policy", "init", "-o", "-").out)

    assert made["level"] == "strict"


# check


def test_check_of_a_lock_that_passes_is_quietly_good(locked: Machine) -> None:
    ran = locked.trued("policy", "check", "pylock.toml", "--level", "strict")

    assert (ran.status, ran.codes) == (0, [])


def test_check_finds_files_on_hosts_that_are_not_allowed(locked: Machine) -> None:
    configure(locked, 'allowed-hosts = ["files.example.org"]\n')

    ran = locked.trued("policy", "check")

    assert (ran.status, ran.codes) == (1, ["TRU321"])


def test_check_takes_the_digest_of_a_commits_files_for_one(locked: Machine) -> None:
    lock = locked.work / "pylock.toml"
    commit, tree = "a" * 40, "b" * 64
    lock.write_text(
        f'{lock.read_text()}\n[[packages]]\nname = "own"\n'
        f'vcs = {{ type = "git", url = "https://git.example.org/own", commit-id = "{commit}" }}\n'
        f'[packages.tool.trued]\ntree-sha256 = "{tree}"\n'
    )

    assert locked.trued("policy", "check").codes == []
    assert 'level = "standard"' in locked.trued("policy", "init", "-o", "-").out


def test_check_finds_what_has_no_digest_and_permissive_only_tells(locked: Machine) -> None:
    lock = locked.work / "pylock.toml"
    lock.write_text(lock.read_text() + FOLDER)

    assert "TRU622" in locked.trued("policy", "check").codes
    assert locked.trued("policy", "check").status == 1
    assert locked.trued("policy", "check", "--level", "permissive").status == 0


def test_check_finds_a_publisher_that_the_policy_does_not_name(locked: Machine) -> None:
    lock = locked.work / "pylock.toml"
    lock.write_text(lock.read_text() + IDENTITY)
    configure(locked, PUBLISHER.format(owner="somebody"))

    ran = locked.trued("policy", "check")

    assert (ran.status, ran.codes) == (1, ["TRU623"])


def test_check_tells_an_exception_that_has_expired(locked: Machine) -> None:
    """Attack, or neglect: an exception that expired yesterday still stands in the file."""
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    configure(
        locked, f'[[exception]]\nproject = "demo"\nrule = "yanked"\nreason = "r"\nuntil = {yesterday}\n'
    )

    assert locked.trued("policy", "check").codes == ["TRU650"]


def test_check_of_an_environment_reads_what_proved_each_file(locked: Machine) -> None:
    assert locked.trued("sync").status == 0

    assert locked.trued("policy", "check", ".venv").status == 0

    configure(locked, PUBLISHER.format(owner="owner"))
    ran = locked.trued("policy", "check", ".venv")
    assert (ran.status, ran.codes) == (1, ["TRU626"])


def test_check_of_an_environment_finds_what_left_no_receipt(locked: Machine) -> None:
    assert locked.trued("sync").status == 0
    for receipt in locked.libraries.glob("*.dist-info/trued-receipt.json"):
        receipt.unlink()

    ran = locked.trued("policy", "check", ".venv")

    assert (ran.status, ran.codes) == (1, ["TRU625"])


def test_check_gives_its_answer_as_data(locked: Machine) -> None:
    document = locked.trued("policy", "check", "--json").document

    assert document["ok"] is True
    assert document["result"] == {"subject": "pylock.toml", "projects": 1, "passes": True}


def test_check_of_nothing_that_is_there_is_an_error(machine: Machine) -> None:
    assert machine.trued("policy", "check", "absent.toml").status == 2


def test_a_policy_that_cannot_be_understood_is_told_with_all_its_mistakes(machine: Machine) -> None:
    configure(machine, '[[publisher]]\nproject = 1\nkind = "x"\n[[openpgp]]\nproject = "a"\n')

    ran = machine.trued("policy", "check")

    assert (ran.status, ran.codes) == (2, ["TRU617"])
    assert ran.err.count("[TRU617]") == 3


# explain


def test_explain_tells_why_a_file_is_refused_and_installs_nothing(machine: Machine) -> None:
    wheel = make_wheel("demo")
    (machine.work / wheel.filename).write_bytes(wheel.content)

    ran = machine.trued("policy", "explain", f"./{wheel.filename}")

    assert ran.status == 1
    assert f"{wheel.filename}: refused (standard)" in ran.out
    assert "evidence  none" in ran.out
    assert "TRU561" in ran.out
    assert machine.installed == {}


def test_explain_tells_what_would_admit_a_requirement(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.write(wheel.line)
    path = configure(machine, PUBLISHER.format(owner="owner"))

    ran = machine.trued("policy", "explain", "-r", "requirements.txt")

    assert f"publisher in {path}:1" in ran.out
    assert "evidence  pin: requirements.txt:1" in ran.out
    assert ran.status == 1  # the rule asks for an attestation beside the pin


def test_explain_gives_the_verdict_as_data(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.write(wheel.line)

    document = machine.trued("policy", "explain", "-r", "requirements.txt", "--json").document

    verdicts = document["verdicts"]
    assert isinstance(verdicts, list)
    assert verdicts[0]["admitted"] is True
    assert machine.installed == {}


def test_explain_remembers_nothing_and_asks_nothing(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))

    assert machine.trued("policy", "explain", "demo").status == 1
    assert machine.trued("known", "list", "--json").out.strip() == "[]"
    assert not os.path.exists(machine.home / ".local" / "share" / "trued" / "known.sqlite3")


# exceptions at the end of an install


def excepted(machine: Machine, rule: str, *, days: int = 30, extra: str = "") -> None:
    until = (datetime.now(UTC) + timedelta(days=days)).date()
    text = f'[[exception]]\nproject = "demo"\nrule = "{rule}"\nreason = "tried"\nuntil = {until}\n{extra}'
    configure(machine, text)


def test_strict_installs_a_yanked_release_that_an_exception_admits(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"), yanked="broken")
    assert machine.install(wheel.line, options=("--level", "strict")).codes == ["TRU349"]
    assert machine.installed == {}

    assert machine.install(wheel.line, options=("--level", "strict")).codes == ["TRU349"]
    assert machine.installed == {}

    excepted(machine, "yanked")
    ran = machine.install(wheel.line, options=("--level", "strict"))

    assert ran.status == 0
    assert machine.installed == {"demo": "1.0"}
    assert "TRU349" in ran.codes


def test_a_quarantined_project_stays_refused_and_an_exception_admits_it(machine: Machine) -> None:
    """Attack: what was refused once must not lie in the store, from where it is taken unasked."""
    machine.index.status["demo"] = {"status": "quarantined", "reason": "malware"}
    wheel = machine.index.add(make_wheel("demo"))

    assert machine.install(wheel.line).codes == ["TRU348"]
    assert machine.install(wheel.line).codes == ["TRU348"]

    excepted(machine, "quarantined")
    ran = machine.install(wheel.line)
    assert ran.status == 0
    assert "TRU348" in ran.codes


def test_an_exception_for_another_version_does_not_admit_it(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"), yanked="broken")
    excepted(machine, "yanked", extra='version = "2.0"\n')

    assert machine.install(wheel.line, options=("--level", "strict")).status == 1


def test_an_exception_that_expired_yesterday_admits_nothing_and_is_told(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"), yanked="broken")
    excepted(machine, "yanked", days=-1)

    ran = machine.install(wheel.line, options=("--level", "strict"))

    assert ran.status == 1
    assert {"TRU349", "TRU650"} <= set(ran.codes)


def test_an_exception_that_an_install_did_not_need_is_told_at_its_end(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    excepted(machine, "unproven")

    ran = machine.install(wheel.line)

    assert (ran.status, ran.codes) == (0, ["TRU651"])


def test_a_project_excepted_from_proof_is_installed_with_a_warning(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))
    excepted(machine, "unproven")

    ran = machine.trued("install", "demo")

    assert ran.status == 0
    assert "TRU561" in ran.codes


def test_no_exception_admits_other_bytes(machine: Machine) -> None:
    """Attack: every exception there is, for a file whose bytes were exchanged."""
    wheel = make_wheel("demo")
    machine.index.add(make_wheel("demo", files={"demo/__init__.py": b"evil"}))
    rules = ("unproven", "startup-hook", "weak-digest", "wheel-tags", "provenance", "yanked")
    until = (datetime.now(UTC) + timedelta(days=9)).date()
    configure(
        machine,
        "".join(
            f'[[exception]]\nproject = "demo"\nrule = "{rule}"\nreason = "r"\nuntil = {until}\n'
            for rule in rules
        ),
    )

    for level in ("permissive", "standard", "strict"):
        assert machine.install(wheel.line, options=("--level", level)).status == 1
    assert machine.installed == {}


def test_a_clock_set_back_a_year_gives_no_exception_another_year(machine: Machine) -> None:
    """Attack: the exception ended, but the clock says that it has not; what was seen later says it has."""
    machine.index.add(make_wheel("other"))
    assert machine.trued("install", "other", "--trust-on-first-use").status == 0
    (database,) = machine.home.rglob("known.sqlite3")
    _move_records(database, days=365)
    wheel = machine.index.add(make_wheel("demo"), yanked="broken")
    excepted(machine, "yanked", days=30)

    ran = machine.install(wheel.line, options=("--level", "strict"))

    assert ran.status == 1
    assert "TRU650" in ran.codes


def _move_records(database: Path, *, days: int) -> None:
    """Have the known files remember a time *days* from now: to them, the clock is behind."""
    import sqlite3

    later = (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with sqlite3.connect(database) as connection:
        for table, columns in _columns(connection):
            for column in columns:
                connection.execute(f"UPDATE {table} SET {column} = ? WHERE {column} LIKE '20__-%Z'", (later,))
    connection.close()


def _columns(connection: object) -> list[tuple[str, list[str]]]:
    execute = connection.execute  # type: ignore[attr-defined]  # sqlite3.Connection, imported where it is used
    tables = [name for (name,) in execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return [(one, [row[1] for row in execute(f"PRAGMA table_info({one})")]) for one in tables]


# hosts


def test_a_host_that_is_not_allowed_is_never_asked(machine: Machine) -> None:
    """The index's page may be read; the file that it lists lies elsewhere and is not fetched."""
    wheel = make_wheel("demo")
    with Server() as elsewhere:
        elsewhere.routes[f"/{wheel.filename}"] = Reply(body=wheel.content)
        machine.index.add(wheel, url=elsewhere.url(f"/{wheel.filename}"))
        configure(machine, f'allowed-hosts = ["{host(machine)}"]\n')

        ran = machine.install(wheel.line)

        assert elsewhere.connections == 0
    assert ran.codes == ["TRU321"]
    assert ran.status == 2


def test_a_redirect_to_a_host_that_is_not_allowed_is_not_followed(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    with Server() as elsewhere:
        elsewhere.routes["/there.whl"] = Reply(body=wheel.content)
        machine.index.server.routes[f"/files/{wheel.filename}"] = redirect(elsewhere.url("/there.whl"))

        ran = machine.install(wheel.line, options=("--allowed-host", host(machine)))

        assert elsewhere.connections == 0
    assert ran.codes == ["TRU321"]


def test_an_index_that_is_not_allowed_is_not_asked(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    before = machine.index.server.connections

    ran = machine.install(wheel.line, options=("--allowed-host", "packages.example.org"))

    assert ran.codes == ["TRU321"]
    assert machine.index.server.connections == before


def test_the_warm_road_is_taken_where_only_hosts_are_listed(machine: Machine) -> None:
    """Nothing is fetched there, so which hosts may be asked changes nothing."""
    wheel = machine.index.add(make_wheel("demo"))
    assert machine.install(wheel.line).status == 0

    ran = machine.trued("install", "-r", "requirements.txt", TRUED_ALLOWED_HOSTS="a.example.org")

    assert (ran.status, ran.codes) == (0, [])


def test_the_warm_road_is_taken_beside_a_plain_policy(machine: Machine) -> None:
    """The index is not asked again, nor could it be: the warm road opens no connection."""
    wheel = machine.index.add(make_wheel("demo"))
    assert machine.install(wheel.line).status == 0
    configure(machine, f'level = "standard"\nallowed-hosts = ["{host(machine)}"]\n')

    ran = machine.trued("install", "-r", "requirements.txt", PYTHONPROFILEIMPORTTIME="1")

    assert ran.status == 0
    assert "trued.operations.warm" in ran.err
    assert "trued.operations.install" not in ran.err


def test_a_rule_about_a_project_closes_the_warm_road(machine: Machine) -> None:
    """Attack: what was installed once by its pin must not go on where a publisher is asked for."""
    wheel = machine.index.add(make_wheel("demo"))
    assert machine.install(wheel.line).status == 0
    configure(machine, PUBLISHER.format(owner="owner"))

    ran = machine.trued("install", "-r", "requirements.txt")

    assert ran.status == 1
    assert "TRU700" in ran.codes


def test_json_of_show_is_one_document(machine: Machine) -> None:
    assert json.loads(machine.trued("policy", "show", "--json").out)["command"] == "policy"
