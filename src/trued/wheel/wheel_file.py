"""The WHEEL file: format version, tags, and where the root of the archive is installed."""

from __future__ import annotations

from typing import NamedTuple

from trued.wheel.headers import read_headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.wheel.faults import Faults

__all__ = ["WheelFile", "read_wheel_file"]

_SUPPORTED_MAJOR = "1"


class WheelFile(NamedTuple):
    """The fields of WHEEL that installing needs."""

    root_is_purelib: bool


def read_wheel_file(raw: bytes, *, tags: tuple[str, ...], faults: Faults) -> WheelFile | None:
    """Return the fields, noting an unknown format version and tags other than *tags* of the file name.

    An installer must abort on another major version (binary distribution format, "Installing a wheel").
    """
    try:
        headers = read_headers(raw)
    except UnicodeDecodeError:
        faults.add("TRU248", problem="it is not UTF-8")
        return None
    version = _single(headers, "wheel-version", faults)
    major, dot, minor = version.partition(".")
    if major != _SUPPORTED_MAJOR or not dot or not minor.isdigit():
        faults.add("TRU249", version=version)
    purelib = _single(headers, "root-is-purelib", faults).lower()
    if purelib not in ("true", "false"):
        faults.add("TRU248", problem=f"Root-Is-Purelib is {purelib or 'missing'}")
    _compare_tags(headers.get("tag", []), tags, faults)
    return WheelFile(root_is_purelib=purelib == "true")


def _single(headers: dict[str, list[str]], key: str, faults: Faults) -> str:
    values = headers.get(key, [])
    if len(values) > 1:
        faults.add("TRU248", problem=f"it states {key} {len(values)} times")
    return values[0] if values else ""


def _compare_tags(stated: list[str], tags: tuple[str, ...], faults: Faults) -> None:
    if set(stated) != set(tags):
        faults.add("TRU250", stated=" ".join(sorted(set(stated))), named=" ".join(sorted(set(tags))))
