"""Business time by brute force: every minute asked by itself. Slow, and too simple to be wrong."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays

from sla.clock import Pause, WorkCalendar

MINUTE = timedelta(minutes=1)
YEARS = range(2025, 2036)


def is_working(calendar: WorkCalendar, at: datetime, pauses: Iterable[Pause] = ()) -> bool:
    """Whether the clock on the wall shows a time inside a window of an open day."""
    if any(begins <= at and (ends is None or at < ends) for begins, ends in pauses):
        return False
    if calendar.always_open:
        return True
    wall = at.astimezone(ZoneInfo(calendar.zone)).replace(tzinfo=None)
    if wall.date() in calendar.closures or wall.date() in national(calendar.holiday_country, wall.year):
        return False
    windows = calendar.windows.get(wall.weekday(), ())
    return any(start <= wall.time() and (wall.time() < end or end == time(0)) for start, end in windows)


def minutes_between(calendar: WorkCalendar, a: datetime, b: datetime, pauses: Iterable[Pause] = ()) -> int:
    """Open minutes from `a` to `b`, both on whole minutes."""
    return sum(is_working(calendar, at, pauses) for at in minutes(a, b))


def after_minutes(calendar: WorkCalendar, start: datetime, wanted: int, last: datetime) -> datetime | None:
    """The end of the wanted-th open minute; None when it lies after `last`."""
    for at in minutes(start, last):
        wanted -= is_working(calendar, at)
        if not wanted:
            return at + MINUTE
    return None


def minutes(a: datetime, b: datetime) -> Iterator[datetime]:
    while a < b:
        yield a
        a += MINUTE


@cache
def national(country: str, year: int) -> frozenset[object]:
    return frozenset(holidays.country_holidays(country, years=year)) if country else frozenset()


@cache
def changes(zone: str) -> tuple[datetime, ...]:
    """The UTC days in 2025-2035 on which a zone changes its offset."""
    first, last = datetime(YEARS[0], 1, 1, tzinfo=UTC), datetime(YEARS[-1] + 1, 1, 1, tzinfo=UTC)
    days = [first + timedelta(days=n) for n in range((last - first).days)]
    tz = ZoneInfo(zone)
    return tuple(a for a, b in pairwise(days) if a.astimezone(tz).utcoffset() != b.astimezone(tz).utcoffset())
