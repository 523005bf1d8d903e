"""Whose names may be sent to a service, and whose are nobody's business."""

from __future__ import annotations

from trued.core.names import normalize
from trued.index.default import default_index_url
from trued.requirements.url import split_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.operations.audit.audited import Candidate
    from trued.operations.session import Session

__all__ = ["NamePrivacy"]


class NamePrivacy:
    """Decides for each release whether its name may leave the machine, by the settings of *session*.

    A name is private when ``private-projects`` says so, when it is bound to an index that is not public, when
    its lock or receipt names such an index, and when nothing says where it is from while one is configured.
    Public are the default index and those of ``public-indexes``; *knowing* is the index that is asked itself,
    which knows its own.
    """

    def __init__(self, session: Session, *, knowing: str = "") -> None:
        settings = session.settings
        self._patterns = tuple(_pattern(text) for text in settings.private_projects)
        self._public = {_bare(url) for url in (default_index_url(), knowing, *settings.public_indexes)}
        self._bound = {
            name: _bare(index.url) for index in settings.indexes for name in map(_pattern, index.projects)
        }
        unbound = [index.url for index in settings.indexes if not index.projects]
        asked = [settings.index_url, *settings.extra_index_urls, *unbound]
        self._open = [url for url in map(_bare, filter(None, asked)) if url not in self._public]

    def reason(self, candidate: Candidate) -> str:
        """Return why the name of *candidate* stays here; empty when it may be sent."""
        project = candidate.package.project
        if any(_matches(pattern, project) for pattern in self._patterns):
            return "private-projects names it"
        if candidate.is_own:
            return "it comes from a folder, a repository or an address of its own"
        bound = next((url for name, url in self._bound.items() if _matches(name, project)), "")
        for index in (bound, _bare(candidate.index)):
            if index and index not in self._public:
                return f"it comes from {index}, which is not among the public indexes"
        if not bound and not candidate.index and self._open:
            return f"it may come from {self._open[0]}, which is not among the public indexes"
        return ""


def _pattern(text: str) -> str:
    star = "*" if text.endswith("*") else ""
    return normalize(text.removesuffix("*")) + star


def _matches(pattern: str, project: str) -> bool:
    return project.startswith(pattern[:-1]) if pattern.endswith("*") else project == pattern


def _bare(url: str) -> str:
    return split_credentials(url)[0].rstrip("/") if url else ""
