import pytest

from trued.config.mask import has_secret, masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://user:secret@example.org/simple", "https://****@example.org/simple"),
        ("https://token@example.org", "https://****@example.org"),
        ("https://u:p@ss@example.org/x", "https://****@example.org/x"),
        ("https://u:p/w@example.org/x", "https://****@example.org/x"),
        ("user:secret@proxy.example.org:8080", "****@proxy.example.org:8080"),
        ("/a https://u:p@example.org /b", "/a https://****@example.org /b"),
    ],
)
def test_credentials_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown
    assert has_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org:8080/simple/@scope",
        "https://[::1]:80/@x",
        "name@example.org",
        "/a/b@c",
        "",
    ],
)
def test_what_holds_no_credentials_stays(text: str) -> None:
    assert masked(text) == text
    assert not has_secret(text)
