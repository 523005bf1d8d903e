"""Two other readers of the same grammar: pip itself, and pip-requirements-parser.

Whatever is read here without an error, pip reads alike. Where pip reads and this reader refuses, the code is
one of those listed below: everything that pip loses, or notices too late.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from pip._internal.exceptions import PipError
from pip._internal.network.session import PipSession
from pip._internal.req.constructors import install_req_from_line
from pip._internal.req.req_file import ParsedRequirement, parse_requirements
from pip_requirements_parser import RequirementsFile  # type: ignore[import-untyped]  # has no annotations

from tests.requirements.reading import A, B
from trued.core.errors import UsageError
from trued.core.names import normalize
from trued.requirements.files import read_requirements
from trued.requirements.model import Kind, Requirement
from trued.requirements.url import without_credentials

H = f"--hash=sha256:{A}"

INTENDED = {
    "TRU102": "a circle is seen by the files' real paths",
    "TRU105": "pip ends lines at hidden characters",
    "TRU110": "pip loses what a comment cuts off",
    "TRU111": "a backslash before white space",
    "TRU112": "pip ignores a hash line that lost its backslash",
    "TRU113": "pip ignores a hash without a requirement",
    "TRU114": "no space before an option",
    "TRU116": "pip takes the next option for a value, and empty values",
    "TRU117": "pip ignores options of the run beside a requirement",
    "TRU118": "pip drops words behind the options",
    "TRU120": "pip reads one of two options on a line",
    "TRU121": "pip drops a hash behind -e",
    "TRU141": "pip reads a name at anything",
    "TRU142": "pip notices a missing file when it opens it",
    "TRU138": "pip reads the first of two parts of a fragment",
    "TRU145": "pip ignores a name that is not the wheel's",
    "TRU133": "pip notices a digest of a wrong length after the download",
    "TRU134": "pip notices what is not hexadecimal after the download",
}
"""Why this reader refuses what pip reads."""


class Read(NamedTuple):
    project: str | None
    specifier: str
    extras: frozenset[str]
    marker: str
    url: str | None
    hashes: frozenset[str]
    line: int


def as_pip_reads(path: str) -> list[Read] | None:
    """Return what pip makes of the file, or ``None`` when it refuses it."""
    try:
        return [pip_line(parsed) for parsed in parse_requirements(path, session=PipSession())]
    except PipError:
        return None


def pip_line(parsed: ParsedRequirement) -> Read:
    read = install_req_from_line(parsed.requirement)
    hashes: Mapping[str, list[str]] = (parsed.options or {}).get("hashes", {})
    return Read(
        project=normalize(read.req.name) if read.req else None,
        specifier=str(read.req.specifier) if read.req and not read.link else "",
        extras=frozenset(map(normalize, [*read.extras, *(read.req.extras if read.req else ())])),
        marker=str(read.markers or ""),
        url=without_credentials(read.link.url_without_fragment) if read.link else None,
        hashes=frozenset(f"{name}:{value.lower()}" for name, values in hashes.items() for value in values),
        line=int((parsed.line_source or "").split()[1]),
    )


def our_line(read: Requirement) -> Read:
    from packaging.markers import Marker

    return Read(
        project=read.project,
        specifier=read.specifier if read.kind is Kind.NAMED else "",
        extras=read.extras,
        marker=str(Marker(read.marker)) if read.marker else "",
        url=read.url,
        hashes=frozenset(str(digest) for group in read.allowed.alternatives for digest in group),
        line=read.place.line,
    )


def compare_with_pip(folder: Path, text: str) -> None:
    path = folder / "r.txt"
    path.write_bytes(text.encode())
    theirs = as_pip_reads(str(path))
    try:
        ours = [our_line(line) for line in read_requirements([str(path)], environ={}).requirements]
    except UsageError as error:
        codes = {finding.code for finding in error.findings}
        assert theirs is None or codes & INTENDED.keys(), codes
    else:
        assert ours == theirs


CORPUS = [
    *("demo", "demo==1.0", "Demo_X[a,B_c] == 1.0 , >0", "demo===1", "demo (>=1)", "demo~=1.0", "demo==1.*"),
    *("demo; python_version>'3'", 'demo==1 ;sys_platform=="x" or os_name=="y"', "demo==1.0;", "demo >= 1 "),
    *(
        "demo @ https://example.org/d.zip",
        "demo@https://example.org/d.zip ; os_name=='x'",
        "demo[x] @ git+https://e/x",
    ),
    *(
        "https://example.org/demo-1.0-py3-none-any.whl",
        "https://example.org/d.zip#egg=demo",
        "git+ssh://h/x@v#egg=d",
    ),
    *("https://example.org/a;b.zip; os_name=='x'", "https://example.org/d.zip#egg=demo[x]&subdirectory=y"),
    *(
        f"demo==1 {H}",
        f"demo==1 \\\n  {H} \\\n  --hash=sha256:{B}\nother",
        f"demo==1 {H} # c",
        f"demo==1 '{H}'",
    ),
    *(f"demo==1 {H}\n# c\nother==2", f"demo==1 --hash sha256:{A}", f"demo==1\\\n {H}", f"demo==1 {H} \\"),
    *(f"demo==1\n{H}", f"demo==1 \\\n# c\n{H}", f"demo==1\t{H}", f"demo==1{H}", f"demo==1 # c \\\n{H}"),
    *("demo==1 --hash=md5:0", "demo==1 --hash=sha256:0", "demo==1 --hash=SHA256:0", "demo==1 --hash=x"),
    *("demo==1 -i https://example.org", "demo==1 --pre", "demo==1 --nope", "demo==1 --hash", "demo==1 x"),
    *("--pre\ndemo", "-i https://example.org\n-f x\n--no-index\ndemo", "--pre x", "--hash=sha256:0", "-"),
    *(
        "-r nowhere",
        "--index-url",
        "--ind=https://example.org",
        "--req nowhere",
        "demo -C a=b",
        "demo -C a",
        "demo -Ca=b",
    ),
    *(
        "demo==1 \\\n\n other==2",
        "# only \\\ndemo==1",
        "demo==1 #c",
        "demo==1#c",
        "\ufeffdemo",
        "demo\u2028other",
    ),
    *("./nowhere", "nowhere.whl", "demo @ ./x", "demo=1", "demo==1.0.x.y!", "a b", "[x]", "demo[x", "==1"),
    *(
        "demo==1 \\ \nother",
        "demo==1\\",
        "\\demo==1",
        "demo==1\\\\\n\\",
        "demo==1.0; python_version > '3' --pre",
    ),
]


@pytest.mark.parametrize("text", CORPUS)
def test_the_corpus_is_read_as_pip_reads_it(tmp_path: Path, text: str) -> None:
    compare_with_pip(tmp_path, text)


FRAGMENTS = st.sampled_from(
    [
        *("demo", "other", "Demo_X", "[a]", "==1.0", ">=1", " == 1", "; os_name == 'x'", ";", " @ ", "-"),
        *("https://example.org/demo-1.0-py3-none-any.whl", "#egg=demo", "x=1"),
        *(f" {H}", f" --hash=sha256:{B}", " --hash=sha256:00", " --hash", " --pre", " -C a=b", " --no-index"),
        *("\n", "\n", "\\\n", " \\\n    ", " \\\n  # c\n", "\\", " \\ \n", " # c", "#", "\t", " ", '"', "'"),
        *(
            f"demo==1.0 {H}\n",
            f"{H}\n",
            "--require-hashes\n",
            "-i https://example.org\n",
            "other==2\n",
            "\x0c",
        ),
    ]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.lists(FRAGMENTS, max_size=10).map("".join))
@example(text=f"demo==1.0 # c \\\n# d\n{H}")
def test_any_text_is_read_as_pip_reads_it(tmp_path: Path, text: str) -> None:
    assume("\n\\" not in f"\n{text}")  # pip takes a backslash off the beginning of a continued line too
    assume("whl[" not in text)  # extras behind a bare URL: pip takes them for a part of the address
    logging.getLogger("pip").setLevel(logging.CRITICAL)
    compare_with_pip(tmp_path, text)


NEWER_THAN_THE_LIBRARY = {"demo -C a=b", "demo -Ca=b"}
"""Build settings: the library follows a pip that did not have them."""


@pytest.mark.parametrize("text", [text for text in CORPUS if text not in NEWER_THAN_THE_LIBRARY])
def test_named_requirements_are_read_as_the_parser_library_reads_them(tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.txt"
    path.write_text(text)
    try:
        ours = read_requirements([str(path)], environ={}).requirements
    except UsageError:
        return

    theirs = RequirementsFile.from_file(str(path))

    assert not theirs.invalid_lines
    assert [
        (normalize(one.name) if one.name else None, frozenset(one.hash_options))
        for one in theirs.requirements
    ] == [
        (
            line.project,
            frozenset(f"sha256:{digest.value}" for group in line.allowed.alternatives for digest in group),
        )
        for line in ours
    ]


def test_every_intended_difference_is_still_one(tmp_path: Path) -> None:
    """Each of these pip reads, and installs something else than was asked for."""
    (tmp_path / "x.txt").write_text("demo==1.0")
    (tmp_path / "setup.py").write_text("")
    texts = {
        "TRU105": "# c\x0cdemo==1.0",
        "TRU110": f"demo==1.0 \\\n  # c\n  {H}",
        "TRU112": f"demo==1.0\n{H}",
        "TRU113": H,
        "TRU116": "--index-url --no-index",
        "TRU117": "demo==1.0 --require-hashes",
        "TRU118": f"demo==1.0 -- {H}",
        "TRU120": f"-r {tmp_path}/x.txt --require-hashes",
        "TRU141": "demo @ nowhere",
        "TRU142": "nowhere-1.0-py3-none-any.whl",
        "TRU138": "https://example.org/d.zip#subdirectory=a&subdirectory=b",
        "TRU145": "https://example.org/demo-1.0-py3-none-any.whl#egg=other",
        "TRU133": "demo==1.0 --hash=sha256:00",
        "TRU134": f"demo==1.0 --hash=sha256:{'g' * 64}",
    }
    path = tmp_path / "r.txt"

    for code, text in texts.items():
        path.write_text(text)
        assert as_pip_reads(str(path)) is not None, code
        with pytest.raises(UsageError) as caught:
            read_requirements([str(path)], environ={})
        assert [finding.code for finding in caught.value.findings] == [code]
