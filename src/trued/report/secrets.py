"""Secrets taken out of what is shown: user information in URLs, and words that are known to be secret."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MASK", "without_secrets"]

MASK = "****"
_ENDS_OF_AUTHORITY = "/?#\\ \t\r\n\"'<>"


def without_secrets(text: str, known: Iterable[str] = ()) -> str:
    """Return *text* with each *known* secret and the user information of each URL replaced by ``****``.

    The user's name stays where a password follows it, as pip shows URLs (``https://user:****@host``); a name
    alone is often a token and goes.
    """
    for secret in sorted(filter(None, known), key=len, reverse=True):
        text = text.replace(secret, MASK)
    head, *rest = text.split("://")
    return "://".join([head, *(_masked(part) for part in rest)])


def _masked(after_scheme: str) -> str:
    end = min((at for at in map(after_scheme.find, _ENDS_OF_AUTHORITY) if at >= 0), default=len(after_scheme))
    user_info, separator, host = after_scheme[:end].rpartition("@")
    if not separator:
        return _masked_past_the_end(after_scheme, end)
    user, colon, _ = user_info.partition(":")
    shown = f"{user}:{MASK}" if colon and user else MASK
    return f"{shown}@{host}{after_scheme[end:]}"


def _masked_past_the_end(after_scheme: str, end: int) -> str:
    """Mask a password that itself holds a ``/``, ``?`` or ``#`` and was not percent-encoded."""
    host, colon, port = after_scheme[:end].partition(":")
    word_end = min(
        (at for at in map(after_scheme.find, " \t\r\n\"'<>") if at >= 0), default=len(after_scheme)
    )
    _, separator, real_host = after_scheme[:word_end].rpartition("@")
    if not colon or port.isdigit() or not port or not separator or host.startswith("["):
        return after_scheme
    return f"{host}:{MASK}@{real_host}{after_scheme[word_end:]}"
