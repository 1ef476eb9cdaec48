"""Open time as a stream of UTC spans: what the clock counts. Pure; one step per day, never per minute."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from sla.windows import DAY, since_midnight, until_end
from sla.work_calendar import WorkCalendar, zone_info

LONGEST_CLOSURE_DAYS = 3660
FIRST_YEAR, LAST_YEAR = 1900, 2200
YEARS = {"first": FIRST_YEAR, "last": LAST_YEAR}
INSTANT = timedelta(microseconds=1)
END_OF_TIME = datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
FOREVER = datetime.max.replace(tzinfo=UTC)

Span = tuple[datetime, datetime]
Pause = tuple[datetime, datetime | None]


class InvalidTime(ValueError):
    """An instant without a zone, a year no deadline lies in, a negative or infinite duration."""


def instant(at: datetime) -> datetime:
    """The same instant in UTC. Raises InvalidTime without a zone or outside the years of a clock."""
    if at.tzinfo is None or at.utcoffset() is None:
        raise InvalidTime(_("A time without a zone says no instant; give it with an offset."))
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise InvalidTime(_("A clock runs between the years %(first)s and %(last)s.") % YEARS)
    return at.astimezone(UTC)


def spans(
    calendar: WorkCalendar, start: datetime, held: tuple[Span, ...], until: datetime | None = None
) -> Iterator[Span]:
    """Open spans from `start` in order, pauses taken out; ends at `until`, or when nothing opens any more."""
    for opens, closes in _open_from(calendar, start, until or END_OF_TIME):
        yield from _without(held, opens, closes)


def _open_from(calendar: WorkCalendar, start: datetime, until: datetime) -> Iterator[Span]:
    if calendar.always_open:
        if start < until:
            yield start, until
        return
    day = quiet_since = start.toordinal()
    while day <= until.toordinal() and (day - quiet_since <= LONGEST_CLOSURE_DAYS or until < END_OF_TIME):
        for opens, closes in open_spans(calendar, day):
            if max(opens, start) < min(closes, until):
                quiet_since = day
                yield max(opens, start), min(closes, until)
        day += 1


def _without(held: tuple[Span, ...], opens: datetime, closes: datetime) -> Iterator[Span]:
    """The parts of an open span that no pause covers; `held` is in order and does not overlap."""
    for begins, ends in held:
        if ends <= opens or closes <= begins:
            continue
        if opens < begins:
            yield opens, begins
        opens = ends
    if opens < closes:
        yield opens, closes


def merged_pauses(pauses: Iterable[Pause]) -> tuple[Span, ...]:
    """Pauses in UTC, in order, overlapping ones merged, unfinished ones lasting for ever."""
    merged: list[Span] = []
    for begins, ends in sorted((instant(a), FOREVER if b is None else instant(b)) for a, b in pauses):
        if ends < begins:
            raise InvalidTime(_("A pause must end after it begins."))
        if merged and begins <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(ends, merged[-1][1])
        elif begins < ends:
            merged.append((begins, ends))
    return tuple(merged)


@lru_cache(maxsize=8192)
def _offsets(zone: str, day: int) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """The UTC day (a proleptic ordinal) cut where the zone changes its offset: (from, to, offset).

    No zone changes twice within one UTC day (a test walks all zones); one bisection finds the change.
    """
    start = datetime.combine(date.fromordinal(day), time(0), UTC)
    end = start + DAY
    tz = zone_info(zone)
    before, after = _offset(start, tz), _offset(end - INSTANT, tz)
    if before == after:
        return ((start, end, before),)
    low, high = 0, int(DAY.total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        unchanged = _offset(start + timedelta(seconds=middle), tz) == before
        low, high = (middle, high) if unchanged else (low, middle)
    change = start + timedelta(seconds=high)
    return (start, change, before), (change, end, after)


def _offset(at: datetime, tz: ZoneInfo) -> timedelta:
    return at.astimezone(tz).utcoffset() or timedelta(0)


def open_spans(calendar: WorkCalendar, day: int) -> Iterator[Span]:
    """Open UTC spans [from, to) inside one UTC day (a proleptic ordinal), in order, never empty."""
    for start, end, offset in _offsets(calendar.zone, day):
        local, last = start.replace(tzinfo=None) + offset, end.replace(tzinfo=None) + offset - INSTANT
        while local.date() <= last.date():
            midnight = datetime.combine(local.date(), time(0), UTC) - offset
            for opens, closes in calendar.windows_on(local.date()):
                span = max(start, midnight + since_midnight(opens)), min(end, midnight + until_end(closes))
                if span[0] < span[1]:
                    yield span
            local += DAY
