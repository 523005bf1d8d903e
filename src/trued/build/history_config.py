"""What a copy of a repository needs of its ``.git/config`` to be read as git wrote it, and nothing else.

A configuration may hold a token in an address, and name programs that git runs (``core.fsmonitor``,
``filter.*``, aliases, ``include.path``). A few settings say in which form the repository is kept: without
them git takes a SHA-256 repository for a broken one, and files with other line ends for changed ones.
"""

from __future__ import annotations

import re

__all__ = ["kept_config"]

_TRUTH = frozenset(("true", "false"))
_KEPT = {
    ("core", "repositoryformatversion"): frozenset(("0", "1")),
    ("core", "autocrlf"): _TRUTH | {"input"},
    ("core", "eol"): frozenset(("lf", "crlf", "native")),
    ("core", "ignorecase"): _TRUTH,
    ("core", "precomposeunicode"): _TRUTH,
    ("extensions", "objectformat"): frozenset(("sha1", "sha256")),
    ("extensions", "refstorage"): frozenset(("files", "reftable")),
}
"""Each setting with all values that it may have."""
_SECTION = re.compile(r"\[\s*([A-Za-z0-9.-]+)\s*\]")
_SETTING = re.compile(r"([A-Za-z][A-Za-z0-9-]*)\s*=\s*\"?([A-Za-z0-9]+)\"?\s*(?:[#;].*)?")


def kept_config(data: bytes) -> bytes:
    """Return the configuration of a copy of the repository that *data* is of; the last word on each holds."""
    found: dict[tuple[str, str], str] = {}
    section = ""
    for line in data.decode("utf-8", "replace").splitlines():
        text = line.strip()
        if text.startswith("["):
            named = _SECTION.fullmatch(text)
            section = named.group(1).lower() if named else ""
            continue
        setting = _SETTING.fullmatch(text)
        if setting is None:
            continue
        key, value = (section, setting.group(1).lower()), setting.group(2).lower()
        if value in _KEPT.get(key, ()):
            found[key] = value
    return "".join(f"[{section}]\n\t{name} = {value}\n" for (section, name), value in found.items()).encode()
