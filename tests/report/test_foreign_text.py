import pytest
from hypothesis import given
from hypothesis import strategies as st

from trued.report.foreign_text import foreign_text, secrets_among


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("get https://user:word@example.org/simple/", "get https://user:****@example.org/simple/"),
        ("https://example.org/a.whl?X-Signature=abc&Expires=1", "https://example.org/a.whl?****"),
        ("header Authorization: Basic am9lOmh1bnRlcjI=", "header Authorization: **** ****"),
        ("sent Basic am9lOmh1bnRlcjI= twice", "sent Basic **** twice"),
        ("sent bearer abc.def-123", "sent bearer ****"),
        ("Client(user='joe', password='hun ter2')", "Client(user='joe', password=****)"),
        ("{'api_key': 'abc'}", "{'api_key': ****}"),
        ("INDEX_TOKEN=abc, next", "INDEX_TOKEN=****, next"),
        ("proxy joe:hunter2@127.0.0.1:8080 does not answer", "proxy ****@127.0.0.1:8080 does not answer"),
        ("ghp_0123456789abcdefghij is refused", "**** is refused"),
    ],
)
def test_what_may_be_a_credential_is_taken_out(text: str, shown: str) -> None:
    assert foreign_text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "list index out of range",
        "'NoneType' object has no attribute 'name'",
        "[Errno 2] No such file or directory: '/home/joe/demo-1.0-py3-none-any.whl'",
        'File "/usr/lib/python3.11/json/decoder.py", line 355, in raw_decode',
        "unsupported operand type(s) for +: 'int' and 'str'",
        "git+https://example.org/a.git@1.0 has no commit",
        "invalid literal for int() with base 10: 'x'",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert foreign_text(text) == text


def test_the_secrets_of_a_call_are_those_of_its_urls_and_of_variables_with_a_secret_name() -> None:
    found = secrets_among(
        ["https://joe:p%40ss@example.org/simple/", "demo==1.0"],
        {"PIP_INDEX_URL": "https://tok123@example.org/", "DEPLOY_TOKEN": "abc123", "HOME": "/home/joe"},
    )

    assert {"p%40ss", "p@ss", "joe:p@ss", "am9lOnBAc3M=", "tok123", "abc123"} <= set(found)
    assert not {"joe", "/home/joe", "demo==1.0"} & set(found)


@given(st.text(alphabet="abcdefghXYZ0123456789!$%^&*()-_=+@", min_size=6))
def test_no_password_of_a_url_of_the_call_is_shown_wherever_it_stands(password: str) -> None:
    secret = f"SeCrEt{password}"
    known = secrets_among([f"https://joe:{secret}@example.org/simple/"], {})

    assert secret not in foreign_text(f"('joe', {secret!r}) and {secret}", known)
