"""Attacks on signatures, signed lists and memos under rules of the policy. Each was tried."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.attested import FLAG, OTHERS, RULE, Attested
from tests.commands.conftest import Machine, Wheel, make_wheel
from tests.index.server import Reply
from tests.proof.gpg import Gpg, PgpKey

WEAK = ("--allow-weak-digest-algos", "--digest-algo", "SHA1")


@pytest.fixture(scope="module")
def gpg() -> Iterator[Gpg]:
    made = Gpg()
    yield made
    made.close()


@pytest.fixture(scope="module")
def key(gpg: Gpg) -> PgpKey:
    return gpg.key("Signer <signer@example.org>")


def policy(machine: Machine, text: str) -> Path:
    folder = machine.home / ".config" / "trued"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "trued.toml").write_text(text)
    return folder


def signed_by(machine: Machine, certificate: bytes) -> None:
    folder = policy(machine, '[[openpgp]]\nproject = "demo"\nkeys = ["signer.pgp"]\n')
    (folder / "signer.pgp").write_bytes(certificate)


def serve_signature(machine: Machine, wheel: Wheel, signature: bytes) -> None:
    machine.index.server.routes[f"/files/{wheel.filename}.asc"] = Reply(body=signature)


# OpenPGP


def test_a_weak_signature(machine: Machine, gpg: Gpg, key: PgpKey) -> None:
    # the attack: a signature over SHA-1, for which another file can be made
    wheel = machine.index.add(make_wheel("demo"))
    serve_signature(machine, wheel, gpg.sign(key, wheel.content, *WEAK))
    signed_by(machine, key.certificate)

    ran = machine.trued("install", "demo", FLAG)

    assert ran.status == 1
    assert machine.installed == {}


def test_the_signature_of_another_file(machine: Machine, gpg: Gpg, key: PgpKey) -> None:
    # the attack: the good signature of a former release
    wheel = machine.index.add(make_wheel("demo"))
    serve_signature(machine, wheel, gpg.sign(key, make_wheel("demo", "0.9").content))
    signed_by(machine, key.certificate)

    ran = machine.trued("install", "demo", FLAG)

    assert ran.status == 1
    assert machine.installed == {}


def test_a_signature_without_end(machine: Machine, key: PgpKey) -> None:
    # the attack: memory filled by an answer that does not stop
    wheel = machine.index.add(make_wheel("demo"))
    route = f"/files/{wheel.filename}.asc"
    machine.index.server.routes[route] = Reply(body=b"-" * 65536, endless=True)
    signed_by(machine, key.certificate)

    ran = machine.trued("install", "demo", FLAG)

    assert ran.status == 2
    assert machine.installed == {}


def test_a_named_pipe_in_a_signatures_place(machine: Machine, key: PgpKey) -> None:
    # the attack: a cloned repository with a wheel, and beside it something that waits for ever
    wheel = make_wheel("demo")
    (machine.work / wheel.filename).write_bytes(wheel.content)
    os.mkfifo(machine.work / f"{wheel.filename}.asc")
    signed_by(machine, key.certificate)

    ran = machine.trued("install", f"./{wheel.filename}", FLAG)

    assert ran.status in (1, 2)
    assert "Traceback" not in ran.err
    assert machine.installed == {}


@pytest.mark.parametrize("place", ["keys", "document"])
def test_a_named_pipe_that_a_projects_rule_names(machine: Machine, key: PgpKey, place: str) -> None:
    # the attack: the policy of a cloned repository names something that waits for ever
    machine.index.add(make_wheel("demo"))
    (machine.work / "signer.pgp").write_bytes(key.certificate)
    os.mkfifo(machine.work / "pipe")
    names = {"keys": "signer.pgp", "document": "SHA256SUMS"} | {place: "pipe"}
    (machine.work / "SHA256SUMS").write_text("")
    machine.write(
        f'[[checksums]]\nproject = "demo"\ndocument = "{names["document"]}"\nkeys = ["{names["keys"]}"]',
        name="trued.toml",
    )

    ran = machine.trued("install", "demo", FLAG)

    assert ran.status in (1, 2)
    assert "Traceback" not in ran.err
    assert machine.installed == {}


# Attestations that nobody expects


def test_the_flag_accepts_no_file_whose_attestation_is_another_files(attested: Attested) -> None:
    # the attack: a file with provenance that does not hold is first seen by somebody who says yes to all
    wheel = attested.offer()
    attested.serve(wheel, of=make_wheel("demo", "9.9"))

    ran = attested.machine.trued("install", "demo", FLAG)

    assert "TRU703" in ran.codes
    assert "Publisher" not in attested.machine.trued("known", "show", "demo").out


# Memos of locks and of lock installs


def test_a_lock_is_not_called_up_to_date_under_a_rule_that_came_later(attested: Attested) -> None:
    # the attack: the same question was answered before the rule was there
    machine = attested.machine
    attested.offer(claims=OTHERS)
    for _ in range(2):
        assert machine.trued("lock", "demo").status == 0
    attested.policy(RULE)

    ran = machine.trued("lock", "demo")

    assert (ran.status, ran.codes) == (1, ["TRU704"])


@pytest.mark.parametrize("words", [("sync", "pylock.toml"), ("install", "-r", "pylock.toml")])
def test_a_lock_that_was_installed_is_judged_by_a_rule_that_came_later(
    attested: Attested, words: tuple[str, ...]
) -> None:
    # the attack: the warm road of a lock, whose memo knows nothing of the rule
    machine = attested.machine
    attested.offer(claims=OTHERS)
    (machine.home / ".config" / "trued" / "trued.toml").unlink()
    assert machine.trued("lock", "demo").status == 0
    for _ in range(3):
        assert machine.trued(*words).status == 0
        machine.trued("uninstall", "-y", "demo")
    attested.policy(RULE)

    ran = machine.trued(*words)

    assert (ran.status, ran.codes) == (1, ["TRU704"])
    assert machine.installed == {}


def test_what_is_installed_already_is_judged_by_a_rule_that_came_later(attested: Attested) -> None:
    # the attack: "already satisfied" ends the run before anybody asks who published it
    machine = attested.machine
    wheel = attested.offer(claims=OTHERS)
    assert machine.install(wheel.line).status == 0
    attested.policy(RULE)

    assert machine.install(wheel.line).status == 1
    assert machine.trued("install", "demo").status == 1


@pytest.mark.parametrize("option", ["--index-url", "--extra-index-url"])
def test_a_rule_holds_for_another_index(attested: Attested, option: str) -> None:
    # the attack: the same file by way of an index that knows of no provenance
    wheel = make_wheel("demo")
    server = attested.machine.index.server
    server.routes[f"/files/{wheel.filename}"] = Reply(body=wheel.content)
    row = f'<a href="/files/{wheel.filename}#sha256={wheel.sha256}">{wheel.filename}</a>'
    server.routes["/other/demo/"] = Reply(body=row.encode(), headers={"Content-Type": "text/html"})
    attested.policy(RULE)

    ran = attested.machine.trued("install", "demo", option, server.url("/other/"), FLAG)

    assert ran.status == 1
    assert attested.machine.installed == {}
