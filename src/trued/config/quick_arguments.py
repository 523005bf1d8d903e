"""The command line of the warm road: ``install -r FILE`` and the options that go with it most often.

A LEAN module. It answers only what ``trued.cli.arguments`` would answer in the same way; for everything else
it says ``None`` and the full reader decides.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

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

_CHOICES = {
    "link_mode": ("auto", "clone", "hardlink", "copy"),
    "verify_store": ("seal", "full"),
    "level": ("permissive", "standard", "strict"),
}


def quick_arguments(argv: Sequence[str]) -> dict[str, object] | None:
    """Return the given options by their ``Settings`` field, or ``None`` for the full reader.

    ``requirements`` is a list and always there; *argv* comes without the program's name.
    """
    if not argv or argv[0] != "install":
        return None
    requirements: list[str] = []
    given: dict[str, object] = {}
    words = iter(argv[1:])
    for word in words:
        if word in ("-q", "--quiet"):
            quiet = given.get("quiet", 0)
            given["quiet"] = quiet + 1 if isinstance(quiet, int) else 1
        elif word in _FLAGS:
            field, truth = _FLAGS[word]
            given[field] = truth
        else:
            spelling, equals, value = word.partition("=")
            field = _VALUES.get(spelling, "")
            if equals and not spelling.startswith("--"):
                return None
            value = value if equals else next(words, "")
            read = _read(field, value)
            if read is None:
                return None
            if field == "requirements":
                requirements.append(value)
            else:
                given[field] = read
    if not requirements:
        return None
    given["requirements"] = requirements
    return given


def _read(field: str, value: str) -> str | int | None:
    """Return the value of *field*, ``None`` where it is empty, unusual or wrong."""
    if not field or not value or value[0] in "-~":
        return None
    if field == "threads":
        return int(value) if value.isascii() and value.isdigit() else None
    return value if value in _CHOICES.get(field, (value,)) else None
