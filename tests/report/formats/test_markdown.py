"""Markdown for a pull request."""

import pytest
from markdown_it import MarkdownIt

from tests.report.formats.making import everything, hit, hostile, outcome, package
from trued.advisories.database import Unreadable
from trued.advisories.outcome import AuditOutcome, Skipped, SkipReason
from trued.report.formats.markdown import markdown_report

SKIPPED = Skipped(name="loose", reason=SkipReason.UNPINNED)
UNREADABLE = Unreadable(record="GHSA-1", project="demo", detail="not JSON")


@pytest.mark.parametrize(
    ("audited", "verdict"),
    [
        (outcome(), "No known advisory"),
        (outcome(hit()), "1 advisory for 1 release"),
        (everything(), "3 advisories for 3 releases, 1 of them malware"),
        (outcome(packages=()), "Nothing was audited"),
        (outcome(skipped=(SKIPPED,)), "No known advisory, but 1 not audited"),
        (outcome(unreadable=(UNREADABLE,)), "No known advisory, but not every record could be read"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_heading_is_the_verdict_and_never_says_more_than_is_known(
    audited: AuditOutcome, verdict: str
) -> None:
    assert markdown_report(audited).splitlines()[0] == f"## {verdict}"


def test_a_row_says_what_where_how_bad_and_what_mends_it() -> None:
    rows = [line for line in markdown_report(everything()).splitlines() if line.startswith("| demo | 1.0 |")]

    assert rows[0] == (
        "| demo | 1.0 | [PYSEC-2026-1](https://osv.dev/vulnerability/PYSEC-2026-1), CVE-2026-1: Anyone can "
        "read files | high (7.5) | 1.2 | reqs/lock.txt&#58;7 | app 2.0 |"
    )


def test_a_release_that_is_asked_for_itself_is_pulled_in_by_nobody() -> None:
    asked = package(paths=(("app 2.0", "demo 1.0"), ("demo 1.0",)))

    assert markdown_report(outcome(hit(of=asked))).count("app 2.0") == 0


def test_foreign_text_adds_no_row_no_cell_and_no_html() -> None:
    tokens = MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(markdown_report(hostile()))
    kinds = [token.type for token in tokens]
    links = [
        child.attrGet("href")
        for token in tokens
        for child in token.children or ()
        if child.type == "link_open"
    ]

    assert kinds.count("tr_open") == 4
    assert kinds.count("td_open") == 7 + 4
    assert kinds.count("heading_open") == 2
    assert links == ["https://osv.dev/vulnerability/PYSEC-2026-1"]
    assert {token.content.split()[0] for token in tokens if token.type == "html_block"} <= {
        "<details><summary>1",
        "<details><summary>2",
        "</details>",
    }
    assert not [child for token in tokens for child in token.children or () if child.type == "html_inline"]
