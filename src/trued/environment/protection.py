"""Protect an environment from being written to, take that back, and tell what is left of it.

``read-only`` takes the right to write from every file; folders stay as they are, so that programs still
upgrade, uninstall and delete. ``immutable`` has the file system refuse every change of files and folders,
``mount`` a mount do so. Neither is pretended: each is tried first, and what is not there is told.
"""

from __future__ import annotations

import os

from trued.core.errors import OperationalError
from trued.core.finding import Finding, Level
from trued.core.record import dataclass, replace
from trued.environment.immutable import is_immutable, set_immutable, why_not_immutable
from trued.environment.lock import Lock
from trued.environment.protection_files import files_of, is_writable, made_private, shared_outside
from trued.environment.protection_state import (
    MEANS,
    Protection,
    read_protection,
    state_path,
    write_protection,
)
from trued.environment.read_only_mount import (
    is_mounted_read_only,
    mount_read_only,
    unmount,
    why_no_mount,
)
from trued.environment.signals import Deferred, Terminating

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from trued.environment.protection_files import Standing
    from trued.environment.target import Target

    Checkpoint = Callable[[str], None]

__all__ = [
    "Protected",
    "available",
    "chosen",
    "planned",
    "protect",
    "refuse_change",
    "renew",
    "unprotect",
    "weaknesses",
]

_STRICT = ("immutable", "mount")
"""With these nobody changes anything, trued neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """What protects an environment now.

    ``files`` counts all of it, ``copied`` those that others shared, which take ``bytes``.
    """

    means: tuple[str, ...]
    files: int
    copied: int = 0
    bytes: int = 0


def _nothing(_: str) -> None:
    """Do nothing at a checkpoint."""


def available(prefix: str) -> dict[str, str]:
    """Return for each of the means why it is not to be had for the environment; empty when it is."""
    return {"read-only": "", "immutable": why_not_immutable(prefix), "mount": why_no_mount()}


def chosen(prefix: str, asked: Sequence[str]) -> tuple[str, ...]:
    """Return the means for what was *asked*: without any, what stands and the strongest that lasts.

    Raises: OperationalError TRU564 for each that was asked and is not to be had, TRU567.
    """
    lacking = available(prefix)
    standing = read_protection(prefix)
    if standing is not None:  # what stands is to be had, though it keeps itself from being tried
        lacking |= dict.fromkeys(standing.means, "")
    if not asked:
        lasting = () if lacking["immutable"] else ("immutable",)
        asked = (*(standing.means if standing else ()), *lasting)
    problems = [
        Finding(code="TRU564", subject=prefix, values={"means": name, "reason": lacking[name]})
        for name in asked
        if lacking[name]
    ]
    if problems:
        raise OperationalError(*problems)
    return tuple(name for name in MEANS if name in asked or name == "read-only")


def protect(
    target: Target,
    means: Sequence[str],
    *,
    time: str,
    waiting: Callable[[str], None] | None = None,
    checkpoint: Checkpoint = _nothing,
) -> Protected:
    """Protect the environment by *means*, as :func:`chosen` returned them; whatever protected it before goes.

    *time* is written beside it. When anything fails, or somebody ends it, the environment is not protected,
    and each file has the content and the permissions it had before any protection. Raises: OperationalError
    TRU520 when the system refuses.
    """
    prefix = os.path.realpath(target.prefix)
    with Terminating():
        try:
            with Lock(target.roots["purelib"], waiting=waiting):
                _lifted(prefix, read_protection(prefix))
                protection = Protection(means=tuple(means), complete=False, time=time)
                try:
                    return _applied(prefix, protection, checkpoint)
                except BaseException:
                    with Deferred():
                        _lifted(prefix, read_protection(prefix))
                    raise
        except OSError as error:
            raise _refused(error, prefix) from error


def unprotect(target: Target, *, waiting: Callable[[str], None] | None = None) -> tuple[str, ...]:
    """Take away what :func:`protect` set, and give files their permissions back; return the means.

    Raises: as it does.
    """
    prefix = os.path.realpath(target.prefix)
    try:
        protection = read_protection(prefix)
        if protection is None and not is_immutable(prefix):
            return ()
        with Lock(target.roots["purelib"], waiting=waiting), Terminating():
            _lifted(prefix, protection or Protection(means=("immutable",)))
    except OSError as error:
        raise _refused(error, prefix) from error
    return protection.means if protection else ("immutable",)


def refuse_change(prefix: str) -> Protection | None:
    """Return the protection that a change has to renew afterwards.

    Raises: OperationalError TRU565 where nothing can be changed, TRU567 where it cannot be told.
    """
    protection = read_protection(prefix)
    strict = [name for name in protection.means if name in _STRICT] if protection else []
    if strict:
        raise OperationalError(Finding(code="TRU565", subject=prefix, values={"means": " and ".join(strict)}))
    return protection


def renew(prefix: str, protection: Protection) -> tuple[Finding, ...]:
    """Protect what a change has brought too; return TRU566 where that failed: the change itself holds."""
    real = os.path.realpath(prefix)
    try:
        modes = _read_only(real, protection.modes)
        write_protection(real, replace(protection, modes=modes, complete=True))
    except OSError as error:
        values = {"means": "read-only", "count": "some", "path": error.filename or prefix}
        return (Finding(code="TRU566", level=Level.WARNING, subject=prefix, values=values),)
    return ()


def weaknesses(prefix: str, protection: Protection) -> Iterator[Finding]:
    """Yield TRU566 for each of the means that no longer holds, TRU567 when protecting was broken off.

    Raises: OperationalError TRU520 for a folder that cannot be listed.
    """
    real = os.path.realpath(prefix)
    if not protection.complete:
        values = {"reason": "protecting it was broken off"}
        yield Finding(code="TRU567", subject=state_path(prefix), values=values)
    files = _listed(real)
    for name in protection.means:
        if name == "mount":
            open_ = [] if is_mounted_read_only(real) else [prefix]
        elif name == "immutable":
            open_ = [one.path for one in files if not is_immutable(one.path)]
        else:
            open_ = [one.path for one in files if is_writable(one)]
        if open_:
            values = {"means": name, "count": str(len(open_)), "path": open_[0]}
            level = Level.WARNING if name == "read-only" else Level.ERROR
            yield Finding(code="TRU566", level=level, subject=os.path.basename(prefix), values=values)


def planned(prefix: str, means: Sequence[str]) -> Protected:
    """Return what :func:`protect` would do by *means*. Raises: as :func:`weaknesses`."""
    files = _listed(os.path.realpath(prefix))
    outside = _to_copy(files, means)
    return Protected(
        means=tuple(means),
        files=sum(not one.is_folder for one in files),
        copied=len(outside),
        bytes=sum(os.lstat(one.path).st_size for one in outside),
    )


def _listed(prefix: str) -> list[Standing]:
    try:
        return list(files_of(prefix))
    except OSError as error:
        raise _refused(error, prefix) from error


def _to_copy(files: Sequence[Standing], means: Sequence[str]) -> list[Standing]:
    """Return the files whose inode has other owners too, and would be changed."""
    return [one for one in shared_outside(files) if "immutable" in means or is_writable(one)]


def _applied(prefix: str, protection: Protection, checkpoint: Checkpoint) -> Protected:
    files = list(files_of(prefix))
    outside = _to_copy(files, protection.means)
    size = made_private(outside, prefix=prefix, checkpoint=checkpoint)
    modes = {os.path.relpath(one.path, prefix): one.mode for one in files if is_writable(one)}
    write_protection(prefix, replace(protection, modes=modes))
    checkpoint("written")
    for name, mode in modes.items():
        _without_writing(f"{prefix}/{name}", mode)
        checkpoint("read-only")
    write_protection(prefix, replace(protection, modes=modes, complete=True))
    if "immutable" in protection.means:
        for one in files_of(prefix):  # folders after what is in them, the environment's own last
            set_immutable(one.path, immutable=True)
            checkpoint("immutable")
    if "mount" in protection.means:
        mount_read_only(prefix)
        checkpoint("mounted")
    count = sum(not one.is_folder for one in files)
    return Protected(means=protection.means, files=count, copied=len(outside), bytes=size)


def _read_only(prefix: str, known: Mapping[str, int]) -> dict[str, int]:
    """Take the right to write from every file that has it; return what it was, with what is *known*."""
    files = list(files_of(prefix))
    made_private([one for one in shared_outside(files) if is_writable(one)], prefix=prefix)
    writable = {os.path.relpath(one.path, prefix): one.mode for one in files if is_writable(one)}
    for name, mode in writable.items():
        _without_writing(f"{prefix}/{name}", mode)
    standing = {os.path.relpath(one.path, prefix) for one in files}
    return {**{name: mode for name, mode in known.items() if name in standing}, **writable}


def _without_writing(path: str, mode: int) -> None:
    os.chmod(path, mode & ~0o222)


def _lifted(prefix: str, protection: Protection | None) -> None:
    """Take away whatever stands, the last set first. Raises: OSError."""
    if protection is None:
        return
    if is_mounted_read_only(prefix) and "mount" in protection.means:
        unmount(prefix)
    if "immutable" in protection.means:
        for one in list(files_of(prefix))[::-1]:  # the environment's own folder first
            set_immutable(one.path, immutable=False)
    files = list(files_of(prefix))
    shared = {one.path for one in shared_outside(files)}  # came later, and may be the store's own file
    for one in files:
        mode = protection.modes.get(os.path.relpath(one.path, prefix))
        if mode is not None and one.path not in shared and one.mode == mode & ~0o222:
            os.chmod(one.path, mode)
    if os.path.lexists(state_path(prefix)):
        os.unlink(state_path(prefix))


def _refused(error: OSError, prefix: str) -> OperationalError:
    path = error.filename if isinstance(error.filename, str) else prefix
    return OperationalError(
        Finding(code="TRU520", subject=path, values={"reason": error.strerror or str(error)})
    )
