"""The toy instance and the file that it attests, made once."""

import hashlib
from pathlib import Path

import pytest

from tests.proof.attestation.toy_instance import ToyInstance
from trued.core.names import ProjectName
from trued.proof.subject import ProofSubject
from trued.proof.trusted_root import TrustedRoot

FILENAME = "project-1.0-py3-none-any.whl"
SHA256 = hashlib.sha256(b"the wheel").hexdigest()


@pytest.fixture(scope="session")
def toy() -> ToyInstance:
    return ToyInstance()


@pytest.fixture(scope="session")
def toy_root(toy: ToyInstance, tmp_path_factory: pytest.TempPathFactory) -> TrustedRoot:
    folder: Path = tmp_path_factory.mktemp("toy")
    return toy.trusted_root(folder)


@pytest.fixture
def subject() -> ProofSubject:
    return ProofSubject(project=ProjectName("project"), version="1.0", filename=FILENAME, sha256=SHA256)
