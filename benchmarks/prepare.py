"""Resolves the workloads, downloads their wheels and writes the pages of the local index."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.pages import write_index
from benchmarks.workloads import BenchmarkError, Folder

__all__ = ["prepare"]


def prepare(folder: Folder, names: list[str], *, exclude_newer: str | None = None) -> None:
    """Make *folder* ready for the workloads *names*; what is there already is kept.

    Wheels are those of the running interpreter and platform, from the index that uv and pip are
    configured for. *exclude_newer* is uv's option of that name: the same date chooses the same releases.
    """
    folder.files.mkdir(parents=True, exist_ok=True)
    for name in names:
        resolved = folder.resolved(name)
        if not resolved.exists():
            print(f"{name}: resolving", flush=True)
            _write(resolved, _resolve(folder.source(name), exclude_newer))
        print(f"{name}: downloading", flush=True)
        _download(resolved, folder.files)
    write_index(folder.index)
    size = sum(path.stat().st_size for path in folder.files.glob("*.whl"))
    print(f"{len(list(folder.files.glob('*.whl')))} wheels, {size / 1e6:.0f} MB in {folder.files}")


def _resolve(source: Path, exclude_newer: str | None) -> str:
    """Return hashed requirements without any address in them."""
    uv = shutil.which("uv", path=_search_path())
    text = _resolve_with_uv(uv, source, exclude_newer) if uv else _resolve_with_pip(source)
    if "://" in text:
        raise BenchmarkError(f"resolving {source} wrote an address into the requirements; none belongs there")
    return text


def _resolve_with_uv(uv: str, source: Path, exclude_newer: str | None) -> str:
    command = [
        uv,
        "pip",
        "compile",
        "--quiet",
        "--no-config",
        "--python",
        sys.executable,
        "--generate-hashes",
    ]
    command += ["--only-binary", ":all:", "--no-header", "--no-annotate", "--no-emit-index-url"]
    if exclude_newer:
        command += ["--exclude-newer", exclude_newer]
    return _output([*command, str(source)])


def _resolve_with_pip(source: Path) -> str:
    """Resolve without uv; pip's report names only the file it chose, so each pin has one hash."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet"]
    report = _output([*command, "--only-binary", ":all:", "--report", "-", "-r", str(source)])
    return "".join(sorted(_pinned(item) for item in json.loads(report)["install"]))


def _pinned(item: dict[str, Any]) -> str:
    metadata, archive = item["metadata"], item["download_info"]["archive_info"]
    return f"{metadata['name']}=={metadata['version']} \\\n    --hash=sha256:{archive['hashes']['sha256']}\n"


def _download(requirements: Path, files: Path) -> None:
    """Download what *requirements* pins; pip checks every hash and skips the files that are there."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    _output([*command, "--only-binary", ":all:", "--dest", str(files), "-r", str(requirements)])


def _output(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchmarkError(f"{' '.join(command[:3])} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def _search_path() -> str:
    """Look beside the running interpreter first: tools of the same virtual environment."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
