"""Keys for the tests of signatures, made once for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.proof.gpg import Gpg, PgpKey


@pytest.fixture(scope="session")
def gpg() -> Iterator[Gpg]:
    home = Gpg()
    yield home
    home.close()


@pytest.fixture(scope="session")
def maintainer(gpg: Gpg) -> PgpKey:
    """The key that the project signs with."""
    return gpg.key("Maintainer <maintainer@example.org>")


@pytest.fixture(scope="session")
def stranger(gpg: Gpg) -> PgpKey:
    """A good key of somebody else."""
    return gpg.key("Maintainer <maintainer@example.org> (not)")
