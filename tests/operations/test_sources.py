"""What a line says of its source, before anything of it is fetched."""

import pytest

from trued.operations.sources import direct_of
from trued.requirements.files import read_requirements


@pytest.mark.parametrize(
    ("url", "address", "revision"),
    [
        ("git+https://example.org/own@1f", "https://example.org/own", "1f"),
        ("git+https://example.org/own@feature/a@b", "https://example.org/own@feature/a", "b"),
        ("git+https://example.org/own", "https://example.org/own", None),
        ("git+ssh://git@example.org/own", "ssh://git@example.org/own", None),
        ("git+ssh://git@example.org/own@1f", "ssh://git@example.org/own", "1f"),
        ("git+file:///srv/own@1f", "file:///srv/own", "1f"),
    ],
)
def test_a_repository_and_its_revision_are_told_apart(url: str, address: str, revision: str | None) -> None:
    read = read_requirements((), arguments=[f"own @ {url}"], environ={}, open_url=None)

    direct = direct_of(read.requirements[0], "/work")

    assert (direct.vcs, direct.commit_id) == ("git", revision)
    assert (direct.url or "").replace("git@", "") == address.replace("git@", "")
