"""Exceptions hold for one project and one rule, until their day; what is stale or needless is told."""

from __future__ import annotations

from datetime import date

from trued.core.finding import Level
from trued.core.names import ProjectName
from trued.policy.exceptions import ExceptionBook, PolicyException
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
    assert codes(ExceptionBook([excepted()], today=TODAY)) == ["TRU651"]


def test_an_exception_that_was_needed_is_not_told() -> None:
    book = ExceptionBook([excepted()], today=TODAY)
    book.admits(DEMO, "yanked")

    assert codes(book) == []
