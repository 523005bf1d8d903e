"""What a reviewer is told of a changed lock."""

from __future__ import annotations

from dataclasses import replace

from tests.requirements.lock.making import B, file, package, sha
from tests.requirements.reading import assert_complete
from trued.core.digest import Digest
from trued.requirements.lock.compare import ProjectChange, compare
from trued.requirements.lock.model import Lock, LockedPackage


def change(old: LockedPackage | None, new: LockedPackage | None) -> ProjectChange:
    (only,) = compare(Lock(packages=(old,) if old else ()), Lock(packages=(new,) if new else ())).changes
    return only


def test_the_same_lock_in_another_order_has_no_changes() -> None:
    packages = (package("a"), package("b"))

    assert compare(Lock(packages=packages), Lock(packages=packages[::-1])).is_empty


def test_a_new_version_comes_with_its_files_and_what_it_needs_now() -> None:
    found = change(package("a", "1.0", needs="b c"), package("a", "2.0", needs="c d"))

    assert (found.old_versions, found.new_versions) == (("1.0",), ("2.0",))
    assert [one.filename for one in found.added_files] == ["a-2.0-py3-none-any.whl", "a-2.0.tar.gz"]
    assert [one.filename for one in found.removed_files] == ["a-1.0-py3-none-any.whl", "a-1.0.tar.gz"]
    assert (found.added_dependencies, found.removed_dependencies) == (("d",), ("b",))


def test_a_project_that_comes_or_goes_is_told() -> None:
    assert change(None, package("a")).is_added
    assert change(package("a"), None).is_removed


def test_another_digest_for_the_same_file_is_a_finding_of_its_own() -> None:
    new = replace(package("a"), files=(file("a-1.0.tar.gz", digests=sha(B)), package("a").files[0]))

    difference = compare(Lock(packages=(package("a"),)), Lock(packages=(new,)))

    (finding,) = difference.findings
    assert_complete(finding)
    assert (finding.code, finding.values["filename"]) == ("TRU197", "a-1.0.tar.gz")
    assert [one.filename for one in difference.changes[0].changed_files] == ["a-1.0.tar.gz"]


def test_a_digest_by_another_algorithm_alone_cannot_be_compared_and_is_told() -> None:
    old = replace(package("a"), files=(file("a-1.0.tar.gz"),))
    new = replace(package("a"), files=(file("a-1.0.tar.gz", digests=(Digest("sha512", "c" * 128),)),))

    assert len(change(old, new).changed_files) == 1


def test_a_digest_more_is_no_change() -> None:
    old = replace(package("a"), files=(file("a-1.0.tar.gz"),))
    new = replace(old, files=(file("a-1.0.tar.gz", digests=(*sha(), Digest("sha512", "c" * 128))),))

    assert compare(Lock(packages=(old,)), Lock(packages=(new,))).is_empty


def test_another_index_is_told() -> None:
    other = replace(package("a"), index="https://other.example.org/simple/")

    assert change(package("a"), other).sources == (
        ("https://index.example.org/simple/",),
        ("https://other.example.org/simple/",),
    )


def test_another_marker_is_told() -> None:
    assert change(package("a"), package("a", marker="os_name == 'nt'")).markers == (
        ("",),
        ("os_name == 'nt'",),
    )


def test_other_pythons_and_environments_are_told() -> None:
    difference = compare(Lock(requires_python=">=3.11"), Lock(environments=("os_name == 'nt'",)))

    assert difference.requires_python == (">=3.11", None)
    assert difference.environments == ((), ("os_name == 'nt'",))
    assert not difference.is_empty
