"""The ceremony: who may sign what, from how many, and what travels between people."""

import json
from pathlib import Path

import pytest

from tests.repository.ground import WORD, Ground, passphrase
from trued.core.errors import OperationalError, Refused, UsageError
from trued.repository.key_file import load_private, make_key, read_public
from trued.repository.signer import import_key, open_signer
from trued.repository.signing_request import collect, export, read_request, sign_request
from trued.repository.transcript import read_entries


def codes(caught: pytest.ExceptionInfo[OperationalError] | pytest.ExceptionInfo[Refused]) -> list[str]:
    return [finding.code for finding in caught.value.findings]


def test_a_root_is_accepted_once_enough_holders_signed(ground: Ground) -> None:
    ground.begin(threshold=2)

    first, second = ground.collect("alice"), ground.collect("carol")

    assert (first.accepted, first.counts) == (False, (("root", 1, 2), ("targets", 1, 2)))
    assert second.accepted
    assert ground.folder.root().signed.version == 1


def test_below_the_threshold_nothing_can_be_published(ground: Ground) -> None:
    ground.add()
    ground.begin(threshold=2)
    ground.collect("alice")

    with pytest.raises(OperationalError) as failed:
        ground.publish()

    assert codes(failed) == ["TRU892"]
    assert not ground.site.is_signed


def test_one_holder_cannot_sign_twice_to_reach_the_threshold(ground: Ground) -> None:
    ground.begin(threshold=2)

    collected = ground.collect("alice", "alice")

    assert not collected.accepted
    assert collected.counts == (("root", 1, 2), ("targets", 1, 2))


@pytest.mark.parametrize("threshold", [0, 4, -1])
def test_a_threshold_that_cannot_be_met_is_refused(ground: Ground, threshold: int) -> None:
    with pytest.raises(UsageError):
        ground.begin(threshold=threshold)


def test_the_online_key_may_not_be_a_root_key(ground: Ground) -> None:
    with pytest.raises(UsageError):
        ground.begin("alice", "online", threshold=1)


def test_a_key_may_not_be_given_twice(ground: Ground) -> None:
    with pytest.raises(UsageError):
        ground.begin("alice", "alice", threshold=1)


def test_a_second_ceremony_does_not_overwrite_the_first(ground: Ground) -> None:
    ground.begin()
    with pytest.raises(UsageError):
        ground.begin()


def test_a_stranger_cannot_sign_a_request(ground: Ground) -> None:
    ground.begin()
    with pytest.raises(Refused) as refused:
        ground.response("mallory")

    assert codes(refused) == ["TRU886"]


def test_a_strangers_signature_under_a_holders_name_is_refused(ground: Ground) -> None:
    # The key id of a holder over a signature of somebody else.
    ground.begin()
    _, mine = ground.response("alice")
    told = json.loads(mine)
    for signature in told["signatures"].values():
        signature["sig"] = "00" * 64
    with pytest.raises(Refused) as refused:
        collect(ground.folder, [("alice", json.dumps(told).encode())], now=ground.now)

    assert codes(refused) == ["TRU886", "TRU886"]


def test_a_signature_over_an_older_draft_does_not_count(ground: Ground) -> None:
    ground.begin()
    ground.collect("alice", "bob")
    ground.rotate("offline", add=["dora"])
    old = ground.response("alice")
    ground.rotate("offline", add=["emil"])

    with pytest.raises(Refused) as refused:
        collect(ground.folder, [old], now=ground.now)

    assert codes(refused) == ["TRU886"]  # the delegation did not change meanwhile


def test_one_bad_response_keeps_the_good_ones_of_the_call_out(ground: Ground) -> None:
    ground.begin()
    good = ground.response("alice")
    bad = good[1].replace(b'"sig": "', b'"sig": "00')

    with pytest.raises(Refused):
        collect(ground.folder, [good, ("bad", bad)], now=ground.now)

    assert ground.collect("bob").counts == (("root", 1, 2), ("targets", 1, 2))


def test_a_request_shows_what_a_signature_says_yes_to(ground: Ground) -> None:
    ground.begin(bits=4)

    told = "\n".join(read_request(export(ground.folder), name="request").described())

    assert "root: 2 of 3: alice " in told
    assert "bins: 16" in told
    assert "sha256 of what is signed" in told


@pytest.mark.parametrize("data", [b"", b"{}", b'{"trued-signing-request": 2}', b"[1]", b"\xff\xfe"])
def test_what_is_no_request_is_not_signed(data: bytes) -> None:
    with pytest.raises(OperationalError) as failed:
        read_request(data, name="request")

    assert codes(failed) == ["TRU892"]


def test_nothing_to_sign_is_told(signed: Ground) -> None:
    with pytest.raises(OperationalError) as failed:
        export(signed.folder)

    assert codes(failed) == ["TRU894"]


def test_a_private_key_is_encrypted_and_nobody_elses_to_read(ground: Ground) -> None:
    ground.key("alice")
    path = ground.tmp / "holders" / "alice" / "alice.key"

    assert b"BEGIN ENCRYPTED PRIVATE KEY" in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_a_wrong_passphrase_is_told_as_such(ground: Ground) -> None:
    with pytest.raises(OperationalError) as failed:
        open_signer(ground.key("alice"), passphrase=lambda _: b"wrong")

    assert codes(failed) == ["TRU883"]


@pytest.mark.parametrize(
    "head", [b"scrypt 4194304 8 1 00", b"scrypt x", b"scrypt 2 8 1 zz", b"scrypt 3 8 1 00"]
)
def test_a_key_file_whose_head_was_changed_is_told_as_damaged(ground: Ground, head: bytes) -> None:
    key = ground.key("alice")
    path = ground.tmp / "holders" / "alice" / "alice.key"
    path.write_bytes(head + b"\n" + path.read_bytes().partition(b"\n")[2])

    with pytest.raises(OperationalError) as failed:
        open_signer(key, passphrase=passphrase)

    assert codes(failed) == ["TRU883"]


def test_guessing_a_passphrase_takes_scrypt_for_each_guess(ground: Ground) -> None:
    key = make_key(str(ground.tmp), "alice", passphrase=WORD)

    assert (ground.tmp / "alice.key").read_bytes().startswith(b"scrypt 32768 8 1 ")
    assert open_signer(key, passphrase=passphrase).public_key.keyid == key.keyid


def test_an_encrypted_key_from_elsewhere_opens_by_its_passphrase(ground: Ground) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
    )
    from securesystemslib.signer import SSlibKey

    secret = Ed25519PrivateKey.generate()
    pem = secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(WORD))
    (ground.tmp / "own.key").write_bytes(pem)
    key = SSlibKey.from_crypto(secret.public_key())

    assert load_private(str(ground.tmp / "own.key"), key, passphrase=passphrase).public_key == key


def test_a_key_without_passphrase_is_not_made(ground: Ground) -> None:
    with pytest.raises(UsageError):
        make_key(str(ground.tmp), "alice", passphrase=b"")


def test_the_private_half_of_another_key_is_refused(ground: Ground) -> None:
    ground.key("alice")
    other = ground.key("bob")

    with pytest.raises(OperationalError) as failed:
        load_private(str(ground.tmp / "holders/alice/alice.key"), other.key, passphrase=passphrase)

    assert codes(failed) == ["TRU883"]


def test_a_public_key_whose_id_is_not_its_own_is_refused(ground: Ground) -> None:
    # The id of a holder's key over an attacker's key: compared by its id alone, it would pass.
    ground.key("alice")
    path = ground.tmp / "holders" / "alice" / "alice.pub.json"
    told = json.loads(path.read_bytes())
    told["key"]["keyval"]["public"] = "00" * 32
    path.write_text(json.dumps(told))

    with pytest.raises(OperationalError) as failed:
        read_public(str(path))

    assert codes(failed) == ["TRU892"]


@pytest.mark.parametrize("uri", ["nothing:1", "hsm:1", "awskms:alias/none"])
def test_a_device_or_cloud_that_is_not_there_is_told(uri: str) -> None:
    with pytest.raises(OperationalError) as failed:
        import_key(uri, "device")

    assert codes(failed) == ["TRU884"]


def test_an_ecdsa_key_signs_too(ground: Ground) -> None:
    key = make_key(
        str(ground.tmp / "holders" / "alice"), "alice", passphrase=WORD, scheme="ecdsa-sha2-nistp256"
    )
    ground.holders["alice"] = key
    ground.begin()

    assert ground.collect("alice", "bob").accepted


def test_the_transcript_tells_every_step(signed: Ground) -> None:
    events = [entry["event"] for entry in signed.folder.transcript.entries()]

    assert events == ["begin", *["signature"] * 4, "accepted"]


def test_a_line_changed_in_the_transcript_is_found(signed: Ground) -> None:
    path = Path(signed.folder.path) / "transcript.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"threshold":2', b'"threshold":1'))

    with pytest.raises(Refused) as refused:
        signed.folder.transcript.entries()

    assert codes(refused) == ["TRU895"]


def test_a_line_left_out_of_the_transcript_is_found(signed: Ground) -> None:
    lines = (Path(signed.folder.path) / "transcript.jsonl").read_bytes().splitlines(keepends=True)

    with pytest.raises(Refused):
        read_entries(b"".join(lines[:2] + lines[3:]), name="transcript")


def test_a_request_carries_no_secret(ground: Ground) -> None:
    ground.begin()

    assert b"PRIVATE" not in export(ground.folder)
    assert WORD not in export(ground.folder)


def test_a_request_is_signed_by_the_key_it_names(ground: Ground) -> None:
    ground.begin()
    request = read_request(export(ground.folder), name="request")

    told = json.loads(sign_request(request, open_signer(ground.key("alice"), passphrase=passphrase)))

    assert {one["keyid"] for one in told["signatures"].values()} == {ground.key("alice").keyid}
