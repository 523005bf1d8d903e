"""Records behave as the data classes and named tuples they stand for."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from trued.core import record

if TYPE_CHECKING:
    from collections.abc import Callable


def _both(**options: bool) -> list[Any]:
    """Return one class made by ``dataclasses`` and the same made by ours."""
    made: list[Any] = []
    for decorator in (dataclasses.dataclass, record.dataclass):
        annotations = {"first": "int", "second": "str"}
        bare = type("Made", (), {"__annotations__": annotations, "second": "x", "__qualname__": "Made"})
        made.append(decorator(**options)(bare))
    return made


OPTIONS: list[dict[str, bool]] = [
    {},
    {"frozen": True},
    {"slots": True},
    {"frozen": True, "slots": True},
    {"frozen": True, "slots": True, "kw_only": True},
    {"frozen": True, "slots": True, "order": True},
    {"slots": True, "eq": False},
    {"frozen": True, "slots": True, "repr": False},
]

each_way = pytest.mark.parametrize("options", OPTIONS, ids=str)


@each_way
def test_equality_and_hash_are_those_of_dataclasses(options: dict[str, bool]) -> None:
    for made in _both(**options):
        has_values = options.get("eq", True)
        assert (made(first=1) == made(first=1)) is has_values
        assert made(first=1) != made(first=2)
        assert made(first=1) != (1, "x")
        is_hashable = options.get("frozen", False) or not has_values
        assert (made.__hash__ is not None) is is_hashable


@each_way
def test_what_is_shown_is_the_same(options: dict[str, bool]) -> None:
    original, ours = (repr(made(first=1)).rpartition(" object at ")[0] for made in _both(**options))
    assert ours == original


@each_way
def test_arguments_are_taken_and_refused_alike(options: dict[str, bool]) -> None:
    for made in _both(**options):
        assert made(first=1, second="y").second == "y"
        with pytest.raises(TypeError):
            made()
        with pytest.raises(TypeError):
            made(first=1, third=2)
        if options.get("kw_only"):
            with pytest.raises(TypeError):
                made(1)
        else:
            assert made(1, "y").second == "y"


@each_way
def test_a_frozen_record_does_not_change_and_a_slotted_one_takes_nothing_new(
    options: dict[str, bool],
) -> None:
    for made in _both(**options):
        one = made(first=1)
        if options.get("frozen"):
            with pytest.raises(dataclasses.FrozenInstanceError):
                one.first = 2
            with pytest.raises(dataclasses.FrozenInstanceError):
                del one.first
        else:
            one.first = 2
            assert one.first == 2
        assert hasattr(one, "__dict__") is not options.get("slots", False)


def test_an_ordered_record_compares_by_its_fields_and_only_with_its_like() -> None:
    for made in _both(frozen=True, slots=True, order=True):
        assert sorted([made(2), made(1, "b"), made(1, "a")]) == [made(1, "a"), made(1, "b"), made(2)]
        with pytest.raises(TypeError):
            _ = made(1) < (1, "x")


@record.dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A record of a module, so that it can be pickled."""

    name: str
    secret: str = record.field(repr=False, default="hidden")
    values: dict[str, int] = record.field(default_factory=dict)

    @property
    def shouted(self) -> str:
        """The name, loud."""
        return self.name.upper()


def test_a_factory_makes_each_object_its_own_default() -> None:
    assert Kept(name="a").values is not Kept(name="a").values


def test_a_field_that_is_to_be_hidden_is_not_shown() -> None:
    assert repr(Kept(name="a")) == "Kept(name='a', values={})"


def test_a_field_that_is_not_to_be_compared_is_not() -> None:
    @record.dataclass(frozen=True, slots=True)
    class Seen:
        name: str
        count: int = record.field(default=0, compare=False)

    assert Seen("a", 1) == Seen("a", 2)
    assert hash(Seen("a", 1)) == hash(Seen("a", 2))


def test_properties_and_the_docstring_stay() -> None:
    assert Kept(name="a").shouted == "A"
    assert Kept.__doc__ == "A record of a module, so that it can be pickled."


def test_a_record_can_be_pickled_and_copied() -> None:
    one = Kept(name="a", values={"b": 1})
    assert pickle.loads(pickle.dumps(one)) == one
    assert copy.deepcopy(one) == one


@pytest.mark.parametrize("replace", [record.replace, dataclasses.replace])
def test_a_copy_with_changes_keeps_the_rest(replace: Callable[..., Kept]) -> None:
    one = Kept(name="a", secret="s")
    assert replace(one, name="b") == Kept(name="b", secret="s")
    with pytest.raises(TypeError):
        replace(one, other=1)


def test_dataclasses_knows_a_record_for_one_of_its_own() -> None:
    assert dataclasses.is_dataclass(Kept)
    assert [field.name for field in dataclasses.fields(Kept)] == ["name", "secret", "values"]
    assert dataclasses.asdict(Kept(name="a")) == {"name": "a", "secret": "hidden", "values": {}}


def test_a_mutable_record_may_fill_fields_of_its_own() -> None:
    @record.dataclass(slots=True, kw_only=True)
    class Counting:
        start: int
        seen: list[int] = record.field(init=False, default_factory=list)
        total: int = record.field(init=False)

        def __post_init__(self) -> None:
            self.total = self.start + 1

    assert (Counting(start=1).total, Counting(start=1).seen) == (2, [])


def test_a_record_refuses_a_record_for_a_base() -> None:
    with pytest.raises(TypeError):
        record.dataclass(type("Child", (Kept,), {"__annotations__": {}}))


class Pair(record.NamedTuple):
    """A pair."""

    left: int
    right: str = "r"

    @property
    def double(self) -> int:
        """Twice the left."""
        return self.left * 2


def test_a_named_tuple_is_a_tuple_with_names_defaults_and_methods() -> None:
    assert Pair(1) == (1, "r")
    assert Pair(2).double == 4
    assert Pair._make((1, "x"))._replace(left=3) == Pair(3, "x")
    assert pickle.loads(pickle.dumps(Pair(1))) == Pair(1)
    assert Pair.__doc__ == "A pair."
    assert not hasattr(Pair(1), "__dict__")


def test_neither_dataclasses_nor_typing_is_imported_for_it() -> None:
    code = (
        "import sys; sys.path[:] = sys.argv[1:]\n"
        "from trued.core.finding import Finding\n"
        "import trued.wheel.reader\n"
        "Finding(code='TRU101') == Finding(code='TRU101')\n"
        "print({'dataclasses', 'typing', 'inspect'} & sys.modules.keys())"
    )
    command = [sys.executable, "-I", "-S", "-c", code, *sys.path]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@each_way
def test_the_first_objects_are_made_as_the_later_ones(options: dict[str, bool]) -> None:
    original, ours = _both(**options)

    made = [(original(first=at, second="y"), ours(first=at, second="y")) for at in range(30)]
    made += [(original(first=at), ours(first=at)) for at in range(30)]

    assert all((one.first, one.second) == (other.first, other.second) for one, other in made)
    for arguments in ({"second": "y"}, {"first": 1, "third": 2}):
        with pytest.raises(TypeError):
            ours(**arguments)
