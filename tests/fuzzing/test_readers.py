"""Every reader of foreign bytes takes its seeds, what fuzzing found before, and a few bytes of anything.

A file of ``found`` is named ``READER-WHAT`` after the reader that it once broke.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzzing.catalogue import catalogue
from fuzzing.machine_targets import POLICY
from trued.config.origin import Source
from trued.config.trued_files import read_document

TARGETS = catalogue()
FOUND = sorted(Path(__file__).with_name("found").iterdir())


@pytest.mark.parametrize("name", TARGETS)
def test_a_reader_takes_its_seeds(name: str) -> None:
    for seed in TARGETS[name].seeds:
        TARGETS[name].run(seed)


def test_the_seed_of_settings_is_a_policy_without_a_mistake() -> None:
    """From a seed that is refused at once, the fuzzer learns nothing of what comes behind."""
    read = read_document(POLICY, path="/p/trued.toml", source=Source.PROJECT, environ={})

    assert read.findings == []
    assert all((read.indexes, read.exceptions, read.rules))


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_reader_takes_seeds_with_a_piece_replaced(name: str, data: st.DataObject) -> None:
    target = TARGETS[name]
    seed = data.draw(st.sampled_from(target.seeds))
    start = data.draw(st.integers(0, len(seed)))
    end = data.draw(st.integers(start, min(len(seed), start + 40)))
    piece = data.draw(st.binary(max_size=40))

    target.run(seed[:start] + piece + seed[end:])


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_what_broke_a_reader_once_does_not_again(path: Path) -> None:
    name = max((one for one in TARGETS if path.name.startswith(f"{one}-")), key=len)

    TARGETS[name].run(path.read_bytes())
