"""What is known of a file, of a release's listing, of a signed document; and the run that learned it."""

from __future__ import annotations

from trued.core.record import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.core.names import ProjectName

__all__ = ["KnownDocument", "KnownFile", "ListedFile", "Run", "is_time"]

_TIME_LENGTH = len("2026-01-01T00:00:00Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One call of trued. ``time`` is RFC 3339 UTC to the second; ``folder`` is where it was called."""

    id: str
    time: str
    command: str
    folder: str

    def __str__(self) -> str:
        return f"run {self.id} (trued {self.command} in {self.folder})"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFile:
    """A file that was accepted before.

    ``digests`` maps each algorithm that was computed to lower-case hexadecimal. ``publishers`` are the
    verified identities, as a lock writes them. ``accepted`` says what stood for it: a kind of evidence, an
    option, an answer.
    """

    project: ProjectName
    version: str
    filename: str
    sha256: str
    first_seen: str
    run: Run
    accepted: str
    index: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)
    publishers: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """A file that an index listed when one of its release was accepted; ``sha256`` is its claim, or empty."""

    project: ProjectName
    version: str
    filename: str
    sha256: str
    first_seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDocument:
    """The newest edition seen of a signed checksum document.

    ``name`` says which document it is; ``edition`` orders its editions as text (a time or a padded number).
    """

    name: str
    edition: str
    sha256: str
    first_seen: str


def is_time(text: str) -> bool:
    """Tell whether *text* is a time as the database writes it: RFC 3339, UTC, to the second."""
    from datetime import datetime

    if len(text) != _TIME_LENGTH or not text.endswith("Z"):
        return False
    try:
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007 - the Z is part of the form
    except ValueError:
        return False
    return True
