"""Rules that set an advisory aside: what they cover, when they end, and what is told of them."""

from datetime import date

import pytest

from tests.advisories.making import codes, match
from trued.advisories.ignoring import IgnoreRule, apply_ignores, parse_ignore
from trued.core.errors import UsageError
from trued.core.finding import Place

TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CVE-2026-1", IgnoreRule(identifier="CVE-2026-1")),
        ("CVE-2026-1:2026-12-31", IgnoreRule(identifier="CVE-2026-1", until=date(2026, 12, 31))),
        (
            "GHSA-1:2026-12-31:not reachable: no XML",
            IgnoreRule(identifier="GHSA-1", until=date(2026, 12, 31), reason="not reachable: no XML"),
        ),
        ("GHSA-1::for good", IgnoreRule(identifier="GHSA-1", reason="for good")),
    ],
)
def test_a_rule_is_an_id_a_day_and_a_reason(text: str, expected: IgnoreRule) -> None:
    assert parse_ignore(text) == expected


@pytest.mark.parametrize("text", ["", ":2026-12-31", "CVE-1:soon", "CVE-1:2026-13-01", "CVE 1", "CVÉ-1"])
def test_what_is_no_rule_is_told_with_its_place(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_ignore(text, place=Place("trued.toml", 3))

    assert codes(caught.value.findings) == ["TRU805"]
    assert caught.value.findings[0].place == Place("trued.toml", 3)


@pytest.mark.parametrize(
    ("identifier", "covered"),
    [
        ("PYSEC-2026-1", True),
        ("pysec-2026-1", True),
        ("CVE-2026-1", True),
        ("GHSA-1", False),
        ("CVE-2026", False),
    ],
)
def test_a_rule_covers_a_record_by_its_id_or_its_cve(identifier: str, covered: bool) -> None:
    found = match("PYSEC-2026-1", aliases=["CVE-2026-1", "GHSA-1"])

    assert IgnoreRule(identifier=identifier).covers(found.record) == covered


def test_no_rule_covers_malware() -> None:
    found = match("MAL-2026-1", aliases=["CVE-2026-1"])

    result = apply_ignores([found], [parse_ignore("MAL-2026-1"), parse_ignore("CVE-2026-1")], today=TODAY)

    assert result.kept == (found,)
    assert codes(result.findings) == ["TRU807", "TRU807"]


def test_what_a_rule_covers_is_set_aside_and_told_with_the_rule() -> None:
    found, other = match("GHSA-1"), match("GHSA-2")
    rule = parse_ignore("GHSA-1:2026-06-01:not reachable")

    result = apply_ignores([found, other], [rule], today=TODAY)

    assert (result.kept, result.ignored, result.findings) == ((other,), ((found, rule),), ())


def test_a_rule_that_has_ended_sets_nothing_aside_and_is_told() -> None:
    found = match("GHSA-1")

    result = apply_ignores([found], [parse_ignore("GHSA-1:2026-05-31")], today=TODAY)

    assert result.kept == (found,)
    assert codes(result.findings) == ["TRU806"]


def test_a_rule_that_met_nothing_is_told() -> None:
    assert codes(apply_ignores([], [parse_ignore("GHSA-1")], today=TODAY).findings) == ["TRU807"]


def test_a_rule_that_holds_goes_before_one_that_has_ended() -> None:
    found = match("GHSA-1", aliases=["CVE-2026-1"])
    rules = [parse_ignore("GHSA-1:2026-05-31"), parse_ignore("CVE-2026-1")]

    result = apply_ignores([found], rules, today=TODAY)

    assert result.ignored == ((found, rules[1]),)
    assert codes(result.findings) == ["TRU806"]
