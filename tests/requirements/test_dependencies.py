"""Whether the list is complete and consistent: every dependency of every file, all told together."""

from __future__ import annotations

import pytest

from tests.requirements.reading import ENVIRONMENT, assert_complete
from trued.core.finding import Finding, Level, Place
from trued.core.names import ProjectName
from trued.requirements.dependencies import ChosenFile, check_dependencies


def file(
    name: str,
    version: str = "1.0",
    *needs: str,
    extras: str = "",
    provides: str = "",
    python: str = "",
    url: str | None = None,
    line: int = 1,
) -> ChosenFile:
    return ChosenFile(
        project=ProjectName(name),
        version=version,
        requires_dist=needs,
        requires_python=python,
        provides_extra=tuple(provides.split()),
        extras=frozenset(extras.split()),
        url=url,
        place=Place("r.txt", line),
    )


def told(*chosen: ChosenFile, ignore_requires_python: bool = False) -> tuple[Finding, ...]:
    findings = check_dependencies(
        chosen, environment=ENVIRONMENT, ignore_requires_python=ignore_requires_python
    )
    for finding in findings:
        assert_complete(finding)
    return findings


def briefly(*chosen: ChosenFile) -> list[str]:
    return [f"{finding.code} {finding.subject}" for finding in told(*chosen)]


def test_a_complete_list_is_quiet() -> None:
    assert told(file("a", "1.0", "b>=1", "C_c~=2.0"), file("b"), file("c-c", "2.5", "a")) == ()


def test_an_unlisted_dependency_names_who_needs_it() -> None:
    """pip says "not pinned" [11]."""
    (finding,) = told(
        file("a", "1.0", "b>=1 ; python_version > '3'", line=7), file("c", "2.0", "b<3", "b>=1")
    )

    assert (finding.code, finding.subject, finding.place) == ("TRU180", "b", Place("r.txt", 7))
    assert finding.values["wants"] == "b>=1 (for a 1.0); b<3 (for c 2.0)"


def test_all_unlisted_dependencies_are_told() -> None:
    assert briefly(file("a", "1.0", "b", "c", "d"), file("c", "1.0", "e")) == [
        "TRU180 b",
        "TRU180 d",
        "TRU180 e",
    ]


def test_a_pin_that_does_not_fit_is_told_at_the_pins_line() -> None:
    (finding,) = told(file("a", "1.0", "b>=2"), file("b", "1.5", line=9))

    assert (finding.code, finding.place) == ("TRU181", Place("r.txt", 9))
    assert finding.values == {"wants": "b>=2", "needer": "a 1.0", "version": "1.5"}


def test_a_listed_pre_release_satisfies() -> None:
    assert told(file("a", "1.0", "b>=1"), file("b", "2.0rc1")) == ()


@pytest.mark.parametrize("marker", ["sys_platform == 'win32'", "python_version < '3'", "extra == 'x'"])
def test_a_dependency_whose_marker_is_false_is_not_needed(marker: str) -> None:
    assert told(file("a", "1.0", f"b; {marker}", provides="x")) == ()


def test_an_extra_that_a_line_asks_for_brings_its_dependencies() -> None:
    (finding,) = told(
        file(
            "a", "1.0", 'b; extra == "Fast_IO"', "c; extra=='slow'", extras="fast-io", provides="fast-io slow"
        )
    )

    assert (finding.code, finding.subject) == ("TRU180", "b")
    assert "a[fast-io] 1.0" in finding.values["wants"]


def test_an_extra_that_a_dependency_asks_for_brings_its_dependencies() -> None:
    chosen = (file("a", "1.0", "b[x]"), file("b", "1.0", "c; extra == 'x'", provides="x"))

    assert briefly(*chosen) == ["TRU180 c"]
    assert briefly(*chosen, file("c")) == []


def test_an_extra_that_asks_for_another_extra_of_its_own_project_is_followed() -> None:
    needs = ("a[y]; extra == 'x'", "c; extra == 'y'")

    assert briefly(file("a", "1.0", *needs, extras="x", provides="x y")) == ["TRU180 c"]


def test_projects_that_need_each_other_come_to_an_end() -> None:
    assert told(file("a", "1.0", "b[x]", provides="x"), file("b", "1.0", "a[x]", provides="x")) == ()


@pytest.mark.parametrize(
    ("marker", "needed"),
    [
        ("extra == 'x' and sys_platform == 'linux'", True),
        ("extra == 'x' and sys_platform == 'win32'", False),
        ("extra == 'y' or extra == 'x'", True),
        ("extra == 'y' or sys_platform == 'linux'", True),
        ("sys_platform == 'win32' or extra == 'x'", True),
        ("'x' == extra", True),
        ("(extra == 'x')", True),
        ("extra == 'y'", False),
        ("extra != 'y'", True),
    ],
)
def test_markers_with_extras_are_judged_by_the_packaging_library(marker: str, needed: bool) -> None:
    codes = briefly(file("a", "1.0", f"b; {marker}", extras="x", provides="x y"))

    assert codes == (["TRU180 b"] if needed else [])


def test_an_extra_that_does_not_exist_is_a_warning() -> None:
    (finding,) = told(file("a", extras="nope", provides="yes"))

    assert (finding.code, finding.level) == ("TRU184", Level.WARNING)


def test_a_dependency_by_url_needs_the_very_same_url() -> None:
    """[82, 83, 84]"""
    needer = file("a", "1.0", "b @ https://u:p@example.org/b.zip#sha256=00")

    assert briefly(needer, file("b")) == ["TRU182 b"]
    assert briefly(needer, file("b", url="https://example.org/other.zip")) == ["TRU182 b"]
    assert briefly(needer, file("b", url="https://example.org/b.zip")) == []
    assert "u:p" not in repr(told(needer))


def test_a_file_for_another_python_is_told_unless_it_is_ignored() -> None:
    chosen = file("a", python=">=3.13")

    assert briefly(chosen) == ["TRU183 a 1.0"]
    assert told(chosen, ignore_requires_python=True) == ()
    assert told(file("a", python=">=3.8,!=3.9.*")) == ()


def test_a_requires_python_that_is_no_specifier_is_a_warning() -> None:
    (finding,) = told(file("a", python="three"))

    assert (finding.code, finding.level) == ("TRU186", Level.WARNING)


def test_a_dependency_under_a_marker_that_cannot_be_decided_is_told_once() -> None:
    line = 'b; os_name ~= "posix"'

    (finding,) = told(file("a", "1.0", line, extras="x", provides="x"), file("b"))

    assert (finding.code, finding.values["text"]) == ("TRU185", line)


def test_a_dependency_that_cannot_be_read_is_an_error() -> None:
    for line in ("b (>=1", f"b; {'(' * 3000}os_name == 'x'{')' * 3000}"):
        assert briefly(file("a", "1.0", line), file("b")) == ["TRU185 a 1.0"]


def test_an_environment_with_gaps_is_refused() -> None:
    with pytest.raises(ValueError, match="sys_platform"):
        check_dependencies((file("a"),), environment={"python_version": "3.12"})
