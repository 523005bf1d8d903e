"""What of the file system a build in the box sees: the system, the interpreter, and what is named.

Everything else does not exist there: no ``/home``, ``/root``, ``/var``, ``/run``, ``/sys``, ``/opt``, no
other temporary files, and of ``/etc`` only what programs need to start and to check certificates.
"""

from __future__ import annotations

import os

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.build.sandbox import Confinement

__all__ = ["BoxView", "box_view", "home_in"]

_SYSTEM = ("/usr", "/nix/store", "/gnu/store")
_ROOT = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
"""Links into ``/usr`` on most systems, folders on others."""
_SETTINGS = (
    *("alternatives", "ca-certificates", "debian_version", "fedora-release", "gentoo-release"),
    *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ld-musl-aarch64.path", "ld-musl-x86_64.path"),
    *("localtime", "lsb-release", "magic", "mime.types", "os-release", "redhat-release", "timezone"),
    *("pki/ca-trust/extracted", "pki/tls/cert.pem", "pki/tls/certs", "pki/tls/openssl.cnf"),
    *("ssl/cert.pem", "ssl/certs", "ssl/openssl.cnf", "python3", "python3.11", "python3.12", "python3.13"),
)
_FILES = {
    "/etc/group": b"build:x:1000:\n",
    "/etc/hosts": b"127.0.0.1 localhost build\n::1 localhost build\n",
    "/etc/nsswitch.conf": b"passwd: files\ngroup: files\nhosts: files dns\n",
    "/etc/passwd": b"build:x:1000:1000:build:/build/home:/bin/sh\n",
}
_PREFIX_PARTS = ("bin", "include", "lib", "lib32", "lib64", "libexec")
"""Of an interpreter in a home folder or its ``.local``, whose ``share`` has key rings, too."""
_LINKS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxView:
    """Options for bubblewrap: the system first, then what is named, folders before what lies in them.

    ``files`` are small made-up files by their path; ``writable`` are the folders outside that may be written.
    """

    system: tuple[str, ...]
    mounts: tuple[str, ...]
    files: Mapping[str, bytes]
    writable: tuple[str, ...]


def box_view(program: str, confinement: Confinement, *, home: str) -> BoxView:
    """Return what *program* (a path inside) and its build see."""
    mounts = {path: ("--ro-bind", path) for path in confinement.readable}
    mounts |= {path: ("--bind", path) for path in confinement.writable}
    for one in confinement.moved:
        mounts[one.inside] = ("--bind" if one.writable else "--ro-bind", one.source)
    outside = _outside(program, confinement)
    prefix, links = _interpreter(outside)
    for folder in _shown(prefix, home):
        mounts.setdefault(folder, ("--ro-bind", folder))
    seen = (*_SYSTEM, *_ROOT, *mounts)
    ordered = sorted(mounts.items(), key=lambda mount: mount[0].count("/"))
    made = [
        word for path, target in links.items() if not _lies_in(path, seen) for word in _link(target, path)
    ]
    return BoxView(
        system=tuple(_system()),
        mounts=(*(word for path, (kind, source) in ordered for word in (kind, source, path)), *made),
        files=_FILES,
        writable=(*confinement.writable, *(one.source for one in confinement.moved if one.writable)),
    )


def home_in(confinement: Confinement, home: str) -> str | None:
    """Return the folder to be shown that *home* lies in, as when a project fills a home folder itself."""
    shown = (*confinement.readable, *confinement.writable, *(one.source for one in confinement.moved))
    return next((folder for folder in shown if _lies_in(home, (os.path.realpath(folder),))), None)


def _system() -> list[str]:
    options = []
    for path in _SYSTEM:
        options += ["--ro-bind-try", path, path]
    for path in _ROOT:
        options += _link(os.readlink(path), path) if os.path.islink(path) else ["--ro-bind-try", path, path]
    for name in _SETTINGS:
        path = f"/etc/{name}"
        if os.path.exists(path):
            options += ["--ro-bind", os.path.realpath(path), path]
    return options


def _link(target: str, path: str) -> list[str]:
    return ["--symlink", target, path]


def _outside(path: str, confinement: Confinement) -> str:
    """Return where *path*, as the build names it, lies outside: where it is shown at its own place, there."""
    if _lies_in(path, (*confinement.readable, *confinement.writable)):
        return path
    for one in confinement.moved:
        if _lies_in(path, (one.inside,)):
            return one.source + path[len(one.inside) :]
    return path


def _interpreter(program: str) -> tuple[str, dict[str, str]]:
    """Return the folder that the real *program* is installed in, and the links on the way to it.

    A program that lies in no ``bin`` is not installed, and is shown alone.
    A virtual environment finds its base by ``home`` in ``pyvenv.cfg`` (PEP 405), which may go through links
    of its own.
    """
    links: dict[str, str] = {}
    real = _followed(program, links)
    base = _base_of(os.path.dirname(os.path.dirname(program)))
    if base:
        _followed(base, links)
    folder = os.path.dirname(real)
    return (os.path.dirname(folder) if os.path.basename(folder) == "bin" else real), links


def _base_of(environment: str) -> str:
    try:
        with open(os.path.join(environment, "pyvenv.cfg"), encoding="utf-8") as file:
            for line in file:
                key, _, value = line.partition("=")
                if key.strip().lower() == "home":
                    return value.strip()
    except (OSError, UnicodeDecodeError):
        pass
    return ""


def _followed(path: str, links: dict[str, str]) -> str:
    """Return the real place of *path*; each link on the way is added to *links* with its target."""
    done, rest = "/", os.path.abspath(path).split("/")[1:]
    for _ in range(_LINKS + 4 * len(rest)):
        if not rest:
            return done
        here = os.path.join(done, rest.pop(0))
        if not os.path.islink(here):
            done = os.path.normpath(here)
            continue
        links[here] = os.readlink(here)
        whole = os.path.normpath(os.path.join(done, links[here]))
        done, rest = "/", [part for part in whole.split("/") if part] + rest
    return os.path.realpath(path)


def _shown(prefix: str, home: str) -> tuple[str, ...]:
    """Return the folders of an interpreter to show: its own parts only where it is installed into a home."""
    if prefix == "/" or _lies_in(prefix, ("/usr",)):
        return ()
    if _lies_in(home or "/", (prefix,)) or prefix == os.path.realpath(os.path.join(home or "/", ".local")):
        parts = (os.path.join(prefix, name) for name in _PREFIX_PARTS)
        return tuple(part for part in parts if os.path.isdir(part))
    return (prefix,)


def _lies_in(path: str, folders: tuple[str, ...]) -> bool:
    return any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)
