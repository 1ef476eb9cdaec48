import json
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla import clock, work_calendar
from sla.clock import InvalidCalendar, WorkCalendar, named_windows, weekly

OFFERED = datetime(2026, 4, 27, 1, tzinfo=UTC)
OFFICE = WorkCalendar("Asia/Tokyo", weekly(range(5), "09:00-18:00"), "JP", frozenset({date(2026, 12, 29)}))


@pytest.mark.parametrize(
    "windows",
    [
        {7: ((time(9), time(18)),)},
        {0: ((time(18), time(9)),)},
        {0: ((time(9), time(9)),)},
        {0: ((time(9), time(12)), (time(11), time(18)))},
        {0: ((time(13), time(18)), (time(9), time(12)))},
        {0: ((time(9), time(0)), (time(10), time(11)))},
        {0: ((time(9, tzinfo=UTC), time(18)),)},
    ],
)
def test_windows_out_of_order_or_overlapping_are_refused(
    windows: dict[int, tuple[tuple[time, time], ...]],
) -> None:
    with pytest.raises(InvalidCalendar):
        WorkCalendar("Asia/Tokyo", windows)


@pytest.mark.parametrize("zone", ["", "Tokyo", "../etc/passwd", "Asia/Tokyo\0", "Asia/Nowhere"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(InvalidCalendar, match="not a time zone"):
        WorkCalendar(zone)


@pytest.mark.parametrize("country", ["XX", "DE-QQ", "Japan land"])
def test_an_unknown_country_is_refused(country: str) -> None:
    with pytest.raises(InvalidCalendar, match="no holiday table"):
        WorkCalendar("Asia/Tokyo", holiday_country=country)


def test_a_subdivision_has_its_own_holidays() -> None:
    epiphany = date(2026, 1, 6)
    assert WorkCalendar("Europe/Berlin", holiday_country="DE-BY").is_holiday(epiphany)
    assert not WorkCalendar("Europe/Berlin", holiday_country="DE").is_holiday(epiphany)


def test_windows_are_read_from_named_weekdays() -> None:
    read = named_windows({"mon": [["9:00", "12:00"], ["13:00", "24:00"]], "sun": []})
    assert read == {0: ((time(9), time(12)), (time(13), time(0))), 6: ()}


@pytest.mark.parametrize(
    "value",
    [
        {"monday": []},
        {"mon": [["9"]]},
        {"mon": [["9:00", "25:00"]]},
        {"mon": [["a:b", "1:00"]]},
        {"mon": [[9, 18]]},
    ],
)
def test_windows_that_cannot_be_read_are_refused(value: dict[str, list[list[str]]]) -> None:
    with pytest.raises(InvalidCalendar):
        named_windows(value)


def test_equal_calendars_have_equal_hashes() -> None:
    twin = WorkCalendar("Asia/Tokyo", weekly(range(5), "09:00-18:00"), "JP", frozenset({date(2026, 12, 29)}))
    assert twin == OFFICE
    assert hash(twin) == hash(OFFICE)


# Snapshots --------------------------------------------------------------------------------------------------


@given(
    st.sampled_from(["Asia/Tokyo", "Europe/London", "UTC"]),
    st.sampled_from(["", "JP", "GB", "DE-BY"]),
    st.frozensets(st.dates(), max_size=4),
    st.booleans(),
    st.none() | st.datetimes(datetime(2024, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
)
def test_a_snapshot_reads_back_to_the_same_calendar(
    zone: str, country: str, closures: frozenset[date], always: bool, at: datetime | None
) -> None:
    windows = weekly(range(5), "08:30-12:00", "13:15:30-24:00")
    calendar = WorkCalendar(zone, windows, country, closures, always)
    snapshot = json.loads(json.dumps(calendar.to_snapshot(at)))
    assert WorkCalendar.from_snapshot(snapshot) == (calendar.fixed_from(at) if at else calendar)


def test_a_new_law_does_not_move_an_old_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = OFFICE.to_snapshot(OFFERED)
    before = clock.add(WorkCalendar.from_snapshot(snapshot), OFFERED, 100)
    monkeypatch.setattr(
        work_calendar, "holiday_dates", lambda _country, _year: frozenset({date(2026, 4, 28)})
    )
    assert clock.add(WorkCalendar.from_snapshot(snapshot), OFFERED, 100) == before
    assert clock.add(OFFICE, OFFERED, 100) != before


def test_the_holidays_written_down_are_those_of_the_horizon() -> None:
    table = OFFICE.fixed_from(OFFERED, days=10).fixed
    assert table is not None
    assert table.dates == {
        date(2026, 4, 29),
        date(2026, 5, 3),
        date(2026, 5, 4),
        date(2026, 5, 5),
        date(2026, 5, 6),
    }


def test_beyond_the_horizon_the_library_decides() -> None:
    fixed = OFFICE.fixed_from(OFFERED, days=10)
    assert fixed.is_holiday(date(2026, 7, 20))


def test_what_was_promised_first_stays() -> None:
    fixed = OFFICE.fixed_from(OFFERED, days=10)
    assert fixed.fixed_from(OFFERED + timedelta(days=99)) is fixed


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"version": 2},
        {"version": 1},
        {**OFFICE.to_snapshot(), "closures": ["x"]},
        {**OFFICE.to_snapshot(), "zone": "Mars"},
        {**OFFICE.to_snapshot(), "windows": None},
    ],
)
def test_a_snapshot_that_cannot_be_read_says_so(broken: dict[str, object]) -> None:
    with pytest.raises(InvalidCalendar):
        WorkCalendar.from_snapshot(broken)
