"""Calls of trued in processes that are forked from one which has imported it already.

Most of a call that takes a tenth of a second is the start of Python and its imports, and these tests make
thousands of them. A forked call is a process like any other: its folder, environment, streams and status are
its own. It is no test of starting, of what is imported when, nor of the code bundle: the modules that
``conftest.py`` names start Python each time.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["ForkServer"]

_LIBRARIES = (
    "_strptime",
    "cryptography.x509",
    "cvss",
    "cyclonedx.model.bom",
    "cyclonedx.output.json",
    "encodings.ascii",
    "encodings.cp437",
    "gzip",
    "isal.isal_zlib",
    "jinja2",
    "nab_resolver.resolver",
    "packaging.pylock",
    "packaging.requirements",
    "packaging.tags",
    "packaging.utils",
    "pip._internal.models.index",
    "pycurl",
    "pyproject_hooks",
    "pysequoia",
    "securesystemslib.signer",
    "tomli_w",
    "tomlkit",
    "tuf.ngclient",
    "unicodedata",
)
"""What trued's modules import when they need it."""
_READ_AT_START = ("LANG", "LC_", "LD_", "MALLOC", "PYTHON", "TZ")
"""How variables begin which a process looks at before it has come to call anything."""
_SECONDS = 60
_NUMBER = 4
"""Bytes of a number between the two processes."""


class ForkServer:
    """Runs ``trued`` in forks of one process, from the first call until :meth:`close`."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    @staticmethod
    def can_run(environ: Mapping[str, str]) -> bool:
        """Whether nothing of *environ* has to be there when Python starts."""
        return not any(name.startswith(_READ_AT_START) for name in environ)

    def run(
        self, arguments: Sequence[str], *, cwd: Path, environ: Mapping[str, str], stdin: str
    ) -> subprocess.CompletedProcess[str]:
        """Call trued as :func:`subprocess.run` would."""
        with contextlib.ExitStack() as stack:
            given, out, err = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(3))
            given.write(stdin.encode())
            given.seek(0)
            call = json.dumps([list(arguments), str(cwd), dict(environ)]).encode()
            status = self._call(call, [file.fileno() for file in (given, out, err)])
            printed = [os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0) for file in (out, err)]
        texts = [text.decode().replace("\r\n", "\n") for text in printed]
        return subprocess.CompletedProcess(["trued", *arguments], status, *texts)

    def close(self) -> None:
        """End the process."""
        if self._process is not None and self._socket is not None:
            self._socket.close()
            self._process.wait(_SECONDS)

    def _call(self, call: bytes, streams: list[int]) -> int:
        if self._socket is None:
            self._start()
        assert self._socket is not None
        socket.send_fds(self._socket, [len(call).to_bytes(_NUMBER)], streams)
        self._socket.sendall(call)
        child = int.from_bytes(_exactly(self._socket, _NUMBER))
        try:
            return int.from_bytes(_exactly(self._socket, _NUMBER), signed=True)
        except TimeoutError:
            os.kill(child, signal.SIGKILL)
            _exactly(self._socket, _NUMBER)
            raise

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            env={"PATH": os.environ["PATH"]},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        ours.settimeout(_SECONDS)
        self._socket = ours


def _exactly(end: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        part = end.recv(size - len(received))
        if not part:
            raise EOFError
        received += part
    return received


def _serve(end: socket.socket) -> None:
    """Answer calls until the other side is closed."""
    del sys.path[0]
    _import_everything()
    sys.dont_write_bytecode = True  # what is loaded here is no road's bundle
    gc.collect()
    gc.freeze()
    while True:
        header, streams, _, _ = socket.recv_fds(end, _NUMBER, 3)
        if not header:
            return
        arguments, folder, environ = json.loads(_exactly(end, int.from_bytes(header)))
        child = os.fork()
        if child == 0:
            end.close()
            _be_called(arguments, folder, environ, streams)
        for stream in streams:
            os.close(stream)
        end.sendall(child.to_bytes(_NUMBER))
        _, status = os.waitpid(child, 0)
        end.sendall(os.waitstatus_to_exitcode(status).to_bytes(_NUMBER, signed=True))


def _import_everything() -> None:
    import trued
    from trued.proof.sigstore_library import load_sigstore

    load_sigstore()  # before it finds what it imports half
    for module in pkgutil.walk_packages(trued.__path__, "trued."):
        importlib.import_module(module.name)
    for name in _LIBRARIES:
        importlib.import_module(name)


def _be_called(arguments: list[str], folder: str, environ: dict[str, str], streams: list[int]) -> None:
    """Become the process that was asked for; does not return."""
    from trued import __main__ as program

    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    kept = {name: os.environ[name] for name in ("LC_CTYPE",) if name in os.environ}  # Python's own (PEP 538)
    os.environ.clear()
    os.environ.update(kept | environ)
    sys.path.insert(0, folder)
    sys.argv = [str(program.__file__), *arguments]
    program.launch()


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
