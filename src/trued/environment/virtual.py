"""Make a virtual environment, by the interpreter's own ``venv`` module and without pip.

The module of the chosen interpreter knows what its distribution patched; making one takes it about a tenth of
a second, once.
"""

from __future__ import annotations

import os
import shutil
import subprocess

from trued.core.errors import OperationalError
from trued.core.finding import Finding
from trued.environment.origin import python_in, write_origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["create_virtual_environment", "take_back"]

_SECONDS = 120


def create_virtual_environment(folder: str, python: str) -> bool:
    """Make *folder* (missing or empty) a virtual environment of *python*; tell whether it was not one yet.

    Another run that makes the same one is waited for. Nothing is left behind when it fails.
    Raises: OperationalError TRU507.
    """
    from trued.environment.lock import Lock

    stood = os.path.isdir(folder)
    try:
        os.makedirs(folder, exist_ok=True)
        with Lock(folder):
            if _is_made(folder):
                return False
            _create(folder, python, stood=stood)
    except OSError as error:
        raise _failed(folder, python, error.strerror or str(error)) from error
    return True


def _is_made(folder: str) -> bool:
    """Tell whether *folder* holds a virtual environment, and not one that is only being made."""
    return os.path.isfile(os.path.join(folder, "pyvenv.cfg")) and os.path.lexists(python_in(folder))


def _create(folder: str, python: str, *, stood: bool) -> None:
    command = [python, "-I", "-m", "venv", "--without-pip", folder]
    try:
        answer = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        _clear(folder, stood=stood)
        raise _failed(folder, python, str(error)) from error
    except KeyboardInterrupt:
        _clear(folder, stood=stood)
        raise
    if answer.returncode != 0:
        _clear(folder, stood=stood)
        said = (answer.stderr or answer.stdout).decode(errors="replace").strip()
        raise _failed(folder, python, said.splitlines()[-1] if said else f"exit status {answer.returncode}")
    try:
        write_origin(folder)
    except OSError as error:
        _clear(folder, stood=stood)
        raise _failed(folder, python, error.strerror or str(error)) from error


def take_back(folder: str, libraries: Sequence[str], *, stood: bool) -> None:
    """Remove the environment at *folder*, just made, unless somebody installed into its *libraries* since.

    *stood* says that an empty folder was there before. What cannot be removed stays.
    """
    from contextlib import ExitStack, suppress

    from trued.environment.lock import Lock

    with suppress(OSError), ExitStack() as held:
        for library in dict.fromkeys(map(os.path.realpath, libraries)):
            held.enter_context(Lock(library))
            if os.listdir(library):
                return
        _clear(folder, stood=stood)


def _clear(folder: str, *, stood: bool) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if stood:
        os.makedirs(folder, exist_ok=True)


def _failed(folder: str, python: str, reason: str) -> OperationalError:
    return OperationalError(
        Finding(code="TRU507", subject=folder, values={"python": python, "reason": reason})
    )
