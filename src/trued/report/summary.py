"""The one line at the end of an installation. LEAN: the warm road prints it too."""

from __future__ import annotations

__all__ = ["installed_line"]


def installed_line(*, installed: int, kept: int, stored: int, dry_run: bool = False) -> str:
    """Return how many distributions were installed, how many of them from the store, how many stayed."""
    if not installed and not kept:
        return "nothing was asked for on this target"
    parts = []
    if installed:
        verb = "would install" if dry_run else "installed"
        line = f"{verb} {_count(installed)}, every file proven"
        if stored:
            line += f" ({'all' if stored == installed else stored} from the store)"
        parts.append(line)
    if kept:
        parts.append(f"{_count(kept)} there already, from the very files asked for")
    return "; ".join(parts)


def _count(number: int) -> str:
    return "1 distribution" if number == 1 else f"{number} distributions"
