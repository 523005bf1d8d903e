"""Which publisher a certificate names: all its extensions together, or none."""

import base64

import pytest
from cryptography.x509 import Certificate, load_der_x509_certificate

from tests.proof.attestation.conftest import FILENAME, SHA256
from tests.proof.attestation.toy_instance import GITHUB, GITLAB, ToyInstance, statement
from trued.proof.publisher import Publisher, UnknownPublisher
from trued.proof.signing_certificate import publisher_of

GOOGLE = {"1": "https://accounts.google.com", "8": "https://accounts.google.com"}
CIRCLECI = {
    "8": "https://oidc.circleci.com",
    "9": "https://circleci.com/api/v2/projects/12-34/pipeline-definitions/56-78",
    "12": "github.com/example/project",
}
CONFIG = "https://github.com/example/project/.github/workflows/release.yml"


def certificate(toy: ToyInstance, claims: dict[str, str], email: str = "") -> Certificate:
    attestation = toy.attest(statement(FILENAME, SHA256), claims=claims, email=email)
    return load_der_x509_certificate(base64.b64decode(attestation["verification_material"]["certificate"]))


@pytest.mark.parametrize("suffix", ["refs/tags/v1", GITHUB["13"]])
def test_a_workflow_of_a_repository(suffix: str, toy: ToyInstance) -> None:
    claims = {**GITHUB, "18": f"{CONFIG}@{suffix}", "23": "pypi"}

    assert publisher_of(certificate(toy, claims)) == Publisher(
        kind="github", repository="example/project", workflow="release.yml", environment="pypi"
    )


def test_a_pipeline_of_a_group(toy: ToyInstance) -> None:
    assert publisher_of(certificate(toy, GITLAB)) == Publisher(
        kind="gitlab", repository="group/sub/project", workflow=".gitlab-ci.yml"
    )


def test_a_service_account(toy: ToyInstance) -> None:
    found = publisher_of(certificate(toy, GOOGLE, "builder@project.example.org"))

    assert found == Publisher(kind="google", email="builder@project.example.org")


def test_a_pipeline_definition(toy: ToyInstance) -> None:
    assert publisher_of(certificate(toy, CIRCLECI)) == Publisher(
        kind="circleci",
        project_id="12-34",
        pipeline_definition_id="56-78",
        repository="github.com/example/project",
    )


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"8": "https://forge.example.org"},
        {**GITHUB, "8": "https://token.actions.githubusercontent.com/somebody", "1": ""},
        {**GITHUB, "1": "https://gitlab.com"},
        {**GITHUB, "12": "https://github.com/"},
        {**GITHUB, "12": "https://gitlab.com/example/project"},
        {**GITHUB, "12": "https://github.com/example/projects"},
        {**GITHUB, "18": "https://github.com/example/project-of-mine/.github/workflows/r.yml@refs/tags/v1"},
        {**GITHUB, "18": f"{CONFIG}@refs/tags/v2"},
        {**GITHUB, "18": CONFIG},
        {**GITHUB, "18": "https://github.com/example/project/.github/workflows/@refs/tags/v1"},
        {name: GITHUB[name] for name in ("8", "12", "18")},
        {name: GITHUB[name] for name in ("8", "13", "14", "18")},
        {name: GITHUB[name] for name in ("8", "12", "13", "14")},
        {**GITLAB, "18": "https://gitlab.com/group/sub/project/.gitlab-ci.yml@refs/heads/main"},
        GOOGLE,
        {"8": "https://oidc.circleci.com"},
        {**CIRCLECI, "9": "https://circleci.com/api/v2/projects/12-34"},
        {**CIRCLECI, "9": "https://example.org/12-34/pipeline-definitions/56-78"},
    ],
    ids=range(19),
)
def test_a_certificate_that_names_no_publisher(claims: dict[str, str], toy: ToyInstance) -> None:
    with pytest.raises(UnknownPublisher):
        publisher_of(certificate(toy, claims))


def test_a_ref_with_an_at_sign_is_not_taken_for_a_workflow(toy: ToyInstance) -> None:
    """Attack: a branch is named so that the text before its own `@` reads as another workflow."""
    ref = "refs/heads/x@refs/tags/v1"
    claims = {**GITHUB, "14": ref, "18": f"{CONFIG}@{ref}"}

    assert publisher_of(certificate(toy, claims)).workflow == "release.yml"
