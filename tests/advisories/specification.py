"""The evaluation of the OSV schema, written straight from its pseudocode, with ``packaging`` for the order.

Plain: an oracle for :mod:`trued.advisories`. It raises :class:`Undecidable` where the pseudocode would have
to compare what is no version.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ORDER = ["introduced", "last_affected", "fixed", "limit"]
"""The order of events at one version, of the implementation of the specification's authors."""


class Undecidable(Exception):
    pass


def is_vulnerable(document: dict[str, Any], project: str, version: str) -> bool:
    if document.get("withdrawn"):
        return False
    undecidable = False
    for affected in document["affected"]:
        package = affected["package"]
        if package["ecosystem"] != "PyPI" or canonicalize_name(package["name"]) != canonicalize_name(project):
            continue
        if included_in_versions(version, affected.get("versions", [])):
            return True
        try:
            if included_in_ranges(version, affected.get("ranges", [])):
                return True
        except Undecidable:
            undecidable = True
    if undecidable:
        raise Undecidable
    return False


def included_in_versions(version: str, versions: Iterable[str]) -> bool:
    return any(equal(version, listed) for listed in versions)


def included_in_ranges(version: str, ranges: Iterable[dict[str, Any]]) -> bool:
    return any(each["type"] == "ECOSYSTEM" and in_range(version, each["events"]) for each in ranges)


def in_range(version: str, events: list[dict[str, str]]) -> bool:
    if not before_limits(version, events):
        return False
    vulnerable = False
    for kind, bound in sorted(((k, v) for event in events for k, v in event.items()), key=place):
        if kind == "introduced" and (bound == "0" or parsed(version) >= parsed(bound)):
            vulnerable = True
        elif (kind == "fixed" and parsed(version) >= parsed(bound)) or (
            kind == "last_affected" and parsed(version) > parsed(bound)
        ):
            vulnerable = False
    return vulnerable


def before_limits(version: str, events: list[dict[str, str]]) -> bool:
    limits = [event["limit"] for event in events if "limit" in event]
    return not limits or any("*" in limit or parsed(version) < parsed(limit) for limit in limits)


def place(event: tuple[str, str]) -> tuple[bool, Version, int]:
    kind, bound = event
    if (kind == "introduced" and bound == "0") or "*" in bound:
        return False, Version("0"), ORDER.index(kind)
    return True, parsed(bound), ORDER.index(kind)


def parsed(text: str) -> Version:
    version = version_or_none(text)
    if version is None:
        raise Undecidable
    return version


def equal(first: str, second: str) -> bool:
    if first == second:
        return True
    version = version_or_none(first)
    return version is not None and version == version_or_none(second)


@cache
def version_or_none(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
