"""Which installed distribution needs which."""

from __future__ import annotations

from trued.core.names import ProjectName, normalize
from trued.environment.installed import Form, Installed
from trued.operations.inventory.graph import needs_of_installed, unneeded

MARKERS = {"python_version": "3.11", "sys_platform": "linux"}


def installed(name: str, *requires: str) -> Installed:
    return Installed(
        project=normalize(name),
        name=name,
        version="1.0",
        form=Form.DIST_INFO,
        location="/lib",
        folder=f"/lib/{name}",
        metadata={"requires-dist": requires},
    )


def needs(*every: Installed) -> dict[str, tuple[ProjectName, ...]]:
    return {str(name): some for name, some in needs_of_installed(every, MARKERS).items()}


def test_names_are_compared_as_indexes_do() -> None:
    assert needs(installed("app", "Big_Leaf>=1"), installed("big.leaf"))["app"] == ("big-leaf",)


def test_what_is_not_installed_or_not_for_this_interpreter_is_no_need() -> None:
    lines = ("absent", "leaf; sys_platform == 'win32'", "%%% no requirement")

    assert needs(installed("app", *lines), installed("leaf"))["app"] == ()


def test_a_marker_that_cannot_be_decided_is_no_need() -> None:
    for line in ("leaf; sys_platform ~= 'linux'", f"leaf; {'(' * 3000}os_name == 'x'{')' * 3000}"):
        assert needs(installed("app", line), installed("leaf"))["app"] == ()


def test_an_extra_counts_when_another_package_asks_for_it() -> None:
    web = installed("web", "leaf; extra == 'fast'")

    assert needs(web, installed("leaf"))["web"] == ()
    assert needs(web, installed("leaf"), installed("app", "web[fast]"))["web"] == ("leaf",)


def test_an_extra_may_ask_for_another_extra_in_a_circle() -> None:
    one = installed("one", "two[b]; extra == 'a'", "leaf; extra == 'c'")
    two = installed("two", "one[c]; extra == 'b'")

    found = needs(one, two, installed("leaf"), installed("app", "one[a]"))

    assert (found["one"], found["two"]) == (("leaf", "two"), ("one",))


def test_what_nobody_needs_begins_and_in_a_circle_everybody_does() -> None:
    one, two, leaf = ProjectName("one"), ProjectName("two"), ProjectName("leaf")

    assert unneeded({one: (leaf,), leaf: ()}) == ("one",)
    assert unneeded({one: (two,), two: (one,)}) == ("one", "two")
