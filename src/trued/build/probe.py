"""Whether bubblewrap works on this machine, found by trying it; and if not, why, and what mends it."""

from __future__ import annotations

import os

from trued.build.bubblewrap import NAMESPACES, SEALED, Bubblewrap
from trued.build.faults import no_sandbox

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FACTS", "hindrance", "install_command", "usable_bubblewrap"]

_APPARMOR = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"
_CLONE = "/proc/sys/kernel/unprivileged_userns_clone"
_MOST = "/proc/sys/user/max_user_namespaces"
_DOCKER, _PODMAN = "/.dockerenv", "/run/.containerenv"
_PROFILE = "/etc/apparmor.d/bwrap-userns-restrict"
FACTS = (_APPARMOR, _CLONE, _MOST, _DOCKER, _PODMAN, _PROFILE)
"""Files that tell what forbids user namespaces; absent ones are left out of what is read."""

_INSTALLERS = {
    "debian": "sudo apt install bubblewrap",
    "ubuntu": "sudo apt install bubblewrap",
    "fedora": "sudo dnf install bubblewrap",
    "rhel": "sudo dnf install bubblewrap",
    "centos": "sudo dnf install bubblewrap",
    "arch": "sudo pacman -S bubblewrap",
    "alpine": "sudo apk add bubblewrap",
    "suse": "sudo zypper install bubblewrap",
    "opensuse": "sudo zypper install bubblewrap",
    "gentoo": "sudo emerge sys-apps/bubblewrap",
    "nixos": "nix-env -iA nixos.bubblewrap",
}
_TRIAL_SECONDS = 20.0


def usable_bubblewrap(environ: Mapping[str, str]) -> Bubblewrap:
    """Return bubblewrap as found on the PATH of *environ*.

    Raises:
        OperationalError: It is not installed, or the system does not let it make a box (TRU440).

    """
    import shutil

    program = shutil.which("bwrap", path=environ.get("PATH", os.defpath))
    if program is None:
        command = install_command(_text("/etc/os-release") or "")
        raise no_sandbox(system="Linux", cause="bubblewrap is not installed", command=command)
    said = _trial(program)
    if not said.startswith("bubblewrap "):
        cause, command = hindrance(said, {path: text for path in FACTS if (text := _text(path)) is not None})
        raise no_sandbox(system="Linux", cause=cause, command=command)
    uname = os.uname()
    return Bubblewrap(
        program=program,
        version=said.split()[1],
        machine=uname.machine,
        kernel=uname.release,
        home=os.path.realpath(environ.get("HOME") or "/root"),
    )


def _trial(program: str) -> str:
    """Return what bubblewrap says of its version from inside a box, or of why it could not make one."""
    import subprocess

    view = ["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"]
    sealed = [word for path in SEALED for word in ("--remount-ro", path)]
    try:
        done = subprocess.run(
            [program, *NAMESPACES, *view, *sealed, "--", program, "--version"],
            capture_output=True,
            check=False,
            env={},
            stdin=subprocess.DEVNULL,
            timeout=_TRIAL_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bwrap: {error}"
    return (done.stderr if done.returncode else done.stdout).decode("utf-8", "replace").strip()


def hindrance(said: str, facts: Mapping[str, str]) -> tuple[str, str]:
    """Return why bubblewrap that ended with *said* makes no box here, and the command that mends it.

    *facts* are the contents of those of :data:`FACTS` that exist.
    """
    if facts.get(_CLONE, "1").strip() == "0":
        cause = "the kernel forbids user namespaces (kernel.unprivileged_userns_clone is 0)"
        return cause, "sudo sysctl -w kernel.unprivileged_userns_clone=1"
    if facts.get(_MOST, "1").strip() == "0":
        cause = "the kernel allows no user namespaces (user.max_user_namespaces is 0)"
        return cause, "sudo sysctl -w user.max_user_namespaces=15000"
    if _DOCKER in facts or _PODMAN in facts:
        tool = "podman" if _PODMAN in facts else "docker"
        options = "--security-opt seccomp=unconfined --security-opt apparmor=unconfined"
        command = f"{tool} run {options} --security-opt systempaths=unconfined IMAGE"
        return f"this container forbids making namespaces ({_short(said)})", command
    if facts.get(_APPARMOR, "0").strip() == "1":
        source = "/usr/share/apparmor/extra-profiles/bwrap-userns-restrict"
        command = (
            f"sudo apt install apparmor-profiles && sudo install -m 644 {source} {_PROFILE} "
            f"&& sudo apparmor_parser -r {_PROFILE}"
        )
        return "AppArmor lets bubblewrap make no user namespaces, as Ubuntu sets it up since 23.10", command
    return f"bubblewrap makes no box here ({_short(said)})", "bwrap --unshare-all --ro-bind / / true"


def install_command(os_release: str) -> str:
    """Return what installs bubblewrap on the system that *os_release* (``/etc/os-release``) describes."""
    fields = dict(line.split("=", 1) for line in os_release.splitlines() if "=" in line)
    names = f"{fields.get('ID', '')} {fields.get('ID_LIKE', '')}".replace('"', "").split()
    for name in names:
        command = _INSTALLERS.get(name.split("-", maxsplit=1)[0])
        if command:
            return command
    return "install bubblewrap with the system's package manager"


def _short(said: str) -> str:
    line = next((line for line in said.splitlines() if line.strip()), "it said nothing")
    return "".join(character if character.isprintable() else "?" for character in line)[:200]


def _text(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(65536)
    except OSError:
        return None
