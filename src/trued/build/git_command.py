"""The system's git, run so that nothing but the arguments given here decides what it does.

Configuration of the user and the system is not read (it may name programs: ``core.fsmonitor``,
``credential.helper``, ``core.sshCommand``, ``url.*.insteadOf``), no hook or template is copied, nobody is
asked for a password, and git's own rules about transports stay on. Credentials travel in the environment,
which other users of the machine cannot read, and never in the argument list, which they can.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time

from trued.core.errors import OperationalError
from trued.core.finding import Finding
from trued.core.record import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Self

__all__ = ["Git", "GitFailed", "GitLimits", "GitSettings", "find_git"]

_OLDEST = (2, 31)
"""The first git that takes configuration from the environment (``GIT_CONFIG_COUNT``)."""
_CHUNK = 1024 * 1024
_MESSAGE_BYTES = 64 * 1024
_POLL_SECONDS = 0.1
_KEPT = (
    *("PATH", "USER", "LOGNAME", "SSH_AUTH_SOCK", "SSH_AGENT_PID", "SYSTEMROOT", "COMSPEC", "PATHEXT"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR"),
)
_PROXIES = ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY")
_SSH = (
    "ssh -oBatchMode=yes -oClearAllForwardings=yes -oPermitLocalCommand=no"
    " -oForwardAgent=no -oForwardX11=no -oTunnel=no"  # which the first of them leaves as they are
)
_CONFIG = (
    ("core.hooksPath", os.devnull),
    ("core.fsmonitor", "false"),
    ("core.symlinks", "false"),
    ("core.askPass", ""),
    ("credential.helper", ""),
    ("credential.interactive", "false"),
    ("fetch.recurseSubmodules", "false"),
    ("submodule.recurse", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("fetch.writeCommitGraph", "false"),
    ("transfer.bundleURI", "false"),
    ("transfer.fsckObjects", "true"),
    ("fetch.fsckObjects", "true"),
    # Harmless faults of old commits, which some widely used repositories have.
    ("fetch.fsck.zeroPaddedFilemode", "ignore"),
    ("fetch.fsck.missingSpaceBeforeDate", "ignore"),
    ("fetch.fsck.badTimezone", "ignore"),
    ("protocol.version", "2"),
    ("http.lowSpeedLimit", "1024"),
    ("http.lowSpeedTime", "60"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GitLimits:
    """Bounds on one repository: seconds of one command, bytes fetched, bytes and entries of the tree."""

    seconds: float = 600.0
    fetched_bytes: int = 4 * 1024**3
    tree_bytes: int = 4 * 1024**3
    tree_entries: int = 200_000
    listing_bytes: int = 64 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class GitSettings:
    """What the user says of the network, for git: *environ* gives ``PATH``, proxies and the ssh agent.

    ``config`` are further settings (a proxy, a certificate); they may hold secrets and are never shown.
    ``protocols`` are those that may be used, for redirects too.
    """

    environ: Mapping[str, str]
    protocols: tuple[str, ...] = ("https", "ssh", "file")
    config: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    use_proxy_environment: bool = True
    limits: GitLimits = field(default_factory=GitLimits)


class GitFailed(Exception):
    """git ended with a failure; ``said`` is the end of what it wrote, without credentials."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


def find_git(environ: Mapping[str, str]) -> str:
    """Return the path of git. Raises: OperationalError TRU480 when there is none, or too old a one."""
    from shutil import which

    program = which("git", path=environ.get("PATH", os.defpath))
    if program is None:
        raise _no_git("there is no git on PATH")
    try:
        told = subprocess.run(
            [program, "--version"], capture_output=True, timeout=30, check=True, text=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise _no_git(f"{program} does not run") from error
    digits = told.removeprefix("git version ").split(".")
    version = tuple(int(part) for part in digits[:2] if part.isdecimal())
    if version < _OLDEST:
        raise _no_git(f"{program} is {told.strip()}")
    return program


def _no_git(reason: str) -> OperationalError:
    oldest = ".".join(map(str, _OLDEST))
    return OperationalError(
        Finding(code="TRU480", subject="git", values={"reason": reason, "oldest": oldest})
    )


class Git:
    """Runs *program* on a private *folder* (``home/`` and ``repository/`` in it) by *settings*.

    *shown* names the repository in findings. *secrets* are cut out of whatever git says.
    """

    def __init__(
        self, program: str, folder: str, settings: GitSettings, *, shown: str, secrets: Sequence[str] = ()
    ) -> None:
        self.repository = os.path.join(folder, "repository")
        self._program = program
        self._home = os.path.join(folder, "home")
        self._settings = settings
        self._shown = shown
        self._secrets = tuple(secret for secret in secrets if secret)
        os.makedirs(self._home, mode=0o700, exist_ok=True)

    def run(self, *arguments: str, most_bytes: int = _CHUNK) -> bytes:
        """Run git with *arguments* and return what it wrote.

        Raises: GitFailed; OperationalError TRU488 past a limit of time, output or the repository's size.
        """
        with self._started(arguments, stdin=subprocess.DEVNULL) as process:
            return process.whole(most_bytes)

    def objects(self, names: Sequence[str]) -> _Objects:
        """Return a reader of the objects *names*, a context manager."""
        return _Objects(self._started(("cat-file", "--batch"), stdin=subprocess.PIPE), names)

    def _started(self, arguments: Sequence[str], *, stdin: int) -> _Process:
        is_made = os.path.isdir(self.repository)
        argv = [self._program, *(["--git-dir", self.repository] if is_made else []), *arguments]
        process = subprocess.Popen(
            argv,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment(),
            cwd=self._home,
            start_new_session=True,
        )
        return _Process(process, self._settings.limits, self.repository, self._shown, self._hidden)

    def _hidden(self, text: str) -> str:
        from trued.requirements.url import without_credentials

        for secret in self._secrets:
            text = text.replace(secret, "****")
        return without_credentials(text)

    def _environment(self) -> dict[str, str]:
        given, settings = self._settings.environ, self._settings
        names = (*_KEPT, *(_PROXIES if settings.use_proxy_environment else ()))
        config = (*_CONFIG, *settings.config)
        return {
            **{name: given[name] for name in names if name in given},
            "HOME": self._home,
            "XDG_CONFIG_HOME": self._home,
            "TMPDIR": self._home,
            "LC_ALL": "C",
            "LANGUAGE": "C",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "",
            "SSH_ASKPASS": "",
            "SSH_ASKPASS_REQUIRE": "never",
            "GIT_SSH_COMMAND": _SSH,
            "GIT_SSH_VARIANT": "ssh",
            "GIT_ALLOW_PROTOCOL": ":".join(settings.protocols),
            "GIT_PROTOCOL_FROM_USER": "0",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_NO_LAZY_FETCH": "1",  # else a repository says what to run for what it lacks (CVE-2024-32465)
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_FLUSH": "1",
            "GIT_CONFIG_COUNT": str(len(config)),
            **{f"GIT_CONFIG_KEY_{number}": key for number, (key, _) in enumerate(config)},
            **{f"GIT_CONFIG_VALUE_{number}": value for number, (_, value) in enumerate(config)},
        }


class _Process:
    """One run of git, watched: time, output, and what it writes into the repository."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        limits: GitLimits,
        repository: str,
        shown: str,
        hidden: Callable[[str], str],
    ) -> None:
        from threading import Event, Thread

        self.process = process
        self._limits = limits
        self._repository = repository
        self._shown = shown
        self._hidden = hidden
        self._said = bytearray()
        self._exceeded = ""
        self._ended = Event()
        self._threads = [Thread(target=self._listen, daemon=True), Thread(target=self._watch, daemon=True)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self.process.poll() is None:
            self._kill()
        self.process.wait()
        for thread in self._threads:
            thread.join()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()

    def whole(self, most_bytes: int) -> bytes:
        """Return everything that git writes, once it ended well."""
        out = self.process.stdout
        if out is None:
            raise TypeError("git was started without a pipe")
        data = out.read(most_bytes + 1)
        if len(data) > most_bytes:
            self._exceed(f"more than {most_bytes} bytes of output")
        status = self.process.wait()
        self._threads[0].join()
        self.check()
        if status:
            raise GitFailed(self.said)
        return data

    def check(self) -> None:
        """Raise when a limit was passed."""
        if self._exceeded:
            values = {"limit": self._exceeded}
            raise OperationalError(Finding(code="TRU488", subject=self._shown, values=values))

    @property
    def said(self) -> str:
        """The last lines that git wrote to its error output."""
        text = self._hidden(bytes(self._said).decode("utf-8", "replace"))
        lines = ["".join(sign for sign in line if sign.isprintable()) for line in text.splitlines()]
        return "\n".join([line for line in lines if line.strip()][-4:])[-800:]

    def _listen(self) -> None:
        err = self.process.stderr
        while err is not None and (piece := os.read(err.fileno(), 4096)):
            self._said += piece
            del self._said[:-_MESSAGE_BYTES]

    def _watch(self) -> None:
        """End git when it takes too long, or writes too much: it has no such limits of its own."""
        begun = time.monotonic()
        while not self._ended.wait(_POLL_SECONDS) and self.process.poll() is None:
            if time.monotonic() - begun > self._limits.seconds:
                self._exceed(f"more than {self._limits.seconds:g} seconds")
            elif _size_of(self._repository) > self._limits.fetched_bytes:
                self._exceed(f"more than {self._limits.fetched_bytes} bytes fetched")

    def _exceed(self, what: str) -> None:
        self._exceeded = self._exceeded or what
        self._kill()

    def _kill(self) -> None:
        """End git and every program that it started."""
        try:
            if os.name == "posix":
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()
        except ProcessLookupError:
            pass


class _Objects:
    """Objects of the repository, in the order in which they were named."""

    def __init__(self, process: _Process, names: Sequence[str]) -> None:
        from threading import Thread

        self._process = process
        self._names = names
        self._feeder = Thread(target=self._feed, daemon=True)

    def __enter__(self) -> Self:
        self._process.__enter__()
        self._feeder.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._process.__exit__(*reason)
        self._feeder.join()

    def _feed(self) -> None:
        """Name all objects; git answers meanwhile."""
        pipe = self._process.process.stdin
        if pipe is None:
            return
        try:
            pipe.write(b"".join(f"{name}\n".encode() for name in self._names))
            pipe.close()
        except (OSError, ValueError):  # git ended, or the reader went away
            return

    def content(self, name: str) -> Iterator[bytes]:
        """Yield the content of the next object, which is the blob *name*. Raises: GitFailed."""
        out = self._process.process.stdout
        head = out.readline(256) if out is not None else b""
        parts = head.decode("ascii", "replace").split()
        if out is None or len(parts) != 3 or parts[:2] != [name, "blob"]:
            self._process.check()
            raise GitFailed(self._process.said or f"the object {name} is not in the repository")
        left = int(parts[2])
        while left:
            chunk = out.read(min(left, _CHUNK))
            if not chunk:
                self._process.check()
                raise GitFailed(self._process.said or "git ended in the middle of an object")
            left -= len(chunk)
            yield chunk
        out.read(1)


def _size_of(folder: str) -> int:
    """Return the bytes of all files below *folder*; what goes away meanwhile counts as none."""
    total, waiting = 0, [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as found:
                for entry in found:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
        except OSError:
            continue
    return total
