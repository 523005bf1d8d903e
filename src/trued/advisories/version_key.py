"""Versions as text that sorts as PEP 440 orders them, so that matching needs no version parser (lean).

A number is written as its length and its decimal digits, so that longer numbers are greater and no integer is
built from foreign digits. The parts follow in the order in which PEP 440 compares them ("Summary of permitted
suffixes and relative ordering"); all characters are printable, none is a space or a line break.
"""

from __future__ import annotations

__all__ = ["FIRST", "LOCAL", "NO_LOCAL", "version_key"]

FIRST = ""
"""The key of OSV's special version "0": it sorts before every other."""

NO_LOCAL = "0"
LOCAL = "1"
"""A key ends with NO_LOCAL, or with LOCAL and the segments of the local version."""

_END = "!"
_NUMBER = 0x23
_LONG = 0x7E
_NOT_PRE = "4"
_PRE = {"a": "1", "alpha": "1", "b": "2", "beta": "2", "c": "3", "rc": "3", "pre": "3", "preview": "3"}
_ONLY_DEV = "0"
_PLAIN_SUFFIX = _END + _NOT_PRE + "0" + "1" + NO_LOCAL

_PATTERN = (
    r"v?(?:(?P<epoch>[0-9]+)!)?(?P<release>[0-9]+(?:\.[0-9]+)*)"
    r"(?:[-_.]?(?P<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?P<pre_number>[0-9]+)?)?"
    r"(?P<post>-(?P<implicit>[0-9]+)|[-_.]?(?:post|rev|r)[-_.]?(?P<post_number>[0-9]+)?)?"
    r"(?P<dev>[-_.]?dev[-_.]?(?P<dev_number>[0-9]+)?)?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?"
)


def version_key(text: str) -> str | None:
    """Return a text that sorts and compares as the version *text* does, ``None`` when it is no version.

    The grammar is PEP 440's, appendix B. Equal versions (``1.0`` and ``v1.0.0``) have equal keys.
    """
    numbers = text.split(".")
    for number in numbers:
        if not (number.isdecimal() and number.isascii()):
            return _parsed_key(text)
    return chr(_NUMBER) + _release(numbers) + _PLAIN_SUFFIX


def _parsed_key(text: str) -> str | None:
    import re

    found = re.fullmatch(_PATTERN, text.strip(), re.IGNORECASE | re.ASCII)
    if found is None:
        return None
    part = found.groupdict()
    key = _number(part["epoch"] or "") + _release(part["release"].split(".")) + _END
    pre, post, dev = part["pre"], part["post"], part["dev"]
    if pre is not None:
        key += _PRE[pre.lower()] + _number(part["pre_number"] or "")
    else:
        key += _ONLY_DEV if post is None and dev is not None else _NOT_PRE
    key += "0" if post is None else "1" + _number(part["implicit"] or part["post_number"] or "")
    key += "1" if dev is None else "0" + _number(part["dev_number"] or "")
    return key + (NO_LOCAL if part["local"] is None else LOCAL + _local(part["local"].lower()))


def _release(numbers: list[str]) -> str:
    """Write the numbers without the zeros at the end, which do not count (1.0 equals 1)."""
    written = [_number(number) for number in numbers]
    while written and written[-1] == chr(_NUMBER):
        written.pop()
    return "".join(written)


def _number(digits: str) -> str:
    digits = digits.lstrip("0")
    length = len(digits)
    if length < _LONG - _NUMBER:
        return chr(_NUMBER + length) + digits
    return f"{chr(_LONG)}{length:012d}{digits}"


def _local(text: str) -> str:
    """Write the segments: words sort before numbers, and a longer label after its beginning."""
    key = ""
    for segment in text.replace("-", ".").replace("_", ".").split("."):
        key += "2" + _number(segment) if segment.isdecimal() else "1" + segment + _END
    return key + _END
