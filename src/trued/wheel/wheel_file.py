"""The WHEEL file: format version, tags, and where the root of the archive is installed."""

from __future__ import annotations

from trued.core.finding import Finding, Level
from trued.core.record import NamedTuple
from trued.wheel.faults import shown
from trued.wheel.headers import read_headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.wheel.faults import Faults

__all__ = ["WheelFile", "expanded_tags", "read_wheel_file", "tag_warning"]

_SUPPORTED_MAJOR = "1"


class WheelFile(NamedTuple):
    """The fields of WHEEL that installing needs; ``tags`` are expanded."""

    root_is_purelib: bool
    tags: frozenset[str]


def read_wheel_file(raw: bytes, *, faults: Faults) -> WheelFile | None:
    """Return the fields, noting what is missing and an unknown format version.

    An installer must abort on another major version (binary distribution format, "Installing a wheel").
    """
    try:
        headers = read_headers(raw)
    except UnicodeDecodeError:
        faults.add("TRU255", file="WHEEL")
        return None
    version = _single(headers, "wheel-version", faults)
    major, dot, minor = version.partition(".")
    if version and (major != _SUPPORTED_MAJOR or not dot or not minor.isdigit()):
        faults.add("TRU249", version=version)
    purelib = _single(headers, "root-is-purelib", faults).lower()
    if purelib not in ("true", "false", ""):
        faults.add("TRU257", value=purelib)
    tags = frozenset(tag for stated in headers.get("tag", ()) for tag in expanded_tags(stated))
    return WheelFile(root_is_purelib=purelib == "true", tags=tags)


def _single(headers: dict[str, list[str]], key: str, faults: Faults) -> str:
    values = headers.get(key, [])
    if len(values) != 1:
        faults.add("TRU248", field=key, count=len(values))
    return values[0] if values else ""


def expanded_tags(stated: str) -> tuple[str, ...]:
    """Return the single tags of one ``Tag`` value: some builders write ``py2.py3-none-any`` unexpanded."""
    pythons, _, rest = stated.partition("-")
    abis, _, platforms = rest.partition("-")
    return tuple(
        f"{python}-{abi}-{platform}"
        for python in pythons.split(".")
        for abi in abis.split(".")
        for platform in platforms.split(".")
    )


def tag_warning(wheel_file: WheelFile, *, tags: tuple[str, ...], filename: str) -> tuple[Finding, ...]:
    """Return a warning when WHEEL states other tags than *tags*, those of the file name.

    It refuses nothing: trued and every other installer goes by the file name alone, so nothing is read in two
    ways, and well-known projects rename their wheels after building them.
    """
    if wheel_file.tags == frozenset(tags):
        return ()
    values = {"stated": shown(" ".join(sorted(wheel_file.tags))), "named": shown(" ".join(sorted(set(tags))))}
    return (Finding(code="TRU250", level=Level.WARNING, subject=shown(filename), values=values),)
