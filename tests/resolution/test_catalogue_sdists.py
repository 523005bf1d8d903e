"""Source distributions read as streams: every form, and archives made to harm."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.resolution.offers import metadata_text, sdist
from trued.core.distribution import Distribution
from trued.core.limits import Limits
from trued.core.names import ProjectName
from trued.resolution import sdist_metadata
from trued.resolution.listing import Exclusion
from trued.resolution.sdist_metadata import read_sdist
from trued.resolution.source import CandidateMetadata

STATIC = metadata_text("demo", "1.0", "click", head="2.2")
PYPROJECT = b'[project]\nname = "demo"\ndependencies = ["rich"]\n'


def read(
    folder: Path, data: bytes, filename: str = "demo-1.0.tar.gz", limits: Limits | None = None
) -> CandidateMetadata | Exclusion:
    path = folder / "file"
    path.write_bytes(data)
    file = Distribution(
        project=ProjectName("demo"), version="1.0", filename=filename, url=f"https://example.org/{filename}"
    )
    return read_sdist(str(path), file, limits=limits or Limits())


def requires(answer: CandidateMetadata | Exclusion) -> tuple[str, ...]:
    assert isinstance(answer, CandidateMetadata)
    return answer.requires_dist


def reason(answer: CandidateMetadata | Exclusion) -> str:
    assert isinstance(answer, Exclusion)
    assert answer.text.isprintable()
    return answer.reason


@pytest.mark.parametrize(
    ("ending", "mode"), [("tar.gz", "w:gz"), ("tgz", "w:gz"), ("tar.bz2", "w:bz2"), ("tar.xz", "w:xz")]
)
def test_every_form_of_tar_is_read(tmp_path: Path, ending: str, mode: str) -> None:
    data = sdist("demo", "1.0", {"setup.py": b"", "PKG-INFO": STATIC}, mode=mode)

    assert requires(read(tmp_path, data, f"demo-1.0.{ending}")) == ("click",)


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_a_zip_is_read(tmp_path: Path) -> None:
    data = zipped({"demo-1.0/PKG-INFO": STATIC, "demo-1.0/x/PKG-INFO": b"other"})

    assert requires(read(tmp_path, data, "demo-1.0.zip")) == ("click",)


def test_pkg_info_speaks_before_pyproject_wherever_it_stands(tmp_path: Path) -> None:
    data = sdist("demo", "1.0", {"pyproject.toml": PYPROJECT, "PKG-INFO": STATIC})

    assert requires(read(tmp_path, data)) == ("click",)


def test_pyproject_speaks_where_pkg_info_does_not_bind(tmp_path: Path) -> None:
    data = sdist("demo", "1.0", {"pyproject.toml": PYPROJECT, "PKG-INFO": metadata_text("demo", "1.0")})

    assert requires(read(tmp_path, data)) == ("rich",)


@pytest.mark.parametrize("head", ["2.1", "1.2", "2", "2.x", ""])
def test_pkg_info_binds_from_metadata_2_2_on(tmp_path: Path, head: str) -> None:
    data = sdist("demo", "1.0", {"PKG-INFO": metadata_text("demo", "1.0", "click", head=head)})

    assert reason(read(tmp_path, data)) == "needs-build"


def test_metadata_2_10_comes_after_2_2(tmp_path: Path) -> None:
    data = sdist("demo", "1.0", {"PKG-INFO": metadata_text("demo", "1.0", "click", head="2.10")})

    assert requires(read(tmp_path, data)) == ("click",)


def test_pkg_info_of_another_project_is_not_believed(tmp_path: Path) -> None:
    data = sdist("demo", "1.0", {"PKG-INFO": metadata_text("other", "1.0", head="2.2")})

    assert reason(read(tmp_path, data)) == "bad-metadata"


def test_a_link_in_the_place_of_pkg_info_is_not_followed(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        link = tarfile.TarInfo("demo-1.0/PKG-INFO")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)

    assert reason(read(tmp_path, packed.getvalue())) == "needs-build"


def test_nothing_is_extracted(tmp_path: Path) -> None:
    data = sdist("demo", "1.0", {"../../escaped": b"x", "PKG-INFO": STATIC})

    read(tmp_path, data)

    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_file_of_metadata_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    data = sdist("demo", "1.0", {"PKG-INFO": STATIC + b"x" * 2000})

    assert reason(read(tmp_path, data, limits=Limits(metadata_bytes=1000))) == "bad-metadata"


def test_an_archive_that_unpacks_without_end_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bomb: a few kilobytes that unpack to more than any disk holds."""
    monkeypatch.setattr(sdist_metadata, "_MOST_UNPACKED_BYTES", 1_000_000)
    data = sdist("demo", "1.0", {"zeros": bytes(3_000_000), "PKG-INFO": STATIC})

    assert reason(read(tmp_path, data)) == "bad-metadata"


def test_an_archive_of_too_many_members_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdist_metadata, "_MOST_MEMBERS", 3)
    data = sdist("demo", "1.0", {f"file{number}": b"" for number in range(4)})

    assert reason(read(tmp_path, data)) == "bad-metadata"


def test_an_unknown_ending_is_told(tmp_path: Path) -> None:
    assert reason(read(tmp_path, b"", "demo-1.0.tar.Z")) == "bad-metadata"


SOUND = {
    "tar.gz": sdist("demo", "1.0", {"PKG-INFO": STATIC}),
    "tar.xz": sdist("demo", "1.0", {"PKG-INFO": STATIC}, mode="w:xz"),
    "tar.bz2": sdist("demo", "1.0", {"PKG-INFO": STATIC}, mode="w:bz2"),
    "zip": zipped({"demo-1.0/PKG-INFO": STATIC}),
}


@given(st.sampled_from(sorted(SOUND)), st.data())
def test_whatever_bytes_change_an_answer_comes_and_no_other_error(
    tmp_path_factory: pytest.TempPathFactory, ending: str, data: st.DataObject
) -> None:
    changed = bytearray(SOUND[ending])
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(changed)))

    answer = read(tmp_path_factory.getbasetemp(), bytes(changed[:cut]), f"demo-1.0.{ending}")

    assert isinstance(answer, (CandidateMetadata, Exclusion))
