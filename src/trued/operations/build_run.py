"""One build: a log, an environment of build dependencies, the backend in its sandbox, the wheel it makes."""

from __future__ import annotations

import os
from contextlib import ExitStack

from trued import __version__
from trued.build.log import BuildLog
from trued.build.origin import Origin
from trued.build.source_tree import read_build_system
from trued.core.errors import Refused, TruedError
from trued.core.finding import Finding
from trued.core.names import normalize
from trued.operations.build_dependencies import (
    BuildEnvironment,
    build_roots,
    check_installed,
    chosen_by_lock,
    chosen_now,
    install_chosen,
)
from trued.operations.build_session import build_session
from trued.operations.building import Built
from trued.operations.fitting import Interpreter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from trued.build.backend import Backend, ConfigSettings
    from trued.build.origin import BuildRequest
    from trued.core.names import ProjectName
    from trued.environment.target import Target
    from trued.operations.build_dependencies import BuildPins
    from trued.operations.building import Builder, Source
    from trued.wheel.reader import OpenWheel

__all__ = ["BuildRun"]


class BuildRun:
    """Runs the backend of *source* for *builder*, in *folder*, which is this run's alone.

    A context manager; what is raised inside is told with the path of the log, which stays. Without a cache it
    stays only then, and not when the run is interrupted.
    """

    def __init__(self, builder: Builder, source: Source, folder: str, *, shown: str = "") -> None:
        self._shown = shown or source.shown
        self._builder = builder
        self._session = builder.session
        self._source = source
        self._folder = folder
        self._system = read_build_system(source.tree, shown=source.shown)
        self._environment = BuildEnvironment()
        self._requires = self._system.requires
        self._fleeting = ""

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            told = stack.enter_context(self._session.watcher.building(self._shown))
            self._log = stack.enter_context(BuildLog(self._log_path(), mask=_masked, told=told))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)
        if self._fleeting and not isinstance(error, TruedError):
            from trued.build.discard import discard

            discard(self._fleeting)

    def _log_path(self) -> str:
        """Return where the log goes: with the cache, or to a folder of its own where none is kept."""
        cache = self._session.settings.cache_dir
        if cache is None:
            import tempfile

            folder = self._fleeting = tempfile.mkdtemp(prefix="trued-build-log-")
        else:
            folder = os.path.join(cache, "logs", "build")
            os.makedirs(folder, mode=0o700, exist_ok=True)
        name = self._source.project or normalize(os.path.basename(self._source.tree) or "source")
        stamp = self._session.started.strftime("%Y%m%dT%H%M%SZ")
        return os.path.join(folder, f"{stamp}-{name}-{os.urandom(3).hex()}.log")

    @property
    def _target(self) -> Target:
        return self._builder.target

    @property
    def _interpreter(self) -> Interpreter:
        facts = self._target.facts
        return Interpreter(
            tags=facts["tags"], markers=facts["markers"], python=facts["markers"]["python_full_version"]
        )

    def requires(self) -> tuple[str, ...]:
        """Return what the build asks for, what the backend adds included."""
        self._prepared()
        return self._requires

    @property
    def asked_for(self) -> tuple[str, ...]:
        """What the build was found to ask for so far."""
        return self._requires

    def metadata(self) -> bytes:
        """Return METADATA of what would be built; where the backend cannot tell it, of what is built."""
        backend = self._prepared()
        into = self._made("metadata")
        found = backend.prepare_metadata(into, self._settings, editable=self._source.editable)
        if found is not None:
            return found
        return self._read(self._built(backend)).metadata.raw

    def wheel(self, request: BuildRequest) -> Built:
        """Return what the backend builds, after looking that it is the wheel of the source."""
        backend = self._prepared()
        path = self._built(backend)
        wheel = self._read(path)
        from hashlib import file_digest

        with open(path, "rb") as file:
            sha256 = file_digest(file, "sha256").hexdigest()
        origin = Origin(
            request=request,
            project=wheel.project,
            version=wheel.version,
            filename=wheel.filename,
            sha256=sha256,
            size=os.path.getsize(path),
            backend=self._system.backend,
            requires=self._requires,
            dependencies=self._environment.dependencies,
            source_file=self._source.filename,
            source_bytes=self._source.size,
            trued=__version__,
            time=self._session.now,
        )
        self._compare(origin)
        self._check_tags(wheel)
        return Built(
            path=path,
            filename=wheel.filename,
            sha256=sha256,
            origin=origin,
            log="" if self._fleeting else self._log.path,
            findings=(*self._environment.findings, *wheel.warnings),
        )

    @property
    def _settings(self) -> ConfigSettings | None:
        """What the backend is told: a key that is given several times has a list (pip)."""
        told: ConfigSettings = {}
        for key, value in self._builder.config_settings(self._source):
            before = told.get(key)
            if before is None:
                told[key] = value
            else:
                told[key] = [*(before if isinstance(before, list) else [before]), value]
        return told or None

    def _made(self, name: str) -> str:
        path = os.path.join(self._folder, name)
        os.mkdir(path, mode=0o700)
        return path

    def _prepared(self) -> Backend:
        """Return the backend with everything that it asks for installed."""
        settings = self._session.settings
        if settings.no_build_isolation:
            return self._unisolated()
        self._install(self._requires)
        backend = self._backend(self._environment)
        asked = self._asked_by(backend)
        if not set(asked) <= set(self._requires):
            kept = {normalize(one.project): one.version for one in self._environment.dependencies}
            self._requires = tuple(dict.fromkeys((*self._requires, *asked)))
            self._install(self._requires, kept=kept)
            backend = self._backend(self._environment)
        return backend

    def _asked_by(self, backend: Backend) -> tuple[str, ...]:
        if self._source.editable:
            return backend.requires_for_editable(self._settings)
        return backend.requires_for_wheel(self._settings)

    def _unisolated(self) -> Backend:
        backend = self._backend(BuildEnvironment(python=self._target.python))
        if self._session.settings.check_build_dependencies:
            self._requires = tuple(dict.fromkeys((*self._requires, *self._asked_by(backend))))
            installed = self._session.installed(self._target)
            versions: dict[ProjectName | None, str | None] = {one.project: one.version for one in installed}
            check_installed(self._requires, versions, interpreter=self._interpreter)
        return backend

    def _install(self, requires: tuple[str, ...], *, kept: dict[ProjectName, str] | None = None) -> None:
        """Have *requires* installed into a folder of their own; *kept* versions stay where they may.

        Builds of one run share it, since a build in a sandbox cannot write there.
        """
        builder = self._builder
        pins = builder.pins(self._source.project)
        is_shared = not builder.is_unconfined(self._source)
        key = requires, repr(pins)
        known = builder.environments.get(key) if is_shared else None
        self._log.note(f"build dependencies: {', '.join(requires) or 'none'}")
        self._environment = known or self._new_environment(requires, pins, kept or {})
        if is_shared:
            builder.environments[key] = self._environment
        for one in self._environment.dependencies:
            self._log.note(f"  {one.filename} sha256:{one.sha256}")

    def _new_environment(
        self, requires: tuple[str, ...], pins: BuildPins | None, kept: dict[ProjectName, str]
    ) -> BuildEnvironment:
        """Choose, prove and install *requires*, in a run within the run."""
        from tempfile import mkdtemp

        from packaging.version import Version

        from trued.environment.throw_away import throw_away_environment
        from trued.operations.building import Builder
        from trued.store.lock import using

        builder, session = self._builder, build_session(self._session, self._builder.options)
        chain = (*builder.chain, self._source.project) if self._source.project else builder.chain
        session.builder = Builder(session, chain)
        roots = build_roots(
            session, requires, shown=self._source.shown, mode=builder.mode, options=builder.options
        )
        session.builder.mode, session.builder.options = roots.mode, roots.options
        interpreter = self._interpreter
        versions = {project: Version(text) for project, text in kept.items()}
        try:
            with using(session.store):
                asked = (
                    chosen_by_lock(session, roots, pins, interpreter=interpreter)
                    if pins is not None
                    else chosen_now(session, roots, interpreter=interpreter, kept=versions)
                )
                site = mkdtemp(prefix="env-", dir=builder.scratch)
                target = throw_away_environment(site, self._target.facts)
                return install_chosen(session, asked, interpreter=interpreter, target=target)
        finally:
            session.builder.close()

    def _backend(self, environment: BuildEnvironment) -> Backend:
        from trued.build.backend import Backend
        from trued.build.sandbox import Confinement

        builder = self._builder
        sandbox = builder.sandbox(self._source)
        return Backend(
            self._source.tree,
            self._system,
            python=environment.python,
            site=environment.site,
            work=self._folder,
            sandbox=sandbox,
            confinement=Confinement(
                cwd=self._source.tree,
                environment=builder.variables(has_own_view=sandbox.moves_paths),
                hosts=builder.rules.hosts_of(str(self._source.project or "")),
            ),
            log=self._log,
            in_place=self._source.editable,
            own=self._own() if self._source.editable else (),
        )

    def _own(self) -> list[str]:
        """Return what of trued no build may write, made where it is missing; CI keeps it in the project."""
        from trued.operations.known import known_path

        folders = [self._session.cache, self._session.store, self._builder.scratch]
        for folder in folders:
            os.makedirs(folder, mode=0o700, exist_ok=True)
        return [*folders, known_path(self._session)]

    def _built(self, backend: Backend) -> str:
        into = self._made("wheel")
        if self._source.editable:
            return backend.build_editable(into, self._settings)
        return backend.build_wheel(into, self._settings)

    def _read(self, path: str) -> OpenWheel:
        """Read the wheel as strictly as any other. Raises: Refused with all its faults."""
        from trued.wheel.file import mapped
        from trued.wheel.reader import open_wheel

        with mapped(path) as data:
            return open_wheel(data, filename=os.path.basename(path), limits=self._session.limits)

    def _check_tags(self, wheel: OpenWheel) -> None:
        """Look whether the wheel is for the interpreter that built it, but for builds for another platform.

        Raises: Refused TRU474.
        """
        tags = self._target.facts["tags"]
        if "_PYTHON_HOST_PLATFORM" in self._session.environ or not set(wheel.tags).isdisjoint(tags):
            return
        values = {"made": f"a wheel for {', '.join(wheel.tags)[:200]}", "stated": f"one for {tags[0]}"}
        raise Refused(
            Finding(code="TRU474", subject=self._source.shown, place=self._source.place, values=values)
        )

    def _compare(self, origin: Origin) -> None:
        """Compare name and version with the source's. Raises: Refused TRU474."""
        from trued.operations.build_leave import is_of

        if not is_of(self._source, origin):
            stated = f"{self._source.project or origin.project} {self._source.version or ''}".strip()
            values = {"made": f"{origin.project} {origin.version}", "stated": stated}
            raise Refused(
                Finding(code="TRU474", subject=self._source.shown, place=self._source.place, values=values)
            )


def _masked(line: str) -> str:
    from trued.report.secrets import without_secrets

    return without_secrets(line)
