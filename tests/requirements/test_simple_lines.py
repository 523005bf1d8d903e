"""The reader of the plainest files: whenever it answers, the full reader answers the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from tests.requirements.reading import A, B
from trued.core.errors import UsageError
from trued.core.finding import Place
from trued.core.record import replace
from trued.requirements.files import read_requirements
from trued.requirements.model import Kind, RequirementSet
from trued.requirements.simple_lines import Line, read_simple

H = f"--hash=sha256:{A}"


def test_pinned_hashed_requirements_are_read() -> None:
    text = f"""# made by an exporter
--require-hashes

Demo_Pkg[b,A_x]==1.0.post1 \\
    --hash=sha256:{A} \\
    --hash=sha512:{"0" * 128}
    # via other
other==2024.7.4 {H}  # trailing
"""

    assert read_simple(text.encode()) == [
        ("demo-pkg", "1.0.post1", ("a-x", "b"), (f"sha256:{A}", f"sha512:{'0' * 128}"), 4),
        ("other", "2024.7.4", (), (f"sha256:{A}",), 8),
    ]


@pytest.mark.parametrize(
    "text",
    [
        *("", "# nothing\n", "demo==1", f"demo {H}", f"demo>=1 {H}", f"demo==1.* {H}", f"demo===1 {H}"),
        *(f"demo==1; x {H}", f"demo==1 ; x {H}", f"demo @ https://example.org/d.zip {H}", f"./x.whl {H}"),
        *(f"demo==1 {H} --nope", f"demo==1 {H} -C a=b", f"-e x {H}", "-r other.txt", "--pre", "${X}==1"),
        *(f"demo==1 {H}\nDEMO==1 {H}", f"demo==1\t{H}", f"demo==1 \\\n\t{H}", f"demo==1\\\n{H}"),
        *(f"demo==1 {H.upper()}", f"demo==1 --hash=sha256:{A[1:]}", f"demo==1 --hash=sha256:{'A' * 64}"),
        *(f"demo==1 --hash=md5:{'0' * 32}", f"demo==1 --hash sha256:{A}", f"demo==1 '{H}'", f"demo==1\n{H}"),
        *(f"demo==1 \\\n # c\n {H}", f"demo==1 # c \\\n {H}", f"demo==1 {H} \\ \n {H}", f"# c \\\nx==1 {H}"),
        *(f"# coding: utf-7\ndemo==1 {H}", f"demo==1 {H} # é", f"demo==1 {H}#c", f"demo[]==1 {H}"),
        *(f"-demo==1 {H}", f"demo==1..0 {H}", f"demo==.1 {H}", f"demo==1. {H}", f"demo==1rc {H}"),
        *(f"demo== {H}", f"demo ==1 {H}", f"demo== 1 {H}", f"demo==1 {H}\x0c", f"demo==1 {H}\n# a\rb==1 {H}"),
        *(f"demo==1 {H} \\", f"demo==1 --hash=sha256:{A}:{A}", f"demo==1 {H}\x00"),
    ],
)
def test_everything_else_is_left_to_the_full_reader(text: str) -> None:
    result = read_simple(text.encode())

    assert result is None or result == as_read_in_full(text.encode())


@pytest.mark.parametrize("text", [f"demo>=1 {H}", "demo==1", f"demo==1; x {H}", f"a==1 {H}\nA==1 {H}", ""])
def test_what_needs_more_is_refused(text: str) -> None:
    assert read_simple(text.encode()) is None


def read_fully(data: bytes) -> RequirementSet | None:
    """Read the file as one that is not plain, with a comment before it, and put its places in order again."""
    try:
        read = read_file("# é\n".encode() + data)
    except UsageError:
        return None
    option = read.options.require_hashes
    return replace(
        read,
        requirements=tuple(replace(line, place=above(line.place)) for line in read.requirements),
        options=replace(read.options, require_hashes=option and replace(option, place=above(option.place))),
    )


def above(place: Place) -> Place:
    assert place.line is not None
    return Place(place.file, place.line - 1)


def read_file(data: bytes) -> RequirementSet:
    return read_requirements(["https://example.org/r.txt"], environ={"X": "x"}, open_url=lambda _: data)


def as_read_in_full(data: bytes) -> list[Line] | None:
    """Return what the full reader makes of the file, in the simple reader's form; ``None`` for an error."""
    read = read_fully(data)
    if read is None:
        return None
    lines = []
    for line in read.requirements:
        assert line.kind is Kind.NAMED
        assert line.pinned_version is not None
        assert (line.marker, line.allowed.bound, line.config_settings) == (None, (), ())
        (group,) = line.allowed.alternatives
        digests = tuple(sorted(map(str, group)))
        lines.append(
            (str(line.project), line.pinned_version, tuple(sorted(line.extras)), digests, line.place.line)
        )
    assert read.constraints == ()
    assert read.findings == ()
    return lines


def unordered(lines: list[Line] | None) -> list[Line] | None:
    return lines and [(*line[:3], tuple(sorted(set(line[3]))), line[4]) for line in lines]


FRAGMENTS = st.sampled_from(
    (
        *(
            "demo",
            "Demo_x",
            "other",
            "a",
            "[x]",
            "[X_y,z]",
            "==",
            "1",
            "1.0",
            ".",
            "rc1",
            "alpha2",
            ".post2",
            ".dev1",
            "-",
        ),
        *(H, f"--hash=sha256:{B}", f"--hash=sha512:{'0' * 128}", f"--hash=sha256:{A.upper()}", "--hash="),
        *(" ", " ", "  ", "\n", "\n", "\\\n", " \\\n    ", " \\\n    ", "\\", "\t", "\r\n", "\r"),
        *(
            "#",
            " # via x",
            "\n    # via x\n",
            "; python_version > '3'",
            "'",
            '"',
            "${X}",
            "--require-hashes",
            "é",
        ),
        *("# coding: latin-1\n", "==1.0 ", f"demo==1.0 \\\n    {H}\n", f"other==2 {H}\n", "-e .", "\x0c"),
    )
)


@given(st.lists(FRAGMENTS, max_size=14).map("".join))
@example(f"demo==1.0 \\\n    {H} \\\n    # c\n")
@example(f"demo==1.0 \\\n\n    {H}")
@example(f"demo==1.0 {H}\\\nother==1 {H}")
@example(f"\\\n  \\\n--require-hashes \\\n\ndemo==1.0 {H}\n--require-hashes")
def test_whenever_it_answers_the_full_reader_answers_the_same(text: str) -> None:
    simple = read_simple(text.encode())

    assert simple is None or unordered(simple) == as_read_in_full(text.encode())
    assert simple is None or read_file(text.encode()) == read_fully(text.encode())


NAMES = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,6}[A-Za-z0-9])?", fullmatch=True)
VERSIONS = st.from_regex(
    r"[0-9]{1,3}(\.[0-9]{1,3}){0,3}((a|b|rc|alpha|beta)[0-9])?(\.post[0-9])?(\.dev[0-9])?", fullmatch=True
)
LINES = st.builds(
    lambda name, extras, version, digests, joint: (
        f"{name}{'[' + ','.join(extras) + ']' if extras else ''}=={version}"
        + "".join(f"{joint}--hash=sha256:{digest * 64}" for digest in digests)
    ),
    NAMES,
    st.lists(NAMES, max_size=2),
    VERSIONS,
    st.lists(st.sampled_from("abcdef0123"), min_size=1, max_size=4),
    st.sampled_from((" ", " \\\n    ", " \\\r\n  ")),
)


@given(st.lists(LINES, min_size=1, max_size=4, unique_by=lambda line: line[0].lower()))
def test_it_answers_for_what_exporters_write(lines: list[str]) -> None:
    data = "\n".join(lines).encode()

    simple = read_simple(data)

    assert simple is not None
    assert unordered(simple) == as_read_in_full(data)
    assert read_file(data) == read_fully(data)


@pytest.mark.parametrize(
    "version", ["1.0", "1rc2", "2.0alpha3", "2beta1.post4", "1.0.dev5", "3.0a1.post2.dev7"]
)
def test_what_it_takes_for_a_version_is_one(version: str) -> None:
    simple = read_simple(f"demo=={version} {H}".encode())

    assert simple == [("demo", str(Requirement(f"demo=={version}").specifier)[2:], (), (f"sha256:{A}",), 1)]


@pytest.mark.parametrize(
    "version", ["1.dev", "1.dev1.post2", "1..2", ".1", "1alphabeta1", "1.post", "beta1", "1a"]
)
def test_other_versions_are_for_the_full_reader(version: str) -> None:
    assert read_simple(f"demo=={version} {H}".encode()) is None


def test_it_imports_no_library() -> None:
    """A warm run has about ten milliseconds."""
    source = Path(sys.modules[read_simple.__module__].__file__ or "")
    code = f"import __future__, sys; before = set(sys.modules); exec(open({str(source)!r}).read())"
    code += "; print(set(sys.modules) - before)"

    result = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True)

    assert result.stdout == "set()\n"
