"""Lines and markers of PEP 508 that others wrote: ``packaging`` reads them, and recurses at parentheses."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packaging.markers import Marker
    from packaging.requirements import Requirement

__all__ = ["read_line", "read_marker"]

_TOO_DEEP = "its parentheses lie too deep in each other"


def read_line(text: str) -> Requirement:
    """Return *text* parsed. Raises ``packaging.requirements.InvalidRequirement``, and nothing else."""
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        return Requirement(text)
    except RecursionError as error:
        raise InvalidRequirement(_TOO_DEEP) from error


def read_marker(text: str) -> Marker:
    """Return *text* parsed. Raises ``packaging.markers.InvalidMarker``, and nothing else."""
    from packaging.markers import InvalidMarker, Marker

    try:
        return Marker(text)
    except RecursionError as error:
        raise InvalidMarker(_TOO_DEEP) from error
