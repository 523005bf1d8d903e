"""The keyring, when one is installed: the module in this interpreter, or the ``keyring`` command."""

from __future__ import annotations

from trued.requirements.url import Credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["keyring_credentials"]

_COMMAND_SECONDS = 60


def keyring_credentials(
    services: Iterable[str], *, username: str | None, by_command: bool = False
) -> tuple[Credentials | None, str]:
    """Return the credentials of the first service a keyring knows, and a reason when it could not answer."""
    if by_command:
        return _from_command(services, username)
    return _from_module(services, username)


def _from_module(services: Iterable[str], username: str | None) -> tuple[Credentials | None, str]:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None, ""
    try:
        for service in services:
            found = keyring.get_credential(service, username)
            if found is not None:
                return Credentials(found.username or "", found.password or ""), ""
    except (KeyringError, RuntimeError, OSError) as error:
        return None, error.__class__.__name__
    return None, ""


def _from_command(services: Iterable[str], username: str | None) -> tuple[Credentials | None, str]:
    """Ask the command on the search path; like pip, only when the user name is known already."""
    import shutil
    import subprocess

    command = shutil.which("keyring")
    if command is None or not username:
        return None, ""
    try:
        for service in services:
            answer = subprocess.run(
                [command, "get", service, username],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=_COMMAND_SECONDS,
            )
            if answer.returncode == 0 and answer.stdout:
                return Credentials(username, answer.stdout.decode("utf-8", "replace").rstrip("\r\n")), ""
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, error.__class__.__name__
    return None, ""
