"""Make the wheel with the launcher from the wheel without it: tools/platform_wheel.py WHEEL FOLDER.

The launcher (native/) is built by cargo, for this machine's processor; it needs nothing but Rust's own
library and no C library of the system, so the wheel fits every Linux of that processor. It stands in the
place of the script that installers make of the entry point. All else is the other wheel's, byte by byte, and
the same inputs give the same wheel.
"""

from __future__ import annotations

import base64
import hashlib
import os
import platform
import subprocess
import sys
import zipfile
from pathlib import Path

__all__ = ["main"]

NATIVE = Path(__file__).parents[1] / "native"
EXECUTABLE = 0o100_755 << 16
"""The mode of a program, where ZIP keeps a file's mode (PKWARE APPNOTE 4.4.15, upper half: Unix)."""


def main() -> int:
    """Build the launcher and the wheel; print the wheel's path."""
    pure, folder = Path(sys.argv[1]), Path(sys.argv[2])
    name, version = pure.name.split("-")[:2]
    machine = platform.machine()
    if sys.platform != "linux" or machine not in ("x86_64", "aarch64"):
        print(f"tools/platform_wheel.py: no launcher for {sys.platform} on {machine}", file=sys.stderr)
        return 2
    tags = [f"manylinux_2_17_{machine}", f"manylinux2014_{machine}", f"musllinux_1_1_{machine}"]
    wheel = folder / f"{name}-{version}-py3-none-{'.'.join(tags)}.whl"
    folder.mkdir(parents=True, exist_ok=True)
    write(pure, wheel, launcher(version), tags=tags, stem=f"{name}-{version}")
    print(wheel)
    return 0


def launcher(version: str) -> bytes:
    """Return the program, built for *version* of trued by what `native/Cargo.lock` names: nothing else."""
    command = ["cargo", "build", "--release", "--locked", "--offline", "--quiet"]
    subprocess.run(command, cwd=NATIVE, env={**os.environ, "TRUED_VERSION": version}, check=True)
    built = Path(os.environ.get("CARGO_TARGET_DIR", NATIVE / "target"))
    return (built / "release" / "trued").read_bytes()


def write(pure: Path, wheel: Path, program: bytes, *, tags: list[str], stem: str) -> None:
    """Write *wheel*: the files of *pure* but for its entry point, and *program* as the script instead."""
    info = f"{stem}.dist-info"
    rows = []
    with zipfile.ZipFile(pure) as source, zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as target:

        def put(entry: zipfile.ZipInfo, data: bytes) -> None:
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append(f"{entry.filename},sha256={digest},{len(data)}")
            target.writestr(entry, data)

        for entry in source.infolist():
            if entry.filename == f"{info}/RECORD":
                listed = entry
            elif entry.filename == f"{info}/WHEEL":
                put(entry, tagged(source.read(entry), tags))
            elif entry.filename != f"{info}/entry_points.txt":
                put(entry, source.read(entry))
        script = zipfile.ZipInfo(f"{stem}.data/scripts/trued", listed.date_time)
        script.compress_type = zipfile.ZIP_DEFLATED
        script.external_attr = EXECUTABLE
        put(script, program)
        target.writestr(listed, "".join(f"{row}\n" for row in [*rows, f"{info}/RECORD,,"]))


def tagged(data: bytes, tags: list[str]) -> bytes:
    """Return the WHEEL file *data* with *tags* as its platforms."""
    lines = [line for line in data.decode().splitlines() if line and not line.startswith("Tag:")]
    return "".join(f"{line}\n" for line in [*lines, *(f"Tag: py3-none-{tag}" for tag in tags)]).encode()


if __name__ == "__main__":
    sys.exit(main())
