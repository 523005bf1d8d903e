"""Admits a wheel and dies at a step, as by ``kill -9`` or a power cut: ``admit_step.py STORE WHEEL STEP``."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
from pathlib import Path

from trued.core.limits import Limits
from trued.store.admit import admit
from trued.wheel.reader import open_wheel


def main(store: str, path: str, fatal: str) -> None:
    data = Path(path).read_bytes()
    wheel = open_wheel(data, filename=os.path.basename(path), limits=Limits())

    def die(step: str) -> None:
        if step == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    sha256 = hashlib.sha256(data).hexdigest()
    admit(store, wheel, sha256=sha256, now_ns=1_800_000_000_000_000_000, checkpoint=die)


if __name__ == "__main__":
    main(*sys.argv[1:])
