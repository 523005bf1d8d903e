"""Results are remembered, so that a warm run verifies nothing again, and never taken for another file's."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.proof.attestation.conftest import FILENAME, SHA256
from tests.proof.attestation.samples import FOLDER, sample
from tests.proof.attestation.toy_instance import ToyInstance, provenance, statement
from trued.core.errors import OperationalError
from trued.proof.attestation import AttestationResult, verify_provenance
from trued.proof.publisher import Publisher, PublisherRule
from trued.proof.subject import ProofSubject
from trued.proof.trusted_root import TrustedRoot
from trued.proof.verified_memory import EDITION, VerifiedAttestation, recall, result_text

NOW = "2026-11-21T12:00:00Z"
RULE = PublisherRule(project="project", kind="github", repository="example/project")
OTHER = PublisherRule(project="project", kind="github", repository="example/other")
HELD = VerifiedAttestation(
    publisher=Publisher(kind="github", repository="example/project", workflow="a release.yml"),
    predicate="publish/v1",
    signed_at=1_772_366_460,
)


class Memory:
    """A memory in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, str], str] = {}

    def recall(self, *, file: str, bundle: str, root: str) -> str | None:
        return self.kept.get((file, bundle, root))

    def remember(self, *, file: str, bundle: str, root: str, result: str) -> None:
        self.kept[file, bundle, root] = result


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture(scope="module")
def document(toy: ToyInstance) -> bytes:
    return provenance(toy.attest(statement(FILENAME, SHA256)))


@pytest.fixture
def lost_root(toy_root: TrustedRoot, tmp_path: Path) -> TrustedRoot:
    """A root of the same digest whose file is gone: whoever verifies with it fails."""
    return TrustedRoot(tmp_path / "gone.json", sha256=toy_root.sha256)


def judged(
    subject: ProofSubject, root: TrustedRoot, data: bytes, memory: Memory, rule: PublisherRule = RULE
) -> AttestationResult:
    return verify_provenance(subject, data, rules=[rule], known=(), roots=root, remembered=memory, now=NOW)


def test_a_remembered_result_is_the_same_and_needs_no_trusted_root(
    document: bytes, toy_root: TrustedRoot, lost_root: TrustedRoot, subject: ProofSubject, memory: Memory
) -> None:
    first = judged(subject, toy_root, document, memory)

    again = judged(subject, lost_root, document, memory)

    assert first.proof.evidence
    assert again == first


def test_what_is_remembered_is_the_publisher_and_not_the_judgement(
    document: bytes, toy_root: TrustedRoot, lost_root: TrustedRoot, subject: ProofSubject, memory: Memory
) -> None:
    judged(subject, toy_root, document, memory)

    again = judged(subject, lost_root, document, memory, OTHER)

    assert [finding.code for finding in again.proof.findings] == ["TRU704"]


def test_a_refusal_is_not_remembered(
    toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject, memory: Memory
) -> None:
    judged(subject, toy_root, provenance(toy.attest(statement(FILENAME, "0" * 64))), memory)

    assert memory.kept == {}


def test_another_name_for_the_file_is_verified_anew(
    document: bytes, toy_root: TrustedRoot, subject: ProofSubject, memory: Memory
) -> None:
    judged(subject, toy_root, document, memory)
    renamed = ProofSubject(
        project=subject.project, version="2.0", filename="project-2.0-py3-none-any.whl", sha256=SHA256
    )

    result = judged(renamed, toy_root, document, memory)

    assert [finding.code for finding in result.proof.findings] == ["TRU703"]


def test_another_provenance_and_another_root_are_verified_anew(
    document: bytes, toy_root: TrustedRoot, lost_root: TrustedRoot, subject: ProofSubject, memory: Memory
) -> None:
    judged(subject, toy_root, document, memory)

    with pytest.raises(OperationalError):
        judged(subject, lost_root, document + b" ", memory)
    with pytest.raises(OperationalError):
        judged(subject, TrustedRoot(lost_root.path, sha256="0" * 64), document, memory)


def test_a_result_is_read_as_it_was_written() -> None:
    text = result_text(FILENAME, (HELD, HELD))

    assert recall(text, filename=FILENAME) == (HELD, HELD)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        f"{EDITION}0\t{FILENAME}\npublish/v1\t1\tgithub repository=x/y",
        f"{EDITION}\tother.whl\npublish/v1\t1\tgithub repository=x/y",
        f"{EDITION}\t{FILENAME}\npublish/v1\tsoon\tgithub repository=x/y",
        f"{EDITION}\t{FILENAME}\npublish/v1\t1\tforge repository=x/y",
        f"{EDITION}\t{FILENAME}\npublish/v1\t1",
        f"{EDITION}\t{FILENAME}",
    ],
    ids=["none", "empty", "edition", "name", "time", "publisher", "short", "nothing"],
)
def test_what_cannot_be_read_was_not_remembered(text: str | None) -> None:
    assert recall(text, filename=FILENAME) == ()


def test_a_warm_run_imports_no_library_of_signatures() -> None:
    pair = sample("sampleproject-4.0.0.tar.gz.provenance")
    code = WARM.format(
        path=str(FOLDER / pair.name), filename=pair.subject.filename, sha256=pair.subject.sha256
    )

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.split() == ["1"]


WARM = """
import sys
from trued.proof.attestation import verify_provenance
from trued.proof.publisher import PublisherRule
from trued.proof.subject import ProofSubject
from trued.proof.trusted_root import shipped_root

class Memory:
    def recall(self, **keys):
        return "1\\t{filename}\\npublish/v1\\t1\\tgithub repository=example/project workflow=release.yml"

subject = ProofSubject(project="project", version="1", filename="{filename}", sha256="{sha256}")
rule = PublisherRule(project="project", kind="github", repository="example/project")
data = open("{path}", "rb").read()
now = "2026-11-21T12:00:00Z"
result = verify_provenance(
    subject, data, rules=[rule], known=(), roots=shipped_root(), remembered=Memory(), now=now
)
heavy = {{"sigstore", "sigstore_models", "cryptography", "pydantic", "requests", "tuf", "json", "packaging"}}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
print(len(result.proof.evidence))
"""
