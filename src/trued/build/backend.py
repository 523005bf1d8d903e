"""The hooks of a build backend (PEP 517, PEP 660), each called in a box of its own.

The protocol is that of ``pyproject-hooks``: a script that it brings runs in the build's interpreter, imports
the backend and writes what the hook returned into a file. Here the box lies around that script, and the file
is read as a stranger's (:mod:`trued.build.hook_result`).
"""

from __future__ import annotations

import os

from trued.build.discard import discard
from trued.build.faults import backend_missing, build_failed
from trued.build.hook_result import malformed, read_bounded, read_hook_result, requirement_list, wheel_in
from trued.build.in_place import withheld
from trued.build.sandbox import Moved
from trued.core.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pyproject_hooks import BuildBackendHookCaller

    from trued.build.log import BuildLog
    from trued.build.sandbox import Confinement, Sandbox
    from trued.build.source_tree import BuildSystem

__all__ = ["Backend", "ConfigSettings"]

ConfigSettings = dict[str, str | list[str]]
"""What ``--config-settings`` gave: each key with its value, or values."""

_METADATA_BYTES = 16 * 1024 * 1024
_INSIDE = "/build"


class Backend:
    """Calls the hooks of the project in *tree*.

    *python* is the build's interpreter and *site* the folder of its throw-away environment: a virtual
    environment (*python* is in it), a plain folder of modules, or ``""``. *work* is a private folder for what
    each call needs. *confinement* says what else may be seen, the variables and the limits; its ``cwd`` is
    not used. *in_place* shows the tree where it lies, as an editable installation needs; otherwise it is
    always seen in the same place, so that no path of this machine comes into what is built. *own* are folders
    and files of trued that a build may not write where they lie in such a tree: its cache, say.
    """

    def __init__(
        self,
        tree: str,
        system: BuildSystem,
        *,
        python: str,
        site: str,
        work: str,
        sandbox: Sandbox,
        confinement: Confinement,
        log: BuildLog,
        in_place: bool = False,
        own: Sequence[str] = (),
    ) -> None:
        self._system = system
        self._python = python
        self._site = os.path.abspath(site) if site else ""
        self._work = work
        self._sandbox = sandbox
        self._confinement = confinement
        self._log = log
        self._moved: dict[str, Moved] = {}
        self._kept: list[str] = []
        self._own = tuple(own)
        tree = os.path.abspath(tree)
        if in_place:
            self._kept.append(tree)
            self._tree = tree
        else:
            self._tree = self._seen_at(tree, "tree", writable=True)
        if self._site:
            self._seen_at(self._site, "env", writable=False)

    def requires_for_wheel(self, config_settings: ConfigSettings | None = None) -> tuple[str, ...]:
        """Return what the backend asks for beside ``[build-system] requires``.

        Raises:
            OperationalError: The hook fails (TRU441) or the backend cannot be imported (TRU447).
            Refused: It takes too much (TRU442) or answers what is no answer (TRU444).

        """
        return self._requires("get_requires_for_build_wheel", config_settings)

    def requires_for_editable(self, config_settings: ConfigSettings | None = None) -> tuple[str, ...]:
        """Return what the backend asks for to build an editable wheel; errors as for wheels."""
        return self._requires("get_requires_for_build_editable", config_settings)

    def prepare_metadata(
        self, into: str, config_settings: ConfigSettings | None = None, *, editable: bool = False
    ) -> bytes | None:
        """Return METADATA without building, written below the empty folder *into*; ``None``: no such hook.

        Errors as for :meth:`requires_for_wheel`.
        """
        hook = f"prepare_metadata_for_build_{'editable' if editable else 'wheel'}"
        with self._output(into) as inside:
            name = self._called(
                hook, lambda caller: getattr(caller, hook)(inside, config_settings, _allow_fallback=False)
            )
        if name is None:
            return None
        folder = os.path.join(into, str(name))
        if not str(name).endswith(".dist-info") or os.path.islink(folder):
            raise malformed(hook, "it names no .dist-info folder")
        metadata = read_bounded(os.path.join(folder, "METADATA"), _METADATA_BYTES)
        if metadata is None:
            raise malformed(hook, "its folder holds no METADATA of a bounded size")
        return metadata

    def build_wheel(self, into: str, config_settings: ConfigSettings | None = None) -> str:
        """Build into the empty folder *into* and return the path of the wheel, the only thing there.

        Raises:
            OperationalError: As for :meth:`requires_for_wheel`.
            Refused: As there, or what was left is not one plain wheel of the name it says (TRU445).

        """
        return self._built("build_wheel", into, config_settings)

    def build_editable(self, into: str, config_settings: ConfigSettings | None = None) -> str:
        """Build an editable wheel (PEP 660); otherwise as :meth:`build_wheel`."""
        return self._built("build_editable", into, config_settings)

    def _requires(self, hook: str, config_settings: ConfigSettings | None) -> tuple[str, ...]:
        answer = self._called(hook, lambda caller: getattr(caller, hook)(config_settings))
        return requirement_list(hook, answer)

    def _built(self, hook: str, into: str, config_settings: ConfigSettings | None) -> str:
        with self._output(into) as inside:
            name = self._called(hook, lambda caller: getattr(caller, hook)(inside, config_settings, None))
        if name is None:
            raise backend_missing(backend=self._system.backend, reason=f"it has no hook {hook}")
        return wheel_in(into, str(name), limits=self._confinement.limits)

    def _called(self, hook: str, call: Callable[[BuildBackendHookCaller], object]) -> object:
        """Return what the hook answered, ``None`` when the backend has none of that name."""
        from pyproject_hooks import BackendUnavailable, BuildBackendHookCaller, HookMissing

        self._log.note(f"{hook} of {self._system.backend}")
        caller = BuildBackendHookCaller(
            self._tree,
            self._system.backend,
            backend_path=self._system.backend_path,
            runner=self._run,
            python_executable=self._inner_python(),
        )
        try:
            return call(caller)
        except HookMissing:
            return None
        except BackendUnavailable as error:
            lines = [line for line in (error.traceback or str(error)).splitlines() if line.strip()]
            self._log.feed(("\n".join(lines) + "\n").encode())
            reason = " ".join(self._log.last_lines(1))
            raise backend_missing(backend=self._system.backend, reason=reason) from error

    def _run(
        self, cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None
    ) -> None:
        """Run one hook: what ``pyproject-hooks`` calls instead of starting a process itself."""
        python, script, hook, asked = cmd
        folders = _CallFolders(self._work)
        held = withheld(*self._kept, own=self._own)
        try:
            folders.take_question(asked)
            confinement = self._confined(folders, script, cwd or self._tree, extra_environ or {})
            confinement = replace(
                confinement,
                readable=(*confinement.readable, *held.shown),
                moved=(*confinement.moved, *(Moved(source=os.devnull, inside=path) for path in held.hidden)),
            )
            inner_script = self._inside(script, "hooks/hook.py")
            inner_control = self._inside(folders.control, "control")
            argv = [python, inner_script, hook, inner_control]
            try:
                status = self._sandbox.run(argv, confinement, log=self._log)
            finally:
                planted = held.put_aside()
            if planted:
                names = ", ".join(ascii(os.path.relpath(one, self._tree))[1:-1][:200] for one in planted[:3])
                raise malformed(hook, f"it made a history or an environment in your folder, now {names}")
            if status != 0:
                raise build_failed(hook=hook, status=status, log=self._log)
            self._answer(hook, folders.control, asked)
        finally:
            folders.discard()

    def _answer(self, hook: str, control: str, asked: str) -> None:
        import json

        answer = read_hook_result(
            os.path.join(control, "output.json"), hook=hook, limits=self._confinement.limits
        )
        with open(os.path.join(asked, "output.json"), "w", encoding="utf-8") as file:
            json.dump(answer, file)

    def _confined(
        self, folders: _CallFolders, script: str, cwd: str, extra: Mapping[str, str]
    ) -> Confinement:
        moved = [
            *self._moved.values(),
            Moved(source=script, inside=f"{_INSIDE}/hooks/hook.py"),
            Moved(source=folders.control, inside=f"{_INSIDE}/control", writable=True),
            Moved(source=folders.home, inside=f"{_INSIDE}/home", writable=True),
            Moved(source=folders.temporary, inside="/tmp", writable=True),  # noqa: S108 - a folder of its own
        ]
        home = self._inside(folders.home, "home")
        temporary = "/tmp" if self._sandbox.moves_paths else folders.temporary  # noqa: S108 - as above
        named = {"HOME": home, "TMPDIR": temporary, "TEMP": temporary, "TMP": temporary}
        return replace(
            self._confinement,
            cwd=cwd,
            readable=(*self._confinement.readable, *self._seen_where_they_lie()),
            writable=(*self._confinement.writable, *self._kept),
            moved=(*self._confinement.moved, *moved),
            environment={**self._confinement.environment, **self._search_paths(), **named, **extra},
        )

    def _seen_where_they_lie(self) -> list[str]:
        """Return what is also read at its own path: scripts of an environment name its interpreter by it."""
        own = os.path.dirname(os.path.dirname(self._python))
        environments = [own] if os.path.isfile(os.path.join(own, "pyvenv.cfg")) else []
        return list(dict.fromkeys([*filter(None, [self._site]), *environments]))

    def _search_paths(self) -> dict[str, str]:
        path = self._confinement.environment.get("PATH", os.defpath)
        if not self._site:
            return {"PATH": os.pathsep.join([os.path.dirname(self._python), path])}
        site = self._inside(self._site, "env")
        scripts = os.path.join(site, "Scripts" if os.name == "nt" else "bin")
        found = {"PATH": os.pathsep.join([scripts, path])}
        if not os.path.isfile(os.path.join(self._site, "pyvenv.cfg")):
            found["PYTHONPATH"] = site
        return found

    def _inner_python(self) -> str:
        if self._site and self._python.startswith(self._site + os.sep):
            return self._inside(self._site, "env") + self._python[len(self._site) :]
        return self._python

    def _seen_at(self, path: str, name: str, *, writable: bool) -> str:
        self._moved[name] = Moved(source=path, inside=f"{_INSIDE}/{name}", writable=writable)
        return self._inside(path, name)

    def _inside(self, path: str, name: str) -> str:
        return f"{_INSIDE}/{name}" if self._sandbox.moves_paths else path

    def _output(self, into: str) -> _Output:
        return _Output(self._moved, Moved(source=into, inside=f"{_INSIDE}/out", writable=True), self._inside)


class _Output:
    """Shows the folder of results to the hooks that are called meanwhile."""

    def __init__(self, moved: dict[str, Moved], shown: Moved, inside: Callable[[str, str], str]) -> None:
        self._moved = moved
        self._shown = shown
        self._inside = inside

    def __enter__(self) -> str:
        self._moved["out"] = self._shown
        return self._inside(self._shown.source, "out")

    def __exit__(self, *_: object) -> None:
        del self._moved["out"]


class _CallFolders:
    """What one call may write beside its results; new for each, gone afterwards."""

    def __init__(self, work: str) -> None:
        import tempfile

        self._folder = tempfile.mkdtemp(prefix="call-", dir=work)
        self.control, self.home, self.temporary = (
            os.path.join(self._folder, name) for name in ("control", "home", "tmp")
        )
        for folder in (self.control, self.home, self.temporary):
            os.mkdir(folder, 0o700)

    def take_question(self, asked: str) -> None:
        """Copy what the hook is asked to where the build can read it."""
        import shutil

        shutil.copyfile(os.path.join(asked, "input.json"), os.path.join(self.control, "input.json"))

    def discard(self) -> None:
        """Remove all of it."""
        discard(self._folder)
