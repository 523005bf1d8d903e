"""Asking another program: it is started, something else is done meanwhile, and its answer is read.

A LEAN module: ``subprocess`` takes as long to import as the program to start.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["answer_of"]

_PIECE = 65536
_KILL = 9


def answer_of(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    seconds: float,
    meanwhile: Callable[[], object],
) -> tuple[int, bytes, bytes]:
    """Run *command*, whose first word is a path, and return exit status, output and complaints.

    It has *seconds*, counted after *meanwhile* has been called. Raises: OSError when it cannot be started,
    TimeoutError when it takes longer; it is then killed.
    """
    if not hasattr(os, "posix_spawn"):
        return _answer_of(command, environment=environment, seconds=seconds, meanwhile=meanwhile)
    output, into_output = os.pipe()
    complaints, into_complaints = os.pipe()
    try:
        child = os.posix_spawn(
            os.path.abspath(command[0]),
            list(command),
            environment,
            file_actions=(
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, into_output, 1),
                (os.POSIX_SPAWN_DUP2, into_complaints, 2),
            ),
        )
    except BaseException:
        _close(output, complaints)
        raise
    finally:
        _close(into_output, into_complaints)
    status = None
    try:
        meanwhile()
        answer, complaint = _read_all(output, complaints, seconds=seconds)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        _close(output, complaints)
        if status is None:
            os.kill(child, _KILL)
            os.waitpid(child, 0)
    return status, answer, complaint


def _read_all(*descriptors: int, seconds: float) -> list[bytes]:
    """Read pipes until all are closed. Raises: TimeoutError."""
    from select import select
    from time import monotonic

    end = monotonic() + seconds
    read = {descriptor: bytearray() for descriptor in descriptors}
    waiting = list(descriptors)
    while waiting:
        ready = select(waiting, [], [], max(0.0, end - monotonic()))[0]
        if not ready:
            raise TimeoutError(f"no answer in {seconds:.0f} seconds")
        for descriptor in ready:
            piece = os.read(descriptor, _PIECE)
            read[descriptor] += piece
            if not piece:
                waiting.remove(descriptor)
    return [bytes(read[descriptor]) for descriptor in descriptors]


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _answer_of(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    seconds: float,
    meanwhile: Callable[[], object],
) -> tuple[int, bytes, bytes]:
    import subprocess

    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, env=environment
    ) as asked:
        try:
            meanwhile()
            answer, complaint = asked.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            asked.kill()
            raise TimeoutError(str(error)) from error
        except BaseException:
            asked.kill()
            raise
    return asked.returncode, answer, complaint
