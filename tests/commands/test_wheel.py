"""``trued wheel``: wheels of everything, the digest beside each, compared with a second build."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from pathlib import Path

from tests.commands.conftest import Machine, make_wheel
from tests.commands.sources import make_sdist, one_backend, sha256
from tests.commands.test_build import ALLOWED, TRUSTING, logs, needing_backend

CHANCE = """
_build = build_wheel
def build_wheel(folder, config_settings=None, metadata=None):
    with open("chance.py", "w") as file:
        file.write(repr(os.urandom(8)))
    return _build(folder, config_settings, metadata)
"""


def made(machine: Machine, folder: str = "wheels") -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()) for path in (machine.work / folder).iterdir()}


def statement(machine: Machine, name: str = "build.jsonl") -> dict[str, object]:
    found: dict[str, object] = json.loads((machine.work / name).read_text())
    return found


def test_wheels_are_fetched_where_there_are_any_and_built_where_not(machine: Machine) -> None:
    machine.index.add(make_wheel("leaf"))
    machine.index.add(make_sdist("demo", requires=("leaf",)))

    ran = machine.trued("wheel", "demo", TRUSTING, *ALLOWED, "-w", "wheels")

    assert ran.status == 0, ran.err
    assert set(made(machine)) == {"demo-1.0-py3-none-any.whl", "leaf-1.0-py3-none-any.whl"}
    assert machine.installed == {}


def test_the_digest_of_each_is_printed_as_sha256sum_reads_it(machine: Machine) -> None:
    sdist = machine.index.add(make_sdist("demo"))
    machine.write(sdist.line)

    ran = machine.trued("wheel", "-r", "requirements.txt", *ALLOWED, "-w", "wheels")
    (machine.work / "SUMS").write_text(ran.out)
    checked = subprocess.run(["sha256sum", "-c", "SUMS"], cwd=machine.work, check=False, capture_output=True)

    assert checked.returncode == 0, ran.out


def test_json_tells_the_origin_of_what_was_built(machine: Machine) -> None:
    sdist = needing_backend(machine)

    ran = machine.trued("wheel", "demo", TRUSTING, *ALLOWED, "-w", "wheels", "--json")

    result = ran.document["result"]
    assert isinstance(result, dict)
    (row,) = result["wheels"]
    assert made(machine) == {row["filename"]: row["sha256"]}
    assert row["origin"]["source"]["sha256"] == sdist.sha256
    assert row["origin"]["dependencies"][0]["sha256"] == one_backend().sha256
    assert Path(row["log"]).exists()


def test_a_wheel_can_be_installed_elsewhere_by_the_digest_that_was_printed(machine: Machine) -> None:
    sdist = machine.index.add(make_sdist("demo"))
    machine.write(sdist.line)
    machine.trued("wheel", "-r", "requirements.txt", *ALLOWED, "-w", "wheels")
    ((name, digest),) = made(machine).items()

    ran = machine.install(f"./wheels/{name} --hash=sha256:{digest}")

    assert (ran.status, machine.installed) == (0, {"demo": "1.0"}), ran.err


def test_nothing_is_saved_where_a_file_is_refused(machine: Machine) -> None:
    machine.index.add(make_sdist("demo"))
    machine.index.add(make_wheel("leaf"))

    ran = machine.trued("wheel", "demo", "leaf", *ALLOWED, "-w", "wheels")

    assert ran.status == 1
    assert not (machine.work / "wheels").exists()


# Reproducible


def test_a_build_that_is_the_same_twice_is_saved(machine: Machine) -> None:
    machine.index.add(make_sdist("demo"))

    ran = machine.trued("wheel", "demo", TRUSTING, *ALLOWED, "-w", "wheels", "--verify-reproducible")

    assert ran.status == 0, ran.err
    assert "demo-1.0-py3-none-any.whl" in made(machine)


def test_a_build_that_differs_is_refused_with_the_members_that_differ(machine: Machine) -> None:
    machine.index.add(make_sdist("demo", code=CHANCE))

    ran = machine.trued("wheel", "demo", TRUSTING, *ALLOWED, "-w", "wheels", "--verify-reproducible")

    assert (ran.status, ran.codes) == (1, ["TRU481"])
    assert "chance.py: content" in ran.err
    assert not (machine.work / "wheels").exists()


def test_a_build_that_writes_the_time_differs(machine: Machine) -> None:
    code = CHANCE.replace("os.urandom(8)", "int(time.time())")
    machine.index.add(make_sdist("demo", code=code))

    ran = machine.trued("wheel", "demo", TRUSTING, *ALLOWED, "--verify-reproducible")

    assert ran.codes == ["TRU481"]


def test_a_kept_wheel_is_no_second_build(machine: Machine) -> None:
    machine.index.add(make_sdist("demo", code=CHANCE))
    machine.trued("wheel", "demo", TRUSTING, *ALLOWED)

    ran = machine.trued("wheel", "demo", TRUSTING, *ALLOWED, "--verify-reproducible")

    assert ran.codes == ["TRU481"]


# Provenance


def test_a_statement_names_the_wheel_and_all_that_made_it(machine: Machine) -> None:
    sdist = needing_backend(machine)

    machine.trued("wheel", "demo", TRUSTING, *ALLOWED, "-w", "wheels", "--provenance", "build.jsonl")

    told = statement(machine)
    ((name, digest),) = made(machine).items()
    assert told["_type"] == "https://in-toto.io/Statement/v1"
    assert told["predicateType"] == "https://slsa.dev/provenance/v1"
    assert told["subject"] == [{"name": name, "digest": {"sha256": digest}}]
    text = json.dumps(told["predicate"])
    assert sdist.sha256 in text
    assert one_backend().sha256 in text


def test_a_statement_is_signed_with_the_key_that_is_given(machine: Machine) -> None:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import CryptoSigner

    machine.index.add(make_sdist("demo"))
    key = machine.work / "key.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(key)], check=True)

    ran = machine.trued(
        "wheel", "demo", TRUSTING, *ALLOWED, "--provenance", "build.jsonl", "--sign-key", "key.pem"
    )

    assert ran.status == 0, ran.err
    signer = CryptoSigner(load_pem_private_key(key.read_bytes(), None))
    envelope = Envelope.from_dict(json.loads((machine.work / "build.jsonl").read_text()))
    assert envelope.verify([signer.public_key], 1)
    assert envelope.payload_type == "application/vnd.in-toto+json"


def test_a_changed_statement_does_not_verify(machine: Machine) -> None:
    import pytest
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import VerificationError
    from securesystemslib.signer import CryptoSigner

    machine.index.add(make_sdist("demo"))
    key = machine.work / "key.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(key)], check=True)
    machine.trued("wheel", "demo", TRUSTING, *ALLOWED, "--provenance", "build.jsonl", "--sign-key", "key.pem")
    document = json.loads((machine.work / "build.jsonl").read_text())
    payload = base64.b64decode(document["payload"]).replace(b'"demo"', b'"evil"')
    document["payload"] = base64.b64encode(payload).decode()
    signer = CryptoSigner(load_pem_private_key(key.read_bytes(), None))

    with pytest.raises(VerificationError):
        Envelope.from_dict(document).verify([signer.public_key], 1)


def test_a_key_that_signs_nothing_is_told_before_anything_is_saved(machine: Machine) -> None:
    machine.index.add(make_sdist("demo"))
    machine.write("no key", name="key.pem")

    ran = machine.trued(
        "wheel", "demo", TRUSTING, *ALLOWED, "-w", "wheels", "--provenance", "p", "--sign-key", "key.pem"
    )

    assert (ran.status, ran.codes[-1]) == (2, "TRU482")
    assert not (machine.work / "wheels").exists()


# What a hostile source may not do


def test_source_whose_digest_differs_is_never_unpacked(machine: Machine) -> None:
    """Attack: other bytes arrive than those whose digest is listed."""
    sdist, evil = make_sdist("demo"), make_sdist("demo", code="\nEVIL = 1\n")
    machine.index.add(
        type(evil)(filename=evil.filename, content=evil.content), hashes={"sha256": sdist.sha256}
    )

    ran = machine.install(sdist.line, options=ALLOWED)

    assert (ran.status, machine.installed, logs(machine)) == (1, {}, []), ran.err


def test_a_wheel_of_another_name_is_refused(machine: Machine) -> None:
    """Attack: building one project replaces another one."""
    sdist = machine.index.add(make_sdist("demo", stated="victim"))

    ran = machine.install(sdist.line, options=ALLOWED)

    assert (ran.status, ran.codes, machine.installed) == (1, ["TRU474"], {})


def test_a_wheel_of_another_version_is_refused(machine: Machine) -> None:
    """Attack: a pinned release becomes another one by being built (pip: ``MetadataInconsistent``)."""
    code = "\n_project = lambda: {'name': 'demo', 'version': '9.9'}\n"
    sdist = machine.index.add(make_sdist("demo", code=code))

    ran = machine.install(sdist.line, options=ALLOWED)

    assert (ran.status, ran.codes, machine.installed) == (1, ["TRU474"], {})


def test_a_wheel_that_lies_about_its_files_does_not_pass_the_reader(machine: Machine) -> None:
    """Attack: what was built is believed without a look, as by pip."""
    code = "\ndef _row(name, data):\n    return f'{name},sha256={\"A\" * 43},{len(data)}\\n'\n"
    sdist = machine.index.add(make_sdist("demo", code=code))

    ran = machine.install(sdist.line, options=ALLOWED)

    assert (ran.status, machine.installed) == (1, {})
    assert any(one.startswith("TRU2") for one in ran.codes)


def test_a_startup_hook_of_a_built_wheel_is_told_like_any(machine: Machine) -> None:
    """Attack: the build adds a file that runs at every start of Python."""
    code = (
        "\n_write = write_wheel\ndef write_wheel(folder, files, **k):\n"
        "    return _write(folder, {**files, 'evil.pth': b'import os\\n'}, **k)\n"
    )
    sdist = machine.index.add(make_sdist("demo", code=code))

    ran = machine.install(sdist.line, options=ALLOWED)

    assert (ran.status, machine.installed) == (1, {}), ran.err


def test_a_build_that_unpacks_out_of_its_folder_is_refused(machine: Machine) -> None:
    """Attack: a member of the archive leads out (PEP 721)."""
    import gzip
    import io
    import tarfile

    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        member = tarfile.TarInfo("demo-1.0/../../escaped")
        member.size = 1
        archive.addfile(member, io.BytesIO(b"x"))
    content = gzip.compress(plain.getvalue())
    kind = type(make_sdist("demo"))
    sdist = machine.index.add(kind(filename="demo-1.0.tar.gz", content=content))

    ran = machine.install(sdist.line, options=ALLOWED)

    assert (ran.status, machine.installed, logs(machine)) == (1, {}, [])
    assert hashlib.sha256(content).hexdigest() in sdist.line
    assert any(one.startswith("TRU45") for one in ran.codes)
