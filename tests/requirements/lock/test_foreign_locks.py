"""The locks of uv, Poetry and PDM, read into the same data and held to the same rules."""

from __future__ import annotations

import pytest

from tests.requirements.lock.making import GOLDEN, A, Read, reason, told
from tests.requirements.reading import assert_complete
from trued.core.digest import Digest
from trued.requirements.lock.binding import binding_findings
from trued.requirements.lock.model import Lock, LockedPackage
from trued.requirements.lock.pdm_lock import read_pdm_lock
from trued.requirements.lock.poetry_lock import read_poetry_lock
from trued.requirements.lock.pylock import read_pylock, write_pylock
from trued.requirements.lock.uv_lock import read_uv_lock

READERS: list[tuple[str, Read]] = [
    ("uv.lock", read_uv_lock),
    ("poetry-1.lock", read_poetry_lock),
    ("poetry-2.lock", read_poetry_lock),
    ("pdm.lock", read_pdm_lock),
]


def golden(name: str) -> str:
    return (GOLDEN / name).read_text()


def the(lock: Lock, project: str) -> LockedPackage:
    (found,) = (package for package in lock.packages if package.project == project)
    return found


@pytest.fixture
def uv() -> Lock:
    return read_uv_lock(golden("uv.lock").encode(), file="uv.lock")


def test_uv_the_project_its_extras_and_its_groups_are_read(uv: Lock) -> None:
    assert (uv.requires_python, uv.extras, uv.dependency_groups) == (">=3.11", ("web",), ("dev",))
    own = the(uv, "demo").direct
    assert own is not None
    assert own.editable
    assert uv.findings == ()


def test_uv_each_package_has_the_marker_under_which_it_can_be_reached(uv: Lock) -> None:
    assert {package.text: package.marker for package in uv.packages} == {
        "checkout 0.1": '"web" in extras',
        "colorama 0.4.6": '"dev" in dependency_groups and sys_platform == "win32"',
        "demo 0.1": None,
        "numpy 1.26.4": 'python_full_version < "3.12"',
        "numpy 2.1.0": 'python_full_version >= "3.12"',
        "pysocks 1.7.1": None,
        "requests 2.32.3": None,
        "zipped 1.0": '"dev" in dependency_groups',
    }


def test_uv_files_come_with_url_size_time_and_digest(uv: Lock) -> None:
    package = the(uv, "colorama")

    (file,) = package.files
    assert package.index == "https://index.example.org/simple"
    assert (file.url, file.size) == ("https://files.example.org/colorama-0.4.6.tar.gz", 10)
    assert file.upload_time == "2022-10-25T02:36:22.414000Z"
    assert file.digests == (Digest("sha256", A),)


def test_uv_checkouts_and_archives_are_marked_as_direct(uv: Lock) -> None:
    assert str(the(uv, "checkout").direct) == f"git+https://git.example.org/checkout@{'1' * 40}"
    assert str(the(uv, "zipped").direct) == "https://files.example.org/zipped-1.0-py3-none-any.whl"
    assert len(the(uv, "zipped").files) == 1


def test_uv_extras_in_use_and_their_edges_are_kept(uv: Lock) -> None:
    assert the(uv, "requests").extras == ("socks",)
    assert [edge.project for edge in the(uv, "requests").dependencies] == ["pysocks"]


def test_uv_a_lock_whose_hashes_were_deleted_is_refused_though_uv_installs_it() -> None:
    text = golden("uv.lock").replace(f', hash = "sha256:{A}"', "", 1)

    assert told(text, read_uv_lock) == ["18 TRU153 colorama 0.4.6: colorama-0.4.6.tar.gz"]


def test_uv_a_url_and_hash_replaced_by_those_of_another_host_are_found() -> None:
    text = golden("uv.lock").replace(
        "https://files.example.org/requests", "https://files.examp1e.org/requests"
    )
    lock = read_uv_lock(text.encode(), file="uv.lock")

    def listed(project: str, filename: str) -> tuple[str, ...]:
        return (f"https://files.example.org/{filename}",)

    (finding,) = binding_findings(lock, listed=listed)
    assert_complete(finding)
    assert (finding.code, finding.subject, str(finding.place)) == ("TRU176", "requests 2.32.3", "uv.lock:75")


def test_uv_an_edge_to_nowhere_is_refused() -> None:
    text = golden("uv.lock").replace('{ name = "pysocks" }', '{ name = "elsewhere" }')

    assert reason(text, read_uv_lock) == "the lock holds no package elsewhere that fits"


def test_uv_extras_that_only_uv_can_tell_apart_are_refused() -> None:
    text = golden("uv.lock").replace("sys_platform == 'win32'", "extra == 'extra-4-demo-cpu'")

    assert "only uv can decide" in reason(text, read_uv_lock)


@pytest.mark.parametrize("version", ["2", '"1"', "true"])
def test_uv_another_format_is_refused(version: str) -> None:
    assert told(golden("uv.lock").replace("version = 1", f"version = {version}", 1), read_uv_lock) == [
        "1 TRU151 x.lock"
    ]


def test_poetry_2_tells_groups_markers_extras_and_sources() -> None:
    lock = read_poetry_lock(golden("poetry-2.lock").encode(), file="poetry.lock")

    assert (lock.requires_python, lock.extras, lock.dependency_groups) == ("<4,>=3.11", ("socks",), ("dev",))
    assert {package.project: package.marker for package in lock.packages} == {
        "colorama": 'platform_system == "Windows" or "dev" in dependency_groups and sys_platform == "win32"',
        "click": None,
        "pysocks": '"socks" in extras',
        "checkout": '"dev" in dependency_groups',
    }
    assert the(lock, "click").index == "https://index.example.org/simple"
    assert str(the(lock, "checkout").direct) == f"git+https://git.example.org/checkout.git@{'1' * 40}"


def test_poetry_names_files_without_saying_where_they_are() -> None:
    lock = read_poetry_lock(golden("poetry-2.lock").encode(), file="poetry.lock")

    assert [(file.filename, file.url) for file in the(lock, "click").files] == [
        ("click-8.1.8-py3-none-any.whl", None)
    ]


def test_poetry_1_takes_every_package_that_is_not_optional_for_needed_and_says_so() -> None:
    lock = read_poetry_lock(golden("poetry-1.lock").encode(), file="poetry.lock")

    assert {package.project: package.marker for package in lock.packages} == {
        "click": None,
        "colorama": None,
        "pysocks": '"socks" in extras',
        "pytest": '"dev" in dependency_groups',
    }
    (note,) = lock.findings
    assert_complete(note)
    assert note.code == "TRU178"


def test_poetry_1_files_of_another_version_of_the_project_are_left_out() -> None:
    lock = read_poetry_lock(golden("poetry-1.lock").encode(), file="poetry.lock")

    assert [file.filename for file in the(lock, "colorama").files] == ["colorama-0.4.6.tar.gz"]


def test_pdm_tells_groups_and_markers() -> None:
    lock = read_pdm_lock(golden("pdm.lock").encode(), file="pdm.lock")

    assert (lock.requires_python, lock.dependency_groups) == ("~=3.11", ("test",))
    colorama = the(lock, "colorama").marker
    assert colorama == "('test' in dependency_groups) and (sys_platform == \"win32\")"
    assert the(lock, "own").direct is not None


def test_pdm_entries_for_extras_are_one_package_with_their_base() -> None:
    requests = the(read_pdm_lock(golden("pdm.lock").encode(), file="pdm.lock"), "requests")

    assert requests.extras == ("socks",)
    assert [edge.project for edge in requests.dependencies] == ["pysocks", "colorama"]
    assert len(requests.files) == 1


@pytest.mark.parametrize(
    ("name", "read", "old", "new"),
    [
        ("poetry-2.lock", read_poetry_lock, '"2.1"', '"3.0"'),
        ("pdm.lock", read_pdm_lock, '"4.5.0"', '"5.0.0"'),
    ],
)
def test_another_format_is_refused(name: str, read: Read, old: str, new: str) -> None:
    assert [line.split()[1] for line in told(golden(name).replace(old, new), read)] == ["TRU151"]


@pytest.mark.parametrize(("name", "read"), READERS)
def test_a_digest_that_was_deleted_is_missed(name: str, read: Read) -> None:
    text = golden(name).replace(f', hash = "sha256:{A}"', "", 1)

    assert [line.split()[1] for line in told(text, read)] == ["TRU153"]


@pytest.mark.parametrize(("name", "read"), READERS)
@pytest.mark.parametrize(
    ("digest", "code"),
    [(f"sha256:{A[:-1]}", "TRU154"), (f"md5:{A[:32]}", "TRU155"), ("aa", "TRU154"), ("", "TRU153")],
)
def test_a_digest_that_is_too_weak_or_none_is_refused(name: str, read: Read, digest: str, code: str) -> None:
    text = golden(name).replace(f', hash = "sha256:{A}"', f', hash = "{digest}"', 1)

    assert [line.split()[1] for line in told(text, read)] == [code]


@pytest.mark.parametrize(("name", "read"), READERS)
def test_a_file_of_another_project_is_refused(name: str, read: Read) -> None:
    text = golden(name).replace("colorama-0.4.6.tar.gz", "colourama-0.4.6.tar.gz")

    assert "TRU158" in "".join(told(text, read))


def test_a_lock_of_uv_is_exported_to_pylock_without_loss(uv: Lock) -> None:
    exported = read_pylock(write_pylock(uv), file="pylock.toml")

    assert exported == uv.canonical()
