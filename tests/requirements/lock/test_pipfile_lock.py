"""``Pipfile.lock``, read into the same data as the locks of other tools and held to the same rules."""

from __future__ import annotations

import json

import pytest

from tests.requirements.lock.making import GOLDEN, A, B, reason, sha, told
from trued.requirements.lock.model import DirectKind, Lock, LockedPackage
from trued.requirements.lock.pipfile_lock import read_pipfile_lock

TEXT = (GOLDEN / "pipfile-lock.json").read_text()


@pytest.fixture
def lock() -> Lock:
    return read_pipfile_lock(TEXT.encode(), file="Pipfile.lock")


def the(lock: Lock, project: str) -> LockedPackage:
    (found,) = (package for package in lock.packages if package.project == project)
    return found


def test_categories_are_groups_and_develop_is_called_dev(lock: Lock) -> None:
    assert (lock.requires_python, lock.dependency_groups) == ("==3.11.*", ("dev", "docs"))
    assert the(lock, "requests").marker == "python_version >= '3.8'"


def test_a_release_of_two_groups_is_one_package_that_either_needs(lock: Lock) -> None:
    assert the(lock, "colorama").marker == (
        "(('dev' in dependency_groups) and (sys_platform == 'win32')) or ('docs' in dependency_groups)"
    )


def test_each_digest_is_a_file_whose_name_nobody_knows(lock: Lock) -> None:
    requests = the(lock, "requests")

    assert requests.extras == ("socks",)
    assert [file.digests for file in requests.files] == [sha(A), sha(B)]
    assert [file.url for file in requests.files] == [None, None]


def test_the_index_is_the_one_that_the_entry_names(lock: Lock) -> None:
    assert the(lock, "ours").index == "https://corp.example.org/simple"
    assert the(lock, "colorama").index is None


def test_what_no_index_offers_keeps_its_source(lock: Lock) -> None:
    kinds = {one.project: one.direct.kind for one in lock.packages if one.direct}

    assert kinds == {
        "archived": DirectKind.ARCHIVE,
        "checkout": DirectKind.VCS,
        "own": DirectKind.DIRECTORY,
    }
    assert the(lock, "archived").files[0].filename == "archived-1.0.tar.gz"


def test_an_entry_is_found_by_its_line(lock: Lock) -> None:
    place = the(lock, "ours").place

    assert place is not None
    assert '"ours": {' in TEXT.splitlines()[place.line - 1]


def test_it_is_told_that_nobody_says_who_needs_whom(lock: Lock) -> None:
    assert [finding.code for finding in lock.findings] == ["TRU178"]


def test_credentials_in_an_address_are_told_and_not_kept() -> None:
    text = TEXT.replace("https://corp.", "https://user:secret@corp.")

    lock = read_pipfile_lock(text.encode(), file="Pipfile.lock")

    assert "TRU199" in [finding.code for finding in lock.findings]
    assert "secret" not in repr(lock)


@pytest.mark.parametrize("pinned", [">=2.0", "==2.*", "*", "==2.0,==2.1", "== ", "2.0"])
def test_what_is_not_one_version_is_refused(pinned: str) -> None:
    lines = told(TEXT.replace("==2.0", pinned), read_pipfile_lock)

    assert [line.split()[1] for line in lines] == ["TRU152"]


@pytest.mark.parametrize(
    ("digest", "code"), [(f"sha256:{B[:-1]}", "TRU154"), (f"md5:{B[:32]}", "TRU155"), ("bb", "TRU154")]
)
def test_a_digest_that_is_too_weak_or_none_is_refused(digest: str, code: str) -> None:
    content = json.loads(TEXT)
    content["default"]["ours"]["hashes"] = [digest]

    assert [line.split()[1] for line in told(json.dumps(content), read_pipfile_lock)] == [code]


def test_digests_that_were_deleted_are_missed() -> None:
    content = json.loads(TEXT)
    del content["default"]["ours"]["hashes"]

    assert [line.split()[1] for line in told(json.dumps(content), read_pipfile_lock)] == ["TRU153"]


def test_a_checkout_without_a_commit_is_refused() -> None:
    content = json.loads(TEXT)
    del content["default"]["checkout"]["ref"]

    assert [line.split()[1] for line in told(json.dumps(content), read_pipfile_lock)] == ["TRU152"]


def test_a_key_that_stands_twice_is_refused() -> None:
    # Readers disagree on which of the two counts: one could be reviewed and the other installed.
    text = TEXT.replace('"ours": {', '"ours": {}, "ours": {')

    assert "stands twice" in reason(text, read_pipfile_lock)
