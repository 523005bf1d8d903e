"""What holds of any wheel: files come back as they went in, and no changed byte goes unnoticed."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.wheel.builder import (
    FILENAME,
    METADATA,
    Item,
    build,
    descriptor,
    items_of,
    parts,
    read,
    refusal,
    verify,
    wheel_files,
)
from trued.core.errors import Refused
from trued.core.limits import Limits
from trued.wheel.central import find_central, read_central
from trued.wheel.end_record import Directory
from trued.wheel.faults import Faults
from trued.wheel.headers import read_headers
from trued.wheel.reader import open_wheel

_NAMES = st.from_regex(r"\A[a-z][a-z0-9_]{0,8}\.(py|txt|so)\Z")
_FOLDERS = st.sampled_from(["demo/", "demo/sub/", "", "other/", "demo-1.0.data/data/share/"])
_PATHS = st.tuples(_FOLDERS, _NAMES).map("".join)
_FILES = st.dictionaries(_PATHS, st.binary(max_size=300), min_size=1, max_size=8)


@given(_FILES, st.sampled_from([0, 8]))
def test_any_files_come_back_as_zipfile_reads_them(files: dict[str, bytes], method: int) -> None:
    complete = wheel_files(files)
    data = parts([Item(path=path, content=text, method=method) for path, text in complete.items()]).whole()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        expected = {name: archive.read(name) for name in archive.namelist()}
    assert verify(data)[1] == expected == complete


@given(_FILES)
def test_wheels_that_zipfile_writes_are_read(files: dict[str, bytes]) -> None:
    complete = wheel_files(files)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in complete.items():
            archive.writestr(path, text)
    assert verify(written.getvalue())[1] == complete


class _Unseekable(io.BytesIO):
    """A pipe: zipfile then writes data descriptors."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise io.UnsupportedOperation

    def tell(self) -> int:
        raise io.UnsupportedOperation


@pytest.mark.parametrize("force_zip64", [False, True])
def test_wheels_that_zipfile_writes_into_a_pipe_are_read(force_zip64: bool) -> None:
    complete = wheel_files()
    written = _Unseekable()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in complete.items():
            info = zipfile.ZipInfo(path)
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=force_zip64) as member:
                member.write(text)
    assert verify(written.getvalue())[1] == complete


_STREAMED = Item(path="demo/streamed.py", content=b"value = 1\n" * 9)
_STREAMED_FILES = wheel_files({"demo/streamed.py": _STREAMED.content, "demo/a.txt": b"a\n"})
_FLIPPED = parts(
    [
        Item(path=path, content=text, descriptor=descriptor(_STREAMED) if path == _STREAMED.path else None)
        for path, text in _STREAMED_FILES.items()
    ]
).whole()
_INTACT = verify(_FLIPPED)


@settings(max_examples=600)
@given(st.integers(0, len(_FLIPPED) - 1), st.integers(1, 255))
@example(0, 1)
@example(len(_FLIPPED) - 1, 255)
def test_a_changed_byte_is_refused_or_changes_nothing(position: int, change: int) -> None:
    data = bytearray(_FLIPPED)
    data[position] ^= change
    try:
        verified, files = verify(bytes(data))
    except Refused:
        return
    assert files == _INTACT[1]
    assert verified.wheel.metadata == _INTACT[0].wheel.metadata
    assert verified.wheel.entry_points == _INTACT[0].wheel.entry_points


@settings(max_examples=300)
@given(st.integers(0, len(_FLIPPED)), st.integers(0, len(_FLIPPED)))
def test_a_cut_archive_is_refused(first: int, second: int) -> None:
    start, end = sorted((first, second))
    cut = _FLIPPED[:start] + _FLIPPED[end:]
    assert cut == _FLIPPED or refusal(cut) != []


@given(st.integers(0, len(_FLIPPED)), st.binary(min_size=1, max_size=8))
def test_inserted_bytes_are_refused(position: int, inserted: bytes) -> None:
    assert refusal(_FLIPPED[:position] + inserted + _FLIPPED[position:]) != []


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    with pytest.raises(Refused):
        open_wheel(data, filename=FILENAME, limits=Limits())


@given(st.binary(max_size=400))
def test_no_metadata_breaks_the_reader(metadata: bytes) -> None:
    refusal(build(metadata=metadata, wheel=metadata))


@given(
    st.lists(
        st.tuples(st.from_regex(r"\A[A-Za-z][A-Za-z-]{0,9}\Z"), st.from_regex(r"\A[!-~]{1,20}\Z")), max_size=6
    )
)
def test_headers_are_read_as_the_email_parser_reads_them(pairs: list[tuple[str, str]]) -> None:
    from email.parser import BytesHeaderParser

    raw = "".join(f"{key}: {value}\n" for key, value in pairs).encode() + b"\nbody: none\n"
    message = BytesHeaderParser().parsebytes(raw)
    assert read_headers(raw) == {key.lower(): message.get_all(key) for key, _ in pairs}


def test_metadata_is_given_as_bytes_too() -> None:
    assert read(parts(items_of(wheel_files())).whole()).metadata.raw == METADATA


_ODD = st.sampled_from(
    [{}, {}, {}, {"mode": 0o040755}, {"mode": 0}, {"mode": 0o120777}, {"flags": 1}, {"central_extra": b"\1"}]
)
_CUTS = st.integers(0, 60)


@given(st.lists(st.tuples(_PATHS, _ODD), max_size=8), _CUTS, st.integers(-1, 1))
def test_what_is_found_in_a_directory_is_what_reading_all_of_it_finds(
    entries: list[tuple[str, dict[str, object]]], cut: int, more: int
) -> None:
    items = [Item(path=path, **odd) for path, odd in entries]  # type: ignore[arg-type]  # fields of Item
    block = parts(items).directory
    block = block[: max(0, len(block) - cut)] if cut < 8 else block
    directory = Directory(offset=0, size=len(block), count=max(0, len(items) + more))
    told, quietly = Faults("demo"), Faults("demo")

    everything = read_central(block, directory, limits=Limits(), faults=told)
    found = find_central(block, directory, ending=b".py", limits=Limits(), faults=quietly)

    assert found == [one for one in everything if one.name.endswith(b".py")]
    assert quietly.findings == told.findings
