"""Building: from a proven source to a wheel, in a sandbox, with proven build dependencies.

Whoever joins a kind of source (an sdist of an index, a directory, a repository) says with :class:`Source`
what it is and where its tree lies; :class:`Builder` is the one thing that runs a build backend.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import cached_property

from trued.build.built_wheels import BuiltWheels
from trued.build.origin import BuildRequest
from trued.config.build_rules import BuildRules, allowed_builds, config_settings_of
from trued.config.format_control import ALL
from trued.core.errors import Refused, TruedError
from trued.core.finding import Finding
from trued.core.record import dataclass, field, replace
from trued.operations.build_openings import given_up, refused_opening
from trued.requirements.hashmode import HashMode
from trued.requirements.model import FileOptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trued.build.origin import Origin
    from trued.build.sandbox import Sandbox
    from trued.build.scratch import Scratch
    from trued.core.digest import Digest
    from trued.core.finding import Place
    from trued.core.names import ProjectName
    from trued.environment.target import Target
    from trued.operations.asked import Asked
    from trued.operations.build_dependencies import BuildEnvironment, BuildPins
    from trued.operations.build_run import BuildRun
    from trued.operations.sandbox_identity import SandboxIdentity
    from trued.operations.session import Session
    from trued.resolution.listing import Exclusion
    from trued.resolution.source import CandidateMetadata

__all__ = ["Builder", "Built", "Source", "builder"]

_MOMENT = 2.1
"""Seconds between two builds that are compared: a ZIP archive states times in steps of two."""
_SHOWN = 50
_WITHOUT_EFFECT = frozenset(
    (
        *("PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES"),
        *("PIP_NO_INDEX", "PIP_DISABLE_PIP_VERSION_CHECK", "PYTHONUNBUFFERED"),
        *("MAKEFLAGS", "MAX_JOBS", "NUM_JOBS", "NUMBER_OF_PROCESSORS", "CMAKE_BUILD_PARALLEL_LEVEL"),
    )
)
"""Variables that say in which words and how quickly is built, and not what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source tree about to be built.

    ``project`` and ``version`` are ``None`` where only the metadata can tell them; what is stated must be
    what the wheel says. ``tree`` is the folder with the project's file, private to this run and free to be
    written into; of an ``editable`` one it is the user's own. ``shown`` is its name in what is told.
    ``identity`` binds the build to exact content: ``{"sha256": …}`` of an sdist, ``{"url": …, "commit": …,
    "tree": …}`` of a repository, ``{"path": …, "content": …}`` of a directory. ``filename`` is the archive's,
    empty where it is none. ``cacheable`` tells whether the wheel may be kept and taken again. ``size`` is the
    archive's in bytes, 0 where it is none. ``is_users_own`` marks what the user named itself: it needs no
    ``--allow-build``. ``names_itself``: nobody but the source or a lock says that it is ``project``.
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
    names_itself: bool = False
    filename: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A wheel that was built, or was built before.

    ``path`` is the archive, private to this user. ``origin`` is what ``origin.json`` holds. ``log`` is the
    path of what the build printed, empty where that was not kept. ``findings`` are warnings and notes.
    """

    path: str
    filename: str
    sha256: str
    origin: Origin
    from_cache: bool = False
    log: str = ""
    findings: tuple[Finding, ...] = field(default=())


class Builder:
    """Builds the sources of one run. *chain* are the projects being built that led here."""

    def __init__(self, session: Session, chain: tuple[ProjectName, ...] = ()) -> None:
        self.session = session
        self.chain = chain
        self.mode = HashMode(is_on=False)
        self.options = FileOptions()
        self._pins: Mapping[ProjectName, BuildPins] = {}
        self._scratch: Scratch | None = None
        self._built: dict[str, Built] = {}
        self._told: list[Finding] = []
        self.environments: dict[tuple[tuple[str, ...], str], BuildEnvironment] = {}
        self.answers: dict[tuple[str, str], CandidateMetadata | Exclusion] = {}
        """What backends told the resolver of files, by URL and name."""
        self.locked: Mapping[str, Sequence[Digest]] = {}
        """What the lock that is being made anew says of each file, by its name."""
        self._asked_for: dict[str, tuple[str, ...]] = {}
        self.has_run = False

    @cached_property
    def rules(self) -> BuildRules:
        """What may be built; nothing where files are chosen for a machine that is only described."""
        settings = self.session.settings
        return replace(BuildRules.of(settings), allowed=allowed_builds(settings))

    @cached_property
    def target(self) -> Target:
        """The environment whose interpreter builds."""
        if self.session.command in ("install", "sync"):
            return self.session.find_target(writing=False)
        return self.session.find_interpreter()

    @property
    def wheels(self) -> BuiltWheels:
        """The wheels that were built before."""
        return BuiltWheels(os.path.join(self.session.cache, "built"))

    def heed(self, asked: Asked) -> None:
        """Build by what *asked* says: hash-checking mode, where files come from, what a lock names."""
        self.mode, self.options, self._pins = asked.mode, asked.options, asked.builds

    @property
    def scratch(self) -> str:
        """A private folder that goes when the run ends."""
        if self._scratch is None:
            from trued.build.scratch import Scratch

            self._scratch = Scratch()
        return self._scratch.path

    def pins(self, project: ProjectName | None) -> BuildPins | None:
        """Return what a lock says *project* is built with."""
        return self._pins.get(project) if project is not None else None

    def close(self) -> None:
        """Delete the folders of this run's builds; logs and kept wheels stay."""
        if self._scratch is not None:
            self._scratch.close()
            self._scratch = None

    def may(
        self, project: ProjectName | None, source: Source | None = None, *, place: Place | None = None
    ) -> Finding | None:
        """Return why nothing of *project* may be built, or ``None``.

        A project has to be named by ``--allow-build`` or ``[[build]]``, unless *source* is the user's own
        folder; ``--only-binary`` refuses whatever it is about, such a folder included.
        """
        shown = source.shown if source is not None else str(project)
        place = source.place if source is not None else place
        name = str(project) if project is not None else "NAME"
        formats = self.session.formats(self.options)
        only = ALL in formats.only_binary if project is None else not formats.allows_source(project)
        if only:
            values = {"project": name, "offered": f"  {shown}"}
            return Finding(code="TRU471", subject=shown, place=place, values=values)
        opening = refused_opening(source, self.rules) if source is not None else None
        if opening is not None:
            return opening
        own = source is not None and source.is_users_own
        if own or (project is not None and self.rules.allows(project)):
            return None
        return Finding(code="TRU470", subject=shown, place=place, values={"project": name})

    def metadata(self, source: Source) -> bytes:
        """Return METADATA of what *source* would become, without a whole build where the backend can.

        Raises as :meth:`build`.
        """
        with self._running(source, shown=f"the metadata of {source.shown}") as run:
            found = run.metadata()
            self._asked_for[source.identity.get("sha256", "")] = run.asked_for
        return found

    def requires(self, source: Source) -> tuple[str, ...]:
        """Return everything that the build of *source* asks for, also what the backend adds to its table.

        Raises as :meth:`build`.
        """
        with self._running(source, shown=f"what {source.shown} is built with") as run:
            return run.requires()

    def known_requires(self, sha256: str) -> tuple[str, ...] | None:
        """Return what the build of a source distribution asks for, when its backend told that before."""
        return self._asked_for.get(sha256)

    def build(self, source: Source) -> Built:
        """Return the wheel (PEP 517), or the editable wheel (PEP 660), of *source*; it is built once a run.

        With ``--verify-reproducible`` it is built a second time, and both are compared.

        Raises: Refused when it may not be built, or the wheel is not that of *source*; OperationalError when
        the build fails, or there is no sandbox.
        """
        self.check(source)
        request = self.request(source)
        known = self._built_now(source, request) or self.kept(source, request)
        if known is None:
            twin = self._twin(source)
            with self._running(source) as run:
                known = run.wheel(request)
            if twin is not None:
                self._compare(twin, request, known)
            if source.cacheable and not self.session.settings.no_build_isolation:
                self.wheels.keep(known.origin, known.path)
        self._built[request.key] = known
        return known

    def _built_now(self, source: Source, request: BuildRequest) -> Built | None:
        """Return what this run built of the same content, unless another release is expected of it."""
        from trued.operations.build_leave import is_of

        known = self._built.get(request.key)
        return known if known is not None and is_of(source, known.origin) else None

    def kept(self, source: Source, request: BuildRequest | None = None) -> Built | None:
        """Return the wheel that was built of *source* before, when all that it rests on still holds.

        What may not be built now is not taken either. Its digest is compared. What is not what it was is
        thrown away, and that is told.
        """
        settings = self.session.settings
        if not source.cacheable or settings.no_build_isolation or settings.verify_reproducible:
            return None
        if self.may(source.project, source) is not None:
            return None
        request = request or self.request(source)
        found = self.wheels.load(request)
        if found is None:
            return None
        if found.origin is None:
            from trued.operations.build_leave import damaged

            self._told.append(damaged(source, found.fault))
            self.wheels.discard(request)
            return None
        from trued.operations.build_leave import still_holds

        if not still_holds(self, source, found.origin):
            return None
        origin = found.origin
        return Built(
            path=found.path, filename=origin.filename, sha256=origin.sha256, origin=origin, from_cache=True
        )

    def _twin(self, source: Source) -> Source | None:
        """Return *source* once more, in another folder and with other times, if that is asked for."""
        if not self.session.settings.verify_reproducible:
            return None
        from tempfile import mkdtemp

        from trued.build.tree_copy import twin_of

        into = mkdtemp(prefix="twin-", dir=self.scratch)
        return replace(source, tree=twin_of(source.tree, into, shown=source.shown))

    def _compare(self, twin: Source, request: BuildRequest, first: Built) -> None:
        """Build *twin*, not in the same moment. Raises: Refused TRU481 with what differs."""
        import time

        from trued.build.comparison import differing_members

        time.sleep(_MOMENT)
        with self._running(twin) as run:
            second = run.wheel(request)
        found = differing_members(first.path, second.path)
        if found:
            count = "1 thing" if len(found) == 1 else f"{len(found)} things"
            members = "\n".join(f"  {one}" for one in found[:_SHOWN])
            values = {"count": count, "members": members}
            raise Refused(Finding(code="TRU481", subject=twin.shown, place=twin.place, values=values))

    def take_told(self) -> list[Finding]:
        """Return what was noticed beside the builds since this was last asked."""
        told, self._told = self._told, []
        return told

    def request(self, source: Source) -> BuildRequest:
        """Return what binds the wheel of *source*, before build dependencies are chosen."""
        facts = self.target.facts
        sandbox = self._identity(source)
        return BuildRequest(
            source=source.identity,
            editable=source.editable,
            config_settings=self.config_settings(source),
            interpreter={"tag": facts["tags"][0], "version": facts["markers"]["python_full_version"]},
            sandbox={
                "name": sandbox.name,
                "version": sandbox.version,
                "hosts": " ".join(self.rules.hosts_of(str(source.project or ""))),
            },
            isolated=not self.session.settings.no_build_isolation,
            level=self.session.settings.level.value,
            variables={
                key: value
                for key, value in self.variables(has_own_view=sandbox.moves_paths).items()
                if key not in _WITHOUT_EFFECT
            },
        )

    def config_settings(self, source: Source) -> tuple[tuple[str, str], ...]:
        """Return what the backend is told: by the command line, then by the line that asked."""
        return (*config_settings_of(self.session.settings.config_settings), *source.config_settings)

    def variables(self, *, has_own_view: bool) -> dict[str, str]:
        """Return the environment variables of builds, in a sandbox that shows folders of its own or not."""
        from trued.build.variables import build_variables

        return build_variables(self.session.environ, has_own_view=has_own_view)

    def is_unconfined(self, source: Source) -> bool:
        """Tell whether *source* is built without a sandbox."""
        return source.project in self.rules.unconfined

    def _identity(self, source: Source) -> SandboxIdentity:
        """Return what the sandbox of *source* is called, without trying it out if it is known."""
        from trued.operations.sandbox_identity import SandboxIdentity, sandbox_identity

        if self.is_unconfined(source):
            return SandboxIdentity(name="none", version="", moves_paths=False)
        return sandbox_identity(self.session.cache, self.session.environ, lambda: self._sandbox)

    def sandbox(self, source: Source) -> Sandbox:
        """Return what confines the build of *source*. Raises: OperationalError TRU440."""
        if self.is_unconfined(source):
            from trued.build.no_sandbox import NoSandbox

            return NoSandbox()
        return self._sandbox

    @cached_property
    def _sandbox(self) -> Sandbox:
        import sys

        from trued.build.sandbox import find_sandbox

        return find_sandbox(self.session.environ, platform=sys.platform)

    def check(self, source: Source) -> None:
        """Look whether *source* may be built here. Raises: Refused TRU470, TRU471, TRU479."""
        against = self.may(source.project, source)
        if against is not None:
            raise Refused(against)
        if source.project is not None and source.project in self.chain:
            chain = " -> ".join((*self.chain, source.project))
            raise Refused(
                Finding(code="TRU479", subject=source.shown, place=source.place, values={"chain": chain})
            )

    @contextmanager
    def _running(self, source: Source, *, shown: str = "") -> Iterator[BuildRun]:
        """Give a run of the backend of *source*, told as *shown*; its folder goes at last, its log stays."""
        from tempfile import mkdtemp

        from trued.operations.build_run import BuildRun

        self.check(source)
        self.has_run = True
        is_confined = not self.is_unconfined(source)
        isolation = self.target.python if self.session.settings.no_build_isolation else ""
        warnings = given_up(source, sandbox=is_confined, isolation=isolation)
        self._told += [one for one in warnings if one not in self._told]
        shown = (shown or source.shown) + ("" if is_confined else ", without a sandbox")
        try:
            with BuildRun(self, source, mkdtemp(dir=self.scratch), shown=shown) as run:
                yield run
        except TruedError as error:  # code ran, whatever came of it
            error.findings = (*error.findings, *(one for one in warnings if one not in error.findings))
            raise


def builder(session: Session) -> Builder:
    """Return the builder of the run."""
    return session.builder
