"""Nobody is mailed in their night or on their day off, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from crm.quiet_hours import LONGEST_SILENCE, Habits, first_shown, free_from, next_digest

TOKYO, BERLIN, NEW_YORK = (ZoneInfo(name) for name in ("Asia/Tokyo", "Europe/Berlin", "America/New_York"))
LORD_HOWE, APIA = ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Apia")
ZONES = st.sampled_from(
    [
        TOKYO,
        BERLIN,
        NEW_YORK,
        LORD_HOWE,
        *map(ZoneInfo, ("UTC", "Asia/Kathmandu", "America/St_Johns", "Africa/Cairo")),
    ]
)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))
WALLS = st.times().map(lambda wall: wall.replace(second=0, microsecond=0))
EVENING, MORNING = time(22), time(7)


def local(zone: ZoneInfo, *parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=zone, fold=fold)  # type: ignore[misc, arg-type]


def weekend(day: date) -> bool:
    return day.weekday() > 4


@st.composite
def habits(draw: st.DrawFn) -> Habits:
    begin, end = draw(st.tuples(WALLS, WALLS).filter(lambda both: both[0] != both[1]))
    off = draw(st.sampled_from([weekend, lambda _day: False]))
    return Habits(draw(ZONES), draw(st.integers(0, 23)), begin, end, off)


# -- one night ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hour", "minute", "goes"),
    [
        (21, 59, (1, 21, 59)),
        (22, 0, (2, 7, 0)),
        (23, 30, (2, 7, 0)),
        (0, 0, (1, 7, 0)),
        (6, 59, (1, 7, 0)),
        (7, 0, (1, 7, 0)),
    ],
)
def test_a_night_across_midnight_ends_in_the_morning(
    hour: int, minute: int, goes: tuple[int, int, int]
) -> None:
    night = Habits(TOKYO, quiet_from=EVENING, quiet_until=MORNING)
    assert free_from(night, local(TOKYO, 2026, 6, 1, hour, minute)) == local(TOKYO, 2026, 6, *goes)


def test_a_rest_at_noon_ends_the_same_day() -> None:
    rest = Habits(TOKYO, quiet_from=time(12), quiet_until=time(13))
    assert free_from(rest, local(TOKYO, 2026, 6, 1, 12, 30)) == local(TOKYO, 2026, 6, 1, 13)
    assert free_from(rest, local(TOKYO, 2026, 6, 1, 13)) == local(TOKYO, 2026, 6, 1, 13)


def test_without_quiet_hours_it_is_never_quiet() -> None:
    moment = local(TOKYO, 2026, 6, 6, 3)
    assert free_from(Habits(TOKYO), moment) == moment


def test_a_friday_evening_waits_for_monday_morning_where_days_off_are_quiet() -> None:
    night = Habits(TOKYO, quiet_from=EVENING, quiet_until=MORNING, is_day_off=weekend)
    assert free_from(night, local(TOKYO, 2026, 6, 5, 23)) == local(TOKYO, 2026, 6, 8, 7)


def test_a_calendar_without_a_working_day_silences_nobody_for_good() -> None:
    never_at_work = Habits(TOKYO, is_day_off=lambda _day: True)
    moment = local(TOKYO, 2026, 6, 1, 9)
    assert free_from(never_at_work, moment) == moment + LONGEST_SILENCE
    assert next_digest(never_at_work, moment) <= moment + timedelta(days=1) + LONGEST_SILENCE


# -- when the clocks change ---------------------------------------------------------------------------------------


def test_an_end_that_the_clocks_skip_is_the_moment_they_are_put_forward() -> None:
    night = Habits(BERLIN, quiet_from=EVENING, quiet_until=time(2, 30))
    assert free_from(night, local(BERLIN, 2026, 3, 29, 1)) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_a_beginning_that_the_clocks_skip_begins_when_they_are_put_forward() -> None:
    night = Habits(BERLIN, quiet_from=time(2, 30), quiet_until=MORNING)
    assert free_from(night, datetime(2026, 3, 29, 0, 59, tzinfo=UTC)) == datetime(
        2026, 3, 29, 0, 59, tzinfo=UTC
    )
    assert free_from(night, datetime(2026, 3, 29, 1, tzinfo=UTC)) == local(BERLIN, 2026, 3, 29, 7)


def test_an_end_that_is_shown_twice_ends_the_night_the_first_time() -> None:
    night = Habits(BERLIN, quiet_from=EVENING, quiet_until=time(2, 30))
    assert free_from(night, local(BERLIN, 2026, 10, 25, 2)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    second = local(BERLIN, 2026, 10, 25, 2, 10, fold=1).astimezone(UTC)
    assert free_from(night, second) == second


def test_a_night_is_as_long_as_the_clocks_make_it() -> None:
    night = Habits(BERLIN, quiet_from=EVENING, quiet_until=MORNING)
    for day, hours in (((2026, 3, 28), 8), ((2026, 10, 24), 10), ((2026, 6, 1), 9)):
        begin = local(BERLIN, *day, 22).astimezone(UTC)
        assert free_from(night, begin) - begin == timedelta(hours=hours)


def test_a_day_that_a_zone_skips_has_no_night_of_its_own() -> None:
    """Samoa went from 29 to 31 December 2011."""
    night = Habits(APIA, quiet_from=EVENING, quiet_until=MORNING)
    assert free_from(night, local(APIA, 2011, 12, 29, 23)) == local(APIA, 2011, 12, 31, 7)


# -- whatever is chosen -------------------------------------------------------------------------------------------


@given(habits(), MOMENTS)
@example(Habits(LORD_HOWE, 8, time(1, 45), time(2, 15)), datetime(2026, 10, 3, 15, 20, tzinfo=UTC))
def test_what_is_free_is_not_quiet_and_lies_ahead_by_two_weeks_at_most(own: Habits, at: datetime) -> None:
    goes = free_from(own, at)
    assert at <= goes <= at + LONGEST_SILENCE
    assert free_from(own, goes) == goes or goes == at + LONGEST_SILENCE


@given(habits(), MOMENTS, st.floats(0, 1))
def test_every_moment_before_it_leads_to_the_same_one(own: Habits, at: datetime, part: float) -> None:
    goes = free_from(own, at)
    assume(goes < at + LONGEST_SILENCE)
    assert free_from(own, at + (goes - at) * part) == goes


@given(habits(), MOMENTS)
def test_by_the_wall_clock_no_mail_falls_into_the_night(own: Habits, at: datetime) -> None:
    """An oracle without intervals, for days on which the clocks do not change."""
    goes = free_from(own, at).astimezone(own.zone)
    offsets = {(goes + timedelta(days=days)).astimezone(own.zone).utcoffset() for days in (-2, -1, 0, 1, 2)}
    assume(len(offsets) == 1)
    assert own.quiet_from is not None
    assert own.quiet_until is not None
    wall = goes.time().replace(tzinfo=None)
    if own.quiet_from < own.quiet_until:
        assert not own.quiet_from <= wall < own.quiet_until
    else:
        assert own.quiet_until <= wall < own.quiet_from
    assert not own.is_day_off(goes.date())


@given(ZONES, st.dates(date(2024, 1, 1), date(2031, 1, 1)), WALLS)
def test_a_time_is_first_shown_at_the_first_minute_that_shows_it_or_a_later_one(
    zone: ZoneInfo, day: date, wall: time
) -> None:
    found = first_shown(zone, day, wall)
    wanted = datetime.combine(day, wall)
    assert found.astimezone(zone).replace(tzinfo=None) >= wanted
    minutes = (found - timedelta(minutes=number) for number in range(1, 180))
    assert all(minute.astimezone(zone).replace(tzinfo=None) < wanted for minute in minutes)


# -- the daily mail -----------------------------------------------------------------------------------------------


def test_the_daily_mail_goes_at_the_hour_on_the_persons_wall() -> None:
    own = Habits(TOKYO, digest_hour=8)
    assert next_digest(own, local(TOKYO, 2026, 6, 1, 7, 59)) == local(TOKYO, 2026, 6, 1, 8)
    assert next_digest(own, local(TOKYO, 2026, 6, 1, 8)) == local(TOKYO, 2026, 6, 2, 8)


def test_an_hour_inside_the_night_waits_for_its_end() -> None:
    own = Habits(TOKYO, 6, EVENING, MORNING)
    assert next_digest(own, local(TOKYO, 2026, 6, 1, 12)) == local(TOKYO, 2026, 6, 2, 7)


def test_the_daily_mail_skips_days_off() -> None:
    own = Habits(TOKYO, digest_hour=8, is_day_off=weekend)
    assert next_digest(own, local(TOKYO, 2026, 6, 5, 9)) == local(TOKYO, 2026, 6, 8, 8)


def test_an_hour_that_the_clocks_skip_or_show_twice_comes_once_that_day() -> None:
    for day in ((2026, 3, 29), (2026, 10, 25)):
        own = Habits(BERLIN, digest_hour=2)
        first = next_digest(own, local(BERLIN, *day, 0))
        assert first.astimezone(BERLIN).date() == date(*day)
        assert next_digest(own, first).astimezone(BERLIN).date() == date(*day) + timedelta(days=1)


@given(habits(), MOMENTS)
def test_the_next_daily_mail_lies_ahead_and_is_not_quiet(own: Habits, at: datetime) -> None:
    goes = next_digest(own, at)
    assert goes > at
    assert free_from(own, goes) == goes
