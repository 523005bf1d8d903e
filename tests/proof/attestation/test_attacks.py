"""Each attack with a line on what it is. All signatures here are good, unless the attack is on one."""

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.proof.attestation.conftest import FILENAME, SHA256
from tests.proof.attestation.toy_instance import (
    GITHUB,
    MINUTE,
    NOON,
    ToyInstance,
    provenance,
    statement,
)
from trued.core.finding import Finding, Level
from trued.core.names import normalize
from trued.proof.attestation import AttestationResult, verify_provenance
from trued.proof.publisher import Publisher, PublisherRule
from trued.proof.subject import ProofSubject
from trued.proof.trusted_root import TrustedRoot

NOW = "2026-11-21T12:00:00Z"
RULE = PublisherRule(project="project", kind="github", repository="example/project", workflow="release.yml")
KNOWN = Publisher(kind="github", repository="example/project", workflow="release.yml")


def judged(
    subject: ProofSubject, root: TrustedRoot, data: bytes | None, *, now: str = NOW
) -> AttestationResult:
    return verify_provenance(subject, data, rules=[RULE], known=(), roots=root, remembered=None, now=now)


def assert_refused(result: AttestationResult, code: str) -> Finding:
    assert result.proof.evidence == ()
    assert [finding.code for finding in result.proof.findings] == [code]
    assert result.proof.findings[0].level is Level.ERROR
    return result.proof.findings[0]


def good(toy: ToyInstance) -> dict[str, Any]:
    return toy.attest(statement(FILENAME, SHA256))


def test_the_attestation_that_the_attacks_begin_from_holds(
    toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    result = judged(subject, toy_root, provenance(good(toy)))

    assert [evidence.authority for evidence in result.proof.evidence] == [KNOWN.identity]
    assert result.proof.findings == ()


def test_stripped_provenance(toy_root: TrustedRoot, subject: ProofSubject) -> None:
    """The index leaves provenance out, so that an unattested file looks like one that never had any."""
    finding = assert_refused(judged(subject, toy_root, None), "TRU700")

    assert "example/project" in finding.values["expected"]


def test_another_files_attestation(toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject) -> None:
    """The attestation of one wheel is served beside another wheel of the same name."""
    data = provenance(toy.attest(statement(FILENAME, "0" * 64)))

    assert_refused(judged(subject, toy_root, data), "TRU703")


def test_another_name_for_the_same_bytes(
    toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    """A file is served under the name of a newer release, with the attestation of its own."""
    data = provenance(toy.attest(statement("project-0.9-py3-none-any.whl", SHA256)))

    assert_refused(judged(subject, toy_root, data), "TRU703")


def test_another_projects_publisher(toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject) -> None:
    """Somebody signs the file properly from a repository of their own, and the index names them."""
    claims = {
        **GITHUB,
        "12": "https://github.com/somebody/else",
        "18": "https://github.com/somebody/else/.github/workflows/release.yml@refs/tags/v1",
    }
    claimed: dict[str, object] = {"kind": "GitHub", "repository": "somebody/else", "workflow": "release.yml"}
    data = provenance(toy.attest(statement(FILENAME, SHA256), claims=claims), publisher=claimed)

    finding = assert_refused(judged(subject, toy_root, data), "TRU704")

    assert "somebody/else" in finding.values["publisher"]


def test_the_indexs_word_in_place_of_the_certificates(
    toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    """The index names the publisher that is expected beside a signature of another one."""
    claims = {
        **GITHUB,
        "12": "https://github.com/somebody/else",
        "18": "https://github.com/somebody/else/.github/workflows/release.yml@refs/tags/v1",
    }
    data = provenance(toy.attest(statement(FILENAME, SHA256), claims=claims))

    result = judged(subject, toy_root, data)

    assert_refused(result, "TRU715")
    assert result.publishers == ()


def test_another_workflow_of_the_same_repository(
    toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    """A workflow that runs for pull requests signs in the place of the one that releases."""
    claims = {**GITHUB, "18": "https://github.com/example/project/.github/workflows/test.yml@refs/tags/v1"}
    claimed: dict[str, object] = {"kind": "GitHub", "repository": "example/project", "workflow": "test.yml"}
    data = provenance(toy.attest(statement(FILENAME, SHA256), claims=claims), publisher=claimed)

    assert_refused(judged(subject, toy_root, data), "TRU704")


def test_another_instance(toy_root: TrustedRoot, subject: ProofSubject) -> None:
    """Everything is signed by an instance that anybody can run: its own authority, its own logs."""
    data = provenance(good(ToyInstance()))

    assert_refused(judged(subject, toy_root, data), "TRU710")


def test_another_authority_in_the_trusted_log(
    toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    """A certificate of an authority nobody trusts, entered into the log that is trusted."""
    stranger = ToyInstance()
    stranger._log = toy._log

    assert_refused(judged(subject, toy_root, provenance(good(stranger))), "TRU707")


def test_a_certificate_that_the_certificate_log_never_saw(
    toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    """The authority's key was used behind the back of the log that would have shown it."""
    secret = ToyInstance()
    secret._log, secret._authority, secret._root = toy._log, toy._authority, toy._root

    assert_refused(judged(subject, toy_root, provenance(good(secret))), "TRU707")


def test_a_bogus_second_log_entry(toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject) -> None:
    """Libraries read the first entry only; a second one that is false passes with it."""
    attestation, other = good(toy), toy.attest(statement("other-1.0.tar.gz", "0" * 64))
    entries = attestation["verification_material"]["transparency_entries"]
    entries += other["verification_material"]["transparency_entries"]

    assert_refused(judged(subject, toy_root, provenance(attestation)), "TRU710")


def test_a_true_second_log_entry_is_no_attack(
    toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    attestation = good(toy)
    entries = attestation["verification_material"]["transparency_entries"]
    entries.append(entries[0])

    assert judged(subject, toy_root, provenance(attestation)).proof.evidence


def test_no_log_entry(toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject) -> None:
    """The signature was never put where its owner could have seen it."""
    attestation = good(toy)
    attestation["verification_material"]["transparency_entries"] = []

    assert_refused(judged(subject, toy_root, provenance(attestation)), "TRU701")


@pytest.mark.parametrize(
    ("lost", "code"),
    [("inclusionPromise", "TRU710"), ("integratedTime", "TRU710"), ("inclusionProof", "TRU705")],
)
def test_a_log_entry_without_a_part(
    lost: str, code: str, toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    """An entry is stripped of its signed time, or of the proof that the log holds it."""
    attestation = good(toy)
    del attestation["verification_material"]["transparency_entries"][0][lost]

    assert_refused(judged(subject, toy_root, provenance(attestation)), code)


def test_an_entry_of_the_second_log_version_without_a_timestamp(
    toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    """Nothing signs when it was made, so that an expired certificate would do."""
    attestation = good(toy)
    entry = attestation["verification_material"]["transparency_entries"][0]
    entry["kindVersion"] = {"kind": "hashedrekord", "version": "0.0.2"}
    del entry["integratedTime"], entry["inclusionPromise"]

    assert_refused(judged(subject, toy_root, provenance(attestation)), "TRU712")


@pytest.mark.parametrize("late", [-1, 11])
def test_an_expired_or_future_certificate(
    late: int, toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    """The key of a certificate signs before the certificate's ten minutes, or after them."""
    data = provenance(toy.attest(statement(FILENAME, SHA256), logged=NOON + late * MINUTE))

    assert_refused(judged(subject, toy_root, data), "TRU708")


def test_a_clock_that_was_set_back(toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject) -> None:
    """The machine is made to believe in a year in which something withdrawn still counted."""
    data = provenance(good(toy))

    assert_refused(judged(subject, toy_root, data, now="2025-03-01T12:00:00Z"), "TRU709")


def test_a_clock_that_is_a_little_behind_is_no_attack(
    toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    now = (NOON - timedelta(minutes=30)).isoformat()

    assert judged(subject, toy_root, provenance(good(toy)), now=now).proof.evidence


def test_keys_whose_period_is_over(tmp_path: Path, subject: ProofSubject) -> None:
    """An instance gave up its keys, because they were lost; what they sign later does not count."""
    old = ToyInstance(end="2025-12-31T00:00:00Z")

    result = judged(subject, old.trusted_root(tmp_path), provenance(good(old)))

    assert_refused(result, "TRU710")


def test_a_wrong_predicate(toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject) -> None:
    """A statement of another meaning (a review, a test report) is taken for one of publication."""
    signed = statement(FILENAME, SHA256, predicateType="https://example.org/test-report/v1")

    assert_refused(judged(subject, toy_root, provenance(toy.attest(signed))), "TRU711")


def test_a_wrong_payload_type(toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject) -> None:
    """Bytes that were signed as something else (a chat message) are presented as a statement."""
    attestation = toy.attest(statement(FILENAME, SHA256), payload_type="text/plain")

    assert_refused(judged(subject, toy_root, provenance(attestation)), "TRU705")


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": []},
        {"subject": [{"name": FILENAME, "digest": {"sha256": SHA256}}] * 2},
        {"subject": [{"name": FILENAME, "digest": {"sha256": SHA256}}, {"name": "x", "digest": {}}]},
        {"subject": {"name": FILENAME, "digest": {"sha256": SHA256}}},
        {"subject": [{"name": FILENAME}]},
        {"subject": [{"name": None, "digest": {"sha256": SHA256}}]},
        {"_type": "https://in-toto.io/Statement/v0.1"},
        {"predicate": {"more": 1}},
    ],
    ids=["none", "twice", "two", "bare", "no digest", "no name", "old form", "with a predicate"],
)
def test_a_statement_that_is_not_about_one_file(
    changes: dict[str, object], toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    """One signature is made to count for several files, or for whatever a reader likes."""
    data = provenance(toy.attest(statement(FILENAME, SHA256, **changes)))

    assert_refused(judged(subject, toy_root, data), "TRU717")


def test_a_statement_with_two_subjects_under_one_name(
    toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    """A key stands twice in the signed JSON: one reader takes the first, another the last."""
    signed = statement("other-1.0.tar.gz", "0" * 64)
    again = statement(FILENAME, SHA256)[1:]

    data = provenance(toy.attest(signed[:-1] + b"," + again))

    assert_refused(judged(subject, toy_root, data), "TRU717")


def test_a_weaker_digest_beside_the_sha256(toy: ToyInstance, toy_root: TrustedRoot) -> None:
    """Of two digests that are stated, one is another file's: both have to hold."""
    subject = ProofSubject(
        project=normalize("project"),
        version="1.0",
        filename=FILENAME,
        sha256=SHA256,
        digests={"sha256": SHA256, "sha512": "1" * 128},
    )
    stated = [{"name": FILENAME, "digest": {"sha256": SHA256, "sha512": "2" * 128}}]
    data = provenance(toy.attest(statement(FILENAME, SHA256, subject=stated)))

    assert_refused(judged(subject, toy_root, data), "TRU703")


def test_an_unknown_kind_of_publisher(toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject) -> None:
    """A certificate that was issued to a person, or by a forge that nobody named."""
    claims = {**GITHUB, "1": "https://forge.example.org", "8": "https://forge.example.org"}
    data = provenance(toy.attest(statement(FILENAME, SHA256), claims=claims))

    finding = assert_refused(judged(subject, toy_root, data), "TRU713")

    assert "forge.example.org" in finding.values["issuer"]


def test_a_certificate_with_two_issuers(
    toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    """The old and the new form of one extension say different things, for two kinds of readers."""
    claims = {**GITHUB, "1": "https://forge.example.org"}

    data = provenance(toy.attest(statement(FILENAME, SHA256), claims=claims))

    assert_refused(judged(subject, toy_root, data), "TRU713")


def test_one_broken_attestation_beside_a_good_one(
    toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    """A good attestation is to carry a false one past the reader."""
    broken = good(toy)
    broken["envelope"]["signature"] = base64.b64encode(b"not a signature").decode()

    result = judged(subject, toy_root, provenance(good(toy), broken))

    assert_refused(result, "TRU705")
    assert result.publishers == ()


def test_huge_provenance(toy_root: TrustedRoot, subject: ProofSubject) -> None:
    """A document of many megabytes fills the memory before anything is verified."""
    assert_refused(judged(subject, toy_root, b" " * 2_000_000), "TRU702")


def test_provenance_with_very_many_attestations(toy_root: TrustedRoot, subject: ProofSubject) -> None:
    """Thousands of signatures that are to be verified, one after the other."""
    assert_refused(judged(subject, toy_root, provenance(*[{}] * 1000)), "TRU702")


def test_deep_nesting(toy_root: TrustedRoot, subject: ProofSubject) -> None:
    """A hundred thousand brackets exhaust the stack of a parser that calls itself."""
    assert_refused(judged(subject, toy_root, b"[" * 100_000 + b"]" * 100_000), "TRU702")


def test_duplicate_keys(toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject) -> None:
    """The document has two lists of bundles; which one counts depends on the reader."""
    data = provenance(good(toy))

    assert_refused(judged(subject, toy_root, data[:-1] + b"," + data[1:]), "TRU701")


def test_an_unknown_field(toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject) -> None:
    """Something is said that this reader would pass over and another one would heed."""
    attestation = {**good(toy), "also": 1}

    assert_refused(judged(subject, toy_root, provenance(attestation)), "TRU701")


def test_an_integer_that_is_a_truth(toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject) -> None:
    """`true` equals 1 in Python, and is no version."""
    document = json.loads(provenance(good(toy)))
    document["version"] = True

    assert_refused(judged(subject, toy_root, json.dumps(document).encode()), "TRU701")
