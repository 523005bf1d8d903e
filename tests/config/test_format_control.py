"""--only-binary and --no-binary one after the other; pip's own class is the oracle."""

from hypothesis import given
from hypothesis import strategies as st
from pip._internal.models.format_control import FormatControl as OfPip

from trued.config.format_control import FormatControl, split_names
from trued.core.names import ProjectName

NAMES = ["a", "b", "c"]
VALUES = st.lists(st.sampled_from([*NAMES, ":all:", ":none:"]), min_size=1, max_size=4).map(",".join)
STEPS = st.lists(st.tuples(st.booleans(), VALUES), max_size=5)


@given(STEPS)
def test_the_same_files_are_allowed_as_by_pip(steps: list[tuple[bool, str]]) -> None:
    ours, theirs = FormatControl(), OfPip()
    for only, value in steps:
        names = split_names(value)
        ours = ours.with_only_binary(names) if only else ours.with_no_binary(names)
        first, second = theirs.only_binary, theirs.no_binary
        theirs.handle_mutual_excludes(value, *((first, second) if only else (second, first)))

    for name in NAMES:
        project = ProjectName(name)
        allowed = {"binary"} if ours.allows_wheel(project) else set()
        allowed |= {"source"} if ours.allows_source(project) else set()
        assert allowed == theirs.get_allowed_formats(name)


def test_names_are_normalised() -> None:
    assert split_names("A.b_C, :all: ,") == ("a-b-c", ":all:")
