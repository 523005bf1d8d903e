"""Wheel tags (PEP 425) of an interpreter that is described rather than run.

Used for targets that packaging's own code cannot run in, and for ``--platform``, ``--python-version``,
``--implementation`` and ``--abi``, which have pip's meaning: what is not given comes from the interpreter, a
macOS platform stands for the older ones too, ``manylinux2014`` for its predecessors.
"""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass

from packaging import tags as packaging_tags

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from trued.environment.facts import Facts

__all__ = ["Described", "composed_tags", "describe"]

_SHORT_NAMES = packaging_tags.INTERPRETER_SHORT_NAMES
_LONG_NAMES = {"cp": "cpython", "pp": "pypy", "jy": "jython", "ip": "ironpython"}
_LEGACY_MANYLINUX = {
    "manylinux2014": ("manylinux2010", "manylinux1"),
    "manylinux2010": ("manylinux1",),
}
_APPLE = re.compile(r"(macosx|ios)_(\d+)_(\d+)_(.+)")
_ANDROID = re.compile(r"android_(\d+)_(.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """Another interpreter than the one at hand: its tags, best first, its markers and its version."""

    tags: tuple[str, ...]
    markers: Mapping[str, str]
    version: str


def composed_tags(facts: Facts) -> tuple[str, ...]:
    """Return the tags of the interpreter that *facts* tell of, on the platform trued itself runs on."""
    return tuple(
        _compose(
            implementation=_short_name(facts),
            version=facts["version_info"][:2],
            abis=list(facts["abis"]),
            platforms=list(packaging_tags.platform_tags()),
        )
    )


def describe(
    facts: Facts,
    *,
    platforms: Sequence[str] = (),
    python_version: str | None = None,
    implementation: str | None = None,
    abis: Sequence[str] = (),
) -> Described:
    """Return the interpreter that the options describe; what they leave open is taken from *facts*.

    *python_version* is ``3``, ``312``, ``3.12`` or ``3.12.1``, as in pip; with only a major version any
    minor one is meant, which markers read as ``.0``. Raises ValueError for another form.
    """
    version = parse_python_version(python_version) if python_version else facts["version_info"]
    name = implementation or _short_name(facts)
    widened = list(_widened(platforms)) if platforms else list(_platforms_of(facts))
    same = name == _short_name(facts) and version[:2] == facts["version_info"][:2]
    own = facts["abis"] if same or name != "cp" else _plain_abis(version[:2])
    found = _compose(
        implementation=name, version=version[:2], abis=list(abis) or list(own), platforms=widened
    )
    full = ".".join(str(part) for part in (*version, 0, 0)[:3])
    return Described(
        tags=tuple(dict.fromkeys(found)),
        markers=_markers(facts, full=full, name=name, platform_tag=platforms[0] if platforms else None),
        version=full,
    )


def parse_python_version(text: str) -> tuple[int, ...]:
    """Return the numbers of a ``--python-version``. Raises ValueError when it is no such thing."""
    parts = text.split(".")
    if len(parts) > 3 or not all(part.isdecimal() for part in parts):
        raise ValueError(text)
    if len(parts) == 1 and len(text) > 1:
        parts = [text[0], text[1:]]
    return tuple(int(part) for part in parts)


def _compose(
    *, implementation: str, version: tuple[int, ...], abis: list[str], platforms: list[str]
) -> Iterator[str]:
    interpreter = implementation + "".join(map(str, version))
    specific: Iterable[packaging_tags.Tag]
    if implementation == "cp":
        specific = packaging_tags.cpython_tags(version, abis, platforms)
    else:
        specific = packaging_tags.generic_tags(interpreter, abis, platforms)
    for tag in specific:
        yield str(tag)
    for tag in packaging_tags.compatible_tags(version, interpreter, platforms):
        yield str(tag)


def _plain_abis(version: tuple[int, ...]) -> list[str]:
    """Return the ABI of a release build; before 3.8 its name ended in ``m``."""
    if len(version) < 2:
        return []
    return [f"cp{version[0]}{version[1]}" + ("m" if version < (3, 8) else "")]


def _platforms_of(facts: Facts) -> Iterable[str]:
    every = (tag.split("-", 2)[2] for tag in facts["tags"])
    return dict.fromkeys(platform_tag for platform_tag in every if platform_tag != "any")


def _short_name(facts: Facts) -> str:
    return _SHORT_NAMES.get(facts["implementation"], facts["implementation"])


def _widened(platforms: Iterable[str]) -> Iterable[str]:
    """Return every platform that the given ones accept wheels for, each once."""
    seen: dict[str, None] = {}
    for name in platforms:
        for accepted in _accepted_by(name):
            seen.setdefault(accepted)
    return seen


def _accepted_by(name: str) -> Iterable[str]:
    apple = _APPLE.fullmatch(name)
    if apple:
        family, major, minor, architecture = apple.groups()
        version = (int(major), int(minor))
        older = packaging_tags.mac_platforms if family == "macosx" else packaging_tags.ios_platforms
        return [name, *older(version, architecture)]
    android = _ANDROID.fullmatch(name)
    if android:
        return [name, *packaging_tags.android_platforms(int(android[1]), android[2])]
    policy, _, architecture = name.partition("_")
    older_policies = _LEGACY_MANYLINUX.get(policy, ()) if architecture in ("i686", "x86_64") else ()
    return [name, *(f"{older}_{architecture}" for older in older_policies)]


def _markers(facts: Facts, *, full: str, name: str, platform_tag: str | None) -> dict[str, str]:
    markers = dict(facts["markers"])
    long_name = _LONG_NAMES.get(name)
    if full != facts["version"] or (long_name and long_name != markers["implementation_name"]):
        markers.update(
            python_version=".".join(full.split(".")[:2]),
            python_full_version=full,
            implementation_version=full,
        )
    if long_name and long_name != markers["implementation_name"]:
        spelled = {"cpython": "CPython", "pypy": "PyPy", "jython": "Jython", "ironpython": "IronPython"}
        markers.update(implementation_name=long_name, platform_python_implementation=spelled[long_name])
    if platform_tag and platform_tag != "any":
        markers.update(_platform_markers(platform_tag))
    return markers


def _platform_markers(tag: str) -> dict[str, str]:
    """Return what markers say of the system a platform tag names; releases of it cannot be known."""
    if tag.startswith("win"):
        machine = {"win32": "x86", "win_amd64": "AMD64", "win_arm64": "ARM64"}.get(tag, "")
        return _system_markers("nt", "Windows", "win32", machine)
    if tag.startswith(("macosx_", "ios_")):
        machine = tag.rsplit("_", 1)[-1] if not tag.endswith("x86_64") else "x86_64"
        system = ("Darwin", "darwin") if tag.startswith("macosx") else ("iOS", "ios")
        return _system_markers("posix", *system, machine)
    machine = next(
        (
            known
            for known in ("x86_64", "aarch64", "i686", "armv7l", "ppc64le", "s390x", "riscv64")
            if tag.endswith(known)
        ),
        platform.machine(),
    )
    if tag.startswith("android_"):
        return _system_markers("posix", "Android", "android", machine)
    return _system_markers("posix", "Linux", "linux", machine)


def _system_markers(os_name: str, system: str, sys_platform: str, machine: str) -> dict[str, str]:
    return {
        "os_name": os_name,
        "platform_system": system,
        "sys_platform": sys_platform,
        "platform_machine": machine,
        "platform_release": "",
        "platform_version": "",
    }
