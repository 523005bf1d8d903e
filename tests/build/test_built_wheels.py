"""The cache of built wheels: each bound to all that it was built from, and hashed whenever it is taken."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trued.build.built_wheels import BuiltWheels
from trued.build.origin import BuildDependency, BuildRequest, InvalidOrigin, Origin, read_origin
from trued.core.record import replace

CONTENT = b"the bytes of a wheel"
REQUEST = BuildRequest(
    source={"sha256": "ab" * 32},
    editable=False,
    config_settings=(("key", "value"),),
    interpreter={"tag": "cp311-cp311-linux_x86_64", "version": "3.11.7"},
    sandbox={"name": "bubblewrap", "version": "0.8.0", "hosts": ""},
    isolated=True,
    level="standard",
    variables={"SOURCE_DATE_EPOCH": "315532800"},
)
ORIGIN = Origin(
    request=REQUEST,
    project="demo",
    version="1.0",
    filename="demo-1.0-py3-none-any.whl",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    size=len(CONTENT),
    backend="flit_core.buildapi",
    requires=("flit-core",),
    dependencies=(
        BuildDependency(
            project="flit-core", version="4", filename="flit_core-4-py3-none-any.whl", sha256="cd" * 32
        ),
    ),
    source_bytes=7,
    trued="1.0",
    time="2026-11-21T12:00:00Z",
)


@pytest.fixture
def wheels(tmp_path: Path) -> BuiltWheels:
    wheel = tmp_path / "wheel"
    wheel.write_bytes(CONTENT)
    kept = BuiltWheels(str(tmp_path / "built"))
    kept.keep(ORIGIN, str(wheel))
    return kept


def only(folder: Path, pattern: str) -> Path:
    (path,) = (folder / "built").rglob(pattern)
    return path


def test_what_was_kept_is_found_by_the_same_request(wheels: BuiltWheels) -> None:
    found = wheels.load(REQUEST)

    assert found is not None
    assert (found.origin, found.fault) == (ORIGIN, "")
    assert Path(found.path).read_bytes() == CONTENT


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, source={"sha256": "00" * 32}),
        replace(REQUEST, editable=True),
        replace(REQUEST, config_settings=()),
        replace(REQUEST, interpreter={"tag": "cp312-cp312-linux_x86_64", "version": "3.12.1"}),
        replace(REQUEST, sandbox={"name": "none", "version": "", "hosts": ""}),
        replace(REQUEST, sandbox={"name": "bubblewrap", "version": "0.8.0", "hosts": "h.example.org"}),
        replace(REQUEST, isolated=False),
        replace(REQUEST, level="permissive"),
        replace(REQUEST, variables={"SOURCE_DATE_EPOCH": "315532800", "CFLAGS": "-O0"}),
    ],
)
def test_any_difference_is_another_build(wheels: BuiltWheels, other: BuildRequest) -> None:
    assert wheels.load(other) is None


def test_changed_bytes_are_found_out(wheels: BuiltWheels, tmp_path: Path) -> None:
    """Attack: the archive is replaced; pip would install it."""
    only(tmp_path, "*.whl").write_bytes(b"evil")

    found = wheels.load(REQUEST)

    assert found is not None
    assert found.origin is None
    assert hashlib.sha256(b"evil").hexdigest() in found.fault


def test_a_wheel_that_is_gone_is_told(wheels: BuiltWheels, tmp_path: Path) -> None:
    only(tmp_path, "*.whl").unlink()

    found = wheels.load(REQUEST)

    assert found is not None
    assert found.fault == "the file is gone"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "source": 3}'])
def test_an_origin_that_cannot_be_read_is_none(wheels: BuiltWheels, tmp_path: Path, text: str) -> None:
    only(tmp_path, "origin.json").write_text(text)

    found = wheels.load(REQUEST)

    assert found is not None
    assert found.origin is None


def test_an_origin_of_another_request_is_not_believed(wheels: BuiltWheels, tmp_path: Path) -> None:
    """Attack: what was built from other source is laid under this one's name."""
    other = replace(ORIGIN, request=replace(REQUEST, source={"sha256": "00" * 32}))
    only(tmp_path, "origin.json").write_bytes(other.text())

    found = wheels.load(REQUEST)

    assert found is not None
    assert found.fault == "it was built from something else"


def test_an_origin_that_everybody_may_write_is_not_read(wheels: BuiltWheels, tmp_path: Path) -> None:
    only(tmp_path, "origin.json").chmod(0o666)

    assert wheels.load(REQUEST) is None


def test_a_later_build_takes_the_place(wheels: BuiltWheels, tmp_path: Path) -> None:
    (tmp_path / "wheel").write_bytes(b"another")
    later = replace(ORIGIN, sha256=hashlib.sha256(b"another").hexdigest())

    wheels.keep(later, str(tmp_path / "wheel"))

    assert only(tmp_path, "*.whl").read_bytes() == b"another"


def test_what_is_thrown_away_is_gone(wheels: BuiltWheels, tmp_path: Path) -> None:
    wheels.discard(REQUEST)

    assert wheels.load(REQUEST) is None
    assert list((tmp_path / "built").rglob("*.whl")) == []


def test_files_are_for_their_owner_alone(wheels: BuiltWheels, tmp_path: Path) -> None:
    assert wheels.load(REQUEST) is not None
    assert only(tmp_path, "*.whl").stat().st_mode & 0o077 == 0


def test_an_origin_reads_back_as_it_was_written() -> None:
    assert read_origin(ORIGIN.text()) == ORIGIN


@given(st.dictionaries(st.text(), st.text()), st.lists(st.tuples(st.text(), st.text())))
def test_any_origin_reads_back(source: dict[str, str], settings: list[tuple[str, str]]) -> None:
    origin = replace(ORIGIN, request=replace(REQUEST, source=source, config_settings=tuple(settings)))

    assert read_origin(origin.text()) == origin


@given(
    st.recursive(st.none() | st.text() | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.text(), x))
)
def test_no_text_is_read_by_accident(value: object) -> None:
    with pytest.raises(InvalidOrigin):
        read_origin(json.dumps({"format": 1, "source": value}).encode())
