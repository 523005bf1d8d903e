"""What a requirements file may hold: pip's requirements file format, read whole.

Numbers in brackets name experiments with pip 26.3 against a local index.
"""

from __future__ import annotations

import codecs

import pytest

from tests.requirements.reading import A, B, Desk
from trued.core.errors import UsageError
from trued.core.finding import Level, Place
from trued.requirements.files import COMMAND_LINE, read_requirements
from trued.requirements.model import Kind

WHEEL = "demo-1.0-py3-none-any.whl"


@pytest.mark.parametrize(
    ("line", "project", "specifier", "extras", "marker"),
    [
        ("demo", "demo", "", set(), None),
        ("demo==1.0", "demo", "==1.0", set(), None),
        ("Demo_Pkg.x == 1.0", "demo-pkg-x", "==1.0", set(), None),
        ("demo[Fast_IO,b]==1.0", "demo", "==1.0", {"fast-io", "b"}, None),
        ("demo (>=1,<2)", "demo", "<2,>=1", set(), None),
        ("demo>=1,<2", "demo", "<2,>=1", set(), None),
        ("demo~=1.4", "demo", "~=1.4", set(), None),
        ("demo===1.0+weird", "demo", "===1.0+weird", set(), None),
        ("demo==1.*", "demo", "==1.*", set(), None),
        ('demo==1.0; python_version < "3"', "demo", "==1.0", set(), 'python_version < "3"'),
        ('demo==1.0 ;python_version<"3"', "demo", "==1.0", set(), 'python_version<"3"'),
        ("demo==1.0;", "demo", "==1.0", set(), None),
        ("demo==2!1.0rc1.post2.dev3+local.1", "demo", "==2!1.0rc1.post2.dev3+local.1", set(), None),
    ],
)
def test_a_named_requirement_has_name_versions_extras_and_marker(
    desk: Desk, line: str, project: str, specifier: str, extras: set[str], marker: str | None
) -> None:
    requirement = desk.one(line)

    assert (requirement.kind, requirement.project) == (Kind.NAMED, project)
    assert (requirement.specifier, requirement.marker) == (specifier, marker)
    assert set(requirement.extras) == extras


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("demo==1.0", "1.0"),
        ("demo===1.0", "1.0"),
        ("demo==1.*", None),
        ("demo==1.0,>=0", None),
        ("demo>=1.0", None),
        ("demo", None),
    ],
)
def test_a_requirement_is_pinned_by_exactly_one_equality_without_wildcard(
    desk: Desk, line: str, version: str | None
) -> None:
    assert desk.one(line).pinned_version == version


@pytest.mark.parametrize(
    ("line", "kind", "project", "url"),
    [
        (f"https://example.org/f/{WHEEL}", Kind.URL, "demo", f"https://example.org/f/{WHEEL}"),
        (f"demo @ https://example.org/f/{WHEEL}", Kind.URL, "demo", f"https://example.org/f/{WHEEL}"),
        ("demo @ https://example.org/d.tar.gz", Kind.URL, "demo", "https://example.org/d.tar.gz"),
        ("demo@https://example.org/d.tar.gz", Kind.URL, "demo", "https://example.org/d.tar.gz"),
        ("https://example.org/d.zip#egg=demo", Kind.URL, "demo", "https://example.org/d.zip"),
        ("https://example.org/d.zip", Kind.URL, None, "https://example.org/d.zip"),
        ("HTTPS://example.org/d.zip", Kind.URL, None, "HTTPS://example.org/d.zip"),
        ("git+https://example.org/d@v1#egg=demo", Kind.VCS, "demo", "git+https://example.org/d@v1"),
        ("demo @ hg+https://example.org/d@1", Kind.VCS, "demo", "hg+https://example.org/d@1"),
        ("git+ssh://git@example.org/d#egg=demo", Kind.VCS, "demo", "git+ssh://example.org/d"),
        ("-e git+https://example.org/d@v1#egg=demo", Kind.EDITABLE, "demo", "git+https://example.org/d@v1"),
        ('-e "demo @ git+https://example.org/d"', Kind.EDITABLE, "demo", "git+https://example.org/d"),
        ("-e git://example.org/d#egg=demo", Kind.EDITABLE, "demo", "git+git://example.org/d"),
    ],
)
def test_a_url_is_a_requirement(desk: Desk, line: str, kind: Kind, project: str | None, url: str) -> None:
    requirement = desk.one(line)

    assert (requirement.kind, requirement.project, requirement.url) == (kind, project, url)


def test_a_wheels_url_pins_the_version_in_its_name(desk: Desk) -> None:
    assert desk.one(f"https://example.org/{WHEEL}").pinned_version == "1.0"


def test_a_wheels_url_is_percent_decoded_for_its_version(desk: Desk) -> None:
    requirement = desk.one("https://example.org/demo-1.0%2Bcpu-py3-none-any.whl")

    assert requirement.pinned_version == "1.0+cpu"


def test_a_url_may_end_in_extras(desk: Desk) -> None:
    requirement = desk.one(f"https://example.org/{WHEEL}[fast]")

    assert (requirement.url, set(requirement.extras)) == (f"https://example.org/{WHEEL}", {"fast"})


def test_the_marker_of_a_bare_url_follows_a_semicolon_and_a_space(desk: Desk) -> None:
    requirement = desk.one(f'https://example.org/a;b/{WHEEL}; python_version >= "3"')

    assert requirement.url == f"https://example.org/a;b/{WHEEL}"
    assert requirement.marker == 'python_version >= "3"'


def test_subdirectory_and_egg_are_taken_off_the_url(desk: Desk) -> None:
    requirement = desk.one("git+https://example.org/d#egg=demo&subdirectory=py")

    assert (requirement.project, requirement.subdirectory) == ("demo", "py")
    assert requirement.url == "git+https://example.org/d"


def test_credentials_are_kept_apart_from_the_url_and_are_never_shown(desk: Desk) -> None:
    requirement = desk.one(f"demo @ https://user:pa%20ss@example.org/{WHEEL}")

    assert requirement.credentials is not None
    assert (requirement.credentials.username, requirement.credentials.password) == ("user", "pa ss")
    assert "pa" not in repr(requirement).replace("path", "")


def test_every_digest_of_a_urls_fragment_is_bound(desk: Desk) -> None:
    """pip reads the first one and drops the others [34]."""
    requirement = desk.one(f"https://example.org/{WHEEL}#sha256={A}&md5={'1' * 32}")

    assert [str(digest) for digest in requirement.allowed.bound] == [f"sha256:{A}", f"md5:{'1' * 32}"]


@pytest.mark.parametrize("fragment", [f"egg=demo#sha256={A}", f"#sha256={A}", f"top#sha256={A}&"])
def test_parts_of_a_fragment_also_begin_at_a_second_number_sign(desk: Desk, fragment: str) -> None:
    requirement = desk.one(f"https://example.org/{WHEEL}#{fragment}")

    assert [str(digest) for digest in requirement.allowed.bound] == [f"sha256:{A}"]


@pytest.mark.parametrize("prefix", ["./", "", "sub/../"])
def test_a_wheel_by_path_is_a_file(desk: Desk, prefix: str) -> None:
    (desk.folder / "sub").mkdir()
    desk.write(WHEEL, b"")

    requirement = desk.one(f"{prefix}{WHEEL}[x]")

    assert (requirement.kind, requirement.project, set(requirement.extras)) == (Kind.FILE, "demo", {"x"})
    assert requirement.path == str(desk.folder / WHEEL)


def test_a_file_url_is_a_file_and_may_carry_a_digest(desk: Desk) -> None:
    """[40]"""
    desk.write(WHEEL, b"")

    requirement = desk.one(f"file://{desk.folder}/{WHEEL}#sha256={A}")

    assert (requirement.kind, requirement.path) == (Kind.FILE, str(desk.folder / WHEEL))
    assert [str(digest) for digest in requirement.allowed.bound] == [f"sha256:{A}"]


@pytest.mark.parametrize("marker_file", ["pyproject.toml", "setup.py"])
@pytest.mark.parametrize(
    ("line", "kind"),
    [("./project", Kind.DIRECTORY), ("./project[x]", Kind.DIRECTORY), ("-e project", Kind.EDITABLE)],
)
def test_a_projects_folder_is_a_requirement(desk: Desk, line: str, kind: Kind, marker_file: str) -> None:
    desk.write(f"project/{marker_file}", "")

    requirement = desk.one(line)

    assert (requirement.kind, requirement.path) == (kind, str(desk.folder / "project"))


@pytest.mark.parametrize(
    "line",
    [
        f"demo==1.0 --hash=sha256:{A} --hash=sha256:{B}",
        f"demo==1.0 --hash sha256:{A} --hash sha256:{B}",
        f"demo==1.0 --hash='sha256:{A}' --hash=\"sha256:{B}\"",
        f"demo==1.0 --hash=sha256:{A.upper()} --hash=sha256:{B}",
        f"demo==1.0 \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B}",
        f"demo==1.0 \\\r\n    --hash=sha256:{A} \\\r\n    --hash=sha256:{B}\r\n",
        f"demo==1.0 \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B} \\\n",
        f"demo==1.0 \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B} \\\n    # via x\n",
        f"demo==1.0 --hash=sha256:{A} --hash=sha256:{B}  # comment",
        f"demo==1.0 --has=sha256:{A} --h sha256:{B}",
    ],
)
def test_hashes_of_one_line_are_one_group_of_alternatives(desk: Desk, line: str) -> None:
    """[13] upper-case digits, [204] a trailing comment."""
    (group,) = desk.one(line).allowed.alternatives

    assert {str(digest) for digest in group} == {f"sha256:{A}", f"sha256:{B}"}


@pytest.mark.parametrize(("algorithm", "length"), [("sha256", 64), ("sha384", 96), ("sha512", 128)])
def test_three_algorithms_pin(desk: Desk, algorithm: str, length: int) -> None:
    digest = "0" * length

    (group,) = desk.one(f"demo --hash={algorithm}:{digest}").allowed.alternatives

    assert [str(one) for one in group] == [f"{algorithm}:{digest}"]


def test_build_settings_stand_behind_a_requirement(desk: Desk) -> None:
    requirement = desk.one('demo --config-settings a=1 -Ca=2 -C "b=x y" --config-setting=c==')

    assert requirement.config_settings == (("a", "1"), ("a", "2"), ("b", "x y"), ("c", "="))


def test_comments_and_blank_lines_are_nothing(desk: Desk) -> None:
    text = f"""
# a comment \\
demo==1.0 # another
  # an indented one

other @ https://example.org/x.zip#sha256={A}
"""
    read = desk.read(text)

    assert [(line.project, line.place.line) for line in read.requirements] == [("demo", 3), ("other", 6)]


def test_a_place_is_the_first_line_of_the_requirement(desk: Desk) -> None:
    read = desk.read(f"\n\ndemo==1.0 \\\n --hash=sha256:{A}\nother==1")

    assert [str(line.place) for line in read.requirements] == ["r.txt:3", "r.txt:5"]


@pytest.mark.parametrize(
    ("encoding", "mark", "first"),
    [
        ("utf-8", codecs.BOM_UTF8, ""),
        ("utf-16-le", codecs.BOM_UTF16_LE, ""),
        ("utf-16-be", codecs.BOM_UTF16_BE, ""),
        ("utf-32-le", codecs.BOM_UTF32_LE, ""),
        ("utf-32-be", codecs.BOM_UTF32_BE, ""),
        ("utf-8", b"", ""),
        ("latin-1", b"", "# -*- coding: latin-1 -*-"),
        ("cp1252", b"", "#!x\n# vim: set fileencoding=cp1252 :"),
    ],
)
def test_text_is_decoded_by_mark_declaration_or_as_utf8(
    desk: Desk, encoding: str, mark: bytes, first: str
) -> None:
    text = f"{first}\ndemo==1.0  # é\n"

    assert desk.read(mark + text.encode(encoding)).requirements[0].project == "demo"


def test_variables_are_expanded_by_pips_rule(desk: Desk) -> None:
    """[203] Upper case, digits and underscore, in braces; what is unset or empty stays."""
    desk.environ = {"NAME_1": "demo", "EMPTY": "", "lower": "no"}

    read = desk.read(
        "${NAME_1}==1.0\n--extra-index-url https://example.org/${EMPTY}/$NAME_1/${lower}/${UNSET}"
    )

    assert read.requirements[0].project == "demo"
    (index,) = read.options.extra_index_urls
    assert index.url == "https://example.org/${EMPTY}/$NAME_1/${lower}/${UNSET}"


def test_an_unset_variable_is_told(desk: Desk) -> None:
    (finding,) = desk.read("-i https://example.org/${UNSET}").findings

    assert (finding.code, finding.level, finding.subject) == ("TRU123", Level.WARNING, "UNSET")


def test_a_variables_value_is_not_expanded_again(desk: Desk) -> None:
    desk.environ = {"OUTER": "${INNER}", "INNER": "secret"}

    read = desk.read("-i https://example.org/${OUTER}/${INNER}")

    assert read.options.index_url is not None
    assert read.options.index_url.url == "https://example.org/${INNER}/secret"


def test_a_variable_may_bring_options_with_it(desk: Desk) -> None:
    desk.environ = {"PIN": f"1.0 --hash=sha256:{A}"}

    assert not desk.one("demo==${PIN}").allowed.is_empty


def test_options_of_the_run_are_gathered_with_their_places(desk: Desk) -> None:
    read = desk.read(
        "-i https://user:secret@example.org/simple\n"
        "--extra-index-url=https://example.org/a --extra-index-url https://example.org/b\n"
        "--find-links https://example.org/files\n"
        "--no-index\n--prefer-binary --pre\n--require-hashes\n"
        "--trusted-host example.org\n--use-feature fast-deps\n"
    )

    options = read.options
    assert options.index_url is not None
    assert (options.index_url.url, options.index_url.place) == (
        "https://example.org/simple",
        Place("r.txt", 1),
    )
    assert options.index_url.credentials is not None
    assert options.index_url.credentials.password == "secret"
    assert [one.url for one in options.extra_index_urls] == ["https://example.org/a", "https://example.org/b"]
    assert [one.url for one in options.find_links] == ["https://example.org/files"]
    flags = (options.no_index, options.prefer_binary, options.pre, options.require_hashes)
    assert [flag.place.line for flag in flags if flag] == [4, 5, 5, 6]
    assert [host.value for host in options.trusted_hosts] == ["example.org"]
    assert [feature.value for feature in options.features] == ["fast-deps"]


def test_find_links_beside_the_file_are_found_there(desk: Desk) -> None:
    desk.write("sub/wheels/x", "")
    name = desk.write("sub/r.txt", "-f wheels\n-f elsewhere")

    read = read_requirements([name], environ={})

    assert [one.url for one in read.options.find_links] == [str(desk.folder / "sub/wheels"), "elsewhere"]


def test_the_last_index_holds_and_the_change_is_told(desk: Desk) -> None:
    read = desk.read("-i https://example.org/a\n-i https://example.org/b")

    assert read.options.index_url is not None
    assert read.options.index_url.url == "https://example.org/b"
    assert [finding.code for finding in read.findings] == ["TRU125"]


@pytest.mark.parametrize(
    ("lines", "only", "no"),
    [
        ("--only-binary :all:", {":all:"}, set()),
        ("--only-binary a,B_c", {"a", "b-c"}, set()),
        ("--only-binary :all:\n--no-binary a", {":all:"}, {"a"}),
        ("--no-binary a\n--only-binary a", {"a"}, set()),
        ("--no-binary a\n--only-binary :all:", {":all:"}, set()),
        ("--no-binary a\n--no-binary :none:", set(), set()),
        ("--only-binary :all:,:none:,a", {"a"}, set()),
    ],
)
def test_the_last_word_on_formats_holds(desk: Desk, lines: str, only: set[str], no: set[str]) -> None:
    options = desk.read(lines).options

    assert (set(options.only_binary), set(options.no_binary)) == (only, no)


def test_pre_releases_are_chosen_a_project_or_for_all(desk: Desk) -> None:
    assert desk.read("--all-releases a\n--only-final b").options.all_releases == {"a"}
    assert desk.read("--all-releases a\n--only-final b").options.only_final == {"b"}
    assert desk.read("--pre").options.all_releases == {":all:"}


def test_files_include_others_relative_to_themselves(desk: Desk) -> None:
    desk.write("sub/b.txt", "-r deeper/c.txt\n-c d.txt\nb==1")
    desk.write("sub/deeper/c.txt", "c==1")
    desk.write("sub/d.txt", "d==1")

    read = desk.read("-r sub/b.txt\na==1")

    assert [(line.project, str(line.place)) for line in read.requirements] == [
        ("c", "sub/deeper/c.txt:1"),
        ("b", "sub/b.txt:3"),
        ("a", "r.txt:2"),
    ]
    assert [(line.project, line.constraint) for line in read.constraints] == [("d", True)]


def test_a_file_that_a_constraints_file_includes_with_r_holds_requirements(desk: Desk) -> None:
    desk.write("inner.txt", "inner==1")

    read = desk.read("", constraints="-r inner.txt\nouter==1")

    assert [line.project for line in read.requirements] == ["inner"]
    assert [line.project for line in read.constraints] == ["outer"]


def test_one_file_may_be_included_twice(desk: Desk) -> None:
    desk.write("b.txt", "b==1")

    assert len(desk.read("-r b.txt\n-r b.txt").requirements) == 2


def test_a_file_may_be_named_by_a_file_url(desk: Desk) -> None:
    desk.write("a b.txt", "a==1")

    read = read_requirements([f"file://{desk.folder}/a%20b.txt"], environ={})

    assert [line.project for line in read.requirements] == ["a"]


def test_files_from_the_network_include_others_of_their_server() -> None:
    served = {
        "https://u:p@example.org/x/r.txt": b"-r sub/b.txt\n-c /c.txt\n-r https://other.example.org/d.txt",
        "https://u:p@example.org/x/sub/b.txt": b"b==1",
        "https://u:p@example.org/c.txt": b"c==1",
        "https://other.example.org/d.txt": b"d==1",
    }

    read = read_requirements(
        ["https://u:p@example.org/x/r.txt"], environ={}, open_url=lambda url: served[url]
    )

    assert [str(line.place) for line in read.requirements] == [
        "https://example.org/x/sub/b.txt:1",
        "https://other.example.org/d.txt:1",
    ]
    assert [str(line.place) for line in read.constraints] == ["https://example.org/c.txt:1"]


def test_arguments_come_before_files_and_have_no_options(desk: Desk) -> None:
    desk.write("project/setup.py", "")
    desk.write("r.txt", "c==1")

    read = read_requirements(["r.txt"], arguments=["a==1"], editables=["project"], environ={})

    assert [line.kind for line in read.requirements] == [Kind.NAMED, Kind.EDITABLE, Kind.NAMED]
    assert read.requirements[0].place == COMMAND_LINE


def test_a_hash_on_the_command_line_is_no_requirement() -> None:
    """[24]"""
    with pytest.raises(UsageError):
        read_requirements([], arguments=[f"a==1 --hash=sha256:{A}"], environ={})


def test_an_argument_may_bring_its_digest_in_a_fragment() -> None:
    """[33]"""
    read = read_requirements([], arguments=[f"a @ https://example.org/a.zip#sha256={A}"], environ={})

    assert not read.requirements[0].allowed.is_empty


def test_plain_pins_are_read_without_the_packaging_library() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from trued.requirements.files import read_requirements;"
        "read_requirements([], arguments=['a[b]==1.0'], environ={});"
        "sys.exit('packaging' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
