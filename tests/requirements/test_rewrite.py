"""Writing digests into requirement files: these lines, and nothing else."""

from __future__ import annotations

import codecs
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.requirements.reading import A, B, C, Desk, brief, complete
from trued.core.digest import Digest
from trued.core.errors import OperationalError
from trued.core.finding import Place
from trued.requirements.logical_line import logical_lines
from trued.requirements.problems import Problems
from trued.requirements.rewrite import hashed_lines, rewrite, save, with_digests

DA, DB, DC = (Digest("sha256", value) for value in (A, B, C))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("demo==1", f"demo==1 \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B}"),
        ("demo==1\n", f"demo==1 \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B}\n"),
        ("demo==1\r\n", f"demo==1 \\\r\n    --hash=sha256:{A} \\\r\n    --hash=sha256:{B}\r\n"),
        ("demo==1  # why", f"demo==1 \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B}  # why"),
        (f"demo==1 --hash=sha256:{C}", f"demo==1 \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B}"),
        (
            f"demo==1 --hash sha256:{C} -C a=b",
            f"demo==1  -C a=b \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B}",
        ),
        (
            f"demo==1 ; x \\\n  --hash=sha256:{C} \\\n  --hash=sha256:{A}\n    # via y\nz",
            f"demo==1 ; x \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B}\n    # via y\nz",
        ),
        (
            f'demo==1 \\\n  -C a=b \\\n  "--hash=sha256:{C}" # c',
            f"demo==1 \\\n  -C a=b \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B}  # c",
        ),
        (
            f"demo==1 \\\n --hash \\\n sha256:{C}",
            f"demo==1 \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B}",
        ),
        ("  demo==1 \\", f"  demo==1 \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B}"),
    ],
)
def test_the_digests_of_one_requirement_are_replaced(before: str, after: str) -> None:
    assert with_digests(before, {1: [DA, DB]}) == after


def test_everything_else_of_the_file_stays() -> None:
    text = f"# head\n\n--pre\na==1 \\\n --hash=sha256:{C}\n   # via b\nb==2 # x\n\nc==3\n"
    pin, other = f"    --hash=sha256:{A}", f"    --hash=sha256:{B}"

    assert with_digests(text, {4: [DA], 9: [DB]}) == (
        f"# head\n\n--pre\na==1 \\\n{pin}\n   # via b\nb==2 # x\n\nc==3 \\\n{other}\n"
    )


def test_lines_ready_to_paste_have_one_digest_each() -> None:
    assert hashed_lines("demo==1", [DA, DB]) == f"demo==1 \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B}"


@pytest.mark.parametrize(
    ("encoding", "mark"), [("utf-8", codecs.BOM_UTF8), ("utf-16-le", codecs.BOM_UTF16_LE), ("utf-8", b"")]
)
def test_encoding_and_mark_are_kept(desk: Desk, encoding: str, mark: bytes) -> None:
    name = desk.write("r.txt", mark + "demo==1  # é\n".encode(encoding))

    (rewritten,) = rewrite({Place(name, 1): [DA]})

    assert rewritten.after == mark + f"demo==1 \\\n    --hash=sha256:{A}  # é\n".encode(encoding)


def test_the_difference_is_shown_before_anything_is_written(desk: Desk) -> None:
    name = desk.write("r.txt", "a==1\nb==2\n")

    (rewritten,) = rewrite({Place(name, 2): [DA]})

    assert (desk.folder / name).read_bytes() == b"a==1\nb==2\n"
    assert rewritten.diff == (
        f"--- r.txt\n+++ r.txt\n@@ -1,2 +1,3 @@\n a==1\n-b==2\n+b==2 \\\n+    --hash=sha256:{A}\n"
    )


def test_several_files_are_rewritten_together(desk: Desk) -> None:
    places = {Place(desk.write(name, "a==1\nb==2\n"), line): [DA] for name in "xy" for line in (1, 2)}

    assert [one.path for one in rewrite(places)] == ["x", "y"]


def test_a_saved_file_reads_with_the_new_digests(desk: Desk) -> None:
    name = desk.write("r.txt", "a==1\n")
    os.chmod(desk.folder / name, 0o640)

    save(rewrite({Place(name, 1): [DA, DB]})[0])

    requirement = desk.one((desk.folder / name).read_text())
    assert requirement.allowed.alternatives == (frozenset((DA, DB)),)
    assert stat.S_IMODE((desk.folder / name).stat().st_mode) == 0o640
    assert os.listdir(desk.folder) == ["r.txt"]


def test_a_symbolic_link_stays_one(desk: Desk) -> None:
    desk.write("real.txt", "a==1\n")
    os.symlink("real.txt", desk.folder / "r.txt")

    save(rewrite({Place("r.txt", 1): [DA]})[0])

    assert (desk.folder / "r.txt").is_symlink()
    assert A in (desk.folder / "real.txt").read_text()


def test_a_file_that_changed_in_the_meantime_is_left_alone(desk: Desk) -> None:
    name = desk.write("r.txt", "a==1\n")
    (rewritten,) = rewrite({Place(name, 1): [DA]})
    desk.write("r.txt", "a==2\n")

    with pytest.raises(OperationalError) as caught:
        save(rewritten)

    assert [brief(one) for one in complete(caught.value)] == ["0 TRU195 r.txt"]
    assert (desk.folder / name).read_text() == "a==2\n"
    assert os.listdir(desk.folder) == ["r.txt"]


def test_places_that_are_no_requirement_are_all_told(desk: Desk) -> None:
    name = desk.write("r.txt", "--pre\na==1 \\\n\n-e .\n")

    with pytest.raises(OperationalError) as caught:
        rewrite({Place(name, 1): [DA], Place("command line"): [DA], Place("nowhere", 1): [DA]})

    assert [brief(one) for one in complete(caught.value)] == [
        "1 TRU196 r.txt",
        "0 TRU195 command line",
        "0 TRU195 nowhere",
    ]


REQUIREMENTS = st.builds(
    lambda name, digests, comment, joined: (
        joined.join([f"{name}==1", *(f"--hash=sha256:{digest * 64}" for digest in digests)]) + comment
    ),
    st.from_regex(r"[a-z]{1,8}", fullmatch=True),
    st.lists(st.sampled_from("abcdef"), max_size=3),
    st.sampled_from(("", "  # c", "\n   # via z", "\n")),
    st.sampled_from((" ", " \\\n    ", "   ")),
)


@given(st.lists(REQUIREMENTS, min_size=1, max_size=5), st.data())
def test_a_rewritten_file_has_these_digests_and_all_other_lines(
    texts: list[str], data: st.DataObject
) -> None:
    text = "\n".join(texts)
    lines = [line.first for line in logical_lines(text, file="", problems=Problems())]
    chosen = data.draw(st.sets(st.sampled_from(lines)))

    after = with_digests(text, {line: [DC] for line in chosen})

    old = list(logical_lines(text, file="", problems=Problems()))
    new = list(logical_lines(after, file="", problems=Problems()))
    for before, now in zip(old, new, strict=True):
        expected = f"{before.text.split()[0]} --hash={DC}".split()
        assert now.text.split() == (expected if before.first in chosen else before.text.split())
    assert [line.strip() for line in after.split("\n") if line.lstrip().startswith("#")] == [
        line.strip() for line in text.split("\n") if line.lstrip().startswith("#")
    ]
