"""What is read without ``packaging`` is read as ``packaging`` reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from trued.requirements.plain_dependency import read_plain
from trued.requirements.plain_specifier import admits, names_prerelease
from trued.requirements.plain_specifier import clauses as plain_clauses

releases = st.lists(st.integers(0, 12), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))
others = st.sampled_from(["1.0rc1", "1!2.0", "2.0+local", "1.0.post1", "1.0.dev2", "v1.0", "01.2"])
versions = st.one_of(releases, releases, others)
operators = st.sampled_from(["<", "<=", ">", ">=", "==", "!=", "~=", "==="])
blanks = st.sampled_from(["", "", " "])
clauses = st.builds(
    lambda operator, blank, version, star: f"{operator}{blank}{version}{star}",
    operators,
    blanks,
    versions,
    st.sampled_from(["", "", ".*"]),
)
specifiers = st.builds(
    lambda parts, comma: comma.join(parts), st.lists(clauses, max_size=3), st.sampled_from([",", ", ", " , "])
)

ENVIRONMENT = {
    "implementation_name": "cpython",
    "implementation_version": "3.11.2",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "6.1.0",
    "platform_system": "Linux",
    "platform_version": "#1 SMP",
    "python_full_version": "3.11.2",
    "python_version": "3.11",
    "sys_platform": "linux",
}
variables = st.sampled_from(["python_version", "python_full_version", "sys_platform", "os_name", "extra"])
values = st.one_of(
    releases, st.sampled_from(["linux", "win32", "posix", "nt", "test", "Test", "v1", "a.b", "h2", "1"])
)
comparisons = st.builds(
    lambda variable, operator, value, quote: f"{variable} {operator} {quote}{value}{quote}",
    variables,
    st.sampled_from(["==", "!=", "<", ">=", "in", "not in"]),
    values,
    st.sampled_from(["'", '"']),
)
markers = st.recursive(
    comparisons,
    lambda inner: st.builds(
        lambda first, joint, second, form: form.format(f"{first} {joint} {second}"),
        inner,
        st.sampled_from(["and", "or"]),
        inner,
        st.sampled_from(["{}", "({})", "( {} )"]),
    ),
    max_leaves=5,
)
lines = st.builds(
    lambda name, extras, form, specifier, marker: (
        f"{name}{extras}{form.format(specifier)}" + (f" ; {marker}" if marker else "")
    ),
    st.sampled_from(["demo", "Demo.Pkg", "a_b", "-x", "x-"]),
    st.sampled_from(["", "[fast]", "[Fast, b_c]", "[]", "[,]"]),
    st.sampled_from(["{}", " {}", " ({})"]),
    specifiers,
    st.one_of(st.just(""), markers),
)


@given(specifiers, versions)
def test_a_specifier_that_is_decided_is_decided_alike(specifier: str, version: str) -> None:
    answer = admits(specifier, version)
    if answer is not None:
        assert SpecifierSet(specifier).contains(version, prereleases=True) is answer


@given(lines, st.sampled_from(["", "test", "fast", "a-b", "h2", "1"]))
def test_a_line_that_is_read_is_read_alike(line: str, extra: str) -> None:
    plain = read_plain(line)
    applies = plain.applies(ENVIRONMENT, extra) if plain else None
    if plain is None or applies is None:
        return
    decided = admits(plain.specifier, "1.5")
    if decided is None:
        return
    full = Requirement(line)
    assert str(plain.project) == canonicalize_name(full.name)
    assert {str(one) for one in plain.extras} == {canonicalize_name(one) for one in full.extras}
    assert full.specifier.contains("1.5", prereleases=True) is decided
    assert applies is (full.marker is None or full.marker.evaluate({**ENVIRONMENT, "extra": extra}))


@pytest.mark.parametrize(
    "line",
    [
        "demo",
        "demo>=1.0",
        "demo (>=1.0,<2)",
        "demo[fast]!=1.1.*,>=1",
        'demo; extra == "test"',
        "demo>=1; python_version < '3.9' and sys_platform == \"win32\"",
        "demo>=1;python_version<'3.9'",
        "demo ; (os_name == \"nt\" or (sys_platform == 'linux')) and extra == 'dev'",
        'demo~=1.4.2 ; os_name == "nt" or extra == "all"',
        "demo; platform_machine == '3' or extra == 'h2'",
    ],
)
def test_the_usual_lines_are_read(line: str) -> None:
    plain = read_plain(line)
    assert plain is not None
    assert plain.applies(ENVIRONMENT, "") is not None
    assert admits(plain.specifier, "1.5") is not None


@pytest.mark.parametrize(
    "line",
    [
        "demo @ file:///demo.whl",
        "demo>=1; (os_name == 'nt'",
        "demo; os_name == 'nt')",
        "demo; ()",
        "demo; os_name == 'nt",
        "demo; 'nt' == os_name",
        "demo; sys_platform in 'linux'",
        "demo>=1,",
        "demo (>=1",
        "demo; os_name == 'nt' and",
        "demo;",
    ],
)
def test_what_is_not_plain_is_left_to_packaging(line: str) -> None:
    assert read_plain(line) is None


@given(specifiers)
def test_plain_clauses_are_written_and_ordered_as_packaging_does(specifier: str) -> None:
    plain = plain_clauses(specifier)

    if plain is not None:
        expected = SpecifierSet(specifier)
        assert ",".join(plain) == str(expected)
        assert any(map(names_prerelease, plain)) is bool(expected.prereleases)
