"""One target in a process of its own: ``python -m fuzzing.process NAME SEED-FOLDER -libfuzzer=options``."""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

__all__: list[str] = []


def main() -> None:
    """Fuzz until the limits of the options are reached; libFuzzer ends the process."""
    name, folder = sys.argv[1:3]
    with atheris.instrument_imports(include=["trued"]):
        from fuzzing.catalogue import catalogue

        target = catalogue()[name]
        for number, seed in enumerate(target.seeds):  # which also imports what functions import
            target.run(seed)
            Path(folder, f"seed-{number}").write_bytes(seed)
    atheris.Setup([sys.argv[0], folder, f"-max_len={target.most_bytes}", *sys.argv[3:]], target.run)
    atheris.Fuzz()


main()
