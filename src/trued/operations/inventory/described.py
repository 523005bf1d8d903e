"""What METADATA says of licence, people and links, as it says it.

Source: the core metadata specification (https://packaging.python.org/specifications/core-metadata/), PEP 639.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.report.inventory import LicenseField, Person, StatedLicense

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Fields = Mapping[str, tuple[str, ...]]
    """The header fields, lower-cased."""

__all__ = ["links_of", "people_of", "stated_license"]

_LICENSE = "License :: "
_UNKNOWN = "UNKNOWN"
"""What old build tools wrote for a field that nobody filled in."""
_MOST_PEOPLE = 50


def stated_license(fields: Fields) -> StatedLicense:
    """Return the licence by the newest field that says something: expression, text, classifiers."""
    files = tuple(dict.fromkeys(value.strip() for value in fields.get("license-file", ()) if value.strip()))
    classifiers = tuple(value.strip() for value in fields.get("classifier", ()) if value.startswith(_LICENSE))
    for values, field in (
        (_said(fields, "license-expression"), LicenseField.EXPRESSION),
        (_said(fields, "license"), LicenseField.TEXT),
        (classifiers, LicenseField.CLASSIFIERS),
    ):
        if values:
            return StatedLicense(field=field, values=values, files=files)
    return StatedLicense(files=files)


def people_of(fields: Fields) -> tuple[Person, ...]:
    """Return authors, then maintainers, each once."""
    found = [
        person
        for role in ("author", "maintainer")
        for person in _people(_said(fields, role), _said(fields, f"{role}-email"))
    ]
    return tuple(dict.fromkeys(found))[:_MOST_PEOPLE]


def links_of(fields: Fields) -> tuple[tuple[str, str], ...]:
    """Return the links with their labels; ``Home-page`` as one of them."""
    found = [("Homepage", url) for url in _said(fields, "home-page")]
    for line in _said(fields, "project-url"):
        label, comma, url = line.partition(",")
        if comma and url.strip():
            found.append((label.strip(), url.strip()))
    return tuple(dict.fromkeys(found))


def _people(names: tuple[str, ...], addresses: tuple[str, ...]) -> Iterator[Person]:
    """Yield the people of one role: ``Author-email`` may carry names of its own (RFC 822)."""
    from email.utils import getaddresses

    named = list(names)
    for name, email in getaddresses(list(addresses)):
        if email and "@" in email:
            yield Person(name=name.strip() or (named.pop(0) if len(named) == 1 else ""), email=email)
    yield from (Person(name=name) for name in named)


def _said(fields: Fields, key: str) -> tuple[str, ...]:
    found = (value.strip() for value in fields.get(key, ()))
    return tuple(value for value in found if value and value != _UNKNOWN)
