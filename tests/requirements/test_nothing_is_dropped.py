"""What pip drops, ignores or finds out late is an error here, with its line, and all of one run together.

Numbers in brackets name experiments with pip 26.3 against a local index.
"""

from __future__ import annotations

import os

import pytest

from tests.requirements.reading import A, B, Desk, brief, complete
from trued.core.digest import HEX_LENGTHS
from trued.core.errors import OperationalError, UsageError
from trued.core.finding import Finding
from trued.core.limits import Limits
from trued.requirements.files import read_requirements

H = f"--hash=sha256:{A}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        # [204b] pip drops the hashes with a warning, and installs the package unverified.
        (f"demo==1.0 \\\n    # why\n    {H}", "2 TRU110 r.txt"),
        (f"demo==1.0 \\\n    {H} \\\n    # why \\\n    # and how \\\n    {H}", "3 TRU110 r.txt"),
        # The comment swallows the hash line below without even a warning.
        (f"demo==1.0  # why \\\n    {H}", "1 TRU110 r.txt"),
        # A second requirement is swallowed.
        ("demo==1.0  # why \\\nother==1.0", "1 TRU110 r.txt"),
    ],
)
def test_a_comment_inside_a_continuation_is_an_error(desk: Desk, text: str, told: str) -> None:
    assert desk.told(text) == [told]


@pytest.mark.parametrize("white_space", [" ", "   ", "\t"])
def test_white_space_behind_a_backslash_is_an_error(desk: Desk, white_space: str) -> None:
    assert desk.told(f"demo==1.0 \\{white_space}\n    {H}") == ["1 TRU111 r.txt"]


def test_a_missing_backslash_is_an_error_at_each_line_that_would_be_lost(desk: Desk) -> None:
    """pip issue 11935"""
    text = f"demo==1.0 \\\n    {H}\n    --hash=sha256:{B}\n    -C a=b"

    assert desk.told(text) == ["3 TRU112 --hash", "4 TRU112 --config-settings"]


def test_a_hash_without_a_requirement_is_an_error(desk: Desk) -> None:
    """[25]"""
    assert desk.told(f"--pre\n{H}\n-i https://example.org/s {H}") == ["2 TRU113 --hash", "3 TRU113 --hash"]


@pytest.mark.parametrize("glue", ["\t", "", "\\\n\t", "\\\n"])
def test_an_option_without_a_space_before_it_is_an_error(desk: Desk, glue: str) -> None:
    """[206b, 206c]"""
    (told,) = desk.told(f"demo==1.0{glue}{H}")

    assert told.startswith("1 TRU114 demo==1.0")


@pytest.mark.parametrize("option", ["--hash", "--hash=", "--hash --pre", "--index-url", "--pre=yes", "-r"])
def test_an_option_without_its_value_or_with_one_too_many_is_an_error(desk: Desk, option: str) -> None:
    assert "1 TRU116" in desk.told(f"demo==1.0 {option}")[0]


@pytest.mark.parametrize("option", ["--nope", "--nope=1", "-q", "--require", "--hashes=x", "--sha256=x"])
def test_an_unknown_or_ambiguous_option_is_an_error(desk: Desk, option: str) -> None:
    assert desk.told(f"demo==1.0 {option}") == [f"1 TRU115 {option}"]


@pytest.mark.parametrize(
    "option",
    [
        *("--require-hashes", "--no-require-hashes", "--no-index", "--pre", "--prefer-binary"),
        *("-i https://example.org", "--extra-index-url https://example.org", "-f x", "-r x", "-c x", "-e x"),
        *("--no-binary :all:", "--only-binary x", "--trusted-host x", "--use-feature x"),
        *("--all-releases x", "--only-final x"),
    ],
)
def test_an_option_of_the_run_on_a_requirements_line_is_an_error(desk: Desk, option: str) -> None:
    """[220] pip ignores it without a word."""
    (told,) = desk.told(f"demo==1.0 {option}")

    assert told.startswith("1 TRU117 --")


@pytest.mark.parametrize(
    ("line", "left"),
    [
        (f"demo==1.0 {H} other==1.0", ["other==1.0"]),
        (f"demo==1.0 -- {H}", ["--", "TRU118"]),
        (f"demo==1.0 {H} -", ["-"]),
        ("-e demo @ git+https://example.org/d", ["@", "git+https://example.org/d"]),
        ("--pre yes", ["yes"]),
    ],
)
def test_words_behind_the_options_are_an_error(desk: Desk, line: str, left: list[str]) -> None:
    told = " ".join(desk.told(line))

    assert all(word in told for word in ("TRU118", *left))


def test_the_marker_of_an_editable_is_not_dropped(desk: Desk) -> None:
    """pip installs the editable whatever the marker says."""
    told = desk.told('-e git+https://example.org/d#egg=d ; python_version < "3"')

    assert {line.split()[1] for line in told} == {"TRU118"}


@pytest.mark.parametrize("line", ['demo --hash="sha256:x', "demo -C 'a=b", "demo -C a=b\\ "])
def test_an_open_quote_is_an_error(desk: Desk, line: str) -> None:
    assert any(code in desk.told(line)[0] for code in ("TRU119", "TRU111"))


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("-r a.txt -r b.txt", "--requirement"),
        ("-r a.txt --require-hashes", "--require-hashes"),
        ("-c a.txt -i https://example.org", "--index-url"),
        ("-f a -f b", "--find-links"),
        ("-e project -e project", "--editable"),
    ],
)
def test_two_options_of_which_pip_reads_one_are_an_error(desk: Desk, line: str, name: str) -> None:
    desk.write("a.txt", "")
    desk.write("b.txt", "")
    desk.write("project/setup.py", "")

    assert desk.told(line) == [f"1 TRU120 {name}"]


def test_a_hash_behind_an_editable_is_an_error(desk: Desk) -> None:
    """[45] pip drops it, installs, and leaves the mode off."""
    desk.write("project/setup.py", "")

    assert desk.told(f"-e project {H}\n-e project --pre") == ["1 TRU121 --hash", "2 TRU117 --pre"]


def test_a_build_setting_without_equals_is_an_error(desk: Desk) -> None:
    assert desk.told("demo --config-settings a") == ["1 TRU122 a"]


@pytest.mark.parametrize(
    ("digest", "code"),
    [
        (f"SHA256:{A}", "TRU130"),  # [14]
        (f"Sha512:{'0' * 128}", "TRU130"),
        (f"MD5:{'0' * 32}", "TRU130"),
        (f"md5:{'0' * 32}", "TRU131"),  # [15]
        (f"sha1:{'0' * 40}", "TRU131"),  # [16]
        (f"sha224:{'0' * 56}", "TRU131"),
        (f"sha3_256:{A}", "TRU132"),  # [20]
        (f"blake2b:{A}", "TRU132"),
        (f":{A}", "TRU132"),
        (f"sha256:{A[1:]}", "TRU133"),  # [22] pip: a mismatch, after the download
        (f"sha256:{A}a", "TRU133"),
        ("sha256:", "TRU133"),  # [23]
        (f"sha512:{A}", "TRU133"),
        (f"sha256:{'g' * 64}", "TRU134"),
        (f"sha256:{A[:-1]}:", "TRU134"),
        (f"sha256:{A[:-1]}٣", "TRU134"),
        ("sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "TRU134"),
        (A, "TRU135"),  # [17]
        (f"sha256={A}", "TRU135"),
    ],
)
def test_what_is_no_digest_of_a_strong_algorithm_is_an_error(desk: Desk, digest: str, code: str) -> None:
    assert desk.told(f"demo==1.0 --hash={digest}") == [f"1 {code} demo==1.0"]


def test_a_wrong_digest_is_told_on_its_own_line(desk: Desk) -> None:
    text = f"demo==1.0 \\\n  {H} \\\n  --hash=sha256:abc \\\n  --hash=md5:def"

    assert desk.told(text) == ["3 TRU133 demo==1.0", "4 TRU131 demo==1.0"]


@pytest.mark.parametrize(
    ("fragment", "code"),
    [
        (f"SHA256={A}", "TRU130"),  # [36] pip does not see it
        (f"sha256={A[1:]}", "TRU133"),
        ("sha256=", "TRU133"),
        (f"sha256={'x' * 64}", "TRU134"),
        (f"sha256:{A}", "TRU135"),
        (f"sha256%3D{A}", "TRU135"),
        (f"sha3_256={A}", "TRU132"),
        (f"md5={A}", "TRU133"),
    ],
)
def test_what_is_no_digest_in_a_fragment_is_an_error(desk: Desk, fragment: str, code: str) -> None:
    (told,) = desk.told(f"demo @ https://example.org/d.zip#{fragment}")

    assert told.startswith(f"1 {code} demo @")


@pytest.mark.parametrize("fragment", ["egg=d&egg=d", "egg=d#egg=e", "subdirectory=a&egg=d&subdirectory=b"])
def test_a_part_of_a_fragment_that_stands_twice_is_an_error(desk: Desk, fragment: str) -> None:
    assert "1 TRU138" in desk.told(f"https://example.org/d.zip#{fragment}")[0]


def test_an_unknown_part_of_a_fragment_is_told(desk: Desk) -> None:
    (finding,) = desk.read("demo @ https://example.org/d.zip#top").findings

    assert (finding.code, finding.values["part"]) == ("TRU137", "top")


@pytest.mark.parametrize(("algorithm", "length"), sorted(HEX_LENGTHS.items()))
def test_a_digest_in_a_fragment_may_be_of_any_known_algorithm(
    desk: Desk, algorithm: str, length: int
) -> None:
    """[26, 35]"""
    requirement = desk.one(f"demo @ https://example.org/d.zip#{algorithm}={'0' * length}")

    assert requirement.allowed.algorithms == {algorithm}


@pytest.mark.parametrize(
    "line",
    [
        *("demo==", "demo=1.0", "demo==1.0 other", "==1.0", "demo[", "demo[a b]==1", "-demo-", "demo; nope"),
        *(
            "demo; python_version",
            "demo==1.0.*.1",
            "demo=>1",
            "déjà",
            "a b",
            "demo==1.0 \\x",
            "demo==1.0; os_name ~= 'posix'",
            f"demo==1.0; {'(' * 3000}os_name == 'x'{')' * 3000}",
            "demo==1.0; 'linux' === platform_system",
        ),
        *(
            "https://example.org/d.zip#egg=a==1",
            "https://example.org/d.zip#egg=a[x]",
            "demo @ file://other-machine/x.whl",
            "./x.whl#sha256=aa",
        ),
    ],
)
def test_what_is_no_requirement_is_an_error(desk: Desk, line: str) -> None:
    (told,) = desk.told(line)

    assert told.split()[1] in ("TRU140", "TRU115")


@pytest.mark.parametrize(
    "url",
    [
        "nowhere",
        "./x.whl",
        "ftps://example.org/x.zip",
        "//example.org/x.zip",
        "https://example.org\\d.zip",
    ],
)
def test_a_name_at_something_that_is_no_url_is_an_error(desk: Desk, url: str) -> None:
    """pip reads it, and finds out when it looks for the file."""
    assert desk.told(f"demo @ {url}") == [f"1 TRU141 demo @ {url}"]


@pytest.mark.parametrize("space", [" ", "\t", "\u00a0"])
def test_a_url_with_white_space_is_an_error(desk: Desk, space: str) -> None:
    """pip asks the server for a file with a blank in its name."""
    assert "1 TRU141" in desk.told(f"https://example.org/demo-1.0-py3-none-any.whl{space}other==1.0")[0]


def test_a_path_does_not_take_a_fragment(desk: Desk) -> None:
    """[39]"""
    desk.write("demo-1.0-py3-none-any.whl", b"")

    assert "TRU140" in desk.told(f"./demo-1.0-py3-none-any.whl#sha256={A}")[0]


@pytest.mark.parametrize(
    "line",
    [
        "./nowhere",
        "nowhere-1.0-py3-none-any.whl",
        "../x.tar.gz[a]",
        "file:///no.whl",
        "requirements.txt",
        "dev.in",
        "pyproject.toml",
        "poetry.lock",
        "setup.cfg",
    ],
)
def test_a_path_that_does_not_exist_is_an_error(desk: Desk, line: str) -> None:
    assert "1 TRU142" in desk.told(line)[0]


@pytest.mark.parametrize("line", ["more.txt", "./more.txt", "more.in", "pylock.toml", "./notes.md"])
def test_a_file_that_is_no_distribution_is_no_requirement(desk: Desk, line: str) -> None:
    """Whoever forgets ``-r`` means the file, not a project that anybody can register by that name."""
    desk.write(os.path.basename(line), "demo==1.0\n")

    assert desk.told(line) == [f"1 TRU169 {line}"]


def test_a_folder_that_is_no_project_is_an_error(desk: Desk) -> None:
    desk.write("folder/x", "")

    assert desk.told("./folder\n-e folder") == ["1 TRU143 ./folder", "2 TRU143 folder"]


@pytest.mark.parametrize(
    "name", ["demo.whl", "demo-1.0.whl", "demo-x.y-py3-none-any.whl", "-1.0-py3-none-any.whl"]
)
def test_a_wheel_with_another_name_is_an_error(desk: Desk, name: str) -> None:
    desk.write(name, b"")

    codes = {desk.told(line)[0].split()[1] for line in (f"https://example.org/{name}", f"./{name}")}

    assert codes == {"TRU144"}


@pytest.mark.parametrize(
    "line",
    [
        "other @ https://example.org/demo-1.0-py3-none-any.whl",
        "https://example.org/demo-1.0-py3-none-any.whl#egg=x",
    ],
)
def test_a_url_to_another_projects_wheel_is_an_error(desk: Desk, line: str) -> None:
    assert "1 TRU145" in desk.told(line)[0]


def test_constraints_are_named_not_editable_and_have_no_extras(desk: Desk) -> None:
    desk.write("project/setup.py", "")

    told = desk.told("", constraints="./project\n-e project\ndemo[x]==1\nhttps://example.org/x.zip")

    assert [line.split()[:2] for line in told] == [
        ["1", "TRU146"],
        ["2", "TRU147"],
        ["3", "TRU148"],
        ["4", "TRU146"],
    ]


@pytest.mark.parametrize(
    "line", ["-e demo==1.0", "-e https://example.org/d.zip", "-e git+https://example.org/d"]
)
def test_what_cannot_be_editable_is_an_error(desk: Desk, line: str) -> None:
    assert "1 TRU149" in desk.told(line)[0]


def test_a_missing_file_is_an_error_at_the_line_that_names_it(desk: Desk) -> None:
    assert desk.told("\n-r nowhere.txt\n-c also.txt") == ["2 TRU101 nowhere.txt", "3 TRU101 also.txt"]


def test_a_folder_is_no_requirements_file(desk: Desk) -> None:
    (desk.folder / "d").mkdir()

    assert desk.told("-r d") == ["1 TRU101 d"]


def test_files_that_include_each_other_are_an_error(desk: Desk) -> None:
    desk.write("b.txt", "-r sub/../r.txt")

    assert desk.told("-r b.txt\n-r r.txt") == ["1 TRU102 r.txt", "2 TRU102 r.txt"]


def test_a_circle_over_a_symbolic_link_is_seen(desk: Desk) -> None:
    os.symlink("r.txt", desk.folder / "link.txt")

    assert desk.told("-r link.txt") == ["1 TRU102 link.txt"]


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe\xff",
        b"d\xe9j\xe0==1.0",
        b"# coding: nope\ndemo==1.0",
        b"# coding: zlib\ndemo==1.0",
        b"# coding: utf-7\ndemo+AD0APQ-1.0",  # reads demo==1.0
        b"# coding: unicode_escape\n\\x64emo==1.0",
    ],
)
def test_bytes_that_are_no_text_are_an_error(desk: Desk, data: bytes) -> None:
    assert desk.told(data) == ["0 TRU103 r.txt"]


@pytest.mark.parametrize(
    "character",
    ["\x00", "\x0b", "\x0c", "\r", "\x1c", "\x7f", "\x85", "\u2028", "\u2029", "\u202e", "\u2066"],
)
def test_a_character_that_hides_text_is_an_error(desk: Desk, character: str) -> None:
    """str.splitlines ends a line at most of them, so pip installs what looks like a comment."""
    assert desk.told(f"demo==1.0\n# comment{character}evil==1.0\n") == ["2 TRU105 r.txt"]


def test_a_file_from_the_network_cannot_include_a_local_one() -> None:
    with pytest.raises(UsageError) as caught:
        read_requirements(
            ["https://example.org/r.txt"], environ={}, open_url=lambda _: b"-r file:///etc/passwd"
        )

    assert [brief(one) for one in complete(caught.value)] == ["1 TRU106 file:///etc/passwd"]


def test_a_url_without_a_network_is_an_error() -> None:
    with pytest.raises(UsageError) as caught:
        read_requirements(["https://user:secret@example.org/r.txt"], environ={})

    assert [brief(one) for one in complete(caught.value)] == ["0 TRU107 https://example.org/r.txt"]


def test_what_the_network_says_is_told_with_the_rest(desk: Desk) -> None:
    desk.write("r.txt", "-r https://example.org/x.txt\n-r nowhere.txt")

    def refuse(url: str) -> bytes:
        raise OperationalError(Finding(code="TRU301", subject=url))

    with pytest.raises(UsageError) as caught:
        read_requirements(["r.txt"], environ={}, open_url=refuse)

    assert [finding.code for finding in caught.value.findings] == ["TRU301", "TRU101"]


def test_size_and_depth_are_bounded(desk: Desk) -> None:
    desk.write("0.txt", "#" * 100)
    for number in range(1, 5):
        desk.write(f"{number}.txt", f"-r {number - 1}.txt")
    limits = Limits(requirements_bytes=50, requirements_depth=3)

    with pytest.raises(UsageError) as caught:
        read_requirements(["4.txt", "0.txt"], environ={}, limits=limits)

    assert [brief(one) for one in complete(caught.value)] == ["1 TRU104 0.txt", "0 TRU104 0.txt"]


def test_all_problems_of_all_files_are_told_together(desk: Desk) -> None:
    desk.write("b.txt", "--nope\n-r nowhere.txt")

    told = desk.told(f"demo==1.0 --hash=md5:1\n-r b.txt\n{H}\nx=1", constraints="-e .")

    assert told == [
        "1 TRU143 .",
        "1 TRU131 demo==1.0",
        "1 TRU115 --nope",
        "2 TRU101 nowhere.txt",
        "3 TRU113 --hash",
        "4 TRU140 x=1",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "demo @ https://user:secret@example.org/x=1 --nope",
        "--nope=https://user:secret@example.org/",
        "demo==https://user:se#cret@example.org/",
        "./https://user:secret@example.org",
        "-r https://user:secret@example.org/r.txt",
        "--hash=${TOKEN}",
        "demo --hash=${TOKEN}",
        "demo @ https://${TOKEN}.example.org/x.whl",
        "${TOKEN} --nope",
        "--nope=${TOKEN}",
    ],
)
def test_secrets_are_in_no_finding(desk: Desk, line: str) -> None:
    desk.environ = {"TOKEN": "secret"}

    with pytest.raises(UsageError) as caught:
        desk.read(line)

    assert "secret" not in repr(caught.value.findings)
    assert "cret@" not in repr(caught.value.findings)


def test_the_number_of_files_is_bounded(desk: Desk) -> None:
    # Each file includes the next one twice: thirty of them would be read a thousand million times.
    desk.write("30.txt", "demo==1.0")
    for number in range(30):
        desk.write(f"{number}.txt", f"-r {number + 1}.txt\n-r {number + 1}.txt\n")

    with pytest.raises(UsageError) as caught:
        read_requirements(["0.txt"], environ={})

    assert {finding.code for finding in caught.value.findings} == {"TRU104"}
