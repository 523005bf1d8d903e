"""Lines of Requires-Dist are read as ``packaging`` reads them, with or without it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from packaging.requirements import InvalidRequirement, Requirement

from tests.requirements.test_plain_dependency import ENVIRONMENT, lines
from trued.core.names import ProjectName, normalize
from trued.resolution.dependency import DependencyReader
from trued.resolution.target import Target

TARGET = Target(name="linux", markers=ENVIRONMENT)


@given(lines)
@example("demo<1.0rc1, ===1.0rc1, <1.0rc1")
def test_a_line_is_what_packaging_makes_of_it(line: str) -> None:
    reader = DependencyReader(TARGET)
    try:
        expected = Requirement(line)
    except InvalidRequirement:
        with pytest.raises(InvalidRequirement):
            reader.parse(line)
        return

    read = reader.parse(line)

    assert (read.project, read.specifier, read.url) == (
        normalize(expected.name),
        str(expected.specifier),
        expected.url,
    )
    assert read.extras == tuple(sorted(map(normalize, expected.extras)))
    assert read.names_prerelease is bool(expected.specifier.prereleases)
    assert (read.marker is None) is (expected.marker is None)
    if read.marker is not None and expected.marker is not None:
        for extra in ("", "test"):
            wanted = expected.marker.evaluate({**ENVIRONMENT, "extra": extra})
            assert read.marker.holds(ENVIRONMENT, extra) is wanted


@pytest.mark.parametrize(
    ("line", "exact"),
    [
        ("a==1.0", True),
        ("a===1.0", True),
        ("a==1.*", False),
        ("a>=1.0", False),
        ("a==1.0,<2 ; extra=='x'", True),
    ],
)
def test_a_pin_is_told_from_a_range(line: str, *, exact: bool) -> None:
    read = DependencyReader(TARGET).parse(line)

    assert (read.project, read.exact) == (ProjectName("a"), exact)
