"""Days off by the calendar of the team: weekends, holidays, closures."""

from datetime import date

import pytest

from crm.days_off import WEEKENDS, DaysOff
from crm.models.calendars import office_hours

MONDAY, SATURDAY = date(2026, 6, 1), date(2026, 6, 6)
CHILDRENS_DAY_OBSERVED = date(2026, 5, 6)


def test_without_a_calendar_the_weekend_is_off() -> None:
    assert [day for day in range(1, 8) if WEEKENDS(date(2026, 6, day))] == [6, 7]


@pytest.mark.parametrize(
    ("day", "off"),
    [(MONDAY, False), (SATURDAY, True), (CHILDRENS_DAY_OBSERVED, True), (date(2026, 6, 2), True)],
)
def test_windows_holidays_and_closures_decide(day: date, off: bool) -> None:
    assert DaysOff(office_hours(), "JP", frozenset({date(2026, 6, 2)}))(day) is off


def test_a_weekday_with_no_window_is_off() -> None:
    assert DaysOff(office_hours() | {"mon": []})(MONDAY)


def test_who_counts_every_hour_has_no_day_off() -> None:
    assert not DaysOff({}, "JP", always_open=True)(SATURDAY)


def test_a_country_without_a_table_has_no_holidays() -> None:
    assert not DaysOff(office_hours(), "XX")(CHILDRENS_DAY_OBSERVED)
