"""The targets for files that stand on the user's machine: installed distributions, journals, settings."""

from __future__ import annotations

import json
import marshal
import os
import tempfile
from binascii import crc32
from pathlib import Path

from fuzzing.file_targets import METADATA, record_of
from fuzzing.target import Target
from trued.core.errors import TruedError

__all__ = ["targets"]

RECEIPT = (
    b'{"version": 1, "filename": "demo-1.0-py3-none-any.whl", "sha256": "' + b"ab" * 32 + b'", "url":'
    b' "https://example.org/demo-1.0-py3-none-any.whl", "evidence": [{"kind": "pin", "authority": "a",'
    b' "detail": "b", "time": "2026-01-01T00:00:00Z"}], "installed": "2026-01-01T00:00:00Z"}'
)
DIRECT_URL = b'{"url": "file:///x", "dir_info": {"editable": true}}'
POLICY = (
    b'level = "strict"\nallowed-hosts = ["example.org"]\nmin-age = "3d"\n'
    b'[[index]]\nname = "own"\nurl = "https://example.org/simple/"\nprojects = ["acme"]\n'
    b'[[exception]]\nrule = "startup-hook"\nproject = "demo"\nreason = "r"\nuntil = 2026-12-31\n'
    b'[[publisher]]\nproject = "demo"\nkind = "github"\nrepository = "a/b"\nworkflow = "c.yml"\n'
)
_LARGEST_RECORD = 1 << 20


def _library(folder: str) -> tuple[str, dict[str, str]]:
    """Return the library folder of a made-up environment below *folder*, and its roots."""
    library = os.path.join(folder, "lib")
    os.makedirs(os.path.join(library, "demo-1.0.dist-info"))
    roots = {"purelib": library, "platlib": library, "scripts": os.path.join(folder, "bin")}
    return library, roots


def installed(data: bytes) -> None:
    """Read each file of a dist-info folder; what is owned stays where RECORD may speak."""
    from trued.environment.installed import installed_distributions, owners_of_paths
    from trued.environment.verify_record import Boundary, read_rows

    with tempfile.TemporaryDirectory() as folder:
        library, roots = _library(folder)
        for name in ("METADATA", "RECORD", "INSTALLER", "trued-receipt.json", "direct_url.json"):
            Path(library, "demo-1.0.dist-info", name).write_bytes(data)
        Path(library, "other.egg-link").write_bytes(data)
        found = installed_distributions((library,))
        owners_of_paths(found)
        for one in found:
            _ = one.sha256, one.summary, one.requires
            read_rows(one, boundary=Boundary(roots), most_bytes=_LARGEST_RECORD)


def journal(data: bytes) -> None:
    """Recover an environment from a journal: as its bytes, and with the checksum of what they are as JSON.

    Nothing beside the environment changes.
    """
    try:
        content = marshal.dumps(_tuples(json.loads(data[1:])))  # type: ignore[arg-type]  # anything
    except (ValueError, RecursionError):
        content = b""
    for written in (data[1:], crc32(content).to_bytes(4, "big") + content):
        _recover(written, "done" if data[:1] == b"d" else "journal")


def _tuples(value: object) -> object:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _recover(written: bytes, name: str) -> None:
    from trued.environment.journal import FOLDER, recover

    with tempfile.TemporaryDirectory() as folder:
        outside = Path(folder, "outside")
        outside.write_bytes(b"kept")
        _, roots = _library(os.path.join(folder, "environment"))
        os.mkdir(os.path.join(roots["purelib"], FOLDER))
        Path(roots["purelib"], FOLDER, name).write_bytes(written)
        try:
            recover(roots)
        except TruedError:
            return
        finally:
            if outside.read_bytes() != b"kept" or sorted(os.listdir(folder)) != ["environment", "outside"]:
                raise AssertionError("a journal reached outside of its environment")


def settings(data: bytes) -> None:
    """Read a policy file, and the table of a ``pyproject.toml``."""
    from trued.config.origin import Source
    from trued.config.trued_files import read_document

    for path in ("/p/trued.toml", "/p/pyproject.toml"):
        read_document(data, path=path, source=Source.PROJECT, environ={})


def targets() -> tuple[Target, ...]:
    """Return the targets of this module."""
    believed = b'[2, [["purelib", "a", ""]], [["purelib", "b"]], [["purelib", "b/c"], ["scripts", "d"]]]'
    return (
        Target(
            name="installed",
            run=installed,
            seeds=(METADATA, RECEIPT, DIRECT_URL, record_of({"../../bin/x": b"", "a.py": b"1"})),
        ),
        Target(name="journal", run=journal, seeds=(b"j" + believed, b"d" + believed), most_bytes=1024),
        Target(
            name="settings",
            run=settings,
            seeds=(POLICY, b"[tool.trued]\n" + POLICY.partition(b"[[index]]")[0]),
        ),
    )
