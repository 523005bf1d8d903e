"""What a hook answered, and what it left behind: read as anything a stranger may have written.

The hook runs in the same process as the code that writes its answer, so the answer is the build's word and no
more: of bounded size, of the types that PEP 517 gives, with names that stay in their folder.
"""

from __future__ import annotations

import os
import stat

from trued.core.errors import Refused
from trued.core.filenames import parse_wheel_name
from trued.core.finding import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.build.limits import BuildLimits

__all__ = ["HookResult", "malformed", "read_bounded", "read_hook_result", "requirement_list", "wheel_in"]

HookResult = dict[str, object]
_FLAGS = ("hook_missing", "no_backend")
_TEXTS = ("backend_error", "missing_hook_name", "traceback")
_TEXT_CHARACTERS = 20_000
_REQUIREMENTS = 2000
_REQUIREMENT_CHARACTERS = 4096


def malformed(hook: str, reason: str) -> Refused:
    """Return the refusal of what *hook* answered."""
    return Refused(Finding(code="TRU444", subject=hook, values={"reason": reason}))


def read_hook_result(path: str, *, hook: str, limits: BuildLimits) -> HookResult:
    """Return the answer in *path* with nothing in it but what is known and of the right type.

    Raises:
        Refused: It is missing, no plain file, too large, or not what a hook answers (TRU444).

    """
    import json

    data = read_bounded(path, limits.result_bytes)
    if data is None:
        raise malformed(hook, "there is no answer, or it is no plain file of a bounded size")
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise malformed(hook, "it is not JSON, or nested too deeply") from error
    if not isinstance(answer, dict):
        raise malformed(hook, "it is no JSON object")
    flags = {name: answer.get(name) is True for name in _FLAGS}
    texts = {name: _text(answer.get(name)) for name in _TEXTS}
    value = None if any(flags.values()) else _returned(hook, answer.get("return_val"))
    return {**flags, **texts, "return_val": value}


def _text(value: object) -> str:
    return value[:_TEXT_CHARACTERS] if isinstance(value, str) else ""


def _returned(hook: str, value: object) -> object:
    if hook.startswith("get_requires_"):
        return list(requirement_list(hook, value))
    if not isinstance(value, str):
        raise malformed(hook, "it names no file")
    if value != os.path.basename(value) or value in ("", ".", "..") or not _is_plain(value):
        raise malformed(hook, f"it names {ascii(value)[:200]}, which is not a name in its folder")
    return value


def requirement_list(hook: str, value: object) -> tuple[str, ...]:
    """Return *value* as the requirements that a hook asks for. Raises :class:`Refused` (TRU444)."""
    if not isinstance(value, list) or len(value) > _REQUIREMENTS:
        raise malformed(hook, f"it is no list of at most {_REQUIREMENTS} requirements")
    for one in value:
        if not isinstance(one, str) or len(one) > _REQUIREMENT_CHARACTERS or not _is_plain(one.strip()):
            raise malformed(hook, "one of its requirements is no line of text")
    return tuple(one.strip() for one in value)


def _is_plain(text: str) -> bool:
    return text.isprintable() and "\\" not in text


def read_bounded(path: str, most: int) -> bytes | None:
    """Return what the plain file *path* holds; ``None`` for a link, a pipe, a device, or more than *most*."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except OSError:
        return None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_size > most:
        os.close(descriptor)
        return None
    with open(descriptor, "rb") as file:
        data = file.read(most + 1)
    return data if len(data) <= most else None


def wheel_in(folder: str, name: str, *, limits: BuildLimits) -> str:
    """Return the path of the wheel *name*, the one thing that a build left in *folder*.

    Raises:
        Refused: There is more or less than one wheel of that name, or it is no plain file (TRU445).

    """
    path = os.path.join(folder, name)
    try:
        found = sorted(os.listdir(folder))
    except OSError as error:  # the build took its rights away
        raise _no_wheel(name, "the folder that it was built into cannot be listed") from error
    if found != [name]:
        listed = ", ".join(ascii(one)[:200] for one in found[:5]) or "nothing"
        raise _no_wheel(name, f"the build left {listed} in its folder, not this file alone")
    status = os.lstat(path)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
        raise _no_wheel(name, "it is a link or no plain file")
    if status.st_size > limits.wheel_bytes:
        raise _no_wheel(name, f"it has {status.st_size} bytes, more than {limits.wheel_bytes}")
    if parse_wheel_name(name) is None:
        raise _no_wheel(name, "its name is not a wheel's")
    os.chmod(path, 0o600)
    return path


def _no_wheel(name: str, reason: str) -> Refused:
    return Refused(Finding(code="TRU445", subject=name, values={"reason": reason}))
