"""Calls of trued in processes that are forked from one which has imported it already.

Most of a call that takes a tenth of a second is the start of Python and its imports, and these tests make
thousands of them. A fork answers some calls one after another, since each fork copies the pages it writes to,
which costs more than the call. Folder, environment and streams are a call's own, and a call that leaves
anything behind in its process (a module, a thread, a child, an open file, a changed handler) is the last of
its fork; trued itself has no module-level state. It is no test of starting, of what is imported when, nor of
the code bundle: what ``conftest.py`` names starts Python each time.
"""

from __future__ import annotations

import _thread
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
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

__all__ = ["ForkServer"]

_LIBRARIES = (
    "_strptime",
    "cryptography.hazmat.backends.openssl.backend",
    "cryptography.x509",
    "cvss",
    "cyclonedx.model.bom",
    "cyclonedx.output.json",
    "cyclonedx.output.xml",
    "difflib",
    "encodings.ascii",
    "encodings.cp437",
    "encodings.unicode_escape",
    "encodings.utf_16_be",
    "encodings.utf_8_sig",
    "gzip",
    "importlib.readers",
    "importlib.resources.readers",
    "isal.isal_zlib",
    "jinja2",
    "nab_resolver.resolver",
    "packaging.dependency_groups",
    "packaging.pylock",
    "packaging.requirements",
    "packaging.tags",
    "packaging.utils",
    "pip._internal.models.index",
    "pycurl",
    "pyproject_hooks",
    "pysequoia",
    "resource",
    "securesystemslib.signer",
    "tomli_w",
    "tomlkit",
    "tuf.api.serialization.json",
    "tuf.ngclient",
    "unicodedata",
)
"""What trued's modules import when they need it."""
_READ_AT_START = ("LANG", "LC_", "LD_", "MALLOC", "PYTHON", "TZ")
"""How variables begin which a process looks at before it has come to call anything."""
_SECONDS = 60
_CALLS_OF_A_FORK = 50
_CLOSED, _USED_UP = 100, 101
"""Exit statuses of a fork, which no call of trued has."""
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
    """Answer calls, in one fork after another, until the other side is closed."""
    del sys.path[0]
    _import_everything()
    sys.dont_write_bytecode = True  # what is loaded here is no road's bundle
    gc.collect()
    gc.freeze()
    while True:
        child = os.fork()
        if child == 0:
            os._exit(_answer_calls(end))
        _, waited = os.waitpid(child, 0)
        status = os.waitstatus_to_exitcode(waited)
        if status == _CLOSED:
            return
        if status != _USED_UP:  # it ended with or within a call
            end.sendall(status.to_bytes(_NUMBER, signed=True))


def _import_everything() -> None:
    import trued
    from trued.proof.sigstore_library import load_sigstore

    load_sigstore()  # before it finds what it imports half
    for module in pkgutil.walk_packages(trued.__path__, "trued."):
        importlib.import_module(module.name)
    for name in _LIBRARIES:
        importlib.import_module(name)


def _answer_calls(end: socket.socket) -> int:
    """Answer the calls of one fork; return why there are no more, or what is to be told once it has ended."""
    first = _what_a_call_may_leave()
    for _ in range(_CALLS_OF_A_FORK):
        header, streams, _, _ = socket.recv_fds(end, _NUMBER, 3)
        if not header:
            return _CLOSED
        arguments, folder, environ = json.loads(_exactly(end, int.from_bytes(header)))
        end.sendall(os.getpid().to_bytes(_NUMBER))
        status = _called(arguments, folder, environ, streams)
        if _what_a_call_may_leave() != first:
            return status
        end.sendall(status.to_bytes(_NUMBER, signed=True))
    return _USED_UP


def _called(arguments: list[str], folder: str, environ: dict[str, str], streams: list[int]) -> int:
    """Be the process that was asked for until it ends itself; return its exit status."""
    from trued import __main__ as program

    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        like = getattr(sys, f"__{name}__")  # with nothing in its buffers from the call before
        fresh = open(  # noqa: SIM115 -- the descriptor stays open
            number, mode, 1 if name == "stderr" else -1, like.encoding, like.errors, "\n", closefd=False
        )
        setattr(sys, name, fresh)
    os.chdir(folder)
    kept = {name: os.environ[name] for name in ("LC_CTYPE",) if name in os.environ}  # Python's own (PEP 538)
    os.environ.clear()
    os.environ.update(kept | environ)
    finders = sys.meta_path.copy()
    sys.path.insert(0, folder)
    sys.argv = [str(program.__file__), *arguments]
    try:
        with _ending_told():
            program.launch()
    except _EndedError as ended:
        return ended.status
    finally:
        sys.path.remove(folder)
        sys.meta_path[:] = finders  # each call adds those of the code bundles
        tempfile.tempdir = None  # of the environment that the call had
    raise AssertionError("launch() returned")


class _EndedError(BaseException):
    def __init__(self, status: int) -> None:
        self.status = status


@contextlib.contextmanager
def _ending_told() -> Iterator[None]:
    """Have :func:`os._exit` raise in this process, and end those that it forks."""
    end_process, own = os._exit, os.getpid()

    def end(status: int) -> NoReturn:
        if os.getpid() != own:
            end_process(status)
        raise _EndedError(status)

    os._exit = end
    try:
        yield
    finally:
        os._exit = end_process


def _what_a_call_may_leave() -> tuple[object, ...]:
    """Return what has to be as before when another call is to find a process as it was at first."""
    gc.collect()  # what is unreachable may hold a file open
    os.umask(mask := os.umask(0))
    try:
        children = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        children = None
    return (
        children,
        threading.active_count(),
        _thread._count(),
        mask,
        os.listdir("/dev/fd"),
        [signal.getsignal(number) for number in signal.Signals],
        list(sys.modules),
        sys.path.copy(),
        sys.meta_path.copy(),
        warnings.filters[:],
        sys.getrecursionlimit(),
    )


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
