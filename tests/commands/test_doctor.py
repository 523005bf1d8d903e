"""``trued doctor`` from the outside: each fault made for real, and told with what mends it."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.commands.advisories import flaw
from tests.commands.conftest import JSON, Machine, Ran, make_wheel
from tests.commands.signed_site import SignedSite
from tests.index.authority import Authority, make_authority
from tests.index.server import Reply, Server
from tests.proof.gpg import Gpg
from tests.proof.tuf.simulator import Simulator
from trued.environment.target import find_target
from trued.operations.doctor.environment import environment_checks
from trued.operations.doctor.tools import library_findings
from trued.report.page import load_page

PIP = {"meta": {"api-version": "1.4"}, "name": "pip", "files": []}
DEMO = make_wheel("demo")


@pytest.fixture
def sound(machine: Machine) -> Machine:
    """Return a machine whose index has a page to ask for."""
    machine.index.server.routes["/simple/pip/"] = Reply(body=json.dumps(PIP).encode(), headers=JSON)
    return machine


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    folder = tmp_path / "authority"
    folder.mkdir()
    return make_authority(folder)


def lines(ran: Ran, name: str) -> list[tuple[str, str]]:
    """Return status and the rest of each line about the check *name*."""
    found = [line.split(maxsplit=2) for line in ran.out.splitlines() if not line.startswith(" ")]
    return [(line[0], line[2] if len(line) > 2 else "") for line in found if line[1] == name]


def status(ran: Ran, name: str) -> list[str]:
    return [one for one, _ in lines(ran, name)]


def code(ran: Ran, name: str) -> list[str]:
    """Return status and code of each finding of the check *name*."""
    return [f"{one} {rest.split()[0]}" for one, rest in lines(ran, name) if rest.startswith("TRU")]


def policy(machine: Machine, text: str) -> Path:
    folder = machine.home / ".config" / "trued"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "trued.toml").write_text(text)
    return folder


def snapshot(machine: Machine) -> list[str]:
    return sorted(str(path) for path in (*machine.home.rglob("*"), *machine.work.rglob("*")))


def test_where_all_is_well_nothing_is_to_be_mended(sound: Machine) -> None:
    ran = sound.trued("doctor")

    assert ran.status == 0
    assert {line.split()[0] for line in ran.out.splitlines()} <= {"ok", "skipped"}


def test_q_leaves_out_what_is_in_order(sound: Machine) -> None:
    assert sound.trued("doctor", "-q").out == ""


def test_nothing_is_changed(sound: Machine) -> None:
    sound.install(sound.index.add(DEMO).line)
    sound.trued("doctor")
    before = snapshot(sound)

    sound.trued("doctor")

    assert snapshot(sound) == before


def test_json_has_every_check_with_status_and_finding(sound: Machine) -> None:
    policy(sound, "unheard-of = 1\n")

    document = sound.trued("doctor", "--json").document

    result = document["result"]
    assert isinstance(result, dict)
    assert {tuple(sorted(one)) for one in result["checks"]} == {("detail", "finding", "name", "status")}
    assert {one["status"] for one in result["checks"]} <= {"ok", "warning", "fault", "skipped"}
    (told,) = [one for one in result["checks"] if one["name"] == "settings.values"]
    assert told["finding"]["code"] == "TRU601"


# settings


def test_a_setting_that_cannot_be_read_is_a_fault_and_the_rest_is_looked_at(sound: Machine) -> None:
    policy(sound, 'level = "sloppy"\n')

    ran = sound.trued("doctor")

    assert ran.status == 1
    assert status(ran, "settings.values") == ["fault"]
    assert status(ran, "store.folder") == ["ok"]


def test_a_key_that_nobody_knows_is_a_warning(sound: Machine) -> None:
    policy(sound, "unheard-of = 1\n")

    ran = sound.trued("doctor")

    assert (ran.status, code(ran, "settings.values")) == (0, ["warning TRU601"])


def test_options_that_exclude_each_other_are_told(sound: Machine) -> None:
    ran = sound.trued("doctor", TRUED_TARGET="a", TRUED_PREFIX="b")

    assert "fault TRU609" in code(ran, "settings.values")


def test_a_policy_file_that_others_can_write_is_told(sound: Machine) -> None:
    (policy(sound, 'level = "strict"\n') / "trued.toml").chmod(0o666)

    assert "fault TRU618" in code(sound.trued("doctor"), "settings.values")


def test_a_file_of_pip_that_others_can_write_is_told(sound: Machine) -> None:
    file = sound.work / "pip.conf"
    file.write_text("[global]\n")
    file.chmod(0o666)

    ran = sound.trued("doctor", PIP_CONFIG_FILE=str(file))

    assert code(ran, "settings.owner") == ["fault TRU940"]


def test_a_trusted_host_of_pips_file_is_told(sound: Machine) -> None:
    file = sound.work / "pip.conf"
    file.write_text("[global]\ntrusted-host = example.org\n")

    ran = sound.trued("doctor", PIP_CONFIG_FILE=str(file))

    assert code(ran, "settings.trusted-hosts") == ["warning TRU941"]


# environment


def test_the_journal_of_a_killed_run_is_told_and_left_for_the_next_one(sound: Machine) -> None:
    journal = sound.libraries / ".trued-journal"
    journal.mkdir()

    assert code(sound.trued("doctor"), "environment.state") == ["warning TRU943"]
    assert journal.exists()


def test_a_lock_that_another_run_holds_is_told(sound: Machine) -> None:
    descriptor = os.open(sound.libraries, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        ran = sound.trued("doctor")
    finally:
        os.close(descriptor)

    assert code(ran, "environment.state") == ["warning TRU944"]


def test_an_interpreter_that_is_not_there_is_a_fault(sound: Machine) -> None:
    ran = sound.trued("doctor", "--python", str(sound.work / "missing"))

    assert code(ran, "environment.interpreter") == ["fault TRU502"]


def test_a_pyvenv_cfg_that_was_changed_is_a_fault(sound: Machine) -> None:
    sound.trued("install", "-r", os.devnull, "--venv", "made")
    with (sound.work / "made/pyvenv.cfg").open("a") as file:
        file.write("include-system-site-packages = true\n")

    assert code(sound.trued("doctor", "made"), "environment.state") == ["fault TRU568"]


def test_a_python_that_belongs_to_the_system_is_told(tmp_path: Path) -> None:
    (tmp_path / "EXTERNALLY-MANAGED").write_text("[externally-managed]\n")
    python = os.path.realpath(sys.executable)
    target = find_target(python=python, environ={}, cwd="/", cache_folder=None, writing=False)
    target.facts = {**target.facts, "stdlib": str(tmp_path)}

    codes = [one.finding.code for one in environment_checks(target) if one.finding]

    assert "TRU942" in codes


# indexes


def test_an_index_that_is_not_there_is_a_fault(machine: Machine) -> None:
    ran = machine.trued("doctor", TRUED_INDEX_URL="http://127.0.0.1:9/simple/")

    assert (ran.status, code(ran, "index")) == (1, ["fault TRU303"])
    assert status(ran, "clock") == ["skipped"]


def test_an_index_that_wants_credentials_is_a_fault_and_no_secret_is_shown(machine: Machine) -> None:
    machine.index.server.routes["/simple/pip/"] = Reply(status=401)
    url = machine.index.url.replace("://", "://user:hunter2@")

    ran = machine.trued("doctor", TRUED_INDEX_URL=url)

    assert status(ran, "index") == ["fault"]
    assert "hunter2" not in ran.out + ran.err


def test_credentials_that_are_accepted_are_told_as_such(sound: Machine) -> None:
    url = sound.index.url.replace("://", "://user:hunter2@")

    ran = sound.trued("doctor", TRUED_INDEX_URL=url)

    assert "credentials accepted" in lines(ran, "index")[0][1]
    assert "hunter2" not in ran.out + ran.err


def test_an_answer_that_is_no_page_is_a_fault(machine: Machine) -> None:
    headers = {"Content-Type": "application/pdf"}
    machine.index.server.routes["/simple/pip/"] = Reply(body=b"%PDF", headers=headers)

    assert status(machine.trued("doctor"), "index") == ["fault"]


def test_an_index_that_says_nothing_is_given_up_after_seconds(machine: Machine) -> None:
    machine.index.server.routes["/simple/pip/"] = Reply(body=b"{", headers=JSON, announced=100, stalls=True)

    ran = machine.trued("doctor", "--timeout", "1")

    assert status(ran, "index") == ["fault"]


def test_offline_nobody_is_asked(sound: Machine) -> None:
    ran = sound.trued("doctor", "--offline")

    assert status(ran, "index") == ["skipped"]
    assert sound.index.server.asked == []


def test_the_password_of_a_proxy_is_not_shown(sound: Machine) -> None:
    proxy = sound.index.url.replace("://", "://user:hunter2@")

    ran = sound.trued("doctor", "--proxy", proxy)

    assert "hunter2" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("shift", "wanted"),
    [(timedelta(minutes=10), "warning TRU951"), (timedelta(days=-400), "fault TRU951")],
)
def test_a_clock_that_differs_from_the_indexs_is_told(
    sound: Machine, monkeypatch: pytest.MonkeyPatch, shift: timedelta, wanted: str
) -> None:
    told = (datetime.now(UTC) + shift).strftime("%a, %d %b %Y %H:%M:%S GMT")
    monkeypatch.setattr(BaseHTTPRequestHandler, "date_time_string", lambda *_: told)

    assert code(sound.trued("doctor"), "clock") == [wanted]


# certificates and pins


def test_a_server_that_nobody_vouches_for_is_a_fault(machine: Machine, authority: Authority) -> None:
    authority.issue("index", names="IP:127.0.0.1")
    with Server(tls=authority.server_context("index")) as server:
        server.routes["/simple/pip/"] = Reply(body=json.dumps(PIP).encode(), headers=JSON)

        refused = machine.trued("doctor", TRUED_INDEX_URL=server.url("/simple/"))
        vouched = machine.trued(
            "doctor", "--cert", authority.certificate, TRUED_INDEX_URL=server.url("/simple/")
        )

    assert code(refused, "index") == ["fault TRU305"]
    assert status(vouched, "index") == ["ok"]


def test_an_expired_server_is_a_fault(machine: Machine, authority: Authority) -> None:
    authority.issue("index", names="IP:127.0.0.1", until="20210101000000Z")
    with Server(tls=authority.server_context("index")) as server:
        ran = machine.trued("doctor", "--cert", authority.certificate, TRUED_INDEX_URL=server.url("/simple/"))

    assert code(ran, "index") == ["fault TRU304"]


@pytest.mark.parametrize(("days", "wanted"), [(-1, ["fault TRU970"]), (10, ["warning TRU971"]), (100, [])])
def test_the_end_of_this_machines_certificate_is_told(
    sound: Machine, authority: Authority, days: int, wanted: list[str]
) -> None:
    until = (datetime.now(UTC) + timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")
    authority.issue("client", names="DNS:client", until=until)

    ran = sound.trued("doctor", "--client-cert", authority.pem("client"))

    assert code(ran, "certificates.client-cert") == wanted


def test_a_certificate_file_that_is_none_is_a_fault(sound: Machine) -> None:
    (sound.work / "ca.pem").write_text("nothing\n")

    ran = sound.trued("doctor", "--cert", "ca.pem")

    assert "fault TRU325" in code(ran, "certificates.cert")


def test_a_pinned_key_that_does_not_match_is_a_fault(machine: Machine, authority: Authority) -> None:
    authority.issue("index", names="IP:127.0.0.1")
    authority.issue("other", names="IP:127.0.0.1")
    with Server(tls=authority.server_context("index")) as server:
        server.routes["/simple/pip/"] = Reply(body=json.dumps(PIP).encode(), headers=JSON)
        pins = f'["{authority.pin("other")}", "sha256//{"A" * 43}="]'
        policy(machine, f'[[transport-pin]]\nhost = "127.0.0.1:{server.port}"\nspki = {pins}\n')

        ran = machine.trued("doctor", "--cert", authority.certificate, TRUED_INDEX_URL=server.url("/simple/"))

    assert code(ran, "index") == ["fault TRU308"]


# store


def test_a_cache_that_cannot_be_made_is_a_fault(sound: Machine) -> None:
    ran = sound.trued("doctor", "--cache-dir", "/proc/trued")  # where nobody can make anything

    assert code(ran, "store.folder") == ["fault TRU956"]


def test_a_cache_that_everybody_can_write_is_a_fault(sound: Machine) -> None:
    folder = sound.work / "cache"
    folder.mkdir()
    folder.chmod(0o777)

    assert "fault TRU955" in code(sound.trued("doctor", "--cache-dir", "cache"), "store.folder")


@pytest.mark.skipif(not os.path.isdir("/dev/shm"), reason="there is no second device")
def test_a_store_on_another_device_is_told(sound: Machine) -> None:
    if os.stat("/dev/shm").st_dev == sound.work.stat().st_dev:
        pytest.skip("there is no second device")
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="trued-test-") as folder:
        ran = sound.trued("doctor", "--cache-dir", f"{folder}/cache")

    assert code(ran, "store.links") == ["warning TRU958"]


def test_a_file_of_the_store_that_was_changed_is_a_fault(sound: Machine) -> None:
    assert sound.install(sound.index.add(DEMO).line).status == 0
    (file,) = sound.store.glob("wheels/*/*/tree/demo/__init__.py")
    file.chmod(0o644)
    file.write_text("evil = True\n")

    assert code(sound.trued("doctor"), "store.seals") == ["fault TRU959"]


def test_a_store_that_is_being_emptied_is_not_waited_for(sound: Machine) -> None:
    assert sound.install(sound.index.add(DEMO).line).status == 0
    with (sound.store / "lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = sound.trued("doctor")

    assert status(ran, "store.seals") == ["skipped"]


def test_what_killed_runs_left_is_told(sound: Machine) -> None:
    old = sound.store / "tmp" / "0123456789ab"
    old.mkdir(parents=True)
    os.utime(old, (0, 0))

    assert code(sound.trued("doctor"), "store.leftovers") == ["warning TRU960"]
    assert old.exists()


def test_without_a_cache_there_is_nothing_to_look_at(sound: Machine) -> None:
    assert status(sound.trued("doctor", "--no-cache-dir"), "store") == ["skipped"]


# databases


def test_damaged_known_files_are_a_fault(sound: Machine) -> None:
    path = sound.home / ".local/share/trued/known.sqlite3"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"SQLite format 3\0" + b"x" * 5000)

    assert code(sound.trued("doctor"), "known-files") == ["fault TRU775"]


def test_an_old_advisory_database_is_told_and_a_damaged_one_is_a_fault(sound: Machine) -> None:
    folder = sound.work / "osv"
    folder.mkdir()
    (folder / "PYSEC-2026-1.json").write_text(json.dumps(flaw(modified="2020-01-01T00:00:00Z")))
    assert sound.trued("audit", "db", "update", "osv").status == 0

    assert code(sound.trued("doctor"), "advisories") == ["warning TRU803"]

    (path,) = [one for one in (sound.home / ".cache/trued").rglob("*.sqlite*") if one.is_file()]
    data = bytearray(path.read_bytes())
    data[8192:] = b"\xff" * (len(data) - 8192)
    path.write_bytes(data)
    assert status(sound.trued("doctor"), "advisories") == ["fault"]


def test_a_trusted_root_with_another_digest_is_a_fault(sound: Machine) -> None:
    folder = policy(sound, f'trusted-root = {{ file = "root.json", sha256 = "{"0" * 64}" }}\n')
    (folder / "root.json").write_text("{}")

    assert code(sound.trued("doctor"), "trusted-root") == ["fault TRU721"]


# what ends


def test_an_exception_that_ends_soon_is_told(sound: Machine) -> None:
    until = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()
    policy(sound, f'[[exception]]\nproject = "demo"\nrule = "yanked"\nreason = "r"\nuntil = {until}\n')

    assert code(sound.trued("doctor"), "expiry.exceptions") == ["warning TRU971"]


def test_a_key_that_has_expired_is_a_fault(sound: Machine) -> None:
    gpg = Gpg()
    try:
        key = gpg.key("signer@example.org", expires="20250301T000000")
    finally:
        gpg.close()
    folder = policy(sound, '[[openpgp]]\nproject = "demo"\nkeys = ["signer.pgp"]\n')
    (folder / "signer.pgp").write_bytes(key.certificate)

    assert code(sound.trued("doctor"), "expiry.keys") == ["fault TRU970"]


def test_a_key_that_cannot_be_read_is_a_fault(sound: Machine) -> None:
    policy(sound, '[[openpgp]]\nproject = "demo"\nkeys = ["missing.pgp"]\n')

    assert code(sound.trued("doctor"), "expiry.keys") == ["fault TRU620"]


def test_a_root_that_ends_soon_is_told_also_offline(sound: Machine) -> None:
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(days=350)
    site = SignedSite(sound, repository=Simulator(now=began, bits=2))
    site.publish()
    site.trust()

    assert code(sound.trued("doctor", "--offline"), "expiry.roots") == ["warning TRU971"]


def test_metadata_that_has_expired_is_a_fault(sound: Machine) -> None:
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(days=60)
    site = SignedSite(sound, repository=Simulator(now=began, bits=2))
    site.publish()
    site.trust()

    assert status(sound.trued("doctor"), "expiry.roots") == ["fault"]


# tools


def test_a_machine_without_git_is_told(sound: Machine, tmp_path: Path) -> None:
    assert code(sound.trued("doctor", PATH=str(tmp_path)), "git") == ["warning TRU973"]


def test_a_machine_without_a_sandbox_is_told(sound: Machine, tmp_path: Path) -> None:
    assert code(sound.trued("doctor", PATH=str(tmp_path)), "sandbox") == ["warning TRU440"]


@pytest.mark.parametrize(
    ("curl", "tls", "subjects"),
    [
        ("8.15.0", "OpenSSL/3.5.0", []),
        ("7.88.1", "OpenSSL/3.0.17", ["libcurl"]),
        ("8.4.0", "OpenSSL/1.1.1w", ["OpenSSL"]),
        ("8.5.0", "SecureTransport", []),
    ],
)
def test_libraries_that_are_too_old_are_told(curl: str, tls: str, subjects: list[str]) -> None:
    assert [one.subject for one in library_findings(curl=curl, tls=tls)] == subjects


def test_every_code_of_the_doctor_has_a_mend(sound: Machine) -> None:
    for number in (*range(940, 946), 950, 951, 952, *range(955, 961), *range(970, 975)):
        page = load_page(f"TRU{number}")
        assert page is not None
        assert page.mend


def test_a_database_of_a_newer_trued_is_a_fault(sound: Machine) -> None:
    path = sound.home / ".local/share/trued/known.sqlite3"
    path.parent.mkdir(parents=True)
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE other (x)")
    connection.close()

    assert code(sound.trued("doctor"), "known-files") == ["fault TRU776"]
