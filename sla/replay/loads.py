"""How much people had at once in a replay, against what they can take. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Steps = Sequence[tuple[datetime, int]]


@dataclass(frozen=True, slots=True)
class Load:
    """Running handoffs of one person over a period: on average, at most, and on how many days up to capacity."""

    mean: float
    peak: int
    full_days: int
    full_from: date | None
    """The day from which on they were full every day until the end; None when they were not in the end."""


def measure(steps: Steps, capacity: int, *, since: datetime, until: datetime, zone: ZoneInfo) -> Load:
    """`steps` are the running numbers from each moment on, in order."""
    peaks = list(_daily_peaks(steps, since, until, zone))
    full = [day for day, peak in peaks if capacity and peak >= capacity]
    return Load(
        mean=_mean(steps, since, until),
        peak=max((peak for _day, peak in peaks), default=0),
        full_days=len(full),
        full_from=_full_from(peaks, capacity),
    )


def _mean(steps: Steps, since: datetime, until: datetime) -> float:
    total, running, last = 0.0, 0, since
    for at, now in steps:
        total += running * ((max(at, since) - last) / timedelta(seconds=1))
        running, last = now, max(at, since)
    total += running * ((until - last) / timedelta(seconds=1))
    return total / ((until - since) / timedelta(seconds=1))


def _daily_peaks(
    steps: Steps, since: datetime, until: datetime, zone: ZoneInfo
) -> Iterable[tuple[date, int]]:
    """The most of each local day: what it began with, or what came."""
    place, running = 0, 0
    for day in days_between(since, until, zone):
        end = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
        peak = running
        while place < len(steps) and steps[place][0] < end:
            running = steps[place][1]
            peak = max(peak, running)
            place += 1
        yield day, peak


def _full_from(peaks: Sequence[tuple[date, int]], capacity: int) -> date | None:
    first = None
    for day, peak in reversed(peaks):
        if not capacity or peak < capacity:
            break
        first = day
    return first


def days_between(since: datetime, until: datetime, zone: ZoneInfo) -> list[date]:
    """The local days of a period, the last one that has begun included."""
    first, last = since.astimezone(zone).date(), (until - timedelta(microseconds=1)).astimezone(zone).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
