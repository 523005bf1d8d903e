"""Which verified publishers are evidence: by the policy, by a lock, by first use, or by nobody's word."""

import pytest

from tests.proof.attestation.conftest import FILENAME, SHA256
from tests.proof.attestation.toy_instance import GITHUB, GITLAB, SLSA, ToyInstance, provenance, statement
from trued.core.evidence import Kind
from trued.core.finding import Level, Place
from trued.proof.attestation import AttestationResult, verify_provenance
from trued.proof.publisher import Publisher, PublisherRule
from trued.proof.subject import ProofSubject
from trued.proof.trusted_root import TrustedRoot

NOW = "2026-11-21T12:00:00Z"
PLACE = Place("trued.toml", 4)
RULE = PublisherRule(
    project="project", kind="github", repository="example/project", workflow="release.yml", place=PLACE
)
ELSEWHERE = PublisherRule(project="project", kind="gitlab", repository="group/sub/project", place=PLACE)
OURS = Publisher(kind="github", repository="example/project", workflow="release.yml")
OTHER = Publisher(kind="github", repository="example/former", workflow="release.yml")


@pytest.fixture(scope="module")
def document(toy: ToyInstance) -> bytes:
    return provenance(toy.attest(statement(FILENAME, SHA256)))


def judged(
    subject: ProofSubject,
    root: TrustedRoot,
    data: bytes | None,
    *,
    rules: tuple[PublisherRule, ...] = (),
    known: tuple[Publisher, ...] = (),
) -> AttestationResult:
    return verify_provenance(subject, data, rules=rules, known=known, roots=root, remembered=None, now=NOW)


def codes(result: AttestationResult) -> list[tuple[str, Level]]:
    return [(finding.code, finding.level) for finding in result.proof.findings]


def test_evidence_names_the_file_the_publisher_the_statement_and_both_times(
    document: bytes, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    [evidence] = judged(subject, toy_root, document, rules=(RULE,)).proof.evidence

    assert evidence.sha256 == SHA256
    assert evidence.kind is Kind.ATTESTATION
    assert evidence.authority == "github repository=example/project workflow=release.yml"
    assert evidence.detail == "publish/v1, logged 2026-03-01T12:01:00Z"
    assert evidence.time == NOW


def test_without_a_rule_or_a_known_publisher_there_is_something_to_record_and_no_evidence(
    document: bytes, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    result = judged(subject, toy_root, document)

    assert result.publishers == (OURS,)
    assert result.proof.evidence == ()
    assert result.proof.findings == ()


def test_a_rule_of_another_project_says_nothing(
    document: bytes, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    rule = PublisherRule(project="another", kind="github", repository="example/another")

    assert judged(subject, toy_root, document, rules=(rule,)).proof.findings == ()


def test_a_known_publisher_is_evidence(document: bytes, toy_root: TrustedRoot, subject: ProofSubject) -> None:
    assert judged(subject, toy_root, document, known=(OURS,)).proof.evidence


def test_one_of_several_rules_is_enough(
    document: bytes, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    result = judged(subject, toy_root, document, rules=(ELSEWHERE, RULE))

    assert result.proof.evidence
    assert result.proof.findings == ()


def test_a_changed_publisher_is_refused_with_both_named(
    document: bytes, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    result = judged(subject, toy_root, document, known=(OTHER,))

    assert codes(result) == [("TRU706", Level.ERROR)]
    assert "example/former" in result.proof.findings[0].values["expected"]
    assert "example/project" in result.proof.findings[0].values["publisher"]


def test_a_changed_publisher_that_the_policy_names_is_told_and_admitted(
    document: bytes, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    result = judged(subject, toy_root, document, rules=(RULE,), known=(OTHER,))

    assert result.proof.evidence
    assert codes(result) == [("TRU706", Level.WARNING)]


def test_a_wrong_publisher_points_at_the_rule(
    document: bytes, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    [finding] = judged(subject, toy_root, document, rules=(ELSEWHERE,)).proof.findings

    assert finding.code == "TRU704"
    assert finding.place == PLACE


def test_lost_provenance_is_refused_where_a_publisher_is_known(
    toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    assert codes(judged(subject, toy_root, None, known=(OURS,))) == [("TRU718", Level.ERROR)]


def test_missing_provenance_is_nothing_to_tell_where_nobody_is_known(
    toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    assert judged(subject, toy_root, None) == judged(subject, toy_root, None, rules=())
    assert judged(subject, toy_root, None).proof.findings == ()


@pytest.mark.parametrize(("environment", "holds"), [("pypi", True), ("test", False), ("", False)])
def test_an_environment_that_the_rule_names_must_be_the_certificates(
    environment: str, holds: bool, toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    claims = {**GITHUB, **({"23": environment} if environment else {})}
    rule = PublisherRule(
        project="project", kind="github", repository="example/project", environment="pypi", place=PLACE
    )

    result = judged(
        subject,
        toy_root,
        provenance(toy.attest(statement(FILENAME, SHA256), claims=claims)),
        rules=(rule,),
    )

    assert bool(result.proof.evidence) is holds
    assert codes(result) == ([] if holds else [("TRU714", Level.ERROR)])


def test_an_environment_that_no_rule_names_is_free(
    toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    data = provenance(toy.attest(statement(FILENAME, SHA256), claims={**GITHUB, "23": "pypi"}))

    assert judged(subject, toy_root, data, rules=(RULE,)).proof.evidence


def test_provenance_of_the_build_is_evidence_too(
    toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    signed = statement(FILENAME, SHA256, predicateType=SLSA, predicate={"buildDefinition": {}})

    [evidence] = judged(subject, toy_root, provenance(toy.attest(signed)), rules=(RULE,)).proof.evidence

    assert evidence.detail.startswith("slsa-provenance/v1")


def test_what_cannot_be_judged_is_a_warning_beside_what_holds(
    toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    review = statement(FILENAME, SHA256, predicateType="https://example.org/review/v1")
    data = provenance(toy.attest(statement(FILENAME, SHA256)), toy.attest(review))

    result = judged(subject, toy_root, data, rules=(RULE,))

    assert result.proof.evidence
    assert codes(result) == [("TRU711", Level.WARNING)]


def test_what_cannot_be_judged_is_a_warning_where_nobody_is_expected(
    toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    claims = {**GITHUB, "1": "https://forge.example.org", "8": "https://forge.example.org"}

    result = judged(subject, toy_root, provenance(toy.attest(statement(FILENAME, SHA256), claims=claims)))

    assert codes(result) == [("TRU713", Level.WARNING)]


def test_what_does_not_verify_is_an_error_even_where_nobody_is_expected(
    toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    data = provenance(toy.attest(statement(FILENAME, "0" * 64)))

    assert codes(judged(subject, toy_root, data)) == [("TRU703", Level.ERROR)]


def test_a_forge_with_groups_is_read_from_the_certificate(
    toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    claimed: dict[str, object] = {
        "kind": "GitLab",
        "repository": "group/sub/project",
        "workflow_filepath": ".gitlab-ci.yml",
        "environment": None,
    }
    data = provenance(toy.attest(statement(FILENAME, SHA256), claims=GITLAB), publisher=claimed)

    result = judged(subject, toy_root, data, rules=(ELSEWHERE,))

    assert [each.authority for each in result.proof.evidence] == [
        "gitlab repository=group/sub/project workflow=.gitlab-ci.yml"
    ]


def test_a_kind_that_only_the_index_knows_is_no_contradiction(
    toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    data = provenance(toy.attest(statement(FILENAME, SHA256)), publisher={"kind": "Our Own User"})

    assert judged(subject, toy_root, data, rules=(RULE,)).proof.evidence


def test_a_rule_of_a_second_file_can_only_ask_for_more(
    document: bytes, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    """Attack: a cloned repository brings a rule that admits a publisher of its own."""
    users = PublisherRule(
        project="project", kind="github", repository="example/former", place=Place("user.toml", 1)
    )

    result = judged(subject, toy_root, document, rules=(users, RULE))

    assert codes(result) == [("TRU704", Level.ERROR)]
    assert result.proof.findings[0].place == Place("user.toml", 1)


def test_files_that_agree_are_both_content(
    document: bytes, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    users = PublisherRule(
        project="*", kind="github", repository="example/project", place=Place("user.toml", 1)
    )

    assert judged(subject, toy_root, document, rules=(users, RULE)).proof.evidence


def test_a_rule_with_the_projects_name_takes_the_place_of_patterns_in_its_file(
    document: bytes, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    pattern = PublisherRule(project="*", kind="github", repository="example/project", place=PLACE)

    assert judged(subject, toy_root, document, rules=(pattern,)).proof.evidence
    assert codes(judged(subject, toy_root, document, rules=(pattern, ELSEWHERE))) == [("TRU704", Level.ERROR)]
