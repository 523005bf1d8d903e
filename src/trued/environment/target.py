"""Where packages are installed: which interpreter, which environment, which folders.

The order is ``--python``, ``--venv``, ``$VIRTUAL_ENV``, a ``.venv`` from the working folder upwards, the
virtual environment trued itself runs in. Environments that belong to the system's package manager are left
alone (PEP 668). Runs at the start of every install, so it imports nothing heavy.
"""

from __future__ import annotations

import os
import sys

from trued.environment import scheme
from trued.environment.interpreter import NEEDED_NEXT, facts_of, virtual_environment_of
from trued.environment.lock import PROTECTION_FILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.core.errors import UsageError
    from trued.environment.facts import Facts, Roots

__all__ = ["Target", "find_target"]

_LONGEST_CONFIGURATION = 64 * 1024


class Target:
    """One place packages are installed into.

    ``kind`` is ``virtual``, ``base`` (an interpreter's own), ``user``, ``target`` or ``prefix``. ``python``
    is the interpreter as scripts will name it. ``prefix`` is the environment's root, or the folder given.
    ``is_new`` says that the environment was made for this run, ``is_own`` that it is the one trued runs in,
    since nothing names another.
    """

    __slots__ = ("facts", "is_new", "is_own", "kind", "prefix", "python", "roots")

    def __init__(
        self, *, kind: str, python: str, prefix: str, facts: Facts, roots: Roots, is_new: bool = False
    ) -> None:
        self.kind = kind
        self.python = python
        self.prefix = prefix
        self.facts = facts
        self.roots = roots
        self.is_new = is_new
        self.is_own = False

    @property
    def libraries(self) -> tuple[str, ...]:
        """The folders that hold packages, each once."""
        purelib, platlib = self.roots["purelib"], self.roots["platlib"]
        return (purelib,) if purelib == platlib else (purelib, platlib)

    @property
    def visible(self) -> tuple[str, ...]:
        """The folders that programs of this environment import packages from, the first that counts first.

        More than :attr:`libraries`: an interpreter, and a virtual environment that sees its packages, also
        has those of the system (Debian's ``dist-packages``). Nothing is ever installed there or removed.
        """
        sees = self.kind == "base" or (self.kind == "virtual" and _sees_the_system(self.prefix))
        return tuple(dict.fromkeys((*self.libraries, *(self.facts["site_packages"] if sees else ()))))

    @property
    def is_folder(self) -> bool:
        """Whether this is a folder given by the user rather than an interpreter's environment."""
        return self.kind in ("target", "prefix")


def find_target(
    *,
    python: str | None = None,
    venv: str | None = None,
    target: str | None = None,
    prefix: str | None = None,
    root: str | None = None,
    user: bool = False,
    environ: Mapping[str, str],
    cwd: str,
    cache_folder: str | None,
    running: tuple[str, str] | None = None,
    writing: bool = True,
    break_system_packages: bool = False,
    require_virtualenv: bool = False,
    needed_next: Sequence[str] = NEEDED_NEXT,
) -> Target:
    """Return the place that the options, the environment variables and the working folder name.

    *running* is the executable and the prefix trued runs with (default: those of this process). When not
    *writing*, nothing is created, PEP 668 is not asked and no virtual environment required. *needed_next* are
    modules to import while a named interpreter is asked for the first time.

    Raises: UsageError TRU501 (no environment), TRU504 (PEP 668), TRU505 (no virtual environment there),
    TRU506 (options exclude each other), TRU508 (``--user`` where it is not seen), TRU509 (a virtual
    environment is required), TRU515 (a ``.venv`` that nobody named has an interpreter of its own), TRU581
    (nothing is named, and trued runs in a tool's environment), TRU582 (no such version of Python);
    OperationalError TRU502, TRU503, TRU507 (not created), TRU565 (it is protected from every change).
    """
    _refuse_pairs(target=target, prefix=prefix, user=user)
    executable, own_prefix = running or (sys.executable, sys.prefix)
    if python and not venv:
        found: Target | None = _of_interpreter(_named(python, environ, cwd), cache_folder, needed_next)
    else:
        found = _environment(python, venv, environ, cwd, cache_folder, executable, own_prefix, create=writing)
    if found is None:
        if not (target or prefix):
            raise _nowhere(cwd, own_prefix)
        found = _of_interpreter(_base_executable(executable), cache_folder)
    if writing and require_virtualenv and found.kind != "virtual":
        raise _error("TRU509", found.python)
    chosen = _redirected(found, target, prefix, user=user, environ=environ, cwd=cwd)
    if root:
        below = os.path.join(cwd, root)
        chosen.roots = scheme.below_root(chosen.roots, below)
    elif writing and chosen.kind in ("base", "user") and not break_system_packages:
        _refuse_externally_managed(found, environ)
    if writing and os.path.lexists(os.path.join(chosen.prefix, PROTECTION_FILE)):
        from trued.environment.protection import refuse_change

        refuse_change(chosen.prefix)
    return chosen


def _nowhere(cwd: str, own_prefix: str) -> UsageError:
    from trued.environment.tool import tool_of

    tool = tool_of(own_prefix)
    return _error("TRU581", own_prefix, tool=tool) if tool else _error("TRU501", cwd)


def _refuse_pairs(*, target: str | None, prefix: str | None, user: bool) -> None:
    given = [name for name, value in (("--target", target), ("--prefix", prefix), ("--user", user)) if value]
    if len(given) > 1:
        raise _error("TRU506", given[0], other=given[1])


def _environment(
    python: str | None,
    venv: str | None,
    environ: Mapping[str, str],
    cwd: str,
    cache_folder: str | None,
    executable: str,
    own_prefix: str,
    *,
    create: bool,
) -> Target | None:
    if venv:
        base = _named(python, environ, cwd) if python else _base_executable(executable)
        return _of_folder(os.path.join(cwd, venv), base, cache_folder, create=create)
    active = environ.get("VIRTUAL_ENV")
    if active:
        return _of_virtual(os.path.join(cwd, active), cache_folder)
    near = _upwards(cwd)
    if near:
        _refuse_brought(near, environ)
        return _of_virtual(near, cache_folder)
    if virtual_environment_of(executable) and os.path.isfile(os.path.join(own_prefix, "pyvenv.cfg")):
        from trued.environment.tool import tool_of

        if tool_of(own_prefix):
            return None
        own = _of_virtual(own_prefix, cache_folder)
        own.is_own = True
        return own
    return None


def _named(python: str, environ: Mapping[str, str], cwd: str) -> str:
    """Return the interpreter that ``--python`` means: a path, an environment's folder, a name, a version."""
    path = os.path.join(cwd, python)
    if os.path.isdir(path):
        if not os.path.isfile(os.path.join(path, "pyvenv.cfg")):
            raise _error("TRU505", path, origin="--python")
        return _python_in(path)
    if os.path.basename(python) == python and not os.path.isfile(path):
        from shutil import which

        from trued.environment.named_version import is_version, of_version

        if is_version(python):
            return of_version(python, environ)
        return which(python, path=environ.get("PATH")) or path
    return os.path.abspath(path)


def _of_interpreter(
    python: str, cache_folder: str | None, needed_next: Sequence[str] = NEEDED_NEXT
) -> Target:
    folder = virtual_environment_of(python)
    facts = facts_of(python, cache_folder, needed_next=needed_next)
    if folder is None and facts["executable"] != os.path.realpath(python):
        # A shim that starts another interpreter, which may stand in a virtual environment of its own.
        folder = virtual_environment_of(facts["executable"])
        python = facts["executable"]
    if folder:
        return Target(
            kind="virtual",
            python=python,
            prefix=folder,
            facts=facts,
            roots=scheme.virtual_roots(facts, folder),
        )
    return Target(
        kind="base",
        python=python,
        prefix=facts["base_prefix"],
        facts=facts,
        roots=scheme.interpreter_roots(facts),
    )


def _of_folder(folder: str, base: str, cache_folder: str | None, *, create: bool) -> Target:
    """Return the virtual environment that ``--venv`` names, made from *base* when it is missing."""
    folder = os.path.normpath(folder)
    if create and os.path.isdir(folder) and not os.path.lexists(_python_in(folder)):
        from contextlib import suppress

        from trued.environment.lock import Lock

        with suppress(OSError), Lock(folder):
            pass  # whoever is making it has finished
    if os.path.isfile(os.path.join(folder, "pyvenv.cfg")):
        return _of_virtual(folder, cache_folder)
    if os.path.lexists(folder) and not (os.path.isdir(folder) and not os.listdir(folder)):
        raise _error("TRU505", folder, origin="--venv")
    facts = facts_of(base, cache_folder)
    is_new = False
    if create:
        from trued.environment.virtual import create_virtual_environment

        is_new = create_virtual_environment(folder, base)
    return Target(
        kind="virtual",
        python=_python_in(folder),
        prefix=folder,
        facts=facts,
        roots=scheme.virtual_roots(facts, folder),
        is_new=is_new,
    )


def _of_virtual(folder: str, cache_folder: str | None) -> Target:
    folder = os.path.normpath(folder)
    if not os.path.isfile(os.path.join(folder, "pyvenv.cfg")):
        raise _error("TRU505", folder, origin="$VIRTUAL_ENV")
    python = _python_in(folder)
    facts = facts_of(python, cache_folder)
    return Target(
        kind="virtual",
        python=python,
        prefix=folder,
        facts=facts,
        roots=scheme.virtual_roots(facts, folder),
    )


def _upwards(cwd: str) -> str | None:
    """Return the nearest ``.venv`` from *cwd* upwards.

    One above the working folder counts only when it belongs to the user, the system or the working folder's
    owner: a stranger's ``/tmp/.venv`` would have its interpreter run.
    """
    folder = os.path.abspath(cwd)
    while True:
        candidate = os.path.join(folder, ".venv")
        if os.path.isfile(os.path.join(candidate, "pyvenv.cfg")) and (
            folder == cwd or _is_trusted(candidate, cwd)
        ):
            return candidate
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def _refuse_brought(folder: str, environ: Mapping[str, str]) -> None:
    """Refuse an environment that nobody named and whose interpreter came with it: looking at it would run it.

    That is how a cloned repository has its code run by ``trued audit``. The interpreter and the ``home`` of
    its ``pyvenv.cfg``, where the standard library is found, have to lie outside of the folder with ``.venv``;
    where that is the user's home or above it, outside of the environment. Windows has copies everywhere.
    """
    if os.name != "posix":
        return
    around = os.path.realpath(os.path.dirname(folder))
    home = os.path.realpath(environ.get("HOME") or os.sep)
    inside = os.path.realpath(folder) if _lies_in(home, around) else around
    python = _python_in(folder)
    for path in (python, *_stated_homes(folder, os.path.dirname(python))):
        if _lies_in(os.path.realpath(path), inside):
            raise _error("TRU515", folder, path=path)


def _stated_homes(*folders: str) -> list[str]:
    """Return what ``pyvenv.cfg`` in any of *folders* says where Python is: it looks in both (PEP 405)."""
    homes = []
    for folder in folders:
        try:
            with open(os.path.join(folder, "pyvenv.cfg"), "rb") as file:
                lines = file.read(_LONGEST_CONFIGURATION).decode("utf-8", "replace").splitlines()
        except OSError:
            continue
        pairs = [line.partition("=") for line in lines]
        homes += [
            os.path.join(folder, value.strip()) for key, _, value in pairs if key.strip().lower() == "home"
        ]
    return homes


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _is_trusted(folder: str, cwd: str) -> bool:
    if os.name != "posix":
        return True
    return os.stat(folder).st_uid in (os.geteuid(), 0, os.stat(cwd).st_uid)


def _python_in(folder: str) -> str:
    return os.path.join(folder, "Scripts", "python.exe") if os.name == "nt" else folder + "/bin/python"


def _base_executable(executable: str) -> str:
    base = getattr(sys, "_base_executable", None)  # what venv itself uses
    return base if base and executable == sys.executable else executable


def _redirected(
    found: Target,
    target: str | None,
    prefix: str | None,
    *,
    user: bool,
    environ: Mapping[str, str],
    cwd: str,
) -> Target:
    if target:
        folder = os.path.normpath(os.path.join(cwd, target))
        kind, roots = "target", scheme.folder_roots(folder)
        _name_headers(roots, folder, found)
    elif prefix:
        folder = os.path.normpath(os.path.join(cwd, prefix))
        kind, roots = "prefix", scheme.prefix_roots(found.facts, folder)
        _name_headers(roots, folder, found)
    elif user:
        if found.kind == "virtual" and not _sees_the_system(found.prefix):
            raise _error("TRU508", found.prefix)
        roots = scheme.user_roots(found.facts, environ)
        kind, folder = "user", roots["data"]
    else:
        return found
    return Target(kind=kind, python=found.python, prefix=folder, facts=found.facts, roots=roots)


def _name_headers(roots: Roots, folder: str, found: Target) -> None:
    """Put headers where pip puts them when it runs in a virtual environment, whatever the folder is."""
    if found.kind == "virtual":
        roots["headers"] = scheme.virtual_headers(found.facts, folder)


def _sees_the_system(folder: str) -> bool:
    """Tell whether the virtual environment at *folder* also sees the packages of its interpreter and user."""
    with open(os.path.join(folder, "pyvenv.cfg"), encoding="utf-8", errors="replace") as file:
        for line in file:
            key, equals, value = line.partition("=")
            if equals and key.strip().lower() == "include-system-site-packages":
                return value.strip().lower() == "true"
    return False


def _refuse_externally_managed(found: Target, environ: Mapping[str, str]) -> None:
    mark = os.path.join(found.facts["stdlib"], "EXTERNALLY-MANAGED")
    if found.kind == "base" and os.path.isfile(mark):
        from trued.environment.externally_managed import message_of

        raise _error("TRU504", found.prefix, message=message_of(mark, environ), mark=mark)


def _error(code: str, subject: str, **values: str) -> UsageError:
    from trued.core.errors import UsageError
    from trued.core.finding import Finding

    return UsageError(Finding(code=code, subject=subject, values=values))
