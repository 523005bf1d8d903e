"""Exceptions hold for one project and one rule, until their day; what is stale or needless is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from trued.core.finding import Finding, Level
from trued.core.names import ProjectName
from trued.policy.exceptions import RULES, ExceptionBook, PolicyException
from trued.policy.judge import judge
from trued.policy.level import PERMITTED_BY_PIP, RAISED_BY_STRICT, PolicyLevel, weigh
from trued.report.page import load_page

TODAY = date(2026, 5, 10)
DEMO = ProjectName("demo")


def excepted(rule: str = "yanked", until: date | None = None) -> PolicyException:
    return PolicyException(project=DEMO, rule=rule, reason="we need it", until=until)


def codes(book: ExceptionBook) -> list[str]:
    for finding in book.findings():
        page = load_page(finding.code)
        assert page is not None
        assert f"{page.message} {page.mend}".format(subject=finding.subject, **finding.values)
    return [finding.code for finding in book.findings()]


def test_an_exception_admits_its_project_for_its_rule_only() -> None:
    book = ExceptionBook([excepted()], today=TODAY)

    assert book.admits(DEMO, "yanked")
    assert not book.admits(DEMO, "min-age")
    assert not book.admits(ProjectName("other"), "yanked")


def test_it_holds_on_its_last_day_and_not_after() -> None:
    assert ExceptionBook([excepted(until=TODAY)], today=TODAY).admits(DEMO, "yanked")
    assert not ExceptionBook([excepted(until=date(2026, 5, 9))], today=TODAY).admits(DEMO, "yanked")


def test_an_expired_exception_is_told_as_a_warning() -> None:
    book = ExceptionBook([excepted(until=date(2026, 5, 9))], today=TODAY)

    assert codes(book) == ["TRU650"]
    assert book.findings()[0].level is Level.WARNING
    assert book.findings()[0].values["until"] == "2026-05-09"


def test_an_exception_that_nothing_needed_is_told() -> None:
    book = ExceptionBook([excepted()], today=TODAY)
    book.note_examined([DEMO], ["yanked"])

    assert codes(book) == ["TRU651"]


def test_an_exception_from_a_rule_that_the_run_did_not_ask_is_not_called_needless() -> None:
    """A file from the store is installed without its index's page: nobody looked whether it is yanked."""
    book = ExceptionBook([excepted()], today=TODAY)
    book.note_examined([DEMO], ["startup-hook"])

    assert codes(book) == []


def test_an_exception_that_was_needed_is_told_as_a_note() -> None:
    book = ExceptionBook([excepted()], today=TODAY)
    book.admits(DEMO, "yanked")

    assert [(one.code, one.level) for one in book.findings()] == [("TRU653", Level.NOTE)]
    assert book.findings([ProjectName("other")]) == ()


def test_an_exception_for_one_version_is_none_for_another() -> None:
    book = ExceptionBook([replace(excepted(), version="1.0")], today=TODAY)

    assert book.admits(DEMO, "yanked", "1.0.0")
    assert not book.admits(DEMO, "yanked", "1.1")
    assert not book.admits(DEMO, "yanked")


@pytest.mark.parametrize(
    "subject", ["demo-1.0-py3-none-any.whl", "Demo-1.0.tar.gz", "demo==1.0", "demo", "demo[extra]==1.0"]
)
def test_a_finding_about_a_file_a_release_or_a_project_is_excepted(subject: str) -> None:
    book = ExceptionBook([excepted()], today=TODAY)

    (weighed,) = weigh([Finding(code="TRU349", subject=subject)], PolicyLevel.STRICT, book)

    assert weighed.level is Level.WARNING


@pytest.mark.parametrize("subject", ["demo2-1.0-py3-none-any.whl", "other", "demo-extra-1.0.tar.gz", ""])
def test_a_finding_about_another_project_is_not(subject: str) -> None:
    book = ExceptionBook([excepted()], today=TODAY)

    assert not book.excepts(Finding(code="TRU349", subject=subject))


def test_strict_keeps_refusing_what_a_version_s_exception_does_not_name() -> None:
    book = ExceptionBook([replace(excepted(), version="2.0")], today=TODAY)

    (weighed,) = weigh(
        [Finding(code="TRU349", level=Level.WARNING, subject="demo-1.0-py3-none-any.whl")],
        PolicyLevel.STRICT,
        book,
    )

    assert weighed.level is Level.ERROR


def test_what_can_be_excepted_is_what_another_level_lets_pass_and_nothing_more() -> None:
    """Attack: a policy file that wants to except a malformed wheel, other bytes, or a listed digest."""
    codes_of_rules = {code for one in RULES.values() for code in one}

    assert codes_of_rules - {"TRU348", "TRU652"} <= PERMITTED_BY_PIP | RAISED_BY_STRICT
    assert not any(code.startswith(("TRU19", "TRU2", "TRU16")) for code in codes_of_rules - {
        "TRU194", "TRU250", "TRU280",
    })  # fmt: skip


def test_other_bytes_are_refused_whatever_is_excepted() -> None:
    book = ExceptionBook([excepted(rule) for rule in RULES], today=TODAY)

    for code in ("TRU190", "TRU191", "TRU193", "TRU201", "TRU240", "TRU165", "TRU554"):
        finding = Finding(code=code, subject="demo-1.0-py3-none-any.whl")
        assert weigh([finding], PolicyLevel.PERMISSIVE, book)[0].level is Level.ERROR


def test_a_file_with_an_excepted_finding_still_needs_a_proof() -> None:
    """Attack: an exception for a startup hook must not stand in for the proof that is missing too."""
    book = ExceptionBook([excepted("startup-hook")], today=TODAY)
    wheel = "demo-1.0-py3-none-any.whl"

    verdict = judge(
        wheel,
        evidence=(),
        findings=[Finding(code="TRU280", subject=wheel)],
        unproven=lambda: Finding(code="TRU561", subject=wheel),
        level=PolicyLevel.STANDARD,
        exceptions=book,
    )

    assert not verdict.admitted
    assert [one.code for one in verdict.refusals] == ["TRU561"]


def test_a_project_may_be_excepted_from_proof_for_a_while() -> None:
    book = ExceptionBook([excepted("unproven")], today=TODAY)
    wheel = "demo-1.0-py3-none-any.whl"

    verdict = judge(
        wheel,
        evidence=(),
        findings=(),
        unproven=lambda: Finding(code="TRU561", subject=wheel),
        level=PolicyLevel.STRICT,
        exceptions=book,
    )

    assert verdict.admitted
    assert [(one.code, one.level) for one in verdict.findings] == [("TRU561", Level.WARNING)]
