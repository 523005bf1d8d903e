"""The targets for what is asked: requirement files, and the locks of trued and of others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fuzzing.target import Target
from trued.core.errors import TruedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from trued.requirements.lock.model import Lock

__all__ = ["targets"]

GOLDEN = Path(__file__).parents[1] / "tests" / "requirements" / "lock" / "golden"
URL = "https://example.org/requirements.txt"

HASHED = b"flask==3.0.0 --hash=sha256:" + b"ab" * 32 + b" \\\n    --hash=md5:" + b"0f" * 16 + b"\n"
NESTED = (
    b"-r other.txt\n-c limits.txt\n-e ./folder[extra]\n--index-url https://user:pw@example.org/simple/\n"
    b"demo @ git+https://example.org/demo.git@0123456789abcdef0123456789abcdef01234567#subdirectory=a\n"
)
FILES = "\ufeff# coding: latin-1\r\n./wheels/demo-1.0-py3-none-any.whl#sha256=00\r\n${TOKEN} -C=a=b\r\n"
REQUIREMENTS = (
    b"--require-hashes\n" + HASHED,
    HASHED + b"jinja2[i18n]>=3,<4; python_version < '3.12' and extra == 'x'  # comment\n",
    NESTED,
    FILES.encode(),
    "demo==1.0\n".encode("utf-16"),
)


def requirements(data: bytes) -> None:
    """Read a requirements file; where the short way answers too, both must say the same."""
    from trued.requirements.files import read_requirements
    from trued.requirements.simple_lines import read_simple

    simple = read_simple(data)
    try:
        read = read_requirements((URL,), environ={"TOKEN": "a"}, open_url=lambda _: data)
    except TruedError:
        if simple is not None:
            raise AssertionError("the short way took what the reader refuses") from None
        return
    if simple is not None and [line[0] for line in simple] != [one.project for one in read.requirements]:
        raise AssertionError("the short way read other projects")


def pylock(data: bytes) -> None:
    """Read a ``pylock.toml``; what is written of it must read the same again."""
    from trued.requirements.lock.pylock import read_pylock
    from trued.requirements.lock.pylock_text import write_pylock

    try:
        lock = read_pylock(data, file="pylock.toml")
    except TruedError:
        return
    written = write_pylock(lock)
    if write_pylock(read_pylock(written, file="pylock.toml")) != written:
        raise AssertionError("a lock does not survive being written")


def _foreign(reader: Callable[[bytes], Lock]) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        try:
            reader(data)
        except TruedError:
            return

    return run


def uv_lock(data: bytes) -> Lock:
    """Read a ``uv.lock``."""
    from trued.requirements.lock.uv_lock import read_uv_lock

    return read_uv_lock(data, file="uv.lock")


def poetry_lock(data: bytes) -> Lock:
    """Read a ``poetry.lock``."""
    from trued.requirements.lock.poetry_lock import read_poetry_lock

    return read_poetry_lock(data, file="poetry.lock")


def pdm_lock(data: bytes) -> Lock:
    """Read a ``pdm.lock``."""
    from trued.requirements.lock.pdm_lock import read_pdm_lock

    return read_pdm_lock(data, file="pdm.lock")


def pipfile_lock(data: bytes) -> Lock:
    """Read a ``Pipfile.lock``."""
    from trued.requirements.lock.pipfile_lock import read_pipfile_lock

    return read_pipfile_lock(data, file="Pipfile.lock")


PIPFILE = (
    b'{"_meta": {"hash": {"sha256": "' + b"0a" * 32 + b'"}, "pipfile-spec": 6, "requires": {"python_version":'
    b' "3.11"}, "sources": [{"name": "main", "url": "https://example.org/simple", "verify_ssl": true}]},'
    b' "default": {"demo": {"hashes": ["sha256:' + b"ab" * 32 + b'"], "index": "main", "markers":'
    b' "python_version >= \'3.8\'", "version": "==1.0"}}, "develop": {}}'
)


def targets() -> tuple[Target, ...]:
    """Return the targets of this module."""

    def golden(*names: str) -> tuple[bytes, ...]:
        return tuple((GOLDEN / name).read_bytes() for name in names)

    return (
        Target(name="requirements", run=requirements, seeds=REQUIREMENTS),
        Target(name="pylock", run=pylock, seeds=golden("pylock.full.toml"), most_bytes=16384),
        Target(name="uv-lock", run=_foreign(uv_lock), seeds=golden("uv.lock")),
        Target(
            name="poetry-lock",
            run=_foreign(poetry_lock),
            seeds=golden("poetry-1.lock", "poetry-2.lock"),
        ),
        Target(name="pdm-lock", run=_foreign(pdm_lock), seeds=golden("pdm.lock")),
        Target(name="pipfile-lock", run=_foreign(pipfile_lock), seeds=(PIPFILE,)),
    )
