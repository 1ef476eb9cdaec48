"""Simulated time: what is planned happens in order, and office hours can be counted backwards."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from sla import clock
from sla.work_calendar import WorkCalendar

TOKYO = ZoneInfo("Asia/Tokyo")
Deed = Callable[[datetime], None]


class Timeline:
    """A queue of deeds by the moment they are due; whatever lies after the end never happens."""

    def __init__(self, end: datetime) -> None:
        self.end = end
        self._queue: list[tuple[datetime, int, Deed]] = []
        self._numbers = count()

    def plan(self, moment: datetime, deed: Deed) -> None:
        if moment <= self.end:
            heapq.heappush(self._queue, (moment, next(self._numbers), deed))

    def play(self) -> None:
        while self._queue:
            moment, _number, deed = heapq.heappop(self._queue)
            deed(moment)


def back(calendar: WorkCalendar, end: datetime, hours: float) -> datetime:
    """The moment in office hours from which `hours` of them have passed until `end`."""
    wanted = timedelta(hours=hours)
    early, late = end - timedelta(days=40), end
    while late - early > timedelta(seconds=30):
        middle = early + (late - early) / 2
        if clock.elapsed(calendar, middle, end) > wanted:
            early = middle
        else:
            late = middle
    return early.replace(microsecond=0)


def workdays(calendar: WorkCalendar, start: datetime, end: datetime) -> Iterator[datetime]:
    """Every open day's midnight in Tokyo."""
    day = start.astimezone(TOKYO).date()
    while day <= end.astimezone(TOKYO).date():
        midnight = datetime.combine(day, time(), tzinfo=TOKYO).astimezone(UTC)
        if clock.is_open(calendar, midnight + timedelta(hours=12)):
            yield midnight
        day += timedelta(days=1)
