"""MQLs promised for a part of a month are a part of the promise."""

from datetime import UTC, date, datetime
from math import isclose
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from reports.periods import Period
from reports.promises import Binding, months

TOKYO = ZoneInfo("Asia/Tokyo")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FIFTY = Binding(50, LONG_AGO, None)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=TOKYO).astimezone(UTC)


def promised(bindings: list[Binding], first: date, last: date, now: date) -> list[tuple[float, float]]:
    found = months(bindings, Period(first, last, TOKYO), at(now))
    return [(round(month.planned, 6), round(month.due, 6)) for month in found]


def test_a_whole_month_asks_for_the_whole_promise() -> None:
    [month] = months([FIFTY], Period(date(2026, 6, 1), date(2026, 6, 30), TOKYO), at(date(2026, 7, 1)))
    assert (month.planned, month.due, month.is_whole) == (50, 50, True)


def test_part_of_a_month_asks_for_its_part() -> None:
    assert promised([FIFTY], date(2026, 6, 1), date(2026, 6, 15), date(2026, 7, 1)) == [(25, 25)]


def test_days_to_come_ask_for_nothing_yet() -> None:
    assert promised([FIFTY], date(2026, 6, 1), date(2026, 6, 30), date(2026, 6, 16)) == [(50, 25)]
    assert promised([FIFTY], date(2026, 6, 1), date(2026, 6, 30), date(2026, 5, 1)) == [(50, 0)]


def test_each_month_is_measured_by_its_own_length() -> None:
    found = promised([Binding(28, LONG_AGO, None)], date(2026, 2, 22), date(2026, 3, 31), date(2026, 4, 1))
    assert found == [(7, 7), (28, 28)]


def test_a_new_agreement_counts_from_its_first_day() -> None:
    old = Binding(30, LONG_AGO, at(date(2026, 6, 11)))
    new = Binding(60, at(date(2026, 6, 11)), None)
    assert promised([old, new], date(2026, 6, 1), date(2026, 6, 30), date(2026, 7, 1)) == [(50, 50)]


def test_two_segments_promise_side_by_side() -> None:
    assert promised(
        [FIFTY, Binding(10, LONG_AGO, None)], date(2026, 6, 1), date(2026, 6, 30), date(2026, 7, 1)
    ) == [(60, 60)]


@given(cut=st.dates(date(2026, 1, 2), date(2026, 12, 30)))
def test_cut_anywhere_the_parts_sum_to_the_whole(cut: date) -> None:
    def sum_of(first: date, last: date) -> float:
        return sum(
            month.planned for month in months([FIFTY], Period(first, last, TOKYO), at(date(2027, 2, 1)))
        )

    whole = sum_of(date(2026, 1, 1), date(2026, 12, 31))
    parts = sum_of(date(2026, 1, 1), cut) + sum_of(date.fromordinal(cut.toordinal() + 1), date(2026, 12, 31))
    assert isclose(whole, 600)
    assert isclose(parts, whole)
