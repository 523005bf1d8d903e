"""Scripts on Windows: a small program, a line that names the interpreter, and a ZIP with the code.

The program is the one of distlib that pip ships, read from there when it is needed: trued carries no
binaries. It reads the ``#!`` line behind itself and runs the interpreter on the whole file, which Python
takes as a ZIP.
"""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from trued.environment.scripts import script_text

if TYPE_CHECKING:
    from trued.environment.target import Target

__all__ = ["launcher_script", "with_launcher"]

_ARCHITECTURES = {"win32": "32", "win_amd64": "64", "win_arm64": "64-arm"}
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def launcher_script(target: Target, module: str, attribute: str, *, windowed: bool) -> bytes:
    """Return the ``.exe`` that calls *attribute* of *module* with *target*'s interpreter.

    A *windowed* one opens no console. Raises: FileNotFoundError when pip ships no program for the platform.
    """
    from importlib.resources import files

    platform = target.facts["tags"][0].rsplit("-", 1)[1]
    name = f"{'w' if windowed else 't'}{_ARCHITECTURES.get(platform, '64')}.exe"
    launcher = files("pip._vendor.distlib").joinpath(name).read_bytes()
    python = _windowed(target.python) if windowed else target.python
    return with_launcher(launcher, python, script_text("", module, attribute))


def with_launcher(launcher: bytes, python: str, script: bytes) -> bytes:
    """Return *launcher*, the line for *python*, and a ZIP whose main program is *script*."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(zipfile.ZipInfo("__main__.py", date_time=_EARLIEST), _without_shebang(script))
    quoted = f'"{python}"' if " " in python else python
    return launcher + f"#!{quoted}\r\n".encode() + archive.getvalue()


def _without_shebang(script: bytes) -> bytes:
    return script.partition(b"\n")[2] if script.startswith(b"#!") else script


def _windowed(python: str) -> str:
    head, dot, tail = python.rpartition("python.exe")
    return f"{head}pythonw.exe" if dot and not tail else python
