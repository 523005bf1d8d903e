"""Signed lists of digests: what they prove, and every way in which a document does not count."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import minisign
import pytest

from tests.proof.gpg import LATER, Gpg, PgpKey, write
from tests.requirements.reading import assert_complete
from trued.core.evidence import Evidence, Kind
from trued.core.finding import Level, Place
from trued.core.limits import Limits
from trued.core.names import normalize
from trued.proof.checksum_document import ChecksumDocument, ChecksumRule, open_document, prove
from trued.proof.known.known_files import KnownFiles
from trued.proof.known.model import Run
from trued.proof.minisign import MinisignRule, key_ids
from trued.proof.openpgp import OpenPgpRule
from trued.proof.subject import Proof, ProofSubject

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FILE = b"the bytes of a wheel"
SHA256 = hashlib.sha256(FILE).hexdigest()
WHEEL = "demo-1.0-py3-none-any.whl"
LIST = f"{SHA256}  {WHEEL}\n".encode()
PLACE = Place("trued.toml", 7)
SUBJECT = ProofSubject(project=normalize("demo"), version="1.0", filename=WHEEL, sha256=SHA256)
KEYS = minisign.KeyPair.generate()


def pgp_rule(key: PgpKey, **values: str) -> ChecksumRule:
    signer = OpenPgpRule(project="demo", certificates=(key.certificate,), place=PLACE)
    return ChecksumRule(project="demo", document="SHA256SUMS", signer=signer, place=PLACE, **values)


def minisign_rule(*keys: minisign.PublicKey) -> ChecksumRule:
    signer = MinisignRule(keys=tuple(bytes(key) for key in keys), place=PLACE)
    return ChecksumRule(project="demo", document="SHA256SUMS", signer=signer, place=PLACE)


def minisigned(data: bytes = LIST, *, comment: str = "timestamp:1748736000\tfile:SHA256SUMS") -> bytes:
    return bytes(KEYS.secret_key.sign(data, trusted_comment=comment)) + b"\n"


def opened(
    rule: ChecksumRule,
    data: bytes = LIST,
    signature: bytes | None = None,
    *,
    memory: KnownFiles | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> ChecksumDocument:
    document = open_document(
        rule, name="SHA256SUMS", data=data, signature=signature, now=NOW, limits=limits, memory=memory
    )
    for finding in document.findings:
        assert_complete(finding)
    return document


def proven(*documents: ChecksumDocument, subject: ProofSubject = SUBJECT) -> Proof:
    proof = prove(subject, documents, now=NOW)
    for finding in proof.findings:
        assert_complete(finding)
    return proof


def codes(found: ChecksumDocument | Proof) -> list[str]:
    return [finding.code for finding in found.findings]


def is_refused(document: ChecksumDocument, code: str) -> bool:
    """Tell whether the document counts for nothing, for the one reason *code*."""
    told = [finding.code for finding in document.refusals]
    return document.entries == {} and told == [code] and proven(document).evidence == ()


# What a document proves


def test_a_listed_file_is_proven_by_the_documents_signer(gpg: Gpg, maintainer: PgpKey) -> None:
    document = opened(pgp_rule(maintainer), LIST, gpg.sign(maintainer, LIST))

    assert document.findings == ()
    assert proven(document) == Proof(
        evidence=(
            Evidence(
                sha256=SHA256,
                kind=Kind.CHECKSUM_DOCUMENT,
                authority=maintainer.fingerprint,
                detail=f"sha256:{SHA256} in SHA256SUMS of 2025-06-01T00:00:00Z",
                time="2026-06-01T00:00:00Z",
            ),
        )
    )


def test_a_clear_signed_document_needs_no_second_file(gpg: Gpg, maintainer: PgpKey) -> None:
    document = opened(pgp_rule(maintainer), gpg.clear_sign(maintainer, LIST))

    assert proven(document).evidence


def test_a_minisigned_document_takes_its_date_from_the_trusted_comment() -> None:
    document = opened(minisign_rule(KEYS.public_key), LIST, minisigned())

    assert document.edition == "2025-06-01T00:00:00Z"
    assert proven(document).evidence[0].authority == key_ids(MinisignRule(keys=(bytes(KEYS.public_key),)))[0]


@pytest.mark.parametrize(
    ("comment", "edition"),
    [
        ("date:2025-06-01 demo 1.0", "2025-06-01T00:00:00Z"),
        ("demo date:2025-06-01T12:00:00Z", "2025-06-01T12:00:00Z"),
        ("a timestamp:99999999999999999999", ""),
        ("date:2025-02-30", ""),
        ("xtimestamp:1748736000", ""),
    ],
)
def test_dates_in_a_trusted_comment(comment: str, edition: str) -> None:
    document = opened(minisign_rule(KEYS.public_key), LIST, minisigned(comment=comment))

    assert document.edition == edition
    assert codes(document) == ([] if edition else ["TRU763"])


def test_what_there_is_to_tell_of_a_document_is_told_with_its_files() -> None:
    document = opened(minisign_rule(KEYS.public_key), LIST, minisigned(comment="no date"))

    proof = proven(document)

    assert proof.evidence
    assert [(finding.code, finding.level) for finding in proof.findings] == [("TRU763", Level.WARNING)]


def test_without_a_rule_for_the_project_there_is_nothing_to_say() -> None:
    rule = replace(minisign_rule(KEYS.public_key), project="other")

    assert proven(opened(rule, LIST, minisigned())) == Proof()


def test_every_digest_that_a_document_states_must_hold(tmp_path: Path) -> None:
    path = str(write(tmp_path, "archive", FILE))
    right = hashlib.sha512(FILE).hexdigest()
    for value, holds in ((right, True), ("0" * 128, False)):
        data = LIST + f"{value}  {WHEEL}\n".encode()
        document = opened(minisign_rule(KEYS.public_key), data, minisigned(data))

        assert bool(proven(document, subject=replace(SUBJECT, path=path)).evidence) is holds


def test_a_digest_that_was_not_computed_is_not_passed_over() -> None:
    data = f"{'0' * 128}  {WHEEL}\n".encode()
    document = opened(minisign_rule(KEYS.public_key), data, minisigned(data))

    with pytest.raises(ValueError, match="sha512 was not computed"):
        proven(document)


def test_where_a_document_and_its_signature_are() -> None:
    rule = replace(minisign_rule(KEYS.public_key), document="https://example.org/{project}-{version}.sums")

    assert rule.document_for("demo", "1.0") == "https://example.org/demo-1.0.sums"
    assert rule.signatures_for("demo", "1.0") == ("https://example.org/demo-1.0.sums.minisig",)
    assert replace(rule, signature="{version}.sig").signatures_for("demo", "1.0") == ("1.0.sig",)


# Files that a document does not prove


def test_file_replaced_after_the_list_was_made() -> None:
    data = f"{'0' * 64}  {WHEEL}\n".encode()

    assert codes(proven(opened(minisign_rule(KEYS.public_key), data, minisigned(data)))) == ["TRU758"]


def test_file_added_to_the_release_by_whoever_can_upload() -> None:
    other = replace(SUBJECT, filename="demo-1.0-cp311-cp311-linux_x86_64.whl", sha256="1" * 64)

    proof = proven(opened(minisign_rule(KEYS.public_key), LIST, minisigned()), subject=other)

    assert codes(proof) == ["TRU759"]


def test_old_release_under_a_new_name_with_a_digest_that_is_listed() -> None:
    renamed = replace(SUBJECT, filename="demo-2.0-py3-none-any.whl")

    proof = proven(opened(minisign_rule(KEYS.public_key), LIST, minisigned()), subject=renamed)

    assert codes(proof) == ["TRU760"]


def test_look_alike_name_in_the_list_vouches_for_nothing() -> None:
    data = f"{SHA256}  {WHEEL.replace('e', chr(0x435))}\n".encode()
    document = opened(minisign_rule(KEYS.public_key), data, minisigned(data))

    assert codes(proven(document)) == ["TRU757", "TRU760"]


# Several documents


def other_list(*, file: str, digest: str = "2" * 64, name: str = "demo-0.9.tar.gz") -> ChecksumDocument:
    data = f"{digest}  {name}\n".encode()
    rule = replace(minisign_rule(KEYS.public_key), place=Place(file, 9))
    return opened(rule, data, minisigned(data))


def test_one_document_of_a_policy_file_is_enough() -> None:
    listing = opened(minisign_rule(KEYS.public_key), LIST, minisigned())

    assert len(proven(listing, other_list(file="trued.toml")).evidence) == 1


def test_document_of_a_cloned_repository_does_not_stand_in_for_the_users() -> None:
    listing = opened(minisign_rule(KEYS.public_key), LIST, minisigned())

    assert codes(proven(listing, other_list(file="/home/user/trued.toml"))) == ["TRU759"]


def test_another_digest_in_any_document_refuses() -> None:
    listing = opened(minisign_rule(KEYS.public_key), LIST, minisigned())
    contradiction = other_list(file="trued.toml", name=WHEEL)

    proof = proven(listing, contradiction)

    assert proof.evidence == ()
    assert codes(proof) == ["TRU758"]


# Signatures that do not count


def test_signature_stripped_from_the_document(gpg: Gpg, maintainer: PgpKey) -> None:
    assert is_refused(opened(pgp_rule(maintainer), LIST), "TRU765")
    assert is_refused(opened(minisign_rule(KEYS.public_key), LIST, b""), "TRU765")


def test_line_added_to_a_signed_list(gpg: Gpg, maintainer: PgpKey) -> None:
    more = LIST + b"0" * 64 + b"  evil-1.0.tar.gz\n"

    assert is_refused(opened(pgp_rule(maintainer), more, gpg.sign(maintainer, LIST)), "TRU741")
    assert is_refused(opened(minisign_rule(KEYS.public_key), more, minisigned()), "TRU768")


def test_list_signed_by_a_stranger(gpg: Gpg, maintainer: PgpKey, stranger: PgpKey) -> None:
    strange = minisign.KeyPair.generate().public_key

    assert is_refused(opened(pgp_rule(maintainer), LIST, gpg.sign(stranger, LIST)), "TRU734")
    assert is_refused(opened(minisign_rule(strange), LIST, minisigned()), "TRU767")


def test_list_signed_over_sha1(gpg: Gpg, maintainer: PgpKey) -> None:
    weak = gpg.sign(maintainer, LIST, "--allow-weak-digest-algos", "--digest-algo", "SHA1")

    assert is_refused(opened(pgp_rule(maintainer), LIST, weak), "TRU733")


def test_second_block_appended_to_a_clear_signed_list(gpg: Gpg, maintainer: PgpKey, stranger: PgpKey) -> None:
    evil = b"0" * 64 + b"  " + WHEEL.encode() + b"\n"
    both = gpg.clear_sign(maintainer, LIST) + gpg.clear_sign(stranger, evil)

    assert is_refused(opened(pgp_rule(maintainer), both), "TRU747")


def test_entries_around_the_signed_block_are_not_read(gpg: Gpg, maintainer: PgpKey) -> None:
    evil = b"0" * 64 + b"  evil-1.0.tar.gz\n"
    document = opened(pgp_rule(maintainer), evil + gpg.clear_sign(maintainer, LIST) + evil)

    assert set(document.entries) == {WHEEL}
    assert [(f.code, f.level) for f in document.findings] == [("TRU746", Level.WARNING)]


def test_key_with_the_id_of_the_projects_made_to_order() -> None:
    """A minisign key ID is 64 random bits in the file, which anybody can write into a key of his own."""
    forged = bytearray(minisigned(b"other").splitlines()[1])
    lines = minisign.KeyPair.generate().secret_key.sign(LIST, trusted_comment="timestamp:1")
    mixed = bytes(lines).splitlines()
    mixed[1] = bytes(forged)

    assert is_refused(opened(minisign_rule(KEYS.public_key), LIST, b"\n".join(mixed)), "TRU768")


def test_trusted_comment_changed_to_a_newer_date() -> None:
    newer = minisigned().replace(b"timestamp:1748736000", b"timestamp:1764536000")

    assert is_refused(opened(minisign_rule(KEYS.public_key), LIST, newer), "TRU768")


def test_date_chosen_in_the_future_to_be_the_newest_for_ever() -> None:
    ahead = minisigned(comment="timestamp:2000000000")

    assert is_refused(opened(minisign_rule(KEYS.public_key), LIST, ahead), "TRU764")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda good: good + b"more\n", id="a line more"),
        pytest.param(lambda good: good.replace(b"trusted comment: ", b"comment: "), id="no trusted comment"),
        pytest.param(lambda good: good[:40], id="cut off"),
        pytest.param(lambda good: b"<html>not found</html>", id="a page instead"),
        pytest.param(lambda good: good.replace(b"RU", b"XX", 1), id="another algorithm"),
        pytest.param(lambda good: b"\xff" + good, id="no text"),
    ],
)
def test_a_minisign_signature_that_cannot_be_read(change: Callable[[bytes], bytes]) -> None:
    assert is_refused(opened(minisign_rule(KEYS.public_key), LIST, change(minisigned())), "TRU766")


@pytest.mark.parametrize("key", [b"", b"junk", b"untrusted comment: x\nRWQ=\n"])
def test_a_minisign_key_that_cannot_be_read(key: bytes) -> None:
    rule = replace(minisign_rule(), signer=MinisignRule(keys=(key,)))

    assert is_refused(opened(rule, LIST, minisigned()), "TRU769")


def test_a_minisign_rule_without_a_key() -> None:
    assert is_refused(opened(minisign_rule(), LIST, minisigned()), "TRU769")


def test_oversize_document_is_not_read_at_all() -> None:
    small = replace(Limits(), document_bytes=10)

    assert is_refused(opened(minisign_rule(KEYS.public_key), LIST, minisigned(), limits=small), "TRU750")


def test_a_signed_list_that_cannot_be_read_proves_nothing() -> None:
    document = opened(minisign_rule(KEYS.public_key), b"junk\n", minisigned(b"junk\n"))

    assert is_refused(document, "TRU752")


# Replay


@dataclass
class Editions:
    """Signs lists of one project on different days, and remembers them in a database of known files."""

    gpg: Gpg
    key: PgpKey
    memory: KnownFiles
    older: bytes = LIST
    newer: bytes = field(default=LIST + b"3" * 64 + b"  demo-1.1.tar.gz\n")

    def open(self, data: bytes, at: str) -> ChecksumDocument:
        signature = self.gpg.sign(self.key, data, at=at)
        document = opened(pgp_rule(self.key), data, signature, memory=self.memory)
        document.remember(self.memory)
        self.memory.commit()
        return document


@pytest.fixture
def editions(gpg: Gpg, maintainer: PgpKey, tmp_path: Path) -> Iterator[Editions]:
    run = Run(id="1", time="2026-06-01T00:00:00Z", command="install", folder="/work")
    with KnownFiles(str(tmp_path / "known.sqlite3"), run=run) as memory:
        yield Editions(gpg, maintainer, memory)


def test_a_newer_edition_takes_the_place_of_the_one_before(editions: Editions) -> None:
    assert editions.open(editions.older, "20250601T000000").refusals == ()
    assert editions.open(editions.newer, LATER).refusals == ()
    assert editions.open(editions.newer, LATER).refusals == ()


def test_replayed_document_of_last_year_with_a_signature_that_holds(editions: Editions) -> None:
    editions.open(editions.newer, LATER)

    assert is_refused(editions.open(editions.older, "20250601T000000"), "TRU761")


def test_second_document_of_the_same_date(editions: Editions) -> None:
    editions.open(editions.newer, LATER)

    assert is_refused(editions.open(editions.older, LATER), "TRU762")


def test_the_same_list_signed_again_is_no_replay(editions: Editions) -> None:
    editions.open(editions.newer, LATER)

    assert editions.open(editions.newer, "20250601T000000").refusals == ()
    assert is_refused(editions.open(editions.older, "20250701T000000"), "TRU761")
