"""What the user names as input, told apart: environments, locks, requirements, documents, folders, files."""

from __future__ import annotations

import os
from functools import partial

from trued.core.errors import TruedError, UsageError
from trued.core.finding import Finding, Place
from trued.core.record import replace
from trued.operations.audit.audited import joined
from trued.requirements.lock.lock_name import PIPFILE_LOCK, is_pylock_name, is_read_as_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trued.operations.audit.audited import Inputs
    from trued.operations.session import Session

__all__ = ["LOCKS", "STANDARD_INPUT", "read_inputs"]

STANDARD_INPUT = "-"
LOCKS = ("pylock.toml", "uv.lock", "poetry.lock", "pdm.lock", PIPFILE_LOCK)
"""Of a project's folder the first that is there is audited."""
_PROJECT = "pyproject.toml"


def read_inputs(session: Session, arguments: Sequence[str], *, stdin: Callable[[], bytes]) -> Inputs:
    """Gather everything that *arguments*, ``-r`` and ``--path`` name; the environment when they name nothing.

    Raises: TruedError with what is wrong with all of them.
    """
    settings = session.settings
    requirements = [file for file in settings.requirements if not is_read_as_lock(file)]
    locks = [file for file in settings.requirements if is_read_as_lock(file)]
    readers: list[Callable[[], Inputs]] = [
        *([partial(_of_requirements, session, requirements)] if requirements else []),
        *(partial(_of_lock, session, file) for file in locks),
        *(partial(_of_path, session, folder) for folder in settings.path),
        *(partial(_of_argument, session, argument, stdin) for argument in arguments),
    ]
    if not readers and settings.locked:
        readers.append(partial(_of_folder, session, ".", session.cwd))
    if not readers:
        from trued.operations.audit.places import of_environment

        readers.append(partial(of_environment, session))
    return _read(readers)


def _read(readers: Sequence[Callable[[], Inputs]]) -> Inputs:
    found: list[Inputs] = []
    errors: list[TruedError] = []
    for reader in readers:
        try:
            found.append(reader())
        except TruedError as error:
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise UsageError(*(finding for error in errors for finding in error.findings))
    return found[0] if len(found) == 1 else joined(found)


def _of_argument(session: Session, argument: str, stdin: Callable[[], bytes]) -> Inputs:
    if argument == STANDARD_INPUT:
        return _of_bytes(session, stdin(), shown=argument)
    path = os.path.join(session.cwd, argument)
    if os.path.isdir(path):
        return _of_folder(session, argument, path)
    if not os.path.exists(path):
        raise _nothing(argument, "there is no such file or folder")
    if is_read_as_lock(path):
        return _of_lock(session, argument)
    if os.path.basename(path) == _PROJECT:
        from trued.operations.audit.requirement_files import of_project_file

        return of_project_file(session, argument)
    if path.endswith((".whl", ".tar.gz")):
        from trued.operations.audit.places import of_wheels

        return of_wheels(session, os.path.dirname(argument), [os.path.basename(argument)])
    if path.endswith(".json"):
        from trued.operations.audit.documents import read_document
        from trued.operations.lock_text import read_bytes

        return read_document(read_bytes(path, shown=argument), file=argument)
    if _is_interpreter(path):
        return _of_environment(session, python=argument)
    return _of_requirements(session, [argument])


def _of_folder(session: Session, shown: str, path: str) -> Inputs:
    """Read a virtual environment; else a project, by its lock before its own file; else a folder of files."""
    from trued.operations.audit.places import of_wheels, wheels_in

    if os.path.exists(os.path.join(path, "pyvenv.cfg")):
        return _of_environment(session, venv=shown)
    locks = _locks_in(path, every=session.settings.locked)
    if locks:
        return _read(
            [partial(_of_lock, session, os.path.normpath(os.path.join(shown, name))) for name in locks]
        )
    if session.settings.locked:
        raise _nothing(shown, f"there is no lock in it ({', '.join(LOCKS)})")
    if os.path.exists(os.path.join(path, _PROJECT)):
        from trued.operations.audit.requirement_files import of_project_file

        return of_project_file(session, os.path.join(shown, _PROJECT))
    files = wheels_in(path)
    if files:
        return of_wheels(session, shown, files)
    return _of_path(session, shown)


def _locks_in(folder: str, *, every: bool) -> list[str]:
    """Return the lock of the project in *folder*; with *every* all ``pylock.*.toml``, as pip-audit."""
    locks = [name for name in LOCKS if os.path.exists(os.path.join(folder, name))][:1]
    named = sorted(name for name in os.listdir(folder) if is_pylock_name(name)) if every else []
    return named or locks


def _of_path(session: Session, shown: str) -> Inputs:
    from trued.operations.audit.places import of_library, of_wheels, wheels_in

    path = os.path.join(session.cwd, shown)
    if not os.path.isdir(path):
        raise _nothing(shown, "it is no folder")
    inputs = of_library(session, shown)
    files = [] if inputs.candidates or inputs.skipped else wheels_in(path)
    return of_wheels(session, shown, files) if files else inputs


def _of_environment(session: Session, *, venv: str | None = None, python: str | None = None) -> Inputs:
    from trued.operations.audit.places import of_environment

    settings = session.settings
    session.settings = replace(settings, venv=venv, python=python)
    try:
        return of_environment(session)
    finally:
        session.settings = settings


def _of_lock(session: Session, shown: str) -> Inputs:
    from trued.operations.audit.places import of_lock
    from trued.operations.lock_text import read_lock

    lock = read_lock(session, shown)
    inputs = of_lock(lock, shown=shown, skip_editable=session.settings.skip_editable)
    return replace(inputs, findings=lock.findings)


def _of_requirements(session: Session, files: Sequence[str]) -> Inputs:
    from trued.operations.audit.requirement_files import of_requirements

    return of_requirements(session, files)


def _of_bytes(session: Session, data: bytes, *, shown: str) -> Inputs:
    """Tell by the content what it is: a document, a ``pylock.toml``, or requirements."""
    if data.lstrip()[:1] == b"{":
        from trued.operations.audit.documents import read_document

        return read_document(data, file=shown)
    if any(line.startswith(b"lock-version") for line in data.splitlines()):
        from trued.operations.audit.places import of_lock
        from trued.requirements.lock.pylock import read_pylock

        lock = read_pylock(data, file=shown)
        return replace(
            of_lock(lock, shown=shown, skip_editable=session.settings.skip_editable), findings=lock.findings
        )
    from trued.operations.audit.requirement_files import of_text

    return of_text(session, data, shown=shown)


def _is_interpreter(path: str) -> bool:
    return os.path.basename(path).startswith("python") and os.access(path, os.X_OK)


def _nothing(shown: str, reason: str) -> UsageError:
    return UsageError(Finding(code="TRU817", subject=shown, place=Place(shown), values={"reason": reason}))
