import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.tabular import open_table
from sla import clock
from sla.clock import ClockState, InvalidTime, NeverOpens, WorkCalendar, weekly

TOKYO = ZoneInfo("Asia/Tokyo")
OFFICE = WorkCalendar("Asia/Tokyo", weekly(range(5), "09:00-18:00"), "JP")
LUNCH = WorkCalendar("Asia/Tokyo", weekly(range(5), "09:00-12:00", "13:00-18:00"), "JP")
NEW_YORK = WorkCalendar("America/New_York", weekly(range(7), "00:00-24:00"))
CLOCK_HOURS = WorkCalendar("Asia/Tokyo", always_open=True)
HOUR = timedelta(hours=1)

INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))
DURATIONS = st.timedeltas(timedelta(0), timedelta(hours=400))
CALENDARS = st.sampled_from([OFFICE, LUNCH, NEW_YORK, CLOCK_HOURS])


def tokyo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


def days_off(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


# Truth from outside -----------------------------------------------------------------------------------------


def test_japanese_business_days_are_those_of_the_published_table(real_data: Path) -> None:
    rows = [row.values for row in open_table(real_data / "jp_calendar/business_days_2024_2025.csv").rows()]
    new_year = frozenset(
        day for y in range(2023, 2027) for day in days_off(date(y, 12, 29), date(y + 1, 1, 3))
    )
    closed = WorkCalendar("Asia/Tokyo", OFFICE.windows, "JP", new_year)
    assert len(rows) == 719
    for row in rows:
        day = date.fromisoformat(row["date"])
        assert bool(OFFICE.windows_on(day)) == (row["is_business_day"] == "1"), day
        assert bool(closed.windows_on(day)) == (row["is_bd_excl_1229_0103"] == "1"), day


@pytest.mark.parametrize("days", [1, 2, 3, 5])
def test_whole_working_days_end_on_the_published_day(real_data: Path, days: int) -> None:
    rows = [row.values for row in open_table(real_data / "jp_calendar/business_days_2024_2025.csv").rows()]
    for row in rows:
        evening = tokyo(f"{row['date']}T18:00")
        due = clock.add(OFFICE, evening, 9 * days)
        assert due == tokyo(f"{row[f'plus{days}bd']}T18:00")
        assert clock.elapsed(OFFICE, evening, due) == 9 * days * HOUR


# Inverse to each other --------------------------------------------------------------------------------------


@given(CALENDARS, INSTANTS, DURATIONS)
def test_elapsed_is_exactly_what_was_added(calendar: WorkCalendar, at: datetime, span: timedelta) -> None:
    assert clock.elapsed(calendar, at, clock.add(calendar, at, span)) == span


@given(CALENDARS, INSTANTS, st.timedeltas(timedelta(0), timedelta(days=60)))
def test_adding_what_elapsed_reaches_the_last_open_instant(
    calendar: WorkCalendar, at: datetime, span: timedelta
) -> None:
    reached = clock.add(calendar, at, clock.elapsed(calendar, at, at + span))
    assert reached <= at + span
    assert clock.elapsed(calendar, reached, at + span) == timedelta(0)


@given(CALENDARS, INSTANTS, DURATIONS, DURATIONS)
def test_adding_twice_is_adding_the_sum(
    calendar: WorkCalendar, at: datetime, a: timedelta, b: timedelta
) -> None:
    assert clock.add(calendar, clock.add(calendar, at, a), b) == clock.add(calendar, at, a + b)


@given(CALENDARS, st.tuples(INSTANTS, INSTANTS, INSTANTS))
@settings(max_examples=30, deadline=None)
def test_elapsed_adds_up_and_reverses(
    calendar: WorkCalendar, at: tuple[datetime, datetime, datetime]
) -> None:
    a, b, c = at
    total = clock.elapsed(calendar, a, b) + clock.elapsed(calendar, b, c)
    assert clock.elapsed(calendar, a, c) == total
    assert clock.elapsed(calendar, c, a) == -total


@given(CALENDARS, INSTANTS, DURATIONS, st.timedeltas(timedelta(0), timedelta(days=9)), DURATIONS)
def test_a_pause_moves_a_deadline_by_its_open_time(
    calendar: WorkCalendar, at: datetime, span: timedelta, begins: timedelta, lasts: timedelta
) -> None:
    pause = (at + begins, at + begins + lasts)
    due = clock.add(calendar, at, span, pauses=[pause])
    assert due >= clock.add(calendar, at, span)
    assert clock.elapsed(calendar, at, due, pauses=[pause]) == span


def test_adding_nothing_stays_where_it_is_even_when_closed() -> None:
    night = tokyo("2026-06-06T23:00")
    assert clock.add(OFFICE, night, 0) == night


# By hand ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-06-01T17:00", 2, "2026-06-02T10:00"),
        ("2026-06-01T17:00", 1, "2026-06-01T18:00"),  # closing time, not the next morning
        ("2026-06-05T17:30", 1, "2026-06-08T09:30"),  # over a weekend
        ("2026-04-28T17:00", 2, "2026-04-30T10:00"),  # over Showa day
        ("2026-05-01T17:00", 2, "2026-05-07T10:00"),  # over Golden Week with its substitute holiday
        ("2026-09-18T17:00", 2, "2026-09-24T10:00"),  # the day between two holidays is one
        ("2025-12-31T17:00", 2, "2026-01-02T10:00"),  # over the end of the year
        ("2026-06-01T03:00", 0.5, "2026-06-01T09:30"),
        ("2026-06-01T09:00", Decimal("0.1"), "2026-06-01T09:06"),
        ("2026-06-01T09:00", timedelta(microseconds=1), "2026-06-01T09:00:00.000001"),
    ],
)
def test_a_deadline_in_office_hours(start: str, hours: float, due: str) -> None:
    assert clock.add(OFFICE, tokyo(start), hours) == tokyo(due)


def test_a_lunch_break_does_not_count() -> None:
    assert clock.add(LUNCH, tokyo("2026-06-01T11:00"), 2) == tokyo("2026-06-01T14:00")


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25), ("2026-07-01", 24)])
def test_a_day_has_its_true_length_when_the_clocks_change(day: str, hours: int) -> None:
    midnight = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("America/New_York"))
    after = (midnight + timedelta(days=1)).replace(tzinfo=ZoneInfo("America/New_York"))
    assert clock.elapsed(NEW_YORK, midnight, after) == hours * HOUR


def test_a_day_that_a_zone_left_out_does_not_exist() -> None:
    """Samoa went from 29 to 31 December 2011."""
    apia = WorkCalendar("Pacific/Apia", weekly(range(7), "09:00-17:00"))
    start = datetime(2011, 12, 29, 17, tzinfo=ZoneInfo("Pacific/Apia"))
    assert clock.add(apia, start, 8) == datetime(2011, 12, 31, 17, tzinfo=ZoneInfo("Pacific/Apia"))


def test_clock_hours_ask_nothing() -> None:
    assert clock.add(CLOCK_HOURS, tokyo("2025-12-31T20:00"), 24) == tokyo("2026-01-01T20:00")
    assert clock.next_change(CLOCK_HOURS, tokyo("2026-01-01T00:00")) is None


def test_windows_that_touch_over_midnight_are_one() -> None:
    night = WorkCalendar("Asia/Tokyo", weekly(range(7), "00:00-06:00", "22:00-24:00"))
    assert clock.next_change(night, tokyo("2026-06-01T23:00")) == tokyo("2026-06-02T06:00")


def test_a_calendar_open_all_week_never_changes() -> None:
    assert clock.next_change(NEW_YORK, tokyo("2026-06-01T23:00")) is None


# What cannot be answered ------------------------------------------------------------------------------------


@pytest.mark.parametrize("calendar", [WorkCalendar("Asia/Tokyo"), WorkCalendar("Asia/Tokyo", {0: ()})])
def test_a_calendar_that_never_opens_says_so(calendar: WorkCalendar) -> None:
    for ask in (lambda at: clock.add(calendar, at, 1), lambda at: clock.next_opening(calendar, at)):
        with pytest.raises(NeverOpens):
            ask(tokyo("2026-06-01T10:00"))
    assert clock.next_change(calendar, tokyo("2026-06-01T10:00")) is None


def test_a_clock_paused_for_good_has_no_deadline() -> None:
    start = tokyo("2026-06-01T10:00")
    assert clock.add(OFFICE, start, 1, pauses=[(start + HOUR, None)]) == start + HOUR
    with pytest.raises(NeverOpens):
        clock.add(OFFICE, start, 2, pauses=[(start + HOUR, None)])


@pytest.mark.parametrize(
    "hours", [-1, float("nan"), float("inf"), Decimal("NaN"), timedelta(seconds=-1), 1e12]
)
def test_impossible_durations_are_refused(hours: float) -> None:
    with pytest.raises(InvalidTime):
        clock.add(OFFICE, tokyo("2026-06-01T10:00"), hours)


@pytest.mark.parametrize(
    "at", [datetime(2026, 6, 1), datetime(1, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
)
def test_times_without_a_zone_or_out_of_reach_are_refused(at: datetime) -> None:
    for ask in (clock.is_open, clock.next_opening, clock.next_change):
        with pytest.raises(InvalidTime):
            ask(OFFICE, at)


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    start = tokyo("2026-06-01T10:00")
    with pytest.raises(InvalidTime):
        clock.elapsed(OFFICE, start, start + HOUR, pauses=[(start + HOUR, start)])


# Reading ----------------------------------------------------------------------------------------------------

OFFERED = tokyo("2026-06-01T10:00")
DUE = tokyo("2026-06-02T10:00")
WARN = tokyo("2026-06-01T17:00")


def reading(at: str, **facts: object) -> clock.ClockReading:
    return clock.read(OFFICE, offered_at=OFFERED, due=DUE, warn_at=WARN, at=tokyo(at), **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "state", "hours", "running"),
    [
        ("2026-06-01T10:00", ClockState.ON_TRACK, 9, True),
        ("2026-06-01T17:00", ClockState.AT_RISK, 2, True),
        ("2026-06-01T22:00", ClockState.AT_RISK, 1, False),
        ("2026-06-02T10:00", ClockState.AT_RISK, 0, True),
        ("2026-06-02T10:00:00.000001", ClockState.BREACHED, 0, True),
        ("2026-06-02T13:00", ClockState.BREACHED, -3, True),
        ("2026-06-03T03:00", ClockState.BREACHED, -8, False),
    ],
)
def test_a_clock_reads(at: str, state: ClockState, hours: int, running: bool) -> None:
    read = reading(at)
    assert (read.state, read.running_now) == (state, running)
    assert abs(read.remaining - hours * HOUR) <= timedelta(microseconds=1)
    assert read.in_time is (False if state is ClockState.BREACHED else None)


@pytest.mark.parametrize(
    ("answered", "in_time", "left"),
    [("2026-06-01T16:00", True, 3), ("2026-06-02T10:00", True, 0), ("2026-06-02T11:00", False, -1)],
)
def test_an_answer_stops_the_clock(answered: str, in_time: bool, left: int) -> None:
    read = reading("2026-07-01T10:00", answered_at=tokyo(answered))
    assert (read.state, read.in_time, read.remaining) == (ClockState.ANSWERED, in_time, left * HOUR)
    assert (read.running_now, read.next_change) == (False, None)


def test_an_answer_to_come_has_not_happened_yet() -> None:
    assert reading("2026-06-01T11:00", answered_at=tokyo("2026-06-01T12:00")).state is ClockState.ON_TRACK


def test_a_pause_holds_the_clock_and_moves_the_deadline() -> None:
    pause = (tokyo("2026-06-01T12:00"), None)
    read = reading("2026-06-01T15:00", pauses=[pause])
    assert (read.state, read.remaining, read.running_now) == (ClockState.PAUSED, 7 * HOUR, False)
    assert (read.due, read.next_change) == (tokyo("2026-06-02T13:00"), None)


def test_a_pause_holds_from_its_first_instant_to_its_last() -> None:
    pause = (tokyo("2026-06-01T12:00"), tokyo("2026-06-01T14:00"))
    states = [
        reading(f"2026-06-01T{at}", pauses=[pause]).state for at in ("11:59", "12:00", "13:59", "14:00")
    ]
    assert states == [ClockState.ON_TRACK, ClockState.PAUSED, ClockState.PAUSED, ClockState.ON_TRACK]


def test_the_instant_after_the_deadline_is_announced_at_the_deadline() -> None:
    """An answer at the deadline is in time, so that one has to look again just after it."""
    assert reading("2026-06-02T10:00").next_change == DUE + timedelta(microseconds=1)


def test_a_pause_that_is_over_has_moved_warning_and_deadline() -> None:
    pause = (tokyo("2026-06-01T12:00"), tokyo("2026-06-01T14:00"))
    assert reading("2026-06-01T17:30", pauses=[pause]).state is ClockState.ON_TRACK
    read = reading("2026-06-02T11:00", pauses=[pause])
    assert (read.state, read.due, read.remaining) == (ClockState.AT_RISK, tokyo("2026-06-02T12:00"), HOUR)


def test_a_pause_after_the_breach_does_not_heal_it() -> None:
    read = reading("2026-06-02T15:00", pauses=[(tokyo("2026-06-02T12:00"), None)])
    assert (read.state, read.due, read.remaining) == (ClockState.BREACHED, DUE, -2 * HOUR)


def test_a_deadline_outside_hours_stays_where_it_was_set() -> None:
    due, pause = tokyo("2026-06-01T22:00"), (tokyo("2026-06-01T20:00"), tokyo("2026-06-01T21:00"))
    read = clock.read(OFFICE, offered_at=OFFERED, due=due, at=tokyo("2026-06-01T21:30"), pauses=[pause])
    assert (read.due, read.state) == (due, ClockState.ON_TRACK)


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=9)), st.booleans())
def test_nothing_changes_before_the_next_change(at: datetime, later: timedelta, is_paused: bool) -> None:
    pauses = [(at + 30 * HOUR, at + 50 * HOUR)] if is_paused else []
    due, warn = clock.add(LUNCH, at, 9), clock.add(LUNCH, at, 6)
    facts = {"offered_at": at, "due": due, "warn_at": warn, "pauses": pauses}
    now = clock.read(LUNCH, at=at + later, **facts)  # type: ignore[arg-type]
    assert now.next_change is not None
    assert now.next_change > at + later
    for moment in (
        at + later + (now.next_change - at - later) / 2,
        now.next_change - timedelta(microseconds=1),
    ):
        then = clock.read(LUNCH, at=moment, **facts)  # type: ignore[arg-type]
        assert (then.state, then.running_now) == (now.state, now.running_now)


@given(INSTANTS, st.integers(1, 80), st.timedeltas(timedelta(0), timedelta(days=20)))
def test_the_verdict_is_the_same_live_and_afterwards(at: datetime, hours: int, took: timedelta) -> None:
    due, answered = clock.add(OFFICE, at, hours), at + took
    facts = {"offered_at": at, "due": due, "answered_at": answered}
    live = clock.read(OFFICE, at=answered, **facts)  # type: ignore[arg-type]
    late = clock.read(OFFICE, at=answered + timedelta(days=900), **facts)  # type: ignore[arg-type]
    assert live.in_time == late.in_time == (answered <= due)
    assert live.remaining == late.remaining


def test_a_snapshot_is_json() -> None:
    snapshot = LUNCH.to_snapshot(OFFERED)
    assert WorkCalendar.from_snapshot(json.loads(json.dumps(snapshot))).to_snapshot() == snapshot
