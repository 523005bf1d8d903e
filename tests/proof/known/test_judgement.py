"""First use: which file is proven by what is known, and which stories are told of the others."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.proof.known.samples import FORGE, JANUARY, JUNE, OTHER, database, learn, run, sha256, subject
from trued.core.evidence import Kind
from trued.proof.known.known_files import KnownFiles
from trued.proof.publisher import Publisher
from trued.proof.subject import Proof, ProofSubject


def judged(
    folder: Path,
    one: ProofSubject,
    publishers: tuple[Publisher, ...] = (),
    *,
    time: str = JUNE,
    late_after: timedelta = timedelta(days=14),
) -> Proof:
    with KnownFiles(str(database(folder)), run=run(time, number=2), late_after=late_after) as known:
        return known.judge(one, publishers)


def codes(proof: Proof) -> list[str]:
    return [finding.code for finding in proof.findings]


def test_nothing_is_said_of_a_file_where_nothing_is_known(tmp_path: Path) -> None:
    assert judged(tmp_path, subject()) == Proof()


def test_asking_creates_no_database(tmp_path: Path) -> None:
    judged(tmp_path, subject())

    assert not database(tmp_path).parent.exists()


def test_a_file_known_with_this_digest_is_proven(tmp_path: Path) -> None:
    learn(tmp_path, subject())

    proof = judged(tmp_path, subject())

    assert [one.kind for one in proof.evidence] == [Kind.FIRST_USE]
    assert proof.evidence[0].sha256 == subject().sha256
    assert JANUARY in proof.evidence[0].authority
    assert not proof.findings


def test_other_bytes_under_a_known_name_are_told_with_the_story_of_the_former(tmp_path: Path) -> None:
    learn(tmp_path, subject())

    proof = judged(tmp_path, subject(content="others"))

    assert codes(proof) == ["TRU770"]
    assert proof.findings[0].values["known"] == subject().sha256
    assert proof.findings[0].values["got"] == sha256("others")
    assert proof.findings[0].values["seen"] == JANUARY
    assert "run-1 (trued install in /work/site)" in proof.findings[0].values["run"]
    assert not proof.evidence


def test_other_bytes_under_a_name_that_was_only_listed_are_told(tmp_path: Path) -> None:
    linux = subject(tag="cp311-cp311-linux_x86_64")
    learn(tmp_path, subject(), listed={linux.filename: sha256("as listed then")})

    assert codes(judged(tmp_path, linux)) == ["TRU771"]


def test_a_file_that_was_listed_with_this_digest_is_new_but_nothing_speaks_against_it(tmp_path: Path) -> None:
    linux = subject(tag="cp311-cp311-linux_x86_64")
    learn(tmp_path, subject(), listed={linux.filename: linux.sha256})

    assert judged(tmp_path, linux) == Proof()


def test_a_file_added_to_an_old_release_is_told_with_its_age(tmp_path: Path) -> None:
    learn(tmp_path, subject())

    proof = judged(tmp_path, subject(tag="cp311-cp311-linux_x86_64"))

    assert codes(proof) == ["TRU772"]
    assert proof.findings[0].values["days"] == "151"


def test_a_file_added_to_a_young_release_is_new(tmp_path: Path) -> None:
    learn(tmp_path, subject())

    assert judged(tmp_path, subject(tag="cp312-none-any"), time="2026-01-12T12:00:00Z") == Proof()


def test_the_window_is_the_users(tmp_path: Path) -> None:
    learn(tmp_path, subject())

    late = judged(tmp_path, subject(tag="cp312-none-any"), late_after=timedelta(days=200))

    assert late == Proof()


def test_a_clock_set_back_a_year_does_not_make_an_old_release_young(tmp_path: Path) -> None:
    # the attack: whoever sets the clock back has a file added to an old release pass as one of its first days
    learn(tmp_path, subject(), time=JANUARY)
    learn(tmp_path, subject("other"), time=JUNE)

    proof = judged(tmp_path, subject(tag="cp312-none-any"), time="2025-01-11T12:00:00Z")

    assert codes(proof) == ["TRU772"]


def test_a_new_release_of_the_known_publisher_is_no_loss(tmp_path: Path) -> None:
    learn(tmp_path, subject(), publishers=(FORGE,))

    assert judged(tmp_path, subject(version="1.1", content="new"), (FORGE,)) == Proof()


def test_a_lost_publisher_is_told_with_who_it_was(tmp_path: Path) -> None:
    # the attack: an index that leaves out the attestation of a file that the project's pipeline did not build
    learn(tmp_path, subject(), publishers=(FORGE,))

    proof = judged(tmp_path, subject(version="1.1", content="new"))

    assert codes(proof) == ["TRU773"]
    assert proof.findings[0].values["publisher"] == FORGE.identity
    assert proof.findings[0].values["seen"] == JANUARY


def test_a_file_without_publisher_beside_attested_ones_of_its_release_is_a_loss(tmp_path: Path) -> None:
    learn(tmp_path, subject(), publishers=(FORGE,))

    late = judged(tmp_path, subject(tag="cp312-none-any"), time="2026-01-11T12:00:00Z")

    assert codes(late) == ["TRU773"]


def test_a_version_older_than_all_attested_ones_has_lost_nothing(tmp_path: Path) -> None:
    learn(tmp_path, subject(version="2.0"), publishers=(FORGE,))

    assert judged(tmp_path, subject(version="1.10")) == Proof()


def test_a_version_that_cannot_be_compared_counts_as_a_loss(tmp_path: Path) -> None:
    learn(tmp_path, subject(version="2.0"), publishers=(FORGE,))

    assert codes(judged(tmp_path, subject(version="1.0-final-2"))) == ["TRU773"]


def test_another_publisher_is_told_with_both(tmp_path: Path) -> None:
    # the attack: a good attestation, made by a workflow in a repository of the attacker's own
    learn(tmp_path, subject(), publishers=(FORGE,))

    proof = judged(tmp_path, subject(version="1.1", content="new"), (OTHER,))

    assert codes(proof) == ["TRU774"]
    assert proof.findings[0].values["publisher"] == FORGE.identity
    assert proof.findings[0].values["now"] == OTHER.identity


def test_another_publisher_of_an_older_version_is_told_too(tmp_path: Path) -> None:
    learn(tmp_path, subject(version="2.0"), publishers=(FORGE,))

    assert codes(judged(tmp_path, subject(version="1.0"), (OTHER,))) == ["TRU774"]


def test_each_former_publisher_of_a_project_may_publish(tmp_path: Path) -> None:
    learn(tmp_path, subject(), publishers=(FORGE,))
    learn(tmp_path, subject(version="1.1"), publishers=(OTHER,), time=JUNE)

    assert judged(tmp_path, subject(version="1.2"), (FORGE,)) == Proof()


def test_a_publisher_of_another_project_says_nothing(tmp_path: Path) -> None:
    learn(tmp_path, subject("other"), publishers=(OTHER,))

    assert judged(tmp_path, subject()) == Proof()
