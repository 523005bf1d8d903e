"""What a wheel says it is: file name, dist-info directory, METADATA and WHEEL must say the same."""

from __future__ import annotations

import pytest

from tests.wheel.builder import (
    DIST_INFO,
    FILENAME,
    METADATA,
    WHEEL,
    Item,
    build,
    items_of,
    parts,
    read,
    refusal,
    wheel_files,
)
from trued.core.limits import Limits
from trued.wheel.reader import compare_metadata


def _without(name: str) -> bytes:
    files = wheel_files()
    files.pop(f"{DIST_INFO}/{name}")
    record = files.pop(f"{DIST_INFO}/RECORD").decode()
    kept = "".join(line for line in record.splitlines(keepends=True) if f"/{name}," not in line)
    return parts(items_of(files | {f"{DIST_INFO}/RECORD": kept.encode()})).whole()


@pytest.mark.parametrize(
    "filename", ["demo.zip", "demo-1.0.whl", "demo-1.0-py3-none.whl", "demo-1.0-x-py3-none-any.whl"]
)
def test_a_file_name_that_is_no_wheels_is_refused(filename: str) -> None:
    assert refusal(build(), filename) == ["TRU240"]


def test_a_wheel_without_dist_info_is_refused() -> None:
    assert refusal(parts([Item(path="demo/__init__.py")]).whole()) == ["TRU241"]


def test_two_dist_info_directories_are_refused() -> None:
    # Attack: one reader takes the metadata of the first, another of the second.
    assert refusal(build(extra=[Item(path="other-1.0.dist-info/METADATA")])) == ["TRU242"]


def test_two_dist_info_directories_that_differ_by_case_are_refused() -> None:
    assert "TRU228" in refusal(build(extra=[Item(path="DEMO-1.0.dist-info/METADATA")]))


@pytest.mark.parametrize("folder", ["purelib", "platlib"])
@pytest.mark.parametrize("ending", ["dist-info", "egg-info"])
def test_a_second_distribution_inside_the_data_directory_is_refused(folder: str, ending: str) -> None:
    # Attack: the wheel claims to be another distribution's installation, of any version.
    assert refusal(
        build({f"demo-1.0.data/{folder}/other-9.dist-info/METADATA".replace("dist-info", ending): b""})
    ) == ["TRU242"]


def test_a_vendored_dist_info_directory_is_read() -> None:
    assert refusal(build({"demo/_vendor/other-9.dist-info/METADATA": b""})) == []


@pytest.mark.parametrize("filename", ["other-1.0-py3-none-any.whl", "demo-2.0-py3-none-any.whl"])
def test_another_file_name_than_the_contents_say_is_refused(filename: str) -> None:
    # Attack: a file offered as one release that installs as another, and so hides from audits.
    assert refusal(build(), filename) == ["TRU243", "TRU246"]


@pytest.mark.parametrize(
    ("filename", "stem", "name", "version"),
    [
        ("Demo_Pkg-1.0-py3-none-any.whl", "Demo_Pkg-1.0", "demo.pkg", "1.0"),
        ("demo_pkg-1.0-py3-none-any.whl", "demo-pkg-1.0", "Demo-Pkg", "1.0.0"),
        ("demo-1.0+local.1-py3-none-any.whl", "demo-1.0+local.1", "demo", "1.0+local-1"),
        ("demo-1.0rc1-py3-none-any.whl", "demo-1.0rc1", "demo", "1.0-RC1"),
        ("demo-2004d-py3-none-any.whl", "demo-2004d", "demo", "2004d"),
        ("demo-1.0-2-py3-none-any.whl", "demo-1.0", "demo", "1.0"),
    ],
)
def test_spellings_of_one_name_and_version_are_read(
    filename: str, stem: str, name: str, version: str
) -> None:
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
    assert refusal(build(dist_info=f"{stem}.dist-info", metadata=metadata), filename) == []


@pytest.mark.parametrize("name", ["METADATA", "WHEEL"])
def test_a_missing_file_of_dist_info_is_refused(name: str) -> None:
    assert refusal(_without(name)) == ["TRU244"]


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"Metadata-Version: 2.1\nVersion: 1.0\n", id="no name"),
        pytest.param(METADATA.replace(b"\nVersion", b"\nName: other\nVersion"), id="two names"),
        pytest.param(METADATA.replace(b"\nSummary", b"\nVersion: 2.0\nSummary"), id="two versions"),
        pytest.param(b"\n" + METADATA, id="headers after the end of headers"),
    ],
)
def test_metadata_that_can_be_read_in_two_ways_is_refused(metadata: bytes) -> None:
    assert "TRU245" in refusal(build(metadata=metadata))


def test_an_unknown_version_of_metadata_is_refused() -> None:
    assert refusal(build(metadata=METADATA.replace(b"2.1", b"3.0"))) == ["TRU256"]


@pytest.mark.parametrize("name", ["metadata", "wheel"])
def test_a_file_that_is_not_utf_8_is_refused(name: str) -> None:
    assert refusal(build(metadata=b"\xff") if name == "metadata" else build(wheel=b"\xff")) == ["TRU255"]


def test_an_unclear_root_is_refused() -> None:
    assert refusal(build(wheel=WHEEL.replace(b"true", b"maybe"))) == ["TRU257"]


@pytest.mark.parametrize("change", [(b"Name: demo", b"Name: other"), (b"Version: 1.0", b"Version: 1.1")])
def test_metadata_of_another_release_is_refused(change: tuple[bytes, bytes]) -> None:
    assert refusal(build(metadata=METADATA.replace(*change))) == ["TRU246"]


def test_the_fields_of_metadata_are_read() -> None:
    metadata = METADATA.replace(
        b"\n\n",
        b"\nRequires-Python: >=3.8\nRequires-Dist: a>1\nRequires-Dist: b;\n  extra == 'x'\n"
        b"Provides-Extra: x\n\n",
    )
    wheel = read(build(metadata=metadata))
    assert wheel.metadata.summary == "A demonstration"
    assert wheel.metadata.requires_python == ">=3.8"
    assert wheel.metadata.requires_dist == ("a>1", "b;\nextra == 'x'")
    assert wheel.metadata.provides_extra == ("x",)
    assert wheel.metadata.raw == metadata


def test_text_after_the_headers_is_no_field() -> None:
    assert read(build(metadata=METADATA + b"Requires-Dist: evil\n")).metadata.requires_dist == ()


def test_metadata_that_is_too_large_is_refused() -> None:
    limits = Limits(wheel_metadata_bytes=100)
    assert "TRU232" in refusal(build(metadata=METADATA + bytes(100)), limits=limits)


def test_the_same_metadata_beside_the_wheel_is_no_finding() -> None:
    assert compare_metadata(read(build()), METADATA) == ()


def test_other_metadata_beside_the_wheel_is_a_finding() -> None:
    # Attack: the index's copy hides a dependency from the resolver, or adds one.
    (finding,) = compare_metadata(read(build()), METADATA.replace(b"\n\n", b"\nRequires-Dist: evil\n\n"))
    assert finding.code == "TRU247"
    assert finding.values["fields"] == "requires-dist"


def test_other_text_beside_the_wheel_is_a_finding() -> None:
    (finding,) = compare_metadata(read(build()), METADATA + b"more")
    assert finding.values["fields"] == "-"


@pytest.mark.parametrize(
    "wheel",
    [
        pytest.param(WHEEL.replace(b"Root-Is-Purelib: true\n", b""), id="no root"),
        pytest.param(WHEEL + b"Root-Is-Purelib: false\n", id="two roots"),
        pytest.param(WHEEL.replace(b"Wheel-Version: 1.0\n", b""), id="no version"),
    ],
)
def test_a_wheel_file_that_can_be_read_in_two_ways_is_refused(wheel: bytes) -> None:
    assert "TRU248" in refusal(build(wheel=wheel))


@pytest.mark.parametrize("version", [b"2.0", b"0.1", b"1", b"10.0"])
def test_another_version_of_the_wheel_format_is_refused(version: bytes) -> None:
    assert refusal(build(wheel=WHEEL.replace(b"1.0", version))) == ["TRU249"]


def test_a_later_minor_version_of_the_format_is_read() -> None:
    assert refusal(build(wheel=WHEEL.replace(b"1.0", b"1.9"))) == []


@pytest.mark.parametrize("tags", [b"Tag: py2-none-any\nTag: py3-none-any", b"Tag: py2.py3-none-any"])
def test_tags_are_compared_expanded(tags: bytes) -> None:
    wheel = build(wheel=WHEEL.replace(b"Tag: py3-none-any", tags))
    assert read(wheel, "demo-1.0-py2.py3-none-any.whl").warnings == ()


def test_other_tags_than_the_file_name_are_a_warning() -> None:
    (warning,) = read(build(), "demo-1.0-py3-none-manylinux1_x86_64.whl").warnings
    assert warning.code == "TRU250"
    assert warning.level.value == "warning"


@pytest.mark.parametrize(
    "name", ["INSTALLER", "REQUESTED", "direct_url.json", "provenance_url.json", "trued-receipt.json"]
)
def test_files_that_an_installer_writes_are_refused(name: str) -> None:
    # Attack: a wheel that brings its own proof of where it came from.
    assert refusal(build({f"{DIST_INFO}/{name}": b"{}"})) == ["TRU254"]


def test_the_facts_of_a_good_wheel_are_given() -> None:
    wheel = read(build())
    assert (wheel.filename, wheel.project, wheel.version) == (FILENAME, "demo", "1.0")
    assert (wheel.tags, wheel.root_is_purelib, wheel.dist_info) == (("py3-none-any",), True, DIST_INFO)
    assert [member.path for member in wheel.members] == [
        "demo/__init__.py",
        f"{DIST_INFO}/METADATA",
        f"{DIST_INFO}/WHEEL",
        f"{DIST_INFO}/RECORD",
    ]


def test_all_faults_are_told_at_once() -> None:
    wheel = build(
        {"demo-1.0.data/wrong/x": b"", f"{DIST_INFO}/INSTALLER": b""},
        metadata=METADATA.replace(b"demo", b"other", 1),
        wheel=WHEEL.replace(b"1.0", b"2.0"),
        entry_points="[console_scripts]\npython = demo:main\n",
        extra=[Item(path="demo/added.py")],
    )
    assert set(refusal(wheel)) == {"TRU246", "TRU249", "TRU251", "TRU254", "TRU262", "TRU273"}
