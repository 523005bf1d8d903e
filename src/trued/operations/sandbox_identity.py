"""Which sandbox this machine has, remembered: trying it out takes longer than taking a wheel that is kept.

Only for naming what a wheel was built in. Whoever builds has the sandbox tried out.
"""

from __future__ import annotations

import os
import sys

from trued.core.private_file import identity_of, private_bytes, write_private
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trued.build.sandbox import Sandbox

__all__ = ["SandboxIdentity", "sandbox_identity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxIdentity:
    """What a sandbox is called, and whether a build sees its folders elsewhere than they lie."""

    name: str
    version: str
    moves_paths: bool


def sandbox_identity(cache: str, environ: Mapping[str, str], find: Callable[[], Sandbox]) -> SandboxIdentity:
    """Return the identity of what *find* finds, from a note below *cache* while the program is the same.

    Raises: OperationalError TRU440 as *find*.
    """
    import marshal

    program = _program(environ)
    path = os.path.join(cache, "sandbox")
    data = private_bytes(path) if program else None
    if data is not None:
        try:
            known, name, version, moves_paths = marshal.loads(data)  # noqa: S302 - this user's own file
        except (ValueError, EOFError, TypeError):
            known = None
        if known == program:
            return SandboxIdentity(name=name, version=version, moves_paths=moves_paths)
    found = find()
    if program:
        note = (program, found.name, found.version, found.moves_paths)
        write_private(path, (marshal.dumps(note),))
    return SandboxIdentity(name=found.name, version=found.version, moves_paths=found.moves_paths)


def _program(environ: Mapping[str, str]) -> str:
    """Return what tells one bubblewrap and kernel from another; empty where that is not the sandbox."""
    if not sys.platform.startswith("linux"):
        return ""
    for folder in environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, "bwrap")
        try:
            status = os.stat(path)
        except OSError:
            continue
        if os.access(path, os.X_OK):
            return repr((path, identity_of(status), os.uname().release))
    return ""
