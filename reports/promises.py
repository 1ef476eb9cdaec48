"""What marketing promised for a stretch of time: MQLs a month, prorated to the part of each month that counts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reports.periods import MONTH, Period, parts


@dataclass(frozen=True, slots=True)
class Binding:
    """An agreement's promise of so many MQLs a month, and when it held."""

    monthly: int
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Month:
    """One month of a period: its days that count, what was promised for all of them, and for those up to now."""

    days: Period
    planned: float
    due: float
    is_whole: bool


def months(bindings: Sequence[Binding], period: Period, at: datetime) -> list[Month]:
    """Each month the period touches. A promise of 50 a month asks for 50/30 a day in June; days still to come ask
    for nothing yet."""
    return [_month(bindings, period, month, at) for month in parts(period, MONTH)]


def _month(bindings: Iterable[Binding], period: Period, month: Period, at: datetime) -> Month:
    days = period.within(month.first, month.last)
    length = month.end - month.start

    def asked(until: datetime) -> float:
        return sum(
            each.monthly * (_overlap(each, days.start, min(until, days.end)) / length) for each in bindings
        )

    is_whole = days.days == month.days and at >= month.end
    return Month(days, planned=asked(days.end), due=asked(at), is_whole=is_whole)


def _overlap(binding: Binding, start: datetime, end: datetime) -> timedelta:
    since, until = max(binding.since, start), min(binding.until or end, end)
    return max(until - since, timedelta(0))
