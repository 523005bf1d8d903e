"""Two lines for one project, and constraints: all of them must be satisfied.

Numbers in brackets name experiments with pip 26.3 against a local index.
"""

from __future__ import annotations

import pytest

from tests.requirements.reading import ENVIRONMENT, A, B, C, Desk, assert_complete
from trued.requirements.model import Kind
from trued.requirements.wanted import Gathered, gather


def gathered(desk: Desk, text: str, *, constraints: str | None = None) -> Gathered:
    return gather(desk.read(text, constraints=constraints), environment=ENVIRONMENT)


def conflicts(result: Gathered) -> list[tuple[str, str, str]]:
    for finding in result.findings:
        assert_complete(finding)
    return [(finding.code, str(finding.place), finding.values["above"]) for finding in result.findings]


def test_lines_of_one_project_are_put_together(desk: Desk) -> None:
    """[62] Extras share the base's file and digests."""
    text = f"De_mo[a]>=1 --hash=sha256:{A} -C x=1\nother==2\nde-mo[b]==1.5 --hash=sha256:{A} -C y=2"

    demo, other = gathered(desk, text).wanted

    assert (demo.project, set(demo.extras), demo.pinned_version) == ("de-mo", {"a", "b"}, "1.5")
    assert demo.specifier == ">=1,==1.5"
    assert demo.config_settings == (("x", "1"), ("y", "2"))
    assert (str(demo.place), str(other.place)) == ("r.txt:1", "r.txt:2")


def test_the_digests_of_every_line_must_hold(desk: Desk) -> None:
    """pip compares with the first line's list alone [59, 60, 200b]."""
    text = f"demo==1 --hash=sha256:{A} --hash=sha256:{B}\ndemo==1 --hash=sha256:{B} --hash=sha256:{C}"

    (demo,) = gathered(desk, text).wanted

    assert [demo.allowed.admits({"sha256": digest}) for digest in (A, B, C)] == [False, True, False]


@pytest.mark.parametrize("text", ["demo==1 --hash=sha256:{}\ndemo==1", "demo==1\ndemo==1 --hash=sha256:{}"])
def test_one_hashed_line_is_enough_in_either_order(desk: Desk, text: str) -> None:
    """[61, 61b]"""
    (demo,) = gathered(desk, text.format(A)).wanted

    assert demo.allowed.admits({"sha256": A})


def test_disjoint_lists_are_a_conflict_that_names_both_lines(desk: Desk) -> None:
    """[60, 200, 200b]"""
    result = gathered(desk, f"demo==1 --hash=sha256:{A}\n\ndemo==1 --hash=sha256:{B}")

    assert conflicts(result) == [("TRU167", "r.txt:3", "r.txt:1")]


def test_a_fragment_that_the_lines_own_hash_excludes_is_a_conflict(desk: Desk) -> None:
    """[31, 32] pip takes either."""
    result = gathered(desk, f"demo @ https://example.org/d.zip#sha256={A} --hash=sha256:{B}")

    assert conflicts(result) == [("TRU167", "r.txt:1", "r.txt:1")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("demo==1.0", "demo==2.0"),
        ("demo==1.0", "demo>1.0"),
        ("demo<1.0", "demo==1.0"),
        ("demo==1.0", "demo @ https://example.org/demo-2.0-py3-none-any.whl"),
    ],
)
def test_a_pin_that_another_line_excludes_is_a_conflict(desk: Desk, one: str, other: str) -> None:
    assert conflicts(gathered(desk, f"{one}\n{other}")) == [("TRU166", "r.txt:2", "r.txt:1")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("demo==1.0", "demo==1.0.0"),
        ("demo==1.0", "demo>=1,<2"),
        ("demo==1.0rc1", "demo>=0.9"),
        ("demo==1.0", "demo @ https://example.org/demo-1.0-py3-none-any.whl"),
        ("demo>=1", "demo<1"),  # nothing is pinned: which version, the resolver tells
    ],
)
def test_lines_that_agree_are_no_conflict(desk: Desk, one: str, other: str) -> None:
    assert conflicts(gathered(desk, f"{one}\n{other}")) == []


def test_two_urls_for_one_project_are_a_conflict(desk: Desk) -> None:
    result = gathered(desk, "d @ https://example.org/a.zip\nd @ https://example.org/b.zip")

    assert conflicts(result) == [("TRU168", "r.txt:2", "r.txt:1")]


def test_every_conflict_is_told(desk: Desk) -> None:
    text = f"a==1\na==2\nb==1 --hash=sha256:{A}\nb==3 --hash=sha256:{B}"

    codes = [code for code, _, _ in conflicts(gathered(desk, text))]

    assert codes == ["TRU166", "TRU166", "TRU167"]


def test_a_constraints_hash_fills_in_for_a_requirement_that_has_none(desk: Desk) -> None:
    """[50, 53, 54, 55]"""
    (demo,) = gathered(desk, "demo", constraints=f"demo==1 --hash=sha256:{A}").wanted

    assert (demo.pinned_version, demo.allowed.admits({"sha256": A})) == ("1", True)


def test_a_constraints_hash_binds_too(desk: Desk) -> None:
    constraints = f"demo --hash=sha256:{B} --hash=sha256:{C}"

    (demo,) = gathered(desk, f"demo==1 --hash=sha256:{A} --hash=sha256:{B}", constraints=constraints).wanted

    assert [demo.allowed.admits({"sha256": digest}) for digest in (A, B, C)] == [False, True, False]


@pytest.mark.parametrize("digest", [" --hash=sha256:{}", "#sha256={}"])
def test_a_constraints_url_is_where_the_file_comes_from_with_its_digest(desk: Desk, digest: str) -> None:
    """[56] pip drops the --hash, [57] not the fragment."""
    constraints = "demo @ https://example.org/d.zip" + digest.format(A)

    (demo,) = gathered(desk, "demo", constraints=constraints).wanted

    assert (demo.kind, demo.url) == (Kind.URL, "https://example.org/d.zip")
    assert demo.allowed.admits({"sha256": A})


def test_a_constraint_for_a_project_that_nobody_asks_for_wants_nothing(desk: Desk) -> None:
    """[58]"""
    assert gathered(desk, "", constraints="demo==1").wanted == ()


def test_a_constraint_that_excludes_a_pin_is_a_conflict(desk: Desk) -> None:
    result = gathered(desk, "demo==1", constraints="demo==2")

    assert conflicts(result) == [("TRU166", "constraints.txt:1", "r.txt:1")]


def test_lines_whose_marker_is_false_are_left_out(desk: Desk) -> None:
    text = 'demo==1; python_version < "3"\ndemo==2; python_version >= "3"'

    result = gathered(desk, text, constraints='demo==3; sys_platform == "win32"')

    assert [one.pinned_version for one in result.wanted] == ["2"]
    assert [line.place.line for line in result.ignored] == [1]
    assert result.findings == ()


def test_files_without_a_known_project_stand_alone(desk: Desk) -> None:
    result = gathered(desk, "https://example.org/a.zip\nhttps://example.org/b.zip")

    assert [one.url for one in result.wanted] == ["https://example.org/a.zip", "https://example.org/b.zip"]
