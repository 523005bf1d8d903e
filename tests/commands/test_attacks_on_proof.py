"""Attacks on what stands behind a file: provenance, known files, signatures, the policy. Each was tried.

What a test of one prover alone can show is in ``tests/proof``; here the whole command meets it.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

import pytest

from tests.commands.attested import FLAG, OTHERS, RULE, STRICT, Attested
from tests.commands.conftest import Machine, Wheel, make_wheel
from tests.index.server import Reply, redirect
from tests.proof.attestation.toy_instance import NOON, ToyInstance, provenance, statement

EXCEPTION = '[[exception]]\nproject = "demo"\nrule = "unproven"\nreason = "fine"\nuntil = 2099-01-01\n'
OTHER = {"demo/__init__.py": b"other = True\n"}


def known_path(machine: Machine) -> Path:
    return machine.home / ".local" / "share" / "trued" / "known.sqlite3"


def served(attested: Attested, wheel: Wheel, *attestations: dict[str, object]) -> None:
    route = f"/provenance/{wheel.filename}"
    attested.machine.index.server.routes[route] = Reply(body=provenance(*attestations))


def refused(machine: Machine, *words: str) -> list[str]:
    """Return the codes of a refusal that changed nothing."""
    before = machine.snapshot()
    ran = machine.trued(*words)
    assert ran.status == 1, ran.err
    assert "Traceback" not in ran.err
    assert machine.snapshot() == before
    return ran.codes


# Attestations


def test_a_staging_instance_in_sigstores_own_cache_is_not_believed(attested: Attested) -> None:
    # the attack: whoever can write the cache of sigstore's library puts the root of another instance there
    wheel = attested.offer()
    staging = ToyInstance()
    served(attested, wheel, staging.attest(statement(wheel.filename, wheel.sha256)))
    root = json.dumps(staging.description()).encode()
    for folder in (".cache/sigstore-python/tuf", ".local/share/sigstore-python/tuf"):
        for name in ("https%3A%2F%2Ftuf-repo-cdn.sigstore.dev", "https%3A%2F%2Ftuf.example.org"):
            poisoned = attested.machine.home / folder / name
            poisoned.mkdir(parents=True)
            (poisoned / "trusted_root.json").write_bytes(root)
    attested.policy(RULE)

    assert refused(attested.machine, "install", "demo", FLAG) == ["TRU710"]


def test_a_root_file_that_was_changed_is_not_used(attested: Attested) -> None:
    # the attack: the trusted root is exchanged in its place, and the policy's digest is forgotten about
    wheel = attested.offer()
    staging = ToyInstance()
    served(attested, wheel, staging.attest(statement(wheel.filename, wheel.sha256)))
    attested.policy(RULE)
    root = attested.machine.home / ".config" / "trued" / "root.json"
    root.write_text(json.dumps(staging.description()))

    ran = attested.machine.trued("install", "demo", FLAG)

    assert (ran.status, ran.codes) == (2, ["TRU721"])


@pytest.mark.parametrize("days", [-400, 400])
def test_a_certificate_that_had_expired_or_was_not_valid_yet(attested: Attested, days: int) -> None:
    # the attack: a key that leaked after its ten minutes, or a log entry made up for a later day
    wheel = attested.offer()
    moved = NOON + dt.timedelta(days=days)
    served(attested, wheel, attested.instance.attest(statement(wheel.filename, wheel.sha256), logged=moved))
    attested.policy(RULE)

    assert refused(attested.machine, "install", "demo", FLAG)


def test_a_bogus_second_log_entry(attested: Attested) -> None:
    # the attack: beside the true entry of the log stands another one, which is skipped where one is enough
    wheel = attested.offer()
    attestation = attested.instance.attest(statement(wheel.filename, wheel.sha256))
    other = ToyInstance().attest(statement(wheel.filename, wheel.sha256))
    attestation["verification_material"]["transparency_entries"] += other["verification_material"][
        "transparency_entries"
    ]
    served(attested, wheel, attestation)
    attested.policy(RULE)

    assert refused(attested.machine, "install", "demo", FLAG)


@pytest.mark.parametrize(
    "path",
    [
        ("version",),
        ("envelope", "statement"),
        ("envelope", "signature"),
        ("verification_material", "certificate"),
        ("verification_material", "transparency_entries"),
    ],
)
def test_a_mutated_bundle(attested: Attested, path: tuple[str, ...]) -> None:
    # the attack: a part of a good attestation is exchanged for that of another good one
    wheel = attested.offer()
    attestation = attested.instance.attest(statement(wheel.filename, wheel.sha256))
    other = attested.instance.attest(statement("demo-2.0-py3-none-any.whl", "0" * 64), claims=OTHERS)
    inner, donor = attestation, other
    for key in path[:-1]:
        inner, donor = inner[key], donor[key]
    inner[path[-1]] = 9 if path == ("version",) else donor[path[-1]]
    served(attested, wheel, attestation)
    attested.policy(RULE)

    assert refused(attested.machine, "install", "demo", FLAG)


def test_provenance_without_end(attested: Attested) -> None:
    # the attack: memory filled by an answer that does not stop
    wheel = attested.offer()
    route = f"/provenance/{wheel.filename}"
    attested.machine.index.server.routes[route] = Reply(body=b"[" * 65536, endless=True)
    attested.policy(RULE)

    ran = attested.machine.trued("install", "demo", FLAG)

    assert ran.status == 2
    assert attested.machine.installed == {}


@pytest.mark.parametrize(
    "address", ["http://other.example.org/p", "file:///etc/passwd", "ftp://example.org/p"]
)
def test_provenance_somewhere_else(attested: Attested, address: str) -> None:
    # the attack: an index has trued ask a host, or read a file, that the user never named
    wheel = make_wheel("demo")
    attested.machine.index.add(wheel, provenance=address)
    attested.policy(f'allowed-hosts = ["127.0.0.1"]\n{RULE}')

    ran = attested.machine.trued("install", "demo", FLAG)

    assert ran.status in (1, 2)
    assert attested.machine.installed == {}


def test_provenance_that_a_redirect_leads_away(attested: Attested) -> None:
    # the attack: the address is the index's own, and its answer leads to a host outside the list
    wheel = attested.offer()
    route = f"/provenance/{wheel.filename}"
    attested.machine.index.server.routes[route] = redirect("http://other.example.org/p")
    attested.policy(f'allowed-hosts = ["127.0.0.1"]\n{RULE}')

    ran = attested.machine.trued("install", "demo", FLAG)

    assert ran.status == 2
    assert attested.machine.installed == {}


# Ways around a rule about a project


def test_a_rule_holds_for_a_direct_url(attested: Attested) -> None:
    # the attack: the file comes from elsewhere, where no page names provenance
    wheel = attested.machine.index.add(make_wheel("demo"))
    attested.policy(RULE)
    url = attested.machine.index.server.url(f"/files/{wheel.filename}")

    assert refused(attested.machine, "install", f"demo @ {url}#sha256={wheel.sha256}") == ["TRU700"]
    assert refused(attested.machine, "install", f"{url}#sha256={wheel.sha256}", FLAG) == ["TRU700"]


def test_a_rule_holds_for_local_files_and_folders_of_them(attested: Attested) -> None:
    # the attack: the file is laid beside the requirements of a cloned repository
    wheel = make_wheel("demo")
    (attested.machine.work / wheel.filename).write_bytes(wheel.content)
    attested.policy(RULE)
    folder = str(attested.machine.work)

    assert refused(attested.machine, "install", f"./{wheel.filename}", FLAG) == ["TRU700"]
    assert refused(attested.machine, "install", "demo", "--no-index", "--find-links", folder, FLAG) == [
        "TRU700"
    ]


def test_a_rule_holds_under_another_name_for_the_url(attested: Attested) -> None:
    # the attack: the requirement gives the file of demo the name of a project without rules
    wheel = attested.machine.index.add(make_wheel("demo"))
    attested.policy(RULE)
    url = attested.machine.index.server.url(f"/files/{wheel.filename}")

    ran = attested.machine.trued("install", f"innocent @ {url}#sha256={wheel.sha256}", FLAG)

    assert ran.status != 0
    assert attested.machine.installed == {}


def test_a_file_that_says_another_name_inside(attested: Attested) -> None:
    # the attack: a wheel called innocent holds METADATA that installs as demo
    content = make_wheel("demo").content
    lying = Wheel(filename="innocent-1.0-py3-none-any.whl", content=content)
    attested.machine.index.add(lying)
    attested.policy(RULE)

    assert refused(attested.machine, "install", lying.line.replace(" --", "\t--").split("\t")[0], FLAG)


@pytest.mark.parametrize("spelling", ["Foo.Bar", "foo_bar", "FOO-BAR", "foo--bar"])
def test_a_rule_holds_for_every_spelling_of_a_name(attested: Attested, spelling: str) -> None:
    # the attack: the rule is written one way, the requirement another
    wheel = make_wheel("foo_bar", files={"foo_bar/__init__.py": b""})
    attested.machine.index.add(wheel)
    attested.policy(RULE.replace('"demo"', '"Foo.Bar"'))

    assert refused(attested.machine, "install", f"{spelling}==1.0", FLAG) == ["TRU700"]


def test_a_rule_holds_for_what_another_project_needs(attested: Attested) -> None:
    # the attack: the file comes in as a dependency
    attested.machine.index.add(make_wheel("outer", requires=("demo",)))
    attested.machine.index.add(make_wheel("demo"))
    attested.policy(RULE)

    assert refused(attested.machine, "install", "outer", FLAG) == ["TRU700"]


def test_a_rule_holds_for_download_sync_and_offline_installs(attested: Attested) -> None:
    # the attack: another command is taken that ends with the same file
    wheel = attested.offer(claims=OTHERS)
    attested.machine.write(wheel.line)
    attested.policy(RULE)

    for words in (
        ("download", "-r", "requirements.txt", "-d", "wheels"),
        ("install", "-r", "requirements.txt", "--no-deps"),
        ("install", "-r", "requirements.txt", "--target", "elsewhere"),
        ("install", "-r", "requirements.txt", "--level", "permissive"),
    ):
        assert "TRU704" in refused(attested.machine, *words), words
    assert not (attested.machine.work / "wheels" / wheel.filename).exists()


def test_what_was_downloaded_before_the_rule_is_judged_by_it(attested: Attested) -> None:
    # the attack: a folder of files that was filled when no rule was there yet
    wheel = attested.offer(claims=OTHERS)
    machine = attested.machine
    machine.write(wheel.line)
    assert machine.trued("download", "-r", "requirements.txt", "-d", "wheels").status == 0
    attested.policy(RULE)

    codes = refused(machine, "install", "-r", "requirements.txt", "--no-index", "--find-links", "wheels")

    assert codes == ["TRU700"]


def test_a_lock_is_not_made_of_what_a_rule_refuses(attested: Attested) -> None:
    # the attack: the lock gives the digest that lets the file pass afterwards
    attested.offer(claims=OTHERS)
    attested.policy(RULE)

    ran = attested.machine.trued("lock", "demo")

    assert ran.status == 1
    assert not (attested.machine.work / "pylock.toml").exists()


LOST = ("install", "-r", "pylock.toml", "--refresh", "--level", "strict")


def test_strict_refuses_a_lock_whose_attestation_was_stripped(attested: Attested) -> None:
    # the attack: the index leaves out the provenance by which the lock knows the publisher
    wheel = attested.offer()
    assert attested.machine.trued("lock", "demo").status == 0
    attested.machine.index.pages.clear()
    attested.machine.index.add(wheel, upload_time="2020-01-01T00:00:00Z")

    assert refused(attested.machine, *LOST) == ["TRU718"]


def test_strict_installs_the_unattested_file_of_a_release_that_was_locked_in_part(attested: Attested) -> None:
    # no attack: a project attests some of its files, and the lock says which
    machine = attested.machine
    other = make_wheel("demo", tag="py2-none-any")
    attested.serve(other)
    machine.index.add(make_wheel("demo"), upload_time="2020-01-01T00:00:00Z")
    address = f"/provenance/{other.filename}"
    machine.index.add(other, provenance=address, upload_time="2020-01-01T00:00:00Z")
    assert machine.trued("lock", "demo", "--universal").status == 0
    lock = (machine.work / "pylock.toml").read_text()
    assert 'unattested = ["demo-1.0-py3-none-any.whl"]' in lock.replace("\n    ", "").replace(",\n]", "]")

    assert machine.trued(*LOST).status == 0


def test_an_exception_admits_what_lost_the_attestation_of_its_lock(attested: Attested) -> None:
    wheel = attested.offer()
    assert attested.machine.trued("lock", "demo").status == 0
    attested.machine.index.pages.clear()
    attested.machine.index.add(wheel, upload_time="2020-01-01T00:00:00Z")
    attested.policy(EXCEPTION.replace("unproven", "provenance"))

    assert attested.machine.trued(*LOST).status == 0


def test_no_exception_stands_in_for_a_rule(attested: Attested) -> None:
    # the attack: an exception about provenance is turned into one from a rule
    attested.machine.index.add(make_wheel("demo"))
    attested.policy(RULE + EXCEPTION.replace("unproven", "provenance"))

    assert refused(attested.machine, "install", "demo", FLAG) == ["TRU700"]


def test_strict_makes_no_lock_of_a_release_that_lost_its_provenance(attested: Attested) -> None:
    # the attack: as above while locking; only the window of TRU716 has passed, or nobody states upload times
    attested.offer()
    assert attested.machine.trued("lock", "demo").status == 0
    attested.machine.index.add(make_wheel("demo", "1.1"), upload_time="2024-02-01T00:00:00Z")

    again = ("lock", "demo", "--upgrade", "--refresh")
    standard = attested.machine.trued(*again, "--dry-run")

    assert (standard.status, standard.codes) == (0, ["TRU718"])
    assert refused(attested.machine, *again, "--level", "strict") == ["TRU718"]


def test_strict_installs_no_release_that_is_attested_less_than_the_one_before(attested: Attested) -> None:
    # the attack: a wheel for one platform is uploaded with a stolen token beside those of the pipeline
    attested.offer()
    attested.offer("1.1")
    by_hand = make_wheel("demo", "1.1", tag="py2-none-any")
    attested.machine.index.add(by_hand, upload_time="2020-01-02T00:00:00Z")
    attested.machine.index.pages["demo"][1]["upload-time"] = "2020-01-02T00:00:00Z"
    attested.machine.index.add(make_wheel("demo", "0.1"), upload_time="2019-01-01T00:00:00Z")
    attested.policy(RULE)

    assert refused(attested.machine, "install", "demo", *STRICT) == ["TRU716"]
    assert attested.machine.trued("install", "demo").status == 0


# Ways around a policy that was tightened: memos of earlier runs


def memo(attested: Attested) -> Machine:
    """Install a pinned wheel of another publisher twice without a policy, so that the warm road is there."""
    machine = attested.machine
    wheel = attested.offer(claims=OTHERS)
    (machine.home / ".config" / "trued" / "trued.toml").unlink()
    machine.write(wheel.line)
    for _ in range(2):
        assert machine.trued("install", "-r", "requirements.txt").status == 0
        machine.trued("uninstall", "-y", "demo")
    return machine


@pytest.mark.parametrize("way", ["user", "link", "parent", "pyproject", "system", "variable", "above-link"])
def test_no_memo_passes_over_a_rule_wherever_it_is_written(attested: Attested, way: str) -> None:
    # the attack: the file was installed once; the rule that came later stands where a quick look misses it
    machine = memo(attested)
    variables: dict[str, str] = {}
    user = machine.home / ".config" / "trued" / "trued.toml"
    elsewhere = machine.home / "rules.toml"
    elsewhere.write_text(RULE)
    if way == "user":
        user.write_text(RULE)
    elif way == "link":
        (machine.work / "trued.toml").symlink_to(elsewhere)
    elif way == "parent":
        (machine.work.parent / "trued.toml").write_text(RULE)
    elif way == "pyproject":
        text = RULE.replace("[[publisher]]", "[[tool.trued.publisher]]")
        (machine.work / "pyproject.toml").write_text(text)
    elif way == "system":
        (machine.home / "etc" / "trued").mkdir(parents=True)
        (machine.home / "etc" / "trued" / "trued.toml").write_text(RULE)
    elif way == "variable":
        variables = {"TRUED_CONFIG_FILE": str(elsewhere)}
    else:
        (machine.work.parent / "trued.toml").symlink_to(elsewhere)

    ran = machine.trued("install", "-r", "requirements.txt", **variables)

    assert ran.status == 1
    assert machine.installed == {}


def test_no_memo_passes_over_a_level_of_the_environment(attested: Attested) -> None:
    # the attack: strict knows the publisher; the memo is of a run of standard
    machine = memo(attested)
    attested.policy()
    attested.offer("0.9")
    assert machine.trued("install", "demo==0.9", "--refresh", FLAG).status == 0
    machine.trued("uninstall", "-y", "demo")

    ran = machine.trued("install", "-r", "requirements.txt", TRUED_LEVEL="strict")

    assert ran.status == 1
    assert machine.installed == {}


# A policy that comes with a cloned repository


def test_a_projects_file_does_not_explain_a_change_of_publisher(attested: Attested) -> None:
    # the attack: the cloned repository names the attacker's own pipeline as who publishes a known project
    attested.offer()
    attested.machine.trued("install", "demo", FLAG)
    attested.offer("1.1", claims=OTHERS)
    attested.machine.write(RULE.replace("example/project", "elsewhere/project"), name="trued.toml")

    codes = refused(attested.machine, "install", "demo", "--upgrade", "--refresh")

    assert "TRU774" in codes


def test_a_projects_file_does_not_explain_it_to_strict(attested: Attested) -> None:
    # the same beside a pin: strict asks who published the project before, whatever the repository says
    attested.offer()
    attested.machine.trued("install", "demo", FLAG)
    wheel = attested.offer("1.1", claims=OTHERS)
    attested.machine.write(RULE.replace("example/project", "elsewhere/project"), name="trued.toml")
    attested.machine.write(wheel.line)

    codes = refused(attested.machine, "install", "-r", "requirements.txt", "--refresh", *STRICT)

    assert "TRU774" in codes


def test_a_projects_rule_for_every_name_does_not_reach_a_users_rule(attested: Attested) -> None:
    # the attack: a pattern over all names, so that the user's rule has an alternative
    attested.offer(claims=OTHERS)
    attested.policy(RULE)
    loose = RULE.replace("example/project", "elsewhere/project").replace('"demo"', '"*"')
    attested.machine.write(loose, name="trued.toml")

    assert "TRU704" in refused(attested.machine, "install", "demo", FLAG)


@pytest.mark.parametrize(
    "text",
    [
        'level = "permissive"',
        "trust-on-first-use = true",
        'known-files = "mine.sqlite3"',
        EXCEPTION,
        f'project-exceptions = ["unproven"]\n{EXCEPTION}',
    ],
)
def test_a_projects_file_cannot_make_an_unproven_file_pass(machine: Machine, text: str) -> None:
    # the attack: a cloned repository brings a policy that says yes
    machine.index.add(make_wheel("demo"))
    machine.write(text, name="trued.toml")

    codes = refused(machine, "install", "demo")

    assert "TRU561" in codes
    assert "TRU603" in codes


# Known files


def test_the_flag_accepts_no_other_bytes_in_permissive_either(machine: Machine) -> None:
    # the attack: the bytes behind a known name are exchanged; the loosest level has to see it too
    machine.index.add(make_wheel("demo"))
    assert machine.trued("install", "demo", FLAG).status == 0
    machine.index.pages.clear()
    machine.index.add(make_wheel("demo", files=OTHER))

    words = ("install", "demo", "--force-reinstall", "--refresh", FLAG, "--level", "permissive")

    assert refused(machine, *words) == ["TRU770"]


def test_permissive_takes_no_wrong_bytes(machine: Machine) -> None:
    # the attack: the level that asks for no proof is not one that overlooks a pin, a fragment or a claim
    wheel = make_wheel("demo", files=OTHER)
    pinned = make_wheel("demo")
    machine.index.add(wheel)
    machine.write(pinned.line)
    url = machine.index.server.url(f"/files/{wheel.filename}")
    loose = ("--level", "permissive", FLAG)

    assert refused(machine, "install", "-r", "requirements.txt", *loose)
    assert refused(machine, "install", f"demo @ {url}#sha256={pinned.sha256}", *loose)
    machine.index.pages.clear()
    machine.index.add(wheel, hashes={"sha256": pinned.sha256})
    assert refused(machine, "install", "demo", "--refresh", *loose)


def test_a_pin_that_is_not_what_is_known_is_told(machine: Machine) -> None:
    # the attack: a changed requirements file pins other bytes under a name that was accepted before
    machine.index.add(make_wheel("demo"))
    machine.index.add(make_wheel("new"))
    machine.trued("install", "demo", FLAG)
    machine.index.pages.pop("demo")
    other = machine.index.add(make_wheel("demo", files=OTHER))
    machine.write(other.line)

    ran = machine.trued("install", "-r", "requirements.txt", "--refresh")

    assert ran.status == 0
    assert ran.codes == ["TRU783"]


def test_what_was_forgotten_is_not_accepted_out_of_the_store(machine: Machine) -> None:
    # the attack: bytes that lie in the store already pass for proven
    machine.index.add(make_wheel("demo"))
    machine.trued("install", "demo", FLAG)
    machine.trued("uninstall", "-y", "demo")
    assert machine.trued("known", "forget", "demo").status == 0

    assert "TRU561" in refused(machine, "install", "demo")
    assert "TRU561" in refused(machine, "install", "demo", "--offline")


def test_a_named_pipe_in_the_databases_place_does_not_hang(machine: Machine) -> None:
    # the attack: something that waits for ever stands where the known files are looked for
    machine.index.add(make_wheel("demo"))
    known_path(machine).parent.mkdir(parents=True)
    os.mkfifo(known_path(machine))

    ran = machine.trued("install", "demo", FLAG)

    assert (ran.status, ran.codes) == (2, ["TRU776"])
    assert machine.installed == {}


@pytest.mark.parametrize("target", ["known.sqlite3", "nowhere/known.sqlite3"])
def test_a_link_in_the_databases_place_that_leads_nowhere_is_no_empty_database(
    machine: Machine, target: str
) -> None:
    # the attack: the known files are made to look as though nothing was ever accepted
    machine.index.add(make_wheel("demo"))
    assert machine.trued("install", "demo", FLAG).status == 0
    machine.trued("uninstall", "-y", "demo")
    known_path(machine).unlink()
    known_path(machine).symlink_to(target)

    ran = machine.trued("install", "demo")

    assert ran.status != 0
    assert machine.installed == {}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("through_link", [False, True])
def test_a_database_of_another_user_is_not_believed(machine: Machine, through_link: bool) -> None:
    # the attack: another user of the machine wrote what is known
    machine.index.add(make_wheel("demo"))
    assert machine.trued("install", "demo", FLAG).status == 0
    machine.trued("uninstall", "-y", "demo")
    path = known_path(machine)
    if through_link:
        there = machine.home / "there.sqlite3"
        path.rename(there)
        path.symlink_to(there)
    os.chown(path, 65534, 65534)

    ran = machine.trued("install", "demo")

    assert (ran.status, ran.codes) == (2, ["TRU776"])


def test_a_corrupt_database_refuses_and_loses_nothing(machine: Machine) -> None:
    # the attack: the known files are damaged, so that everything is new again
    machine.index.add(make_wheel("demo"))
    assert machine.trued("install", "demo", FLAG).status == 0
    export = machine.trued("known", "export").out
    machine.trued("uninstall", "-y", "demo")
    path = known_path(machine)
    path.write_bytes(b"SQLite format 3\0" + os.urandom(4096))
    damaged = path.read_bytes()

    ran = machine.trued("install", "demo", FLAG)

    assert (ran.status, ran.codes) == (2, ["TRU775"])
    assert path.read_bytes() == damaged
    (machine.work / "known.jsonl").write_text(export)
    assert machine.trued("known", "import", "known.jsonl").status == 0
    assert machine.trued("install", "demo").status == 0


@pytest.mark.parametrize(
    "change",
    [
        {"run": {"id": [1], "time": "t", "command": "c", "folder": "f"}},
        {"run": {"id": "1", "time": {}, "command": "c", "folder": "f"}},
        {"publishers": [{"kind": "GitHub", "repository": 7}]},
        {"filename": "../../etc/passwd\x00"},
        {"sha256": "0" * 63},
    ],
)
def test_an_import_of_forged_rows_is_told_and_changes_nothing(
    machine: Machine, change: dict[str, object]
) -> None:
    # the attack: an export from a stranger
    machine.index.add(make_wheel("demo"))
    machine.trued("install", "demo", FLAG)
    lines = machine.trued("known", "export").out.splitlines()
    rows = [json.loads(line) for line in lines]
    file = next(row for row in rows if "file" in row)
    file["file"] |= {"filename": "new-1.0-py3-none-any.whl", "project": "new", **change}
    (machine.work / "forged.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))

    ran = machine.trued("known", "import", "forged.jsonl")

    assert (ran.status, ran.codes) == (2, ["TRU778"])
    assert machine.trued("known", "export").out.splitlines() == lines


def test_an_imported_row_writes_nothing_to_the_terminal_but_text(machine: Machine) -> None:
    # the attack: sequences in an export that rewrite what the terminal shows of a refusal
    machine.index.add(make_wheel("demo"))
    machine.trued("install", "demo", FLAG)
    rows = [json.loads(line) for line in machine.trued("known", "export").out.splitlines()]
    for row in rows:
        if "file" in row:
            row["file"]["accepted"] = "\x1b[2Jfine"
            row["file"]["index"] = "\x1b]0;fine\x07"
    (machine.work / "forged.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    machine.trued("known", "forget", "demo")
    machine.trued("known", "import", "forged.jsonl")

    shown = machine.trued("known", "show", "demo")

    assert "\x1b" not in shown.out + shown.err


def test_a_release_renamed_only_in_its_letters_is_not_accepted_silently(machine: Machine) -> None:
    # the attack: a file name that differs in its letters' case alone, so that nothing is known of it
    machine.index.add(make_wheel("demo"))
    machine.trued("install", "demo", FLAG)
    machine.index.pages.clear()
    other = make_wheel("demo", files=OTHER)
    machine.index.add(Wheel(filename="Demo-1.0-py3-none-any.whl", content=other.content))

    assert refused(machine, "install", "demo", "--force-reinstall", "--refresh")
