"""What ``# via`` comments of a requirements file say: who needs each release that was resolved.

Source: the annotations that pip-tools and uv write, one name a line or all on one. They are comments: nothing
is decided by them, they only make a report easier to follow.
"""

from __future__ import annotations

from trued.core.names import is_valid_name, normalize
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from trued.core.names import ProjectName

__all__ = ["VIA", "Via", "read_via"]

VIA = b"# via"
"""What a file holds that has such comments."""
_NAME_ENDS = frozenset("[=<>!~;@ \t\\#")
_CONSTRAINT = ("-c ", "--constraint ")


@dataclass(frozen=True, slots=True)
class Via:
    """Who needs a release: projects, and whether it is asked for itself (by a file, by the project's own)."""

    parents: tuple[ProjectName, ...] = ()
    is_asked: bool = False


def read_via(text: str) -> dict[ProjectName, Via]:
    """Return what is said of each requirement of the file *text*; one without a comment has no parents."""
    said: dict[ProjectName, list[str]] = {}
    names: list[str] = []
    is_list = is_continued = False
    for line in text.splitlines():
        body, mark, comment = line.partition("#")
        if body.strip():
            if not is_continued:
                project = _project_of(body)
                names = said.setdefault(project, []) if project else []
            is_continued = line.endswith("\\")
            is_list = False
        elif not mark:
            names, is_list, is_continued = [], False, False
        if not mark:
            continue
        word = comment.strip()
        if word == "via" or word.startswith("via "):
            names += _split(word[4:])
            is_list = word == "via"
        elif is_list and comment.startswith("  ") and not body.strip():
            names += _split(word)
        else:
            is_list = False
    return {project: _via(found) for project, found in said.items()}


def _project_of(body: str) -> ProjectName | None:
    end = next((at for at, character in enumerate(body) if character in _NAME_ENDS), len(body))
    return normalize(body[:end]) if is_valid_name(body[:end]) else None


def _split(words: str) -> Iterator[str]:
    return (word.strip() for word in words.split(",") if word.strip())


def _via(names: list[str]) -> Via:
    """Sort the names: a file, or a project with its file behind it, asks for the release itself."""
    parents = [name for name in names if is_valid_name(name)]
    others = [name for name in names if not is_valid_name(name) and not name.startswith(_CONSTRAINT)]
    return Via(tuple(dict.fromkeys(map(normalize, parents))), bool(others))
