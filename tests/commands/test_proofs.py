"""Rules of the policy on a whole run: who published, who signed, who listed; what no memo may pass over.

A Sigstore instance of the tests' own signs; the user's policy pins its trusted root. Every file and page is
from 127.0.0.1.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.attested import FLAG, OTHERS, RULE, STRICT, Attested, evidence, fetched
from tests.commands.conftest import Machine, make_wheel
from tests.index.server import Reply
from tests.proof.attestation.toy_instance import ToyInstance, provenance, statement
from tests.proof.gpg import Gpg, PgpKey

# Publishers


def test_a_publisher_of_the_policy_is_a_proof_without_pin_or_question(attested: Attested) -> None:
    attested.offer()
    attested.policy(RULE)

    ran = attested.machine.trued("install", "demo")

    assert (ran.status, ran.codes) == (0, [])
    assert evidence(attested.machine) == ["attestation"]


def test_a_rule_of_the_policy_has_to_hold_beside_a_pin(attested: Attested) -> None:
    wheel = attested.offer(claims=OTHERS)
    attested.policy(RULE)

    ran = attested.machine.install(wheel.line)

    assert (ran.status, ran.codes) == (1, ["TRU704"])


def test_a_pin_and_a_rule_that_holds_are_two_proofs(attested: Attested) -> None:
    wheel = attested.offer()
    attested.policy(RULE)

    assert attested.machine.install(wheel.line).status == 0
    assert evidence(attested.machine) == ["pin", "attestation"]


def test_provenance_that_the_index_leaves_out_is_refused_where_a_rule_asks_for_it(attested: Attested) -> None:
    # the attack: an index strips provenance, so that a file looks like one that never had any
    wheel = attested.machine.index.add(make_wheel("demo"))
    attested.policy(RULE)

    ran = attested.machine.install(wheel.line)

    assert (ran.status, ran.codes) == (1, ["TRU700"])


def test_provenance_that_cannot_be_reached_is_no_verdict(attested: Attested) -> None:
    # the attack: an answer that fails, so that the file passes as one without provenance
    wheel = attested.offer()
    attested.machine.index.server.routes[f"/provenance/{wheel.filename}"] = Reply(status=403)
    attested.policy(RULE)

    ran = attested.machine.trued("install", "demo")

    assert ran.status == 2


def test_another_files_attestation_is_refused(attested: Attested) -> None:
    # the attack: the attestation of a good wheel, served beside another
    wheel = attested.offer()
    attested.serve(wheel, of=make_wheel("demo", "9.9"))
    attested.policy(RULE)

    ran = attested.machine.trued("install", "demo")

    assert (ran.status, ran.codes) == (1, ["TRU703"])


def test_an_attestation_of_another_instance_is_refused(attested: Attested) -> None:
    # the attack: a good attestation by an instance that is not the one of the pinned root (staging, say)
    wheel = attested.offer()
    signed = ToyInstance().attest(statement(wheel.filename, wheel.sha256))
    attested.machine.index.server.routes[f"/provenance/{wheel.filename}"] = Reply(body=provenance(signed))
    attested.policy(RULE)

    assert attested.machine.trued("install", "demo").status == 1


def test_a_pinned_file_without_a_rule_fetches_no_provenance(attested: Attested) -> None:
    wheel = attested.offer()

    assert attested.machine.install(wheel.line).status == 0
    assert fetched(attested) == 0


# First use and publishers


def test_the_publisher_of_an_accepted_file_proves_the_next_release(attested: Attested) -> None:
    attested.offer()
    assert attested.machine.trued("install", "demo", FLAG).status == 0
    attested.offer("1.1")

    ran = attested.machine.trued("install", "demo", "--upgrade", "--refresh")

    assert (ran.status, ran.codes) == (0, [])
    assert evidence(attested.machine) == ["attestation"]
    assert (
        "Publisher: github repository=example/project" in attested.machine.trued("known", "show", "demo").out
    )


def test_a_publisher_that_changed_is_refused_with_its_story(attested: Attested) -> None:
    # the attack: a release that a pipeline in a repository of the attacker's own has attested
    attested.offer()
    attested.machine.trued("install", "demo", FLAG)
    attested.offer("1.1", claims=OTHERS)

    ran = attested.machine.trued("install", "demo", "--upgrade", "--refresh", FLAG)

    assert (ran.status, ran.codes) == (1, ["TRU774"])
    assert "example/project" in ran.err
    assert "elsewhere/project" in ran.err


def test_a_publisher_that_was_lost_is_refused_with_its_story(attested: Attested) -> None:
    # the attack: a release uploaded with a stolen token, which no pipeline has attested
    attested.offer()
    attested.machine.trued("install", "demo", FLAG)
    attested.machine.index.add(make_wheel("demo", "1.1"))

    ran = attested.machine.trued("install", "demo", "--upgrade", "--refresh", FLAG)

    assert (ran.status, ran.codes) == (1, ["TRU773"])


def test_strict_asks_for_the_known_publisher_even_of_a_pinned_file(attested: Attested) -> None:
    # the attack: a lock that was changed to a release uploaded with a stolen token
    attested.offer()
    attested.machine.trued("install", "demo", FLAG)
    wheel = attested.machine.index.add(make_wheel("demo", "1.1"))

    standard = attested.machine.install(wheel.line, options=("--refresh", "--dry-run"))
    strict = attested.machine.install(wheel.line, options=("--refresh", *STRICT))

    assert standard.status == 0
    assert (strict.status, strict.codes) == (1, ["TRU773"])


def test_strict_takes_a_pinned_file_of_the_known_publisher(attested: Attested) -> None:
    attested.offer()
    attested.machine.trued("install", "demo", FLAG)
    wheel = attested.offer("1.1")

    assert attested.machine.install(wheel.line, options=("--refresh", *STRICT)).status == 0


def test_a_rule_of_the_policy_explains_a_change_of_publisher(attested: Attested) -> None:
    attested.offer(claims=OTHERS)
    attested.machine.trued("install", "demo", FLAG)
    attested.offer("1.1")
    attested.policy(RULE)

    assert attested.machine.trued("install", "demo", "--upgrade", "--refresh").status == 0


def test_an_exception_lets_a_lost_publisher_pass_to_the_question(attested: Attested) -> None:
    attested.offer()
    attested.machine.trued("install", "demo", FLAG)
    attested.machine.index.add(make_wheel("demo", "1.1"))
    attested.policy(
        '[[exception]]\nproject = "demo"\nrule = "provenance"\nreason = "by hand"\nuntil = 2099-01-01\n'
    )

    ran = attested.machine.trued("install", "demo", "--upgrade", "--refresh", FLAG)

    assert ran.status == 0
    assert "TRU773" in ran.codes


# The store, the memo, a policy that is tightened


def test_a_file_of_the_store_is_judged_by_a_rule_that_came_later(attested: Attested) -> None:
    # the attack: what was installed before the policy asked for a publisher comes out of the store
    wheel = attested.offer(claims=OTHERS)
    assert attested.machine.install(wheel.line).status == 0
    attested.machine.trued("uninstall", "-y", "demo")
    attested.policy(RULE)

    ran = attested.machine.install(wheel.line)

    assert (ran.status, ran.codes) == (1, ["TRU704"])
    assert attested.machine.installed == {}


def test_a_warm_hit_does_not_pass_over_a_rule_of_the_projects_file(attested: Attested) -> None:
    # the user's policy away, so that the first run leaves a memo; then the project's own file tightens
    wheel = attested.offer(claims=OTHERS)
    (attested.machine.home / ".config" / "trued" / "trued.toml").unlink()
    for _ in range(2):
        assert attested.machine.install(wheel.line).status == 0
        attested.machine.trued("uninstall", "-y", "demo")
    attested.machine.write(RULE, name="trued.toml")

    ran = attested.machine.install(wheel.line)

    assert ran.status == 1
    assert attested.machine.installed == {}


def test_a_warm_hit_of_strict_does_not_pass_over_a_publisher_that_became_known_later(
    attested: Attested,
) -> None:
    # the attack: what strict installed before anybody knew the publisher is taken warm ever after
    machine, strict = attested.machine, {"TRUED_LEVEL": "strict"}
    wheel = attested.offer(claims=OTHERS)
    machine.write(wheel.line)
    policy = machine.home / ".config" / "trued" / "trued.toml"
    policy.unlink()
    assert machine.trued("install", "-r", "requirements.txt", **strict).status == 0
    machine.trued("uninstall", "-y", "demo")
    attested.policy()
    attested.offer("0.9")
    assert machine.trued("install", "demo==0.9", "--refresh", FLAG).status == 0
    machine.trued("uninstall", "-y", "demo")
    policy.unlink()

    ran = machine.trued("install", "-r", "requirements.txt", **strict)

    assert ran.status == 1
    assert machine.installed == {}


def test_provenance_that_held_is_not_fetched_again(attested: Attested) -> None:
    wheel = attested.offer()
    attested.policy(RULE)
    assert attested.machine.install(wheel.line).status == 0
    attested.machine.trued("uninstall", "-y", "demo")

    assert attested.machine.install(wheel.line, options=("--offline",)).status == 0
    assert fetched(attested) == 1


# OpenPGP


@pytest.fixture(scope="module")
def gpg() -> Iterator[Gpg]:
    made = Gpg()
    yield made
    made.close()


@pytest.fixture(scope="module")
def key(gpg: Gpg) -> PgpKey:
    return gpg.key("Signer <signer@example.org>")


@pytest.fixture(scope="module")
def stranger(gpg: Gpg) -> PgpKey:
    return gpg.key("Stranger <stranger@example.org>")


def signed_by(machine: Machine, key: PgpKey) -> None:
    folder = machine.home / ".config" / "trued"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "signer.pgp").write_bytes(key.certificate)
    (folder / "trued.toml").write_text(f'[[openpgp]]\nproject = "demo"\nkeys = ["{folder / "signer.pgp"}"]\n')


def test_a_signature_by_a_key_of_the_policy_is_a_proof(machine: Machine, gpg: Gpg, key: PgpKey) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.index.server.routes[f"/files/{wheel.filename}.asc"] = Reply(body=gpg.sign(key, wheel.content))
    signed_by(machine, key)

    ran = machine.trued("install", "demo")

    assert (ran.status, ran.codes) == (0, [])
    assert evidence(machine) == ["openpgp"]


def test_a_file_of_the_store_is_fetched_again_for_its_signature(
    machine: Machine, gpg: Gpg, key: PgpKey
) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    assert machine.install(wheel.line).status == 0
    machine.trued("uninstall", "-y", "demo")
    machine.index.server.routes[f"/files/{wheel.filename}.asc"] = Reply(body=gpg.sign(key, wheel.content))
    signed_by(machine, key)

    assert machine.install(wheel.line).status == 0
    assert evidence(machine) == ["pin", "openpgp"]


def test_a_signature_by_another_key_is_refused_beside_a_pin(
    machine: Machine, gpg: Gpg, key: PgpKey, stranger: PgpKey
) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.index.server.routes[f"/files/{wheel.filename}.asc"] = Reply(
        body=gpg.sign(stranger, wheel.content)
    )
    signed_by(machine, key)

    assert machine.install(wheel.line).status == 1


def test_a_missing_signature_is_refused(machine: Machine, key: PgpKey) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    signed_by(machine, key)

    ran = machine.install(wheel.line)

    assert (ran.status, ran.codes) == (1, ["TRU730"])


def test_a_local_wheel_is_proven_by_the_signature_beside_it(machine: Machine, gpg: Gpg, key: PgpKey) -> None:
    wheel = make_wheel("demo")
    (machine.work / wheel.filename).write_bytes(wheel.content)
    (machine.work / f"{wheel.filename}.asc").write_bytes(gpg.sign(key, wheel.content))
    signed_by(machine, key)

    assert machine.trued("install", f"./{wheel.filename}").status == 0
    assert evidence(machine) == ["openpgp"]


# Signed lists


def listed_in(machine: Machine, path: Path, key: PgpKey) -> None:
    folder = machine.home / ".config" / "trued"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "signer.pgp").write_bytes(key.certificate)
    (folder / "trued.toml").write_text(
        f'[[checksums]]\nproject = "demo"\ndocument = "{path}"\nkeys = ["{folder / "signer.pgp"}"]\n'
    )


def test_a_signed_list_is_a_proof(machine: Machine, gpg: Gpg, key: PgpKey) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    sums = machine.work / "SHA256SUMS"
    sums.write_bytes(gpg.clear_sign(key, f"{wheel.sha256}  {wheel.filename}\n".encode()))
    listed_in(machine, sums, key)

    ran = machine.trued("install", "demo")

    assert ran.status == 0
    assert evidence(machine) == ["checksums"]


def test_a_file_of_the_store_is_proven_by_a_signed_list(machine: Machine, gpg: Gpg, key: PgpKey) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    assert machine.install(wheel.line).status == 0
    machine.trued("uninstall", "-y", "demo")
    sums = machine.work / "SHA256SUMS"
    sums.write_bytes(gpg.clear_sign(key, f"{wheel.sha256}  {wheel.filename}\n".encode()))
    listed_in(machine, sums, key)

    assert machine.install(wheel.line, options=("--offline",)).status == 0
    assert evidence(machine) == ["pin", "checksums"]


def test_a_signed_list_with_another_digest_refuses(machine: Machine, gpg: Gpg, key: PgpKey) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    sums = machine.work / "SHA256SUMS"
    sums.write_bytes(gpg.clear_sign(key, f"{'0' * 64}  {wheel.filename}\n".encode()))
    listed_in(machine, sums, key)

    assert machine.install(wheel.line).status == 1


def test_an_older_edition_of_a_signed_list_is_refused(machine: Machine, gpg: Gpg, key: PgpKey) -> None:
    # the attack: last year's list, well signed, vouches for last year's file with the hole
    wheel = machine.index.add(make_wheel("demo"))
    sums = machine.work / "SHA256SUMS"
    listed_in(machine, sums, key)
    line = f"{wheel.sha256}  {wheel.filename}\n"
    newer = f"{line}{'1' * 64}  demo-1.1.tar.gz\n"
    sums.write_bytes(gpg.clear_sign(key, newer.encode(), at="20260601T000000"))
    assert machine.trued("install", "demo").status == 0
    sums.write_bytes(gpg.clear_sign(key, line.encode(), at="20250601T000000"))

    ran = machine.trued("install", "demo", "--force-reinstall")

    assert (ran.status, ran.codes) == (1, ["TRU761"])


# Locks


def publishers_in(machine: Machine) -> list[object]:
    lock = tomllib.loads((machine.work / "pylock.toml").read_text())
    return [one for package in lock["packages"] for one in package.get("attestation-identities", [])]


def test_a_lock_records_the_verified_publisher_without_the_file(attested: Attested) -> None:
    wheel = attested.offer()
    before = attested.machine.index.server.count(f"/files/{wheel.filename}")

    ran = attested.machine.trued("lock", "demo")

    assert ran.status == 0, ran.err
    (publisher,) = publishers_in(attested.machine)
    assert publisher == {
        "kind": "GitHub",
        "repository": "example/project",
        "workflow": "release.yml",
    }
    assert "published by github repository=example/project" in ran.err
    assert fetched(attested) == 1
    assert attested.machine.index.server.count(f"/files/{wheel.filename}") <= before + 1  # its metadata


def test_what_the_index_says_of_the_publisher_is_not_recorded(attested: Attested) -> None:
    # the attack: the index names a publisher that no certificate names
    wheel = attested.offer()
    document = provenance(attested.instance.attest(statement(wheel.filename, "0" * 64)))
    attested.machine.index.server.routes[f"/provenance/{wheel.filename}"] = Reply(body=document)

    ran = attested.machine.trued("lock", "demo")

    assert publishers_in(attested.machine) == []
    assert "TRU703" in ran.codes


def test_a_lock_tells_of_another_publisher_than_before(attested: Attested) -> None:
    attested.offer()
    assert attested.machine.trued("lock", "demo").status == 0
    attested.offer("1.1", claims=OTHERS)

    ran = attested.machine.trued("lock", "demo", "--upgrade", "--refresh")

    assert (ran.status, ran.codes) == (0, ["TRU706"])
    assert "before by github repository=example/project" in ran.err


def test_strict_refuses_to_lock_another_publisher_than_before(attested: Attested) -> None:
    attested.offer()
    assert attested.machine.trued("lock", "demo").status == 0
    attested.offer("1.1", claims=OTHERS)

    ran = attested.machine.trued("lock", "demo", "--upgrade", "--refresh", "--level", "strict")

    assert (ran.status, ran.codes) == (1, ["TRU706"])


def test_strict_installs_from_a_lock_only_what_its_publisher_attested(attested: Attested) -> None:
    # the attack: a lock is changed to another file, digest and all, and keeps the publisher it names
    attested.offer()
    assert attested.machine.trued("lock", "demo").status == 0
    attested.machine.index.pages.clear()
    other = attested.offer(claims=OTHERS, files={"demo/__init__.py": b"other = True\n"})
    path = attested.machine.work / "pylock.toml"
    text = path.read_text()
    old = tomllib.loads(text)["packages"][0]["wheels"][0]
    changed = text.replace(old["hashes"]["sha256"], other.sha256)
    path.write_text(changed.replace(f"size = {old.get('size')}", f"size = {len(other.content)}"))

    standard = attested.machine.trued("install", "-r", "pylock.toml", "--refresh", "--dry-run")
    strict = attested.machine.trued("install", "-r", "pylock.toml", "--refresh", "--level", "strict")

    assert standard.status == 0, standard.err
    assert (strict.status, strict.codes) == (1, ["TRU706"])


def test_strict_installs_from_a_lock_what_its_publisher_attested(attested: Attested) -> None:
    attested.offer()
    assert attested.machine.trued("lock", "demo").status == 0

    ran = attested.machine.trued("install", "-r", "pylock.toml", "--level", "strict")

    assert ran.status == 0, ran.err
    assert evidence(attested.machine)[0] == "pin"


def test_strict_refuses_a_release_that_is_attested_less_than_the_one_before(attested: Attested) -> None:
    # the attack: a release uploaded with a stolen token; what the project released before was attested
    attested.offer()
    attested.machine.index.add(make_wheel("demo", "1.1"), upload_time="2020-02-01T00:00:00Z")

    standard = attested.machine.trued("lock", "demo", "--dry-run")
    strict = attested.machine.trued("lock", "demo", "--level", "strict")

    assert (standard.status, standard.codes) == (0, [])
    assert (strict.status, strict.codes) == (1, ["TRU716"])


def test_a_project_that_stopped_attesting_is_not_told_of_for_ever(attested: Attested) -> None:
    attested.offer()
    attested.machine.index.add(make_wheel("demo", "1.1"), upload_time="2024-02-01T00:00:00Z")

    assert attested.machine.trued("lock", "demo", "--level", "strict").status == 0
