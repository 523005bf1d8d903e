"""The command line of the warm road: ``install -r FILE`` or ``sync LOCK``, and the options most often used.

A LEAN module. It answers only what ``trued.cli.arguments`` would answer in the same way; for everything else
it says ``None`` and the full reader decides.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

__all__ = ["quick_arguments"]

_FLAGS = {
    "--require-hashes": ("require_hashes", True),
    "--no-deps": ("no_deps", True),
    "--compile": ("compile", True),
    "--no-compile": ("compile", False),
    "--no-input": ("no_input", True),
    "--no-color": ("no_color", True),
}

_VALUES = {
    "-r": "requirements",
    "--requirement": "requirements",
    "--python": "python",
    "--venv": "venv",
    "-t": "target",
    "--target": "target",
    "--cache-dir": "cache_dir",
    "--link-mode": "link_mode",
    "--verify-store": "verify_store",
    "--level": "level",
    "--threads": "threads",
    "-i": "index_url",
    "--index-url": "index_url",
    "--cert": "cert",
}

_INSTALL_ONLY = frozenset(("require_hashes", "no_deps", "requirements"))

_CHOICES = {
    "link_mode": ("auto", "clone", "hardlink", "copy"),
    "verify_store": ("seal", "full"),
    "level": ("permissive", "standard", "strict"),
}


def quick_arguments(argv: Sequence[str]) -> dict[str, object] | None:
    """Return the given options by their ``Settings`` field, or ``None`` for the full reader.

    ``requirements`` is a list and always there: the file of ``-r``, or the lock that ``sync`` is given.
    *argv* comes without the program's name.
    """
    if not argv or argv[0] not in ("install", "sync"):
        return None
    syncs = argv[0] == "sync"
    files: list[str] = []
    given: dict[str, object] = {"requirements": files}
    words = iter(argv[1:])
    for word in words:
        if syncs and word and word[0] not in "-~":
            files.append(word)
        elif not _take(word, words, given, files, refused=_INSTALL_ONLY if syncs else ()):
            return None
    if syncs and not files:
        files.append("pylock.toml")
    return given if files else None


def _take(
    word: str, words: Iterator[str], given: dict[str, object], files: list[str], *, refused: Collection[str]
) -> bool:
    """Put what the option *word* says into *given*; tell whether it is known, and not *refused*."""
    if word in ("-q", "--quiet"):
        quiet = given.get("quiet", 0)
        given["quiet"] = quiet + 1 if isinstance(quiet, int) else 1
        return True
    if word in _FLAGS:
        field, truth = _FLAGS[word]
        given[field] = truth
        return field not in refused
    spelling, equals, value = word.partition("=")
    if equals and not spelling.startswith("--"):
        return False
    field = _VALUES.get(spelling, "")
    value = value if equals else next(words, "")
    read = _read(field, value)
    if read is None or field in refused:
        return False
    if field == "requirements":
        files.append(value)
    else:
        given[field] = read
    return True


def _read(field: str, value: str) -> str | int | None:
    """Return the value of *field*, ``None`` where it is empty, unusual or wrong."""
    if not field or not value or value[0] in "-~":
        return None
    if field == "threads":
        return int(value) if value.isascii() and value.isdigit() else None
    return value if value in _CHOICES.get(field, (value,)) else None
