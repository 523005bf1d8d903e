"""``trued trust`` from the outside: lists are taken in, keys and rules written into policy files."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import minisign
import pytest

from tests.commands.conftest import Machine, Wheel, make_wheel
from tests.index.server import Reply
from tests.proof.gpg import LATER, Gpg, PgpKey

KEYS = minisign.KeyPair.generate()


@pytest.fixture(scope="module")
def gpg() -> Iterator[Gpg]:
    home = Gpg()
    yield home
    home.close()


@pytest.fixture(scope="module")
def signer(gpg: Gpg) -> PgpKey:
    return gpg.key("Signer <signer@example.org>")


@pytest.fixture
def wheel(machine: Machine) -> Wheel:
    return machine.index.add(make_wheel("demo"))


@pytest.fixture
def signed(machine: Machine, wheel: Wheel, gpg: Gpg, signer: PgpKey) -> Path:
    """A list of the wheel in the working folder, with its signature beside it, and the key."""
    listed = f"{wheel.sha256}  {wheel.filename}\n{'0' * 64}  notes.txt\n".encode()
    (machine.work / "signer.pgp").write_bytes(signer.certificate)
    (machine.work / "SHA256SUMS.asc").write_bytes(gpg.sign(signer, listed, "--armor"))
    path = machine.work / "SHA256SUMS"
    path.write_bytes(listed)
    return path


def user_file(machine: Machine) -> Path:
    return machine.home / ".config" / "trued" / "trued.toml"


def rules(path: Path, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(path.read_text())[kind]
    return found


# Import


def test_files_of_a_signed_list_are_known_and_install_without_a_question(
    machine: Machine, signed: Path, wheel: Wheel, signer: PgpKey
) -> None:
    before = machine.trued("install", "demo", "--venv", ".venv")
    imported = machine.trued("trust", "import", "SHA256SUMS", "--key", "signer.pgp")
    after = machine.trued("install", "demo", "--venv", ".venv")

    assert before.status == 1
    assert imported.status == 0, imported.err
    assert f"is signed by {signer.fingerprint}, dated 2025-06-01T00:00:00Z" in imported.err
    assert "1 of 2 files are known now" in imported.err
    assert after.status == 0, after.err
    assert machine.installed["demo"] == "1.0"


def test_another_file_under_a_listed_name_is_refused_from_then_on(machine: Machine, signed: Path) -> None:
    machine.trued("trust", "import", "SHA256SUMS", "--key", "signer.pgp")
    machine.index.pages.clear()
    machine.index.add(make_wheel("demo", files={"demo/__init__.py": b"evil = True\n"}))

    ran = machine.trued("install", "demo", "--venv", ".venv", "--trust-on-first-use")

    assert ran.status == 1
    assert "TRU770" in ran.codes


def test_import_as_json(machine: Machine, signed: Path, signer: PgpKey, wheel: Wheel) -> None:
    ran = machine.trued("trust", "import", "SHA256SUMS", "--key", "signer.pgp", "--json")

    assert ran.document["signers"] == [signer.fingerprint]
    assert ran.document["known"] == [wheel.filename]
    assert ran.document["passed_over"] == ["notes.txt"]


def test_import_from_a_url_with_a_signature_of_another_name(
    machine: Machine, signed: Path, wheel: Wheel
) -> None:
    routes = machine.index.server.routes
    routes["/sums"] = Reply(body=signed.read_bytes())
    routes["/sums.signed"] = Reply(body=signed.with_suffix(".asc").read_bytes())
    document = machine.index.server.url("/sums")

    ran = machine.trued(
        "trust", "import", document, "--signature", f"{document}.signed", "--key", "signer.pgp"
    )

    assert ran.status == 0, ran.err
    assert f"{document} is signed by" in ran.err


def test_import_of_a_minisigned_list(machine: Machine, signed: Path) -> None:
    signature = KEYS.secret_key.sign(signed.read_bytes(), trusted_comment="timestamp:1748736000")
    (machine.work / "SHA256SUMS.minisig").write_bytes(bytes(signature))
    (machine.work / "mini.pub").write_bytes(bytes(KEYS.public_key))

    ran = machine.trued("trust", "import", "SHA256SUMS", "--key", "mini.pub")

    assert ran.status == 0, ran.err
    assert "dated 2025-06-01T00:00:00Z" in ran.err


def test_files_of_other_projects_are_passed_over_when_one_is_named(machine: Machine, signed: Path) -> None:
    ran = machine.trued("trust", "import", "SHA256SUMS", "--key", "signer.pgp", "--project", "other")

    assert ran.status == 0
    assert "0 of 2 files are known now" in ran.err


def test_a_list_that_was_changed_is_refused_and_nothing_is_known(machine: Machine, signed: Path) -> None:
    signed.write_text(signed.read_text().replace("0" * 64, "1" * 64))

    ran = machine.trued("trust", "import", "SHA256SUMS", "--key", "signer.pgp")

    assert (ran.status, ran.codes) == (1, ["TRU741"])
    assert machine.trued("known", "list").out.strip() == ""


def test_replayed_list_is_refused(machine: Machine, signed: Path, gpg: Gpg, signer: PgpKey) -> None:
    older, its_signature = signed.read_bytes(), signed.with_suffix(".asc").read_bytes()
    newer = older + b"2" * 64 + b"  demo-2.0.tar.gz\n"
    signed.write_bytes(newer)
    signed.with_suffix(".asc").write_bytes(gpg.sign(signer, newer, at=LATER))
    machine.trued("trust", "import", "SHA256SUMS", "--key", "signer.pgp")
    signed.write_bytes(older)
    signed.with_suffix(".asc").write_bytes(its_signature)

    ran = machine.trued("trust", "import", "SHA256SUMS", "--key", "signer.pgp")

    assert (ran.status, ran.codes) == (1, ["TRU761"])


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (("SHA256SUMS",), 2, "TRU918"),
        (("SHA256SUMS", "--key", "absent.asc"), 2, "TRU620"),
        (("absent", "--key", "signer.pgp"), 2, "TRU594"),
        (("SHA256SUMS", "--key", "signer.pgp", "--signature", "absent"), 1, "TRU765"),
        (("SHA256SUMS", "--key", "signer.pgp", "--rule"), 2, "TRU919"),
    ],
)
def test_what_import_needs(
    machine: Machine, signed: Path, arguments: tuple[str, ...], status: int, code: str
) -> None:
    ran = machine.trued("trust", "import", *arguments)

    assert (ran.status, ran.codes) == (status, [code])


def test_import_can_write_a_rule_in_place_of_remembering(machine: Machine, signed: Path) -> None:
    ran = machine.trued("trust", "import", "SHA256SUMS", "--key", "signer.pgp", "--project", "Demo", "--rule")

    assert ran.status == 0, ran.err
    [rule] = rules(user_file(machine), "checksums")
    assert rule["project"] == "demo"
    assert rule["document"] == str(signed)
    assert (user_file(machine).parent / rule["keys"][0]).read_bytes().startswith(b"\x98")
    assert "checksums.demo" in machine.trued("trust", "list").out


def test_a_rule_about_a_list_proves_what_is_in_it_and_refuses_the_rest(
    machine: Machine, signed: Path, gpg: Gpg, signer: PgpKey
) -> None:
    arguments = ("--key", "signer.pgp", "--project", "demo", "--rule")
    machine.trued("trust", "import", "SHA256SUMS", *arguments)

    machine.index.add(make_wheel("demo", "2.0"))
    listed = machine.trued("install", "demo==1.0", "--venv", ".venv")
    added = machine.trued("install", "demo==2.0", "--venv", ".venv", "--trust-on-first-use")

    assert listed.status == 0, listed.err
    assert (added.status, added.codes) == (1, ["TRU759"])
    assert machine.installed["demo"] == "1.0"


def test_a_rule_of_the_projects_file_names_a_document_from_there(machine: Machine, signed: Path) -> None:
    arguments = ("--key", "signer.pgp", "--project", "demo", "--rule", "--site")

    ran = machine.trued("trust", "import", "SHA256SUMS", *arguments)

    assert ran.status == 0, ran.err
    [rule] = rules(machine.work / "trued.toml", "checksums")
    assert rule["document"] == "SHA256SUMS"
    assert machine.trued("install", "demo", "--venv", ".venv").status == 0


# Keys


def test_a_key_is_added_when_its_fingerprint_is_given(machine: Machine, signed: Path, signer: PgpKey) -> None:
    fingerprint = signer.fingerprint.upper()

    ran = machine.trued(
        "trust", "key", "add", "signer.pgp", "--project", "demo", "--fingerprint", fingerprint
    )

    assert ran.status == 0, ran.err
    assert fingerprint[:4] + " " + fingerprint[4:8] in ran.err
    assert "Signer <signer@example.org>" in ran.err
    [rule] = rules(user_file(machine), "openpgp")
    assert rule == {
        "project": "demo",
        "keys": [f"trued-keys/{signer.fingerprint}.asc"],
        "fingerprints": [fingerprint],
    }


def test_nobody_to_ask_and_no_fingerprint_writes_nothing(machine: Machine, signed: Path) -> None:
    ran = machine.trued("trust", "key", "add", "signer.pgp", "--project", "demo")

    assert (ran.status, ran.codes) == (2, ["TRU920"])
    assert not user_file(machine).exists()


def test_key_file_with_another_key_than_the_one_compared(machine: Machine, signed: Path) -> None:
    ran = machine.trued("trust", "key", "add", "signer.pgp", "--project", "demo", "--fingerprint", "a" * 40)

    assert (ran.status, ran.codes) == (2, ["TRU620"])


def test_a_short_key_id_names_no_key(machine: Machine, signed: Path, signer: PgpKey) -> None:
    short = signer.fingerprint[-16:]
    ran = machine.trued("trust", "key", "add", "signer.pgp", "--project", "demo", "--fingerprint", short)

    assert (ran.status, ran.codes) == (2, ["TRU620"])


def test_a_second_key_joins_the_rule_of_the_project_and_comments_stay(
    machine: Machine, signed: Path, gpg: Gpg, signer: PgpKey
) -> None:
    other = gpg.key("Other <other@example.org>")
    (machine.work / "other.pgp").write_bytes(other.certificate)
    user_file(machine).parent.mkdir(parents=True)
    user_file(machine).write_text("# mine\nlevel = 'standard'\n")
    for name, key in (("signer.pgp", signer), ("other.pgp", other)):
        machine.trued("trust", "key", "add", name, "--project", "demo", "--fingerprint", key.fingerprint)

    text = user_file(machine).read_text()

    assert text.startswith("# mine\nlevel = 'standard'\n")
    assert text.count("[[openpgp]]") == 1
    assert other.fingerprint.upper() in text


def test_a_key_that_was_added_has_every_file_of_the_project_signed(
    machine: Machine, signed: Path, wheel: Wheel, gpg: Gpg, signer: PgpKey
) -> None:
    machine.trued(
        "trust", "key", "add", "signer.pgp", "--project", "demo", "--fingerprint", signer.fingerprint
    )
    unsigned = machine.trued("install", "demo", "--venv", ".venv")
    signature = gpg.sign(signer, wheel.content)
    machine.index.server.routes[f"/files/{wheel.filename}.asc"] = Reply(body=signature)

    proven = machine.trued("install", "demo", "--venv", ".venv")

    assert (unsigned.status, unsigned.codes) == (1, ["TRU730"])
    assert proven.status == 0, proven.err
    assert machine.installed["demo"] == "1.0"


def test_a_signature_may_end_in_sig(
    machine: Machine, signed: Path, wheel: Wheel, gpg: Gpg, signer: PgpKey
) -> None:
    machine.trued(
        "trust", "key", "add", "signer.pgp", "--project", "demo", "--fingerprint", signer.fingerprint
    )
    signature = gpg.sign(signer, wheel.content)
    machine.index.server.routes[f"/files/{wheel.filename}.sig"] = Reply(body=signature)

    assert machine.trued("install", "demo", "--venv", ".venv").status == 0


def test_an_action_on_keys_that_does_not_exist(machine: Machine) -> None:
    assert machine.trued("trust", "key", "drop", "x").codes == ["TRU922"]


# List and remove


def test_an_edition_that_is_forgotten_may_be_older_again(
    machine: Machine, signed: Path, gpg: Gpg, signer: PgpKey
) -> None:
    older, its_signature = signed.read_bytes(), signed.with_suffix(".asc").read_bytes()
    newer = older + b"2" * 64 + b"  demo-2.0.tar.gz\n"
    signed.write_bytes(newer)
    signed.with_suffix(".asc").write_bytes(gpg.sign(signer, newer, at=LATER))
    machine.trued("trust", "import", "SHA256SUMS", "--key", "signer.pgp")
    listed = machine.trued("trust", "list").out
    signed.write_bytes(older)
    signed.with_suffix(".asc").write_bytes(its_signature)

    forgotten = machine.trued("trust", "remove", str(signed))
    again = machine.trued("trust", "import", "SHA256SUMS", "--key", "signer.pgp")

    assert f"{signed}  edition of 2025-08-01T00:00:00Z" in listed
    assert forgotten.status == 0, forgotten.err
    assert again.status == 0, again.err


def test_list_tells_each_rule_and_its_file(machine: Machine, signed: Path, signer: PgpKey) -> None:
    machine.trued(
        "trust", "key", "add", "signer.pgp", "--project", "demo", "--fingerprint", signer.fingerprint
    )

    assert signer.fingerprint in machine.trued("trust", "list").out
    assert machine.trued("trust", "list", "other").out.strip() == ""
    [row] = json.loads(machine.trued("trust", "list", "--json").out)["rules"]
    assert (row["kind"], row["project"]) == ("openpgp", "demo")


def test_remove_takes_the_rules_of_one_project_out(machine: Machine, signed: Path, signer: PgpKey) -> None:
    for project in ("demo", "other"):
        machine.trued(
            "trust", "key", "add", "signer.pgp", "--project", project, "--fingerprint", signer.fingerprint
        )

    ran = machine.trued("trust", "remove", "demo")

    assert ran.status == 0, ran.err
    assert "openpgp.other" in machine.trued("trust", "list").out
    assert "openpgp.demo" not in machine.trued("trust", "list").out
    assert machine.trued("trust", "remove", "demo").codes == ["TRU921"]


def test_the_projects_file_is_written_when_asked(machine: Machine, signed: Path, signer: PgpKey) -> None:
    machine.trued(
        *("trust", "key", "add", "signer.pgp", "--project", "demo", "--site"),
        *("--fingerprint", signer.fingerprint),
    )

    assert "[[openpgp]]" in (machine.work / "trued.toml").read_text()
    assert (machine.work / "trued-keys" / f"{signer.fingerprint}.asc").is_file()
