"""The clock against every single minute, over zones, years, windows, holidays, closures and pauses."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones
from zoneinfo._zoneinfo import ZoneInfo as ReadableZone  # type: ignore[import-not-found]

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla import clock
from sla.clock import WorkCalendar
from tests.support import oracle
from tests.support.oracle import MINUTE

ZONES = (
    "Asia/Tokyo",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",  # half an hour of daylight saving
    "Pacific/Apia",
    "Asia/Kolkata",
    "America/Santiago",  # the clocks change at midnight
    "America/Nuuk",
    "Africa/Casablanca",  # four changes in a year
    "Antarctica/Troll",  # two hours of daylight saving
    "Pacific/Chatham",
)
FULL_DAY = {day: ((time(0), time(0)),) for day in range(7)}


@st.composite
def windows(draw: st.DrawFn) -> tuple[tuple[time, time], ...]:
    """Up to three windows of a day on whole minutes, now and then up to 24:00."""
    edges = draw(st.lists(st.integers(0, 24 * 60), max_size=6, unique=True).map(sorted))
    moments = [time(edge // 60 % 24, edge % 60) for edge in edges]
    return tuple(zip(moments[::2], moments[1::2], strict=False))


@st.composite
def instants(draw: st.DrawFn, zone: str) -> datetime:
    """A whole minute in 2025-2035, half of the time on a day on which the clocks change."""
    days = oracle.changes(zone)
    if days and draw(st.booleans()):
        day = draw(st.sampled_from(days))
    else:
        day = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=draw(st.integers(0, 11 * 365)))
    return day + timedelta(minutes=draw(st.integers(-1440, 2880)))


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    zone = draw(st.sampled_from(ZONES))
    closures = draw(st.frozensets(st.dates(date(2025, 1, 1), date(2035, 12, 31)), max_size=3))
    days = draw(st.dictionaries(st.integers(0, 6), windows(), min_size=1) | st.just(FULL_DAY))
    return WorkCalendar(zone, days, draw(st.sampled_from(["", "JP", "GB", "US"])), closures)


@st.composite
def cases(draw: st.DrawFn) -> tuple[WorkCalendar, datetime, datetime]:
    calendar = draw(calendars())
    start = draw(instants(calendar.zone))
    return calendar, start, start + timedelta(minutes=draw(st.integers(0, 4 * 1440)))


@st.composite
def paused_cases(draw: st.DrawFn) -> tuple[WorkCalendar, datetime, datetime, list[clock.Pause]]:
    calendar, a, b = draw(cases())
    edges = st.integers(-600, 4 * 1440).map(lambda minutes: a + timedelta(minutes=minutes))
    pairs = draw(st.lists(st.tuples(edges, edges).map(lambda pair: tuple(sorted(pair))), max_size=4))
    last = [(draw(edges), None)] if draw(st.booleans()) else []
    return calendar, a, b, [*pairs, *last]


@settings(max_examples=150, deadline=None)
@given(cases())
def test_elapsed_counts_the_open_minutes(case: tuple[WorkCalendar, datetime, datetime]) -> None:
    calendar, a, b = case
    assert clock.elapsed(calendar, a, b) == oracle.minutes_between(calendar, a, b) * MINUTE


@settings(max_examples=150, deadline=None)
@given(paused_cases())
def test_elapsed_leaves_pauses_out(
    case: tuple[WorkCalendar, datetime, datetime, list[clock.Pause]],
) -> None:
    calendar, a, b, pauses = case
    expected = oracle.minutes_between(calendar, a, b, pauses) * MINUTE
    assert clock.elapsed(calendar, a, b, pauses=pauses) == expected


@settings(max_examples=150, deadline=None)
@given(cases(), st.integers(1, 2000))
def test_add_ends_with_the_last_open_minute(
    case: tuple[WorkCalendar, datetime, datetime], minutes: int
) -> None:
    calendar, start, last = case
    expected = oracle.after_minutes(calendar, start, minutes, last)
    if expected is not None:
        assert clock.add(calendar, start, minutes * MINUTE) == expected


@settings(max_examples=150, deadline=None)
@given(cases())
def test_opening_and_closing_are_where_the_minutes_change(
    case: tuple[WorkCalendar, datetime, datetime],
) -> None:
    calendar, start, last = case
    state = oracle.is_working(calendar, start)
    assert clock.is_open(calendar, start) == state
    turns = (at for at in oracle.minutes(start, last) if oracle.is_working(calendar, at) != state)
    if turn := next(turns, None):
        assert clock.next_change(calendar, start) == turn
        assert state or clock.next_opening(calendar, start) == turn


def alike() -> list[str]:
    """One zone of each behaviour in 2025-2035: the offset at every half hour of the days of change."""
    found: dict[object, str] = {}
    for name in sorted(available_timezones()):
        days = [datetime(2025, 1, 1, tzinfo=UTC), *oracle.changes(name)]
        marks = [day + timedelta(minutes=30 * n) for day in days for n in range(48)]
        offsets = tuple((mark, mark.astimezone(ZoneInfo(name)).utcoffset()) for mark in marks)
        found.setdefault(offsets, name)
    return list(found.values())


@pytest.mark.slow
def test_every_change_of_the_clocks_in_every_zone_minute_by_minute() -> None:
    hours = {day: ((time(0), time(1, 30)), (time(2, 15), time(3)), (time(9), time(0))) for day in range(7)}
    zones = alike()
    assert len(zones) > 60
    for name in zones:
        calendar = WorkCalendar(name, hours)
        for day in oracle.changes(name):
            a, b = day - timedelta(hours=14), day + timedelta(hours=38)
            expected = oracle.minutes_between(calendar, a, b) * MINUTE
            assert clock.elapsed(calendar, a, b) == expected, (name, day)
            assert clock.add(calendar, a, expected) <= b


def test_no_zone_changes_twice_within_a_day() -> None:
    """What the search for a change within one UTC day rests on, for all years that are known."""
    for name in available_timezones():
        days = [at // 86400 for at in ReadableZone.no_cache(name)._trans_utc]
        assert len(days) == len(set(days)), name
