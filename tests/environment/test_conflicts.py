"""What is refused before anything is written, and what is not."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from tests.environment.conftest import Shelf, site, snapshot
from tests.environment.test_transaction import removals_of
from trued.core.errors import OperationalError, Refused
from trued.core.finding import Level
from trued.environment.made import Addition
from trued.environment.target import Target
from trued.environment.transaction import change


def refused(environment: Target, *additions: Addition, allowed: frozenset[str] = frozenset()) -> list[str]:
    """Return the codes that *additions* are refused with; nothing may have changed."""
    before = snapshot(environment.prefix)
    with pytest.raises(Refused) as caught:
        change(environment, additions=additions, allowed=allowed)
    assert snapshot(environment.prefix) == before
    return [finding.code for finding in caught.value.findings]


def test_two_additions_with_one_path_and_other_content(environment: Target, shelf: Shelf) -> None:
    first = shelf.wheel("alpha", files={"tests/__init__.py": b"1"})
    second = shelf.wheel("beta", files={"tests/__init__.py": b"2"})

    assert refused(environment, first, second) == ["TRU510"]


def test_two_additions_may_share_a_file_of_equal_content(environment: Target, shelf: Shelf) -> None:
    first = shelf.wheel("alpha", files={"space/__init__.py": b"", "space/a.py": b""}, bytecode=True)
    second = shelf.wheel("beta", files={"space/__init__.py": b"", "space/b.py": b""}, bytecode=True)

    assert change(environment, additions=[first, second]) == ()

    assert sorted(path.name for path in (site(environment) / "space").glob("*.py")) == [
        "__init__.py",
        "a.py",
        "b.py",
    ]


def test_a_shared_file_stays_until_its_last_owner_goes(environment: Target, shelf: Shelf) -> None:
    first = shelf.wheel("alpha", files={"space/__init__.py": b"", "space/a.py": b""})
    second = shelf.wheel("beta", files={"space/__init__.py": b"", "space/b.py": b""})
    change(environment, additions=[first])
    change(environment, additions=[second])

    change(environment, removals=removals_of(environment, "alpha"))
    assert (site(environment) / "space/__init__.py").exists()
    change(environment, removals=removals_of(environment, "beta"))
    assert not (site(environment) / "space").exists()


def test_where_it_is_allowed_the_later_addition_wins(environment: Target, shelf: Shelf) -> None:
    first = shelf.wheel("alpha", files={"tests/__init__.py": b"1"}, bytecode=True)
    second = shelf.wheel("beta", files={"tests/__init__.py": b"2"}, bytecode=True)

    findings = change(environment, additions=[first, second], allowed=frozenset({"TRU510"}))

    assert [(finding.code, finding.level) for finding in findings] == [("TRU510", Level.WARNING)]
    assert (site(environment) / "tests/__init__.py").read_bytes() == b"2"
    with (site(environment) / "alpha-1.0.dist-info/RECORD").open(newline="") as file:
        listed = {row[0] for row in csv.reader(file)}
    assert not any(path.startswith("tests/") for path in listed)
    pyc = site(environment) / "tests/__pycache__/__init__.cpython-311.pyc"
    assert pyc.read_bytes() == b"pyc of 2"


def test_a_file_of_another_installed_distribution_is_named(environment: Target, shelf: Shelf) -> None:
    change(environment, additions=[shelf.wheel("alpha", files={"mod.py": b"1"})])
    addition = shelf.wheel("beta", files={"mod.py": b"2"})

    with pytest.raises(Refused) as caught:
        change(environment, additions=[addition])

    assert [(f.code, f.subject, f.values) for f in caught.value.findings] == [
        ("TRU511", "beta 1.0", {"path": str(site(environment) / "mod.py"), "owner": "alpha"})
    ]


def test_a_file_that_nobody_owns_is_not_overwritten(environment: Target, shelf: Shelf) -> None:
    (site(environment) / "mod.py").write_bytes(b"mine")

    assert refused(environment, shelf.wheel("alpha", files={"mod.py": b"1"})) == ["TRU512"]


def test_a_file_that_nobody_owns_is_replaced_where_that_is_allowed(environment: Target, shelf: Shelf) -> None:
    (site(environment) / "mod.py").write_bytes(b"mine")

    findings = change(
        environment, additions=[shelf.wheel("alpha", files={"mod.py": b"1"})], allowed=frozenset({"TRU512"})
    )

    assert [finding.level for finding in findings] == [Level.WARNING]
    assert (site(environment) / "mod.py").read_bytes() == b"1"


def test_a_replaced_file_comes_back_when_the_change_fails(environment: Target, shelf: Shelf) -> None:
    (site(environment) / "mod.py").write_bytes(b"mine")
    before = snapshot(environment.prefix)

    def checkpoint(name: str) -> None:
        if name == "laid out":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        change(
            environment,
            additions=[shelf.wheel("alpha", files={"mod.py": b"1"})],
            allowed=frozenset({"TRU512"}),
            checkpoint=checkpoint,
        )
    assert snapshot(environment.prefix) == before


def test_leftover_bytecode_is_replaced_without_a_word(environment: Target, shelf: Shelf) -> None:
    cache = site(environment) / "__pycache__"
    cache.mkdir()
    (cache / "mod.cpython-311.pyc").write_bytes(b"stale")

    findings = change(environment, additions=[shelf.wheel("alpha", files={"mod.py": b"1"}, bytecode=True)])

    assert findings == ()
    assert (cache / "mod.cpython-311.pyc").read_bytes() == b"pyc of 1"


def test_a_link_out_of_the_environment_is_not_written_through(
    environment: Target, shelf: Shelf, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (site(environment) / "alpha").symlink_to(outside)

    codes = refused(environment, shelf.wheel("alpha"), allowed=frozenset({"TRU513"}))

    assert codes == ["TRU513"]
    assert list(outside.iterdir()) == []


def test_a_folder_where_a_file_belongs_is_not_replaced(environment: Target, shelf: Shelf) -> None:
    (site(environment) / "mod.py").mkdir()

    codes = refused(environment, shelf.wheel("alpha", files={"mod.py": b"1"}), allowed=frozenset({"TRU512"}))

    assert codes == ["TRU513"]


@pytest.mark.parametrize("name", ["python", "python3", "python3.12", "pythonw.exe", "PYTHON", "activate"])
def test_a_script_may_not_replace_the_interpreter(environment: Target, shelf: Shelf, name: str) -> None:
    addition = shelf.wheel("alpha", scripts={name: b"#!/bin/sh\n"})

    assert "TRU514" in refused(environment, addition, allowed=frozenset({"TRU514", "TRU512"}))


@pytest.mark.parametrize("name", ["python-dotenv", "pythonic", "pypy-tool"])
def test_a_script_may_have_a_name_that_only_begins_alike(
    environment: Target, shelf: Shelf, name: str
) -> None:
    change(environment, additions=[shelf.wheel("alpha", scripts={name: b"#!/bin/sh\n"})])

    assert Path(environment.prefix, "bin", name).exists()


def test_an_entry_point_may_not_replace_the_interpreter(environment: Target, shelf: Shelf) -> None:
    addition = shelf.wheel("alpha", entry_points=(("console", "python3", "alpha", "main"),))

    assert "TRU514" in refused(environment, addition)


@pytest.mark.parametrize("path", ["bin/python3.13", "pyvenv.cfg"])
def test_data_may_not_replace_the_interpreter(environment: Target, shelf: Shelf, path: str) -> None:
    assert "TRU514" in refused(environment, shelf.wheel("alpha", data={path: b"x"}))


def test_data_may_not_land_among_packages(environment: Target, shelf: Shelf) -> None:
    inside = os.path.relpath(site(environment), environment.prefix)

    assert refused(environment, shelf.wheel("alpha", data={f"{inside}/run.pth": b"import os"})) == ["TRU516"]


def test_a_script_and_an_entry_point_of_one_name_are_no_choice(environment: Target, shelf: Shelf) -> None:
    addition = shelf.wheel(
        "alpha", scripts={"tool": b"x"}, entry_points=(("console", "tool", "alpha", "main"),)
    )

    assert refused(environment, addition, allowed=frozenset({"TRU510", "TRU518"})) == ["TRU518"]


def test_everything_wrong_is_told_at_once(environment: Target, shelf: Shelf) -> None:
    (site(environment) / "mod.py").write_bytes(b"mine")
    first = shelf.wheel("alpha", files={"mod.py": b"1", "tests/x.py": b"1"}, scripts={"python": b"x"})
    second = shelf.wheel("beta", files={"tests/x.py": b"2"})

    assert {"TRU510", "TRU512", "TRU514"} <= set(refused(environment, first, second))


def test_a_file_and_a_folder_of_one_name_are_undone(environment: Target, shelf: Shelf) -> None:
    before = snapshot(environment.prefix)
    first = shelf.wheel("alpha", files={"mod": b"a file"})
    second = shelf.wheel("beta", files={"mod/inner.py": b""})

    with pytest.raises(OperationalError):
        change(environment, additions=[first, second])
    assert snapshot(environment.prefix) == before


def test_names_that_differ_in_case_are_two_where_the_file_system_says_so(
    environment: Target, shelf: Shelf
) -> None:
    change(environment, additions=[shelf.wheel("alpha", files={"Mod.py": b"1", "mod.py": b"2"})])

    assert (site(environment) / "Mod.py").read_bytes() == b"1"


def test_names_that_differ_in_case_meet_where_the_file_system_folds_them(tmp_path: Path) -> None:
    from trued.environment.footprint import survey

    (tmp_path / "Taken.py").write_bytes(b"")
    groups = [
        (0, [("purelib", "", ["taken.py", "One.py"]), ("purelib", "Pkg", ["a.py"])]),
        (1, [("purelib", "", ["one.py"]), ("purelib", "pkg", ["A.py"])]),
    ]

    found = survey(groups, {"purelib": str(tmp_path)}, fold=str.casefold)

    assert found.occupied == [(0, "purelib", "taken.py")]
    assert found.shared == [(0, 1, "purelib", "one.py"), (0, 1, "purelib", "pkg/A.py")]
