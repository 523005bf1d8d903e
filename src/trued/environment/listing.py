"""Which distributions stand in a folder of packages, by one listing, and which archive each came from.

For the start of every install: imports nothing heavy and opens no file but the receipts asked for.
:mod:`trued.environment.installed` reads the rest.
"""

from __future__ import annotations

import errno
import os

from trued.core.regular_file import open_regular
from trued.environment.receipt import RECEIPT

__all__ = ["has_older_forms", "installed_folders", "recorded_sha256"]

_MOST_BYTES = 16 * 1024 * 1024
_DIGEST_LINE = b'\n  "sha256": "'
"""How trued's own receipt begins the line with the archive's digest; no value can hold a line break."""


def installed_folders(libraries: tuple[str, ...]) -> dict[str, list[tuple[str, str]]]:
    """Return, for each project by its normalised name, the (version, dist-info folder) that stand there.

    More than one is a leftover of an interrupted installer. Names and versions are those of the folders
    (PEP 376), which every current installer writes normalised.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for library in libraries:
        for name in _names(library):
            if name.endswith(".dist-info"):
                project, dash, version = name[:-10].rpartition("-")
                if dash:
                    folder = os.path.join(library, name)
                    found.setdefault(_normalized(project), []).append((version, folder))
    return found


def has_older_forms(libraries: tuple[str, ...]) -> bool:
    """Tell whether anything stands there that is installed without a dist-info folder."""
    return any(name.endswith((".egg-info", ".egg-link")) for library in libraries for name in _names(library))


def recorded_sha256(folder: str) -> str | None:
    """Return the sha256 of the archive that the distribution in dist-info *folder* was installed from.

    Only trued's own receipt says that; ``None`` for what another tool installed, and for what a power cut
    left without its RECORD.
    """
    try:
        if not os.stat(os.path.join(folder, "RECORD")).st_size:
            return None
        with open_regular(os.path.join(folder, RECEIPT)) as file:
            text = file.read(_MOST_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno == errno.EINVAL:  # a pipe or a device
            return None
        raise
    start = text.find(_DIGEST_LINE)
    if start < 0:
        return None
    start += len(_DIGEST_LINE)
    digest, closing = text[start : start + 64], text[start + 64 : start + 65]
    is_digest = closing == b'"' and len(digest) == 64 and not digest.strip(b"0123456789abcdef")
    return digest.decode("ascii") if is_digest else None


def _normalized(name: str) -> str:
    """Return *name* as PEP 503 normalises it; as :func:`trued.core.names.normalize`, which costs more."""
    folded = name.lower().replace("_", "-").replace(".", "-")
    while "--" in folded:
        folded = folded.replace("--", "-")
    return folded


def _names(library: str) -> list[str]:
    try:
        return os.listdir(library)
    except (FileNotFoundError, NotADirectoryError):
        return []
