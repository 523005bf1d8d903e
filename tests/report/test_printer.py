import io
import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.streams import Clock, Stream
from trued.core.errors import OperationalError, Refused
from trued.core.finding import Finding, Level, Place
from trued.report.log import LogFile
from trued.report.printer import DEBUG, NORMAL, QUIET, SILENT, VERBOSE, Printer

ERROR = Finding(code="TRU980", subject="an-error", values={"nearest": "TRU101"})
WARNING = Finding(code="TRU980", level=Level.WARNING, subject="a-warning", values={"nearest": "TRU101"})
NOTE = Finding(code="TRU980", level=Level.NOTE, subject="a-note", values={"nearest": "TRU101"})


class Printed:
    """A printer and its two streams."""

    def __init__(self, *, terminal: bool = False, **options: object) -> None:
        self.stdout = Stream(terminal=terminal)
        self.stderr = Stream(terminal=terminal)
        environ = {"TERM": "xterm", "COLUMNS": "80"}
        self.printer = Printer(stdout=self.stdout, stderr=self.stderr, environ=environ, **options)  # type: ignore[arg-type]  # options of one test each

    @property
    def out(self) -> str:
        return self.stdout.getvalue()

    @property
    def run(self) -> str:
        return self.stderr.getvalue()


def test_what_was_asked_for_goes_to_stdout_and_nothing_else() -> None:
    printed = Printed()

    printed.printer.artefact("six==1.16.0")
    printed.printer.say("Proved 1 file.")
    printed.printer.findings([ERROR])

    assert printed.out == "six==1.16.0\n"


@pytest.mark.parametrize("verbosity", [SILENT, QUIET, NORMAL, DEBUG])
def test_what_was_asked_for_is_printed_however_quiet(verbosity: int) -> None:
    printed = Printed(verbosity=verbosity)

    printed.printer.artefact("six==1.16.0")

    assert printed.out == "six==1.16.0\n"


@pytest.mark.parametrize(
    ("verbosity", "told"),
    [
        (SILENT, []),
        (QUIET, []),
        (NORMAL, ["step", "end"]),
        (VERBOSE, ["step", "end", "detail"]),
        (DEBUG, ["step", "end", "detail", "request"]),
    ],
)
def test_verbosity_decides_what_is_told_of_the_run(verbosity: int, told: list[str]) -> None:
    printed = Printed(verbosity=verbosity)

    printed.printer.say("step")
    printed.printer.done("end")
    printed.printer.detail("detail")
    printed.printer.debug("request")

    assert printed.run.splitlines() == told


@pytest.mark.parametrize(
    ("verbosity", "told"),
    [
        (SILENT - 5, ["an-error"]),
        (SILENT, ["an-error"]),
        (QUIET, ["a-warning", "an-error"]),
        (NORMAL, ["a-note", "a-warning", "an-error"]),
    ],
)
def test_errors_are_told_however_quiet(verbosity: int, told: list[str]) -> None:
    printed = Printed(verbosity=verbosity)

    printed.printer.findings([ERROR, NOTE, WARNING])

    assert [
        line.split()[1][:-1] for line in printed.run.splitlines() if line[:1].isalpha() and "[" in line
    ] == told


def test_a_single_warning_needs_no_count() -> None:
    printed = Printed()

    printed.printer.findings([WARNING])

    assert "For more" not in printed.run


def test_nothing_to_tell_prints_nothing() -> None:
    printed = Printed()

    printed.printer.findings([])

    assert printed.run == ""


@pytest.mark.parametrize(("error", "status"), [(Refused(ERROR), 1), (OperationalError(ERROR), 2)])
def test_an_error_is_told_and_gives_the_exit_status(error: Refused | OperationalError, status: int) -> None:
    printed = Printed()

    assert printed.printer.error(error) == status
    assert printed.run.startswith("error[TRU980]: an-error: no finding has this code\n")


def test_a_document_is_json_of_ascii() -> None:
    printed = Printed()

    printed.printer.document({"name": "größe\x1b", "url": "https://user:word@example.org"})

    assert printed.out.isascii()
    assert "\x1b" not in printed.out
    assert json.loads(printed.out) == {"name": "größe\x1b", "url": "https://user:****@example.org"}


def test_secrets_are_masked_in_everything_that_is_said() -> None:
    url = "https://user:word@example.org/simple"
    printed = Printed(verbosity=DEBUG, secrets=["abc123"])
    printed.printer.hide("def456")

    printed.printer.artefact(f"{url} abc123")
    printed.printer.say(f"{url} abc123 def456")
    printed.printer.findings(
        [Finding(code="TRU000", subject=url, values={"token": "def456"}, place=Place(url, 3))]
    )

    assert "word" not in printed.out + printed.run
    assert "abc123" not in printed.out + printed.run
    assert "def456" not in printed.out + printed.run
    assert "user:****@example.org" in printed.run


def test_a_secret_is_masked_although_its_line_is_folded() -> None:
    secret = "correct horse battery staple and more words to fold"
    printed = Printed(terminal=True, secrets=[secret])

    printed.printer.findings([Finding(code="TRU000", subject="x" * 60, values={"is": secret})])

    assert "horse" not in printed.run
    assert "fold" not in printed.run


@given(text=st.text(), verbosity=st.integers(SILENT, DEBUG))
def test_no_control_character_of_foreign_text_reaches_either_stream(text: str, verbosity: int) -> None:
    printed = Printed(verbosity=verbosity)
    finding = Finding(code="TRU000", subject=text, place=Place(text, 1), values={text: text})

    printed.printer.artefact(text)
    printed.printer.document({text: text})
    printed.printer.say(text)
    printed.printer.detail(text)
    printed.printer.findings([finding])
    printed.printer.traceback(text)

    assert categories(printed.out + printed.run).isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})


@given(text=st.text())
def test_on_a_terminal_only_our_own_colours_are_sent(text: str) -> None:
    printed = Printed(terminal=True)

    printed.printer.done(text)
    printed.printer.findings([Finding(code="TRU980", subject=text, values={"nearest": text})])

    plain = printed.run
    for own in ("\x1b[1;31m", "\x1b[1;32m", "\x1b[1m", "\x1b[2m", "\x1b[0m"):
        plain = plain.replace(own, "")
    assert categories(plain).isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})


def categories(text: str) -> set[str]:
    return {unicodedata.category(character) for character in text if character != "\n"}


def test_a_forged_finding_in_a_file_name_stays_inside_its_line() -> None:
    printed = Printed()
    finding = Finding(code="TRU980", subject="a\nerror[TRU101]: forged", values={"nearest": ""})

    printed.printer.findings([finding])

    first = printed.run.splitlines()[0]
    assert first == "error[TRU980]: a\\nerror[TRU101]: forged: no finding has this code"


def test_lines_of_a_value_are_indented_so_that_they_cannot_pass_for_findings() -> None:
    printed = Printed()

    printed.printer.findings([Finding(code="TRU000", values={"lines": "a\nerror[TRU101]: forged"})])

    assert printed.run.splitlines()[:2] == ["error[TRU000]: lines: a", "  error[TRU101]: forged"]


def test_a_stream_that_knows_only_ascii_gets_escapes() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", errors="strict")
    printer = Printer(stdout=stream, stderr=stream, environ={})

    printer.artefact("größe")
    printer.close()

    assert raw.getvalue() == b"gr\\xf6\\xdfe\n"


def test_progress_is_drawn_on_a_terminal_and_erased() -> None:
    printed = Printed(terminal=True, clock=Clock())

    with printed.printer.progress("Downloading", total_files=2) as progress:
        progress.advance(files=1)

    assert printed.run == "\r\x1b[KDownloading  1/2 files\r\x1b[K"


def test_a_line_said_meanwhile_stands_above_the_progress() -> None:
    printed = Printed(terminal=True, clock=Clock())

    with printed.printer.progress("Downloading") as progress:
        progress.advance(files=1)
        printed.printer.say("six is ready")

    erase = "\r\x1b[K"
    bar = f"{erase}Downloading  1 files"
    assert printed.run == f"{bar}{erase}six is ready\n{bar}{erase}"


@pytest.mark.parametrize("options", [{"verbosity": QUIET}, {"progress": False}])
def test_progress_can_be_switched_off(options: dict[str, object]) -> None:
    printed = Printed(terminal=True, **options)

    with printed.printer.progress("Downloading") as progress:
        progress.advance(files=1)

    assert printed.run == ""


def test_a_pipe_sees_no_progress() -> None:
    printed = Printed()

    with printed.printer.progress("Downloading") as progress:
        progress.advance(files=1)

    assert printed.run == ""


def test_a_file_name_in_the_progress_is_escaped_and_cut_to_the_line() -> None:
    printed = Printed(terminal=True, clock=Clock())

    with printed.printer.progress("\x07" + "x" * 200) as progress:
        progress.advance(files=1)

    assert printed.run == f"\r\x1b[K\\x07{'x' * 75}\r\x1b[K"


def test_the_log_gets_what_the_screen_hides(tmp_path: Path) -> None:
    log = LogFile(str(tmp_path / "log"), timestamp=lambda: "now")
    printed = Printed(verbosity=SILENT, log=log, secrets=["abc123"])

    printed.printer.debug("GET /simple/six/ with abc123")
    printed.printer.findings([NOTE])
    printed.printer.close()

    assert printed.run == ""
    assert (tmp_path / "log").read_text().splitlines() == [
        "now debug   GET /simple/six/ with ****",
        "now finding note[TRU980]: a-note: no finding has this code",
        "now finding   help: The nearest is TRU101. `trued explain` without a code lists all of them.",
    ]


def test_importing_the_printer_loads_no_heavy_module() -> None:
    script = "import sys; import trued.report.printer; print(*sorted(sys.modules))"

    loaded = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {script}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    heavy = {"dataclasses", "typing", "re", "json", "pathlib", "enum", "collections", "rich", "threading"}
    assert heavy.isdisjoint(loaded), heavy & set(loaded)
