"""What the interpreter that trued runs on says of itself: asked of a forked process, without a start.

Starting an interpreter takes as long as its answer. A forked process needs no start; in it everything that a
virtual environment had changed is put back before the probe looks. A LEAN module.
"""

from __future__ import annotations

import _thread
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["own_answer"]


def own_answer(
    real: str, packaging_folder: str, *, environ: Mapping[str, str], meanwhile: Callable[[], object]
) -> bytes | None:
    """Return what ``probe.py`` says in the interpreter at *real*, where that is the one which runs here.

    ``None`` where it is another, where this process may differ from one that is started with ``-I -S``, and
    where anything went wrong: then it has to be started to be asked. *meanwhile* is called in any case but
    the first two.
    """
    if not _is_plain(environ) or os.path.realpath(sys.executable) != real:
        return None
    answers, answering = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(answering, packaging_folder)
    os.close(answering)
    try:
        with open(answers, "rb", buffering=0) as file:
            meanwhile()
            answer = file.readall()
    finally:
        status = os.waitpid(child, 0)[1]
    return answer if status == 0 else None


def _is_plain(environ: Mapping[str, str]) -> bool:
    """Tell whether a forked process can answer for a started one: it differs by its prefix at most."""
    return (
        sys.platform == "linux"
        and _thread._count() == 0
        and "sysconfig" not in sys.modules
        and not any(name.startswith("PYTHON") for name in environ)
    )


def _answer(answering: int, packaging_folder: str) -> None:
    """Answer, and end the forked process: nothing else of the parent's runs."""
    try:
        sys.prefix, sys.exec_prefix = sys.base_prefix, sys.base_exec_prefix
        from trued.environment import probe

        rest = memoryview(probe.facts(packaging_folder))
        while rest:
            rest = rest[os.write(answering, rest) :]
        os._exit(0)
    finally:
        os._exit(1)
