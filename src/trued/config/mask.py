"""Credentials in URLs, taken out of everything that is shown."""

from __future__ import annotations

__all__ = ["has_secret", "masked"]


def masked(text: str) -> str:
    """Return *text* with the user and password of every URL in it replaced by ``****``.

    Words are looked at one by one, so a list of URLs separated by spaces is masked as a whole. A proxy may
    stand without its scheme (``user:password@host:8080``).
    """
    return " ".join(_masked_word(word) for word in text.split(" "))


def has_secret(text: str) -> bool:
    """Tell whether a URL in *text* carries credentials."""
    return masked(text) != text


def _masked_word(word: str) -> str:
    scheme, separator, rest = word.rpartition("://")
    if not separator and ":" not in word.partition("@")[0]:
        return word
    authority = rest.partition("/")[0]
    if "@" not in authority and not _is_cut_password(authority):
        return word
    _, at, host = (authority if "@" in authority else rest).rpartition("@")
    tail = rest[len(authority) :] if "@" in authority else ""
    return f"{scheme}{separator}****@{host}{tail}" if at else word


def _is_cut_password(authority: str) -> bool:
    """Tell whether what follows the colon is no port, but a password that holds a ``/``."""
    _, colon, port = authority.rpartition(":")
    return bool(colon and port) and not port.isdigit() and not authority.endswith("]")
