"""Text that trued did not write, such as the message of an unexpected error, made fit to be shown.

What trued says of itself holds secrets in URLs at most, and :mod:`trued.report.secrets` masks those. The
message of a library, or of Python, may hold anything that was in hand: a header, an argument of git, the
query of a signed address, a user and a password in parentheses. So more is taken out here than may be
secret: what is lost of a message costs a question, what stays of a password costs the password.
"""

from __future__ import annotations

import re
from base64 import b64encode
from urllib.parse import quote, unquote

from trued.report.secrets import MASK, without_secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["foreign_text", "secrets_among"]

_URL_USER = re.compile(r"://([^\s/?#\"'<>]*)@|://([^\s\"'<>]*:[^\s\"'<>]*)@")
_QUERY = re.compile(r"(://[^\s?#\"'<>]*\?)[^\s#\"'<>]+")
_AUTHORIZATION = re.compile(r"(?i)\b(basic|bearer|token|digest|negotiate)(\s+|%20)([\w+/=.~-]{6,})")
_STATED = re.compile(
    r"(?i)(\b[\w-]*(?:password|passwd|passphrase|secret|token|api[_-]?key|authorization|credential|cookie)s?"
    r"['\"]?\s*[=:]\s*)(?:(['\"]).*?\2|[^\s,;&)}\]]+)"
)
_SHAPED = re.compile(r"\b(?:gh[opsur]_|github_pat_|glpat-|xox[abprs]-|AKIA|py" + r"pi-|eyJ)[\w.-]{12,}")
_WITHOUT_SCHEME = re.compile(r"(?<![\w/@:.-])[\w.%+-]+:[^\s@/'\"]+@(?=[\w.-]+)")
_SECRET_NAME = re.compile(r"(?i)password|passwd|passphrase|secret|token|api_?key|credential")
_LEAST_CHARACTERS = 4
"""A shorter word is masked only where its place says that it is secret: else nothing could be read."""


def foreign_text(text: str, known: Iterable[str] = ()) -> str:
    """Return *text* without the words in *known* and without whatever looks like a credential."""
    text = without_secrets(text, known)
    text = _QUERY.sub(rf"\1{MASK}", text)
    text = _AUTHORIZATION.sub(rf"\1\2{MASK}", text)
    text = _STATED.sub(rf"\1{MASK}", text)
    text = _SHAPED.sub(MASK, text)
    return _WITHOUT_SCHEME.sub(f"{MASK}@", text)


def secrets_among(texts: Iterable[str], variables: Mapping[str, str]) -> tuple[str, ...]:
    """Return the secrets of a call: what URLs in *texts* and *variables* carry, and what names call secret.

    Each as it stands, percent-decoded and encoded, and as HTTP sends it (RFC 7617).
    """
    found = {value for name, value in variables.items() if _SECRET_NAME.search(name)}
    for text in (*texts, *variables.values()):
        for match in _URL_USER.finditer(text):
            found.update(_forms(match[1] or match[2] or ""))
    return tuple(sorted(one for one in found if len(one) >= _LEAST_CHARACTERS))


def _forms(user_info: str) -> Iterator[str]:
    """Yield what a reader of *user_info* could use: a name alone is often a token, one before a colon not."""
    user, colon, password = user_info.partition(":")
    secret = password if colon else user
    yield from (user_info, secret, unquote(secret), quote(unquote(secret), safe=""))
    pair = f"{unquote(user)}:{unquote(password)}"
    yield from (pair, b64encode(pair.encode("utf-8", "surrogateescape")).decode())
