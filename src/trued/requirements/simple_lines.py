"""The plainest requirements files, read without any import: pinned names with digests, as locks are exported.

Everything that is not surely read the same by :mod:`trued.requirements.files` is left to it: the answer is
then ``None``. A property test holds the two together. Kept free of imports, and of work a digest, because a
warm ``trued install`` has about ten milliseconds (see the performance page of the documentation).
"""

from __future__ import annotations

__all__ = ["read_plainly", "read_simple"]

_JOINED = "\0"
"""Stands for a backslash and a line end, so that lines can still be counted after joining."""

_SHOWN = bytes(range(0x20, 0x7F)) + b"\n"
_HEX = b"0123456789abcdef"
_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}
_SHA256 = " --hash=sha256:"
_SHA256_LENGTH = len("--hash=sha256:") + 64

Line = tuple[str, str, tuple[str, ...], tuple[str, ...], int]
"""Normalised name, version as written, sorted normalised extras, digests ``algorithm:hex``, first line."""


def read_simple(data: bytes) -> list[Line] | None:
    """Return the pinned, hashed requirements of the file *data*, or ``None`` when it needs the full reader.

    Takes ``name[extra,…]==version`` with at least one ``--hash=algorithm:hex``, comments, blank lines and
    ``--require-hashes``; ASCII; no project twice; no markers, variables, tabs or other options.
    """
    found = read_plainly(data)
    return found[0] if found else None


def read_plainly(data: bytes) -> tuple[list[Line], list[str], list[int]] | None:
    """Return, beside what :func:`read_simple` returns, each requirement as written and ``--require-hashes``.

    Of the latter the lines on which it stands.
    """
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    if data.translate(None, _SHOWN) or b"$" in data or _declares_an_encoding(data):
        return None
    lines: list[Line] = []
    texts: list[str] = []
    required: list[int] = []
    values: list[str] = []
    number = 1
    for line in data.decode("ascii").replace("\\\n", _JOINED).split("\n"):
        first = number
        number += 1 + line.count(_JOINED)
        if "#" in line:
            at = line.find("#")
            if _JOINED in line[at:] or (at and line[at - 1] != " "):
                return None
            line = line[:at]
        words = line.replace(_JOINED, "").split()
        if not words:
            continue
        if words == ["--require-hashes"]:
            required.append(first + line.partition("-")[0].count(_JOINED))
            continue
        text = words.pop(0)
        requirement = _pinned(text)
        value = _values(words)
        if requirement is None or not value:
            return None
        texts.append(text)
        values.append(value)
        lines.append((*requirement, tuple([word[7:] for word in words]), first))
    if "".join(values).encode().translate(None, _HEX) or len({line[0] for line in lines}) != len(lines):
        return None
    return (lines, texts, required) if lines else None


def _declares_an_encoding(data: bytes) -> bool:
    return any(b"coding" in line for line in data.split(b"\n", 2)[:2])


def _values(words: list[str]) -> str:
    """Return the values of the ``--hash`` options *words* in one string; empty when one is no such option.

    Mostly all are sha256. Then each word is of one length, and as many beginnings as there are words can be
    taken away.
    """
    together = " ".join(["", *words]).replace(_SHA256, "")
    if len(together) == 64 * len(words) and set(map(len, words)) == {_SHA256_LENGTH}:
        return together
    values = []
    for word in words:
        algorithm, _, value = word[7:].partition(":")
        if not word.startswith("--hash=") or _LENGTHS.get(algorithm) != len(value):
            return ""
        values.append(value)
    return "".join(values)


def _pinned(word: str) -> tuple[str, str, tuple[str, ...]] | None:
    """Return name, version and extras of ``name[extra]==version``."""
    name, _, version = word.partition("==")
    extras: tuple[str, ...] = ()
    if name.endswith("]"):
        name, _, inside = name[:-1].partition("[")
        names = [_normalized(extra) for extra in inside.split(",")]
        if "" in names:
            return None
        extras = tuple(sorted(set(names)))
    normalized = _normalized(name)
    return (normalized, version, extras) if normalized and _is_plain_version(version) else None


def _normalized(name: str) -> str:
    """Return the normalised name (PEP 503); empty when it is no name."""
    if not name[:1].isalnum() or not name[-1:].isalnum():
        return ""
    folded = name.lower().replace("_", "-").replace(".", "-")
    if not folded.replace("-", "").isalnum():
        return ""
    while "--" in folded:
        folded = folded.replace("--", "-")
    return folded


def _is_plain_version(version: str) -> bool:
    """Tell whether *version* is ``1.2.3``, perhaps with ``a1``, ``beta1``, ``rc1``, ``.post1``, ``.dev1``."""
    if _is_release(version):
        return True
    for mark in (".dev", ".post"):
        before, found, number = version.partition(mark)
        if found:
            if not number.isdigit():
                return False
            version = before
    for mark in ("alpha", "beta", "rc", "a", "b"):
        before, found, number = version.partition(mark)
        if found:
            return number.isdigit() and _is_release(before)
    return _is_release(version)


def _is_release(text: str) -> bool:
    return text.replace(".", "").isdigit() and text[0] != "." != text[-1] and ".." not in text
