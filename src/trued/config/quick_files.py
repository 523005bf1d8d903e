"""Plain policy files, read for the warm road: one ``key = value`` a line, of the keys that matter there.

A LEAN module, imported only where there is such a file. It reads less than the full reader does: a table, a
key that is not listed here, a file that others can write, or a project's file that asks for less than stands
makes it answer ``False``, and the full road decides and tells.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["take_files"]

_RISING: Mapping[str, tuple[str, ...]] = {
    "level": ("permissive", "standard", "strict"),
    "verify-store": ("seal", "full"),
}
"""Keys whose choices stand from loose to tight: a project may only raise them."""
_FREE: Mapping[str, tuple[str, ...]] = {
    "link-mode": ("auto", "clone", "hardlink", "copy"),
    **dict.fromkeys(("compile", "no-deps", "no-color", "no-input"), ("false", "true")),
}
_TRUTHS = frozenset(("compile", "no-deps", "no-color", "no-input", "require-hashes"))
_FOR_THE_NETWORK = frozenset(("index-url", "allowed-hosts", "cert"))
"""Keys that change nothing where no connection is opened; one of a project is left to the full road."""
_KEY_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz-")


def take_files(settings: dict[str, object], system: Sequence[str], user: str, project: str) -> bool:
    """Put what the files state into *settings*, and tell whether all of it was plain.

    *system* has the strongest first; paths are of files that exist, empty for none.
    """
    standing: dict[str, str] = {}
    for path in (*reversed(system), user):
        stated = _stated(path, shared_counts=True) if path else {}
        if stated is None:
            return False
        standing.update(stated)
    own = _stated(project, shared_counts=False) if project else {}
    if own is None or not all(_may_stand(key, own[key], standing) for key in own):
        return False
    standing.update(own)
    for key, value in standing.items():
        if key not in _FOR_THE_NETWORK:
            settings[key.replace("-", "_")] = value == "true" if key in _TRUTHS else value
    return True


def _may_stand(key: str, value: str, standing: Mapping[str, str]) -> bool:
    """Tell whether a project's file may say this without a word about it."""
    if key in _RISING:
        choices = _RISING[key]
        default = "standard" if key == "level" else "seal"
        return choices.index(value) >= choices.index(standing.get(key, default))
    if key == "require-hashes":
        return value == "true"
    return key in _FREE


def _stated(path: str, *, shared_counts: bool) -> dict[str, str] | None:
    """Return the keys of a plain file with their values, ``None`` when it is anything else."""
    data = _bytes(path, shared_counts=shared_counts)
    if data is None or not data.isascii() or not all(code > 31 or code in (9, 10) for code in data):
        return None
    found: dict[str, str] = {}
    for line in data.decode("ascii").split("\n"):
        text = line.strip()
        if not text or text[0] == "#":
            continue
        key, equals, rest = text.partition("=")
        key, value = key.rstrip(), _value(rest.strip())
        known = equals and key not in found and set(key) <= _KEY_CHARACTERS and value is not None
        if not known or not _is_known(key, str(value), rest.strip()):
            return None
        found[key] = str(value)
    return found


def _is_known(key: str, value: str, written: str) -> bool:
    if key in _TRUTHS:
        return written in ("true", "false")
    if key in _FOR_THE_NETWORK:
        return bool(value) and written[0] in ("[" if key == "allowed-hosts" else '"')
    choices = _RISING.get(key) or _FREE.get(key)
    return choices is not None and value in choices and written[0] == '"'


def _value(text: str) -> str | None:
    """Return a plain value as text, ``None`` for every other; a list has its items on one line."""
    if text in ("true", "false"):
        return text
    if not text.startswith("["):
        return _quoted(text)
    items = [_quoted(item.strip()) for item in text[1:-1].split(",")] if text.endswith("]") else [None]
    plain = [item for item in items if item]
    return " ".join(plain) if len(plain) == len(items) else None


def _quoted(text: str) -> str | None:
    inner = text[1:-1]
    plain = len(text) >= 2 and text[0] == text[-1] == '"' and not set(inner) & set('"\\\t')
    return inner if plain else None


def _bytes(path: str, *, shared_counts: bool) -> bytes | None:
    """Return what the file holds; ``None`` for no plain file, a large one, or one that others can write."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        shared = bool(status.st_mode & stat.S_IWOTH) or status.st_uid not in (0, os.geteuid())
        if not stat.S_ISREG(status.st_mode) or status.st_size > 16_000 or (shared and shared_counts):
            return None
        data = os.read(descriptor, status.st_size + 1)
        return data if len(data) == status.st_size else None
    except OSError:
        return None
    finally:
        os.close(descriptor)
