"""Which addresses git is given: each refusal names the way in which one was used before."""

import pytest

from trued.build.git_address import UnfitAddress, is_full_commit, read_address
from trued.requirements.url import Credentials

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("url", "address", "revision"),
    [
        ("git+https://example.org/a/b.git", "https://example.org/a/b.git", ""),
        ("git+https://example.org/a/b.git@v1.0", "https://example.org/a/b.git", "v1.0"),
        (f"git+https://example.org/a@{COMMIT}", "https://example.org/a", COMMIT),
        ("git+https://example.org:8443/a@feature/x", "https://example.org:8443/a", "feature/x"),
        ("git+ssh://git@example.org/a/b.git@v1", "ssh://git@example.org/a/b.git", "v1"),
        ("git+ssh://[::1]:22/a", "ssh://[::1]:22/a", ""),
        ("git+file:///srv/a@b/c@v1", "file:///srv/a@b/c", "v1"),
        ("git+file://localhost/srv/a", "file:///srv/a", ""),
    ],
)
def test_an_address_and_the_revision_behind_its_last_at_sign(url: str, address: str, revision: str) -> None:
    found = read_address(url)

    assert (found.url, found.revision) == (address, revision)


def test_the_account_of_an_ssh_address_stays_and_no_other_credentials_do() -> None:
    account = Credentials("git", "")

    assert read_address("git+ssh://example.org/a", account).url == "ssh://git@example.org/a"
    assert read_address("git+https://example.org/a", Credentials("me", "x")).url == "https://example.org/a"


@pytest.mark.parametrize(
    "url",
    [
        "git+ext::sh -c touch% /tmp/x",  # a command as a transport
        "git+https://ext::sh/x",
        "git+git://example.org/a",  # neither encrypted nor authenticated
        "git+ftp://example.org/a",
        "git+ssh://-oProxyCommand=touch/a",  # CVE-2017-1000117: read as an option by ssh
        "git+ssh://-x@example.org/a",
        "git+file:///-upload-pack=touch",
        "git+https://example.org/--upload-pack=touch",
        "git+https://example.org/a%0ahost=evil.example.org",  # CVE-2020-5260: a further line
        "git+https://example.org/a\nb",
        "git+https://example.org/a b",
        "git+https://example.org/a\\b",
        "git+https://example.org/a?b",
        "git+https://example.org/a@--upload-pack=touch",  # a revision that is an option
        "git+https://example.org/a@-x",
        "git+https://example.org/a@a..b",
        "git+https://example.org/a@HEAD@{1}",
        "git+https://example.org/a@*",
        "git+https://example.org/a@x:refs/heads/y",  # a refspec
        "git+https://example.org/a@^x",
        "git+https://example.org",
        "git+https:///a",
        "git+file://other.example.org/a",
    ],
)
def test_what_git_or_ssh_could_read_otherwise_is_refused(url: str) -> None:
    with pytest.raises(UnfitAddress):
        read_address(url)


def test_a_password_for_ssh_is_refused_without_showing_it() -> None:
    with pytest.raises(UnfitAddress) as refused:
        read_address("git+ssh://example.org/a", Credentials("git", "secret"))

    assert "secret" not in refused.value.reason


@pytest.mark.parametrize("text", [COMMIT, COMMIT + "0" * 24])
def test_forty_or_sixty_four_digits_are_a_full_commit(text: str) -> None:
    assert is_full_commit(text)


@pytest.mark.parametrize("text", [COMMIT[:39], COMMIT + "0", COMMIT.upper(), "main", "g" * 40, COMMIT + "\n"])
def test_anything_else_is_not(text: str) -> None:
    assert not is_full_commit(text)
