"""Rows of RECORD, as the csv module and PEP 376 read them."""

from __future__ import annotations

import base64
import csv
import hashlib
import io

from hypothesis import given
from hypothesis import strategies as st

from trued.environment.record import hashed_row, listed_row, relative_folder

paths = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)


@given(paths, st.binary())
def test_a_row_reads_back_as_path_digest_and_size(path: str, content: bytes) -> None:
    [row] = csv.reader(io.StringIO(hashed_row(path, content).decode(), newline=""))

    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    assert row == [path, f"sha256={digest}", str(len(content))]


def test_record_itself_stands_without_a_digest() -> None:
    assert listed_row("a-1.dist-info/RECORD") == b"a-1.dist-info/RECORD,,\n"


def test_other_schemes_are_listed_relative_to_the_packages() -> None:
    roots = {"purelib": "/e/lib/python3.11/site-packages", "scripts": "/e/bin"}

    assert relative_folder(roots, "scripts", roots["purelib"]) == "../../../bin/"
    assert relative_folder(roots, "purelib", roots["purelib"]) == ""
