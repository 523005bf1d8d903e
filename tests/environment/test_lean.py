"""The warm path imports nothing that costs more than it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import trued

HEAVY = {
    "argparse", "collections", "dataclasses", "enum", "hashlib", "importlib.metadata", "json", "packaging",
    "pathlib", "re", "signal", "subprocess", "tempfile", "threading", "typing", "zipfile",
}  # fmt: skip

WARM = """
import sys
from trued.environment import interpreter, listing, receipt, scheme, target, transaction
found = target.find_target(venv=sys.argv[1], environ={}, cwd="/", cache_folder=sys.argv[2])
transaction.finish_leftovers(found)
listing.installed_folders(found.libraries)
import trued.store.manifest as manifest
additions = [
    transaction.Addition(entry=entry, manifest=manifest.load(entry), documents={}, requested=True)
    for entry in sys.argv[3:]
]
transaction.change(found, additions=additions)
print(*sorted(sys.modules))
"""


def test_a_warm_change_imports_only_what_is_cheap(tmp_path: Path) -> None:
    from tests.environment.conftest import Shelf, make_environment

    cache = str(tmp_path / "cache")
    environment = make_environment(tmp_path / "env", cache)
    entries = [
        Shelf(tmp_path / "store").wheel(name, entry_points=(("console", name, name, "main"),)).entry
        for name in ("alpha", "beta")
    ]
    source = os.path.dirname(os.path.dirname(trued.__file__))
    code = f"import sys; sys.path.insert(0, {source!r})\n{WARM}"

    answer = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, environment.prefix, cache, *entries],
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = set(answer.stdout.split())
    assert "trued.environment.transaction" in loaded
    assert not loaded & HEAVY
    assert Path(environment.prefix, "bin/alpha").exists()
