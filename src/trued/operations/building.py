"""Building: from a proven source to a wheel, in a sandbox, with proven build dependencies.

Whoever joins a kind of source (an sdist of an index, a directory, a repository) says with :class:`Source`
what it is and where its tree lies; :class:`Builder` is the one thing that runs a build backend.
"""

from __future__ import annotations

from trued.core.record import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.core.finding import Finding, Place
    from trued.core.names import ProjectName
    from trued.operations.session import Session

__all__ = ["Builder", "Built", "Source", "builder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source tree about to be built.

    ``project`` and ``version`` are ``None`` where only the metadata can tell them; what is stated must be
    what the wheel says. ``tree`` is the folder with the project's file, private to this run and free to be
    written into. ``shown`` is its name in what is told. ``identity`` binds the build to exact content:
    ``{"sha256": …, "filename": …}`` of an sdist, ``{"url": …, "commit": …, "tree": …}`` of a repository,
    ``{"path": …, "content": …}`` of a directory. ``cacheable`` tells whether the wheel may be kept and taken
    again. ``is_users_own`` marks a directory that the user named: it needs no ``--allow-build``.
    """

    project: ProjectName | None
    version: str | None
    tree: str
    shown: str
    place: Place
    identity: Mapping[str, str]
    config_settings: tuple[tuple[str, str], ...] = ()
    editable: bool = False
    cacheable: bool = True
    is_users_own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A wheel that was built, or was built before.

    ``path`` lies in a private folder of the run. ``origin`` is what ``origin.json`` holds. ``log`` is the
    path of what the build printed, empty where nothing was built. ``findings`` are warnings and notes.
    """

    path: str
    filename: str
    sha256: str
    origin: Mapping[str, object] = field(default_factory=dict)
    from_cache: bool = False
    log: str = ""
    findings: tuple[Finding, ...] = ()


class Builder:
    """Builds the sources of one run."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def may(self, project: ProjectName | None, source: Source | None = None) -> Finding | None:
        """Return why nothing of *project* may be built, or ``None``.

        An index's project has to be named by ``--allow-build`` or ``[[build]]``; ``--only-binary`` refuses
        whatever it is about, the user's own directories included.
        """
        raise NotImplementedError

    def metadata(self, source: Source) -> bytes:
        """Return METADATA of what *source* would become, without a whole build where the backend can.

        Raises as :meth:`build`.
        """
        raise NotImplementedError

    def build(self, source: Source) -> Built:
        """Return the wheel (PEP 517), or the editable wheel (PEP 660), of *source*.

        Raises: Refused when it may not be built, or the wheel is not that of *source*; OperationalError when
        the build fails, or there is no sandbox.
        """
        raise NotImplementedError


def builder(session: Session) -> Builder:
    """Return the builder of the run."""
    return session.builder
