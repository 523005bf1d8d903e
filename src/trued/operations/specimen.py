"""Harmless bad wheels and bad requirement lines, one an attack, and a good one to compare with.

Built anew at every call of ``trued selftest``; their code does nothing. Each names the code that has to be
told about it.
"""

from __future__ import annotations

from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FILENAME", "Specimen", "specimens"]

FILENAME = "trued_selftest-1.0-py3-none-any.whl"
_DIST_INFO = "trued_selftest-1.0.dist-info"
_SYMBOLIC_LINK = 0o120777 << 16
_REGULAR_FILE = 0o100644 << 16
_BOMB_BYTES = 20 * 1024 * 1024

_METADATA = b"Metadata-Version: 2.1\nName: trued-selftest\nVersion: 1.0\n"
_WHEEL = b"Wheel-Version: 1.0\nGenerator: trued selftest\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_MODULE = b"HARMLESS = True\n"

_RIGHT = "trued-selftest @ {url} --hash=sha256:{sha256}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """One attack. ``code`` is the finding it has to meet, empty for what has to pass.

    ``lines`` is the requirements file; ``{url}``, ``{sha256}`` and ``{md5}`` in it are those of the wheel.
    """

    attack: str
    code: str
    wheel: bytes
    lines: str = _RIGHT


def specimens() -> tuple[Specimen, ...]:
    """Build them all; the good one comes first."""
    good = _wheel()
    return (
        Specimen(attack="a good wheel with its right digest", code="", wheel=good),
        *_bad_lines(good),
        *_bad_wheels(),
        *_bad_archives(good),
    )


def _bad_lines(good: bytes) -> tuple[Specimen, ...]:
    """Return requirement files that do not bind the good wheel."""
    other = "0" * 64
    return (
        Specimen(
            attack="another file than the one that was pinned",
            code="TRU193",
            wheel=good,
            lines="trued-selftest @ {url} --hash=sha256:" + other,
        ),
        Specimen(
            attack="a pin by md5, for which a second file can be made",
            code="TRU131",
            wheel=good,
            lines="trued-selftest @ {url} --hash=md5:{md5}",
        ),
        Specimen(
            attack="a file without a digest among hashed ones",
            code="TRU165",
            wheel=good,
            lines="other==1.0 --hash=sha256:" + other + "\ntrued-selftest @ {url}",
        ),
        Specimen(
            attack="a digest that a comment cuts off",
            code="TRU110",
            wheel=good,
            lines="trued-selftest @ {url} \\\n    # chosen in May\n    --hash=sha256:{sha256}",
        ),
    )


def _bad_wheels() -> tuple[Specimen, ...]:
    """Return wheels in order as archives, whose files say different things."""
    module = "trued_selftest.py"
    hook = ("trued_selftest.pth", b"import trued_selftest\n")
    renamed = _METADATA.replace(b"trued-selftest", b"something-else")
    takeover = (f"{_DIST_INFO}/entry_points.txt", b"[console_scripts]\npython = trued_selftest:main\n")
    return (
        Specimen(
            attack="a module changed after RECORD was written",
            code="TRU268",
            wheel=_wheel(changed={module: b"HARMLESS = 1   \n"}),
        ),
        Specimen(
            attack="a startup hook that RECORD does not list",
            code="TRU262",
            wheel=_wheel(unlisted=[hook]),
        ),
        Specimen(
            attack="a startup hook that runs code at every start of Python",
            code="TRU280",
            wheel=_wheel(more=[hook]),
        ),
        Specimen(
            attack="a command that would replace the interpreter",
            code="TRU273",
            wheel=_wheel(more=[takeover]),
        ),
        Specimen(
            attack="metadata of another project",
            code="TRU246",
            wheel=_wheel(changed={f"{_DIST_INFO}/METADATA": renamed}),
        ),
        Specimen(attack="no RECORD at all", code="TRU260", wheel=_wheel(record=False)),
    )


def _bad_archives(good: bytes) -> tuple[Specimen, ...]:
    """Return archives that two programs would unpack differently, or elsewhere, or without end."""
    module = ("trued_selftest.py", b"HARMLESS = 'twice'\n")
    bomb = ("trued_selftest.bin", bytes(_BOMB_BYTES))
    return (
        Specimen(
            attack="a path that leaves the environment",
            code="TRU221",
            wheel=_wheel(more=[("../trued_selftest.py", _MODULE)]),
        ),
        Specimen(attack="two members of one name", code="TRU212", wheel=_wheel(unlisted=[module])),
        Specimen(
            attack="a symbolic link",
            code="TRU227",
            wheel=_wheel(more=[("link", b"/etc/hostname")], modes={"link": _SYMBOLIC_LINK}),
        ),
        Specimen(attack="data in front of the archive", code="TRU204", wheel=b"#!/bin/sh\n" + good),
        Specimen(attack="a small archive that unpacks to far more", code="TRU234", wheel=_wheel(more=[bomb])),
    )


def _wheel(
    *,
    more: Iterable[tuple[str, bytes]] = (),
    unlisted: Iterable[tuple[str, bytes]] = (),
    changed: dict[str, bytes] | None = None,
    modes: dict[str, int] | None = None,
    record: bool = True,
) -> bytes:
    """Build a wheel: *more* files, some *unlisted* in RECORD, some *changed* after it was written."""
    listed = [
        ("trued_selftest.py", _MODULE),
        (f"{_DIST_INFO}/METADATA", _METADATA),
        (f"{_DIST_INFO}/WHEEL", _WHEEL),
        *more,
    ]
    files = [(path, (changed or {}).get(path, content)) for path, content in listed]
    files += unlisted
    if record:
        files.append((f"{_DIST_INFO}/RECORD", _record(listed)))
    return _archive(files, modes or {})


def _record(files: Iterable[tuple[str, bytes]]) -> bytes:
    from base64 import urlsafe_b64encode
    from hashlib import sha256

    rows = [
        f"{path},sha256={urlsafe_b64encode(sha256(content).digest()).decode().rstrip('=')},{len(content)}"
        for path, content in files
    ]
    return "\n".join([*rows, f"{_DIST_INFO}/RECORD,,", ""]).encode()


def _archive(files: Iterable[tuple[str, bytes]], modes: dict[str, int]) -> bytes:
    import warnings
    from io import BytesIO
    from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Duplicate name")  # one specimen is about just that
        for path, content in files:
            member = ZipInfo(path)
            member.compress_type = ZIP_DEFLATED
            member.create_system = 3
            member.external_attr = modes.get(path, _REGULAR_FILE)
            archive.writestr(member, content)
    return buffer.getvalue()
