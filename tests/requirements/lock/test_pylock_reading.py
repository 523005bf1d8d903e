"""What a pylock.toml must hold to be believed; each refusal is one way to weaken or forge a lock."""

from __future__ import annotations

import pytest

from tests.requirements.lock.making import FILES, A, pylock, reason, told
from tests.requirements.reading import assert_complete
from trued.core.finding import Level
from trued.requirements.lock.lock_name import is_pylock_name
from trued.requirements.lock.model import DirectKind
from trued.requirements.lock.pylock import read_pylock


def test_a_plain_lock_is_read() -> None:
    lock = read_pylock(pylock('index = "https://index.example.org/simple"').encode(), file="pylock.toml")

    (package,) = lock.packages
    assert (package.project, package.version, package.index) == (
        "a",
        "1.0",
        "https://index.example.org/simple",
    )
    (file,) = package.files
    assert (file.filename, file.size, str(file.digests[0])) == ("a-1.0-py3-none-any.whl", 10, f"sha256:{A}")
    assert str(package.place) == "pylock.toml:4"
    assert lock.findings == ()


def test_every_digest_of_a_file_is_kept_the_weak_one_beside_the_strong_one_too() -> None:
    text = pylock(hashes=f'{{md5 = "{"a" * 32}", sha256 = "{A}"}}')

    (package,) = read_pylock(text.encode(), file="x").packages

    assert [digest.algorithm for digest in package.files[0].digests] == ["md5", "sha256"]


@pytest.mark.parametrize(
    ("hashes", "code"),
    [
        ("{}", "TRU153"),
        (f'{{sha256 = "{A[:-1]}"}}', "TRU154"),
        (f'{{sha256 = "{A}a"}}', "TRU154"),
        ('{sha256 = ""}', "TRU154"),
        (f'{{sha256 = "{A[:-1]}g"}}', "TRU154"),
        ("{sha256 = 5}", "TRU154"),
        (f'{{sha256 = "{A}", md5 = "abc"}}', "TRU154"),
        (f'{{md5 = "{"a" * 32}"}}', "TRU155"),
        (f'{{sha1 = "{"a" * 40}", md5 = "{"a" * 32}"}}', "TRU155"),
        ('{blake9 = "aa"}', "TRU155"),
    ],
)
def test_a_file_without_a_sound_digest_is_refused_at_its_line(hashes: str, code: str) -> None:
    assert told(pylock(hashes=hashes)) == [f"9 {code} a 1.0: a-1.0-py3-none-any.whl"]


def test_a_missing_table_of_hashes_is_refused() -> None:
    text = pylock().replace(f', hashes = {{sha256 = "{A}"}}', "")

    assert told(text) == ["9 TRU153 a 1.0: a-1.0-py3-none-any.whl"]


def test_a_digest_by_an_unknown_algorithm_beside_a_strong_one_is_told() -> None:
    lock = read_pylock(pylock(hashes=f'{{blake9 = "aa", sha256 = "{A}"}}').encode(), file="x")

    (finding,) = lock.findings
    assert_complete(finding)
    assert (finding.code, finding.level) == ("TRU172", Level.WARNING)


@pytest.mark.parametrize("size", ["-1", "1.5", "true", '"10"', "nan"])
def test_a_size_that_is_no_number_of_bytes_is_refused(size: str) -> None:
    assert told(pylock(size=size)) == ["9 TRU156 a 1.0: a-1.0-py3-none-any.whl"]


def test_a_file_with_neither_url_nor_path_is_refused() -> None:
    text = pylock().replace(f'url = "{FILES}a-1.0-py3-none-any.whl"', 'name = "a-1.0-py3-none-any.whl"')

    assert told(text) == ["9 TRU157 a 1.0: a-1.0-py3-none-any.whl"]


@pytest.mark.parametrize(
    ("filename", "why"),
    [
        ("b-1.0-py3-none-any.whl", "it is a file of b"),
        ("a-1.1-py3-none-any.whl", "it is a file of version 1.1"),
        ("a-1.0.whl", "it is no name of a wheel or sdist"),
        ("a-1.0.tar.gz", "it is listed with the other kind of files"),
    ],
)
def test_a_file_of_another_release_under_this_name_is_refused(filename: str, why: str) -> None:
    assert reason(pylock().replace("a-1.0-py3-none-any.whl", filename)) == why


def test_a_name_that_is_a_path_is_refused() -> None:
    text = pylock().replace("{url", '{name = "../a-1.0-py3-none-any.whl", url')

    assert reason(text) == "it is a path, not a name"


@pytest.mark.parametrize(
    "url", ["ftp://files.example.org/a", "javascript:1", "https://h\\\\x/a", "https://a b/", ""]
)
def test_a_url_that_two_readers_would_read_differently_is_refused(url: str) -> None:
    assert "9 TRU152 x.lock" in told(pylock().replace(f"{FILES}a-1.0-py3-none-any.whl", url))


def test_credentials_are_left_out_and_told_without_being_shown() -> None:
    text = pylock().replace("https://files", "https://user:s3cret@files")

    lock = read_pylock(text.encode(), file="x")

    assert lock.packages[0].files[0].url == f"{FILES}a-1.0-py3-none-any.whl"
    (finding,) = lock.findings
    assert_complete(finding)
    assert finding.code == "TRU199"
    assert "s3cret" not in repr(finding)


def test_two_entries_of_one_project_for_one_environment_are_refused() -> None:
    text = pylock("marker = \"sys_platform == 'linux'\"")
    second = pylock("marker = \"python_version >= '3.11'\"").partition("[[packages]]")[2]

    assert told(f"{text}[[packages]]{second}") == ["11 TRU159 a 1.0"]


def test_two_entries_of_one_project_whose_markers_exclude_each_other_are_read() -> None:
    text = pylock("marker = \"sys_platform == 'linux'\"")
    second = pylock("marker = \"sys_platform != 'linux'\"").partition("[[packages]]")[2]

    assert len(read_pylock(f"{text}[[packages]]{second}".encode(), file="x").packages) == 2


def test_entries_for_extras_that_exclude_each_other_are_read() -> None:
    text = pylock("marker = \"'cpu' in extras\"", top='extras = ["cpu", "gpu"]')
    second = pylock("marker = \"'gpu' in extras\"").partition("[[packages]]")[2]

    assert len(read_pylock(f"{text}[[packages]]{second}".encode(), file="x").packages) == 2


@pytest.mark.parametrize("version", ["2.0", "0.9", "1.x", "10.0", ""])
def test_an_unknown_major_version_is_refused_and_nothing_else_read(version: str) -> None:
    text = pylock(size="-1").replace('lock-version = "1.0"', f'lock-version = "{version}"')

    assert told(text) == ["1 TRU151 x.lock"]


def test_a_newer_minor_version_is_read_with_a_warning() -> None:
    lock = read_pylock(pylock().replace('"1.0"', '"1.7"', 1).encode(), file="x")

    assert [(finding.code, finding.level) for finding in lock.findings] == [("TRU172", Level.WARNING)]


def test_an_unknown_key_at_the_top_is_a_note() -> None:
    lock = read_pylock(pylock(top="colour = 1").encode(), file="x")

    assert [(finding.code, finding.level) for finding in lock.findings] == [("TRU172", Level.NOTE)]


def test_all_faults_of_a_file_are_told_at_once() -> None:
    text = pylock('marker = "nonsense"\nrequires-python = "about 3"', hashes="{}", size="-2")

    assert sorted(line.split()[1] for line in told(text)) == ["TRU152", "TRU152", "TRU153", "TRU156"]


def test_a_dependency_that_the_lock_does_not_hold_is_refused() -> None:
    assert told(pylock('dependencies = [{name = "b"}]')) == ["7 TRU152 x.lock"]


@pytest.mark.parametrize("name", ["A", "a_b", "-a", ""])
def test_a_name_that_is_not_normalised_is_refused(name: str) -> None:
    assert told(pylock().replace('name = "a"', f'name = "{name}"')) == ["5 TRU152 x.lock"]


@pytest.mark.parametrize(
    "marker",
    ["extra == 'x'", "os_name >", "colour == 'red'", "python_version ~= 'x'", "'x' > extras", "(" * 5000],
)
def test_a_marker_that_means_nothing_in_a_lock_is_refused(marker: str) -> None:
    assert told(pylock(f'marker = "{marker}"')) == ["7 TRU152 x.lock"]


def test_a_package_of_two_sources_is_refused() -> None:
    assert told(pylock('directory = {path = "."}')) == ["4 TRU174 a 1.0"]


def test_a_package_of_no_source_is_refused() -> None:
    text = pylock().partition("wheels")[0]

    assert told(text) == ["4 TRU174 a 1.0"]


def test_a_file_that_is_listed_twice_is_refused() -> None:
    line = pylock().splitlines()[8]

    assert (
        reason(pylock().replace(line, f"{line}\n{line}")) == "a-1.0-py3-none-any.whl is listed more than once"
    )


@pytest.mark.parametrize(
    "text", ["a = ", "\xff\xfe", "a = 1\na = 2", "<<<<<<<", "a = " + "[" * 20000, "a=2000-13-01"]
)
def test_what_is_no_toml_is_refused(text: str) -> None:
    assert [line.split()[1] for line in told(text.encode("latin-1"))] == ["TRU150"]


def test_an_archive_that_is_the_wheel_of_another_project_is_refused() -> None:
    wheel = f'{{url = "{FILES}b-1.0-py3-none-any.whl", hashes = {{sha256 = "{A}"}}}}'
    text = pylock().partition("wheels")[0] + f"archive = {wheel}\n"

    assert reason(text) == "it is a file of b"


def test_checkouts_and_folders_are_kept_and_marked() -> None:
    head = pylock().partition("[[packages]]")[0]
    text = f"""{head}
[[packages]]
name = "a"
vcs = {{type = "git", url = "https://git.example.org/a", commit-id = "{"1" * 40}"}}
[[packages]]
name = "b"
directory = {{path = "./b", editable = true}}
[[packages]]
name = "c"
archive = {{url = "{FILES}c.tar.gz", hashes = {{sha256 = "{A}"}}}}
"""
    a, b, c = read_pylock(text.encode(), file="x").packages

    assert [str(one.direct) for one in (a, b, c)] == [
        f"git+https://git.example.org/a@{'1' * 40}",
        "./b",
        f"{FILES}c.tar.gz",
    ]
    assert [one.direct.kind for one in (a, b, c) if one.direct] == list(DirectKind)
    assert [one.direct.editable for one in (a, b, c) if one.direct] == [False, True, False]
    assert [len(package.files) for package in (a, b, c)] == [0, 0, 1]


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("pylock.toml", True), ("pylock.dev.toml", True), ("pylock.a.b.toml", False), ("pylock..toml", False),
     ("poetry.lock", False), ("pylock.toml.txt", False)],
)  # fmt: skip
def test_the_names_of_lock_files_are_those_of_pep_751(name: str, is_one: bool) -> None:
    assert is_pylock_name(name) is is_one
