"""Where packages stand in the drawing, held to what makes a drawing readable."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trued.report.html.graph_drawing import HEIGHT, WIDTH, draw
from trued.report.html.graph_layout import lay_out

NAMES = [f"p{number}" for number in range(12)]
GRAPHS = st.dictionaries(
    st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), unique=True, max_size=4), max_size=12
).map(lambda found: {name: tuple(one for one in found.get(name, ()) if one != name) for name in NAMES})


def test_each_package_stands_right_of_what_needs_it() -> None:
    layout = lay_out({"app": ("web", "text"), "web": ("text",), "text": (), "tool": ("text",)})

    assert {key: column for key, (column, _) in layout.places.items()} == {
        "app": 0, "tool": 0, "web": 1, "text": 2,
    }  # fmt: skip


def test_a_circle_shares_a_column_and_what_it_needs_stands_right_of_it() -> None:
    layout = lay_out({"one": ("two",), "two": ("one", "leaf"), "leaf": ()})

    assert {key: column for key, (column, _) in layout.places.items()} == {"one": 0, "two": 0, "leaf": 1}


def test_what_nothing_joins_stands_aside() -> None:
    layout = lay_out({"alone": (), "app": ("web",), "web": ()})

    assert layout.alone == ("alone",)
    assert "alone" not in layout.places


def test_nothing_at_all_can_be_drawn() -> None:
    drawing = draw({}, {})

    assert (drawing.boxes, drawing.curves) == ((), ())


@given(GRAPHS)
def test_no_line_leads_left(needs: dict[str, tuple[str, ...]]) -> None:
    places = lay_out(needs).places

    assert all(places[key][0] <= places[other][0] for key in places for other in needs[key])


@given(GRAPHS)
def test_every_package_is_drawn_once_inside_the_drawing(needs: dict[str, tuple[str, ...]]) -> None:
    drawing = draw(needs, {name: name for name in needs})

    assert sorted(box.key for box in drawing.boxes) == sorted(needs)
    assert all(0 <= box.x <= drawing.width - WIDTH for box in drawing.boxes)
    assert all(0 <= box.y <= drawing.height - HEIGHT for box in drawing.boxes)


@given(GRAPHS)
def test_no_two_boxes_touch(needs: dict[str, tuple[str, ...]]) -> None:
    boxes = draw(needs, {name: name for name in needs}).boxes
    near = [
        (one.key, other.key)
        for number, one in enumerate(boxes)
        for other in boxes[number + 1 :]
        if abs(one.x - other.x) < WIDTH and abs(one.y - other.y) < HEIGHT
    ]

    assert near == []


@given(GRAPHS)
def test_every_need_is_one_curve(needs: dict[str, tuple[str, ...]]) -> None:
    drawing = draw(needs, {name: name for name in needs})
    drawn = {(drawing.boxes[one.above].key, drawing.boxes[one.below].key) for one in drawing.curves}

    assert drawn == {(key, other) for key in needs for other in needs[key]}


def test_a_chain_of_a_thousand_needs_no_deep_recursion() -> None:
    chain = {f"p{number:04}": (f"p{number + 1:04}",) for number in range(999)} | {"p0999": ()}

    assert lay_out(chain).columns == 1000
