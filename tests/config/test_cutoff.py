from datetime import UTC, datetime, timedelta

import pytest

from trued.config.cutoff import InvalidCutoff, parse_cutoff

NOW = datetime(2026, 1, 10, tzinfo=UTC)


def test_days_count_back_from_now() -> None:
    assert parse_cutoff("P3D").before(NOW) == datetime(2026, 1, 7, tzinfo=UTC)


def test_a_moment_with_a_zone_stays_what_it_is() -> None:
    assert parse_cutoff("2026-01-02T03:04:05+02:00").before(NOW).utcoffset() == timedelta(hours=2)


def test_a_date_without_a_zone_is_local() -> None:
    moment = parse_cutoff("2026-01-02").before(NOW)

    assert moment == datetime(2026, 1, 2).astimezone()


@pytest.mark.parametrize(
    "text", ["", "P", "PD", "P-1D", "P1W", "P1", "tomorrow", "2026-13-01", "P99999999999D", "P٣D"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidCutoff):
        parse_cutoff(text)
