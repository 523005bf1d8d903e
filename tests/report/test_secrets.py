import pytest
from hypothesis import given
from hypothesis import strategies as st

from trued.report.secrets import without_secrets


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://example.org/simple/", "https://example.org/simple/"),
        ("https://user:word@example.org/simple/", "https://user:****@example.org/simple/"),
        ("https://token@example.org/simple/", "https://****@example.org/simple/"),
        ("https://:word@example.org/simple/", "https://****@example.org/simple/"),
        ("https://user:p@ss@example.org/", "https://user:****@example.org/"),
        ("git+https://user:word@example.org/a.git@1.0", "git+https://user:****@example.org/a.git@1.0"),
        (
            "a https://u:v@example.org, b https://w:x@example.org",
            "a https://u:****@example.org, b https://w:****@example.org",
        ),
        ('{"url": "https://u:v@example.org"}', '{"url": "https://u:****@example.org"}'),
        ("https://example.org:8080/a@b", "https://example.org:8080/a@b"),
        ("https://[::1]:8080/a@b", "https://[::1]:8080/a@b"),
        ("mail someone@example.org", "mail someone@example.org"),
    ],
)
def test_user_information_of_urls_is_masked(text: str, shown: str) -> None:
    assert without_secrets(text) == shown


@pytest.mark.parametrize("word", ["pa/ss", "pa?ss", "pa#ss"])
def test_a_password_that_should_have_been_encoded_is_masked_too(word: str) -> None:
    assert without_secrets(f"https://user:{word}@example.org/a") == "https://user:****@example.org/a"


def test_a_known_secret_is_masked_wherever_it_stands() -> None:
    assert without_secrets("Authorization: abc123", ("abc123",)) == "Authorization: ****"


def test_a_secret_that_holds_another_is_masked_whole() -> None:
    assert without_secrets("abc123", ("abc", "abc123")) == "****"


def test_an_empty_secret_masks_nothing() -> None:
    assert without_secrets("text", ("",)) == "text"


@given(st.text(alphabet="abcdefghXYZ0123456789!$%^&*()-_=+@", min_size=6))
def test_no_password_of_a_url_is_ever_shown(password: str) -> None:
    assert f"SeCrEt{password}" not in without_secrets(
        f"get https://user:SeCrEt{password}@example.org/simple/ now"
    )
