"""Workflow commands and the step summary of GitHub Actions."""

from dataclasses import replace

from tests.report.formats.making import everything, hit, hostile, outcome, package
from trued.advisories.database import Unreadable
from trued.report.formats.github import step_summary, workflow_commands


def test_an_affected_release_is_an_error_on_its_line() -> None:
    first = workflow_commands(outcome(hit())).splitlines()[0]

    assert first == (
        "::error file=reqs/lock.txt,line=7,title=demo 1.0%3A PYSEC-2026-1::demo 1.0 is affected by "
        "PYSEC-2026-1 (high): Anyone can read files%0AUpdate demo to 1.2."
    )


def test_an_undecided_release_is_a_warning_that_does_not_call_it_affected() -> None:
    first = workflow_commands(outcome(hit(undecided=True))).splitlines()[0]

    assert first.startswith("::warning ")
    assert "may be affected by" in first


def test_malware_is_told_first() -> None:
    assert "is malware (MAL-2026-1)" in workflow_commands(everything()).splitlines()[0]


def test_what_is_not_audited_is_a_warning_and_what_cannot_be_read_an_error() -> None:
    lines = workflow_commands(everything()).splitlines()

    assert "::warning file=reqs/lock.txt,line=9,title=Not audited::loose was not audited" in "\n".join(lines)
    assert "::error title=trued audit::The advisory GHSA-zzzz cannot be read: not JSON" in lines


def test_the_last_line_tells_the_whole_and_the_age_of_the_data() -> None:
    last = workflow_commands(outcome(hit())).splitlines()[-1]

    assert last.startswith("::notice title=trued audit::1 advisory for 1 release of 1 audited.")
    assert last.endswith("as of 2026-11-20T09:30:05+00:00 (1 day old).")


def test_nobody_adds_a_command_by_the_name_of_a_file_or_an_advisory() -> None:
    lines = workflow_commands(hostile()).splitlines()

    assert len(lines) == 4
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines)
    assert all(line.count("::") >= 2 and line.isprintable() for line in lines)


def test_the_step_summary_is_the_report_in_markdown() -> None:
    assert step_summary(outcome(hit())).startswith("## 1 advisory for 1 release\n")


def test_the_step_summary_is_cut_at_a_line_before_github_drops_it() -> None:
    unreadable = tuple(
        Unreadable(record=f"GHSA-{'é' * 90}-{number}", project="", detail="") for number in range(9_000)
    )
    summary = step_summary(replace(outcome(hit(of=package())), unreadable=unreadable))

    assert 1_000_000 < len(summary.encode()) <= 1_048_576
    assert summary.endswith("The rest is left out: a step summary ends at 1 MiB.\n")
