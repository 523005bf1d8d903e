"""Source archives: what unpacks, and what is refused before anything is written."""

import gzip
import os
import tarfile
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.build.archives import PYPROJECT, folder, link, member, tar, zipped
from trued.build.limits import UnpackLimits
from trued.build.unpack import unpack_sdist
from trued.core.errors import Refused
from trued.core.finding import Finding

LIMITS = UnpackLimits()
HONEST = member(*PYPROJECT)


def unpacked(archive: Path, into: Path, *, limits: UnpackLimits = LIMITS, is_release: bool = True) -> Path:
    into.mkdir(exist_ok=True)
    return Path(
        unpack_sdist(
            str(archive), filename=archive.name, into=str(into), limits=limits, is_release=is_release
        )
    )


def refused(archive: Path, into: Path, *, limits: UnpackLimits = LIMITS) -> dict[str, Finding]:
    with pytest.raises(Refused) as error:
        unpacked(archive, into, limits=limits)
    assert not list(into.iterdir())
    return {finding.code: finding for finding in error.value.findings}


@pytest.mark.parametrize("ending", [".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"])
def test_tar_archives_of_all_kinds_unpack(ending: str, tmp_path: Path) -> None:
    archive = tar(
        tmp_path / f"demo-1.0{ending}", [folder("demo-1.0"), HONEST, member("demo-1.0/a/b.py", b"x = 1")]
    )

    tree = unpacked(archive, tmp_path / "into")

    assert tree == tmp_path / "into" / "demo-1.0"
    assert (tree / "a" / "b.py").read_bytes() == b"x = 1"


def test_zip_archives_unpack(tmp_path: Path) -> None:
    archive = zipped(
        tmp_path / "demo-1.0.zip", [("demo-1.0/", b"", 0o40755), ("demo-1.0/run", b"#!", 0o100755)]
    )

    tree = unpacked(archive, tmp_path / "into")

    assert (tree / "run").stat().st_mode & 0o777 == 0o755
    assert (tree / "run").stat().st_mtime == 1_600_000_000


def test_a_zip_whose_checksum_does_not_hold_is_refused(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "demo-1.0.zip", [("demo-1.0/run", os.urandom(1000), 0o100644)])
    data = bytearray(archive.read_bytes())
    data[200] ^= 0xFF
    archive.write_bytes(bytes(data))

    assert set(refused(archive, tmp_path / "into")) == {"TRU451"}


def test_times_and_the_right_to_execute_are_kept_and_other_rights_are_not(tmp_path: Path) -> None:
    archive = tar(tmp_path / "demo-1.0.tar.gz", [member("demo-1.0/configure", b"#!", mode=0o777), HONEST])

    status = (unpacked(archive, tmp_path / "into") / "configure").stat()

    assert status.st_mode & 0o7777 == 0o755
    assert status.st_mtime == 1_600_000_000


def test_links_inside_the_folder_are_made(tmp_path: Path) -> None:
    archive = tar(
        tmp_path / "demo-1.0.tar.gz",
        [
            HONEST,
            member("demo-1.0/docs/README", b"hello"),
            link("demo-1.0/README", "docs/README"),
            link("demo-1.0/docs/up", "../pyproject.toml"),
            link("demo-1.0/copy", "demo-1.0/docs/README", kind=tarfile.LNKTYPE),
        ],
    )

    tree = unpacked(archive, tmp_path / "into")

    assert os.readlink(tree / "README") == "docs/README"
    assert (tree / "docs" / "up").read_bytes() == PYPROJECT[1]
    assert (tree / "copy").read_bytes() == b"hello"
    assert (tree / "copy").stat().st_nlink == 1


def test_the_folder_may_be_named_dot_slash(tmp_path: Path) -> None:
    archive = tar(tmp_path / "demo-1.0.tar.gz", [folder("./"), member("./demo-1.0/setup.py", b"")])

    assert (unpacked(archive, tmp_path / "into") / "setup.py").is_file()


# Writes to a file of the user: by "..", by an absolute path, by a drive, by another separator.
@pytest.mark.parametrize(
    "name", ["demo-1.0/../../evil", "/tmp/evil", "../evil", "C:/evil", "demo-1.0\\..\\evil"]
)
def test_a_path_out_of_the_folder_is_refused(name: str, tmp_path: Path) -> None:
    archive = tar(tmp_path / "demo-1.0.tar.gz", [HONEST, member(name, b"evil")])

    assert "TRU452" in refused(archive, tmp_path / "into")


# Links out of the folder: what is read or written through them lies outside.
@pytest.mark.parametrize(
    "target", ["/etc/passwd", "../../etc/passwd", "..", "../other", ".", "a\\..\\b", "", "C:x"]
)
def test_a_link_out_of_the_folder_is_refused(target: str, tmp_path: Path) -> None:
    archive = tar(tmp_path / "demo-1.0.tar.gz", [HONEST, link("demo-1.0/link", target)])

    assert set(refused(archive, tmp_path / "into")) == {"TRU453"}


# Each link stays inside by its name; one after the other they lead out (CVE-2025-4517).
def test_a_link_through_another_link_is_refused(tmp_path: Path) -> None:
    archive = tar(
        tmp_path / "demo-1.0.tar.gz",
        [
            HONEST,
            folder("demo-1.0/a/b"),
            link("demo-1.0/deep", "a/b"),
            link("demo-1.0/out", "deep/../../../../x"),
        ],
    )

    assert set(refused(archive, tmp_path / "into")) == {"TRU453"}


# By its name the target is a decoy far down in the archive; through the link on the way up it is a file of
# this machine, which would be copied into the tree before any box stands around it.
@pytest.mark.parametrize("kind", [tarfile.LNKTYPE, tarfile.SYMTYPE])
def test_a_way_up_through_a_link_is_refused(kind: bytes, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of this machine")
    own = str(secret).lstrip("/")
    deep = "d/" * 30
    begun = "demo-1.0/" if kind == tarfile.LNKTYPE else ""
    archive = tar(
        tmp_path / "demo-1.0.tar.gz",
        [
            HONEST,
            member("demo-1.0/top/file"),
            member(f"demo-1.0/{own}", b"decoy"),
            link(f"demo-1.0/{deep}up", f"{'../' * 30}top"),
            link("demo-1.0/stolen", f"{begun}{deep}up/{'../' * 31}{own}", kind=kind),
        ],
    )

    assert set(refused(archive, tmp_path / "into")) == {"TRU453"}


def test_links_that_stay_inside_are_made(tmp_path: Path) -> None:
    archive = tar(
        tmp_path / "demo-1.0.tar.gz",
        [
            HONEST,
            member("demo-1.0/src/a.py", b"x = 1"),
            link("demo-1.0/docs/a.py", "../src/../src/a.py"),
            link("demo-1.0/b.py", "./demo-1.0/src/a.py", kind=tarfile.LNKTYPE),
        ],
    )

    tree = unpacked(archive, tmp_path / "into")

    assert (tree / "docs" / "a.py").read_bytes() == (tree / "b.py").read_bytes() == b"x = 1"


# A hard link costs nothing in the archive and becomes a copy: a thousand of them fill a disk.
@pytest.mark.parametrize(
    "limits", [UnpackLimits(unpacked_bytes=50_000), UnpackLimits(ratio=10, ratio_floor_bytes=50_000)]
)
def test_hard_links_count_as_what_they_become(limits: UnpackLimits, tmp_path: Path) -> None:
    copies = [link(f"demo-1.0/{n}", "demo-1.0/big", kind=tarfile.LNKTYPE) for n in range(99)]
    archive = tar(tmp_path / "demo-1.0.tar.gz", [HONEST, *copies, member("demo-1.0/big", bytes(1000))])

    assert set(refused(archive, tmp_path / "into", limits=limits)) == {"TRU458"}


# The folder is a link first; what lies "in" it is written where it points.
@pytest.mark.parametrize("order", [1, -1])
def test_a_file_below_a_link_is_refused(order: int, tmp_path: Path) -> None:
    pair = [link("demo-1.0/lib", "src"), member("demo-1.0/lib/evil.py", b"evil")][::order]
    archive = tar(tmp_path / "demo-1.0.tar.gz", [HONEST, *pair])

    assert set(refused(archive, tmp_path / "into")) & {"TRU453", "TRU456"}


# A hard link to a file outside gives the build the user's file itself.
@pytest.mark.parametrize("target", ["/etc/passwd", "../../../etc/passwd", "demo-1.0/none", "demo-1.0"])
def test_a_hard_link_to_anything_but_a_file_of_the_archive_is_refused(target: str, tmp_path: Path) -> None:
    archive = tar(tmp_path / "demo-1.0.tar.gz", [HONEST, link("demo-1.0/hard", target, kind=tarfile.LNKTYPE)])

    assert set(refused(archive, tmp_path / "into")) == {"TRU453"}


@pytest.mark.parametrize(
    "kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, b"?", tarfile.GNUTYPE_SPARSE]
)
def test_devices_pipes_and_unknown_kinds_are_refused(kind: bytes, tmp_path: Path) -> None:
    header = member("demo-1.0/device", kind=kind)[0]
    archive = tmp_path / "demo-1.0.tar.gz"
    blocks = [HONEST[0].tobuf() + HONEST[1].ljust(512, b"\0"), header.tobuf(), b"\0" * 1024]
    archive.write_bytes(gzip.compress(b"".join(blocks)))

    assert set(refused(archive, tmp_path / "into")) & {"TRU454", "TRU451"}


@pytest.mark.parametrize("mode", [0o4755, 0o2755, 0o6755])
def test_a_file_that_would_run_as_its_owner_is_refused(mode: int, tmp_path: Path) -> None:
    archive = tar(tmp_path / "demo-1.0.tar.gz", [HONEST, member("demo-1.0/su", mode=mode)])

    assert set(refused(archive, tmp_path / "into")) == {"TRU455"}


# The last one wins, or the first, as the tool has it: a reviewer sees another file than the build.
@pytest.mark.parametrize("second", ["demo-1.0/a.py", "demo-1.0/./a.py", "demo-1.0//a.py", "demo-1.0/A.py"])
def test_a_name_that_is_there_twice_is_refused(second: str, tmp_path: Path) -> None:
    archive = tar(tmp_path / "demo-1.0.tar.gz", [HONEST, member("demo-1.0/a.py", b"1"), member(second, b"2")])

    assert set(refused(archive, tmp_path / "into")) == {"TRU456"}


def test_a_file_that_is_also_a_folder_is_refused(tmp_path: Path) -> None:
    archive = tar(tmp_path / "demo-1.0.tar.gz", [HONEST, member("demo-1.0/a"), member("demo-1.0/a/b")])

    assert set(refused(archive, tmp_path / "into")) == {"TRU456"}


@pytest.mark.parametrize("names", [["demo-1.0/a", "other/b"], ["demo-1.0"], []])
def test_anything_but_one_top_folder_is_refused(names: list[str], tmp_path: Path) -> None:
    archive = tar(tmp_path / "demo-1.0.tar.gz", [member(name) for name in names])

    assert set(refused(archive, tmp_path / "into")) == {"TRU457"}


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (UnpackLimits(members=3), "members"),
        (UnpackLimits(unpacked_bytes=1000), "unpacks to more than 1000 bytes"),
        (UnpackLimits(member_bytes=999), "has more than 999 bytes"),
        (UnpackLimits(ratio=2, ratio_floor_bytes=100), "times its size"),
        (UnpackLimits(depth=3), "deeper than 3"),
        (UnpackLimits(path_bytes=20), "longer than 20 bytes"),
    ],
)
def test_limits_are_held_before_anything_is_written(limits: UnpackLimits, words: str, tmp_path: Path) -> None:
    many = [member(f"demo-1.0/{number}", b"\0" * 1000) for number in range(9)]
    archive = tar(tmp_path / "demo-1.0.tar.gz", [HONEST, *many, member("demo-1.0/a/b/c/d/e/f/g/h")])

    found = refused(archive, tmp_path / "into", limits=limits)

    assert words in found["TRU458"].values["reason"]


# A small archive that unpacks to gigabytes: its end is never read.
def test_a_bomb_is_refused_after_its_first_headers(tmp_path: Path) -> None:
    archive = tar(
        tmp_path / "demo-1.0.tar.gz",
        [HONEST, *(member(f"demo-1.0/{n}", bytes(2_000_000)) for n in range(80))],
    )

    found = refused(archive, tmp_path / "into", limits=UnpackLimits(ratio=10, ratio_floor_bytes=10_000_000))

    assert set(found) == {"TRU458"}


# PAX headers state their own length and are read into memory as a whole.
def test_a_header_past_all_measure_is_refused(tmp_path: Path) -> None:
    header = member("x", kind=tarfile.XHDTYPE)[0]
    header.size = 8 * 1024**3
    archive = tmp_path / "demo-1.0.tar.gz"
    archive.write_bytes(gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + b"\0" * 10_000_000))

    assert set(refused(archive, tmp_path / "into")) == {"TRU451"}


# PAX records replace the name, the link's target and the size that the plain header states.
@pytest.mark.parametrize("record", [{"path": "../evil"}, {"path": "/evil"}])
def test_a_name_in_a_pax_header_is_judged_as_any(record: dict[str, str], tmp_path: Path) -> None:
    info, data = member("demo-1.0/a", b"1")
    info.pax_headers = record

    assert set(refused(tar(tmp_path / "demo-1.0.tar.gz", [HONEST, (info, data)]), tmp_path / "into")) == {
        "TRU452"
    }


@pytest.mark.parametrize(
    "name", ["demo-1.0.tar.gz", "demo-1.0.tar.xz", "demo-1.0.tar.bz2", "demo-1.0.zip", "demo-1.0.rar"]
)
def test_what_is_no_archive_is_refused(name: str, tmp_path: Path) -> None:
    archive = tmp_path / name
    archive.write_bytes(b"this is no archive" * 100)

    assert set(refused(archive, tmp_path / "into")) == {"TRU451"}


@pytest.mark.parametrize("ending", [".tar.gz", ".tar.bz2", ".tar.xz"])
def test_an_archive_that_is_cut_off_is_refused(ending: str, tmp_path: Path) -> None:
    archive = tar(tmp_path / f"demo-1.0{ending}", [HONEST, member("demo-1.0/random", os.urandom(100_000))])
    archive.write_bytes(archive.read_bytes()[:-50_000])

    assert set(refused(archive, tmp_path / "into")) == {"TRU451"}


# A broken header in the middle: one tool stops there without a word, another goes on with the next member.
def test_members_behind_a_broken_header_are_not_left_out_in_silence(tmp_path: Path) -> None:
    archive = tar(
        tmp_path / "demo-1.0.tar.gz", [HONEST, member("demo-1.0/a", b"1"), member("demo-1.0/b", b"2")]
    )
    data = bytearray(gzip.decompress(archive.read_bytes()))
    data[1024 + 148 : 1024 + 156] = b"7777777\0"
    archive.write_bytes(gzip.compress(bytes(data)))

    assert set(refused(archive, tmp_path / "into")) == {"TRU451"}


def test_a_zip_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    archive = zipped(
        tmp_path / "demo-1.0.zip",
        [("demo-1.0/a", b"", 0o100644), ("demo-1.0/b", b"../../etc/passwd", 0o120777)],
    )

    assert set(refused(archive, tmp_path / "into")) == {"TRU453"}


@pytest.mark.parametrize("name", ["Demo-1.0", "demo-1.0.0", "demo-v1.0"])
def test_another_spelling_of_the_release_is_its_folder(name: str, tmp_path: Path) -> None:
    archive = tar(tmp_path / "demo-1.0.tar.gz", [member(f"{name}/setup.py")])

    assert unpacked(archive, tmp_path / "into").name == name


# An archive that was put in place of another release's.
def test_the_folder_of_another_release_is_refused_but_for_archives_of_a_forge(tmp_path: Path) -> None:
    archive = tar(tmp_path / "demo-1.0.tar.gz", [member("demo-0.9/setup.py")])

    assert set(refused(archive, tmp_path / "into")) == {"TRU459"}
    assert unpacked(archive, tmp_path / "into", is_release=False).name == "demo-0.9"


def test_all_that_is_wrong_is_told_together(tmp_path: Path) -> None:
    archive = tar(
        tmp_path / "demo-1.0.tar.gz",
        [
            HONEST,
            member("../a"),
            member("../b"),
            link("demo-1.0/c", "/etc"),
            member("demo-1.0/d", mode=0o4755),
        ],
    )

    found = refused(archive, tmp_path / "into")

    assert set(found) == {"TRU452", "TRU453", "TRU455"}
    assert found["TRU452"].values["paths"] == "../a, ../b"


@settings(max_examples=60, deadline=None)
@given(
    names=st.lists(
        st.tuples(
            st.text(alphabet="ab./\\C:é\0\n", min_size=1, max_size=12),
            st.sampled_from([tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE]),
            st.text(alphabet="ab./", max_size=9),
        ),
        max_size=6,
    )
)
def test_nothing_is_ever_written_outside(
    names: list[tuple[str, bytes, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    here = tmp_path_factory.mktemp("any")
    members = [link(f"demo-1.0/{name}".replace("\0", ""), target, kind=kind) for name, kind, target in names]
    archive = tar(here / "demo-1.0.tar.gz", [HONEST, *members])
    into = here / "in" / "to"
    into.mkdir(parents=True)

    try:
        tree = unpacked(archive, into)
    except Refused:
        assert not list(into.iterdir())
        return

    assert [path.name for path in here.iterdir()] == ["demo-1.0.tar.gz", "in"] or len(
        list(here.iterdir())
    ) == 2
    assert list(into.iterdir()) == [tree]
    root = os.path.realpath(tree)
    for path in tree.rglob("*"):
        assert os.path.commonpath([root, os.path.realpath(path)]) == root


@settings(max_examples=300, deadline=None)
@given(
    first=st.tuples(st.integers(0, 4), st.sampled_from(["a", "b", ".", "a/a"])),
    second=st.tuples(st.integers(0, 5), st.sampled_from(["a", "b", "a/a", "b/b"])),
    kind=st.sampled_from([tarfile.SYMTYPE, tarfile.LNKTYPE]),
)
def test_no_way_through_a_link_leads_out(
    tmp_path_factory: pytest.TempPathFactory,
    first: tuple[int, str],
    second: tuple[int, str],
    kind: bytes,
) -> None:
    """Around the archive's folder lies a decoy under each name that a target could end in."""
    around = tmp_path_factory.mktemp("links")
    into = around / "deep" / "into"
    into.mkdir(parents=True)
    for above in (around, around / "deep", into):
        for name in "ab":
            (above / name).write_text("of this machine")
    begun = "demo-1.0/" if kind == tarfile.LNKTYPE else ""
    members = [
        *(member(f"demo-1.0/{name}", b"own") for name in ("a/a", "b/b", "a/b/c/file")),
        link("demo-1.0/a/b/c/link", "../" * first[0] + first[1]),
        link("demo-1.0/last", f"{begun}a/b/c/link/{'../' * second[0]}{second[1]}", kind=kind),
    ]
    archive = tar(around / "demo-1.0.tar.gz", [HONEST, *members])

    with suppress(Refused):
        unpack_sdist(str(archive), filename=archive.name, into=str(into), limits=LIMITS)

    top = into / "demo-1.0"
    assert all(path.resolve().is_relative_to(top) for path in top.rglob("*"))
    assert "of this machine" not in {path.read_text() for path in top.rglob("last") if path.is_file()}


# Records of global PAX headers stay in memory to the end: three megabytes of archive became three gigabytes.
def test_global_records_do_not_pile_up(tmp_path: Path) -> None:
    def record(number: int) -> bytes:
        body = b"1000000 k%05d=" % number
        return body + b"a" * (1_000_000 - len(body) - 1) + b"\n" + bytes(-1_000_000 % 512)

    header = member("x", bytes(1_000_000), kind=tarfile.XGLTYPE)[0].tobuf(tarfile.USTAR_FORMAT)
    pieces = [
        piece
        for number in range(100)
        for piece in (header, record(number), member(f"demo-1.0/{number}")[0].tobuf(tarfile.USTAR_FORMAT))
    ]
    archive = tmp_path / "demo-1.0.tar.gz"
    archive.write_bytes(gzip.compress(b"".join(pieces) + bytes(1024)))

    found = refused(archive, tmp_path / "into")

    assert "global records" in found["TRU451"].values["reason"]


# One header after the other before any member: each is bounded, all together were not.
def test_headers_of_one_member_do_not_pile_up(tmp_path: Path) -> None:
    header = member("x", bytes(1_000_000), kind=tarfile.XGLTYPE)[0].tobuf(tarfile.USTAR_FORMAT)
    record = b"1000000 k=" + b"a" * (1_000_000 - 11) + b"\n" + bytes(-1_000_000 % 512)
    archive = tmp_path / "demo-1.0.tar.gz"
    archive.write_bytes(gzip.compress((header + record) * 20 + bytes(1024)))

    assert "headers take more" in refused(archive, tmp_path / "into")["TRU451"].values["reason"]


# What is skipped has no size to be judged, and is decompressed all the same: three kilobytes kept a processor
# busy for 18 seconds, a megabyte for hours.
def test_what_is_skipped_counts(tmp_path: Path) -> None:
    import bz2

    strange = member("demo-1.0/strange", kind=b"Z")[0]
    strange.size = 2**40
    archive = tmp_path / "demo-1.0.tar.bz2"
    headers = member("demo-1.0/a")[0].tobuf() + strange.tobuf(tarfile.GNU_FORMAT)
    archive.write_bytes(bz2.compress(headers + bytes(50_000_000)))

    found = refused(archive, tmp_path / "into", limits=UnpackLimits(ratio_floor_bytes=10_000_000))

    assert "skipped included" in found["TRU451"].values["reason"]


# Of BZIP2 and LZMA members zipfile decompresses each piece whole: a kilobyte becomes gigabytes of memory,
# whatever size the directory states.
@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_member_that_is_compressed_in_another_way_is_refused(method: int, tmp_path: Path) -> None:
    archive = tmp_path / "demo-1.0.zip"
    with zipfile.ZipFile(archive, "w", method) as made:
        made.writestr("demo-1.0/a", bytes(1000))

    assert "deflated" in refused(archive, tmp_path / "into")["TRU451"].values["reason"]


# Two ends: what a reviewer's tool lists is not what is built.
def test_a_zip_with_two_ends_is_refused(tmp_path: Path) -> None:
    one = zipped(tmp_path / "one.zip", [("demo-1.0/a", b"1", 0o100644)]).read_bytes()
    other = zipped(tmp_path / "other.zip", [("demo-1.0/b", b"2", 0o100644)]).read_bytes()
    archive = tmp_path / "demo-1.0.zip"
    archive.write_bytes(one + other)

    assert "end cannot be trusted" in refused(archive, tmp_path / "into")["TRU451"].values["reason"]


# Names that are refused were kept in full, without an end to their number.
def test_members_that_are_refused_count_too(tmp_path: Path) -> None:
    archive = tar(tmp_path / "demo-1.0.tar.gz", [HONEST, *(member(f"../{n}") for n in range(50))])

    found = refused(archive, tmp_path / "into", limits=UnpackLimits(members=10))

    assert found["TRU452"].values["paths"].endswith("and 5 more")
