"""Hash-checking mode: when it is on, and what it asks.

Numbers in brackets name experiments with pip 26.3 against a local index.
"""

from __future__ import annotations

import pytest

from tests.requirements.reading import ENVIRONMENT, A, Desk, assert_complete, complete
from trued.core.errors import UsageError
from trued.core.finding import Place
from trued.requirements.hashmode import HashMode, check, hash_mode, unhashed
from trued.requirements.wanted import Wanted, gather

H = f"--hash=sha256:{A}"
ON = HashMode(is_on=True, because=Place("r.txt", 1))
OFF = HashMode(is_on=False)


def wanted(desk: Desk, text: str) -> tuple[Wanted, ...]:
    return gather(desk.read(text), environment=ENVIRONMENT).wanted


def told(desk: Desk, text: str, mode: HashMode) -> list[str]:
    findings = check(wanted(desk, text), mode)
    for finding in findings:
        assert_complete(finding)
    return [f"{finding.place and finding.place.line} {finding.code}" for finding in findings]


@pytest.mark.parametrize(
    ("text", "constraints", "because"),
    [
        ("demo==1", None, None),
        (f"demo==1\nother==1 {H}", None, "r.txt:2"),
        ("--require-hashes\ndemo==1", None, "r.txt:1"),
        ("demo==1", "--require-hashes", "constraints.txt:1"),  # [74]
        ("demo==1", f"nobody-asks-for-this==1 {H}", "constraints.txt:1"),  # [58]
        (f'demo==1; python_version < "3" {H}', None, "r.txt:1"),  # [206]
        (f"demo @ https://example.org/d.zip#sha256={A}", None, None),  # [28]
        (f"--no-require-hashes\ndemo==1 {H}", None, None),  # [69, 72]
    ],
)
def test_any_hash_turns_the_mode_on_and_a_fragment_does_not(
    desk: Desk, text: str, constraints: str | None, because: str | None
) -> None:
    mode = hash_mode(desk.read(text, constraints=constraints))

    assert mode.is_on is (because is not None)
    assert not mode.is_on or str(mode.because) == because


def test_a_hash_in_an_included_file_turns_the_mode_on(desk: Desk) -> None:
    desk.write("b.txt", f"demo==1 {H}")

    assert hash_mode(desk.read("-r b.txt")).because == Place("b.txt", 1)


def test_the_command_line_turns_the_mode_on_and_off(desk: Desk) -> None:
    """[73, 211, 212]"""
    here = Place("--require-hashes")

    assert hash_mode(desk.read("demo==1"), require_hashes=here).because == here
    assert not hash_mode(desk.read(f"demo==1 {H}"), no_require_hashes=here).is_on


@pytest.mark.parametrize("text", ["--require-hashes\n--no-require-hashes", "--no-require-hashes", "--pre"])
def test_both_options_together_are_an_error_wherever_they_stand(desk: Desk, text: str) -> None:
    """[71, 211b]"""
    both = "--no-require-hashes" not in text
    place = Place("command line")

    with pytest.raises(UsageError) as caught:
        hash_mode(
            desk.read(text),
            require_hashes=None if text.startswith("--require") else place,
            no_require_hashes=place if both else None,
        )

    assert [finding.code for finding in complete(caught.value)] == ["TRU160"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("-e project", "TRU161"),  # [43]
        ("-e git+https://example.org/d#egg=d", "TRU161"),
        ("git+https://example.org/d#egg=d", "TRU162"),  # [46]
        (f"d @ git+https://example.org/d@{'0' * 40}", "TRU162"),
        (f"d @ git+https://example.org/d {H}", "TRU162"),
        ("./project", "TRU163"),  # [41]
        (f"./project {H}", "TRU163"),  # [42]
        ("demo", "TRU164"),  # [11, 75]
        ("demo>=1", "TRU164"),
        ("demo==1.*", "TRU164"),
        ("demo==1.0,>=0", "TRU164"),
        ("demo==1.0", "TRU165"),  # [10]
        ("demo===1.0", "TRU165"),
        ("demo @ https://example.org/d.zip", "TRU165"),  # [29]
        ("https://example.org/d.zip", "TRU165"),
        ("./demo-1.0-py3-none-any.whl", "TRU165"),  # [38]
        ("./demo-1.0.tar.gz", "TRU165"),
    ],
)
def test_what_cannot_be_proven_is_told(desk: Desk, line: str, code: str) -> None:
    desk.write("project/setup.py", "")
    desk.write("demo-1.0-py3-none-any.whl", b"")
    desk.write("demo-1.0.tar.gz", b"")

    assert told(desk, line, ON) == [f"1 {code}"]


@pytest.mark.parametrize(
    "line",
    [
        f"demo==1.0 {H}",
        *(f"{name} {H}" for name in ("demo>=1", "demo", "demo~=1.0", "demo==1.*")),  # [03-08]
        f"demo @ https://example.org/d.zip {H}",
        f"demo @ https://example.org/d.zip#sha256={A}",
        f"demo @ https://example.org/d.zip#md5={'0' * 32}",  # [26, 35]
        f"./demo-1.0-py3-none-any.whl {H}",  # [37]
        f'demo==1.0; python_version < "3" {H}',
        'unhashed==1.0; python_version < "3"',
    ],
)
def test_what_can_be_proven_is_not_told(desk: Desk, line: str) -> None:
    desk.write("demo-1.0-py3-none-any.whl", b"")

    assert told(desk, line, ON) == []


def test_all_findings_of_a_run_are_told_together(desk: Desk) -> None:
    """pip tells the first [10]."""
    desk.write("project/setup.py", "")

    assert told(desk, f"a==1 {H}\nb==1\nc\n./project\nd @ https://example.org/d.zip\n-e project", ON) == [
        "2 TRU165",
        "3 TRU164",
        "4 TRU163",
        "5 TRU165",
        "6 TRU161",
    ]


def test_nothing_is_asked_when_the_mode_is_off(desk: Desk) -> None:
    desk.write("project/setup.py", "")

    assert told(desk, "a==1\nb\n./project\n-e project\ngit+https://example.org/d#egg=d", OFF) == []


@pytest.mark.parametrize(
    "line", [f"git+https://example.org/d#egg=d&sha256={A}", f"d @ git+https://example.org/d {H}"]
)
def test_a_digest_that_nothing_could_check_is_told_even_when_the_mode_is_off(desk: Desk, line: str) -> None:
    assert told(desk, line, OFF) == ["1 TRU162"]


def test_lines_ready_to_paste_are_the_remedy(desk: Desk) -> None:
    lines = {Place("r.txt", 2): "demo==1 \\\n    --hash=sha256:…"}

    (finding,) = check(wanted(desk, "\ndemo==1"), ON, lines=lines)

    assert finding.values["remedy"] == lines[Place("r.txt", 2)]


def test_the_unhashed_are_those_for_which_lines_can_be_looked_up(desk: Desk) -> None:
    text = f"a==1 {H}\nb==1\nc\ngit+https://example.org/d#egg=d\ne @ https://example.org/e.zip"

    assert [one.project for one in unhashed(wanted(desk, text))] == ["b", "c", "e"]
