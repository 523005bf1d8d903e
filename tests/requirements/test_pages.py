"""Codes, pages and the sources that use them hold together."""

from __future__ import annotations

import re
from pathlib import Path

import trued
from trued.report.page import codes


def test_every_code_of_requirements_has_a_page_and_every_page_a_code() -> None:
    (source,) = map(Path, trued.__path__)

    used = {code for path in source.rglob("*.py") for code in re.findall(r"TRU1\d\d", path.read_text())}

    assert {code for code in codes() if code.startswith("TRU1")} <= used
    stations = [*source.glob("requirements/*.py"), source / "proof/pin.py"]
    assert set(re.findall(r"TRU1\d\d", "".join(map(Path.read_text, stations)))) <= set(codes())
