"""The proof OpenPGP: who signed a file, and every way in which a signature does not count.

The bad ones are made with GnuPG, which makes and mostly accepts them; each line says which attack it is.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pysequoia
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.proof.gpg import LATER, SIGNED, Gpg, PgpKey, dearmored, subkey_of, write
from tests.requirements.reading import assert_complete
from trued.core.evidence import Evidence, Kind
from trued.core.finding import Level, Place
from trued.core.names import normalize
from trued.proof.openpgp import OpenPgpRule, verify_clear_signed, verify_detached, verify_document
from trued.proof.openpgp_frame import BadFrame, signature_packets
from trued.proof.signed import Signer
from trued.proof.subject import Proof, ProofSubject

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MADE = datetime(2025, 6, 1, tzinfo=UTC)
WHEEL = b"PK\x03\x04 the bytes of a wheel\n" * 1000
PLACE = Place("trued.toml", 3)
LIST = b"0" * 64 + b"  demo-1.0-py3-none-any.whl\n"
WEAK = ("--allow-weak-digest-algos", "--digest-algo")


@pytest.fixture
def subject(tmp_path: Path) -> ProofSubject:
    path = write(tmp_path, "archive", WHEEL)
    return ProofSubject(
        project=normalize("demo"),
        version="1.0",
        filename="demo-1.0-py3-none-any.whl",
        sha256=hashlib.sha256(WHEEL).hexdigest(),
        path=str(path),
    )


def rule(*certificates: bytes, project: str = "demo", fingerprints: tuple[str, ...] = ()) -> OpenPgpRule:
    return OpenPgpRule(project=project, certificates=certificates, fingerprints=fingerprints, place=PLACE)


def judged(subject: ProofSubject, signature: bytes | None, *rules: OpenPgpRule) -> Proof:
    proof = verify_detached(subject, signature, rules, NOW)
    for finding in proof.findings:
        assert_complete(finding)
    return proof


def codes(proof: Proof) -> list[str]:
    return [finding.code for finding in proof.findings]


def refused_with(proof: Proof, code: str) -> bool:
    return proof.evidence == () and [f.code for f in proof.findings if f.level is Level.ERROR] == [code]


def test_a_signature_by_the_rules_key_proves_the_file(
    gpg: Gpg, maintainer: PgpKey, subject: ProofSubject
) -> None:
    proof = judged(subject, gpg.sign(maintainer, WHEEL), rule(maintainer.certificate))

    assert proof.findings == ()
    assert proof.evidence == (
        Evidence(
            sha256=subject.sha256,
            kind=Kind.OPENPGP,
            authority=maintainer.fingerprint,
            detail=f"signed 2025-06-01T00:00:00Z by key {maintainer.fingerprint}",
            time="2026-06-01T00:00:00Z",
        ),
    )


def test_an_armored_signature_counts_like_a_binary_one(
    gpg: Gpg, maintainer: PgpKey, subject: ProofSubject
) -> None:
    armored = gpg.sign(maintainer, WHEEL, "--armor", "--comment", "made by hand")

    assert judged(subject, armored.replace(b"\n", b"\r\n"), rule(maintainer.certificate)).evidence


def test_without_a_rule_for_the_project_there_is_nothing_to_say(
    maintainer: PgpKey, subject: ProofSubject
) -> None:
    assert judged(subject, b"not even read", rule(maintainer.certificate, project="other")) == Proof()


def test_a_rule_may_name_projects_by_a_glob(gpg: Gpg, maintainer: PgpKey, subject: ProofSubject) -> None:
    assert judged(subject, gpg.sign(maintainer, WHEEL), rule(maintainer.certificate, project="de*")).evidence


def test_a_key_is_chosen_from_a_folder_by_its_fingerprint(
    gpg: Gpg, maintainer: PgpKey, stranger: PgpKey, subject: ProofSubject
) -> None:
    chosen = rule(stranger.certificate, maintainer.certificate, fingerprints=(maintainer.fingerprint,))

    assert judged(subject, gpg.sign(maintainer, WHEEL), chosen).evidence
    assert refused_with(judged(subject, gpg.sign(stranger, WHEEL), chosen), "TRU734")


def test_a_signing_subkey_signs_for_its_certificate(gpg: Gpg, subject: ProofSubject) -> None:
    key = gpg.with_subkey(gpg.key("with-subkey@example.org", use="cert"), use="sign")

    (evidence,) = judged(subject, gpg.sign(key, WHEEL), rule(key.certificate)).evidence

    assert evidence.authority == key.fingerprint
    assert subkey_of(key) in evidence.detail


def test_a_file_that_is_not_at_hand_is_not_called_unsigned(
    gpg: Gpg, maintainer: PgpKey, subject: ProofSubject
) -> None:
    signature = gpg.sign(maintainer, WHEEL)

    with pytest.raises(ValueError, match="not at hand"):
        judged(dataclasses.replace(subject, path=""), signature, rule(maintainer.certificate))


# No signature, or none of the project


def test_signature_stripped_by_the_index(maintainer: PgpKey, subject: ProofSubject) -> None:
    assert refused_with(judged(subject, None, rule(maintainer.certificate)), "TRU730")
    assert refused_with(judged(subject, b"", rule(maintainer.certificate)), "TRU730")


def test_key_swapped_file_signed_anew_by_a_good_key_with_the_same_name(
    gpg: Gpg, maintainer: PgpKey, stranger: PgpKey, subject: ProofSubject
) -> None:
    proof = judged(subject, gpg.sign(stranger, WHEEL), rule(maintainer.certificate))

    assert refused_with(proof, "TRU734")
    assert proof.findings[0].values["keys"] == stranger.fingerprint


def test_signature_of_another_file_of_the_release(
    gpg: Gpg, maintainer: PgpKey, subject: ProofSubject
) -> None:
    proof = judged(subject, gpg.sign(maintainer, b"the sdist"), rule(maintainer.certificate))

    assert refused_with(proof, "TRU741")


def test_a_second_rule_does_not_loosen_the_first(
    gpg: Gpg, maintainer: PgpKey, stranger: PgpKey, subject: ProofSubject
) -> None:
    """A cloned repository names its own key for a project for which the user names another."""
    rules = (rule(maintainer.certificate), rule(stranger.certificate))

    assert "TRU734" in codes(judged(subject, gpg.sign(stranger, WHEEL), *rules))


# Weak signatures


@pytest.mark.parametrize("algorithm", ["SHA1", "RIPEMD160", "SHA224"])
def test_weak_digest_for_which_another_file_can_be_made(
    gpg: Gpg, subject: ProofSubject, maintainer: PgpKey, algorithm: str
) -> None:
    proof = judged(subject, gpg.sign(maintainer, WHEEL, *WEAK, algorithm), rule(maintainer.certificate))

    assert refused_with(proof, "TRU733")


def test_md5_signature(gpg: Gpg, subject: ProofSubject) -> None:
    """GnuPG makes none: the octet that names the algorithm is set to 1, and is read before anything else."""
    key = gpg.key("md5@example.org")
    signature = bytearray(gpg.sign(key, WHEEL))
    signature[5] = 1  # two octets of header; version, type, public-key algorithm, then the hash algorithm

    assert refused_with(judged(subject, bytes(signature), rule(key.certificate)), "TRU733")


@pytest.mark.parametrize(("octet", "value"), [(3, 0x80), (5, 0), (5, 60), (5, 102), (5, 250)])
def test_type_or_digest_that_nobody_has_defined(
    gpg: Gpg, maintainer: PgpKey, subject: ProofSubject, octet: int, value: int
) -> None:
    signature = bytearray(gpg.sign(maintainer, WHEEL))
    signature[octet] = value

    assert refused_with(judged(subject, bytes(signature), rule(maintainer.certificate)), "TRU731")


def test_text_signature_over_an_archive_whose_line_endings_were_changed(
    gpg: Gpg, maintainer: PgpKey, subject: ProofSubject
) -> None:
    signature = gpg.sign(maintainer, WHEEL.replace(b"\n", b"\r\n"), "--textmode")

    assert refused_with(judged(subject, signature, rule(maintainer.certificate)), "TRU740")


@pytest.mark.parametrize(
    ("algorithm", "options"),
    [("rsa1024", ()), ("dsa1024", ()), ("ed25519", ("--cert-digest-algo", "SHA1", WEAK[0]))],
)
def test_key_that_is_short_or_bound_by_sha1(
    gpg: Gpg, subject: ProofSubject, algorithm: str, options: tuple[str, ...]
) -> None:
    key = gpg.key(f"weak-{algorithm}@example.org", *options, algorithm=algorithm)

    proof = judged(subject, gpg.sign(key, WHEEL, "--digest-algo", "SHA256"), rule(key.certificate))

    assert refused_with(proof, "TRU749")
    assert "\n" not in proof.findings[0].values["problem"]


# Revocation and time


@pytest.mark.parametrize("reason", [0, 1, 2, 3])
def test_revoked_key_whatever_its_reason_and_however_old_the_signature(
    gpg: Gpg, subject: ProofSubject, reason: int
) -> None:
    key = gpg.key(f"revoked-{reason}@example.org")

    proof = judged(subject, gpg.sign(key, WHEEL), rule(gpg.revoked(key, reason)))

    assert refused_with(proof, "TRU737")


def test_expired_key_that_signs_on(gpg: Gpg, subject: ProofSubject) -> None:
    key = gpg.key("expired@example.org", expires="20250701T000000")
    gpg.run("--batch", "--quick-set-expire", key.fingerprint.upper(), "0", at=SIGNED)

    proof = judged(subject, gpg.sign(key, WHEEL, at=LATER), rule(key.certificate))

    assert refused_with(proof, "TRU738")


def test_a_signature_from_before_its_key_expired_counts_with_a_warning(
    gpg: Gpg, subject: ProofSubject
) -> None:
    key = gpg.key("expired-since@example.org", expires="20250701T000000")

    proof = judged(subject, gpg.sign(key, WHEEL), rule(key.certificate))

    assert len(proof.evidence) == 1
    assert [(f.code, f.level) for f in proof.findings] == [("TRU744", Level.WARNING)]


def test_a_rule_can_refuse_what_an_expired_key_signed_before(gpg: Gpg, subject: ProofSubject) -> None:
    key = gpg.key("expired-strict@example.org", expires="20250701T000000")
    strict = OpenPgpRule(project="demo", certificates=(key.certificate,), accept_expired=False)

    assert refused_with(judged(subject, gpg.sign(key, WHEEL), strict), "TRU748")


def test_signature_dated_in_the_future(gpg: Gpg, maintainer: PgpKey, subject: ProofSubject) -> None:
    signature = gpg.sign(maintainer, WHEEL, at="20351231T000000")

    assert refused_with(judged(subject, signature, rule(maintainer.certificate)), "TRU735")


def test_a_signers_clock_may_be_some_minutes_ahead(
    gpg: Gpg, maintainer: PgpKey, subject: ProofSubject
) -> None:
    signature = gpg.sign(maintainer, WHEEL)
    rules = [rule(maintainer.certificate)]

    assert verify_detached(subject, signature, rules, MADE - timedelta(minutes=4)).evidence
    assert codes(verify_detached(subject, signature, rules, MADE - timedelta(minutes=6))) == ["TRU735"]


def test_signature_older_than_its_key(gpg: Gpg, maintainer: PgpKey, subject: ProofSubject) -> None:
    signature = gpg.sign(maintainer, WHEEL, "--ignore-time-conflict", at="20240101T000000")

    assert refused_with(judged(subject, signature, rule(maintainer.certificate)), "TRU736")


def test_signature_that_has_expired_itself(gpg: Gpg, maintainer: PgpKey, subject: ProofSubject) -> None:
    signature = gpg.sign(maintainer, WHEEL, "--default-sig-expire", "2d")

    assert refused_with(judged(subject, signature, rule(maintainer.certificate)), "TRU742")


def test_key_that_is_not_for_signing_files(gpg: Gpg, subject: ProofSubject) -> None:
    key = gpg.key("flags@example.org")
    signature = gpg.sign(key, WHEEL)

    assert refused_with(judged(subject, signature, rule(gpg.without_signing(key))), "TRU739")


# Several signatures


def test_signatures_of_strangers_beside_the_rules_key_are_left_aside(
    gpg: Gpg, maintainer: PgpKey, stranger: PgpKey, subject: ProofSubject
) -> None:
    both = gpg.sign(stranger, WHEEL) + gpg.sign(maintainer, WHEEL)

    proof = judged(subject, both, rule(maintainer.certificate))

    assert [one.authority for one in proof.evidence] == [maintainer.fingerprint]
    assert [(f.code, f.level) for f in proof.findings] == [("TRU745", Level.NOTE)]


def test_good_signature_put_before_one_that_does_not_hold(
    gpg: Gpg, maintainer: PgpKey, subject: ProofSubject
) -> None:
    """A reader that stops at the first good signature, or reads only the first, sees nothing."""
    both = gpg.sign(maintainer, WHEEL) + gpg.sign(maintainer, b"something else")

    proof = judged(subject, both, rule(maintainer.certificate))

    assert proof.evidence == ()
    assert codes(proof) == ["TRU741", "TRU732"]


def test_more_signatures_than_anybody_makes(gpg: Gpg, maintainer: PgpKey, subject: ProofSubject) -> None:
    many = gpg.sign(maintainer, WHEEL) * 65

    assert refused_with(judged(subject, many, rule(maintainer.certificate)), "TRU731")


# Armor and packets


def armored(gpg: Gpg, key: PgpKey, data: bytes = WHEEL) -> bytes:
    return gpg.sign(key, data, "--armor")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda good: b"Signed by the project:\n" + good, id="text before the block"),
        pytest.param(lambda good: good + b"see above\n", id="text after the block"),
        pytest.param(lambda good: good + good, id="two blocks, of which readers take one"),
        pytest.param(
            lambda good: good.replace(b"SIGNATURE", b"MESSAGE"), id="a message that brings its text"
        ),
        pytest.param(lambda good: good.replace(b"SIGNATURE", b"PUBLIC KEY BLOCK"), id="called a key"),
        pytest.param(lambda good: good.replace(b"\n\n", b"\n", 1), id="no empty line after the headers"),
        pytest.param(
            lambda good: good.replace(b"\n\n", b"\nnot a header\n\n", 1), id="a line that is no header"
        ),
        pytest.param(lambda good: good[: len(good) // 2], id="cut off"),
        pytest.param(lambda good: good.replace(b"=", b"*"), id="not base64"),
        pytest.param(lambda good: b"<html>not found</html>", id="a page instead"),
        pytest.param(lambda good: dearmored(good)[:-1], id="binary, cut off"),
        pytest.param(lambda good: dearmored(good) + b"\0", id="binary, with a byte more"),
        pytest.param(lambda good: b"\xc8\x05\x01aaaa" + dearmored(good), id="a compressed packet before it"),
        pytest.param(lambda good: b"\xa3\x01aaaa", id="a packet without a length, to the end of the file"),
        pytest.param(lambda good: b"\xc2\xe1aa", id="a packet in parts"),
        pytest.param(lambda good: b"\x88\x00", id="an empty packet"),
        pytest.param(lambda good: b"\x88\x03\x09aa", id="a version that nobody knows"),
    ],
)
def test_a_file_that_is_not_exactly_one_signature_block(
    gpg: Gpg, maintainer: PgpKey, subject: ProofSubject, change: Callable[[bytes], bytes]
) -> None:
    signature = change(armored(gpg, maintainer))

    assert refused_with(judged(subject, signature, rule(maintainer.certificate)), "TRU731")


def test_a_certificate_in_place_of_a_signature(maintainer: PgpKey, subject: ProofSubject) -> None:
    proof = judged(subject, maintainer.certificate, rule(maintainer.certificate))

    assert refused_with(proof, "TRU731")


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda data: b"\xc2" + data))
def test_the_frame_is_read_or_called_bad_whatever_the_bytes(data: bytes) -> None:
    try:
        packets = signature_packets(data)
    except BadFrame:
        return
    assert b"".join(packets) == data


def test_no_change_of_a_byte_that_is_signed_or_signs_proves_anything(
    gpg: Gpg, maintainer: PgpKey, subject: ProofSubject
) -> None:
    """All but the part that RFC 9580 calls unhashed, hints whose use trued does not depend on."""
    good = gpg.sign(maintainer, WHEEL)
    unhashed = _unhashed(good)

    accepted = [
        position
        for position in range(len(good))
        if position not in unhashed
        and judged(subject, _changed(good, position), rule(maintainer.certificate)).evidence
    ]

    assert accepted == []


def _changed(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


def _unhashed(packet: bytes) -> range:
    """The unhashed subpackets, and the two octets of the digest after them (RFC 9580, section 5.2.3)."""
    hashed = int.from_bytes(packet[6:8], "big")
    length = int.from_bytes(packet[8 + hashed : 10 + hashed], "big")
    return range(8 + hashed, 12 + hashed + length)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(data=st.data())
def test_any_change_of_a_signature_is_judged_without_an_error(
    gpg: Gpg, maintainer: PgpKey, subject: ProofSubject, data: st.DataObject
) -> None:
    good = _signature_once(gpg, maintainer)
    position = data.draw(st.integers(0, len(good) - 1))
    removed = data.draw(st.integers(0, 4))
    changed = good[:position] + data.draw(st.binary(max_size=6)) + good[position + removed :]

    proof = judged(subject, changed, rule(maintainer.certificate))

    assert proof.evidence or proof.findings


@functools.cache
def _signature_once(gpg: Gpg, key: PgpKey) -> bytes:
    return gpg.sign(key, WHEEL)


# Keys that cannot be used


@pytest.mark.parametrize("junk", [b"", b"not a key", b"\x99\xff\xff"])
def test_a_key_file_that_holds_no_key(
    gpg: Gpg, maintainer: PgpKey, subject: ProofSubject, junk: bytes
) -> None:
    assert refused_with(judged(subject, gpg.sign(maintainer, WHEEL), rule(junk)), "TRU743")


def test_a_fingerprint_that_no_key_file_has(gpg: Gpg, maintainer: PgpKey, subject: ProofSubject) -> None:
    other = rule(maintainer.certificate, fingerprints=("a" * 40,))

    assert refused_with(judged(subject, gpg.sign(maintainer, WHEEL), other), "TRU743")


def test_a_secret_key_is_not_taken_for_a_public_one(subject: ProofSubject) -> None:
    secret = pysequoia.Tsk.generate("secret@example.org")
    signature = pysequoia.sign(secret.signer(), WHEEL, mode=pysequoia.SignatureMode.DETACHED)

    proof = judged(subject, signature, rule(bytes(secret)))

    assert refused_with(proof, "TRU743")


def test_a_rule_without_any_key_refuses(gpg: Gpg, maintainer: PgpKey, subject: ProofSubject) -> None:
    assert refused_with(judged(subject, gpg.sign(maintainer, WHEEL), rule()), "TRU743")


# Documents


def test_a_detached_signature_over_a_document_gives_back_the_document(gpg: Gpg, maintainer: PgpKey) -> None:
    signed = verify_document(
        LIST, gpg.sign(maintainer, LIST), rule(maintainer.certificate), subject="SUMS", now=NOW
    )

    assert signed.content == LIST
    assert signed.signers == (
        Signer(identity=maintainer.fingerprint, key=maintainer.fingerprint, made="2025-06-01T00:00:00Z"),
    )


def test_a_clear_signed_document_gives_back_only_what_is_signed(gpg: Gpg, maintainer: PgpKey) -> None:
    around = b"0  evil.whl\n" + gpg.clear_sign(maintainer, LIST) + b"0  worse.whl\n"

    signed = verify_clear_signed(around, rule(maintainer.certificate), subject="SUMS", now=NOW)

    assert signed is not None
    assert signed.content == LIST.rstrip(b"\n")
    assert [(f.code, f.level) for f in signed.findings] == [("TRU746", Level.WARNING)]


def test_dashes_of_a_clear_signed_document_are_unescaped(gpg: Gpg, maintainer: PgpKey) -> None:
    data = gpg.clear_sign(maintainer, b"- a\n-b\nFrom c\n")

    signed = verify_clear_signed(data, rule(maintainer.certificate), subject="SUMS", now=NOW)

    assert signed is not None
    assert signed.content.split() == [b"-", b"a", b"-b", b"From", b"c"]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda good: good + good, id="a second block appended"),
        pytest.param(lambda good: good.replace(b"Hash: ", b"NotDashEscaped: x\nHash: "), id="a header more"),
        pytest.param(lambda good: good.replace(b"\n\n", b"\n", 1), id="no empty line"),
        pytest.param(lambda good: good.split(b"-----BEGIN PGP SIGNATURE")[0], id="signature stripped"),
        pytest.param(lambda good: good.replace(LIST, b"-" + LIST), id="a dash that is not escaped"),
    ],
)
def test_a_clear_signed_document_with_another_frame(
    gpg: Gpg, maintainer: PgpKey, change: Callable[[bytes], bytes]
) -> None:
    data = change(gpg.clear_sign(maintainer, LIST))

    signed = verify_clear_signed(data, rule(maintainer.certificate), subject="SUMS", now=NOW)

    assert signed is not None
    assert signed.content == b""
    assert [finding.code for finding in signed.findings] == ["TRU747"]


def test_a_clear_signed_document_with_a_line_changed(gpg: Gpg, maintainer: PgpKey) -> None:
    data = gpg.clear_sign(maintainer, LIST).replace(b"demo-1.0", b"demo-1.1")

    signed = verify_clear_signed(data, rule(maintainer.certificate), subject="SUMS", now=NOW)

    assert signed is not None
    assert signed.content == b""
    assert [finding.code for finding in signed.findings] == ["TRU741"]


def test_what_is_not_clear_signed_is_left_to_others(maintainer: PgpKey) -> None:
    assert verify_clear_signed(LIST, rule(maintainer.certificate), subject="SUMS", now=NOW) is None
