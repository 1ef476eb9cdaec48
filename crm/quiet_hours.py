"""When a person may be mailed: outside their quiet hours and days off, by the clock on their wall. Pure.

A night begins when the clock first shows its beginning and ends when it first shows its end. So an end that the clocks
skip is the moment they are put forward, and an hour shown twice does not bring a night back that was over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
MIDNIGHT = time(0)
# A calendar without a working day must not silence anybody for good.
LONGEST_SILENCE = timedelta(days=14)


def _never(_day: date) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Habits:
    """What a person chose. `quiet_from` and `quiet_until` are local times, both or none; they may cross midnight."""

    zone: ZoneInfo
    digest_hour: int = 8
    quiet_from: time | None = None
    quiet_until: time | None = None
    is_day_off: Callable[[date], bool] = _never


def free_from(habits: Habits, at: datetime) -> datetime:
    """The first moment from `at` on that is not quiet; two weeks later at the latest."""
    moment, latest = at.astimezone(UTC), at.astimezone(UTC) + LONGEST_SILENCE
    while moment < latest:
        ends = [end for begin, end in _quiet_around(habits, moment) if begin <= moment < end]
        if not ends:
            return moment
        moment = max(ends)
    return latest


def next_digest(habits: Habits, at: datetime) -> datetime:
    """The next time after `at` that the person's hour comes on a day that is not off, or the end of its night."""
    today = at.astimezone(habits.zone).date()
    hour = time(habits.digest_hour)
    days = [today + DAY * number for number in range(-1, LONGEST_SILENCE.days)]
    coming = [moment for day in days if (moment := first_shown(habits.zone, day, hour)) > at]
    working = [moment for moment in coming if not habits.is_day_off(moment.astimezone(habits.zone).date())]
    return free_from(habits, (working or coming)[0])


def _quiet_around(habits: Habits, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Quiet spans that may hold this moment, as [begin, end)."""
    today = moment.astimezone(habits.zone).date()
    for day in (today - DAY, today, today + DAY):
        if habits.is_day_off(day):
            yield first_shown(habits.zone, day, MIDNIGHT), first_shown(habits.zone, day + DAY, MIDNIGHT)
        if habits.quiet_from is not None and habits.quiet_until is not None:
            morning = day if habits.quiet_from < habits.quiet_until else day + DAY
            begin = first_shown(habits.zone, day, habits.quiet_from)
            yield begin, first_shown(habits.zone, morning, habits.quiet_until)


def first_shown(zone: ZoneInfo, day: date, wall: time) -> datetime:
    """The first instant at which clocks in this zone show this time of this day, or a later one."""
    local = datetime.combine(day, wall)
    early, late = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early.astimezone(zone).replace(tzinfo=None) == local:
        return early
    return _change_between(zone, late, early, local)


def _change_between(zone: ZoneInfo, before: datetime, after: datetime, local: datetime) -> datetime:
    """When the clocks skip `local`: the instant they are put forward, found by halving."""
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        shown = datetime.fromtimestamp(middle, zone).replace(tzinfo=None)
        low, high = (low, middle) if shown >= local else (middle, high)
    return datetime.fromtimestamp(high, UTC)
