"""``# via`` comments, as pip-tools, uv and trued write them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trued.core.names import ProjectName
from trued.requirements.via_comments import Via, read_via

DEMO, APP, OTHER = ProjectName("demo"), ProjectName("app"), ProjectName("other-one")


def via(text: str) -> Via:
    return read_via(text)[DEMO]


def test_one_parent_on_a_line_of_its_own() -> None:
    assert via("demo==1.0\n    # via app\n") == Via((APP,))


def test_a_list_of_parents_below() -> None:
    assert via("demo==1.0\n    # via\n    #   app\n    #   Other_one\n") == Via((APP, OTHER))


def test_parents_behind_the_digests() -> None:
    text = "demo==1.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n    # via\n    #   app\nnext==1\n"

    assert via(text) == Via((APP,))


def test_parents_on_the_line_itself() -> None:
    """``--annotation-style=line``."""
    assert via("demo==1.0  # via app, other.one\napp==1  # via -r requirements.in\n") == Via((APP, OTHER))


def test_what_a_file_asks_for_is_asked_for_itself() -> None:
    assert via("demo==1.0\n    # via -r requirements.in\n") == Via((), is_asked=True)
    assert via("demo==1.0\n    # via\n    #   -r a.in\n    #   app\n") == Via((APP,), is_asked=True)
    assert via("demo==1.0\n    # via own (pyproject.toml)\n") == Via((), is_asked=True)


def test_a_constraint_asks_for_nothing() -> None:
    assert via("demo==1.0\n    # via\n    #   -c limits.txt\n    #   app\n") == Via((APP,))


def test_other_comments_say_nothing() -> None:
    text = "# via nobody\ndemo==1.0  # pinned for app\n    # viable\n# via the moon\n\n    # via app\n"

    assert via("demo==1.0\n") == Via()
    assert read_via("# via app\n") == {}
    assert via(text.replace("# via the moon\n", "")) == Via()


def test_a_list_ends_where_something_else_stands() -> None:
    assert via("demo==1.0\n    # via\n    #   app\n    # kept back\n    #   other-one\n") == Via((APP,))


def test_extras_markers_and_line_ends_of_windows() -> None:
    assert via("demo[x,y]==1.0 ; python_version > '3'\r\n    # via\r\n    #   app\r\n") == Via((APP,))


@given(st.text())
def test_nothing_that_stands_in_a_file_fails(text: str) -> None:
    read_via(text)
    read_via(f"demo==1.0\n    # via\n{text}")
