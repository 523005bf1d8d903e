"""What a Python interpreter is: version, scheme, markers, tags. Asked of it once, then read from a cache.

The answer depends on the file of the interpreter, on the kernel's name and on the C library, so these are the
cache's key; virtual environments share the answer of the interpreter they are made from. Imports nothing
heavy: this runs at the start of every install.
"""

from __future__ import annotations

import marshal
import os

from trued import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.core.errors import OperationalError
    from trued.environment.facts import Facts

__all__ = ["NEEDED_NEXT", "OLDEST", "facts_of", "known_at", "virtual_environment_of"]

OLDEST = (3, 8)
"""The oldest Python that packages can be installed for."""

_FORMAT = 2
_PROBE_SECONDS = 60
NEEDED_NEXT = (
    "hashlib", "json",
    "trued.environment.installed", "trued.environment.transaction",
    "trued.index.client", "trued.index.credentials", "trued.index.curl", "trued.index.libcurl",
    "trued.index.locations",
    "trued.policy.judge", "trued.proof.pin",
    "trued.requirements.dependencies", "trued.requirements.files", "trued.requirements.hashmode",
    "trued.requirements.wanted",
    "trued.store.admit", "trued.store.link", "trued.store.prepared", "trued.store.source",
    "trued.wheel.file",
)  # fmt: skip
"""What a first installation is going to import, all of it in stations that this one may import from."""


def facts_of(python: str, cache_folder: str | None, *, needed_next: Sequence[str] = NEEDED_NEXT) -> Facts:
    """Return what the interpreter at path *python* says of itself, from *cache_folder* when known there.

    The keys are those of ``probe.py``. The paths are those of the interpreter outside any virtual
    environment; :mod:`trued.environment.target` derives the others from ``templates``. The modules
    *needed_next* are imported while the answer is waited for.

    Raises: OperationalError TRU502 when nothing there answers as Python does, TRU503 when it is too old.
    """
    real = os.path.realpath(python)
    try:
        status = os.stat(real)
    except OSError as error:
        raise _cannot_run(python, error.strerror or str(error)) from error
    key: tuple[str | int, ...] = (_FORMAT, __version__, real, status.st_mtime_ns, status.st_size, *_system())
    place = cache_folder and _place(cache_folder, status)
    known = _recall(place, key) if place else None
    if known is not None:
        return known
    facts = _ask(python, real, needed_next)
    if place and facts["executable"] == real:  # a shim or a wrapper answers for whatever it chooses today
        _remember(place, key, facts)
    return facts


def known_at(python: str, cache_folder: str) -> str | None:
    """Return the file that keeps what the interpreter at path *python* says of itself, if there is one."""
    place = _place(cache_folder, os.stat(os.path.realpath(python)))
    return place if os.path.isfile(place) else None


def virtual_environment_of(python: str) -> str | None:
    """Return the prefix of the virtual environment that *python* stands in (PEP 405), if it does.

    Symbolic links of the interpreter itself are not followed: in a virtual environment it is one.
    """
    folder = os.path.dirname(os.path.abspath(python))
    for candidate in (os.path.dirname(folder), folder):
        if os.path.isfile(os.path.join(candidate, "pyvenv.cfg")):
            return candidate
    return None


def _place(cache_folder: str, status: os.stat_result) -> str:
    return os.path.join(cache_folder, "interpreters", f"{status.st_dev:x}-{status.st_ino:x}")


def _system() -> tuple[str, ...]:
    """Return what platform tags and markers depend on beside the interpreter's own file."""
    if os.name != "posix":
        return ()
    name = os.uname()
    try:
        library = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError):  # not the GNU C library
        library = ""
    return (name.sysname, name.release, name.version, name.machine, library)


def _recall(place: str, key: tuple[str | int, ...]) -> Facts | None:
    try:
        with open(place, "rb") as file:
            kept, facts = marshal.loads(file.read())  # noqa: S302 - the user's own cache, as trued wrote it
    except (OSError, EOFError, ValueError, TypeError):
        return None
    answer: Facts = facts
    return answer if kept == key else None


def _remember(place: str, key: tuple[str | int, ...], facts: Facts) -> None:
    """Keep the answer; a cache that cannot be written only costs the next run its time."""
    from trued.core.private_file import write_private

    write_private(place, (marshal.dumps((key, facts)),))  # type: ignore[arg-type]  # a TypedDict is a dict


def _ask(python: str, real: str, needed_next: Sequence[str]) -> Facts:
    from trued.environment.own_interpreter import own_answer
    from trued.environment.question import answer_of

    def meanwhile() -> None:
        _prepare(needed_next)

    own = own_answer(real, _packaging_folder(), environ=os.environ, meanwhile=meanwhile)
    if own is not None:
        return _checked(python, own)
    probe = os.path.join(os.path.dirname(os.path.abspath(__file__)), "probe.py")
    started = real if virtual_environment_of(python) else python  # whose ``pyvenv.cfg`` is not asked then
    command = [started, "-I", "-S", probe, _packaging_folder()]
    environment = {name: value for name, value in os.environ.items() if name != "__PYVENV_LAUNCHER__"}
    try:
        status, answer, complaint = answer_of(
            command, environment=environment, seconds=_PROBE_SECONDS, meanwhile=meanwhile
        )
    except (OSError, ValueError) as error:
        raise _cannot_run(python, str(error)) from error
    if status != 0:
        _refuse_old(python)
        lines = complaint.decode(errors="replace").strip().splitlines()
        raise _cannot_run(python, lines[-1] if lines else f"exit status {status}")
    return _checked(python, answer)


def _prepare(modules: Sequence[str]) -> None:
    """Import what the run is going to need, while the interpreter makes up its answer.

    Both take a twentieth of a second. An interpreter that is asked is new to this cache, so much
    has to be fetched. What cannot be imported is told by whoever needs it.
    """
    try:
        for name in modules:
            __import__(name)
    except ImportError:
        return


def _checked(python: str, answer: bytes) -> Facts:
    try:
        facts: Facts = marshal.loads(answer)  # noqa: S302 - said by an interpreter the user trusts to run
        known = facts["version_info"]
    except (EOFError, ValueError, TypeError, KeyError) as error:
        raise _cannot_run(python, "it does not answer as Python does") from error
    if known < OLDEST:
        raise _too_old(python, facts["version"])
    if not facts["tags"]:
        from trued.environment.tags import composed_tags

        facts["tags"] = composed_tags(facts)
    return facts


def _packaging_folder() -> str:
    import packaging

    return os.path.dirname(os.path.dirname(os.path.abspath(packaging.__file__)))


def _refuse_old(python: str) -> None:
    """Raise when *python* is an interpreter too old to run the probe; return when it is something else."""
    import subprocess

    command = [python, "-c", "import sys; sys.stdout.write('%d.%d.%d' % sys.version_info[:3])"]
    try:
        answer = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=_PROBE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    version = answer.stdout.decode(errors="replace")
    numbers = tuple(int(part) for part in version.split(".") if part.isdecimal())
    if len(numbers) == 3 and numbers < OLDEST:
        raise _too_old(python, version)


def _too_old(python: str, version: str) -> OperationalError:
    return _error("TRU503", python, version=version, oldest=".".join(map(str, OLDEST)))


def _cannot_run(python: str, reason: str) -> OperationalError:
    return _error("TRU502", python, reason=reason)


def _error(code: str, python: str, **values: str) -> OperationalError:
    from trued.core.errors import OperationalError
    from trued.core.finding import Finding

    return OperationalError(Finding(code=code, subject=python, values=values))
