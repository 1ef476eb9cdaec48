"""Days, weeks, months and quarters in a zone, and what each is compared with."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.periods import DAYS, MONTH, PRESETS, QUARTER, WEEK, Period, containing, parts, preset

TOKYO, NEW_YORK = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")
WEDNESDAY = datetime(2026, 6, 3, 1, tzinfo=UTC)
days = st.dates(date(1950, 1, 1), date(2150, 1, 1))
units = st.sampled_from([DAYS, WEEK, MONTH, QUARTER])


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("this_week", "2026-06-01", "2026-06-07"),
        ("last_week", "2026-05-25", "2026-05-31"),
        ("30days", "2026-05-05", "2026-06-03"),
        ("this_month", "2026-06-01", "2026-06-30"),
        ("last_month", "2026-05-01", "2026-05-31"),
        ("this_quarter", "2026-04-01", "2026-06-30"),
        ("last_quarter", "2026-01-01", "2026-03-31"),
    ],
)
def test_presets(name: str, first: str, last: str) -> None:
    found = preset(name, at=WEDNESDAY, zone=TOKYO)
    assert (str(found.first), str(found.last)) == (first, last)


def test_a_day_begins_at_midnight_where_the_reader_is() -> None:
    at = datetime(2026, 6, 2, 16, tzinfo=UTC)  # the third of June in Tokyo, the second in New York
    assert str(preset("30days", at=at, zone=TOKYO).last) == "2026-06-03"
    assert str(preset("30days", at=at, zone=NEW_YORK).last) == "2026-06-02"
    assert containing(DAYS, date(2026, 6, 3), TOKYO).start == datetime(2026, 6, 2, 15, tzinfo=UTC)


def test_the_day_the_clocks_change_has_its_true_length() -> None:
    long = containing(DAYS, date(2026, 11, 1), NEW_YORK)
    assert long.end - long.start == timedelta(hours=25)


@given(day=days, unit=units)
def test_units_follow_each_other_without_gap_or_overlap(day: date, unit: str) -> None:
    found = containing(unit, day, TOKYO)
    assert found.first <= day <= found.last
    assert containing(unit, found.last + timedelta(days=1), TOKYO).first == found.last + timedelta(days=1)


@given(first=days, length=st.integers(0, 800), unit=st.sampled_from([WEEK, MONTH]))
def test_parts_cover_a_period_exactly(first: date, length: int, unit: str) -> None:
    period = Period(first, first + timedelta(days=length), TOKYO)
    cut = [period.within(part.first, part.last) for part in parts(period, unit)]
    assert sum(part.days for part in cut) == period.days
    assert (cut[0].first, cut[-1].last) == (period.first, period.last)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("last_week", "2026-05-18", "2026-05-24"),
        ("this_week", "2026-05-25", "2026-05-27"),  # as many days as have begun
        ("this_month", "2026-05-01", "2026-05-03"),
        ("last_month", "2026-04-01", "2026-04-30"),
        ("last_quarter", "2025-10-01", "2025-12-31"),
        ("30days", "2026-04-05", "2026-05-04"),
    ],
)
def test_a_period_is_compared_with_the_one_before(name: str, first: str, last: str) -> None:
    before = preset(name, at=WEDNESDAY, zone=TOKYO).before(WEDNESDAY)
    assert (str(before.first), str(before.last)) == (first, last)


def test_chosen_days_are_compared_with_as_many_before() -> None:
    before = Period(date(2026, 3, 10), date(2026, 3, 19), TOKYO).before(WEDNESDAY)
    assert (str(before.first), str(before.last)) == ("2026-02-28", "2026-03-09")


@given(first=days, length=st.integers(0, 400))
def test_the_period_before_ends_the_day_before(first: date, length: int) -> None:
    period = Period(first, first + timedelta(days=length), TOKYO)
    assert period.before(period.end).last == first - timedelta(days=1)
    assert period.before(period.end).days == period.days


def test_an_address_says_the_preset_or_the_days() -> None:
    assert preset("this_week", at=WEDNESDAY, zone=TOKYO).query == {"period": "this_week"}
    assert Period(date(2026, 3, 10), date(2026, 3, 19), TOKYO).query == {
        "from": "2026-03-10",
        "to": "2026-03-19",
    }
    assert all(preset(name, at=WEDNESDAY, zone=TOKYO).name == name for name in PRESETS)


def test_long_periods_are_told_by_month() -> None:
    assert Period(date(2026, 1, 1), date(2026, 3, 31), TOKYO).bucket == WEEK
    assert Period(date(2025, 1, 1), date(2026, 3, 31), TOKYO).bucket == MONTH
