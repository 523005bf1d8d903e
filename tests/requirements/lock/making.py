"""Locks for tests: small ones built by code, and what is told of a text that is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.requirements.reading import complete
from trued.core.digest import Digest
from trued.core.errors import UsageError
from trued.core.finding import Level
from trued.core.names import normalize
from trued.requirements.lock.model import Lock, LockedDependency, LockedFile, LockedPackage
from trued.requirements.lock.pylock import read_pylock

A = "a" * 64
B = "b" * 64
INDEX = "https://index.example.org/simple/"
FILES = "https://files.example.org/"
GOLDEN = Path(__file__).parent / "golden"

Read = Callable[..., Lock]


def sha(value: str = A) -> tuple[Digest, ...]:
    return (Digest("sha256", value),)


def file(filename: str, *, digests: tuple[Digest, ...] | None = None, **fields: object) -> LockedFile:
    url = str(fields.get("url") or f"{FILES}{filename}")
    return LockedFile(filename=filename, url=url, size=1000, digests=digests or sha())


def package(name: str, version: str = "1.0", *, marker: str | None = None, needs: str = "") -> LockedPackage:
    written = name.replace("-", "_")
    return LockedPackage(
        project=normalize(name),
        version=version,
        marker=marker,
        index=INDEX,
        files=(file(f"{written}-{version}-py3-none-any.whl"), file(f"{written}-{version}.tar.gz")),
        dependencies=tuple(LockedDependency(project=normalize(one)) for one in needs.split()),
    )


def pylock(entry: str = "", *, top: str = "", hashes: str = f'{{sha256 = "{A}"}}', size: str = "10") -> str:
    """Return a pylock.toml with one package ``a``; *entry* is added to it."""
    return f"""lock-version = "1.0"
created-by = "tests"
{top}
[[packages]]
name = "a"
version = "1.0"
{entry}
wheels = [
    {{url = "{FILES}a-1.0-py3-none-any.whl", size = {size}, hashes = {hashes}}},
]
"""


def told(text: str | bytes, read: Read = read_pylock) -> list[str]:
    """Return ``line code subject`` of each fault of an unusable lock; each must have its page."""
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(UsageError) as caught:
        read(data, file="x.lock")
    return [
        f"{finding.place.line if finding.place else 0} {finding.code} {finding.subject}"
        for finding in complete(caught.value)
        if finding.level is Level.ERROR
    ]


def reason(text: str, read: Read = read_pylock) -> str:
    """Return the reason of the one finding of an unusable lock."""
    with pytest.raises(UsageError) as caught:
        read(text.encode(), file="x.lock")
    (finding,) = complete(caught.value)
    return finding.values["reason"]
